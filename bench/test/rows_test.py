#!/usr/bin/env python3
"""Runs the bench with tiny counts and looks at what it writes: every row it lists is there, whole, and was counted.

That what is counted was handled is the bench's own business: a row whose counts are wrong fails there. No time is judged.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
KEYS = {"row", "value", "unit", "reference", "reference_value", "ratio", "target"}


def bench(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


def rows_of(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "rows.json"
        run = bench("--tiny", "--json", str(file), *arguments)
        return run, json.loads(file.read_text()) if file.exists() else None


def listed():
    return [line.split()[0] for line in bench("--list").stdout.splitlines()]


class Rows(unittest.TestCase):
    def test_every_row_that_is_listed_is_measured_and_written(self):
        names = [name for name in listed() if not name.startswith("instructions/")]
        run, rows = rows_of(*(word for name in names for word in ("--filter", name)))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual({row["row"] for row in rows}, set(names))
        for row in rows:
            self.assertEqual(set(row), KEYS)
            self.assertGreaterEqual(row["value"], 0)
            if row["ratio"] is not None:
                self.assertAlmostEqual(row["ratio"], row["value"] / row["reference_value"])

    def test_the_rows_of_the_contract_are_there(self):
        wanted = """floor hop/0 hop/64 hop/1024 hop/65536 allocations_per_hop hop_workers/2 request/64 spawn restart idle_cpu
            limits_cost/epoch limits_cost/memory native_pingpong native_mailbox_8to1 native_ring native_spawn native_skynet
            native_request native_idle_bytes native_skynet_peak publish/1 publish/10 publish/100 publish/1000
            resident_bytes/1000 resident_bytes/10000 resident_bytes/100000 cold_start"""
        self.assertLessEqual(set(wanted.split()), set(listed()))

    def test_more_instructions_than_before_are_found_and_fail(self):
        with tempfile.TemporaryDirectory() as folder:
            before = pathlib.Path(folder) / "before.json"
            run = bench("--tiny", "--filter", "instructions/native_pingpong", "--json", str(before))
            if run.returncode != 0 and "valgrind" in run.stderr:
                self.skipTest("there is no valgrind")
            self.assertEqual(run.returncode, 0, run.stderr)
            compare = ("--tiny", "--filter", "instructions/native_pingpong", "--compare", str(before))
            self.assertEqual(bench(*compare).returncode, 0)
            rows = json.loads(before.read_text())
            self.assertGreater(rows[0]["value"], 100)
            rows[0]["value"] *= 0.9
            before.write_text(json.dumps(rows))
            worse = bench(*compare)
            self.assertEqual(worse.returncode, 1)
            self.assertIn("more than before", worse.stdout)

    def test_charts_are_whole_svg(self):
        with tempfile.TemporaryDirectory() as folder:
            run = bench("--tiny", "--plot", folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            charts = sorted(path.name for path in pathlib.Path(folder).iterdir())
            self.assertEqual(charts, ["actors.svg", "body.svg", "depth.svg", "fan_out.svg", "workers.svg"])
            for chart in pathlib.Path(folder).iterdir():
                text = chart.read_text()
                self.assertTrue(text.startswith("<svg ") and text.endswith("</svg>\n"))
                self.assertIn("<polyline", text)

    def test_a_row_that_does_not_exist_is_said(self):
        run = bench("--filter", "no_such_row")
        self.assertEqual(run.returncode, 2)
        self.assertIn("no_such_row", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
