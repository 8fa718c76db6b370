# RUN: %python %s --nsa-opt=%nsa_opt --ptxas=%ptxas %if cuda-ptxas %{ --ptxas=%cuda_ptxas %}
# REQUIRES: numpy, ml_dtypes, ptxas
"""ptxas accepts the PTX of every op, element type and option, and spills next to
nothing: select_top_n has a few bytes, which ptxas trades for occupancy.

The programs are those of the numerics suite (nsa_mlir.testing). Of those that
differ in their data alone, one is compiled, for every chip; the exhaustive run
adds the programs that combine ops.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from nsa_mlir.testing.case import SINGLE_OPS
from nsa_mlir.testing.cases import named_cases
from nsa_mlir.testing.mlir import program

CHIPS = "sm_80,sm_90,sm_100"

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-opt", required=True)
parser.add_argument("--ptxas", action="append", required=True)
args = parser.parse_args()

programs = {}
for case in named_cases():
    if case.op in SINGLE_OPS or "NSA_EXHAUSTIVE" in os.environ:
        lines = program(case).text.splitlines()
        text = "\n".join(line for line in lines if not line.startswith("//"))
        programs.setdefault(text, case.describe())


def problem(item):
    """The number of kernels of a program, and what went wrong or an empty string."""
    text, name = item
    command = [args.nsa_opt, "-", f"--nsa-to-ptx=chip={CHIPS}", "-o", os.devnull]
    command += [f"--nsa-report-kernels=ptxas={path} max-spills=16" for path in args.ptxas]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    kernels = sum(line.startswith("@") for line in done.stderr.splitlines())
    # A merge of one part folds away: its kernels copy the results.
    if done.returncode == 0 and "ptxas " in done.stderr:
        return kernels, ""
    return kernels, f"{name}\n{done.stderr}"


with ThreadPoolExecutor(2) as pool:
    counts, problems = zip(*pool.map(problem, programs.items()))
for text in filter(None, problems):
    print(f"FAIL {text}")
failed = sum(map(bool, problems))
print(f"{len(programs)} programs for {CHIPS}, {sum(counts)} kernels, {failed} failed")
least = len(programs) * len(CHIPS.split(",")) * len(args.ptxas) * 0.9
sys.exit(1 if failed or sum(counts) < least else 0)
