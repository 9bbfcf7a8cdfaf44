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
