"""Counts lines of code: what is neither empty nor a comment. Fails above a limit."""

import argparse
import pathlib
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--most", type=int, required=True, help="lines that are allowed")
parser.add_argument("files", nargs="+", type=pathlib.Path)
arguments = parser.parse_args()

lines = 0
for path in arguments.files:
    stripped = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    lines += sum(
        bool(line) and not (line.startswith("//") or line.startswith("# ")) for line in stripped
    )
print(f"{lines} lines of code")
if lines > arguments.most:
    sys.exit(f"error: {lines} lines of code, more than {arguments.most}")
