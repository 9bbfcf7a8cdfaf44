#!/usr/bin/env python3
"""The architecture of layers.txt, checked in includes, in what includes reach, in names, in CMake and on link lines.

Each rule is a function from a Tree to its violations and a test of its own: `layers.py --rule NAME`; without --rule, all.
A rule that finds nothing to look at fails: a gate that is passed by an empty folder guards nothing.
"""

import pathlib
import re

import tree
from tree import Violation

# What is no layer, and what it may include: guests and their kit know the contract only; an example is what a user of the
# library would write; tests and benches cross layers by trade.
OUTSIDE = {"sdk": {"sdk"}, "guests": {"sdk"}, "examples": {"sdk", "core", "system", "simulation"}}
FREE = {"tests", "bench"}
FOLDERS = ("src", "sdk", "guests", "examples", "tests", "bench")

# Edges that not even a chain of allowed ones may make: messaging talks to actors and never meets the engine behind them.
NEVER_REACHED = {"messaging": {"runtime"}}


def may_include(project, owner, other):
    if owner in FREE or other == owner:
        return True
    allowed = OUTSIDE[owner] if owner in OUTSIDE else project.layers.direct.get(owner, set())
    return other in allowed


def may_reach(project, owner, other):
    """Of the closure of the allowed edges, all but what is named above."""
    if owner in FREE or other == owner:
        return True
    first = OUTSIDE[owner] if owner in OUTSIDE else {owner}
    closure = set().union(*(project.layers.closure(layer) for layer in first))
    return other in closure and other not in NEVER_REACHED.get(owner, ())


def layer_named(project, include):
    """The layer that `airssys/<layer>/...` names, whether or not the header exists."""
    match = re.match(r"(?:.*/)?airssys/(\w+)/", include.name)
    return match[1] if match and match[1] in project.layers else None


def included_owner(project, path, include):
    target = project.resolve(path, include)
    return project.owner(target) if target else layer_named(project, include)


# ---- the rules ---------------------------------------------------------------------------------------------------------------


def every_folder_of_src_is_a_layer(project):
    return [
        Violation(folder.relative_to(project.root), 1, "is no layer of layers.txt")
        for folder in sorted((project.root / "src").iterdir())
        if folder.is_dir() and folder.name not in project.layers
    ]


def includes_follow_layers_txt(project, only=None):
    found = []
    for path in project.files(*FOLDERS):
        owner = project.owner(path)
        for include in project.includes(path) if only in (None, owner) else []:
            if not include.form:
                found.append(Violation(path, include.line, f"'#include {include.name}' is computed and cannot be checked"))
                continue
            other = included_owner(project, path, include)
            known = other in project.layers or other in OUTSIDE
            if known and not may_include(project, owner, other):
                found.append(Violation(path, include.line, f"{owner} may not include {other} ({include.name})"))
            elif include.name.startswith("airssys/") and other is None:
                found.append(Violation(path, include.line, f"{include.name} is no header of the project"))
    return found


def reach_follows_layers_txt(project, only=None):
    found = []
    edges = {}
    for path in project.files(*FOLDERS):
        owner = project.owner(path)
        if owner not in FREE and only in (None, owner):
            found += _reached(project, path, owner, edges)
    return found


def _targets(project, path, edges):
    if path not in edges:
        edges[path] = [(include, project.resolve(path, include)) for include in project.includes(path)]
    return edges[path]


def _reached(project, start, owner, edges):
    """Breadth first, so that the shortest chain is the one shown; one violation for each layer met."""
    chains, waiting, found, blamed = {start: [start]}, [start], [], set()
    for path in waiting:
        for include, target in _targets(project, path, edges):
            if target is None or target in chains:
                continue
            chains[target] = [*chains[path], target]
            waiting.append(target)
            other = project.owner(target)
            if other in project.layers and not may_reach(project, owner, other) and other not in blamed:
                blamed.add(other)
                line = _targets(project, start, edges)
                first = next(entry.line for entry, where in line if where == chains[target][1])
                way = " -> ".join(str(step) for step in chains[target][1:])
                found.append(Violation(start, first, f"{owner} may not reach {other}: {way}"))
    return found


def names_follow_layers_txt(project, only=None):
    """Qualified names and forward declarations, which need no include."""
    layers = "|".join(project.layers.direct)
    qualified = re.compile(rf"(?<![\w:])(?:::)?(?:airssys\s*::\s*)?({layers})\s*::")
    declared = re.compile(rf"\bnamespace\s+(?:airssys\s*::\s*)?({layers})\b(?!\s*=)|\bairssys\s*::\s*({layers})\b")
    found = []
    for path in project.files(*FOLDERS):
        owner = project.owner(path)
        if owner in FREE or only not in (None, owner):
            continue
        code = project.code(path)
        seen = set()
        for match in [*qualified.finditer(code), *declared.finditer(code)]:
            other = next(group for group in match.groups() if group)
            line = tree.line_of(code, match.start())
            if not may_include(project, owner, other) and (line, other) not in seen:
                seen.add((line, other))
                found.append(Violation(path, line, f"{owner} may not name {other}:: ({match[0].strip()})"))
    return found


def cmake_follows_layers_txt(project, only=None):
    """DEPENDS and target_link_libraries in src/<layer>/CMakeLists.txt: the direct link edges."""
    found = []
    for layer in [only] if only else project.layers.direct:
        path = pathlib.Path("src", layer, "CMakeLists.txt")
        if not (project.root / path).is_file():
            continue
        text = re.sub(r"#[^\n]*", "", project.text(path))
        edges = [(m.start(), m[1]) for m in re.finditer(r"\bairssys(?:_|::)(\w+?)(?:_test)?\b", text)]
        for match in re.finditer(r"\bDEPENDS\b([^)]*?)(?=\)|\b[A-Z_]{4,}\b)", text):
            edges += [(match.start(), name) for name in match[1].split()]
        for offset, other in sorted(edges):
            if other in project.layers and not may_include(project, layer, other):
                found.append(Violation(path, tree.line_of(text, offset), f"{layer} may not link {other}"))
    return found


def layers_txt_has_no_cycle(project):
    found = []
    for layer, uses in project.layers.direct.items():
        for other in sorted(uses):
            if other not in project.layers:
                found.append(Violation("layers.txt", 1, f"{layer} uses {other}, which is no layer"))
            elif layer in project.layers.closure(other):
                found.append(Violation("layers.txt", 1, f"{layer} uses {other}, which uses {layer}"))
    return found


def headers_have_no_cycle(project):
    graph = {}
    for path in project.files(*FOLDERS):
        graph[path] = {project.resolve(path, include) for include in project.includes(path)} - {None}
    return [Violation(path, 1, "includes itself: " + " -> ".join(map(str, way))) for path, way in _cycles(graph)]


def _cycles(graph):
    done, found = set(), []
    for start in graph:
        stack = [(start, iter(sorted(graph[start])))] if start not in done else []
        way = [start]
        while stack:
            step = next(stack[-1][1], None)
            if step is None:
                done.add(stack.pop()[0])
                way.pop()
            elif step in way:
                found.append((step, way[way.index(step):] + [step]))
            elif step not in done:
                stack.append((step, iter(sorted(graph.get(step, ())))))
                way.append(step)
    return found


def link_lines_follow_layers_txt(project, build=None):
    """Each airssys_<layer>_test of a configured build directory links the layer and what may be behind it, nothing else."""
    ninja = pathlib.Path(build or project.root / "build/dev") / "build.ninja"
    if not ninja.is_file():
        return [Violation(ninja, 1, "no build directory here: configure first (cmake --preset dev)")]
    found, tests = [], 0
    for name, archives in _link_lines(ninja.read_text()):
        match = re.fullmatch(r"airssys_(\w+)_test", name)
        if not match or match[1] not in project.layers:
            continue
        tests += 1
        closure = project.layers.closure(match[1])
        allowed = closure | ({"bridge"} if "runtime" in closure else set())
        for other in sorted(archives - allowed):
            if other in project.layers or other == "bridge":
                found.append(Violation(name, 1, f"the test of {match[1]} links airssys_{other}"))
    return found or _not_empty(tests, ninja, "no test of a layer is linked here")


def _link_lines(ninja):
    """Executable and the set of airssys archives on its link line, from the text of a build.ninja."""
    for block in re.split(r"\n(?=build )", ninja):
        head = re.match(r"build [^\n]*: CX*_EXECUTABLE_LINKER__(\w+?)_(?:Debug|Release|RelWithDebInfo|MinSizeRel)?\s", block)
        libraries = re.search(r"^  LINK_LIBRARIES = (.*)$", block, re.M)
        if head and libraries:
            yield head[1], set(re.findall(r"libairssys_(\w+)\.a", libraries[1]))


def _not_empty(count, path, text):
    return [] if count else [Violation(path, 1, text)]


# ---- the six rules that the first design of this system asked for, each findable by its name ----------------------------------


def uses(project, layer, others):
    """All ways in which `layer` uses one of `others`: includes, reach, names, CMake."""
    found = includes_follow_layers_txt(project, layer) + reach_follows_layers_txt(project, layer)
    found += names_follow_layers_txt(project, layer) + cmake_follows_layers_txt(project, layer)
    about = [v for v in found if re.search(rf"may not \w+ ({'|'.join(others)})\b", v.text)]
    return about or _not_empty(project.layer_files(layer), f"src/{layer}", "has no sources")


def runtime_does_not_use_actor(project):
    return uses(project, "runtime", ["actor"])


def runtime_host_calls_do_not_use_messaging_types(project):
    """No include or name of the layer, and none of its types by any other way: a copy, a forward declaration."""
    found = uses(project, "runtime", ["messaging"])
    elsewhere = _types(project, "core") | _types(project, "security") | _types(project, "runtime")
    for name in sorted(_types(project, "messaging") - elsewhere):
        for path in project.layer_files("runtime"):
            code = project.code(path)
            for match in re.finditer(rf"\b{name}\b", code):
                found.append(Violation(path, tree.line_of(code, match.start()), f"names {name}, a type of messaging"))
    host = [path for path in project.layer_files("runtime") if "host" in path.stem]
    return found or _not_empty(host, "src/runtime", "has no source of the host calls (*host*)")


def _types(project, layer):
    """Names of the types that a layer defines (not those it only declares)."""
    pattern = re.compile(r"\b(?:class|struct|enum(?:\s+class)?)\s+([A-Z]\w+)[^;{}()]*\{|\busing\s+([A-Z]\w+)\s*=")
    texts = (project.code(path) for path in project.files(f"src/{layer}/include", f"src/{layer}/src"))
    return {match[1] or match[2] for text in texts for match in pattern.finditer(text)}


def core_uses_nothing_higher(project):
    found = [] if not project.layers.direct["core"] else [Violation("layers.txt", 1, "core uses something")]
    return found + uses(project, "core", [layer for layer in project.layers.direct if layer != "core"])


def messaging_is_a_top_level_layer(project):
    return _lacks(project, "messaging")


def every_layer_is_whole(project):
    """A layer is a static library, a folder, a namespace and an include root, with a page and tests of its own."""
    there = [layer for layer in project.layers.direct if (project.root / "src" / layer).is_dir()]
    return [violation for layer in there for violation in _lacks(project, layer)]


def _lacks(project, layer):
    top = project.root / "src" / layer
    wanted = {
        "a CMakeLists.txt that makes the layer": "airssys_add_layer" in _read(top / "CMakeLists.txt"),
        "public headers": any(top.glob("include/airssys/**/*.hpp")),
        "sources": any(top.glob("src/*.cpp")),
        "tests of its own": any(top.glob("test/*_test.cpp")),
        "a README.md": (top / "README.md").is_file(),
        "its line in layers.txt": layer in project.layers,
        "its namespace": any(f"namespace airssys::{layer}" in project.code(p) for p in project.layer_files(layer)),
    }
    return [Violation(f"src/{layer}", 1, f"lacks {what}") for what, there in wanted.items() if not there]


def _read(path):
    return path.read_text() if path.is_file() else ""


def messaging_does_not_use_runtime(project):
    return uses(project, "messaging", ["runtime"])


def nothing_refers_to_a_messaging_inside_runtime(project):
    """The port that runtime calls is core's; the word stays out of runtime's folders, files, namespaces and types."""
    found = []
    for path in sorted((project.root / "src/runtime").rglob("*")):
        relative = path.relative_to(project.root)
        if path.name.startswith("messaging"):
            found.append(Violation(relative, 1, "runtime has nothing called messaging"))
    for path in project.files(*FOLDERS, "CMakeLists.txt", "cmake", suffixes=tree.CPP_SUFFIXES | {".txt", ".cmake"}):
        code = tree.without_comments(project.text(path)) if path.suffix in tree.CPP_SUFFIXES else project.text(path)
        for match in re.finditer(r"runtime/(?:\w+/)*messaging|\bruntime\s*::\s*messaging|\bairssys_runtime_messaging", code):
            found.append(Violation(path, tree.line_of(code, match.start()), f"refers to '{match[0]}'"))
    for path in project.layer_files("runtime"):
        code = project.code(path)
        for match in re.finditer(r"\bnamespace\s+[\w:]*\bmessaging\b|\b(?:class|struct)\s+Messaging\w*[^;{}()]*\{", code):
            found.append(Violation(path, tree.line_of(code, match.start()), f"'{match[0].strip()}' inside runtime"))
    return found or _not_empty(project.layer_files("runtime"), "src/runtime", "has no sources")


RULES = [
    runtime_does_not_use_actor,
    runtime_host_calls_do_not_use_messaging_types,
    core_uses_nothing_higher,
    messaging_is_a_top_level_layer,
    messaging_does_not_use_runtime,
    nothing_refers_to_a_messaging_inside_runtime,
    every_folder_of_src_is_a_layer,
    every_layer_is_whole,
    includes_follow_layers_txt,
    reach_follows_layers_txt,
    names_follow_layers_txt,
    cmake_follows_layers_txt,
    link_lines_follow_layers_txt,
    layers_txt_has_no_cycle,
    headers_have_no_cycle,
]


def main():
    names = {rule.__name__: rule for rule in RULES}
    options = tree.arguments(__doc__, rule=dict(choices=sorted(names)), build=dict(help="a configured build directory"))
    project = tree.Tree(options.root)
    chosen = [names[options.rule]] if options.rule else RULES
    violations = []
    for rule in chosen:
        more = {"build": options.build} if rule is link_lines_follow_layers_txt else {}
        violations += rule(project, **more)
    tree.report(violations, options.rule or "layers")


if __name__ == "__main__":
    main()
