# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is timed: the programs, their inputs, and how much there is to do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from nsa_mlir import example

# The blocks are the paper's, example.Configuration's.
HEADS, GROUPS, SIZE = 8, 2, 64
BYTES = {"f32": 4, "f16": 2, "bf16": 2}


@dataclass(frozen=True)
class Program:
    """A module, its entry, the shapes it is called with and returns (``1x64xf32``)."""

    text: str
    entry: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    # Operations to the formula in docs/performance/cpu.md; what dense attention does.
    flops: float
    # How many of them a contender really does, to guess how long it takes.
    work: float

    @property
    def input_bytes(self) -> int:
        return sum(map(_bytes, self.inputs))

    @property
    def output_bytes(self) -> int:
        return sum(map(_bytes, self.outputs))


def _bytes(shape: str) -> int:
    *sizes, dtype = shape.split("x")
    width = 4 if dtype == "i32" else BYTES[dtype]
    return math.prod(map(int, sizes)) * width


def configuration(
    heads: int = HEADS, groups: int = GROUPS, dtype: str = "f32"
) -> example.Configuration:
    return example.Configuration(heads=heads, groups=groups, dk=SIZE, dv=SIZE, dtype=dtype)


def dense_flops(queries: int, keys: int, c: example.Configuration) -> float:
    """A multiply and an add per key that a query sees, head and component of q and of v."""
    pairs = queries * (2 * keys - queries + 1) // 2
    return 2.0 * (c.dk + c.dv) * c.heads * pairs


def dense(tokens: int, c: example.Configuration) -> Program:
    """Causal attention over all keys."""
    flops = dense_flops(tokens, tokens, c)
    return Program(
        example.generate("window", replace(c, window=tokens)),
        "nsa_window",
        (_q(tokens, c), *[_kv(tokens, c)] * 2),
        (_q(tokens, c), f"1x{tokens}x{c.heads}xf32"),
        flops,
        flops,
    )


def forward(tokens: int, c: example.Configuration) -> Program:
    """The whole forward pass: compression, selection, three branches, gates."""
    return Program(
        example.generate("forward", c),
        "nsa_forward",
        (_q(tokens, c), *[_kv(tokens, c)] * 6, f"1x{tokens}x{c.heads}x3xf32"),
        (_q(tokens, c),),
        dense_flops(tokens, tokens, c),
        _nsa_work(tokens, tokens, c),
    )


def decode_dense(tokens: int, c: example.Configuration) -> Program:
    """One new token, its own key the last of the cache, over all keys."""
    flops = dense_flops(1, tokens, c)
    return Program(
        decode_dense_text(tokens, c),
        "nsa_window",
        (_q(1, c), *[_kv(tokens, c)] * 2),
        (_q(1, c), f"1x1x{c.heads}xf32"),
        flops,
        flops,
    )


def decode_dense_text(tokens: int, c: example.Configuration) -> str:
    """One query, and that is known, as in ``decode_text``."""
    return f"""\
!q = tensor<1x1x{c.heads}x{c.dk}x{c.dtype}>
!kv = tensor<1x?x{c.groups}x{c.dk}x{c.dtype}>
!lse = tensor<1x1x{c.heads}xf32>

func.func @nsa_window(%q: !q, %k: !kv, %v: !kv) -> (!q, !lse) {{
  %o, %lse = nsa.window_attention %q, %k, %v {{window = {tokens}}}
    : (!q, !kv, !kv) -> (!q, !lse)
  return %o, %lse : !q, !lse
}}
"""


def decode_nsa(tokens: int, c: example.Configuration) -> Program:
    """One new token on the branch ops; compressed keys and values are cached."""
    compressed = compressed_count(tokens, c)
    return Program(
        decode_text(c),
        "nsa_decode",
        (
            _q(1, c),
            *[_kv(compressed, c)] * 2,
            *[_kv(tokens, c)] * 4,
            f"1x1x{c.heads}x3xf32",
        ),
        (_q(1, c),),
        dense_flops(1, tokens, c),
        _nsa_work(1, tokens, c),
    )


def compressed_count(tokens: int, c: example.Configuration) -> int:
    return max(0, (tokens - c.compression_block) // c.compression_stride + 1)


def decode_text(c: example.Configuration) -> str:
    """The forward pass without compression, as docs/examples/nsa_decode.mlir."""
    blocking = (
        f"compression_block = {c.compression_block}, compression_stride = {c.compression_stride}"
    )
    kv = f"tensor<1x?x{c.groups}x{c.dk}x{c.dtype}>"
    return f"""\
!q = tensor<1x1x{c.heads}x{c.dk}x{c.dtype}>
!kv = {kv}
!lse = tensor<1x1x{c.heads}xf32>
!gates = tensor<1x1x{c.heads}x3xf32>
!scores = tensor<1x1x{c.groups}x?xf32>
!idx = tensor<1x1x{c.groups}x{c.top_n}xi32>

func.func @nsa_decode(%q: !q, %kc: !kv, %vc: !kv, %k_slc: !kv, %v_slc: !kv,
                      %k_win: !kv, %v_win: !kv, %gates: !gates) -> !q {{
  // The caches are full: the new token is the last.
  %c1 = arith.constant 1 : index
  %tk = tensor.dim %k_slc, %c1 : !kv
  %offset = arith.subi %tk, %c1 : index

  %o_cmp, %lse_cmp = nsa.compressed_attention %q, %kc, %vc q_offset(%offset) kv_len(%tk)
    {{{blocking}}} : (!q, !kv, !kv, index, index) -> (!q, !lse)
  %scores = nsa.block_scores %q, %kc, %lse_cmp, %tk q_offset(%offset) kv_len(%tk)
    {{{blocking}, selection_block = {c.selection_block}}}
    : (!q, !kv, !lse, index, index, index) -> !scores
  %idx = nsa.select_top_n %scores q_offset(%offset) kv_len(%tk)
    {{selection_block = {c.selection_block}, top_n = {c.top_n}}}
    : (!scores, index, index) -> !idx
  %o_slc, %lse_slc = nsa.selected_attention %q, %k_slc, %v_slc, %idx
    {{selection_block = {c.selection_block}, unique}} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %o_win, %lse_win = nsa.window_attention %q, %k_win, %v_win
    {{window = {c.window}}} : (!q, !kv, !kv) -> (!q, !lse)
  %o = nsa.gate %o_cmp, %o_slc, %o_win gates(%gates) : (!q, !q, !q, !gates) -> !q
  return %o : !q
}}
"""


def _q(tokens: int, c: example.Configuration) -> str:
    return f"1x{tokens}x{c.heads}x{c.dk}x{c.dtype}"


def _kv(tokens: int, c: example.Configuration) -> str:
    return f"1x{tokens}x{c.groups}x{c.dk}x{c.dtype}"


def _nsa_work(queries: int, tokens: int, c: example.Configuration) -> float:
    """Operations of the branches and of the scores, not exactly."""
    seen = tokens if queries == 1 else tokens / 2
    compressed = 1.5 * seen / c.compression_stride
    keys = compressed + min(c.top_n * c.selection_block, seen) + min(c.window, seen)
    return 2.0 * (c.dk + c.dv) * c.heads * queries * keys
