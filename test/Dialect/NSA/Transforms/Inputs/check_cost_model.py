#!/usr/bin/env python3
"""Checks what nsa-report predicts against bounds and counts that are made here."""

import argparse
import itertools
import json
import math
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("nsa_opt")
parser.add_argument("--chip", default="sm_90")
parser.add_argument("--union-agreement", default="1.6")
parser.add_argument("--plant", choices=["tiles"], help="make this error in the counts")
arguments = parser.parse_args()


def report(text, options=""):
    """The ops of the report on a module."""
    cost = f"chip={arguments.chip} union-agreement={arguments.union_agreement} {options}"
    command = [arguments.nsa_opt, "-", f"--nsa-report={cost} format=json output=-", "-o", "/dev/null"]
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    return json.loads(result.stdout)["ops"]


def schedule(family, queries, keys, row_warps, key_warps=1, stages=2):
    return (
        f"nsa.schedule = #nsa.schedule<{family}, queries = {queries}, keys = {keys}, "
        f"row_warps = {row_warps}, key_warps = {key_warps}, stages = {stages}>"
    )


# ----------------------------------------------------------------------------------------------
# Bounds
# ----------------------------------------------------------------------------------------------
#
# 64 heads, 4 groups, head sizes 128, bf16; l, d, s, n, w = 32, 16, 64, 16, 512; an H200: HBM
# 4.3e12 B/s, L2 5.5e12 B/s, mma.sync 475e12 FLOP/s. In ms, by
#
#   pairs(compressed) = sum_t max(0, (t - l) // d + 1)     mm = 2 (Dk + Dv) H, E = 2 bytes
#   pairs(selected)   = sum_t min(t + 1, n s)
#   pairs(window)     = sum_t min(t + 1, w)
#   compress     T G (Dk + Dv) E (1 + 1/d) / HBM           K and V together
#   compressed   mm pairs(compressed) / mma
#   scoring      2 Dk H pairs(compressed) / mma
#   query-major  pairs(selected) G (Dk + Dv) E / L2
#   union of 4   1.6 / 4 of that
#   window       mm pairs(window) / mma
BOUNDS = {
    16384: {"compress": 0.0083, "compressed and scoring": 0.863, "query-major": 6.040, "union of 4": 2.416, "window": 0.569},
    65536: {"compress": 0.0332, "compressed and scoring": 13.868, "query-major": 24.782, "union of 4": 9.913, "window": 2.305},
    131072: {"compress": 0.0663, "compressed and scoring": 55.514, "query-major": 49.771, "union of 4": 19.908, "window": 4.619},
}
RESOURCES = {"compress": "hbm", "compressed and scoring": "mma", "query-major": "l2", "union of 4": "l2", "window": "mma"}

MODULE = f"""
func.func @f(%q: tensor<?x?x64x128xbf16>, %k: tensor<?x?x4x128xbf16>, %idx: tensor<?x?x4x16xi32>, %off: index) {{
  %kc = nsa.compress mean(%k) {{compression_block = 32, compression_stride = 16}} : (tensor<?x?x4x128xbf16>) -> tensor<?x?x4x128xbf16>
  %s:3 = nsa.fusion selection {{{schedule("dense", 8, 64, 8)}}} : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32> {{
    %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {{compression_block = 32, compression_stride = 16}}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {{compression_block = 32, compression_stride = 16, selection_block = 64}}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x?xf32>
    %1 = nsa.select_top_n %p q_offset(%off) {{selection_block = 64, top_n = 16}} : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
    nsa.yield %0, %lse, %1 : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32>
  }}
  %2:2 = nsa.selected_attention %q, %k, %k, %idx {{selection_block = 64, unique, {schedule("query_major", 1, 64, 1)}}}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  %3:2 = nsa.selected_attention %q, %k, %k, %idx {{selection_block = 64, unique, {schedule("union", 4, 64, 4)}}}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  %4:2 = nsa.window_attention %q, %k, %k {{window = 512, {schedule("dense", 8, 64, 8)}}}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  return
}}
"""


def check_bounds():
    checked = 0
    for tokens, bounds in BOUNDS.items():
        for (name, expected), op in zip(bounds.items(), report(MODULE, f"tokens={tokens}")):
            resource = RESOURCES[name]
            # Of two compress, one stands in the module.
            actual = op["cost"]["ideal_seconds"][resource] * 1e3 * (2 if name == "compress" else 1)
            # The bounds sample every 64th row, and let a union be larger than what there is to see.
            if not math.isclose(actual, expected, rel_tol=0.02):
                sys.exit(f"error: {tokens} tokens, {name}: {resource} is {actual:.4f} ms, expected {expected:.4f}")
            if op["cost"]["predicted_s"] < op["cost"]["bound_s"] * (1 - 1e-9):
                sys.exit(f"error: {tokens} tokens, {name}: predicted faster than its bound")
            checked += 1
    return checked


# ----------------------------------------------------------------------------------------------
# Counts
# ----------------------------------------------------------------------------------------------


def count(op, queries_total, keys_total, heads, groups, size, causal, queries, keys, row_warps):
    """mma instructions of the executed tiles, and the part that no row asked for."""
    per_group = heads // groups
    rows = 16 * row_warps
    tile_heads = max(h for h in range(1, per_group + 1) if per_group % h == 0 and h <= rows // queries)
    head_blocks = per_group // tile_heads
    offset = keys_total - queries_total
    window, block, stride, selection, width = 20, 8, 4, 16, 3
    compressed = 0 if keys_total < block else (keys_total - block) // stride + 1

    def visible(t):
        """The keys of row t, as the op defines them; of lists, those of whole blocks."""
        position = t + offset
        limit = min(keys_total, position + 1) if causal else keys_total
        if op == "window":
            return [u for u in range(limit) if (position - window < u if causal else abs(u - position) < window)]
        if op == "compressed":
            return [i for i in range(compressed) if i * stride + block - 1 < limit]
        return list(range(min(limit, width * selection)))

    tiles, pairs = 0, 0
    for first in range(0, queries_total, queries):
        seen = [visible(t) for t in range(first, min(first + queries, queries_total))]
        pairs += sum(map(len, seen))
        touched = set(itertools.chain(*seen))
        if op == "selected":
            # An entry of the list is so many whole tiles, whether or not it names a block.
            tiles += width * -(-min(selection, keys_total) // keys)
        elif touched:
            # Tiles begin with the first key that a row sees.
            tiles += -(-(max(touched) + 1 - min(touched)) // keys)
    if arguments.plant == "tiles":
        tiles += 1
    flops = 2 * 2 * size * rows * tiles * keys * groups * head_blocks
    # 2 x 16 x 8 x 16 operations an instruction.
    return flops / 4096, 1 - 2 * 2 * size * pairs * heads / flops


def check_counts():
    attributes = {
        "window": "window = 20",
        "compressed": "compression_block = 8, compression_stride = 4",
        "selected": "selection_block = 16, unique",
    }
    shapes = [(100, 100, 8, 2), (37, 111, 3, 1), (1, 97, 64, 1), (64, 64, 4, 4)]
    tiles = [("dense", 2, 32, 2), ("dense", 1, 64, 4), ("dense", 5, 16, 1), ("query_major", 1, 16, 1), ("query_major", 1, 32, 4)]
    size = 64
    text, expected = "", []
    for (tq, tk, heads, groups), (family, queries, keys, row_warps), causal in itertools.product(shapes, tiles, [True, False]):
        lists = family == "query_major"
        compressed = not lists and keys == 32
        op = "selected" if lists else "compressed" if compressed else "window"
        # A compressed key hides how many tokens follow it.
        stored = (tk - 8) // 4 + 1 if compressed else tk
        tokens = (stored - 1) * 4 + 8 if compressed else tk
        q, k = f"tensor<1x{tq}x{heads}x{size}xf16>", f"tensor<1x{stored}x{groups}x{size}xf16>"
        idx = f"tensor<1x{tq}x{groups}x3xi32>"
        text += f"""
func.func @f{len(expected)}(%q: {q}, %k: {k}, %idx: {idx}) {{
  %off = arith.constant {tokens - tq} : index
  %0:2 = nsa.{op}_attention %q, %k, %k{", %idx" if lists else ""}{" q_offset(%off)" if compressed else ""}
      {{{attributes[op]}, causal = {str(causal).lower()}, {schedule(family, queries, keys, row_warps)}}}
      : ({q}, {k}, {k}{", " + idx if lists else ""}{", index" if compressed else ""}) -> ({q}, tensor<1x{tq}x{heads}xf32>)
  return
}}"""
        name = f"{op} {tq}x{tk}, {heads}/{groups} heads, {family} {queries}x{keys}, {row_warps} row warps, causal {causal}"
        expected.append((name, count(op, tq, tokens, heads, groups, size, causal, queries, keys, row_warps)))
    for (name, (mmas, waste)), op in zip(expected, report(text), strict=True):
        cost = op["cost"]
        if not math.isclose(cost["mmas"], mmas, rel_tol=1e-12):
            sys.exit(f"error: {name}: mmas {cost['mmas']}, expected {mmas}")
        if not math.isclose(cost["waste"], waste, rel_tol=1e-9, abs_tol=1e-12):
            sys.exit(f"error: {name}: waste {cost['waste']}, expected {waste}")
    return len(expected)


print(f"{check_bounds()} bounds and {check_counts()} counts agree")
