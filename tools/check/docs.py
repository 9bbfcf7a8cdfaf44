#!/usr/bin/env python3
"""Runs the commands that the documents show, and holds what they quote and name against the sources.

A fenced block whose info string is `sh test` is run by `bash -euo pipefail` at the top of a copy of the project, with the
build's programs on PATH; the blocks of a document share that copy, one after the other. If the next block is `text test`, it
is what standard output must be; `...` stands for anything, and a line that is only `...` for any number of lines.

    ```sh test
    airssys check examples/wordcount
    ```
    ```text test
    examples/wordcount: ok
    ```

A block of C++, CMake or TOML may be a quotation: one with `cpp file=PATH` is that whole file, one with `cpp from=PATH` are lines
of it, in a row, indented as it likes. C++ is a quotation always, so that all of it is compiled. A test named as `` `Suite.its_sentence` `` is there.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap

import markdown
import tree
from tree import Violation

SECONDS_MAX = 120


def snippets_of(text):
    """(line, commands, expected output or None) of each block to run."""
    found = []
    for fence in markdown.fences(text):
        if fence.info == "sh test":
            found.append([fence.line, fence.body, None])
        elif fence.info == "text test":
            if not found or found[-1][2] is not None:
                raise ValueError(f"line {fence.line}: `text test` without an `sh test` before it")
            found[-1][2] = fence.body
    return found


def matches(expected, actual):
    """Line by line; `...` as described above."""
    pieces = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            pieces.append(r"(?:[^\n]*\n)*")
        else:
            pieces.append(".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.fullmatch("".join(pieces), actual.rstrip("\n") + "\n") is not None


def copy_of(project, folder):
    for path in project.project_files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project.root / path, target, follow_symlinks=False)


def run(commands, folder, programs):
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NO_COLOR": "1"}
    command = ["bash", "-euo", "pipefail", "-c", commands]
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return -1, "", f"still running after {SECONDS_MAX} s"
    return result.returncode, result.stdout, result.stderr


def check_document(project, path, programs):
    snippets = snippets_of(project.text(path))
    if not snippets:
        return []
    with tempfile.TemporaryDirectory(prefix="airssys docs ") as folder:
        copy_of(project, pathlib.Path(folder))
        for line, commands, expected in snippets:
            status, output, errors = run(commands, folder, programs)
            if status != 0:
                return [Violation(path, line, f"ends with {status}:\n{output}{errors}")]
            if expected is not None and not matches(expected, output):
                return [Violation(path, line, f"prints something else:\n{output}")]
    return []


def check_quotations(project, path):
    found = []
    for fence in markdown.fences(project.text(path)):
        quotation = re.fullmatch(r"(?:cpp|cmake|toml) (file|from)=(\S+)", fence.info)
        if quotation is None and fence.info.split(" ")[0] == "cpp":
            found.append(Violation(path, fence.line, "is C++ that nobody compiles: quote a source, `cpp file=PATH` or `cpp from=PATH`"))
        if quotation is None:
            continue
        source = pathlib.Path(quotation[2])
        if not (project.root / source).is_file():
            found.append(Violation(path, fence.line, f"quotes {source}, which is not there"))
        elif not is_quoted(quotation[1], fence.body, project.text(source)):
            found.append(Violation(path, fence.line, f"is not what {source} says"))
    return found


def is_quoted(form, body, source):
    if form == "file":
        return body == source
    lines, wanted = source.splitlines(), textwrap.dedent(body).splitlines()
    windows = ("\n".join(lines[at : at + len(wanted)]) for at in range(len(lines) - len(wanted) + 1))
    return any(textwrap.dedent(window).splitlines() == wanted for window in windows)


_TEST = re.compile(r"^\s*(?:TEST(?:_F|_P)?|RC_GTEST_PROP)\(\s*(\w+)\s*,\s*(\w+)", re.M)
_TEST_NAMED = re.compile(r"`([A-Z][A-Za-z0-9]+)\.([a-z][a-z0-9]*_[a-z0-9_]+)`")


def tests_of(project):
    sources = project.files("src", "tests", "guests", "examples", suffixes={".cpp", ".hpp"})
    return {match.groups() for path in sources for match in _TEST.finditer(project.text(path))}


def check_tests_named(project, path, tests):
    text = project.text(path)
    return [
        Violation(path, tree.line_of(text, match.start()), f"names a test that is not there: {match[1]}.{match[2]}")
        for match in _TEST_NAMED.finditer(text)
        if match.groups() not in tests
    ]


def main():
    options = tree.arguments(__doc__, bin=dict(required=True, help="the folder of the built programs"))
    project = tree.Tree(options.root)
    documents = [path for path in project.project_files() if path.suffix == ".md"]
    programs = pathlib.Path(options.bin).resolve()
    tests = tests_of(project)
    found = [v for path in documents for v in check_quotations(project, path) + check_tests_named(project, path, tests)]
    tree.report(found + [v for path in documents for v in check_document(project, path, programs)], "docs")


if __name__ == "__main__":
    main()
