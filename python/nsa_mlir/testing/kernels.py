# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An independent float32 implementation, which stands in for the compiler.

It shares nothing with ``nsa_mlir.reference``: rows instead of masks, gathered
keys, an online softmax over tiles of keys, probabilities rounded to the input
type, overlaps by interval arithmetic, a selection by repeated maximum. So the
suite can be tested without the compiler, and two independent readings of
docs/Spec.md confirm each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
F32 = np.float32
TILE = 32


def compress(
    x: Array,
    phi: str,
    length: int,
    stride: int,
    params: Sequence[Array],
    pe: Array | None,
    activation: str,
) -> Array:
    """c ``[B, Tc, G, D]`` in x's type."""
    batch, tokens, groups, dim = x.shape
    out = []
    start = 0
    weights = [p.astype(F32) for p in params]
    while start + length <= tokens:
        block = x[:, start : start + length].astype(F32)
        if pe is not None:
            block = block + pe.astype(F32)[:, None, :]
        rows = np.moveaxis(block, 2, 0)  # [G, B, l, D]
        per_group = []
        for g in range(groups):
            if phi == "mean":
                value = rows[g].mean(axis=1, dtype=F32)
            elif phi == "weighted":
                value = np.tensordot(rows[g], weights[0][g], axes=([1], [0]))
            elif phi == "linear":
                kernel = weights[0][g].reshape(length, dim, dim)
                value = np.tensordot(rows[g], kernel, axes=([1, 2], [0, 1]))
            else:
                w1, b1, w2, b2 = weights
                inner = rows[g].reshape(batch, length * dim) @ w1 + b1
                value = _hidden(inner, activation) @ w2 + b2
            per_group.append(value)
        out.append(np.stack(per_group, axis=1))
        start += stride
    if not out:
        return np.zeros((batch, 0, groups, dim), x.dtype)
    with np.errstate(invalid="ignore"):
        return np.stack(out, axis=1).astype(x.dtype)


def _hidden(x: Array, activation: str) -> Array:
    if activation == "relu":
        return np.where(x > 0, x, F32(0))
    if activation == "silu":
        with np.errstate(over="ignore"):
            return x / (F32(1) + np.exp(-x))
    gauss = np.array([math.erfc(-float(e) / math.sqrt(2)) / 2 for e in x.ravel()], dtype=F32)
    return x * gauss.reshape(x.shape)


Visit = Callable[[int, int, int], Iterable[int]]


def attend(q: Array, k: Array, v: Array, visit: Visit, scale: float | None) -> tuple[Array, Array]:
    """Online softmax; ``visit(b, t, h)`` names the keys of a row."""
    batch, tq, heads, dk = q.shape
    ratio = heads // k.shape[2]
    factor = F32(1 / math.sqrt(dk) if scale is None else scale)
    o = np.zeros((batch, tq, heads, v.shape[3]), q.dtype)
    lse = np.full((batch, tq, heads), -np.inf, F32)
    for b, t, h in np.ndindex(batch, tq, heads):
        keys = np.fromiter(visit(b, t, h), dtype=np.int64)
        if not keys.size:
            continue
        row, g = q[b, t, h].astype(F32), h // ratio
        top, total, acc = F32(-np.inf), F32(0), np.zeros(v.shape[3], F32)
        for at in range(0, keys.size, TILE):
            tile = keys[at : at + TILE]
            score = (k[b, tile, g].astype(F32) @ row) * factor
            new = max(top, score.max())
            p = np.exp(score - new)
            shrink = np.exp(top - new)
            total = total * shrink + p.sum(dtype=F32)
            rounded = p.astype(q.dtype).astype(F32)
            acc = acc * shrink + rounded @ v[b, tile, g].astype(F32)
            top = new
        o[b, t, h] = (acc / total).astype(q.dtype)
        lse[b, t, h] = top + np.log(total)
    return o, lse


class Rows:
    """Which keys a row may see, from q_offset and kv_len."""

    def __init__(
        self, offset: Array, length: Array, causal: bool, stored: int | None = None
    ) -> None:
        self.offset, self.length, self.causal, self.stored = offset, length, causal, stored

    def position(self, b: int, t: int) -> int:
        return t + int(self.offset[b])

    def end(self, b: int, t: int) -> int:
        """One past the last visible key."""
        end = int(self.length[b])
        if self.stored is not None and end > self.stored:
            end = self.stored
        if self.causal and end > self.position(b, t) + 1:
            end = self.position(b, t) + 1
        return max(end, 0)

    def compressed(self, length: int, stride: int, stored: int) -> Visit:
        def visit(b: int, t: int, h: int) -> Iterable[int]:
            end = self.end(b, t)
            return range(min(stored, (end - length) // stride + 1 if end >= length else 0))

        return visit

    def window(self, window: int) -> Visit:
        def visit(b: int, t: int, h: int) -> Iterable[int]:
            pos = self.position(b, t)
            stop = self.end(b, t) if self.causal else min(self.end(b, t), pos + window)
            return range(max(0, pos - window + 1), stop)

        return visit

    def selected(self, idx: Array, block: int, heads: int) -> Visit:
        per_list = heads // idx.shape[2]

        def visit(b: int, t: int, h: int) -> Iterable[int]:
            end = self.end(b, t)
            for j in sorted({int(j) for j in idx[b, t, h // per_list] if j >= 0}):
                yield from range(min(j * block, end), min((j + 1) * block, end))

        return visit


def block_scores(
    q: Array,
    kc: Array,
    lse: Array,
    count: int,
    rows: Rows,
    length: int,
    stride: int,
    block: int,
    lists: int,
    largest: bool,
    scale: float | None,
) -> Array:
    """p ``[B, Tq, Gi, Ns]``."""
    batch, tq, heads, dk = q.shape
    ratio = heads // kc.shape[2]
    factor = F32(1 / math.sqrt(dk) if scale is None else scale)
    visit = rows.compressed(length, stride, kc.shape[1])
    out = np.zeros((batch, tq, lists, count), F32)
    for b, t, gi in np.ndindex(batch, tq, lists):
        keys = len(list(visit(b, t, 0)))
        total = np.zeros(keys, F32)
        for h in range(gi * heads // lists, (gi + 1) * heads // lists):
            if lse[b, t, h] > -np.inf:
                score = (kc[b, :keys, h // ratio].astype(F32) @ q[b, t, h].astype(F32)) * factor
                with np.errstate(over="ignore"):
                    total += np.exp(score - lse[b, t, h])
        for i in range(keys):
            begin, end = i * stride, i * stride + length
            for j in range(begin // block, min(count, (end - 1) // block + 1)):
                shared = (min(end, (j + 1) * block) - max(begin, j * block)) // stride
                if largest:
                    out[b, t, gi, j] = max(out[b, t, gi, j], total[i])
                else:
                    out[b, t, gi, j] += F32(shared) * total[i]
    return out


def select_top_n(p: Array, rows: Rows, block: int, n: int, initial: int, local: int) -> Array:
    """idx ``[B, Tq, Gi, n]``."""
    batch, tq, lists, count = p.shape
    out = np.full((batch, tq, lists, n), -1, np.int32)
    for b, t, gi in np.ndindex(batch, tq, lists):
        candidates = min(count, -(-rows.end(b, t) // block))
        own = math.floor(rows.position(b, t) / block)
        taken = np.zeros(candidates, bool)
        taken[:initial] = True
        taken[max(0, own - local + 1) : max(0, own + 1)] = True
        free = ~taken & ~np.isneginf(p[b, t, gi, :candidates])
        while taken.sum() < n and free.any():
            score = p[b, t, gi, :candidates]
            numbers = free & ~np.isnan(score)
            if numbers.any():
                best = int(np.flatnonzero(numbers & (score == score[numbers].max()))[0])
            else:
                best = int(np.flatnonzero(free)[0])
            taken[best], free[best] = True, False
        chosen = np.flatnonzero(taken)
        out[b, t, gi, : chosen.size] = chosen
    return out


def gate(outputs: Sequence[Array], gates: Array, activation: str) -> Array:
    """o in the outputs' type."""
    g = gates.astype(F32)
    if activation == "sigmoid":
        g = (F32(0.5) * (F32(1) + np.tanh(F32(0.5) * g))).astype(F32)
    total = np.zeros(outputs[0].shape, F32)
    for i, output in enumerate(outputs):
        total += g[..., i : i + 1] * output.astype(F32)
    return total.astype(outputs[0].dtype)


def merge(
    outputs: Sequence[Array], lses: Sequence[Array], sink: Array | None
) -> tuple[Array, Array]:
    """o in the outputs' type, lse."""
    top = np.full(lses[0].shape, -np.inf, F32)
    total = np.zeros(lses[0].shape, F32)
    acc = np.zeros(outputs[0].shape, F32)
    parts = [(lse, output.astype(F32)) for lse, output in zip(lses, outputs, strict=True)]
    if sink is not None:
        parts.append((np.broadcast_to(sink, top.shape), np.zeros_like(acc)))
    for lse, output in parts:
        new = np.maximum(top, lse)
        base = np.where(np.isneginf(new), F32(0), new)
        shrink, weight = np.exp(top - base), np.exp(lse - base)
        total = total * shrink + weight
        acc = acc * shrink[..., None] + output * weight[..., None]
        top = new
    some = total > 0
    divisor = np.where(some, total, F32(1))
    o = (acc / divisor[..., None]).astype(outputs[0].dtype)
    return o, np.where(some, top + np.log(divisor), -np.inf).astype(F32)
