#!/usr/bin/env python3
"""Checks that every constraint of docs/Spec.md is documented, verified and tested.

The specification numbers each op's constraints (`gate_c2`). Each label must
occur in the ODS, in the sources of the verifiers and in a test, and none may
occur there that the specification lacks. Each op counts from 1 without gaps.
The constraints of nsa_tile are specified in its TableGen files.
"""

import argparse
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LABEL = re.compile(
    r"\b(compress|compressed_attention|block_scores|select_top_n|selected_attention"
    r"|window_attention|gate|merge|attention|fusion)_c(\d+)(?![A-Za-z0-9])"
)
TILE_LABEL = re.compile(
    r"\b(swizzle|frag|tile|shared|load_async|wait|load_frag|mma|mma_shared|fill|iota|map|mask"
    r"|reduce|cast|load|store|iterate|copies)_c(\d+)(?![A-Za-z0-9])"
)
SPEC = "docs/Spec.md"
TILE_SPEC = "include/nsa/Dialect/NSATile"
PLACES = {
    "the ODS": ("include/nsa/Dialect/NSA/IR", {".td"}),
    "the verifiers": ("lib/Dialect/NSA/IR", {".cpp", ".h"}),
    "the tests": ("test/Dialect/NSA", {".mlir", ".test", ".py"}),
}
TILE_PLACES = {
    "the verifiers": ("lib/Dialect/NSATile", {".cpp", ".h"}),
    "the tests": ("test/Dialect/NSATile", {".mlir", ".test", ".py"}),
}


def labels_in(text, label=LABEL):
    """The labels of a text, as (op, number)."""
    return {(op, int(number)) for op, number in label.findall(text)}


def labels_under(directory, suffixes, label=LABEL):
    paths = (path for path in directory.rglob("*") if path.suffix in suffixes)
    return set().union(*(labels_in(path.read_text(encoding="utf-8"), label) for path in paths))


def show(labels):
    return ", ".join(f"{op}_c{number}" for op, number in sorted(labels))


def check(root):
    """The problems of the tree at root, one line each."""
    try:
        spec = labels_in((root / SPEC).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [f"there is no {SPEC}"]
    if not spec:
        return [f"{SPEC} has no label"]
    tile_spec = labels_under(root / TILE_SPEC, {".td"}, TILE_LABEL)
    return compare(root, SPEC, spec, PLACES, LABEL) + compare(
        root, TILE_SPEC, tile_spec, TILE_PLACES, TILE_LABEL
    )


def compare(root, where, spec, places, label):
    """How the labels in places differ from those of the specification."""
    problems = []
    for op in sorted({op for op, _ in spec}):
        numbers = {number for name, number in spec if name == op}
        gaps = set(range(1, max(numbers) + 1)) - numbers
        if gaps or 0 in numbers:
            problems.append(f"{where} does not number {op} from 1 on: {sorted(numbers)}")
    for place, (directory, suffixes) in places.items():
        found = labels_under(root / directory, suffixes, label)
        if spec - found:
            problems.append(f"not in {place} ({directory}): {show(spec - found)}")
        if found - spec:
            problems.append(f"in {place} ({directory}) but not in {where}: {show(found - spec)}")
    return problems


def self_test():
    """Plants each kind of problem in a small tree, and expects to hear of it."""

    def problems_of(spec, ods, verifier, test, tile=("", "", "")):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            for path, text in (
                (SPEC, spec),
                ("include/nsa/Dialect/NSA/IR/Ops.td", ods),
                ("lib/Dialect/NSA/IR/Verify.cpp", verifier),
                ("test/Dialect/NSA/IR/invalid.mlir", test),
                ("include/nsa/Dialect/NSATile/IR/Ops.td", tile[0]),
                ("lib/Dialect/NSATile/IR/Verify.cpp", tile[1]),
                ("test/Dialect/NSATile/IR/invalid.mlir", tile[2]),
            ):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            return check(root)

    good = "gate_c1, gate_c2; selected_attention_c1."
    tile = "mma_c1 mma_shared_c1 mma_shared_c2"
    cases = [
        ("", [good] * 4),
        ("has no label", ["", good, good, good]),
        ("not in the ODS", [good, "gate_c1 selected_attention_c1", good, good]),
        ("not in the verifiers", [good, good, "gate_c1 gate_c2", good]),
        ("not in the tests", [good, good, good, "// no label"]),
        ("in the verifiers (lib/Dialect/NSA/IR) but", [good, good, good + "merge_c1", good]),
        ("does not number gate from 1", ["gate_c1 gate_c3"] * 4),
        # A longer word is another word: this is neither gate_c2 nor attention_c1.
        ("not in the ODS", [good, "gate_c1 gate_c22 attention_c1 selected_attention_c1", good, good]),
        # In a name, a label may be followed by what tells cases apart.
        ("", [good, good, good, "@gate_c1_rank @gate_c2 @selected_attention_c1_few"]),
        ("", [good] * 4 + [(tile, tile, "@mma_c1_lhs @mma_shared_c1 @mma_shared_c2")]),
        ("not in the verifiers (lib/Dialect/NSATile", [good] * 4 + [(tile, "mma_c1", tile)]),
        ("in the tests (test/Dialect/NSATile) but", [good] * 4 + [(tile, tile, tile + " map_c1")]),
    ]
    for expected, files in cases:
        problems = problems_of(*files)
        ok = any(expected in problem for problem in problems) if expected else not problems
        if not ok:
            sys.exit(f"self-test: expected {expected or 'no problem'!r}, got {problems}")
    print(f"self-test: {len(cases)} cases behave")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true", help="check this script instead")
    if parser.parse_args().self_test:
        return self_test()
    problems = check(ROOT)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    count = len(labels_in((ROOT / SPEC).read_text(encoding="utf-8")))
    count += len(labels_under(ROOT / TILE_SPEC, {".td"}, TILE_LABEL))
    print(f"{count} constraints are in the ODS, the verifiers and the tests")


if __name__ == "__main__":
    main()
