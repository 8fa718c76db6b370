#!/usr/bin/env python3
"""Formats the project's C++ with clang-format 22; --check only reports."""

import argparse
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUFFIXES = {".c", ".cpp", ".h"}
DIRECTORIES = ["include", "lib", "tools", "test"]


def sources():
    """The C++ files of the project: what git tracks, or would if it were told
    to; in a tree without git, what lies in the source directories."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *DIRECTORIES],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        paths = [path for name in DIRECTORIES for path in (ROOT / name).rglob("*")]
    return sorted(path for path in paths if path.suffix in SUFFIXES and path.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if needed")
    parser.add_argument("--clang-format", default="clang-format-22", help="the program to use")
    arguments = parser.parse_args()
    if not shutil.which(arguments.clang_format):
        sys.exit(f"error: no {arguments.clang_format}; utils/setup.sh installs it")
    files = sources()
    if not files:
        sys.exit("error: found no C++ file")
    mode = ["--dry-run", "--Werror", "--ferror-limit=1"] if arguments.check else ["-i"]
    result = subprocess.run([arguments.clang_format, *mode, *map(str, files)])
    if result.returncode:
        sys.exit("error: not formatted; run utils/format.py" if arguments.check else 1)
    print(f"{len(files)} files are formatted")


if __name__ == "__main__":
    main()
