# RUN: %python %s --nsa-opt=%nsa_opt --ptxas=%ptxas %if cuda-ptxas %{ --ptxas=%cuda_ptxas %}
# REQUIRES: ptxas
"""No kernel on tensor cores spills a register: at the head sizes and ratios of
models, for sm_80 and sm_90, with the schedules of the cost model and others of
each family, fused and apart.

What may be otherwise stands in ALLOWED, with the reason.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from nsa_mlir import example

# Heads, groups, Dk, Dv.
SHAPES = ((64, 4, 192, 128), (64, 4, 128, 128), (32, 8, 128, 128), (8, 8, 64, 64))
LARGE = (64, 4, 256, 256)
# Groups whose rows are not split by shifts, with wide values: the most registers.
ODD = ((7, 1, 64, 256), (12, 1, 128, 256))
APART = "fuse-selection=0 fuse-gated=0"
# The cost model's schedules, then one more of each family.
OPTIONS = (
    "",
    APART,
    f"{APART} family=dense keys=32 row-warps=4 key-warps=1 stages=3",
    f"{APART} family=query_major queries=1 keys=64 row-warps=1 key-warps=4 stages=2",
    f"{APART} family=union queries=2 keys=32 row-warps=2 key-warps=1 stages=3",
    "fuse-selection=0 family=query_major",
)
# The kernels of select_top_n on its own are plain: ptxas trades a few bytes for
# occupancy.
ALLOWED = {"select_top_n": 16}

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-opt", required=True)
parser.add_argument("--ptxas", action="append", required=True)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()


def kernels(job):
    """What ptxas says of the kernels; (label, report or None, text of errors)."""
    (heads, groups, dk, dv), options, ptxas = job
    label = f"{heads}/{groups} {dk}/{dv} '{options}'"
    configuration = example.Configuration(heads=heads, groups=groups, dk=dk, dv=dv)
    command = [args.nsa_opt, "-", f"--nsa-to-ptx=chip=sm_80,sm_90 {options}", "-o", os.devnull]
    command += [f"--nsa-report-kernels=ptxas={ptxas} format=json output=-"]
    text = example.generate("forward_aux", configuration)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        return label, None, done.stderr
    return label, json.loads(done.stdout), ""


jobs = [(shape, options, path) for path in args.ptxas for shape in SHAPES for options in OPTIONS]
jobs += [(LARGE, options, path) for path in args.ptxas for options in ("", APART)]
jobs += [(shape, "", path) for path in args.ptxas for shape in ODD]
problems, count, most = [], 0, {}
with ThreadPoolExecutor(2) as pool:
    for label, report, error in pool.map(kernels, jobs):
        if report is None:
            problems.append(f"{label}: {error}")
            continue
        for one in report["kernels"]:
            count += 1
            spilled = max(one["spill_store_bytes"], one["spill_load_bytes"])
            op = one["name"].rstrip("0123456789").rstrip("_")
            text = (
                f"{label} {one['chip']} ptxas {report['ptxas']}: @{one['name']} "
                f"{one['registers']} registers, {spilled} bytes spilled"
            )
            if spilled > ALLOWED.get(op, 0):
                problems.append(text)
            if args.verbose or "256/256" in label:
                print(text)
            most[op] = max(most.get(op, 0), one["registers"])
for text in problems:
    print(f"FAIL {text}")
print("most registers:", ", ".join(f"{op} {most[op]}" for op in sorted(most)))
print(f"{len(jobs)} programs, {count} kernels, {len(problems)} failed")
sys.exit(1 if problems or count < 10 * len(jobs) else 0)
