#!/usr/bin/env python3
"""Checks the dynamic shared memory of kernels and of the report against sums that are made here."""

import argparse
import itertools
import json
import re
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("nsa_opt")
parser.add_argument("--plant", choices=["padding"], help="make this error in the sums")
arguments = parser.parse_args()

PADDING = 0 if arguments.plant else 8
N = 16


def total(*parts):
    return sum(-(-part // 128) * 128 for part in parts)


def expect(op, dk, dv, family, queries, keys, row_warps, key_warps, stages):
    rows = 16 * row_warps
    merge = 4 * key_warps * rows * (2 + key_warps * (dv // key_warps + PADDING)) if key_warps > 1 else 0
    parts = [2 * rows * dk, max(2 * stages * keys * (dk + dv), merge)]
    if op == "gated":
        parts.append(4 * rows * (dv + key_warps * PADDING))
    if family == "union":
        parts.append(4 * (4 * queries * N + 1))
    if op == "selection":
        parts += [4 * rows * (keys + PADDING), 8 * queries * keys, 8 * queries * N]
    return total(*parts)


def module(number, op, heads, dk, dv, *schedule):
    names = ("queries", "keys", "row_warps", "key_warps", "stages")
    numbers = ", ".join(f"{name} = {value}" for name, value in zip(names, schedule[1:]))
    attribute = f"nsa.schedule = #nsa.schedule<{schedule[0]}, {numbers}>"
    q, k, v = f"tensor<?x?x{heads}x{dk}xbf16>", f"tensor<?x?x2x{dk}xbf16>", f"tensor<?x?x2x{dv}xbf16>"
    o, lse, idx, gates = f"tensor<?x?x{heads}x{dv}xbf16>", f"tensor<?x?x{heads}xf32>", f"tensor<?x?x2x{N}xi32>", f"tensor<?x?x{heads}x3xf32>"
    window = f"nsa.window_attention %q, %k, %v {{window = 512}} : ({q}, {k}, {v}) -> ({o}, {lse})"
    selected = f"nsa.selected_attention %q, %k, %v, %idx {{selection_block = 64, unique}} : ({q}, {k}, {v}, {idx}) -> ({o}, {lse})"
    set_on = lambda text: text.replace("{", "{" + attribute + ", ", 1)
    sizes = "compression_block = 32, compression_stride = 16"
    if op == "window":
        body = f"%0:2 = {set_on(window)}\n  return %0#0 : {o}"
    elif op == "selected":
        body = f"%0:2 = {set_on(selected)}\n  return %0#0 : {o}"
    elif op == "gated":
        body = f"""%0 = nsa.fusion gated {{{attribute}}} : {o} {{
    %1:2 = {selected}
    %2:2 = {window}
    %3 = nsa.gate %c, %1#0, %2#0 gates(%g) : ({o}, {o}, {o}, {gates}) -> {o}
    nsa.yield %3 : {o}
  }}
  return %0 : {o}"""
    else:
        body = f"""%0:3 = nsa.fusion selection {{{attribute}}} : {o}, {lse}, {idx} {{
    %1:2 = nsa.compressed_attention %q, %k, %v q_offset(%off) {{{sizes}}} : ({q}, {k}, {v}, index) -> ({o}, {lse})
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {{{sizes}, selection_block = 64}} : ({q}, {k}, {lse}, index, index) -> tensor<?x?x2x?xf32>
    %3 = nsa.select_top_n %2 q_offset(%off) {{selection_block = 64, top_n = {N}}} : (tensor<?x?x2x?xf32>, index) -> {idx}
    nsa.yield %1#0, %1#1, %3 : {o}, {lse}, {idx}
  }}
  return %0#0 : {o}"""
    return f"""func.func @f{number}(%q: {q}, %k: {k}, %v: {v}, %idx: {idx}, %c: {o}, %g: {gates}, %off: index) -> {o} {{
  {body}
}}
"""


def run(text, *options):
    result = subprocess.run([arguments.nsa_opt, "-", *options], input=text, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    return result.stdout


def main():
    cases, text = [], ""
    families = {"window": ["dense"], "selection": ["dense"], "selected": ["query_major", "union"], "gated": ["query_major", "union"]}
    sizes = [(64, 64), (192, 128), (128, 256)]
    for (op, allowed), (dk, dv) in itertools.product(families.items(), sizes):
        for family, keys, row_warps, key_warps, stages in itertools.product(allowed, (64, 128), (1, 3), (1, 2, 4), (2, 3)):
            if key_warps > 1 and op == "selection":
                continue
            queries = 1 if family == "query_major" else 2 if row_warps == 1 else 5
            case = (op, dk, dv, family, queries, keys, row_warps, key_warps, stages)
            # What no chip has room for is refused.
            if expect(*case) <= 200 * 1024:
                text += module(len(cases), op, 8, dk, dv, *case[3:])
                cases.append(case)
    reported = [op["cost"]["shared_bytes"] for op in json.loads(run(text, "--nsa-report=chip=sm_90 format=json output=-", "-o", "/dev/null"))["ops"]]
    asked = re.findall(r"dynamic_shared_memory_size %c(\d+)_i32", run(text, "--convert-nsa-to-tile"))
    for case, report, kernel in zip(cases, reported, map(int, asked), strict=True):
        if not expect(*case) == report == kernel:
            sys.exit(f"error: {case}: the report says {report} bytes, the kernel asks for {kernel}, expected {expect(*case)}")
    print(f"{len(cases)} schedules agree")


main()
