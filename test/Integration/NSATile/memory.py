# RUN: %python %s %nsa_run %t
# REQUIRES: numpy
"""load, store and load_async reach every row that exists and no other."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "Inputs"))
from tile import SCHEDULES, WORKGROUP, Runner, decode, encode, frag, kernel, quarters, rows, tile

runner = Runner(*sys.argv[1:])
generator = np.random.default_rng(0)
DIRTY = {"f32": np.uint32(0xFFFFFFFF), "f16": np.uint16(0xFFFF), "bf16": np.uint16(0xFFFF)}


def listed(count, offset="%i0", before="", yields="%j"):
    """A region for the rows that %list (`count` of i32) names; -1: no row. What it
    yields then is far outside."""
    return f"""{{
    ^bb0(%r: i32):
      %k = arith.addi %r, {offset} : i32
      %n = arith.index_cast %k : i32 to index
      %entry = memref.load %list[%n] : memref<{count}xi32>
      %exists = arith.cmpi sge, %entry, %i0 : i32
      %far = arith.constant 1000000000 : i32
      %at = arith.select %exists, %entry, %far : i32
      %j = arith.index_cast %at : i32 to index
{before}
      nsa_tile.yield {yields}, %exists : {", ".join(["index"] * len(yields.split(",")))}, i1
    }}"""


def pick(count, rows):
    """A list of rows, some of which do not exist, and no row twice."""
    numbers = generator.permutation(rows)[:count].astype(np.int32)
    numbers[generator.random(count) < 0.3] = -1
    numbers[1] = -1
    return numbers


def load_store(source, target, m, n, warps):
    """Gathers rows of 3 dimensions with dynamic strides, scatters them; a value per
    row as well."""
    acc, row = frag((m, n), "f32", "acc"), frag((m,), "f32", "row")
    height, tokens = m * warps, 3 * m * warps
    # Two batches; of every token the second head.
    whole, whole_out = f"memref<2x{tokens}x2x{n}x{source}>", f"memref<2x{tokens}x{n}x{target}>"
    view = f"memref<2x?x1x{n}x{source}, strided<[?, ?, {n}, 1], offset: ?>>"
    values, values_out = f"memref<{tokens}x{source}>", f"memref<{tokens}x{target}>"
    body = f"""
    %m = arith.constant {m} : i32
    %first = arith.muli %warp, %m : i32
    %other = arith.constant 9.0 : f32
    %b1 = arith.constant 1 : index
    %h0 = arith.constant 0 : index
    %part = memref.subview %x[0, 0, 1, 0] [2, {tokens}, 1, {n}] [1, 1, 1, 1] : {whole} to memref<2x{tokens}x1x{n}x{source}, strided<[{tokens * 2 * n}, {2 * n}, {n}, 1], offset: {n}>>
    %view = memref.cast %part : memref<2x{tokens}x1x{n}x{source}, strided<[{tokens * 2 * n}, {2 * n}, {n}, 1], offset: {n}>> to {view}
    %a = nsa_tile.load %view else %other {listed(height, "%first", yields="%b1, %j, %h0")} : {view}, f32 -> {acc}
    %v = nsa_tile.load %values else %other {listed(height, "%first")} : {values}, f32 -> {row}
    nsa_tile.store %a, %y {listed(height, "%first", yields="%b1, %j")} : {acc}, {whole_out}
    nsa_tile.store %v, %w {listed(height, "%first")} : {row}, {values_out}
    nsa_tile.store %a, %all {rows("%first")} : {acc}, memref<{height}x{n}xf32>
    nsa_tile.store %v, %allv {rows("%first")} : {row}, memref<{height}xf32>
"""
    results = {"y": whole_out, "w": values_out, "all": f"memref<{height}x{n}xf32>", "allv": f"memref<{height}xf32>"}
    arguments = {"x": whole, "values": values, "list": f"memref<{height}xi32>"}
    text = kernel(arguments, results, body, warps=warps)
    x, v = (quarters(generator, s) for s in ((2, tokens, 2, n), (tokens,)))
    numbers = pick(height, tokens)
    y, w, all, allv = runner.run(text, [encode(x, source), encode(v, source), numbers], 4)
    exists = numbers >= 0
    np.testing.assert_array_equal(all, np.where(exists[:, None], x[1, numbers, 1], 9))
    np.testing.assert_array_equal(allv, np.where(exists, v[numbers], 9))
    bits = DIRTY[target].dtype
    expected_y, expected_w = np.full(y.shape, DIRTY[target]), np.full(w.shape, DIRTY[target])
    expected_y[1, numbers[exists]] = encode(x[1, numbers[exists], 1], target).view(bits)
    expected_w[numbers[exists]] = encode(v[numbers[exists]], target).view(bits)
    np.testing.assert_array_equal(y.view(bits), expected_y)
    np.testing.assert_array_equal(w.view(bits), expected_w)


def integers(m, n):
    """i32 stays what it is."""
    acc, row = frag((m, n), "i32", "acc"), frag((m,), "i32", "row")
    body = f"""
    %minus = arith.constant -1 : i32
    %a = nsa_tile.load %x else %minus {listed(m)} : memref<{2 * m}x{n}xi32>, i32 -> {acc}
    %b = nsa_tile.load %v else %minus {listed(m)} : memref<{2 * m}xi32>, i32 -> {row}
    nsa_tile.store %a, %y {rows()} : {acc}, memref<{m}x{n}xi32>
    nsa_tile.store %b, %w {rows()} : {row}, memref<{m}xi32>
"""
    arguments = {"x": f"memref<{2 * m}x{n}xi32>", "v": f"memref<{2 * m}xi32>", "list": f"memref<{m}xi32>"}
    results = {"y": f"memref<{m}x{n}xi32>", "w": f"memref<{m}xi32>"}
    x, v = (generator.integers(-(2**31), 2**31, s).astype(np.int32) for s in ((2 * m, n), (2 * m,)))
    numbers = pick(m, 2 * m)
    y, w = runner.run(kernel(arguments, results, body), [x, v, numbers], 2)
    np.testing.assert_array_equal(y, np.where(numbers[:, None] >= 0, x[numbers], -1))
    np.testing.assert_array_equal(w, np.where(numbers >= 0, v[numbers], -1))


def rounding(type, m, n):
    """A store rounds to nearest even."""
    acc, row = frag((m, n), "f32", "acc"), frag((m,), "f32", "row")
    body = f"""
    %a = nsa_tile.load %x else %zero {rows()} : memref<{m}x{n}xf32>, f32 -> {acc}
    %b = nsa_tile.load %v else %zero {rows()} : memref<{m}xf32>, f32 -> {row}
    nsa_tile.store %a, %y {rows()} : {acc}, memref<{m}x{n}x{type}>
    nsa_tile.store %b, %w {rows()} : {row}, memref<{m}x{type}>
"""
    arguments = {"x": f"memref<{m}x{n}xf32>", "v": f"memref<{m}xf32>"}
    results = {"y": f"memref<{m}x{n}x{type}>", "w": f"memref<{m}x{type}>"}
    x, v = generator.standard_normal((m, n), np.float32), generator.standard_normal(m, np.float32)
    # Halves between two neighbours.
    halves = {"bf16": 2.0**-8, "f16": 2.0**-11, "f32": 0}[type]
    x[0], v[:2] = 1 + halves, [1 + halves, 1 + 3 * halves]
    y, w = runner.run(kernel(arguments, results, body), [x, v], 2)
    np.testing.assert_array_equal(decode(y, type), decode(encode(x, type), type))
    np.testing.assert_array_equal(decode(w, type), decode(encode(v, type), type))


def shared_view(m, n):
    """Through a view of the same dynamic shared memory as nsa_tile.shared: lanes of
    one warp write what those of another read."""
    acc = frag((m, n), "f32", "acc")
    view = f"memref<{2 * m}x{n}xf32, {WORKGROUP}>"
    matrix = f"memref<{2 * m}x{n}xf32>"
    body = f"""
    %m = arith.constant {m} : i32
    %one_i = arith.constant 1 : i32
    %first = arith.muli %warp, %m : i32
    %swapped = arith.subi %one_i, %warp : i32
    %others = arith.muli %swapped, %m : i32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, {WORKGROUP}>
    %start = arith.constant 256 : index
    %view = memref.view %bytes[%start][] : memref<?xi8, {WORKGROUP}> to {view}
    %a = nsa_tile.load %x else %zero {rows("%first")} : {matrix}, f32 -> {acc}
    nsa_tile.store %a, %view {rows("%first")} : {acc}, {view}
    gpu.barrier
    %b = nsa_tile.load %view else %zero {rows("%others")} : {view}, f32 -> {acc}
    nsa_tile.store %b, %y {rows("%first")} : {acc}, {matrix}
"""
    x = quarters(generator, (2 * m, n))
    (y,) = runner.run(kernel({"x": matrix}, {"y": matrix}, body, warps=2), [x], 1, schedules=SCHEDULES, conflicts=None)
    np.testing.assert_array_equal(y, np.roll(x, m, 0))


def same_base(m, n):
    """What cp.async wrote to a tile is where a view of the shared memory says."""
    acc, type = frag((m, n), "f32", "acc"), tile(1, m, n, "f16", 128)
    view = f"memref<{m}x{n}xf16, {WORKGROUP}>"
    body = f"""
    %t = nsa_tile.shared at 128 : {type}
    %c = nsa_tile.load_async %x, %t[%i0] threads 32 {rows()} : memref<{m}x{n}xf16>, {type}
    %g = nsa_tile.commit %c
    %ready = nsa_tile.wait %g newer 0
    gpu.barrier
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, {WORKGROUP}>
    %start = arith.constant 128 : index
    %view = memref.view %bytes[%start][] : memref<?xi8, {WORKGROUP}> to {view}
    %b = nsa_tile.load %view else %zero {rows()} : {view}, f32 -> {acc}
    nsa_tile.store %b, %y {rows()} : {acc}, memref<{m}x{n}xf32>
"""
    x = quarters(generator, (m, n))
    text = kernel({"x": f"memref<{m}x{n}xf16>"}, {"y": f"memref<{m}x{n}xf32>"}, body)
    (y,) = runner.run(text, [encode(x, "f16")], 1, conflicts=None)
    # A row's 16-byte pieces are where the swizzle puts them.
    pieces = x.reshape(m, n // 8, 8)
    r = np.arange(m)[:, None]
    np.testing.assert_array_equal(y, pieces[r, np.arange(n // 8)[None] ^ (r % 8)].reshape(m, n))


def copy(type, height, columns, warps, slot):
    """Gathers rows to a tile; a product with the identity reads them back."""
    shared, identity = tile(2, height, columns, type, next(s for s in (128, 64, 32) if columns * 2 % s == 0)), tile(1, 16, 16, type, 32)
    lhs, acc = frag((16, 16), type, "lhs"), frag((16, columns), "f32", "acc")
    tokens, threads = 4 * height, 32 * warps
    source = f"memref<2x{tokens}x2x{columns}x{type}>"
    view = f"memref<2x?x2x{columns}x{type}, strided<[?, ?, ?, 1], offset: ?>>"
    body = f"""
    %b1 = arith.constant 1 : index
    %h1 = arith.constant 1 : index
    %slot = arith.constant {slot} : i32
    %nothing = nsa_tile.no_copy
    %t = nsa_tile.shared at 512 : {shared}
    %u = nsa_tile.shared at 0 : {identity}
    %view = memref.cast %x : {source} to {view}
    %c = nsa_tile.load_async %view, %t[%slot] threads {threads} {listed(height, yields="%b1, %j, %h1")} : {view}, {shared}
    %d = nsa_tile.load_async %e, %u[%i0] threads {threads} {rows()} : memref<16x16x{type}>, {identity}
    %g = nsa_tile.commit %c
    %h = nsa_tile.commit %d, %nothing
    %none = nsa_tile.commit none
    nsa_tile.drop %none
    %early = nsa_tile.wait %g newer 2
    %ready = nsa_tile.wait %h newer 1
    gpu.barrier
    %l = nsa_tile.load_frag %u[%i0, %i0, %i0] after %ready : {identity} -> {lhs}
    %acc = nsa_tile.fill %zero : f32 -> {acc}
"""
    for row in range(0, height, 16):
        body += f"""
    %row{row} = arith.constant {row} : i32
    %y{row} = nsa_tile.mma_shared %l, %t[%slot, %row{row}, %i0], %acc after %early : {lhs}, {shared}, {acc}
    %w{row} = arith.constant {row // 16 % warps} : i32
    %mine{row} = arith.cmpi eq, %w{row}, %warp : i32
    scf.if %mine{row} {{
      nsa_tile.store %y{row}, %y {rows(f"%row{row}")} : {acc}, memref<{height}x{columns}xf32>
    }}
"""
    arguments = {"x": source, "e": f"memref<16x16x{type}>", "list": f"memref<{height}xi32>"}
    text = kernel(arguments, {"y": f"memref<{height}x{columns}xf32>"}, body, warps=warps)
    x = quarters(generator, (2, tokens, 2, columns))
    numbers = pick(height, tokens)
    (y,) = runner.run(text, [encode(x, type), encode(np.eye(16), type), numbers], 1, schedules=SCHEDULES)
    np.testing.assert_array_equal(y, np.where(numbers[:, None] >= 0, x[1, numbers, 1], 0))


for case in [("f32", "f32", 16, 8, 1), ("bf16", "f16", 32, 24, 2), ("f16", "bf16", 16, 64, 2)]:
    load_store(*case)
for type in ("f16", "bf16", "f32"):
    rounding(type, 32, 16)
integers(32, 24)
shared_view(32, 24)
same_base(16, 128)
for case in [
    # type, rows, columns, warps, slot
    ("bf16", 64, 128, 4, 1),
    ("f16", 16, 64, 1, 0),
    ("bf16", 48, 64, 3, 1),
    ("f16", 48, 192, 4, 0),
    ("bf16", 16, 64, 8, 1),
    ("f16", 48, 64, 8, 0),
    ("bf16", 32, 32, 2, 1),
    ("f16", 32, 16, 4, 1),
    ("bf16", 32, 96, 1, 0),
    ("f16", 16, 256, 2, 1),
]:
    copy(*case)
