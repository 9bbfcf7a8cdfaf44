import unittest

import headers
from test.planted import Planted, shown

HEADER = "src/core/include/airssys/core/a.hpp"


class Headers(unittest.TestCase):
    def found(self, rule, text, path=HEADER):
        with Planted({path: text}) as project:
            return [line for line in shown(rule(project)) if line.startswith(path)]

    def test_the_clean_project_passes(self):
        with Planted() as project:
            self.assertEqual(headers.are_std_or_ours(project) + headers.compile_each_alone(project), [])

    def test_a_third_party_or_system_include_is_found(self):
        for name in ("fmt/core.h", "unistd.h", "sys/socket.h"):
            with self.subTest(name=name):
                self.assertTrue(self.found(headers.are_std_or_ours, f"#include <{name}>\n"))

    def test_a_header_that_leans_on_another_is_found(self):
        self.assertTrue(self.found(headers.compile_each_alone, "#pragma once\ninline std::string name();\n"))

    def test_a_header_without_a_guard_is_found(self):
        self.assertTrue(self.found(headers.compile_each_alone, "struct Twice {};\n"))

    def test_the_roots_of_higher_layers_are_not_there(self):
        text = "#pragma once\n#include <airssys/actor/mailbox.hpp>\n"
        self.assertTrue(self.found(headers.compile_each_alone, text))
        upward = "src/messaging/include/airssys/messaging/a.hpp"
        self.assertTrue(self.found(headers.compile_each_alone, "#pragma once\n#include <airssys/runtime/engine.hpp>\n", upward))

    def test_a_project_without_headers_does_not_pass(self):
        with Planted(without=[path for path in _headers()]) as project:
            self.assertTrue(headers.compile_each_alone(project))


def _headers():
    from test.planted import CLEAN
    return [path for path in CLEAN if path.endswith(".hpp")]
