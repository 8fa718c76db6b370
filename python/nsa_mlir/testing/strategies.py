# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random configurations, drawn by hypothesis; the same seed draws the same ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from nsa_mlir.testing.case import Case
from nsa_mlir.testing.cases import SHARDS

# How often each op is drawn.
WEIGHTS = {
    "compress": 3,
    "compressed_attention": 4,
    "block_scores": 4,
    "select_top_n": 4,
    "selected_attention": 6,
    "window_attention": 4,
    "gate": 1,
    "merge": 1,
    "attention": 1,
    "attention_aux": 4,
    "branches": 4,
    "shards_compressed": 1,
    "shards_selected": 1,
    "shards_window": 1,
}
HEAD_SIZES = (8, 12, 16, 20, 32, 33, 60, 64, 96, 128)
PHIS = ("mean", "mean", "weighted", "linear", "mlp")


# Hypothesis draws one string of bytes for a case: drawn field by field, most of
# its examples would be mutations of each other and tiny.
CHOICES, BYTES = 100, 4


class Choices:
    """Decisions read off a string of bytes; zeros take the first, simplest choice."""

    def __init__(self, entropy: bytes) -> None:
        self.entropy, self.at = entropy, 0

    def number(self, count: int) -> int:
        """One of ``0 .. count - 1``."""
        value = int.from_bytes(self.entropy[self.at : self.at + BYTES], "little")
        self.at += BYTES
        return value % count

    def pick(self, *values: Any) -> Any:
        """One of ``values``."""
        return values[self.number(len(values))]

    def between(self, low: int, high: int) -> int:
        """One of ``low .. high``."""
        return low + self.number(max(1, high - low + 1))

    def rarely(self) -> bool:
        """Once in twelve."""
        return self.number(12) == 11


def random_case(ops: tuple[str, ...]) -> st.SearchStrategy[Case]:
    """Valid cases of ``ops``."""
    size = CHOICES * BYTES
    return st.binary(min_size=size, max_size=size).map(lambda entropy: _case(entropy, ops))


def _case(entropy: bytes, ops: tuple[str, ...]) -> Case:
    choices = Choices(entropy)
    pick, between = choices.pick, choices.between
    op = pick(*[op for op in ops for _ in range(WEIGHTS[op])])
    dtype = pick("f32", "f16", "bf16")
    groups, ratio = between(1, 3), pick(1, 1, 2, 3, 4, 8)
    hides_keys = op in ("attention", "attention_aux") and dtype != "f32"

    if hides_keys:  # exact sums: every right implementation rounds keys alike
        stride = pick(1, 2, 4, 8)
        block = stride * pick(1, 2, 4)
    else:
        stride = between(1, 8)
        block = stride * between(1, 4)
    select = stride * between(block // stride, block // stride + 6)
    if op == "compress":
        stride = between(1, 12)

    tk = pick(between(40, 120), between(60, 200), between(60, 200), between(0, 160))
    tq = pick(between(8, 70), between(8, 70), between(1, 12), 1, max(1, min(tk, 70)))
    if choices.rarely():
        tk = pick(0, 1, block - 1, block)
    elif choices.rarely():
        tq = 0
    batch = 0 if choices.rarely() and choices.rarely() else pick(1, 1, 2, 2, 3)
    initial, local = pick(0, 1, 1, 2), pick(0, 1, 2, 2, 3)
    top_n = max(1, initial + local + pick(0, 1, 2, 3, 6, 30))
    if op in SHARDS:
        unit = select * stride  # a common multiple
        tk = max(tk, 2 * unit + between(0, 20))

    def offset() -> Any:
        return pick(tk - tq, tk - tq, 0, between(-tq - 5, tk + 10), between(0, tk + 1))

    def length(most: int) -> Any:
        return pick(tk, between(0, tk), between(tk // 2, tk), between(0, most))

    # Where kv_max is Tk, kv_len must not exceed it.
    most = tk if op in ("block_scores", "attention", "attention_aux", "branches") else tk + 20
    kind = pick("none", "offset", "numbers", "numbers", "per_batch", "per_batch", "mixed")
    q_offset: Any = None
    kv_len: Any = None
    if kind in ("offset", "numbers"):
        q_offset = offset()
        kv_len = length(most) if kind == "numbers" else None
    elif kind == "per_batch":
        q_offset = tuple(offset() for _ in range(batch))
        kv_len = tuple(length(most) for _ in range(batch))
    elif kind == "mixed":
        q_offset = offset()
        kv_len = tuple(length(most) for _ in range(batch))

    case = Case(
        op,
        dtype=dtype,
        batch=batch,
        tq=tq,
        tk=tk,
        heads=groups * ratio,
        groups=groups,
        dk=pick(*HEAD_SIZES),
        dv=pick(*HEAD_SIZES),
        compression_block=block if op != "compress" else between(1, 20),
        compression_stride=stride,
        selection_block=select,
        top_n=top_n,
        initial=initial,
        local=local,
        window=pick(1, 2, between(1, 40), between(1, 40), between(20, 250)),
        causal=pick(True, True, True, False),
        scale=pick(None, None, None, 0.05, 0.37, 1.5),
        q_offset=q_offset,
        kv_len=kv_len,
        static=pick("none", "none", "all", "batch", "tokens"),
        data=pick("normal", "normal", "normal", "peaked", "large", "outlier", "equal"),
        nan_tail=kv_len is not None and pick(True, False),
        list_heads=pick("kv", "kv", "query"),
        score_map=pick("overlap", "overlap", "max"),
        gate_activation=pick("none", "sigmoid"),
        param_dtype=pick("f32", "input"),
        hidden=between(1, 40),
        parts=between(1, 4),
        sink=pick(True, False),
        seed=between(0, 2**31 - 1),
    )
    if op in ("compress", "attention_aux", "attention", "branches"):
        activation = ("relu",) if hides_keys else ("gelu", "silu", "relu")
        case = case.but(
            phi=pick(*PHIS),
            pe=pick(False, True),
            activation=pick(*activation),
            v_phi=pick(*PHIS),
            v_pe=pick(False, True),
            v_activation=pick(*activation),
        )
    if op == "select_top_n":
        data = pick("normal", "ties", "ties", "special", "equal")
        case = case.but(dtype="f32", data=data, list_heads=pick("kv", "query", "one"))
    elif op in ("selected_attention", "shards_selected"):
        if pick(True, False):
            width = between(0, 12)
            case = case.but(lists="wild", top_n=width)
        case = case.but(list_heads=pick("kv", "query", "one"))
    elif op == "block_scores":
        case = case.but(foreign_lse=pick(False, False, True))
        if case.data == "large" and case.foreign_lse:
            case = case.but(data="peaked")
        if pick(False, False, True):
            case = case.but(kv_max=tk + between(0, 3 * select))
    elif op == "compress":
        case = case.but(nan_tail=False, kv_len=None, q_offset=None)
        case = case.but(data="normal" if case.data in ("outlier",) else case.data)
    elif op in ("gate", "merge"):
        case = case.but(tk=tq, data="normal" if op == "gate" else pick("normal", "large"))
        case = case.but(q_offset=None, kv_len=None, nan_tail=False)
    return case


def draw_cases(count: int, seed_value: int, ops: tuple[str, ...] = tuple(WEIGHTS)) -> list[Case]:
    """``count`` random cases; the same for the same seed."""
    drawn: list[Case] = []

    def keep(case: Case) -> None:
        drawn.append(case)

    explore(keep, count, seed_value, ops, shrink=False)
    return drawn


def explore(
    test: Callable[[Case], None],
    count: int,
    seed_value: int,
    ops: tuple[str, ...] = tuple(WEIGHTS),
    *,
    shrink: bool,
) -> None:
    """Runs ``test`` on random cases; ``shrink`` looks for the smallest one that fails."""
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @seed(seed_value)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(random_case(ops))
    def run(case: Case) -> None:
        test(case)

    run()
