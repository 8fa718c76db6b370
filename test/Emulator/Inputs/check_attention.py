"""Makes the inputs of attention.cu, and checks its output."""

import sys

import numpy as np

mode, stem = sys.argv[1:]


def to_bf16(x):
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


if mode == "make":
    generator = np.random.default_rng(5)
    for name, rows in (("q", 64), ("k", 96), ("v", 96)):
        to_bf16(generator.standard_normal((rows, 16)) * 2).tofile(f"{stem}.{name}")
else:
    q, k, v = (
        from_bf16(np.fromfile(f"{stem}.{name}", np.uint16)).reshape(-1, 16) for name in "qkv"
    )
    out = np.fromfile(f"{stem}.o", np.float32).reshape(-1, 16)
    scores = q @ k.T / 4
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = p / p.sum(axis=1, keepdims=True) @ v
    # The weights are rounded to bf16, 2^-9 relative; |v| stays below 10.
    error = np.abs(out - expected)
    if not (error <= 0.02).all():
        sys.exit(f"largest error {np.nanmax(error)}, {np.isnan(error).sum()} NaNs")
