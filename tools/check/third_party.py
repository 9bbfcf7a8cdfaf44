#!/usr/bin/env python3
"""Third-party headers only in the folders that third_party.txt names for them."""

import fnmatch
import pathlib

import headers
import layers
import tree
from tree import Violation

TABLE = pathlib.Path(__file__).with_name("third_party.txt")


def read_table(text):
    """(pattern of headers, patterns of paths), in the order of the file: the first that matches a header counts."""
    rows = []
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line:
            header, _, folders = line.partition(": ")
            rows.append((header.strip().removesuffix(":"), folders.split()))
    return rows


def folders_for(rows, name):
    return next((folders for pattern, folders in rows if fnmatch.fnmatchcase(name, pattern)), None)


def violations(project, rows):
    found = []
    for path in project.files(*layers.FOLDERS, "bridge"):
        for include in project.includes(path):
            bridge = include.name == "airssys/bridge.h"
            if include.name in headers.STANDARD or (project.resolve(path, include) and not bridge):
                continue
            folders = folders_for(rows, include.name)
            if folders is None:
                if include.form and layers.layer_named(project, include) is None:
                    found.append(Violation(path, include.line, f"{include.name} is not listed in tools/check/third_party.txt"))
            elif not any(fnmatch.fnmatchcase(str(path), folder) for folder in folders):
                found.append(Violation(path, include.line, f"{include.name} may be included only in {', '.join(folders)}"))
    return found


def main():
    options = tree.arguments(__doc__)
    tree.report(violations(tree.Tree(options.root), read_table(TABLE.read_text())), "third_party")


if __name__ == "__main__":
    main()
