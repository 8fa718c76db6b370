# RUN: %python %s --nsa-run=%nsa_run --scratch=%t
# REQUIRES: numpy, ml_dtypes
"""Every barrier, wait and commit of the kernels is necessary: without it the
emulator reports an error of the right class, whichever threads run first.

One of each kernel, chosen by a hash of its name; the exhaustive run has all.
"""

import argparse
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

from nsa_mlir.testing.backends import NsaRun
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.operands import make_operands

SCHEDULES = ("fifo", "lifo", "random:1")
# What the absence of each can be seen as.
MEMORY = {"data-race", "in-flight", "unwritten-shared"}
CLASSES = {"barrier": MEMORY, "bar.warp.sync": MEMORY, "commit": MEMORY, "wait": MEMORY}

SIZES = {"dk": 64, "dv": 64, "heads": 4, "groups": 1, "dtype": "bf16"}
# At least six tiles of keys.
LONG = Case("window_attention", tq=9, tk=260, window=200, selection_block=32, top_n=7, **SIZES)
# One batch entry has an odd number of tiles, the other an even one: the last tile has
# another place in shared memory.
CHAIN = Case("attention_aux", tq=5, tk=400, window=200, selection_block=32, top_n=7, **SIZES)
CHAIN = CHAIN.but(batch=2, q_offset=(391, 290), kv_len=(400, 400))
DENSE = "family=dense queries=4 keys=32"
LISTED = "family=query_major queries=1 keys=32 row-warps=1"
UNION = "family=union queries=4 keys=32"
# The name: the case, kernel options, the kernel's name in the module.
KERNELS = {
    "window": (LONG, f"{DENSE} row-warps=1 key-warps=1 stages=2", "window_attention"),
    "window_rows": (LONG, f"{DENSE} row-warps=2 key-warps=1 stages=3", "window_attention"),
    "window_keys": (LONG, f"{DENSE} row-warps=1 key-warps=2 stages=2", "window_attention"),
    "selection": (
        CHAIN,
        f"fuse-gated=0 {DENSE} row-warps=2 key-warps=1 stages=2",
        "fusion",
    ),
    "query_major": (
        LONG.but(op="selected_attention"),
        f"{LISTED} key-warps=1 stages=2",
        "selected_attention",
    ),
    "query_major_keys": (
        LONG.but(op="selected_attention"),
        "family=query_major queries=1 keys=64 row-warps=1 key-warps=4 stages=3",
        "selected_attention",
    ),
    "union": (
        LONG.but(op="selected_attention"),
        f"{UNION} row-warps=1 key-warps=1 stages=2",
        "selected_attention",
    ),
    "union_warps": (
        LONG.but(op="selected_attention"),
        f"{UNION} row-warps=2 key-warps=2 stages=3",
        "selected_attention",
    ),
    "gated": (CHAIN, f"fuse-selection=0 {LISTED} key-warps=1 stages=2", "fusion"),
    "gated_keys": (
        CHAIN,
        "fuse-selection=0 family=query_major queries=1 keys=64 row-warps=1 key-warps=4 stages=3",
        "fusion",
    ),
    "gated_union": (
        CHAIN,
        f"fuse-selection=0 {UNION} row-warps=2 key-warps=1 stages=2",
        "fusion",
    ),
}
# Commits of nothing, where there is no key at all: LLVM makes paths of their own for
# them, on which nothing is read.
UNREACHED = {"commit": "not executed"}

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-run", required=True)
parser.add_argument("--scratch", type=Path, required=True)
parser.add_argument("--kernel", action="append")
parser.add_argument("--all", action="store_true")
args = parser.parse_args()
every = args.all or "NSA_EXHAUSTIVE" in os.environ
LINE = re.compile(r"(\w+) without (\S+)(?: at line (\d+))?, (\S+): (.*)")


def mutants(name):
    """The lines of the mutants of a kernel, as match objects."""
    case, options, kernel = KERNELS[name]
    directory = args.scratch / name
    directory.mkdir(parents=True, exist_ok=True)
    runner = NsaRun(args.nsa_run, device="emulator", sanitize="full", kernel_options=options)
    chosen = "" if every else f":{zlib.crc32(name.encode())}"
    runner.extra = [f"--emulator-mutate={kernel}{chosen}"]
    command = runner.command(case, program(case), make_operands(case), directory)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"FAIL {name}: {done.stderr}")
        return []
    return [m for m in map(LINE.fullmatch, done.stdout.splitlines()) if m]


failed = total = 0
for name in args.kernel or KERNELS:
    found = mutants(name)
    # By a hash, one under each schedule; else there are many.
    if len(found) < len(SCHEDULES) * (6 if every else 1):
        print(f"FAIL {name}: {len(found)} runs of mutants")
        failed += 1
    for position, match in enumerate(found):
        _, deleted, _, schedule, error = match.groups()
        total += 1
        kind = next(kind for kind in CLASSES if kind in deleted)
        # An error has a class and a place in the source.
        good = re.fullmatch(r"(\S+) at case\.mlir:\d+:\d+", error)
        if good and good[1] in CLASSES[kind]:
            if schedule == SCHEDULES[0] or args.kernel:
                print(f"{name} {position // 3}: {match[0]}")
            continue
        if error == UNREACHED.get(kind):
            print(f"{name} {position // 3}: {match[0]}")
            continue
        failed += 1
        print(f"FAIL {name} {position // 3}: {match[0]}")
print(f"{total} runs of mutants, {failed} failed")
sys.exit(1 if failed else 0)
