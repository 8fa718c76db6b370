# RUN: %python %s --nsa-run=%nsa_run --scratch=%t
# REQUIRES: numpy, ml_dtypes
"""What the kernels do at 2048 tokens, counted by the emulator: a query tile copies
each tile of its keys and values once (compressed keys a second time where blocks are
chosen), nothing but results is written to global memory, and shared memory has no bank
conflicts, neither in the loops over keys nor where warps merge.

Only the last queries are computed, unless the run is exhaustive.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from nsa_mlir.testing.backends import NsaRun
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.operands import make_operands
from nsa_mlir.testing.tile import Tiles

TOKENS = 2048
EVERY = "NSA_EXHAUSTIVE" in os.environ

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-run", required=True)
parser.add_argument("--scratch", type=Path, required=True)
args = parser.parse_args()

BASE = Case(
    "window_attention",
    dtype="bf16",
    heads=16,
    groups=1,
    dk=64,
    dv=64,
    tq=TOKENS if EVERY else 40,
    tk=TOKENS,
    compression_block=32,
    compression_stride=16,
    selection_block=64,
    top_n=16,
    window=512,
)
failed = 0


def expect(label, what, got, wanted):
    global failed
    if got != wanted:
        failed += 1
        print(f"FAIL {label}: {what} {got}, expected {wanted}")


def run(case, options):
    """The counters of the kernels by name, the inputs, and the lists of results."""
    args.scratch.mkdir(parents=True, exist_ok=True)
    operands, made = make_operands(case), program(case)
    runner = NsaRun(args.nsa_run, device="emulator", sanitize="fast", kernel_options=options)
    runner.extra = ["--counters=json"]
    command = runner.command(case, made, operands, args.scratch)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"FAIL {case.op} '{options}': {done.stderr}")
    counters = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    idx = operands.get("idx")
    if idx is None and any(name == "idx" for name, _ in made.results):
        idx = np.load(args.scratch / "out_idx.npy")
    return {one["kernel"]: one for one in counters}, operands, idx


class Traffic:
    """Bytes that query tiles copy and read of q, keys and values."""

    def __init__(self, case, tiles):
        self.case, self.tiles = case, tiles
        self.first = np.arange(0, case.tq, tiles.queries)
        self.last = np.minimum(self.first + tiles.queries, case.tq) - 1 + case.tk - case.tq
        # The rows of a tile, whether or not there is a query for each.
        self.copied = len(self.first) * 16 * tiles.row_warps * case.dk * 2
        self.read = case.tq * case.heads * case.dk * 2

    def add(self, spans, values=True):
        """Ranges of keys, (begin, end) of each, that are gone through once."""
        size = 2 * (self.case.dk + (self.case.dv if values else 0))
        for begin, end in spans:
            self.copied += -(-(end - begin) // self.tiles.keys) * self.tiles.keys * size
            self.read += (end - begin) * size

    def window(self):
        begin = np.maximum(self.first + self.case.tk - self.case.tq - self.case.window + 1, 0)
        self.add(zip(begin, self.last + 1, strict=True))

    def compressed_ends(self):
        case = self.case
        return (self.last + 1 - case.compression_block) // case.compression_stride + 1

    def compressed(self):
        self.add((0, max(0, end)) for end in self.compressed_ends())

    def lists(self, idx):
        """The blocks that any query of a tile chose, each once."""
        for first, last in zip(self.first, self.last, strict=True):
            chosen = np.unique(idx[0, first : first + self.tiles.queries, 0])
            begins = chosen[chosen >= 0] * self.case.selection_block
            limit = last + 1
            ends = np.minimum(begins + self.case.selection_block, limit)
            self.add(zip(begins, ends, strict=True))


def check(label, counters, traffic, written, extra=0):
    """``extra``: bytes that are read beside."""
    print(f"{label}: {json.dumps(counters)}")
    expect(label, "bytes copied", counters["async_copy_bytes"], traffic.copied)
    expect(label, "bytes written", counters["global_bytes_written"], written)
    expect(label, "distinct bytes written", counters["global_bytes_written_distinct"], written)
    expect(label, "bytes read", counters["global_bytes_read"], traffic.read + extra)
    expect(label, "bank conflicts", counters["bank_conflicts"], 0)


outputs = BASE.tq * BASE.heads * (2 * BASE.dv + 4)
lists = 4 * BASE.tq * BASE.top_n


def sweep(op, family, tiles, add, extra=0):
    case = BASE.but(op=op)
    options = tiles.text(family)
    kernels, _, idx = run(case, options)
    traffic = Traffic(case, tiles)
    add(traffic, idx)
    label = f"{op} '{options}'"
    expect(label, "kernels", list(kernels), [op])
    check(label, kernels[op], traffic, outputs, extra)


sweep("window_attention", "dense", Tiles(2, 64, 2, 1, 2), lambda t, _: t.window())
sweep("window_attention", "dense", Tiles(4, 32, 4, 1, 3), lambda t, _: t.window())
sweep("compressed_attention", "dense", Tiles(4, 32, 4, 1, 2), lambda t, _: t.compressed())
# Every lane reads the entry of a tile, once to copy it and once to mask its keys.
sweep(
    "selected_attention", "query_major", Tiles(1, 64, 1, 1, 2), lambda t, i: t.lists(i), 64 * lists
)
sweep(
    "selected_attention", "query_major", Tiles(1, 64, 1, 4, 2), lambda t, i: t.lists(i), 256 * lists
)
sweep("selected_attention", "union", Tiles(4, 64, 4, 1, 2), lambda t, i: t.lists(i), lists)

# Of a fusion nothing but its results is written: no scores, no branch's output.
CHAIN = BASE.but(op="attention_aux")
tiles = Tiles(2, 32, 2, 1, 2)
options = f"fuse-gated=0 {tiles.text('dense')}"
kernels, _, idx = run(CHAIN, options)
traffic = Traffic(CHAIN, tiles)
traffic.compressed()
# The scores: compressed keys once more, without values.
traffic.add(((0, max(0, end)) for end in traffic.compressed_ends()), values=False)
check(f"selection '{options}'", kernels["fusion"], traffic, outputs + lists)

for family, tiles in (("query_major", Tiles(1, 64, 1, 1, 2)), ("union", Tiles(2, 64, 2, 1, 2))):
    options = f"fuse-selection=0 {tiles.text(family)}"
    kernels, _, idx = run(CHAIN, options)
    traffic = Traffic(CHAIN, tiles)
    traffic.lists(idx)
    traffic.window()
    # The gates, the compressed branch's output, and the lists; the lse of both
    # branches is a result.
    rows = BASE.tq * BASE.heads
    extra = rows * (4 * 3 * 4 + 2 * BASE.dv) + (64 if family == "query_major" else 1) * lists
    check(f"gated '{options}'", kernels["fusion"], traffic, outputs + 4 * rows, extra)

print(f"{failed} failed")
sys.exit(1 if failed else 0)
