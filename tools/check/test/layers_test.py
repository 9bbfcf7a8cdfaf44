import pathlib
import unittest

import layers
from test.planted import LAYERS, Planted, shown

SIX = layers.RULES[:6]


class LayersTest(unittest.TestCase):
    def assert_found(self, rule, files, expected, **more):
        with Planted(files, **more) as project:
            found = shown(rule(project))
        self.assertTrue(any(expected in line for line in found), f"{rule.__name__}: {found}")

    def assert_clean(self, rule, files=None):
        with Planted(files) as project:
            self.assertEqual(shown(rule(project)), [])

    def test_the_clean_project_passes_every_rule(self):
        for rule in layers.RULES:
            if rule is not layers.link_lines_follow_layers_txt:
                with self.subTest(rule=rule.__name__):
                    self.assert_clean(rule)

    def test_an_empty_project_passes_none_of_the_six(self):
        for rule in SIX:
            with self.subTest(rule=rule.__name__), Planted(without=[path for path in _all_sources()]) as project:
                self.assertTrue(rule(project))

    # ---- edges

    def test_an_upward_include_is_found_in_every_form(self):
        for form in ("<airssys/actor/mailbox.hpp>", '"airssys/actor/mailbox.hpp"',
                     '"../../actor/include/airssys/actor/mailbox.hpp"', "<airssys/actor/not_written_yet.hpp>"):
            with self.subTest(form=form):
                self.assert_found(layers.runtime_does_not_use_actor, {"src/runtime/src/a.cpp": f"\n#include {form}\n"},
                                  "src/runtime/src/a.cpp:2: runtime may not include actor")

    def test_an_upward_include_is_found_in_tests_and_fakes(self):
        for folder in ("test", "testing", "include/airssys/runtime"):
            with self.subTest(folder=folder):
                self.assert_found(layers.includes_follow_layers_txt,
                                  {f"src/runtime/{folder}/a.hpp": "#include <airssys/actor/mailbox.hpp>\n"}, "may not include actor")

    def test_an_include_in_a_comment_or_a_string_is_none(self):
        self.assert_clean(layers.runtime_does_not_use_actor,
                          {"src/runtime/src/a.cpp": '// #include <airssys/actor/mailbox.hpp>\nconst char* s = "airssys::actor::X";\n'})

    def test_a_computed_include_is_refused(self):
        self.assert_found(layers.includes_follow_layers_txt, {"src/core/src/a.cpp": "#include HEADER\n"}, "is computed")

    def test_a_header_that_is_nowhere_is_refused(self):
        self.assert_found(layers.includes_follow_layers_txt, {"src/core/src/a.cpp": "#include <airssys/util/x.hpp>\n"}, "no header")

    def test_guests_and_their_kit_know_no_layer(self):
        for path in ("guests/echo/echo.cpp", "sdk/cpp/src/rt.cpp"):
            with self.subTest(path=path):
                self.assert_found(layers.includes_follow_layers_txt, {path: "#include <airssys/core/address.hpp>\n"}, "may not include core")

    def test_an_example_uses_the_library_only_by_its_face(self):
        self.assert_found(layers.includes_follow_layers_txt, {"examples/a/main.cpp": "#include <airssys/actor/mailbox.hpp>\n"},
                          "examples may not include actor")

    def test_tests_and_benches_may_cross_layers(self):
        for path in ("tests/e2e/a_test.cpp", "bench/a.cpp", "guests/test/a_test.cpp", "examples/a/test/a_test.cpp"):
            with self.subTest(path=path):
                self.assert_clean(layers.includes_follow_layers_txt, {path: "#include <airssys/runtime/engine.hpp>\n"})

    # ---- reach

    def test_messaging_may_not_meet_runtime_behind_an_actor_header(self):
        files = {"src/actor/include/airssys/actor/guest.hpp": "#pragma once\n#include <airssys/runtime/engine.hpp>\n",
                 "src/messaging/src/b.cpp": "\n\n#include <airssys/actor/guest.hpp>\n"}
        self.assert_found(layers.messaging_does_not_use_runtime, files,
                          "src/messaging/src/b.cpp:3: messaging may not reach runtime: src/actor/include/airssys/actor/guest.hpp ->")

    def test_a_detour_through_a_folder_without_rules_is_found(self):
        files = {"tests/detour.hpp": "#include <airssys/actor/mailbox.hpp>\n", "src/core/src/a.cpp": '#include "../../../tests/detour.hpp"\n'}
        self.assert_found(layers.core_uses_nothing_higher, files, "core may not reach actor: tests/detour.hpp ->")

    # ---- names

    def test_qualified_names_and_forward_declarations_are_found(self):
        for text in ("airssys::actor::Mailbox* m;", "actor::Mailbox* m;", "::airssys::actor::Mailbox* m;", "using namespace airssys::actor;",
                     "namespace airssys::actor { class Mailbox; }", "namespace airssys { namespace actor { class Mailbox; } }",
                     "namespace a = airssys::actor;"):
            with self.subTest(text=text):
                self.assert_found(layers.runtime_does_not_use_actor, {"src/runtime/src/a.cpp": text}, "runtime may not name actor")

    def test_a_name_of_somebody_else_is_none_of_ours(self):
        self.assert_clean(layers.names_follow_layers_txt, {"src/core/src/a.cpp": "other::actor::X x; my_actor::Y y; int actor;"})

    # ---- CMake and link lines

    def test_an_upward_dependency_in_cmake_is_found(self):
        for text in ("airssys_add_layer(NAME runtime DEPENDS core actor)", "target_link_libraries(airssys_runtime PRIVATE airssys::actor)",
                     "target_link_libraries(airssys_runtime_test PRIVATE airssys_actor)",
                     "airssys_add_layer(NAME runtime\n  DEPENDS core\n  TEST_LIBRARIES airssys_actor)"):
            with self.subTest(text=text):
                self.assert_found(layers.runtime_does_not_use_actor, {"src/runtime/CMakeLists.txt": text}, "runtime may not link actor")

    def test_a_dependency_in_a_comment_is_none(self):
        self.assert_clean(layers.cmake_follows_layers_txt, {"src/runtime/CMakeLists.txt": "# airssys_actor\nairssys_add_layer(NAME runtime DEPENDS core)"})

    def test_a_link_line_that_reaches_up_is_found(self):
        rule, line = layers.link_lines_follow_layers_txt, (
            "rule x\n\nbuild bin/airssys_runtime_test: CXX_EXECUTABLE_LINKER__airssys_runtime_test_Debug a.o | lib.a\n  FLAGS = -O1\n"
            "  LINK_LIBRARIES = src/runtime/libairssys_runtime.a  src/core/libairssys_core.a  libairssys_bridge.a{}\n")
        self.assert_found(rule, {"build/dev/build.ninja": line.format("  src/actor/libairssys_actor.a")}, "links airssys_actor")
        self.assert_clean(rule, {"build/dev/build.ninja": line.format("")})
        listed = line.replace("bin/airssys_runtime_test:", "bin/airssys_runtime_test src/a[1]_tests.cmake | ${{d}}src/a[1]_tests.cmake:")
        self.assert_found(rule, {"build/dev/build.ninja": listed.format("  libairssys_actor.a")}, "links airssys_actor")

    def test_a_layer_without_the_engine_may_not_link_the_bridge(self):
        line = ("build bin/airssys_core_test: CXX_EXECUTABLE_LINKER__airssys_core_test_Debug a.o\n"
                "  LINK_LIBRARIES = src/core/libairssys_core.a  libairssys_bridge.a\n")
        self.assert_found(layers.link_lines_follow_layers_txt, {"build/dev/build.ninja": line}, "links airssys_bridge")

    def test_a_build_without_tests_of_layers_does_not_pass(self):
        self.assert_found(layers.link_lines_follow_layers_txt, {"build/dev/build.ninja": "rule x\n"}, "no test of a layer")

    # ---- cycles and folders

    def test_a_cycle_in_layers_txt_is_found(self):
        self.assert_found(layers.layers_txt_has_no_cycle, {"layers.txt": LAYERS.replace("core:", "core: actor")}, "which uses")

    def test_a_cycle_of_headers_is_found(self):
        files = {"src/core/include/airssys/core/a.hpp": '#include "airssys/core/b.hpp"\n', "src/core/include/airssys/core/b.hpp": '#include "a.hpp"\n'}
        self.assert_found(layers.headers_have_no_cycle, files, "includes itself: src/core/include/airssys/core/a.hpp ->")

    def test_a_folder_of_src_that_is_no_layer_is_found(self):
        self.assert_found(layers.every_folder_of_src_is_a_layer, {"src/util/a.cpp": ""}, "src/util:1")

    def test_a_layer_without_a_page_or_tests_is_found(self):
        for path in ("src/core/README.md", "src/actor/test/nothing_test.cpp", "src/security/src/nothing.cpp"):
            with self.subTest(path=path):
                self.assert_found(layers.every_layer_is_whole, None, "1: lacks", without=[path])

    # ---- the particular ones

    def test_a_copied_type_of_messaging_in_runtime_is_found(self):
        self.assert_found(layers.runtime_host_calls_do_not_use_messaging_types,
                          {"src/runtime/src/async_host.cpp": "class MessageRouter;\n"}, "names MessageRouter")

    def test_messaging_inside_runtime_is_found_in_every_form(self):
        for path, text in (("src/runtime/src/messaging.cpp", ""), ("src/runtime/include/airssys/runtime/messaging/a.hpp", ""),
                           ("src/actor/src/a.cpp", '#include "airssys/runtime/messaging.hpp"\n'),
                           ("tests/a.cpp", "airssys::runtime::messaging::Router r;\n"),
                           ("tests/CMakeLists.txt", "include_directories(src/runtime/messaging)\n"),
                           ("src/runtime/src/a.cpp", "namespace airssys::runtime::messaging { int a; }\n"),
                           ("src/runtime/src/a.cpp", "class MessagingRouter final {\n};\n")):
            with self.subTest(path=path, text=text):
                self.assert_found(layers.nothing_refers_to_a_messaging_inside_runtime, {path: text}, ":")

    def test_the_port_of_core_is_no_messaging_inside_runtime(self):
        self.assert_clean(layers.nothing_refers_to_a_messaging_inside_runtime,
                          {"src/runtime/src/async_host.cpp": "void call(core::MessagingPort& port);  // not runtime::messaging\n"})

    def test_messaging_must_be_whole_at_the_top_level(self):
        for path in ("src/messaging/README.md", "src/messaging/CMakeLists.txt", "src/messaging/test/message_router_test.cpp"):
            with self.subTest(path=path):
                self.assert_found(layers.messaging_is_a_top_level_layer, None, "src/messaging:1: lacks", without=[path])

    def test_core_may_not_be_given_an_edge(self):
        self.assert_found(layers.core_uses_nothing_higher, {"layers.txt": LAYERS.replace("core:\n", "core: log\nlog:\n", 1)}, "core uses something")


class ThisProject(unittest.TestCase):
    def test_a_violation_planted_beside_the_real_layers_txt_is_found(self):
        real = pathlib.Path(layers.__file__).parents[2] / "layers.txt"
        files = {"layers.txt": real.read_text(), "src/runtime/src/a.cpp": "#include <airssys/actor/mailbox.hpp>\n"}
        with Planted(files) as project:
            self.assertTrue(layers.runtime_does_not_use_actor(project))


def _all_sources():
    from test.planted import CLEAN
    return [path for path in CLEAN if path.startswith("src/")]
