#!/usr/bin/env python3
"""Checks how much of the matrix products of chosen schedules is rounding to tiles."""

import argparse
import json
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("nsa_opt")
parser.add_argument("--set", default="", help="options for nsa-set-schedule")
arguments = parser.parse_args()

SHAPES = [(64, 4, 192, 128), (64, 4, 128, 128), (32, 8, 128, 128), (8, 8, 64, 64)]
SIZES = "compression_block = 32, compression_stride = 16, selection_block = 64, top_n = 16, window = 512"


def module(heads, groups, dk, dv):
    q, k, v = f"tensor<?x?x{heads}x{dk}xbf16>", f"tensor<?x?x{groups}x{dk}xbf16>", f"tensor<?x?x{groups}x{dv}xbf16>"
    o, gates = f"tensor<?x?x{heads}x{dv}xbf16>", f"tensor<?x?x{heads}x3xf32>"
    return f"""func.func @f(%q: {q}, %k: {k}, %v: {v}, %g: {gates}) -> {o} {{
  %o = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%g) {{{SIZES}}} : ({q}, {k}, {v}, {k}, {v}, {k}, {v}, {gates}) -> {o}
  return %o : {o}
}}"""


checked = 0
for shape in SHAPES:
    for chip in ("sm_80", "sm_86", "sm_90"):
        for fuse in ("true", "false"):
            options = f"chip={chip} tokens=16384"
            command = [arguments.nsa_opt, "-", "--nsa-decompose", "--canonicalize", f"--nsa-fuse=selection={fuse} gated={fuse}"]
            command += [f"--nsa-set-schedule={options} {arguments.set}", f"--nsa-report={options} format=json output=-", "-o", "/dev/null"]
            result = subprocess.run(command, input=module(*shape), capture_output=True, text=True)
            if result.returncode:
                sys.exit(result.stderr)
            for op in json.loads(result.stdout)["ops"]:
                rounding = op.get("cost", {}).get("rounding", 0)
                if not rounding:
                    continue
                most = 0.15 if "window" in op["op"] else 0.10
                name = f"{op['op']} of {shape} on {chip}, {op['schedule']}"
                print(f"{name}: {rounding:.1%}", file=sys.stderr)
                if rounding > most:
                    sys.exit(f"error: {name} wastes {rounding:.1%}, more than {most:.0%}")
                checked += 1
print(f"{checked} schedules waste little")
