"""The source tree as the gates see it: files, the layers of layers.txt, and C++ text without comments and strings."""

import argparse
import collections
import pathlib
import re
import subprocess
import sys

CPP_SUFFIXES = {".hpp", ".h", ".cpp", ".cc", ".c", ".hh", ".inc"}
NOT_OURS = {"build", "target", ".git", ".airssys", "__pycache__"}

# One alternative for each thing that is no code. A quote between digits is a digit separator, not a character.
_NO_CODE = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<character>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*')""",
    re.S | re.X,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:(<)([^>\n]+)>|(")([^"\n]+)"|(\S+))', re.M)

Include = collections.namedtuple("Include", "line form name")  # form: '<', '"', or '' for a computed one


class Violation(collections.namedtuple("Violation", "path line text")):
    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def _blank(text, keep):
    """`keep` and the newlines of `text`, so that line numbers stay true."""
    return keep + "\n" * text.count("\n")


def without_comments(text):
    """C++ text without comments and raw strings; ordinary strings stay, since an include needs its quotes."""
    return _NO_CODE.sub(lambda m: _blank(m[0], " " if m["comment"] else '""') if m["comment"] or m["raw"] else m[0], text)


def code_of(text):
    """C++ text without comments and with every string empty."""
    return _NO_CODE.sub(lambda m: _blank(m[0], " " if m["comment"] else '""'), text)


def includes_of(text):
    stripped = without_comments(text)
    found = []
    for match in _INCLUDE.finditer(stripped):
        line = stripped.count("\n", 0, match.start()) + 1
        found.append(Include(line, match[1] or match[3] or "", match[2] or match[4] or match[5]))
    return found


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Layers:
    """layers.txt: each layer with the layers it may use directly."""

    def __init__(self, text):
        self.direct = {}
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if line:
                name, _, uses = line.partition(":")
                self.direct[name.strip()] = set(uses.split())

    def __contains__(self, name):
        return name in self.direct

    def closure(self, name):
        """The layer itself and all that may be met behind what it uses."""
        seen, waiting = set(), [name]
        while waiting:
            layer = waiting.pop()
            if layer not in seen:
                seen.add(layer)
                waiting.extend(self.direct.get(layer, ()))
        return seen


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.layers = Layers((self.root / "layers.txt").read_text())
        self._texts = {}

    def files(self, *folders, suffixes=CPP_SUFFIXES):
        """Relative paths of the files in `folders` (default: the whole project), sorted."""
        found = set()
        for folder in folders or [""]:
            top = self.root / folder
            for path in [top] if top.is_file() else top.rglob("*") if top.is_dir() else []:
                relative = path.relative_to(self.root)
                if not NOT_OURS.intersection(relative.parts) and (not suffixes or path.suffix in suffixes) and path.is_file():
                    found.add(relative)
        return sorted(found)

    def project_files(self):
        """What git keeps or would keep: everything that is not ignored; without git, every file."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True)
        if listed.returncode != 0:
            return self.files(suffixes=None)
        paths = {pathlib.Path(name) for name in listed.stdout.decode().split("\0") if name}
        return sorted(path for path in paths if (self.root / path).is_file())

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def includes(self, path):
        return includes_of(self.text(path))

    def code(self, path):
        return code_of(self.text(path))

    def layer_files(self, layer, suffixes=CPP_SUFFIXES):
        return self.files(f"src/{layer}", suffixes=suffixes)

    def owner(self, path):
        """The layer a file belongs to; for what is no layer its top folder: tests, examples, bridge ... The host's tests of
        guests and examples, in folders called test, are tests."""
        if path.parts[0] == "src" and len(path.parts) > 2:
            return path.parts[1]
        return "tests" if "test" in path.parts[:-1] else path.parts[0]

    def include_roots(self):
        """Owner and include root, for all that has public headers."""
        roots = [(layer, self.root / "src" / layer / "include") for layer in self.layers.direct]
        roots.append(("bridge", self.root / "bridge/include"))
        roots += [("sdk", folder) for folder in sorted(self.root.glob("sdk/*/include"))]
        return [(owner, root) for owner, root in roots if root.is_dir()]

    def resolve(self, path, include):
        """The project's file that an include means, or None for one that is not the project's."""
        own = self.root / path
        places = [own.parent] if include.form == '"' else []
        places += [root for _, root in self.include_roots()]
        if path.parts[0] == "src" and len(path.parts) > 2:
            layer = self.root / "src" / path.parts[1]
            places += [layer, layer / "src"]
        places += [self.root / "src", self.root]
        for place in places:
            candidate = (place / include.name).resolve()
            if candidate.is_file() and self.root in candidate.parents:
                return candidate.relative_to(self.root)
        return self._resolve_by_ending(include) if include.form == '"' else None

    def _resolve_by_ending(self, include):
        """A quoted include that needs another layer's private root: found by how the path ends."""
        if include.name.startswith("."):
            return None
        for folder in ("src", "sdk", "guests", "examples", "tests", "bench"):
            for path in self.files(folder):
                if str(path).endswith("/" + include.name):
                    return path
        return None


def arguments(description, **more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2], help="the project's folder")
    for name, options in more.items():
        parser.add_argument("--" + name.replace("_", "-"), **options)
    return parser.parse_args()


def report(violations, what):
    """Prints the violations and ends the program: 1 if there are any."""
    for violation in violations:
        print(violation)
    print(f"{what}: {len(violations)} violation(s)" if violations else f"{what}: ok")
    sys.exit(1 if violations else 0)
