# RUN: %python %s %nsa_run %t
# REQUIRES: numpy, ml_dtypes
"""A whole attention kernel in nsa_tile (Inputs/attention.py) computes what float64
does, within the specification's tolerance."""

import sys
from pathlib import Path

import ml_dtypes
import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "Inputs"))
from attention import KEYS, attention
from nsa_mlir.compare import compare_lse, compare_output
from tile import SCHEDULES, Runner

runner = Runner(*sys.argv[1:])
generator = np.random.default_rng(0)
TYPES = {"bf16": ml_dtypes.bfloat16, "f16": np.float16}


def check(type, m, d, warps):
    tokens, count, height = 5 * KEYS - 7, 4, m * warps
    q, k, v = (
        generator.standard_normal((n, d)).astype(TYPES[type]) for n in (height, tokens, tokens)
    )
    # The last block is cut off by the end; they are in no order.
    blocks = np.array([3, 0, 4, 1], np.int32)
    lower = generator.integers(0, 2 * KEYS, height).astype(np.int32)
    upper = (lower + generator.integers(KEYS, 5 * KEYS, height)).clip(max=tokens).astype(np.int32)
    scale = 1 / np.sqrt(d)
    bits = np.uint16 if type == "bf16" else np.float16
    inputs = [x.view(bits) for x in (q, k, v)] + [blocks, lower, upper, scale * np.log2(np.e)]
    o, lse = runner.run(attention(type, m, d, warps, tokens, count), inputs, 2, schedules=SCHEDULES)

    positions = np.arange(tokens)
    seen = np.isin(positions // KEYS, blocks) & (lower[:, None] <= positions) & (positions < upper[:, None])
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    scores = np.where(seen, scale * (q @ k.T), -np.inf)
    largest = scores.max(1, keepdims=True)
    weights = np.exp(scores - largest)
    total = weights.sum(1, keepdims=True)
    bound = scale * np.linalg.norm(q, axis=1) * np.linalg.norm(k, axis=1).max()
    used = compare_output("tile", o.view(TYPES[type])[None, :, None], (weights / total @ v)[None, :, None])
    compare_lse("tile", lse[None, :, None], (largest + np.log(total))[None], bound=bound[None, :, None])
    print(type, m, d, warps, f"{used:.0%} of the tolerance")


check("bf16", 16, 64, 4)
check("f16", 16, 128, 2)
check("bf16", 32, 64, 1)
check("bf16", 16, 192, 1)
