#!/usr/bin/env python3
"""The one door of effects: what enters a mailbox, ends a request or becomes a dead letter does so in the sink of commits.

Nobody else calls `deliver`, `settle` or `bury` on anything. Tests may: they look behind the door.
"""

import re

import tree
from tree import Violation

DOOR = {"src/actor/src/commit_sink.cpp", "src/actor/include/airssys/actor/commit_sink.hpp"}
CALL = re.compile(r"(?:\.|->)\s*(deliver|settle|bury)\s*\(")


def is_shipped(path):
    return not {"test", "testing"} & set(path.parts)


def effects_leave_by_the_sink(project):
    found, seen = [], set()
    for path in project.files("src"):
        if not is_shipped(path):
            continue
        code = project.code(path)
        if str(path) in DOOR:
            seen.update(match[1] for match in CALL.finditer(code))
            continue
        for match in CALL.finditer(code):
            text = f"calls {match[1]}(): effects leave by a commit, through CommitDoor::release"
            found.append(Violation(path, tree.line_of(code, match.start()), text))
    missing = {"deliver", "settle", "bury"} - seen
    if missing:
        found.append(Violation("src/actor/src/commit_sink.cpp", 1, f"does not call {', '.join(sorted(missing))}: what does?"))
    return found


def main():
    options = tree.arguments(__doc__)
    tree.report(effects_leave_by_the_sink(tree.Tree(options.root)), "door")


if __name__ == "__main__":
    main()
