#!/usr/bin/env python3
"""Builds and runs the README's embedding example as a stranger would: copied out of the tree, as a project of its own that adds
airssys by its path. The layers are not compiled again: where its build would put them, those of the finished build are put. What
is proved is that the project configures, that its one source compiles against our headers with no flag of ours, and that the
targets it names are all it needs to link."""

import argparse
import pathlib
import shutil
import subprocess
import tempfile

EXPECTED = "be: 2\nin stock: 3\n"


def run(*command, cwd=None):
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def command_for(output, build):
    """How ninja makes one file, without what that needs."""
    return run("ninja", "-C", build, "-t", "commands", "-s", output).splitlines()[-1]


def put_layers(finished, build):
    for library in finished.glob("src/*/libairssys_*.a"):
        target = build / "airssys" / library.relative_to(finished)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(library)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a finished build")
    parser.add_argument("--bridge", type=pathlib.Path, required=True, help="its bridge archive")
    parser.add_argument("--guest", type=pathlib.Path, required=True, help="the folder of the component to run")
    parser.add_argument("--define", action="append", default=[], help="NAME=VALUE for the outer project's cache")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="airssys embed ") as folder:
        project = pathlib.Path(folder) / "project"
        project.mkdir()
        for name in ("main.cpp", "CMakeLists.txt"):
            shutil.copy(options.root / "examples/embed" / name, project)
        build = project / "build"
        defines = [f"-D{define}" for define in options.define]
        run("cmake", "-G", "Ninja", "-S", project, "-B", build, f"-DAIRSSYS={options.root}",
            f"-DAIRSSYS_BRIDGE_ARCHIVE={options.bridge}", *defines)
        put_layers(options.build, build)
        for output in ("CMakeFiles/embed.dir/main.cpp.o", "embed"):
            run("sh", "-c", command_for(output, build), cwd=build)
        printed = run(build / "embed", options.guest)
        if printed != EXPECTED:
            raise SystemExit(f"prints something else:\n{printed}")


if __name__ == "__main__":
    main()
