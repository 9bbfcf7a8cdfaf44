"""Little projects in a temporary folder, into which tests plant violations."""

import pathlib
import tempfile

import tree

LAYERS = "core:\nsecurity: core\nruntime: core security\nactor: core security runtime\nmessaging: core security actor\n"

# The smallest project in which every rule is kept and has something to look at.
CLEAN = {
    "layers.txt": LAYERS,
    "src/core/CMakeLists.txt": "airssys_add_layer(NAME core)\n",
    "src/core/include/airssys/core/address.hpp": "#pragma once\n#include <string>\nnamespace airssys::core { struct Address { std::string text; }; }\n",
    "src/security/include/airssys/security/grant.hpp": '#pragma once\n#include "airssys/core/address.hpp"\nnamespace airssys::security { struct Grant {}; }\n',
    "src/runtime/CMakeLists.txt": "airssys_add_layer(NAME runtime DEPENDS core security PRIVATE_LIBRARIES airssys_bridge fmt::fmt)\n",
    "src/runtime/include/airssys/runtime/engine.hpp": "#pragma once\n#include <airssys/core/address.hpp>\nnamespace airssys::runtime { class Engine {}; }\n",
    "src/runtime/src/async_host.cpp": '#include "airssys/runtime/engine.hpp"\n#include "airssys/bridge.h"\n',
    "bridge/include/airssys/bridge.h": "void airssys_bridge_call(void);\n",
    "src/actor/include/airssys/actor/mailbox.hpp": "#pragma once\n#include <airssys/core/address.hpp>\nnamespace airssys::actor { class Mailbox {}; }\n",
    "src/messaging/CMakeLists.txt": "airssys_add_layer(NAME messaging DEPENDS core security actor)\n",
    "src/messaging/README.md": "# messaging\n",
    "src/messaging/include/airssys/messaging/message_router.hpp": "#pragma once\n#include <airssys/actor/mailbox.hpp>\nnamespace airssys::messaging { class MessageRouter {}; }\n",
    "src/messaging/src/message_router.cpp": '#include "airssys/messaging/message_router.hpp"\n',
    "src/messaging/test/message_router_test.cpp": '#include "airssys/messaging/message_router.hpp"\n',
}


def _whole(layer):
    """What every layer has, with nothing in it."""
    return {
        f"src/{layer}/CMakeLists.txt": f"airssys_add_layer(NAME {layer})\n",
        f"src/{layer}/README.md": f"# {layer}\n",
        f"src/{layer}/src/nothing.cpp": "",
        f"src/{layer}/test/nothing_test.cpp": "",
    }


CLEAN = {path: text for layer in ("core", "security", "runtime", "actor") for path, text in _whole(layer).items()} | CLEAN


class Planted:
    """`with Planted({path: text}) as project:` the clean project with these files beside or instead of its own."""

    def __init__(self, files=None, without=()):
        self._files = {path: text for path, text in CLEAN.items() if path not in without} | (files or {})

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="planted tree ")
        for path, text in self._files.items():
            target = pathlib.Path(self._folder.name, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text) if isinstance(text, str) else target.write_bytes(text)
        return tree.Tree(self._folder.name)

    def __exit__(self, *_):
        self._folder.cleanup()


def shown(violations):
    return [str(violation) for violation in violations]
