# RUN: %python %s %nsa_run %t
# RUN: not %python %s %nsa_run %t --plant 2>&1 | FileCheck %s
# CHECK: window: {{.*}} is no match
# REQUIRES: numpy
"""What nsa-report says that kernels execute, against what the emulator counts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

nsa_run, directory, *plant = sys.argv[1:]
nsa_opt = str(Path(nsa_run).parent / "nsa-opt")
directory = Path(directory)
directory.mkdir(parents=True, exist_ok=True)

T, HEADS, SIZE = 2048, 16, 64
N, S, W = 16, 64, 512
Q, K, LSE, IDX = f"tensor<1x{T}x{HEADS}x{SIZE}xf16>", f"tensor<1x{T}x1x{SIZE}xf16>", f"tensor<1x{T}x{HEADS}xf32>", f"tensor<1x{T}x1x{N}xi32>"
STORED = (T - 32) // 16 + 1
KC = f"tensor<1x{STORED}x1x{SIZE}xf16>"
SIZES = "compression_block = 32, compression_stride = 16"


def schedule(family, queries, keys, row_warps, key_warps=1):
    return f"nsa.schedule = #nsa.schedule<{family}, queries = {queries}, keys = {keys}, row_warps = {row_warps}, key_warps = {key_warps}, stages = 2>"


def selected(attribute):
    return f"""func.func @f(%q: {Q}, %k: {K}, %idx: {IDX}) -> {Q} {{
  %0:2 = nsa.selected_attention %q, %k, %k, %idx {{selection_block = {S}, unique, {attribute}}} : ({Q}, {K}, {K}, {IDX}) -> ({Q}, {LSE})
  return %0#0 : {Q}
}}"""


WINDOW = f"""func.func @f(%q: {Q}, %k: {K}) -> {Q} {{
  %0:2 = nsa.window_attention %q, %k, %k {{window = {W}, {schedule("dense", 4, 64, 4)}}} : ({Q}, {K}, {K}) -> ({Q}, {LSE})
  return %0#0 : {Q}
}}"""
SELECTION = f"""func.func @f(%q: {Q}, %k: {KC}) -> {IDX} {{
  %zero = arith.constant 0 : index
  %max = arith.constant {T} : index
  %0:3 = nsa.fusion selection {{{schedule("dense", 4, 64, 4)}}} : {Q}, {LSE}, {IDX} {{
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%zero) {{{SIZES}}} : ({Q}, {KC}, {KC}, index) -> ({Q}, {LSE})
    %2 = nsa.block_scores %q, %k, %1#1, %max q_offset(%zero) {{{SIZES}, selection_block = {S}}} : ({Q}, {KC}, {LSE}, index, index) -> tensor<1x{T}x1x{T // S}xf32>
    %3 = nsa.select_top_n %2 q_offset(%zero) {{selection_block = {S}, top_n = {N}}} : (tensor<1x{T}x1x{T // S}xf32>, index) -> {IDX}
    nsa.yield %1#0, %1#1, %3 : {Q}, {LSE}, {IDX}
  }}
  return %0#2 : {IDX}
}}"""

generator = np.random.default_rng(0)


def lists():
    """Neighbours agree on some blocks: half of the list is of every 32nd query."""
    result = np.full((1, T, 1, N), -1, np.int32)
    for t in range(T):
        blocks = t // S + 1
        same = np.random.default_rng(t // 32).permutation(blocks)[: N // 2]
        other = np.setdiff1d(generator.permutation(blocks)[:N], same)[: N - len(same)]
        chosen = np.sort(np.concatenate([same, other]))
        result[0, t, 0, : len(chosen)] = chosen
    return result


LISTS = lists()


def union_agreement(queries):
    """The factor of the union, as the option's four queries would have it."""
    together = sum(len(np.setdiff1d(LISTS[0, t : t + queries], [-1])) for t in range(0, T, queries))
    alone = sum(min(N, t // S + 1) for t in range(queries - 1, T, queries))
    return (together / alone) ** (np.log(4) / np.log(queries))


def check(name, text, shapes, tolerance, options=""):
    source = directory / f"{name}.mlir"
    source.write_text(text)
    report = [nsa_opt, str(source), f"--nsa-report=format=json output=- tokens={T} {options}", "-o", os.devnull]
    cost = json.loads(subprocess.run(report, check=True, stdout=subprocess.PIPE).stdout)["ops"][-1]["cost"]
    inputs = [f"--input={'x'.join(map(str, shape))}xf16=random:{i}" for i, shape in enumerate(shapes)]
    if "%idx" in text:
        np.save(directory / "lists.npy", LISTS)
        inputs.append(f"--input={directory / 'lists.npy'}")
    command = [nsa_run, str(source), "--entry=f", "--device=emulator", "--sanitize=fast", "--counters=json", *inputs]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    counted = [json.loads(line) for line in output.splitlines() if line.startswith('{"kernel"')]
    [kernel] = [kernel for kernel in counted if kernel["mma"]]
    for counter, predicted in (("mma", cost["mmas"]), ("exp", cost["work"]["ex2"])):
        actual = kernel[counter] * (1.5 if plant else 1)
        ratio = predicted / actual
        print(f"{name}: {counter} predicted {predicted:.0f}, executed {actual:.0f}: {ratio:.3f}", flush=True)
        if abs(ratio - 1) > tolerance:
            sys.exit(f"{name}: {counter} of {predicted:.0f} for {actual:.0f} is no match")


QS, KS, KCS = (1, T, HEADS, SIZE), (1, T, 1, SIZE), (1, STORED, 1, SIZE)
check("window", WINDOW, [QS, KS], 0.01)
check("selection", SELECTION, [QS, KCS], 0.01)
check("query_major", selected(schedule("query_major", 1, 64, 1)), [QS, KS], 0.01)
check("key_warps", selected(schedule("query_major", 1, 64, 1, 2)), [QS, KS], 0.02)
check("union", selected(schedule("union", 4, 64, 4)), [QS, KS], 0.10, f"union-agreement={union_agreement(4)}")
