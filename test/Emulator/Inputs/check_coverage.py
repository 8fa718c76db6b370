"""Prints the names of a list that no test below a directory mentions."""

import pathlib
import re
import sys

names, root = sys.argv[1:]
words = set()
for path in pathlib.Path(root).rglob("*"):
    # Inputs that clang made contain declarations that nothing may use.
    if path.suffix in (".ll", ".mlir", ".test"):
        for word in re.findall(r"[A-Za-z_][\w.]*", path.read_text()):
            word = word.rstrip(".")
            words.add(word)
            # The address spaces that an intrinsic is overloaded on.
            words.add(re.sub(r"(\.p\d+)+$", "", word))
missing = [name for name in open(names).read().split() if name not in words]
for name in missing:
    print("no test names", name)
sys.exit(bool(missing))
