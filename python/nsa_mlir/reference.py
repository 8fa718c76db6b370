# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The float64 reference of every ``nsa`` op, in numpy and in plain words.

This module is written from docs/Spec.md alone and shares no formula with the
compiler: which keys a row sees is a boolean mask over all keys, a softmax is a
softmax, a selection is a sort. Clarity goes before speed; a few hundred tokens
take milliseconds.

Shapes: ``q [B, Tq, H, Dk]``, ``k [B, Tk, G, Dk]``, ``v [B, Tk, G, Dv]``,
``o [B, Tq, H, Dv]``, ``lse [B, Tq, H]``, ``idx [B, Tq, Gi, N]``. ``l``, ``d``
and ``s`` in comments are the compression block, the compression stride and the
selection block; ``n`` is top_n and ``w`` the window.

Inputs may have any floating-point type that numpy can turn into float64
(float32, float16, ml_dtypes.bfloat16); everything is computed and returned in
float64 and rounded only where another op would receive a rounded value (see
``attention``). ``q_offset`` and ``kv_len`` are an int, or one int per batch
entry. Arguments that the ops' verifiers would refuse raise ``ValueError``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Extent = int | Sequence[int] | NDArray[np.integer[Any]]

# Stands for "unbounded" where an op does not know how many keys there are.
UNBOUNDED = 2**62


# --- Positions and visibility -------------------------------------------------


def positions(q_offset: Extent, batch: int, tq: int) -> NDArray[np.int64]:
    """The key position of every query row: ``pos[b, t] = t + q_offset[b]``."""
    offset = _per_batch("q_offset", q_offset, batch)
    return np.arange(tq, dtype=np.int64)[None, :] + offset[:, None]


def limits(pos: NDArray[np.int64], kv_len: Extent, causal: bool) -> NDArray[np.int64]:
    """``limit[b, t]``: key ``u`` is visible to row ``t`` iff ``u < limit``."""
    length = np.broadcast_to(_per_batch("kv_len", kv_len, pos.shape[0])[:, None], pos.shape)
    return np.minimum(length, pos + 1) if causal else length.copy()


def compressed_mask(
    limit: NDArray[np.int64], blocks: int, compression_block: int, compression_stride: int
) -> Bool:
    """``[B, Tq, 1, Tc]``: is compressed block ``i`` visible, last token included?"""
    last_token = np.arange(blocks) * compression_stride + compression_block - 1
    return last_token[None, None, None, :] < limit[:, :, None, None]


def selected_mask(
    limit: NDArray[np.int64], idx: ArrayLike, keys: int, selection_block: int
) -> Bool:
    """``[B, Tq, Gi, Tk]``: is key ``u`` visible and its block in the row's list?"""
    idx = np.asarray(idx)
    batch, tq, lists, width = idx.shape
    blocks = -(-keys // selection_block)
    listed = np.zeros((batch, tq, lists, blocks), dtype=bool)
    for entry in range(width):
        block = idx[..., entry].astype(np.int64)
        names_a_block = (block >= 0) & (block < blocks)
        b, t, gi = np.nonzero(names_a_block)
        listed[b, t, gi, block[names_a_block]] = True
    u = np.arange(keys)
    return listed[..., u // selection_block] & (u < limit[:, :, None, None])


def window_mask(
    pos: NDArray[np.int64], limit: NDArray[np.int64], keys: int, window: int, causal: bool
) -> Bool:
    """``[B, Tq, 1, Tk]``: is key ``u`` visible and nearer than ``w``?"""
    u = np.arange(keys)[None, None, None, :]
    here = pos[:, :, None, None]
    near = u > here - window if causal else np.abs(u - here) < window
    return near & (u < limit[:, :, None, None])


# --- Ops ----------------------------------------------------------------------


def compress(
    x: ArrayLike,
    phi: str = "mean",
    *,
    compression_block: int,
    compression_stride: int,
    params: Sequence[ArrayLike] = (),
    pe: ArrayLike | None = None,
    activation: str = "gelu",
) -> F64:
    """``c[i] = phi(x[i*d .. i*d + l - 1] + pe)``.

    x ``[B, T, G, D]`` -> c ``[B, Tc, G, D]`` with ``Tc = T < l ? 0 : (T-l)/d + 1``.
    params: none for ``mean``; ``w[G, l]`` for ``weighted``; ``W[G, l*D, D]`` for
    ``linear``; ``W1[l*D, M], b1[M], W2[M, D], b2[D]`` for ``mlp``. pe ``[l, D]``.
    """
    x = _f64(x)
    weights = [_f64(p) for p in params]
    length, stride = compression_block, compression_stride
    _at_least("compression_block", length, 1)
    _at_least("compression_stride", stride, 1)
    batch, tokens, groups, dim = x.shape
    _check_params(phi, [w.shape for w in weights], groups, length, dim)
    if pe is not None and np.shape(pe) != (length, dim):
        raise ValueError(f"pe has shape {np.shape(pe)}, expected {(length, dim)}")

    blocks = 0 if tokens < length else (tokens - length) // stride + 1
    c = np.zeros((batch, blocks, groups, dim))
    for i in range(blocks):
        block = x[:, i * stride : i * stride + length]  # [B, l, G, D]
        if pe is not None:
            block = block + _f64(pe)[None, :, None, :]
        # Flattened as token*D + dim.
        flat = block.transpose(0, 2, 1, 3).reshape(batch, groups, length * dim)
        if phi == "mean":
            c[:, i] = block.sum(axis=1) / length
        elif phi == "weighted":
            c[:, i] = np.einsum("gl,blgd->bgd", weights[0], block)
        elif phi == "linear":
            c[:, i] = np.einsum("bgk,gkd->bgd", flat, weights[0])
        else:
            w1, b1, w2, b2 = weights
            c[:, i] = activate(flat @ w1 + b1, activation) @ w2 + b2
    return c


def compressed_attention(
    q: ArrayLike,
    kc: ArrayLike,
    vc: ArrayLike,
    *,
    compression_block: int,
    compression_stride: int,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    causal: bool = True,
    scale: float | None = None,
) -> tuple[F64, F64]:
    """Softmax attention over the visible compressed blocks: ``o, lse``.

    kc ``[B, Tc, G, Dk]``, vc ``[B, Tc, G, Dv]``. ``q_offset`` is required when
    causal; ``kv_len`` counts tokens and is unbounded by default.
    """
    q, kc, vc = _f64(q), _f64(kc), _f64(vc)
    _, limit = _rows(q, q_offset, kv_len, causal, needs_offset=causal)
    visible = compressed_mask(limit, kc.shape[1], compression_block, compression_stride)
    return softmax_attention(q, kc, vc, visible, scale)


def block_scores(
    q: ArrayLike,
    kc: ArrayLike,
    lse: ArrayLike,
    kv_max: int,
    *,
    compression_block: int,
    compression_stride: int,
    selection_block: int,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    score_map: str = "overlap",
    list_heads: str = "kv",
    causal: bool = True,
    scale: float | None = None,
) -> F64:
    """Importance ``p [B, Tq, Gi, Ns]`` of each selection block, ``Ns = ceil(kv_max/s)``.

    Per head ``p_h[i] = exp(score_h[i] - lse_h)`` for visible compressed blocks,
    summed over the heads of a list and then mapped to selection blocks.
    ``Gi`` is ``G`` (``list_heads="kv"``) or ``H`` (``"query"``).
    """
    q, kc, lse = _f64(q), _f64(kc), _f64(lse)
    length, stride, select = compression_block, compression_stride, selection_block
    if length % stride or select % stride or length > select:
        raise ValueError(
            f"compression_stride ({stride}) must divide compression_block ({length}) and "
            f"selection_block ({select}), which must not be smaller than the former"
        )
    batch, tq, heads, _ = q.shape
    _, blocks, groups, _ = kc.shape
    kv_len = kv_max if kv_len is None else kv_len
    if np.any(_per_batch("kv_len", kv_len, batch) > kv_max):
        raise ValueError(f"kv_max ({kv_max}) must be at least kv_len ({kv_len})")
    _, limit = _rows(q, q_offset, kv_len, causal, needs_offset=causal)
    visible = compressed_mask(limit, blocks, length, stride)[:, :, 0, :]  # [B, Tq, Tc]
    factor = _scale(scale, q.shape[-1])

    lists = {"kv": groups, "query": heads}[_one_of("list_heads", list_heads, ("kv", "query"))]
    per_list = np.zeros((batch, tq, lists, blocks))
    for b in range(batch):
        used = visible[b].any(axis=0)  # storage that nobody sees may hold NaN
        for h in range(heads):
            g = h // (heads // groups)
            row_lse = lse[b, :, h]
            score = factor * (q[b, :, h] @ kc[b, used, g].T)  # [Tq, used]
            seen = visible[b][:, used] & (row_lse != -np.inf)[:, None]
            with np.errstate(over="ignore", invalid="ignore"):
                p = np.where(seen, np.exp(score - row_lse[:, None]), 0.0)
            per_list[b, :, h // (heads // lists), used] += p.T

    count = -(-kv_max // select)
    overlap = overlap_weights(blocks, count, length, stride, select)  # [Tc, Ns]
    if _one_of("score_map", score_map, ("overlap", "max")) == "overlap":
        return per_list @ overlap
    p = np.zeros((batch, tq, lists, count))
    for j in range(count):
        support = overlap[:, j] > 0
        if support.any():
            p[..., j] = per_list[..., support].max(axis=-1)
    return p


def overlap_weights(
    blocks: int,
    count: int,
    compression_block: int,
    compression_stride: int,
    selection_block: int,
) -> F64:
    """``[Tc, Ns]``: the stride-sized sub-blocks that block ``i`` and block ``j`` share."""
    per_compressed = compression_block // compression_stride
    per_selected = selection_block // compression_stride
    i = np.arange(blocks)[:, None]
    j = np.arange(count)[None, :]
    weights = np.zeros((blocks, count))
    for m in range(per_compressed):
        sub_block = i + m
        weights += (sub_block >= j * per_selected) & (sub_block < (j + 1) * per_selected)
    return weights


def select_top_n(
    p: ArrayLike,
    *,
    selection_block: int,
    top_n: int,
    initial: int = 1,
    local: int = 2,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    causal: bool = True,
) -> NDArray[np.int32]:
    """The blocks of each row: ``idx [B, Tq, Gi, n]`` i32, ascending, then -1.

    p ``[B, Tq, Gi, Ns]`` is read as float32; the answer is exact. ``q_offset``
    is required when causal or ``local > 0``; ``kv_len`` is unbounded by default.
    """
    with np.errstate(over="ignore"):
        p = np.asarray(p).astype(np.float32)
    batch, tq, lists, count = p.shape
    _at_least("selection_block", selection_block, 1)
    _at_least("initial", initial, 0)
    _at_least("local", local, 0)
    if top_n < 1 or top_n < initial + local:
        raise ValueError(
            f"top_n ({top_n}) must be at least 1 and initial ({initial}) + local ({local})"
        )
    if q_offset is None and (causal or local > 0):
        raise ValueError("q_offset is required when causal or local > 0")
    pos = positions(0 if q_offset is None else q_offset, batch, tq)
    limit = limits(pos, UNBOUNDED if kv_len is None else kv_len, causal)

    idx = np.full((batch, tq, lists, top_n), -1, dtype=np.int32)
    for b in range(batch):
        for t in range(tq):
            candidates = [j for j in range(count) if j * selection_block < limit[b, t]]
            forced = forced_blocks(int(pos[b, t]), candidates, selection_block, initial, local)
            for gi in range(lists):
                row = p[b, t, gi].tolist()
                free = [j for j in candidates if j not in forced and row[j] != -math.inf]
                free.sort(key=lambda j: rank(row[j], j))
                chosen = sorted([*forced, *free[: top_n - len(forced)]])
                idx[b, t, gi, : len(chosen)] = chosen
    return idx


def forced_blocks(
    pos: int, candidates: Sequence[int], selection_block: int, initial: int, local: int
) -> list[int]:
    """The candidates that are taken whatever their score."""
    own = pos // selection_block
    return [j for j in candidates if j < initial or own - local < j <= own]


def rank(score: float, block: int) -> tuple[bool, float, int]:
    """Sort key of a block: highest score first, NaN last, ties to the lowest block."""
    if math.isnan(score):
        return (True, 0.0, block)
    return (False, -score, block)


def selected_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    idx: ArrayLike,
    *,
    selection_block: int,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    causal: bool = True,
    scale: float | None = None,
) -> tuple[F64, F64]:
    """Softmax attention over the visible tokens of the listed blocks: ``o, lse``.

    idx ``[B, Tq, Gi, N]`` with ``Gi`` in {1, G, H}, any width and order;
    negative entries are skipped, repeats count once.
    """
    q, k, v = _f64(q), _f64(k), _f64(v)
    lists, heads, groups = np.shape(idx)[2], q.shape[2], k.shape[2]
    if lists not in (1, groups, heads):
        raise ValueError(f"idx has {lists} lists, expected 1, {groups} or {heads}")
    _at_least("selection_block", selection_block, 1)
    _, limit = _token_rows(q, k, q_offset, kv_len, causal)
    visible = selected_mask(limit, idx, k.shape[1], selection_block)
    return softmax_attention(q, k, v, visible, scale)


def window_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    window: int,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    causal: bool = True,
    scale: float | None = None,
) -> tuple[F64, F64]:
    """Softmax attention over the last ``w`` tokens (``|u - pos| < w`` if not causal)."""
    q, k, v = _f64(q), _f64(k), _f64(v)
    _at_least("window", window, 1)
    pos, limit = _token_rows(q, k, q_offset, kv_len, causal)
    visible = window_mask(pos, limit, k.shape[1], window, causal)
    return softmax_attention(q, k, v, visible, scale)


def gate(outputs: Sequence[ArrayLike], gates: ArrayLike, activation: str = "none") -> F64:
    """``o = sum_i act(gates[..., i]) * outputs[i]``.

    outputs: ``N`` arrays ``[B, Tq, H, Dv]``; gates ``[B, Tq, H, N]``.
    """
    weights = gate_activation(_f64(gates), activation)
    if len(outputs) == 0 or weights.shape[-1] != len(outputs):
        raise ValueError(f"{weights.shape[-1]} gates for {len(outputs)} outputs")
    o = np.zeros(np.shape(outputs[0]))
    for i, output in enumerate(outputs):
        o += weights[..., i, None] * _f64(output)
    return o


def merge(
    outputs: Sequence[ArrayLike], lses: Sequence[ArrayLike], sink: ArrayLike | None = None
) -> tuple[F64, F64]:
    """One softmax over disjoint key sets: ``o, lse``.

    outputs: arrays ``[B, Tq, H, Dv]``; lses: as many ``[B, Tq, H]``; sink
    ``[H]``: one more score per head, whose value is zero.
    """
    if len(outputs) == 0 or len(outputs) != len(lses):
        raise ValueError(f"{len(outputs)} outputs and {len(lses)} lse")
    parts = [_f64(one) for one in lses]
    terms = list(parts)
    if sink is not None:
        terms.append(np.broadcast_to(_f64(sink), parts[0].shape))
    lse = log_sum_exp(np.stack(terms))
    o = np.zeros(np.shape(outputs[0]))
    for part, output in zip(parts, outputs, strict=True):
        weight = np.zeros_like(lse)
        seen = part != -np.inf
        weight[seen] = np.exp(part[seen] - lse[seen])
        o += np.where(weight[..., None] == 0, 0.0, weight[..., None] * _f64(output))
    return o, lse


@dataclass(frozen=True)
class Attention:
    """Everything that ``attention`` computes; ``kc`` .. ``idx`` as its parts received them."""

    o: F64
    kc: F64
    vc: F64
    o_cmp: F64
    lse_cmp: F64
    scores: F64
    idx: NDArray[np.int32]
    o_slc: F64
    lse_slc: F64
    o_win: F64
    lse_win: F64


def attention(
    q: ArrayLike,
    k_cmp: ArrayLike,
    v_cmp: ArrayLike,
    k_slc: ArrayLike,
    v_slc: ArrayLike,
    k_win: ArrayLike,
    v_win: ArrayLike,
    gates: ArrayLike,
    *,
    compression_block: int,
    compression_stride: int,
    selection_block: int,
    top_n: int,
    window: int,
    initial: int = 1,
    local: int = 2,
    q_offset: Extent | None = None,
    kv_len: Extent | None = None,
    k_phi: str = "mean",
    v_phi: str = "mean",
    k_params: Sequence[ArrayLike] = (),
    v_params: Sequence[ArrayLike] = (),
    k_pe: ArrayLike | None = None,
    v_pe: ArrayLike | None = None,
    k_activation: str = "gelu",
    v_activation: str = "gelu",
    gate_activation: str = "none",
    score_map: str = "overlap",
    list_heads: str = "kv",
    causal: bool = True,
    scale: float | None = None,
    idx: ArrayLike | None = None,
) -> Attention:
    """The whole mechanism; gates ``[B, Tq, H, 3]``: compressed, selected, window.

    Compressed keys and values are rounded to q's element type and the lse and
    the scores to float32, because that is what the next op receives; branch
    outputs stay float64. ``idx``, when given, replaces the selection's lists:
    it serves to judge a result whose own lists are known.
    """
    storage = np.asarray(q).dtype
    q, k_cmp = np.asarray(q), np.asarray(k_cmp)
    batch, tokens = k_cmp.shape[:2]
    if q_offset is None:
        if kv_len is not None:
            raise ValueError("kv_len needs q_offset")
        q_offset = tokens - q.shape[1]
    length = np.minimum(_per_batch("kv_len", tokens if kv_len is None else kv_len, batch), tokens)
    extent: dict[str, Any] = {"q_offset": q_offset, "kv_len": length, "causal": causal}
    blocking: dict[str, Any] = {
        "compression_block": compression_block,
        "compression_stride": compression_stride,
    }

    kc = round_to(
        compress(k_cmp, k_phi, params=k_params, pe=k_pe, activation=k_activation, **blocking),
        storage,
    )
    vc = round_to(
        compress(v_cmp, v_phi, params=v_params, pe=v_pe, activation=v_activation, **blocking),
        storage,
    )
    o_cmp, lse_cmp = compressed_attention(q, kc, vc, scale=scale, **blocking, **extent)
    scores = block_scores(
        q,
        kc,
        round_to(lse_cmp, np.float32),
        tokens,
        selection_block=selection_block,
        score_map=score_map,
        list_heads=list_heads,
        scale=scale,
        **blocking,
        **extent,
    )
    chosen = select_top_n(
        round_to(scores, np.float32),
        selection_block=selection_block,
        top_n=top_n,
        initial=initial,
        local=local,
        **extent,
    )
    if idx is not None:
        chosen = np.asarray(idx).astype(np.int32)
    o_slc, lse_slc = selected_attention(
        q, k_slc, v_slc, chosen, selection_block=selection_block, scale=scale, **extent
    )
    o_win, lse_win = window_attention(q, k_win, v_win, window=window, scale=scale, **extent)
    o = gate([o_cmp, o_slc, o_win], gates, gate_activation)
    return Attention(o, kc, vc, o_cmp, lse_cmp, scores, chosen, o_slc, lse_slc, o_win, lse_win)


# --- Arithmetic ---------------------------------------------------------------


def softmax_attention(
    q: F64, k: F64, v: F64, visible: Bool, scale: float | None = None
) -> tuple[F64, F64]:
    """Softmax attention under a mask ``visible [B, Tq, X, Tk]``, X dividing H.

    Head ``h`` reads key/value head ``h / R`` and mask ``h / (H/X)``. A row that
    sees no key has ``o = 0`` and ``lse = -inf``.
    """
    batch, tq, heads, _ = q.shape
    groups, masks = k.shape[2], visible.shape[2]
    if heads % groups:
        raise ValueError(f"heads ({heads}) must be a multiple of groups ({groups})")
    factor = _scale(scale, q.shape[-1])
    o = np.zeros((batch, tq, heads, v.shape[-1]))
    lse = np.full((batch, tq, heads), -np.inf)
    for b in range(batch):
        for h in range(heads):
            g = h // (heads // groups)
            mask = visible[b, :, h // (heads // masks)]  # [Tq, Tk]
            used = mask.any(axis=0)  # storage that nobody sees may hold NaN
            score = factor * (q[b, :, h] @ k[b, used, g].T)
            score = np.where(mask[:, used], score, -np.inf)
            lse[b, :, h] = log_sum_exp(score.T)
            sees = mask.any(axis=1)
            p = np.exp(score[sees] - lse[b, sees, h, None])
            o[b, sees, h] = p @ v[b, used, g]
    return o, lse


def log_sum_exp(terms: F64) -> F64:
    """``log sum exp`` over axis 0 (which may be empty); -inf where all terms are."""
    if terms.shape[0] == 0:
        return np.full(terms.shape[1:], -np.inf)
    largest = terms.max(axis=0)
    shift = np.where(largest == -np.inf, 0.0, largest)
    with np.errstate(divide="ignore"):
        total: F64 = shift + np.log(np.exp(terms - shift).sum(axis=0))
    return total


_erf = np.vectorize(math.erf, otypes=[np.float64])


def activate(x: F64, activation: str) -> F64:
    """Activation of the hidden layer of an ``mlp`` compression."""
    if activation == "gelu":
        erf: F64 = _erf(x / math.sqrt(2.0))
        return 0.5 * x * (1.0 + erf)
    if activation == "silu":
        return x * sigmoid(x)
    if activation == "relu":
        return np.maximum(x, 0.0)
    raise ValueError(f"activation is '{activation}', expected gelu, silu or relu")


def gate_activation(gates: F64, activation: str) -> F64:
    """What a gate becomes before it multiplies."""
    if activation == "none":
        return gates
    if activation == "sigmoid":
        return sigmoid(gates)
    raise ValueError(f"gate activation is '{activation}', expected none or sigmoid")


def sigmoid(x: F64) -> F64:
    """``1 / (1 + exp(-x))`` without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def round_to(x: F64, dtype: DTypeLike) -> F64:
    """``x`` as it looks after storage in ``dtype``, again as float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        return x.astype(dtype).astype(np.float64)


# --- Argument checks ----------------------------------------------------------


def _f64(x: ArrayLike) -> F64:
    return np.asarray(x).astype(np.float64)


def _per_batch(name: str, value: Extent, batch: int) -> NDArray[np.int64]:
    array = np.asarray(value).astype(np.int64)
    if array.ndim == 0:
        return np.full(batch, array)
    if array.shape != (batch,):
        raise ValueError(f"{name} has shape {array.shape}, expected ({batch},)")
    return array


def _rows(
    q: F64, q_offset: Extent | None, kv_len: Extent | None, causal: bool, needs_offset: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions and limits where the number of keys is not known from an operand."""
    if q_offset is None and needs_offset:
        raise ValueError("q_offset is required when causal")
    pos = positions(0 if q_offset is None else q_offset, q.shape[0], q.shape[1])
    return pos, limits(pos, UNBOUNDED if kv_len is None else kv_len, causal)


def _token_rows(
    q: F64, k: F64, q_offset: Extent | None, kv_len: Extent | None, causal: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions and limits of an op with token-level keys."""
    keys = k.shape[1]
    if q_offset is None:
        if kv_len is not None:
            raise ValueError("kv_len needs q_offset")
        q_offset = keys - q.shape[1]
    length = _per_batch("kv_len", keys if kv_len is None else kv_len, q.shape[0])
    pos = positions(q_offset, q.shape[0], q.shape[1])
    return pos, limits(pos, np.minimum(length, keys), causal)


def _scale(scale: float | None, dk: int) -> float:
    if scale is None:
        return 1.0 / math.sqrt(dk)
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale ({scale}) must be finite and positive")
    return scale


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} ({value}) must be at least {least}")


def _one_of(what: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{what} is '{value}', expected one of {', '.join(allowed)}")
    return value


def _check_params(
    phi: str, shapes: Sequence[tuple[int, ...]], groups: int, length: int, dim: int
) -> None:
    hidden = shapes[0][1] if phi == "mlp" and shapes and len(shapes[0]) == 2 else 0
    expected: dict[str, list[tuple[int, ...]]] = {
        "mean": [],
        "weighted": [(groups, length)],
        "linear": [(groups, length * dim, dim)],
        "mlp": [(length * dim, hidden), (hidden,), (hidden, dim), (dim,)],
    }
    _one_of("phi", phi, tuple(expected))
    if list(shapes) != expected[phi]:
        raise ValueError(f"params of {phi} have shapes {list(shapes)}, expected {expected[phi]}")
