# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The one comparison of computed results with the float64 reference.

It implements the section "Accuracy that tests must demand" of docs/Spec.md. A
norm over the whole tensor lets a window off by one, a leaked future key or a
zeroed row pass, so the main measure is per row.

Every function takes what an op returned (``got``, in its stored type) and what
the reference says (``ref``, float64), raises ``Mismatch`` with the op, the row,
the measured and the allowed value, and otherwise returns how much of the
tolerance was used: 0 is exact, 1 is just allowed. In every function

* shapes and element types are checked first, then NaN, then infinities, which
  must match, and only then the values;
* where the reference itself is NaN (the inputs were) nothing is demanded.

``bound`` is the ``M`` of that section, see ``score_bound``. ``yardstick`` is
what the error of a row is measured against: the 2-norm of its reference unless
a sum may cancel, see ``gated_yardstick``, ``merged_yardstick`` and, for
``compress``, phi evaluated on absolute values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
F64 = NDArray[np.float64]

# |err| <= ROW * yardstick for every row; f32 depends on the scores' magnitude.
ROW_TOLERANCE = {"bfloat16": 1e-2, "float16": 2e-3}
# The same over the whole tensor: rounding errors do not all point one way.
WHOLE_TOLERANCE = {"bfloat16": 4e-3, "float16": 5e-4}
SCORE_FLOOR = 1e-27


class Mismatch(AssertionError):
    """A result that the contract does not allow."""


# --- What errors are measured against -----------------------------------------


def score_bound(q: ArrayLike, k: ArrayLike, visible: ArrayLike, scale: float | None) -> F64:
    """``M[b, t, h] = scale * |q| * max |k|`` over the keys visible to the row.

    visible ``[B, Tq, X, Tk]`` with X dividing H, as the reference's masks.
    """
    q64, k64 = np.asarray(q).astype(np.float64), np.asarray(k).astype(np.float64)
    mask = np.asarray(visible)
    heads, groups = q64.shape[2], k64.shape[2]
    factor = 1.0 / math.sqrt(q64.shape[-1]) if scale is None else scale
    lengths = _norm(k64)  # [B, Tk, G]; NaN where storage is
    longest = np.zeros(q64.shape[:3])
    if mask.shape[-1]:
        for h in range(heads):
            seen = mask[:, :, h // (heads // mask.shape[2]), :]
            key = lengths[:, None, :, h // (heads // groups)]
            longest[:, :, h] = np.where(seen, key, 0.0).max(axis=-1)
    return factor * _norm(q64) * longest


def list_bound(bound: F64, lists: int) -> F64:
    """The maximum of ``M [B, Tq, H]`` over the heads of each list: ``[B, Tq, Gi]``."""
    batch, tq, heads = bound.shape
    per_list = bound.reshape(batch, tq, lists, heads // lists)
    return np.asarray(per_list.max(axis=-1), dtype=np.float64)


def gated_yardstick(gates: F64, outputs: Sequence[F64]) -> F64:
    """``sum_i |g_i| |o_i|`` per row; gates ``[B, Tq, H, N]`` after activation."""
    return sum_of([np.abs(gates[..., i]) * _norm(o) for i, o in enumerate(outputs)])


def merged_yardstick(lse: F64, lses: Sequence[F64], outputs: Sequence[F64]) -> F64:
    """``sum_i exp(lse_i - lse) |o_i|`` per row."""
    terms = []
    for part, output in zip(lses, outputs, strict=True):
        seen = part != -np.inf
        terms.append(np.where(seen, np.exp(np.where(seen, part - _zero_inf(lse), 0.0)), 0.0))
        terms[-1] = terms[-1] * _norm(output)
    return sum_of(terms)


def sum_of(terms: Sequence[F64]) -> F64:
    """Elementwise sum of equally shaped arrays."""
    total = np.zeros_like(terms[0])
    for term in terms:
        total = total + term
    return total


# --- Values -------------------------------------------------------------------


def compare_output(
    op: str,
    got: Array,
    ref: F64,
    *,
    bound: F64 | float = 0.0,
    yardstick: F64 | None = None,
    name: str = "o",
    axes: str = "bth",
) -> float:
    """o, gated or merged o, or c: the error of each row in the 2-norm.

    got and ref ``[.., .., .., D]``; the first three axes name the row. The
    tolerance follows from got's element type: float32, float16 or bfloat16.
    """
    what = f"{op} {name}"
    _check_type(what, got, ref.shape, ("float32", "float16", "bfloat16"))
    value = got.astype(np.float64)
    _check_finite(what, value, ref, axes + "e")
    if not ref.size:
        return 0.0
    known = ~np.isnan(ref).any(axis=-1)
    error = np.where(known, _norm(_difference(value, ref)), 0.0)
    against = np.where(known, _norm(_zero_inf(ref)) if yardstick is None else yardstick, 0.0)
    kind = got.dtype.name
    tolerance = ROW_TOLERANCE[kind] if kind in ROW_TOLERANCE else 1e-5 + 1e-6 * bound
    used = _check_within(f"{what} ({kind}): error of a row", error, tolerance * against, axes)
    if kind in WHOLE_TOLERANCE:
        whole = np.linalg.norm(error)
        allowed = WHOLE_TOLERANCE[kind] * np.linalg.norm(against)
        if not whole <= allowed:
            raise Mismatch(
                f"{what} ({kind}): error of the whole tensor is {whole:.3g}, "
                f"allowed is {allowed:.3g}"
            )
        used = max(used, _ratio(float(whole), float(allowed)))
    return used


def compare_lse(op: str, got: Array, ref: F64, *, bound: F64 | float, name: str = "lse") -> float:
    """lse ``[B, Tq, H]``: ``|err| <= 1e-5 + 1e-6 * M`` for every input type."""
    what = f"{op} {name}"
    _check_type(what, got, ref.shape, ("float32",))
    value = got.astype(np.float64)
    _check_finite(what, value, ref, "bth")
    allowed = np.broadcast_to(1e-5 + 1e-6 * np.asarray(bound, dtype=np.float64), ref.shape)
    return _check_within(what, np.abs(_difference(value, ref)), allowed, "bth")


def compare_scores(op: str, got: Array, ref: F64, *, bound: F64, name: str = "p") -> float:
    """p ``[B, Tq, Gi, Ns]``: ``|err| <= (1e-4 + 2e-6 * M) * ref + 1e-27``.

    bound ``[B, Tq, Gi]`` is the maximum of M over the list's heads.
    """
    what = f"{op} {name}"
    _check_type(what, got, ref.shape, ("float32",))
    value = got.astype(np.float64)
    _check_finite(what, value, ref, "btgj")
    allowed = (1e-4 + 2e-6 * bound)[..., None] * np.abs(_zero_inf(ref)) + SCORE_FLOOR
    return _check_within(what, np.abs(_difference(value, ref)), allowed, "btgj")


# --- Lists --------------------------------------------------------------------


def compare_lists(op: str, got: Array, ref: Array, *, name: str = "idx") -> float:
    """``select_top_n`` on a given p: bit-exact, ties and infinities included."""
    what = f"{op} {name}"
    _check_type(what, got, ref.shape, ("int32",))
    wrong = (got != ref).any(axis=-1)
    if wrong.any():
        row = _first(wrong)
        raise Mismatch(
            f"{what}: {_where('btg', row)}: the list is {got[row].tolist()}, "
            f"allowed is only {np.asarray(ref)[row].tolist()}{_count(wrong)}"
        )
    return 0.0


def compare_selection(
    op: str,
    got: Array,
    scores: F64,
    *,
    bound: F64,
    positions: NDArray[np.int64],
    kv_len: NDArray[np.int64],
    selection_block: int,
    top_n: int,
    initial: int,
    local: int,
    causal: bool,
    hidden_rounded_keys: bool = False,
    name: str = "idx",
) -> float:
    """A list found end to end, against the reference's scores ``[B, Tq, Gi, Ns]``.

    Its structure is exact: ascending, unique, every forced block present, as
    many blocks as there can be, then -1. Among the rest, no unselected
    candidate may outscore a selected one by more than
    ``(1e-4 + 2e-6 * M) * boundary + 1e-27``, where the boundary is the lowest
    score that the reference would select. ``hidden_rounded_keys``: the
    implementation keeps compressed keys to itself and they are not f32, which
    allows 1e-3 in place of 1e-4. positions ``[B, Tq]``, kv_len ``[B]``, bound
    ``[B, Tq, Gi]``.
    """
    what = f"{op} {name}"
    batch, tq, lists, count = scores.shape
    _check_type(what, got, (batch, tq, lists, top_n), ("int32",))
    relative = 1e-3 if hidden_rounded_keys else 1e-4
    used = 0.0
    for b, t in np.ndindex(batch, tq):
        candidates, forced = _candidates(
            int(positions[b, t]), int(kv_len[b]), count, selection_block, initial, local, causal
        )
        expected = min(top_n, len(candidates))
        for gi in range(lists):
            row = got[b, t, gi].tolist()
            place = f"{what}: {_where('btg', (b, t, gi))}: the list {row}"
            chosen, tail = row[:expected], row[expected:]
            if any(j not in candidates for j in chosen) or any(j != -1 for j in tail):
                raise Mismatch(
                    f"{place} must hold {expected} of the blocks 0..{len(candidates) - 1}, then -1"
                )
            if any(a >= c for a, c in itertools.pairwise(chosen)):
                raise Mismatch(f"{place} must be ascending and unique")
            if not forced <= set(chosen):
                raise Mismatch(f"{place} must contain the forced blocks {sorted(forced)}")
            free = [j for j in candidates if j not in forced]
            taken = [j for j in free if j in chosen]
            left = [j for j in free if j not in chosen]
            if not taken or not left:
                continue
            score = scores[b, t, gi]
            if np.isnan(score[free]).any():
                continue
            boundary = np.sort(score[free])[-len(taken)]
            worst, best = min(taken, key=lambda j: score[j]), max(left, key=lambda j: score[j])
            if score[best] <= score[worst]:
                continue
            gap = score[best] - score[worst]
            allowed = (relative + 2e-6 * bound[b, t, gi]) * boundary + SCORE_FLOOR
            if not gap <= allowed:
                raise Mismatch(
                    f"{place} has block {worst} (score {score[worst]:.6g}) but not block {best} "
                    f"(score {score[best]:.6g}): the difference is {gap:.3g}, "
                    f"allowed is {allowed:.3g}"
                )
            used = max(used, _ratio(float(gap), float(allowed)))
    return used


def undecided_lists(
    scores: F64,
    *,
    bound: F64,
    positions: NDArray[np.int64],
    kv_len: NDArray[np.int64],
    selection_block: int,
    top_n: int,
    initial: int,
    local: int,
    causal: bool,
    hidden_rounded_keys: bool = False,
) -> NDArray[np.bool_]:
    """``[B, Tq, Gi]``: could two right implementations choose different blocks?

    Where an op does not return its lists, its output can be judged only in the
    other rows: those in which the last block that is taken outscores the first
    that is left by more than ``compare_selection`` allows. Scores that are
    exactly 0 (no visible compressed block) are 0 everywhere, so ties among them
    are decided by the rule. Arguments are those of ``compare_selection``.
    """
    undecided = np.zeros(scores.shape[:3], dtype=bool)
    relative = 1e-3 if hidden_rounded_keys else 1e-4
    for b, t in np.ndindex(scores.shape[:2]):
        candidates, forced = _candidates(
            int(positions[b, t]),
            int(kv_len[b]),
            scores.shape[3],
            selection_block,
            initial,
            local,
            causal,
        )
        free = [j for j in candidates if j not in forced]
        taken = top_n - len(forced)
        if not 0 < taken < len(free):
            continue
        for gi in range(scores.shape[2]):
            ordered = np.sort(scores[b, t, gi, free])[::-1]
            last, first = ordered[taken - 1], ordered[taken]
            allowed = (relative + 2e-6 * bound[b, t, gi]) * last + SCORE_FLOOR
            undecided[b, t, gi] = last > 0 and last - first <= allowed
    return undecided


# --- Helpers ------------------------------------------------------------------


def _candidates(
    pos: int,
    kv_len: int,
    count: int,
    selection_block: int,
    initial: int,
    local: int,
    causal: bool,
) -> tuple[range, set[int]]:
    """The blocks a row may choose from, and those it must choose."""
    limit = min(kv_len, pos + 1) if causal else kv_len
    candidates = range(min(count, max(0, -(-limit // selection_block))))
    own = pos // selection_block
    return candidates, {j for j in candidates if j < initial or own - local < j <= own}


def _norm(x: F64) -> F64:
    return np.asarray(np.linalg.norm(x, axis=-1), dtype=np.float64)


def _zero_inf(x: F64) -> F64:
    """Infinities have been compared already; keep them out of the arithmetic."""
    return np.where(np.isinf(x), 0.0, x)


def _difference(value: F64, ref: F64) -> F64:
    """``value - ref`` where both are finite, else 0 (NaN and infinity are checked before)."""
    plain = np.isfinite(value) & np.isfinite(ref)
    return np.where(plain, np.where(plain, value, 0.0) - np.where(plain, ref, 0.0), 0.0)


def _check_type(what: str, got: Array, shape: tuple[int, ...], types: tuple[str, ...]) -> None:
    if got.shape != shape:
        raise Mismatch(f"{what}: shape is {got.shape}, the reference has {shape}")
    if got.dtype.name not in types:
        raise Mismatch(f"{what}: element type is {got.dtype.name}, allowed: {', '.join(types)}")


def _check_finite(what: str, value: F64, ref: F64, axes: str) -> None:
    judged = ~np.isnan(ref)
    nan = judged & np.isnan(value)
    if nan.any():
        at = _first(nan)
        raise Mismatch(f"{what}: {_where(axes, at)} is NaN, allowed is {ref[at]:.6g}{_count(nan)}")
    infinite = judged & (np.isinf(value) | np.isinf(ref)) & (value != ref)
    if infinite.any():
        at = _first(infinite)
        raise Mismatch(
            f"{what}: {_where(axes, at)} is {value[at]:.6g}, allowed is {ref[at]:.6g}: "
            f"infinities must match{_count(infinite)}"
        )


def _check_within(what: str, error: F64, allowed: F64, axes: str) -> float:
    """Every error within its own allowance; returns the largest share used."""
    if not error.size:
        return 0.0
    wrong = ~(error <= allowed)
    excess = np.where(
        error == 0,
        0.0,
        np.divide(error, allowed, out=np.full(error.shape, np.inf), where=allowed > 0),
    )
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    if wrong.any():
        raise Mismatch(
            f"{what}: {_where(axes, at)}: measured is {error[at]:.3g}, "
            f"allowed is {allowed[at]:.3g}{_count(wrong)}"
        )
    return float(excess[at])


def _ratio(error: float, allowed: float) -> float:
    return 0.0 if error == 0 else error / allowed


def _first(wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(wrong)[0])


def _where(axes: str, at: Sequence[int]) -> str:
    return "row (" + ", ".join(f"{axis}={i}" for axis, i in zip(axes, at, strict=True)) + ")"


def _count(wrong: NDArray[np.bool_]) -> str:
    total = int(wrong.sum())
    return "" if total == 1 else f" (and {total - 1} more of {wrong.size})"
