# RUN: %python %s %nsa_run %t
# REQUIRES: numpy
"""Kernels at the edges of what is legal compute what the CPU computes.

Positions up to 2^62, lengths beyond storage and below 0, block numbers that
have no block, nothing to do at all, scores that are no numbers. The emulator
reports accesses out of bounds, which positions like these could cause.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

RUN, OUT = sys.argv[1:]
out = Path(OUT)
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
FAR, INT = 2**62, 2**31 - 1
NAN, INF = np.nan, np.inf
count = 0


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def run(device, text, inputs, results):
    (out / "f.mlir").write_text(text)
    command = [RUN, str(out / "f.mlir"), "--entry=f", f"--device={device}"]
    for i, value in enumerate(inputs):
        if isinstance(value, int):
            command.append(f"--input={value}")
        else:
            np.save(out / f"in{i}.npy", value)
            command.append(f"--input={out}/in{i}.npy")
    command += [f"--output={out}/out{i}.npy" for i in range(results)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, (text, result.stderr[:2000])
    return [np.load(out / f"out{i}.npy") for i in range(results)]


def check(op, attributes, operands, positions, results, counts):
    """`op` names operands %0, %1, ...; positions are (name, value)."""
    global count
    kinds = {np.dtype(np.float32): "f32", np.dtype(np.int32): "i32"}

    def type_of(value):
        if isinstance(value, int):
            return "index"
        # Batch and tokens are dynamic, and blocks and list entries.
        dims = ["?" if value.ndim == 1 or i < 2 or i in counts.get(id(value), ()) else str(s) for i, s in enumerate(value.shape)]
        return f"tensor<{'x'.join(dims)}x{kinds[value.dtype]}>"

    values = [*operands, *(value for _, value in positions)]
    types = [type_of(value) for value in values]
    names = [f"%a{i}" for i in range(len(values))]
    text = f"func.func @f({', '.join(f'{n}: {t}' for n, t in zip(names, types))}) -> ({', '.join(results)}) {{\n"
    suffix = "".join(f" {name}({n})" for (name, _), n in zip(positions, names[len(operands) :]))
    text += f"  %r:{len(results)} = nsa.{op} {', '.join(names[: len(operands)])}{suffix} {{{attributes}}}\n"
    text += f"      : ({', '.join(types)}) -> ({', '.join(results)})\n"
    text += f"  return {', '.join(f'%r#{i}' for i in range(len(results)))} : {', '.join(results)}\n}}\n"
    text = text.replace("%r:1 =", "%r =").replace("%r#0 : " if len(results) == 1 else "\0", "%r : ")
    for expected, actual in zip(*(run(device, text, values, len(results)) for device in ("cpu", "emulator"))):
        assert expected.shape == actual.shape
        if expected.dtype == np.int32:
            assert np.array_equal(expected, actual), (text, expected, actual)
        else:
            np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=2e-5, err_msg=text)
    count += 1


def window(b, tq, tk, positions, w=3, causal="true"):
    q, k, v = normal(b, tq, 2, 8), normal(b, tk, 1, 8), normal(b, tk, 1, 8)
    results = ["tensor<?x?x2x8xf32>", "tensor<?x?x2xf32>"]
    check("window_attention", f"window = {w}, causal = {causal}", [q, k, v], positions, results, {})


for q_offset, kv_len in [(FAR, 5), (-FAR, 5), (FAR, FAR), (-FAR, -FAR), (0, -FAR), (-3, 4), (3, 10**18)]:
    window(1, 4, 6, [("q_offset", q_offset), ("kv_len", kv_len)])
window(1, 4, 6, [("q_offset", FAR), ("kv_len", FAR)], INT, "false")
window(1, 4, 6, [("q_offset", -FAR), ("kv_len", FAR)], INT, "false")
per_batch = [("q_offset", np.array([INT, -INT - 1, 2], np.int32)), ("kv_len", np.array([-INT - 1, INT, 9], np.int32))]
window(3, 4, 6, per_batch)
window(3, 4, 6, per_batch, INT, "false")
for empty in [(0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0)]:
    window(*empty, [])


def selected(lists, s, positions=(), attributes="", tk=20):
    lists = np.array(lists, np.int32).reshape(1, 1, 1, -1).repeat(3, axis=1)
    q, k, v = normal(1, 3, 2, 8), normal(1, tk, 1, 8), normal(1, tk, 1, 8)
    results = ["tensor<?x?x2x8xf32>", "tensor<?x?x2xf32>"]
    attributes = f"selection_block = {s}{attributes}"
    check("selected_attention", attributes, [q, k, v, lists], positions, results, {id(lists): (3,)})


WILD = [0, -5, 3, 3, INT, -INT - 1, 1, 0]
for s in (1, 4, INT):
    selected(WILD, s)
selected(WILD, 4, [("q_offset", FAR), ("kv_len", 11)])
selected(WILD, 4, [("q_offset", -2), ("kv_len", FAR)])
selected(WILD, 4, attributes=", causal = false")
selected([], 4)
selected([], 4, attributes=", unique")
selected([0, 1], 4, tk=0)
selected(rng.permutation(500), 1, tk=500)


def select(p, n, initial, local, positions, causal="true", s=4):
    attributes = f"selection_block = {s}, top_n = {n}, initial = {initial}, local = {local}, causal = {causal}"
    check("select_top_n", attributes, [p], positions, [f"tensor<?x?x{p.shape[2]}x{n}xi32>"], {id(p): (3,)})


scores = normal(2, 5, 2, 12)
scores[0, 0, 0, :6] = [NAN, INF, -INF, 0, -0.0, 1e-40]
scores[0, 1], scores[1, 2], scores[1, 3] = 0.5, -INF, NAN
for q_offset in (3, -4, FAR, -FAR):
    for n, initial, local in ((3, 1, 2), (20, 0, 0), (5, 0, 5), (5, 5, 0)):
        select(scores, n, initial, local, [("q_offset", q_offset)])
select(scores, 5, 0, 0, [], "false")
select(scores, 5, 1, 2, [("q_offset", FAR)], s=INT)
select(normal(1, 2, 1, 0), 5, 1, 2, [("q_offset", 0)])
print(count, "edges agree")
