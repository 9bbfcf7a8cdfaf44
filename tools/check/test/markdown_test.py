import unittest

import markdown


class Markdown(unittest.TestCase):
    def test_a_fence_inside_a_longer_fence_is_its_content(self):
        found = markdown.fences("a\n````text\n```sh test\nrm x\n```\n````\n```sh\nls\n```\n")
        self.assertEqual([(f.line, f.info) for f in found], [(2, "text"), (7, "sh")])
        self.assertEqual(found[1].body, "ls\n")

    def test_prose_keeps_its_line_numbers(self):
        self.assertEqual(markdown.prose_of("a\n```\nb\n```\nc `d` e").split("\n"), ["a", "", "", "", "c ``` e"])

    def test_headings_become_anchors(self):
        self.assertEqual(markdown.anchors_of("# A turn: `ok`!\n## Same\n## Same\n```\n# no\n```\n"), {"a-turn-ok", "same", "same-1"})
