# RUN: %python %s --nsa-opt=%nsa_opt --ptxas=%ptxas %if cuda-ptxas %{ --ptxas=%cuda_ptxas %}
# REQUIRES: ptxas
"""ptxas accepts the attention kernels of Inputs/attention.py and spills nothing."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "Inputs"))
from attention import attention

parser = argparse.ArgumentParser()
parser.add_argument("--nsa-opt", required=True)
parser.add_argument("--ptxas", action="append", required=True)
args = parser.parse_args()
CHIPS = "sm_80,sm_90"

for type, m, d, warps in [("bf16", 16, 64, 4), ("f16", 16, 128, 4), ("bf16", 16, 192, 4), ("f16", 32, 64, 4)]:
    command = [args.nsa_opt, "-", f"--nsa-to-ptx=chip={CHIPS}", "-o", os.devnull]
    command += [f"--nsa-report-kernels=ptxas={path} max-spills=0" for path in args.ptxas]
    text = attention(type, m, d, warps, 313, 4)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("@")]
    print(type, m, d, *(re.sub(r"\s+", " ", line) for line in lines), sep="\n  ")
    if done.returncode or len(lines) != 2 * len(args.ptxas):
        sys.exit(done.stderr)
