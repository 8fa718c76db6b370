# RUN: %python %s %nsa_run %t
# REQUIRES: numpy
"""Ops on register tiles compute on the emulator what NumPy does, bit for bit."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "Inputs"))
from tile import SCHEDULES, Runner, decode, encode, frag, kernel, quarters, rows, tile

runner = Runner(*sys.argv[1:])
generator = np.random.default_rng(0)


def check(got, expected, what):
    np.testing.assert_array_equal(got, expected.astype(got.dtype), what)


def elementwise(m, n, warps):
    """fill, iota, map, mask and reduce on one tile of each warp."""
    height = m * warps
    acc, row, col = frag((m, n), "f32", "acc"), frag((m,), "f32", "row"), frag((n,), "f32", "col")
    acc_i, row_i, col_i = (t.replace("f32", "i32") for t in (acc, row, col))
    row_x = row.replace("f32", "index")
    acc_b = acc.replace("f32", "i1")
    matrix, vector, limits = f"memref<{height}x{n}xf32>", f"memref<{height}xf32>", f"memref<{height}xi32>"

    def region(arguments, ops, yields, types):
        return f"{{\n    ^bb0({arguments}):\n{ops}\n      nsa_tile.yield {yields} : {types}\n    }}"

    def stored(value, name, type, memref):
        return f"    nsa_tile.store {value}, %{name} {rows('%first')} : {type}, {memref}\n"

    def limit(name):
        ops = f"""
      %i = arith.addi %r, %first : i32
      %j = arith.index_cast %i : i32 to index
      %v = memref.load %{name}[%j] : {limits}"""
        return region("%r: i32", ops, "%v", "i32")

    body = f"""
    %m = arith.constant {m} : i32
    %first = arith.muli %warp, %m : i32
    %other = arith.constant -7.5 : f32
    %x = nsa_tile.load %xs else %zero {rows("%first")} : {matrix}, f32 -> {acc}
    %s = nsa_tile.load %ss else %zero {rows("%first")} : {vector}, f32 -> {row}
    %rows = nsa_tile.iota : {row_i}
    %columns = nsa_tile.iota : {col_i}
    // Row and column beside an acc; two results.
    %y, %z = nsa_tile.map %x, %s, %rows, %columns : {acc}, {row}, {row_i}, {col_i} {region(
        "%a: f32, %b: f32, %r: i32, %c: i32", '''
      %p = arith.mulf %a, %b : f32
      %k = arith.constant 1000 : i32
      %q = arith.muli %r, %k : i32
      %n = arith.addi %q, %c : i32''', "%p, %n", "f32, i32")} -> {acc}, {acc_i}
    %zf = nsa_tile.map %z : {acc_i} {region("%a: i32", "      %f = arith.sitofp %a : i32 to f32", "%f", "f32")} -> {acc}
    // A row and a column alone make an acc; one of i1 is an input.
    %later = nsa_tile.map %rows, %columns : {row_i}, {col_i} {region(
        "%r: i32, %c: i32", "      %l = arith.cmpi sgt, %r, %c : i32", "%l", "i1")} -> {acc_b}
    %chosen = nsa_tile.map %x, %later : {acc}, {acc_b} {region(
        "%a: f32, %l: i1", "      %v = arith.select %l, %a, %other : f32", "%v", "f32")} -> {acc}
    // Rows alone, with a value from outside and an index.
    %twice = nsa_tile.map %s, %rows : {row}, {row_i} {region(
        "%a: f32, %r: i32", '''
      %d = arith.addf %a, %a : f32
      %w = arith.addi %r, %first : i32
      %j = arith.index_cast %w : i32 to index''', "%d, %j", "f32, index")} -> {row}, {row_x}
""".replace("%twice =", "%twice, %numbers =")
    body += f"""
    %numbered = nsa_tile.map %twice, %numbers : {row}, {row_x} {region(
        "%a: f32, %j: index", '''
      %w = arith.index_cast %j : index to i32
      %f = arith.sitofp %w : i32 to f32
      %v = arith.addf %a, %f : f32''', "%v", "f32")} -> {row}
    %begin = nsa_tile.map %rows : {row_i} {limit("begins")} -> {row_i}
    %end = nsa_tile.map %rows : {row_i} {limit("ends")} -> {row_i}
    %masked = nsa_tile.mask %x from %begin to %end else %other : {acc}, {row_i}, f32
    %sum = nsa_tile.reduce add %x over columns : {acc} -> {row}
    %max = nsa_tile.reduce max %y over columns : {acc} -> {row}
    %colsum = nsa_tile.reduce add %x over rows : {acc} -> {col}
    %colmax = nsa_tile.reduce max %y over rows : {acc} -> {col}
    %seven = nsa_tile.fill %other : f32 -> {acc}
    %wide, %wider = nsa_tile.map %seven, %colsum, %colmax : {acc}, {col}, {col} {region(
        "%f: f32, %a: f32, %b: f32", "      %v = arith.addf %f, %a : f32", "%v, %b", "f32, f32")} -> {acc}, {acc}
"""
    values = {
        "y": (acc, matrix), "zf": (acc, matrix), "chosen": (acc, matrix), "masked": (acc, matrix),
        "wide": (acc, matrix), "wider": (acc, matrix),
        "numbered": (row, vector), "sum": (row, vector), "max": (row, vector),
    }  # fmt: skip
    for name, (type, memref) in values.items():
        body += stored(f"%{name}", f"o_{name}", type, memref)
    text = kernel(
        {"xs": matrix, "ss": vector, "begins": limits, "ends": limits},
        {f"o_{name}": memref for name, (_, memref) in values.items()},
        body,
        warps=warps,
    )
    x, s = quarters(generator, (height, n)), quarters(generator, (height,))
    x[1, 2] = np.nan
    x[height - 1, n - 1] = np.nan
    x[5, 3], x[6, 4] = np.inf, -np.inf
    s[5], s[6] = 1, 1
    edge = [-(2**31), -1, 0, 1, n - 1, n, n + 1, 2**31 - 1]
    begin, end = (generator.choice(edge, height).astype(np.int32) for _ in range(2))
    begin[:8], end[:8] = 0, edge
    results = runner.run(text, [x, s, begin, end], len(values), schedules=SCHEDULES)
    got = dict(zip(values, results))
    with np.errstate(invalid="ignore"):
        y = x * s[:, None]
        r, c = np.arange(m)[:, None], np.arange(n)[None]
        tiles = x.reshape(warps, m, n)
        expected = {
            "y": y,
            "zf": np.tile(1000 * r + c, (warps, 1)),
            "chosen": np.where(np.tile(r > c, (warps, 1)), x, np.float32(-7.5)),
            "masked": np.where((begin[:, None] <= c) & (c < end[:, None]), x, np.float32(-7.5)),
            "wide": np.repeat(tiles.sum(1), m, 0) - np.float32(7.5),
            "wider": np.repeat(y.reshape(warps, m, n).max(1), m, 0),
            "numbered": 2 * s + np.arange(height),
            "sum": x.sum(1),
            "max": y.max(1),
        }
    for name in values:
        check(got[name], expected[name], (m, n, warps, name))


def cast(type, m, k):
    """What is cast is a left operand: times the identity it is the rounded tile."""
    acc, lhs = frag((m, k), "f32", "acc"), frag((m, k), type, "lhs")
    shared = tile(1, k, k, type)
    body = f"""
    %t = nsa_tile.shared at 128 : {shared}
    %c = nsa_tile.load_async %e, %t[%i0] threads 32 {rows()} : memref<{k}x{k}x{type}>, {shared}
    %g = nsa_tile.commit %c
    %ready = nsa_tile.wait %g newer 0
    gpu.barrier
    %x = nsa_tile.load %xs else %zero {rows()} : memref<{m}x{k}xf32>, f32 -> {acc}
    %l = nsa_tile.cast %x : {acc} -> {lhs}
    %none = nsa_tile.fill %zero : f32 -> {acc}
    %y = nsa_tile.mma_shared %l, %t[%i0, %i0, %i0], %none after %ready : {lhs}, {shared}, {acc}
    nsa_tile.store %y, %ys {rows()} : {acc}, memref<{m}x{k}xf32>
"""
    matrix = f"memref<{m}x{k}xf32>"
    text = kernel({"xs": matrix, "e": f"memref<{k}x{k}x{type}>"}, {"ys": matrix}, body)
    x = generator.standard_normal((m, k), np.float32)
    (y,) = runner.run(text, [x, encode(np.eye(k), type)], 1)
    check(y, decode(encode(x, type), type), (type, m, k))


def fill(type, m, n, k):
    """Operands of mma that are filled."""
    acc, lhs, rhs = frag((m, n), "f32", "acc"), frag((m, k), type, "lhs"), frag((k, n), type, "rhs")
    body = f"""
    %a = arith.constant 1.5 : {type}
    %b = arith.constant -2.25 : {type}
    %left = nsa_tile.fill %a : {type} -> {lhs}
    %right = nsa_tile.fill %b : {type} -> {rhs}
    %x = nsa_tile.load %xs else %zero {rows()} : memref<{m}x{n}xf32>, f32 -> {acc}
    %y = nsa_tile.mma %left, %right, %x : {lhs}, {rhs}, {acc}
    nsa_tile.store %y, %ys {rows()} : {acc}, memref<{m}x{n}xf32>
"""
    matrix = f"memref<{m}x{n}xf32>"
    text = kernel({"xs": matrix}, {"ys": matrix}, body)
    x = quarters(generator, (m, n))
    (y,) = runner.run(text, [x], 1)
    check(y, x - 1.5 * 2.25 * k, (type, m, n, k))


for m, n, warps in [(16, 8, 1), (32, 24, 2), (16, 64, 4), (48, 16, 1)]:
    elementwise(m, n, warps)
for type in ("bf16", "f16"):
    cast(type, 16, 64)
    cast(type, 32, 128)
    fill(type, 16, 8, 16)
    fill(type, 32, 24, 48)
