import unittest

import third_party
from test.planted import Planted, shown

ROWS = third_party.read_table(third_party.TABLE.read_text())


class ThirdParty(unittest.TestCase):
    def found(self, path, name):
        with Planted({path: f"#include <{name}>\n"}) as project:
            return shown(third_party.violations(project, ROWS))

    def test_the_clean_project_passes(self):
        with Planted() as project:
            self.assertEqual(shown(third_party.violations(project, ROWS)), [])

    def test_a_library_in_a_strange_folder_is_found(self):
        for path, name in (("src/actor/src/a.cpp", "toml++/toml.h"), ("src/core/src/a.cpp", "CLI/CLI.hpp"),
                           ("src/actor/src/a.cpp", "airssys/bridge.h"), ("src/runtime/include/airssys/runtime/a.hpp", "airssys/bridge.h"),
                           ("src/core/src/a.cpp", "gtest/gtest.h"), ("src/system/src/a.cpp", "CLI/CLI.hpp"),
                           ("src/core/include/airssys/core/a.hpp", "fmt/format.h"), ("tests/a.cpp", "sodium.h")):
            with self.subTest(path=path, name=name):
                self.assertIn("may be included only in", "".join(self.found(path, name)))

    def test_a_library_that_is_not_listed_is_found(self):
        self.assertIn("not listed", "".join(self.found("src/actor/src/a.cpp", "boost/asio.hpp")))

    def test_a_library_in_its_folder_is_fine(self):
        for path, name in (("src/config/src/a.cpp", "toml++/toml.h"), ("src/core/src/a.cpp", "fmt/format.h"),
                           ("src/core/test/a_test.cpp", "gtest/gtest.h"), ("src/control/src/a.cpp", "sys/socket.h"),
                           ("src/control/src/a.cpp", "unistd.h"), ("src/core/src/a.cpp", "vector")):
            with self.subTest(path=path, name=name):
                self.assertEqual(self.found(path, name), [])
