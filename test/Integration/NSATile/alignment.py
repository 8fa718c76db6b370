# RUN: %python %s --nsa-run=%nsa_run --scratch=%t
# REQUIRES: numpy, ml_dtypes
"""Kernels access 16 bytes at a time. Where a row of an operand does not begin at
a multiple of that, which is known only at run time, plain kernels compute the
same; where it does, a view runs on the kernels for tensor cores.

Operands are views of wider tensors: their elements begin at column ``shift`` of
rows with ``pad`` more elements.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from nsa_mlir.testing.backends import NsaRun, from_storage
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.judge import judge
from nsa_mlir.testing.mlir import Program, program
from nsa_mlir.testing.operands import make_operands

# (pad, shift): aligned, and not. A base that is off, a stride that is off, a
# base that is off by less than an access.
ALIGNED = ((8, 8), (8, 0), (16, 8))
MISALIGNED = ((8, 1), (1, 0), (4, 0), (8, 4))

SIZES = {"dk": 64, "dv": 64, "tq": 11, "tk": 70, "dtype": "bf16"}
CASES = (
    (Case("window_attention", **SIZES), "", ("q", "k", "v")),
    (Case("compressed_attention", **SIZES), "", ("q", "kc", "vc")),
    (Case("selected_attention", **SIZES), "family=query_major", ("q", "k", "v")),
    (Case("selected_attention", **SIZES), "family=union", ("q", "k")),
    (Case("branches", **SIZES), "", ("v_slc", "k_win")),
    (Case("attention_aux", **SIZES), "", ("q", "v_slc", "k_win")),
    (Case("compress", **SIZES), "", ("x",)),
    (Case("gate", **SIZES), "", ("o1",)),
    (Case("merge", **SIZES), "", ("o0",)),
)

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-run", required=True)
parser.add_argument("--scratch", type=Path, required=True)
args = parser.parse_args()


def with_views(text, views):
    """The program with arguments that are wider, of which it takes views."""
    lines = []
    for name in views:
        found = re.search(rf"%{name}: (tensor<\?x\?x(\d+)x(\d+)x(\w+)>)", text)
        kind, heads, size, dtype = found.groups()
        wide = f"tensor<?x?x{heads}x?x{dtype}>"
        text = text.replace(found[0], f"%{name}_wide: {wide}, %{name}_shift: index")
        lines += [
            f"%{name}_batch = tensor.dim %{name}_wide, %zero : {wide}",
            f"%{name}_rows = tensor.dim %{name}_wide, %one : {wide}",
            f"%{name} = tensor.extract_slice %{name}_wide[0, 0, 0, %{name}_shift] "
            f"[%{name}_batch, %{name}_rows, {heads}, {size}] [1, 1, 1, 1] : {wide} to {kind}",
        ]
    constants = ["%zero = arith.constant 0 : index", "%one = arith.constant 1 : index"]
    head, body = text.split(" {\n", 1)
    return head + " {\n" + "".join(f"  {line}\n" for line in constants + lines) + body


def widened(array, pad, shift):
    """An array whose rows hold NaN but for the elements that the view shows."""
    wide = np.full((*array.shape[:-1], array.shape[-1] + pad), np.nan, array.dtype)
    wide[..., shift : shift + array.shape[-1]] = array
    return wide


def run(case, options, views):
    """Judges the results; the kernels that ran: {name: mma}."""
    operands = make_operands(case)
    made = program(case)
    made = Program(with_views(made.text, views), made.entry, made.results)
    given = {}
    for name, value in operands.items():
        pad, shift = views.get(name, (0, 0))
        given[name] = widened(value, pad, shift) if pad else value
        if pad:
            given[f"{name}_shift"] = shift
    args.scratch.mkdir(parents=True, exist_ok=True)
    runner = NsaRun(args.nsa_run, device="emulator", kernel_options=options)
    runner.extra = ["--counters=json"]
    command = runner.command(case, made, given, args.scratch)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    results = {
        name: from_storage(np.load(args.scratch / f"out_{name}.npy"), dtype)
        for name, dtype in made.results
    }
    judge(case, operands, results)
    counters = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["kernel"]: one["mma"] for one in counters}


failed = count = 0


def check(case, options, views, tiled):
    """``tiled``: the kernels for tensor cores, or with 16-byte accesses, are to run."""
    global failed, count
    count += 1
    label = f"{case.op} '{options}' {views}"
    try:
        kernels = run(case, options, views)
    except Exception as error:
        failed += 1
        print(f"FAIL {label}: {error}")
        return
    multiplied = sum(kernels.values())
    if case.op in ("compress", "gate", "merge"):
        # The kernel is the first of the op's name, its plain version the second.
        good = (case.op in kernels) == tiled
    elif case.op in ("branches", "attention_aux"):
        # Others of its ops keep their kernels.
        aligned = everywhere.setdefault(case.op, multiplied)
        good = multiplied == aligned if tiled else multiplied < aligned
    else:
        good = (multiplied > 0) == tiled
    failed += not good
    print(f"{'' if good else 'FAIL '}{label}: {kernels}")


everywhere = {}
for case, options, names in CASES:
    # All operands are views that are aligned.
    check(case, options, {name: ALIGNED[i] for i, name in enumerate(names)}, True)
    for i, name in enumerate(names):
        for j, view in enumerate(MISALIGNED):
            # Each operand, in some of the ways.
            if (i + j) % 2 == 0 or len(names) == 1:
                check(case, options, {name: view}, False)
print(f"{count} checks, {failed} failed")
sys.exit(1 if failed else 0)
