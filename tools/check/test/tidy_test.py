import json
import pathlib
import subprocess
import sys
import unittest

import tidy
from test.planted import Planted

CHECKS = (pathlib.Path(tidy.__file__).parents[2] / ".clang-tidy").read_text()


def run_tidy(project):
    command = [sys.executable, "-B", tidy.__file__, "--root", str(project.root), "--build", str(project.root / "build/clang")]
    return subprocess.run(command, capture_output=True, text=True)


class Tidy(unittest.TestCase):
    def project(self, path, text, header=""):
        entry = {"directory": "build/clang", "file": f"../../{path}",
                 "command": f"clang++-19 -std=c++23 -Wall -Wconversion -Werror -I../../src/core/include -o a.o -c ../../{path}"}
        return Planted({path: text, ".clang-tidy": CHECKS, "src/core/include/airssys/core/h.hpp": "#pragma once\n" + header,
                        "build/clang/compile_commands.json": json.dumps([entry])})

    def ended(self, path, text):
        with self.project(path, text) as project:
            base = project.root / "build/clang"
            entries = json.loads((base / "compile_commands.json").read_text())
            (base / "compile_commands.json").write_text(json.dumps([entry | {"directory": str(base)} for entry in entries]))
            return run_tidy(project), run_tidy(project)

    def test_a_use_after_move_in_a_layer_is_found_each_time(self):
        text = "#include <string>\n#include <utility>\nvoid take(std::string);\nvoid f(std::string s) { take(std::move(s)); take(s); }\n"
        for result in self.ended("src/core/src/a.cpp", text):
            self.assertEqual(result.returncode, 1)
            self.assertIn("bugprone-use-after-move", result.stdout)

    def test_a_warning_of_clang_is_found_in_layers_and_in_tests(self):
        for path in ("src/core/src/a.cpp", "src/core/test/a_test.cpp", "tests/e2e/a.cpp"):
            with self.subTest(path=path):
                first, _ = self.ended(path, "int f(long a) { return a; }\n")
                self.assertEqual(first.returncode, 1, first.stdout)
                self.assertIn("shorten-64-to-32", first.stdout)

    def test_what_passed_is_not_examined_again(self):
        first, second = self.ended("src/core/src/a.cpp", "int f() { return 1; }\n")
        self.assertIn("1 sources, 1 examined, 0 with findings", first.stdout)
        self.assertIn("1 sources, 0 examined, 0 with findings", second.stdout)

    def test_a_changed_header_is_a_changed_source(self):
        include = "#include <airssys/core/h.hpp>\n"
        with self.project("src/core/src/a.cpp", include, "int a;") as before, self.project("src/core/src/a.cpp", include, "int b;") as after:
            path = pathlib.Path("src/core/src/a.cpp")
            self.assertNotEqual(tidy.key_of(before, path, []), tidy.key_of(after, path, []))
