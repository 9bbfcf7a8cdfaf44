import unittest

import text
from test.planted import Planted, shown


class Text(unittest.TestCase):
    def found(self, rule, path, content):
        with Planted({path: content}) as project:
            return [line for line in shown(rule(project)) if line.startswith(path + ":")]

    def test_the_clean_project_passes(self):
        with Planted() as project:
            self.assertEqual([line for rule in text.RULES.values() for line in shown(rule(project))], [])

    def test_marks_of_unfinished_work_are_found(self):
        for mark in ("TODO: later", "FIXME", "XXX", "todo!()", "unimplemented!()", "Not implemented", "a placeholder", "// stub"):
            for path in ("src/core/src/a.cpp", "bridge/src/a.rs", "sdk/cpp/a.hpp"):
                with self.subTest(mark=mark, path=path):
                    self.assertTrue(self.found(text.no_unfinished_marks, path, f"// one\n{mark}\n"))

    def test_words_that_only_resemble_a_mark_pass(self):
        self.assertEqual(self.found(text.no_unfinished_marks, "src/core/src/a.cpp", "stubborn XXXX mastodon xxx\n"), [])

    def test_a_path_of_one_machine_is_found_in_any_file(self):
        for folder in ("work", "root", "home"):
            for path in ("docs/a.md", "src/core/src/a.cpp", "cmake/a.cmake"):
                with self.subTest(folder=folder, path=path):
                    self.assertTrue(self.found(text.no_machine_paths, path, f"see /{folder}/" + "me/file\n"))

    def test_a_folder_of_the_project_is_no_path_of_a_machine(self):
        self.assertEqual(self.found(text.no_machine_paths, "docs/a.md", "src/home/" + "x and $HOME/" + "work/y and ~/work/" + "z\n"), [])

    def test_a_count_without_a_singular_is_found(self):
        for words in ("{} lines in", "at {}: {:d} more messages"):
            with self.subTest(words=words):
                self.assertTrue(self.found(text.counts_have_a_singular, "src/cli/src/a.cpp", f'say(fmt::format("{words}", n));\n'))
        self.assertEqual(self.found(text.counts_have_a_singular, "src/cli/src/a.cpp", 'fmt::format("{} in", plural(n, "line"));\n'), [])
        self.assertEqual(self.found(text.counts_have_a_singular, "src/cli/test/a.cpp", '"{} lines"\n'), [])

    def test_what_a_list_says_twice_is_found(self):
        row = "| eats memory | a ceiling | `A.b` |\n"
        self.assertTrue(self.found(text.lists_say_it_once, "docs/SECURITY.md", row + "| else | x | y |\n" + row.replace("`A.b`", "`C.d`")))
        self.assertTrue(self.found(text.lists_say_it_once, "CHANGELOG.md", "- One.\n- Two.\n- One.\n"))
        self.assertEqual(self.found(text.lists_say_it_once, "CHANGELOG.md", "# A\n- One.\n# B\n- One.\n"), [])
        self.assertEqual(self.found(text.lists_say_it_once, "docs/other.md", row + row), [])

    def test_a_built_file_is_found(self):
        for name in ("guests/a.wasm", "lib/liba.a", "a.so", "a.cwasm"):
            with self.subTest(name=name):
                self.assertTrue(self.found(text.no_built_files, name, b"\0asm"))

    def test_dead_links_and_dead_anchors_are_found(self):
        for link in ("[a](nowhere.md)", "[a](#nowhere)", "[a](README.md#nowhere)", "![a](a.png)", "[a]: nowhere.md"):
            with self.subTest(link=link):
                self.assertTrue(self.found(text.links_resolve, "docs/a.md", f"# Top\n\n{link}\n"))

    def test_living_links_pass(self):
        files = {"docs/a.md": "# The `top` of it\n[a](#the-top-of-it) [b](../src/messaging/README.md#messaging) [c](https://example.org) `[d](no)`\n"
                              "```\n[e](no)\n```\n[f](../src/core)\n"}
        with Planted(files) as project:
            self.assertEqual(shown(text.links_resolve(project)), [])
