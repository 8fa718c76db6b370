# RUN: %python %s %nsa_run
# REQUIRES: numpy
"""The powers of 2 of the softmax and of block scores, number by number.

With one component per query and key, and queries that are 1, a score is the key.
Block scores are then exp(key - lse), and the output of attention on the identity
matrix is the softmax of the keys. Both are compared with float64 over the whole
range, and at its ends: flushed results, overflow, infinities, NaN.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

NSA_RUN = sys.argv[1]
QUERIES = 70
INF = np.float32(np.inf)

SCORES = """func.func @f(%q: tensor<1x?x1x1xf32>, %kc: tensor<1x?x1x1xf32>,
                %lse: tensor<1x?x1xf32>, %max: index) -> tensor<1x?x1x?xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %max
    {compression_block = 8, compression_stride = 8, selection_block = 8, causal = false,
     scale = 1.0, score_map = #nsa.score_map<max>}
    : (tensor<1x?x1x1xf32>, tensor<1x?x1x1xf32>, tensor<1x?x1xf32>, index) -> tensor<1x?x1x?xf32>
  return %p : tensor<1x?x1x?xf32>
}
"""
SOFTMAX = """func.func @f(%q: tensor<1x?x1x1xf32>, %k: tensor<1x64x1x1xf32>,
                %v: tensor<1x64x1x64xf32>) -> (tensor<1x?x1x64xf32>, tensor<1x?x1xf32>) {
  %c0 = arith.constant 0 : index
  %o, %lse = nsa.window_attention %q, %k, %v q_offset(%c0)
    {window = 4096, causal = false, scale = 1.0}
    : (tensor<1x?x1x1xf32>, tensor<1x64x1x1xf32>, tensor<1x64x1x64xf32>, index)
      -> (tensor<1x?x1x64xf32>, tensor<1x?x1xf32>)
  return %o, %lse : tensor<1x?x1x64xf32>, tensor<1x?x1xf32>
}
"""


def run(text, inputs, outputs, *scalars):
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        (directory / "f.mlir").write_text(text)
        command = [NSA_RUN, str(directory / "f.mlir"), "--device=cpu"]
        for number, array in enumerate(inputs):
            np.save(directory / f"in{number}.npy", array.astype(np.float32))
            command.append(f"--input={directory}/in{number}.npy")
        command += [f"--input={scalar}" for scalar in scalars]
        command += [f"--output={directory}/out{number}.npy" for number in range(outputs)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [np.load(directory / f"out{number}.npy") for number in range(outputs)]


def compare(name, got, wanted, argument, least):
    """Relative to the rounding of `argument`; below `least` anything that small."""
    assert not np.isnan(got).any(), f"{name}: NaN"
    error = np.abs(got.astype(np.float64) - wanted)
    allowed = wanted * (4e-7 + 2.5e-7 * np.abs(argument)) + np.where(wanted < least, least, 0)
    worst = np.argmax(error - allowed)
    where = np.unravel_index(worst, got.shape)
    assert (error <= allowed).all(), f"{name}: {got[where]} for {wanted[where]} at {argument[where]}"
    print(f"{name}: {got.size} numbers")


def check_scores():
    keys = np.concatenate([np.linspace(-120, 88, 3001), [-1e30, -INF, -87.5, -87.0, 0.0]])
    lse = np.linspace(-0.5, 0.5, QUERIES).astype(np.float32)
    keys = keys.astype(np.float32)
    ones = np.ones((1, QUERIES, 1, 1))
    [p] = run(SCORES, [ones, keys.reshape(1, -1, 1, 1), lse.reshape(1, -1, 1)], 1, 8 * keys.size)
    argument = keys.astype(np.float64)[None, :] - lse.astype(np.float64)[:, None]
    finite = np.where(np.isfinite(argument), argument, -1e30)
    # log2(e) is multiplied to key and lse apart: each rounds.
    compare("scores", p[0, :, 0], np.exp(finite), np.abs(finite) + 120, 2.0**-100)

    # The ends. A row without a visible key has lse -inf: no probabilities.
    ends = np.array([200.0, 1e30, INF, np.nan, 89.5, 0.0] + [0.0] * 66, np.float32)
    lse = np.zeros(QUERIES, np.float32)
    lse[3] = -INF
    [p] = run(SCORES, [ones, ends.reshape(1, -1, 1, 1), lse.reshape(1, -1, 1)], 1, 8 * ends.size)
    row, empty = p[0, 0, 0], p[0, 3, 0]
    assert np.isposinf(row[[0, 1, 2, 4]]).all() and row[5] == 1, row[:6]
    assert np.isnan(row[3]), row[3]
    assert (empty[[0, 1, 4, 5]] == 0).all(), empty[:6]
    print("scores: ends")


def check_softmax():
    for lowest in (-1.0, -20.0, -140.0):
        keys = np.linspace(lowest, 0, 64).astype(np.float32)
        ones = np.ones((1, QUERIES, 1, 1))
        o, lse = run(SOFTMAX, [ones, keys.reshape(1, 64, 1, 1), np.eye(64).reshape(1, 64, 1, 64)], 2)
        exact = np.exp(keys.astype(np.float64))
        argument = np.broadcast_to(keys.astype(np.float64), (QUERIES, 64))
        wanted = np.broadcast_to(exact / exact.sum(), (QUERIES, 64))
        compare(f"softmax from {lowest}", o[0, :, 0], wanted, argument, 2.0**-100)
        assert np.allclose(lse, np.log(exact.sum()), rtol=3e-7, atol=3e-7), lse
    keys[7] = np.nan
    o, lse = run(SOFTMAX, [ones, keys.reshape(1, 64, 1, 1), np.eye(64).reshape(1, 64, 1, 64)], 2)
    assert np.isnan(o).all() and np.isnan(lse).all(), "a NaN among the keys shows in all results"
    # A payload in the low bits would reach the exponent if exponents were added.
    keys.view(np.uint32)[7] = 0x7FC00001
    o, lse = run(SOFTMAX, [ones, keys.reshape(1, 64, 1, 1), np.eye(64).reshape(1, 64, 1, 64)], 2)
    assert np.isnan(o).all() and np.isnan(lse).all(), "whatever its payload"
    print("softmax: NaN")


check_scores()
check_softmax()
