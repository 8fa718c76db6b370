# RUN: %python %s %nsa_run %t
# REQUIRES: numpy
"""Products of every shape, from every place in a tile, are exact on the emulator,
without bank conflicts."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "Inputs"))
from tile import Runner, encode, frag, kernel, quarters, rows, tile

runner = Runner(*sys.argv[1:])
generator = np.random.default_rng(0)


def swizzle_of(columns):
    """The largest that divides a row: no bank conflicts."""
    return next(s for s in (128, 64, 32) if columns * 2 % s == 0)


def product(type, m, n, k, transposed, size, at=(0, 0), dynamic=False, warps=1, swizzle=None):
    """acc + lhs * tile[1][at...], where `size` is that of the tile."""
    height = m * warps
    a_type = tile(1, height, k, type, swizzle_of(k))
    b_type = tile(2, *size, type, swizzle or swizzle_of(size[1]))
    bytes_a = height * k * 2
    place = "%row, %column"
    offsets = "" if dynamic else "".join(
        f"    %{name} = arith.constant {value} : i32\n" for name, value in zip(("row", "column"), at)
    )
    a_frag, c_frag = frag((m, k), type, "lhs"), frag((m, n), "f32", "acc")
    threads = 32 * warps
    body = f"""
{offsets}
    %i1 = arith.constant 1 : i32
    %m = arith.constant {m} : i32
    %first = arith.muli %warp, %m : i32
    %at = nsa_tile.shared at 0 : {a_type}
    %bt = nsa_tile.shared at {(bytes_a + 127) // 128 * 128} : {b_type}
    %ca = nsa_tile.load_async %a, %at[%i0] threads {threads} {rows()} : memref<{height}x{k}x{type}>, {a_type}
    %cb = nsa_tile.load_async %b, %bt[%i1] threads {threads} {rows()} : memref<{size[0]}x{size[1]}x{type}>, {b_type}
    %g = nsa_tile.commit %ca, %cb
    %ready = nsa_tile.wait %g newer 0
    gpu.barrier
    %x = nsa_tile.load_frag %at[%i0, %first, %i0] after %ready : {a_type} -> {a_frag}
    %acc = nsa_tile.load %c else %zero {rows("%first")} : memref<{height}x{n}xf32>, f32 -> {c_frag}
    %p = nsa_tile.mma_shared %x, %bt[%i1, {place}] {"transposed" if transposed else ""}, %acc after %ready : {a_frag}, {b_type}, {c_frag}
    nsa_tile.store %p, %d {rows("%first")} : {c_frag}, memref<{height}x{n}xf32>
"""
    arguments = {
        "a": f"memref<{height}x{k}x{type}>",
        "b": f"memref<{size[0]}x{size[1]}x{type}>",
        "c": f"memref<{height}x{n}xf32>",
    }
    if dynamic:
        arguments |= {"row": "i32", "column": "i32"}
    text = kernel(arguments, {"d": f"memref<{height}x{n}xf32>"}, body, warps=warps)
    a, b, c = (quarters(generator, s) for s in ((height, k), size, (height, n)))
    inputs = [encode(a, type), encode(b, type), c, *(at if dynamic else ())]
    free = swizzle in (None, swizzle_of(size[1]))
    (d,) = runner.run(text, inputs, 1, conflicts=0 if free else None)
    rows_b, columns_b = (n, k) if transposed else (k, n)
    part = b[at[0] : at[0] + rows_b, at[1] : at[1] + columns_b]
    expected = c + a @ (part.T if transposed else part)
    np.testing.assert_array_equal(d, expected, f"{type} {m}x{n}x{k} {transposed} {size} {at}")


CASES = 0
for type in ("bf16", "f16"):
    for case in [
        # m, n, k, whether with the transpose, size of the tile
        dict(m=16, n=64, k=128, transposed=True, size=(64, 128), warps=4),
        dict(m=32, n=64, k=64, transposed=True, size=(64, 64), warps=2),
        dict(m=16, n=8, k=256, transposed=True, size=(8, 256)),
        dict(m=16, n=8, k=16, transposed=True, size=(16, 64), at=(8, 48)),
        dict(m=16, n=8, k=16, transposed=True, size=(16, 64), at=(8, 16), dynamic=True),
        dict(m=16, n=24, k=48, transposed=True, size=(24, 64)),
        dict(m=16, n=24, k=48, transposed=True, size=(32, 64), at=(8, 16)),
        dict(m=32, n=16, k=64, transposed=True, size=(64, 128), at=(32, 64), dynamic=True),
        dict(m=16, n=64, k=192, transposed=True, size=(64, 192)),
        dict(m=16, n=16, k=96, transposed=True, size=(16, 96)),
        dict(m=16, n=40, k=80, transposed=True, size=(40, 80)),
        dict(m=16, n=64, k=32, transposed=True, size=(64, 32), warps=2),
        dict(m=16, n=64, k=16, transposed=True, size=(64, 16), warps=2),
        dict(m=16, n=8, k=32, transposed=True, size=(8, 64), swizzle=32),
        dict(m=16, n=128, k=64, transposed=False, size=(64, 128), warps=4),
        dict(m=32, n=64, k=16, transposed=False, size=(16, 64), warps=2),
        dict(m=16, n=256, k=16, transposed=False, size=(16, 256)),
        dict(m=16, n=8, k=64, transposed=False, size=(64, 64), at=(0, 56)),
        dict(m=16, n=8, k=48, transposed=False, size=(64, 64), at=(16, 8)),
        dict(m=16, n=24, k=48, transposed=False, size=(64, 128), at=(16, 56)),
        dict(m=16, n=24, k=48, transposed=False, size=(64, 128), at=(16, 40), dynamic=True),
        dict(m=16, n=16, k=32, transposed=False, size=(64, 64), at=(32, 8), dynamic=True),
        dict(m=32, n=96, k=32, transposed=False, size=(32, 96)),
        dict(m=16, n=32, k=32, transposed=False, size=(32, 32)),
        dict(m=16, n=16, k=32, transposed=False, size=(32, 16)),
    ]:
        product(type, **case)
        CASES += 1
print(CASES, "products are exact")
