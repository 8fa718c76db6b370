# RUN: %python %s %nsa_run
# REQUIRES: numpy
"""Keys and values that no row names are not read.

Each attention op runs with every page of K and V that lies outside the keys it
names made unreadable; the result must be the one without protection. Then one
page that is named is protected too, and the run must fail: otherwise the
protection itself would prove nothing.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

NSA_RUN = sys.argv[1]
H, G, D = 4, 2, 64
ROWS_PER_PAGE = 4096 // (G * D * 4)
Q = f"tensor<?x?x{H}x{D}xf32>"
KV = f"tensor<?x?x{G}x{D}xf32>"
LSE = f"tensor<?x?x{H}xf32>"


def module(op, extra_types=""):
    arguments = f"%q: {Q}, %k: {KV}, %v: {KV}, %off: index, %len: index"
    types = f"{Q}, {KV}, {KV}"
    if extra_types:
        arguments += f", %idx: {extra_types}"
        types += f", {extra_types}"
    return f"""func.func @f({arguments}) -> ({Q}, {LSE}) {{
  %o, %lse = {op} : ({types}, index, index) -> ({Q}, {LSE})
  return %o, %lse : {Q}, {LSE}
}}
"""


def complement(named, rows):
    """Maximal ranges of rows that are not in `named`."""
    ranges, start = [], None
    for row in range(rows + 1):
        free = row < rows and row not in named
        if free and start is None:
            start = row
        elif not free and start is not None:
            ranges.append((start, row - 1))
            start = None
    return ranges


def run(directory, text, tq, rows, offset, length, protected, lists=None):
    path = directory / "f.mlir"
    path.write_text(text)
    outputs = [directory / "o.npy", directory / "lse.npy"]
    command = [NSA_RUN, str(path), "--entry=f", "--device=cpu"]
    command += [f"--input=1x{tq}x{H}x{D}xf32=random:1"]
    command += [f"--input=1x{rows}x{G}x{D}xf32=random:{seed}" for seed in (2, 3)]
    command += [f"--input={offset}", f"--input={length}"]
    if lists is not None:
        np.save(directory / "idx.npy", lists)
        command.append(f"--input={directory / 'idx.npy'}")
    command += [f"--output={output}" for output in outputs]
    for argument in (1, 2):
        command += [f"--protect={argument}:{first}:{last}" for first, last in protected]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        return None, result
    return [np.load(output) for output in outputs], result


def check(name, text, tq, rows, offset, length, named, lists=None):
    named = set(named)
    protected = complement(named, rows)
    pages = sum((last + 1) // ROWS_PER_PAGE - -(-first // ROWS_PER_PAGE) for first, last in protected)
    assert pages > 4, f"{name}: too little is protected ({pages} pages)"
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        expected, result = run(directory, text, tq, rows, offset, length, [], lists)
        assert expected is not None, f"{name}: {result.stderr}"
        assert np.isfinite(expected[0]).all(), name
        actual, result = run(directory, text, tq, rows, offset, length, protected, lists)
        assert actual is not None, f"{name}: read a page that no row names:\n{result.stderr}"
        for left, right in zip(expected, actual):
            assert np.array_equal(left, right), f"{name}: protection changed the result"
        # The control: a whole page of named rows.
        first = next(r for r in sorted(named) if r % ROWS_PER_PAGE == 0 and r + ROWS_PER_PAGE - 1 in named)
        control = [(first, first + ROWS_PER_PAGE - 1)]
        actual, result = run(directory, text, tq, rows, offset, length, control, lists)
        assert actual is None and result.returncode == 1, f"{name}: reading a protected page went unnoticed"
        assert "error" in result.stderr, result.stderr
    print(f"{name}: {pages} pages protected")


def main():
    # The window of 32 queries in the middle of the keys.
    window = module("nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 128}")
    check("window", window, 32, 4096, 2000, 4096, range(2000 - 127, 2032))
    # Not causal, with keys that do not exist.
    both = module(
        "nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 64, causal = false}"
    )
    check("window, not causal", both, 16, 4096, 1000, 1040, range(1000 - 63, 1040))
    # A prefix of the compressed keys: (limit - 32) / 16 + 1 of them.
    compressed = module(
        "nsa.compressed_attention %q, %k, %v q_offset(%off) kv_len(%len)"
        " {compression_block = 32, compression_stride = 16}"
    )
    check("compressed", compressed, 40, 1024, 8000, 16384, range((8040 - 32) // 16 + 1))
    check("compressed, short", compressed, 40, 1024, 8000, 4096, range((4096 - 32) // 16 + 1))
    # Listed blocks only; of a block that reaches beyond kv_len, what exists.
    lists = np.full((1, 6, G, 5), -1, np.int32)
    blocks = {3, 17, 40}
    lists[..., 1:4] = sorted(blocks)
    lists[0, 2, 1] = [40, 3, 3, -1, 60]
    named = [r for block in blocks for r in range(block * 64, (block + 1) * 64)]
    selected = module(
        "nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 64}",
        f"tensor<?x?x{G}x?xi32>",
    )
    check("selected", selected, 6, 4096, 3000, 3000, [r for r in named if r < 3000], lists)


main()
