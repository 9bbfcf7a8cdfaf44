import unittest

import tree
from test.planted import Planted


class Stripping(unittest.TestCase):
    def test_comments_and_strings_are_no_code_and_lines_stay(self):
        text = 'int a; // actor::X\n/* actor::\nY */ const char* s = "actor::Z \\" actor::Q";\nint b = 1\'000; char c = \'"\'; int d;\n'
        code = tree.code_of(text)
        self.assertNotIn("actor", code)
        self.assertIn("int d;", code)
        self.assertEqual(code.count("\n"), text.count("\n"))

    def test_a_raw_string_is_no_code(self):
        self.assertEqual(tree.includes_of('auto s = R"x(\n#include <airssys/actor/a.hpp>\n)x";\n#include <vector>\n')[0].line, 4)

    def test_an_include_in_a_comment_is_none(self):
        self.assertEqual(tree.includes_of('// #include "a.hpp"\n/*\n#include "b.hpp"\n*/\n'), [])

    def test_every_form_of_include_is_seen(self):
        text = '#include <a>\n  #  include "b"\n#include /* why */ "c"\n#include MACRO\n'
        self.assertEqual([(i.line, i.form, i.name) for i in tree.includes_of(text)],
                         [(1, "<", "a"), (2, '"', "b"), (3, '"', "c"), (4, "", "MACRO")])


class Resolving(unittest.TestCase):
    def test_a_relative_include_is_followed_to_its_layer(self):
        with Planted({"src/core/src/a.cpp": '#include "../../actor/include/airssys/actor/mailbox.hpp"\n'}) as project:
            path = project.files("src/core/src")[0]
            self.assertEqual(project.owner(project.resolve(path, project.includes(path)[0])), "actor")

    def test_a_strange_testing_header_is_found_by_how_the_path_ends(self):
        files = {"src/core/src/a.cpp": '#include "testing/fake_actor.hpp"\n', "src/actor/testing/fake_actor.hpp": ""}
        with Planted(files) as project:
            path = project.files("src/core/src")[0]
            self.assertEqual(project.owner(project.resolve(path, project.includes(path)[0])), "actor")

    def test_the_closure_of_a_layer_holds_what_is_behind_what_it_uses(self):
        self.assertEqual(tree.Layers("a:\nb: a\nc: b # why\n").closure("c"), {"a", "b", "c"})
