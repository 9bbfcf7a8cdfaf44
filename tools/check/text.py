#!/usr/bin/env python3
"""What no text of the project holds: marks of unfinished work, paths of one machine, built files, dead links, "1 lines"."""

import re
import urllib.parse

import markdown
import tree
from tree import Violation

SHIPPED = ("src", "bridge", "sdk", "dev")
MARKS = re.compile(
    r"\bnot (?:yet )?implemented\b|\bunimplemented\b!?|\btodo\b!?|\bfixme\b|(?-i:\bXXX\b)|\bplaceholder\b|\bstub(?:s|bed)?\b", re.I
)
# Spelt so that this file does not hold what it forbids.
MACHINE = re.compile("(?<![\\w.$}~-])/" + "(?:work|root|home)" + r"/[\w.*-]+")
BUILT = {".wasm", ".cwasm", ".o", ".a", ".so", ".rlib", ".pyc", ".gcda", ".gcno"}
TEXT_BYTES = 1 << 20


def is_text(project, path):
    file = project.root / path
    return file.stat().st_size <= TEXT_BYTES and b"\0" not in file.read_bytes()[:4096]


def _matches(project, paths, pattern, what):
    found = []
    for path in paths:
        if is_text(project, path):
            for number, line in enumerate(project.text(path).splitlines(), 1):
                found += [Violation(path, number, f"{what}: '{match[0]}'") for match in pattern.finditer(line)]
    return found


def no_unfinished_marks(project):
    shipped = [path for path in project.project_files() if path.parts[0] in SHIPPED]
    return _matches(project, shipped, MARKS, "a mark of unfinished work")


def no_machine_paths(project):
    return _matches(project, project.project_files(), MACHINE, "a path of one machine")


def no_built_files(project):
    return [Violation(path, 1, "is made by the build and not kept") for path in project.project_files() if path.suffix in BUILT]


# Of what people read, the nouns that are counted most. "at most {} levels" and other bounds are never 1.
_COUNTED = re.compile(
    r'"[^"\n]*\{[^{}"\n]*\} (?:more |of others )?(?:lines|messages|requests|answers|restarts|calls|letters|actors|workers|turns|gateways'
    r'|grants|components|warnings|others|timers|ones)\b'
)


def counts_have_a_singular(project):
    """`"{} lines"` says "1 lines": core::plural(count, "line") does not."""
    sources = [path for path in project.project_files() if path.suffix == ".cpp" and path.parts[0] == "src" and path.parts[2:3] == ("src",)]
    return _matches(project, sources, _COUNTED, "a count without a singular, say it by core::plural")


_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]\n]*\]\(([^)\s]+)\)|^\[[^\]\n]+\]:\s+(\S+)", re.M)


def links_resolve(project):
    found = []
    for path in [path for path in project.project_files() if path.suffix == ".md"]:
        prose = markdown.prose_of(project.text(path))
        for match in _LINK.finditer(prose):
            problem = _link_problem(project, path, next(group for group in match.groups() if group))
            if problem:
                found.append(Violation(path, tree.line_of(prose, match.start()), problem))
    return found


# Pages that many hands add lines to: a merge that keeps both sides says a thing twice.
LISTS = ("CHANGELOG.md", "docs/PROMISES.md", "docs/SECURITY.md")


def lists_say_it_once(project):
    found = []
    for path in project.project_files():
        if str(path) not in LISTS:
            continue
        seen = {}
        for number, line in enumerate(project.text(path).splitlines(), 1):
            if line.startswith("#"):
                seen = {}
            said = line.split(" | ")[0] if line.startswith("| ") else line if line.startswith("- ") else None
            if said and said in seen:
                found.append(Violation(path, number, f"says again what line {seen[said]} says: {said[:60]}"))
            elif said:
                seen[said] = number
    return found


def _link_problem(project, path, link):
    if re.match(r"[a-z][a-z0-9+.-]*:", link):
        return None
    name, _, anchor = urllib.parse.unquote(link).partition("#")
    target = (project.root / path.parent / name).resolve() if name else project.root / path
    if not target.exists():
        return f"the link to {link} leads nowhere"
    if anchor and target.suffix == ".md" and anchor not in markdown.anchors_of(target.read_text(encoding="utf-8")):
        return f"{link}: no such heading"
    return None


RULES = {rule.__name__: rule for rule in (no_unfinished_marks, no_machine_paths, no_built_files, links_resolve, counts_have_a_singular, lists_say_it_once)}


def main():
    options = tree.arguments(__doc__, rule=dict(choices=sorted(RULES)))
    project = tree.Tree(options.root)
    chosen = [RULES[options.rule]] if options.rule else RULES.values()
    tree.report([violation for rule in chosen for violation in rule(project)], options.rule or "text")


if __name__ == "__main__":
    main()
