#!/usr/bin/env python3
"""Public headers: each compiles alone, twice in a row, with no include root but those its layer may reach; none includes a
third party's.

The compiler sees only the roots of allowed layers, so this is a gate of the layering too, by other means than layers.py.
"""

import concurrent.futures
import os
import subprocess

import layers
import tree
from tree import Violation

STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
    cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem flat_map flat_set format forward_list fstream
    functional future generator initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
    mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges ratio regex
    scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack stacktrace stdexcept stdfloat
    stop_token streambuf string string_view strstream syncstream system_error thread tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector version""".split()
)


def public_headers(project):
    """Owner, path and include name of every public header of a layer."""
    for owner, root in project.include_roots():
        if owner in project.layers:
            for path in project.files(root.relative_to(project.root)):
                yield owner, path, str(path.relative_to(root.relative_to(project.root)))


def are_std_or_ours(project):
    found = []
    for _, path, _ in public_headers(project):
        for include in project.includes(path):
            if include.name not in STANDARD and not include.name.startswith("airssys/"):
                found.append(Violation(path, include.line, f"a public header includes <{include.name}>; only std and airssys/ may"))
    return found


def include_roots_for(project, owner):
    """Those the layer may reach; none of them holds a third party's header."""
    return [root for other, root in project.include_roots() if layers.may_reach(project, owner, other)]


def compile_alone(project, owner, path, name, compiler="g++"):
    roots = [f"-I{root}" for root in include_roots_for(project, owner)]
    command = [compiler, "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-x", "c++", *roots, "-"]
    twice = f"#include <{name}>\n#include <{name}>\n"
    result = subprocess.run(command, input=twice, capture_output=True, text=True)
    lines = [line for line in result.stderr.splitlines() if "error" in line or "warning" in line]
    if result.returncode == 0 and not lines:
        return []
    return [Violation(path, 1, "does not compile alone: " + (lines or ["the compiler failed"])[0])]


def compile_each_alone(project):
    headers = list(public_headers(project))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda header: compile_alone(project, *header), headers)
    return [violation for violations in found for violation in violations] or (
        [] if headers else [Violation("src", 1, "has no public headers")]
    )


RULES = {"std_or_ours": are_std_or_ours, "compile_alone": compile_each_alone}


def main():
    options = tree.arguments(__doc__, rule=dict(choices=sorted(RULES)))
    project = tree.Tree(options.root)
    chosen = [RULES[options.rule]] if options.rule else RULES.values()
    tree.report([violation for rule in chosen for violation in rule(project)], f"headers {options.rule or ''}".strip())


if __name__ == "__main__":
    main()
