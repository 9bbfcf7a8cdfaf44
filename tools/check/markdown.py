"""Markdown as the gates need it: fenced blocks, prose without code, anchors of headings."""

import collections
import re

Fence = collections.namedtuple("Fence", "line info body")
_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$")


def _walk(text):
    """Each line with the block it belongs to: (number, line, None) for prose, else (number, line, the opening match)."""
    opening = None
    for number, line in enumerate(text.splitlines(), 1):
        if opening is None:
            opening = _OPENING.match(line)
            yield number, line, opening
            continue
        yield number, line, opening
        closing = line.strip()
        if set(closing) == {opening[1][0]} and len(closing) >= len(opening[1]):
            opening = None


def fences(text):
    found, current = [], None
    for number, line, opening in _walk(text):
        if opening is None:
            current = None
        elif opening is not current:
            current = opening
            found.append([number, opening[2].strip(), []])
        else:
            found[-1][2].append(line)
    return [Fence(number, info, "".join(line + "\n" for line in lines[:-1])) for number, info, lines in found]


def prose_of(text):
    """The same lines with everything that is code blank, for brackets mean something else there."""
    lines = ("" if opening else line for _, line, opening in _walk(text))
    return re.sub(r"`[^`\n]*`", lambda m: "`" * len(m[0]), "\n".join(lines))


def anchors_of(text):
    """The anchors that headings get: lower case, no punctuation, spaces as hyphens."""
    found, seen = set(), {}
    headings = "\n".join(line for _, line, opening in _walk(text) if not opening)
    for heading in re.findall(r"^#{1,6} +(.*?)\s*#*$", headings, re.M):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        number = seen[slug] = seen.get(slug, -1) + 1
        found.add(f"{slug}-{number}" if number else slug)
    return found
