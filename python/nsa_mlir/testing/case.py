# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A case: one op, or one chain of ops, with one configuration and one kind of data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

DTYPES: dict[str, Any] = {
    "f32": np.dtype(np.float32),
    "f16": np.dtype(np.float16),
    "bf16": np.dtype(ml_dtypes.bfloat16),
    "i32": np.dtype(np.int32),
}

SINGLE_OPS = (
    "compress",
    "compressed_attention",
    "block_scores",
    "select_top_n",
    "selected_attention",
    "window_attention",
    "gate",
    "merge",
)
# attention: o alone; attention_aux: with return_aux; branches: every
# intermediate result; shards_*: two key shards and a merge; example_*: the text
# of nsa_mlir.example; file_*: a file of docs/examples.
CHAINS = (
    "attention",
    "attention_aux",
    "branches",
    "shards_compressed",
    "shards_selected",
    "shards_window",
    "example_forward",
    "example_forward_aux",
    "example_branches",
    "example_selection",
    "example_window",
    "file_nsa_forward",
    "file_nsa_branches",
    "file_nsa_decode",
    "file_infllm_v2",
    "file_window_sink",
)

Extent = int | tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """What is computed, on what. Fields that the op does not have are ignored."""

    op: str
    name: str = ""
    dtype: str = "f32"
    batch: int = 1
    tq: int = 150
    tk: int = 150
    heads: int = 4
    groups: int = 2
    dk: int = 32
    dv: int = 32
    compression_block: int = 8
    compression_stride: int = 4
    selection_block: int = 16
    top_n: int = 4
    initial: int = 1
    local: int = 2
    window: int = 20
    causal: bool = True
    scale: float | None = None
    # None: absent where the op allows it, else Tk - Tq and unbounded.
    q_offset: Extent | None = None
    kv_len: Extent | None = None
    # Of block_scores; None: Tk.
    kv_max: int | None = None
    # Which sizes the types show: none, all, batch, tokens. With all and tokens
    # offsets and lengths that are one number become constants too.
    static: str = "none"
    # normal, peaked, large, outlier, equal; for select_top_n's p also ties, special.
    data: str = "normal"
    # Storage at or beyond kv_len holds NaN.
    nan_tail: bool = False
    # kv, query, or one (one list for all heads; not of block_scores).
    list_heads: str = "kv"
    # Of selected_attention: unique (as select_top_n makes them), or wild.
    lists: str = "unique"
    score_map: str = "overlap"
    # block_scores: lse of other, coarser keys, so that p may exceed 1.
    foreign_lse: bool = False
    phi: str = "mean"
    pe: bool = False
    activation: str = "gelu"
    v_phi: str = "mean"
    v_pe: bool = False
    v_activation: str = "gelu"
    hidden: int = 24
    # Element type of phi's parameters and of gates: f32, or input.
    param_dtype: str = "f32"
    # Inputs of gate and merge.
    parts: int = 3
    gate_activation: str = "none"
    sink: bool = False
    seed: int = 1

    @property
    def compressed(self) -> int:
        """Compressed keys, Tc."""
        return self.compressed_of(self.tk)

    def compressed_of(self, tokens: int) -> int:
        """Compressed keys of ``tokens`` tokens."""
        if tokens < self.compression_block:
            return 0
        return (tokens - self.compression_block) // self.compression_stride + 1

    @property
    def score_extent(self) -> int:
        """kv_max of block_scores."""
        return self.tk if self.kv_max is None else self.kv_max

    @property
    def blocks(self) -> int:
        """Selection blocks, Ns."""
        return -(-self.score_extent // self.selection_block)

    @property
    def list_count(self) -> int:
        """Lists per row, Gi."""
        return {"kv": self.groups, "query": self.heads, "one": 1}[self.list_heads]

    @property
    def storage(self) -> Any:
        """numpy's name of the element type."""
        return DTYPES[self.dtype]

    @property
    def storage_of_params(self) -> Any:
        """numpy's name of the element type of parameters and gates."""
        return DTYPES["f32"] if self.param_dtype == "f32" else self.storage

    @property
    def offset(self) -> NDArray[np.int64]:
        """q_offset per batch entry, the default applied."""
        return self._per_batch(self.tk - self.tq if self.q_offset is None else self.q_offset)

    @property
    def length(self) -> NDArray[np.int64]:
        """kv_len per batch entry, the default (all tokens) applied."""
        return self._per_batch(self.tk if self.kv_len is None else self.kv_len)

    def _per_batch(self, value: Extent) -> NDArray[np.int64]:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), (self.batch,))

    def describe(self) -> str:
        """The name, or what differs from the defaults."""
        if self.name:
            return f"{self.op}/{self.name}/{self.dtype}"
        return f"{self.op} {self.to_json()}"

    def to_json(self) -> str:
        """All that differs from the defaults, for ``--json``."""
        default = Case(self.op)
        differing = {
            key: value
            for key, value in asdict(self).items()
            if key in ("op",) or value != getattr(default, key)
        }
        return json.dumps(differing)

    @staticmethod
    def from_json(text: str) -> Case:
        """The case of ``to_json``."""
        entries = json.loads(text)
        known = {field.name for field in fields(Case)}
        unknown = sorted(set(entries) - known)
        if unknown:
            raise ValueError(f"no such field of a case: {', '.join(unknown)}")
        if entries.get("op") not in (*SINGLE_OPS, *CHAINS):
            expected = ", ".join((*SINGLE_OPS, *CHAINS))
            raise ValueError(f"op of a case is {entries.get('op')}, expected one of {expected}")
        for key in ("q_offset", "kv_len"):
            if isinstance(entries.get(key), list):
                entries[key] = tuple(entries[key])
        return Case(**entries)

    def but(self, **changes: Any) -> Case:
        """A copy with other values."""
        return replace(self, **changes)


def names(cases: Sequence[Case]) -> list[str]:
    """What ``--list`` prints."""
    return [case.describe() for case in cases]
