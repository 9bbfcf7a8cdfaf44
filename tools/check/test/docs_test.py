import pathlib
import unittest

import docs
from test.planted import Planted, shown

PATH = pathlib.Path("docs/a.md")


class Docs(unittest.TestCase):
    def found(self, markdown):
        with Planted({str(PATH): markdown, "bin/airssys": ""}) as project:
            return shown(docs.check_document(project, PATH, project.root / "bin"))

    def test_a_command_that_fails_is_found(self):
        self.assertIn("docs/a.md:3: ends with 7", self.found("# A\n\n```sh test\nexit 7\n```\n")[0])

    def test_a_failure_inside_a_pipe_is_found(self):
        self.assertTrue(self.found("```sh test\nfalse | cat\n```\n"))

    def test_other_output_than_printed_is_found(self):
        self.assertIn("prints something else", self.found("```sh test\necho a\n```\n```text test\nb\n```\n")[0])

    def test_output_as_printed_passes(self):
        self.assertEqual(self.found("```sh test\nprintf 'a 12 b\\n\\nx\\ny\\nend\\n'\n```\n\n```text test\na ... b\n\n...\nend\n```\n"), [])

    def test_blocks_of_a_document_share_their_folder_and_the_project_stays_clean(self):
        with Planted({str(PATH): "```sh test\ntouch made\n```\n```sh test\ntest -f made\ntest -f layers.txt\n```\n"}) as project:
            self.assertEqual(docs.check_document(project, PATH, project.root), [])
            self.assertFalse((project.root / "made").exists())

    def test_other_blocks_are_not_run(self):
        self.assertEqual(self.found("```sh\nexit 1\n```\n````\n```sh test\nexit 1\n```\n````\n"), [])

    def test_output_without_a_command_is_refused(self):
        with self.assertRaises(ValueError):
            docs.snippets_of("```text test\na\n```\n")

    def test_programs_of_the_build_are_found(self):
        with Planted({str(PATH): "```sh test\nairssys-here\n```\n```text test\nhere\n```\n", "bin/airssys-here": "#!/bin/sh\necho here\n"}) as project:
            (project.root / "bin/airssys-here").chmod(0o755)
            self.assertEqual(shown(docs.check_document(project, PATH, project.root / "bin")), [])

    def quoted(self, markdown):
        source = "// A guest.\nint main() {\n  return 1;\n}\n"
        with Planted({str(PATH): markdown, "guests/a/a.cpp": source}) as project:
            return shown(docs.check_quotations(project, PATH))

    def test_a_file_quoted_in_full_is_that_file(self):
        whole = "// A guest.\nint main() {\n  return 1;\n}\n"
        self.assertEqual(self.quoted(f"```cpp file=guests/a/a.cpp\n{whole}```\n"), [])
        self.assertIn("docs/a.md:1: is not what", self.quoted("```cpp file=guests/a/a.cpp\nint main() {}\n```\n")[0])
        self.assertTrue(self.quoted(f"```cpp file=guests/a/a.cpp\n{whole}\n```\n"))

    def test_lines_quoted_are_lines_of_their_file(self):
        self.assertEqual(self.quoted("```cpp from=guests/a/a.cpp\nreturn 1;\n```\n"), [])
        self.assertEqual(self.quoted("```cpp from=guests/a/a.cpp\n  return 1;\n}\n```\n"), [])
        self.assertTrue(self.quoted("```cpp from=guests/a/a.cpp\nreturn 2;\n```\n"))
        self.assertTrue(self.quoted("```cpp from=guests/a/a.cpp\n// A guest.\n}\n```\n"))

    def test_cpp_of_no_source_is_found(self):
        self.assertIn("nobody compiles", self.quoted("```cpp\nreturn 1;\n```\n")[0])
        self.assertIn("nobody compiles", self.quoted("```cpp test\nreturn 1;\n```\n")[0])
        self.assertEqual(self.quoted("```sh\nreturn 1;\n```\n"), [])

    def test_other_languages_are_quoted_too(self):
        self.assertTrue(self.quoted("```cmake from=guests/a/a.cpp\nreturn 2;\n```\n"))
        self.assertTrue(self.quoted("```toml file=guests/a/a.cpp\nreturn 1;\n```\n"))

    def test_a_quotation_of_nothing_is_found(self):
        self.assertIn("not there", self.quoted("```cpp file=guests/b/b.cpp\n```\n")[0])

    def test_a_test_that_is_named_is_there(self):
        test = "TEST_F(Turn, is_a_transaction) {}\nRC_GTEST_PROP(Turn, is_any_turn, (int turn)) {}\n"
        with Planted({str(PATH): "`Turn.is_a_transaction`\n`Turn.is_a_promise`\n`Turn.is_any_turn`\n", "tests/turn_test.cpp": test}) as project:
            found = shown(docs.check_tests_named(project, PATH, docs.tests_of(project)))
        self.assertEqual(found, ["docs/a.md:2: names a test that is not there: Turn.is_a_promise"])
