#!/usr/bin/env python3
"""Behaves like nsa-run and nsa-cpu-peak towards nsa_mlir.bench, and measures nothing.

Which of them is the name it is called by. A call takes what STAND_IN_TIMES says,
{"dense 4096 1": [ms, ms of the next round, ...]} (kind, tokens, threads), otherwise
what fulfils every target. STAND_IN_FAULT makes a call fail; STAND_IN_LOG gets the
command lines.
"""

import json
import os
import sys
from pathlib import Path

name, options = Path(sys.argv[0]).name, sys.argv[1:]
log = Path(os.environ["STAND_IN_LOG"])
seen = log.read_text().splitlines() if log.exists() else []


def option(which: str) -> str:
    return next(o.split("=", 1)[1] for o in options if o.startswith(f"--{which}="))


if options == ["--version"]:
    print("Debian LLVM version 22.1.0\nnsa-mlir version 0.0.1")
    sys.exit()
if name == "nsa-cpu-peak":
    before = sum(line.startswith("peak") for line in seen)
    with log.open("a") as stream:
        print("peak", *options, file=stream)
    threads = int(option("threads"))
    rate = 100.0 * threads + before
    print(
        json.dumps(
            {
                "threads": threads,
                "gflops": rate,
                "vector_bits": 256,
                "fma": True,
                "accumulators": 14,
            }
        )
    )
    sys.exit()

shapes = [o.split("=")[1].split("x") for o in options if o.startswith("--input=")]
queries, heads, keys = int(shapes[0][1]), int(shapes[0][2]), int(shapes[-2][1])
dense = option("entry") == "nsa_window"
threads = int(option("threads"))
kind = "dense" if dense else "nsa"
if queries < keys:
    kind += "-decode"
if (heads, shapes[0][4], shapes[1][2]) != (8, "f32", "2"):
    kind += f"-{heads}/{shapes[1][2]}-{shapes[0][4]}"
key = f"{kind} {keys} {threads}"
if os.environ.get("STAND_IN_FAULT") == key:
    print("forward.mlir:3:5: error: something is wrong", file=sys.stderr)
    sys.exit(7)

if "--memory" in options:
    results = queries * heads * 64 * 4
    print(f"peak allocation {results + 1000 * keys + 50000} bytes")
    sys.exit()
given = json.loads(os.environ.get("STAND_IN_TIMES", "{}")).get(key)
before = sum(line.startswith(f"{key} :") for line in seen)
with log.open("a") as stream:
    print(key, ":", *options, file=stream)
# 30 GFLOP/s on one thread, 1.9 times that on two; NSA 20 times faster.
pairs = keys if queries < keys else keys * keys / 2
milliseconds = 4 * 64 * heads * pairs / 30e6 / (1.9 if threads == 2 else 1) / (1 if dense else 20)
print(f"output 0\nmedian {given[before] if given else milliseconds:.3f} ms\nminimum 0.001 ms")
