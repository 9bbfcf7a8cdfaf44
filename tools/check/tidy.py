#!/usr/bin/env python3
"""clang's warnings and clang-tidy over the compile database of a build directory; what passed unchanged is not run again.

A pass is remembered by the content of the source, of every header of the project that it includes, of its command and of
.clang-tidy. Sources of the layers get the checks of .clang-tidy; tests and benches, which are many and slow to analyse, get
clang's warnings.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

import tree

TIDY = "clang-tidy-19"


def entries(project, build):
    """Relative path and command words of each source of ours in the database."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if project.root in path.parents and build not in path.parents:
            yield path.relative_to(project.root), shlex.split(entry["command"])


@functools.cache
def included(project, path):
    """The project's own files that a file includes."""
    targets = (project.resolve(path, include) for include in project.includes(path))
    return [target for target in targets if target is not None]


def key_of(project, path, command):
    digest = hashlib.sha256(json.dumps(command).encode() + (project.root / ".clang-tidy").read_bytes())
    seen, waiting = {path}, [path]
    for current in waiting:
        digest.update(str(current).encode() + project.text(current).encode())
        for target in included(project, current):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return digest.hexdigest()[:32]


def is_analysed(path):
    return path.parts[0] == "src" and path.parts[2] == "src"


def _warnings_command(command):
    at = command.index("-o")
    return [*command[:at], *command[at + 2 :], "-fsyntax-only"]


def examine(project, build, path, command):
    words = [TIDY, "-p", str(build), "--quiet", str(project.root / path)] if is_analysed(path) else _warnings_command(command)
    result = subprocess.run(words, cwd=build, capture_output=True, text=True)
    shown = [line for line in result.stderr.splitlines() if "warnings generated" not in line and "warning generated" not in line]
    return result.returncode == 0, result.stdout + "\n".join(shown)


def main():
    options = tree.arguments(__doc__, build=dict(required=True, help="a build directory configured with clang"))
    project, build = tree.Tree(options.root), pathlib.Path(options.build).resolve()
    passed = build / "tidy-passed"
    passed.mkdir(exist_ok=True)
    work = {path: (command, passed / key_of(project, path, command)) for path, command in entries(project, build)}
    waiting = [path for path, (_, mark) in work.items() if not mark.exists()]
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: (path, *examine(project, build, path, work[path][0])), waiting)
        for path, fine, output in results:
            failures += not fine
            if fine:
                work[path][1].touch()
            else:
                print(f"{path}:\n{output}", flush=True)
    print(f"tidy: {len(work)} sources, {len(waiting)} examined, {failures} with findings")
    sys.exit(1 if failures or not work else 0)


if __name__ == "__main__":
    main()
