import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
FAKE_RUSTC = '#!/bin/sh\n[ "$1" = --version ] && echo "rustc ${FAKE_VERSION:-1.99.0} (fake)" || echo "host: fake ${FAKE_VERSION:-1.99.0}"\n'
# Builds nothing, counts its calls, and is slow enough for two of them to meet.
FAKE_CARGO = """#!/bin/bash
set -e
[ "$1" = build ] || exit 0
echo built >>"$FAKE_CALLS"
while [ $# -gt 0 ]; do [ "$1" = --target-dir ] && target=$2; shift; done
sleep 0.2
mkdir -p "$target/release"
cat "$FAKE_SOURCE" >"$target/release/libairssys_bridge.a"
"""


class Scripts(unittest.TestCase):
    """A copy of the scripts in a path with spaces, with a cargo and a rustc of our own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="a clone "))
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = self.folder / "airssys here"
        for path in ("tools/build-bridge", "tools/rust.sh", "tools/debian-packages.txt", "dev", "bridge/Cargo.toml", "bridge/Cargo.lock"):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, self.root / path)
        self.source = self.put("bridge/src/lib.rs", "one")
        self.put("wit/a.wit", "")
        self.put("../bin/rustc", FAKE_RUSTC).chmod(0o755)
        self.put("../bin/cargo", FAKE_CARGO).chmod(0o755)
        self.calls = self.folder / "calls"

    def put(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def environment(self, **more):
        base = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "AIRSSYS_CACHE": str(self.folder / "the cache"),
                "FAKE_CALLS": str(self.calls), "FAKE_SOURCE": str(self.source), "HOME": str(self.folder)}
        return {name: value for name, value in (base | more).items() if value is not None}

    def start(self, *words, **environment):
        return subprocess.Popen(words, cwd="/", env=self.environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_script(self, *words, **environment):
        process = self.start(*words, **environment)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def build(self, out, **environment):
        status, output, errors = self.run_script(str(self.root / "tools/build-bridge"), str(self.folder / out), **environment)
        self.assertEqual(status, 0, output + errors)
        return (self.folder / out).read_text()

    def times_built(self):
        return len(self.calls.read_text().split()) if self.calls.exists() else 0

    def test_the_bridge_is_built_once_for_any_number_of_build_folders(self):
        self.assertEqual([self.build("dev/a.a"), self.build("asan/a.a")], ["one", "one"])
        self.assertEqual(self.times_built(), 1)

    def test_a_changed_source_is_built_again_and_the_old_one_is_remembered(self):
        self.build("a.a")
        self.source.write_text("two")
        self.assertEqual(self.build("a.a"), "two")
        self.source.write_text("one")
        self.assertEqual(self.build("a.a"), "one")
        self.assertEqual(self.times_built(), 2)

    def test_another_compiler_is_another_archive(self):
        self.build("a.a")
        self.build("a.a", FAKE_VERSION="2.0.0")
        self.assertEqual(self.times_built(), 2)

    def test_two_builds_at_once_build_once(self):
        script = str(self.root / "tools/build-bridge")
        processes = [self.start(script, str(self.folder / name)) for name in ("a.a", "b.a")]
        for process in processes:
            output, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, output + errors)
        self.assertEqual(self.times_built(), 1)

    def test_without_a_cache_the_build_folder_serves(self):
        self.assertEqual(self.build("out/a.a", AIRSSYS_CACHE=None, HOME=None), "one")
        self.assertEqual(self.build("out/a.a", AIRSSYS_CACHE="/proc/none", HOME="/proc/none"), "one")
        self.assertEqual(self.times_built(), 1)

    def test_a_source_edited_during_the_build_is_built_again(self):
        cargo = FAKE_CARGO.replace("sleep 0.2", '[ -f "$FAKE_CALLS.edited" ] || { echo two >"$FAKE_SOURCE.rs"; touch "$FAKE_CALLS.edited"; }')
        self.put("../bin/cargo", cargo).chmod(0o755)
        self.build("a.a")
        self.build("b.a")
        self.assertEqual(self.times_built(), 2)

    def test_a_failed_build_leaves_nothing_behind(self):
        status, _, _ = self.run_script(str(self.root / "tools/build-bridge"), str(self.folder / "a.a"), FAKE_SOURCE="/none")
        self.assertNotEqual(status, 0)
        self.assertFalse((self.folder / "a.a").exists())
        self.assertEqual(self.build("a.a"), "one")

    def test_a_compiler_that_is_too_old_is_not_taken(self):
        find = f'source "{self.root}/tools/rust.sh"; find_rust "{self.root}" && echo "$RUSTC"'
        status, output, _ = self.run_script("bash", "-c", find)
        self.assertEqual((status, output.strip()), (0, f"{self.folder}/bin/rustc"))
        _, output, _ = self.run_script("bash", "-c", find, FAKE_VERSION="1.9.0")
        self.assertNotIn(str(self.folder), output)

    def test_dev_alone_lists_what_it_can_do(self):
        status, output, _ = self.run_script(str(self.root / "dev"))
        self.assertEqual(status, 0)
        for word in ("setup", "build", "demo", "test", "bench", "check", "format", "clean"):
            self.assertRegex(output, rf"(?m)^\./dev {word}\b.*\w")

    def test_dev_refuses_an_unknown_word(self):
        self.assertEqual(self.run_script(str(self.root / "dev"), "fly")[0], 2)

    def test_setup_says_nothing_to_do_when_all_is_there(self):
        self.put("tools/debian-packages.txt", "dpkg  # always there\n")
        self.assertEqual(self.run_script(str(self.root / "dev"), "setup")[:2], (0, "all there\n"))

    def test_setup_as_another_user_prints_what_to_run(self):
        self.put("tools/debian-packages.txt", "dpkg\nno-such-package  # for the test\n")
        self.put("../bin/id", "#!/bin/sh\necho 1000\n").chmod(0o755)
        status, output, errors = self.run_script(str(self.root / "dev"), "setup")
        self.assertEqual(status, 1)
        self.assertIn("missing: no-such-package: for the test", output)
        self.assertIn("sudo apt-get install -y --no-install-recommends no-such-package\n", errors.replace("sudo apt-get update && ", ""))

    def test_setup_as_root_installs_without_asking(self):
        self.put("tools/debian-packages.txt", "no-such-package  # for the test\n")
        self.put("../bin/id", "#!/bin/sh\necho 0\n").chmod(0o755)
        self.put("../bin/apt-get", '#!/bin/sh\necho "apt-get $DEBIAN_FRONTEND $*"\n').chmod(0o755)
        status, output, errors = self.run_script(str(self.root / "dev"), "setup")
        self.assertEqual(status, 0, errors)
        self.assertIn("apt-get noninteractive install -y -qq --no-install-recommends no-such-package", output)

    def test_setup_brings_rust_where_there_is_none(self):
        self.put("tools/debian-packages.txt", "dpkg\n")
        self.put("bridge/Cargo.toml", 'rust-version = "999.0"\n')
        self.put("../bin/id", "#!/bin/sh\necho 0\n").chmod(0o755)
        self.put("../bin/apt-get", '#!/bin/sh\necho "apt-get $*"\n').chmod(0o755)
        status, output, errors = self.run_script(str(self.root / "dev"), "setup")
        self.assertIn("missing: Rust 999.0 or newer", output)
        self.assertIn("install -y -qq --no-install-recommends rustc-web cargo-web", output)
        self.assertEqual(status, 1)
        self.assertIn("rustup", errors)
