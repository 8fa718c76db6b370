#!/usr/bin/env python3
"""Behaves like nsa-run on the numerics suite's files, without a compiler.

It knows the case from the first line of the .mlir file, reads the inputs from
the command line as nsa-run does, computes with the float32 kernels and writes
the outputs. STAND_IN_FAULT makes it misbehave.
"""

import os
import sys
import time

import numpy as np

from nsa_mlir.testing.backends import Numpy, from_storage, to_storage
from nsa_mlir.testing.case import DTYPES, Case
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.operands import make_operands

fault = os.environ.get("STAND_IN_FAULT", "")
file, *options = sys.argv[1:]
with open(file, encoding="utf-8") as stream:
    case = Case.from_json(stream.readline().removeprefix("// case: "))
inputs = [o.removeprefix("--input=") for o in options if o.startswith("--input=")]
outputs = [o.removeprefix("--output=") for o in options if o.startswith("--output=")]
made = program(case)
assert f"--entry={made.entry}" in options and "--device=cpu" in options, options

operands = {}
names = {value: key for key, value in DTYPES.items()}
for (name, expected), given in zip(make_operands(case).items(), inputs, strict=True):
    if isinstance(expected, np.ndarray):
        operands[name] = from_storage(np.load(given), names[expected.dtype])
        np.testing.assert_array_equal(operands[name], expected)
    else:
        operands[name] = int(given)

if fault == "crash":
    sys.exit("case.mlir:3:5: error: something is wrong\nat the end")
if fault == "hang":
    time.sleep(60)
if fault == "cpu":
    sys.exit(0 if {"--cpu=haswell", "--threads=3"} <= set(options) else "no --cpu=haswell")
results = Numpy().run(case, operands)
for (name, _), path in zip(made.results, outputs, strict=True):
    value = to_storage(results[name])
    if fault == "V2" and value.dtype == np.uint16:
        value = value.view("V2")
    elif fault == "type":
        value = value.astype(np.float64)
    elif fault == "wrong":
        value = np.zeros_like(value)
    if fault != "missing":
        np.save(path, value)
