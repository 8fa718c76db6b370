# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The inputs of a case, by name and in the order of the function's arguments."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nsa_mlir import reference
from nsa_mlir.testing.case import Case

Array = NDArray[Any]
Operands = dict[str, Any]

I32_MAX, I32_MIN = 2**31 - 1, -(2**31)


def make_operands(case: Case) -> Operands:
    """Arrays in their storage type, and ints for ``index`` arguments."""
    maker = _Maker(case)
    return maker.make()


class _Maker:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.random = np.random.default_rng([case.seed, zlib.crc32(case.op.encode())])

    def make(self) -> Operands:
        op = self.case.op
        if op.startswith("example_"):
            form = op.removeprefix("example_")
            return self._window() if form == "window" else self._attention(False)
        if op.startswith("shards_"):
            return self._shards(op.removeprefix("shards_"))
        makers = {
            "compress": self._compress,
            "compressed_attention": self._compressed_attention,
            "block_scores": self._block_scores,
            "select_top_n": self._select_top_n,
            "selected_attention": self._selected_attention,
            "window_attention": self._window,
            "gate": self._gate,
            "merge": self._merge,
            "attention": lambda: self._attention(True),
            "attention_aux": lambda: self._attention(True),
            "branches": lambda: self._attention(True),
            "file_nsa_forward": lambda: self._attention(False),
            "file_nsa_branches": lambda: self._attention(False),
            "file_nsa_decode": self._decode,
            "file_infllm_v2": self._infllm,
            "file_window_sink": self._window_sink,
        }
        return makers[op]()

    # --- Ops ------------------------------------------------------------------

    def _compress(self) -> Operands:
        case = self.case
        operands: Operands = {"x": self._keys(case.dk)}
        operands |= self._phi("", case.phi, case.pe, case.dk)
        return operands

    def _compressed_attention(self) -> Operands:
        case = self.case
        kc = self._keys(case.dk, case.compressed, unit=case.compression_stride)
        vc = self._values(case.compressed, unit=case.compression_stride)
        return {"q": self._queries(), "kc": kc, "vc": vc} | self._extents(required=True)

    def _block_scores(self) -> Operands:
        case = self.case
        operands = self._compressed_attention()
        vc = operands.pop("vc")
        extents = {key: operands.pop(key) for key in ("q_offset", "kv_len") if key in operands}
        _, lse = reference.compressed_attention(
            operands["q"],
            operands["kc"],
            vc,
            compression_block=case.compression_block,
            compression_stride=case.compression_stride,
            q_offset=case.offset,
            kv_len=case.length,
            causal=case.causal,
            scale=case.scale,
        )
        if case.foreign_lse:
            lse = lse + self.random.normal(-0.5, 1.0, lse.shape)
            lse[self.random.random(lse.shape) < 0.1] = -np.inf
        operands["lse"] = lse.astype(np.float32)
        if not _shows_tokens(case):
            operands["kv_max"] = case.score_extent
        return operands | extents

    def _select_top_n(self) -> Operands:
        return {"p": self._scores()} | self._extents(required=True)

    def _selected_attention(self) -> Operands:
        operands = {"q": self._queries(), "k": self._keys(self.case.dk), "v": self._values()}
        return operands | {"idx": self._lists()} | self._extents()

    def _window(self) -> Operands:
        operands = {"q": self._queries(), "k": self._keys(self.case.dk), "v": self._values()}
        return operands | self._extents()

    def _gate(self) -> Operands:
        case = self.case
        shape = (case.batch, case.tq, case.heads, case.dv)
        operands: Operands = {f"o{i}": self._normal(shape) for i in range(case.parts)}
        return operands | {"gates": self._gates(case.parts)}

    def _merge(self) -> Operands:
        case = self.case
        shape = (case.batch, case.tq, case.heads)
        spread = {"normal": 2.0, "peaked": 4.0, "large": 2.0}[case.data]
        shift = 300.0 if case.data == "large" else 0.0  # overflows a naive exp
        lses = [self.random.normal(shift, spread, shape) for _ in range(case.parts)]
        outputs = [self._normal((*shape, case.dv)) for _ in range(case.parts)]
        nothing = self.random.random(shape) < 0.1  # rows that see no key at all
        for lse, output in zip(lses, outputs, strict=True):
            unseen = nothing | (self.random.random(shape) < 0.2)
            lse[unseen] = -np.inf
            output[unseen] = 0
        operands: Operands = {f"o{i}": output for i, output in enumerate(outputs)}
        operands |= {f"lse{i}": lse.astype(np.float32) for i, lse in enumerate(lses)}
        if case.sink:
            sink = self.random.normal(shift, 1.0, case.heads)
            operands["sink"] = sink.astype(np.float32)
        return operands

    def _attention(self, options: bool) -> Operands:
        """``options``: the text takes offsets and parameters (the examples do not)."""
        case = self.case
        operands: Operands = {"q": self._queries()}
        for branch in ("cmp", "slc", "win"):
            exact = branch == "cmp" and self._hides_keys()
            operands[f"k_{branch}"] = self._keys(case.dk, exact=exact)
            operands[f"v_{branch}"] = self._values(exact=exact)
        operands["gates"] = self._gates(3)
        if options:
            operands |= self._extents()
            operands |= self._phi("k_", case.phi, case.pe, case.dk)
            operands |= self._phi("v_", case.v_phi, case.v_pe, case.dv)
        return operands

    def _shards(self, branch: str) -> Operands:
        """The op's own operands, cut at a key that begins a block of either kind."""
        case = self.case
        cut = shard_cut(case)
        offset, length = case.offset.astype(np.int32), case.length.astype(np.int32)
        operands: Operands = {"q": self._queries()}
        if branch == "compressed":
            operands |= self._compressed_attention()
            whole, at = ("kc", "vc"), cut // case.compression_stride
            # The first shard's last blocks reach into a halo of l - d tokens.
            first = np.minimum(length, cut + case.compression_block - case.compression_stride)
        else:
            operands |= {"k": self._keys(case.dk), "v": self._values()}
            whole, at = ("k", "v"), cut
            first = np.minimum(length, cut)
        shards: Operands = {"q": operands["q"]}
        for name in whole:
            shards[f"{name}0"] = np.ascontiguousarray(operands[name][:, :at])
            shards[f"{name}1"] = np.ascontiguousarray(operands[name][:, at:])
        if branch == "selected":
            idx = self._lists()
            shards["idx0"] = idx
            start = cut // case.selection_block
            shards["idx1"] = np.where(idx >= start, idx - start, -1).astype(np.int32)
        shards["q_offset0"] = offset
        shards["kv_len0"] = first.astype(np.int32)
        shards["q_offset1"] = offset - np.int32(cut)
        shards["kv_len1"] = np.maximum(length - np.int32(cut), 0).astype(np.int32)
        return shards

    def _decode(self) -> Operands:
        case = self.case
        operands: Operands = {"q": self._queries()}
        operands |= {
            "kc": self._keys(case.dk, case.compressed, unit=case.compression_stride),
            "vc": self._values(case.compressed, unit=case.compression_stride),
        }
        for branch in ("slc", "win"):
            operands |= {f"k_{branch}": self._keys(case.dk), f"v_{branch}": self._values()}
        operands["gates"] = self._gates(3)
        return operands | {
            "q_offset": case.offset.astype(np.int32),
            "kv_len": case.length.astype(np.int32),
        }

    def _infllm(self) -> Operands:
        return {"q": self._queries(), "k": self._keys(self.case.dk), "v": self._values()}

    def _window_sink(self) -> Operands:
        sink = self.random.normal(0.0, 1.0, self.case.heads)
        return self._infllm() | {"sink": sink.astype(np.float32)}

    # --- Tensors --------------------------------------------------------------

    def _hides_keys(self) -> bool:
        """Does the result hide rounded compressed keys from the judge?

        Then inputs and parameters are small multiples of a power of two, so
        that sums are exact and every correct implementation rounds alike.
        """
        hiding = ("attention", "attention_aux", "example_forward", "example_forward_aux")
        return self.case.dtype != "f32" and self.case.op in (*hiding, "file_nsa_forward")

    def _normal(self, shape: tuple[int, ...]) -> Array:
        return self.random.standard_normal(shape).astype(self.case.storage)

    def _queries(self) -> Array:
        case = self.case
        q = self.random.standard_normal((case.batch, case.tq, case.heads, case.dk))
        # Scores of standard deviation 1, 8, 400.
        q *= {"peaked": 8.0, "large": 400.0}.get(case.data, 1.0)
        return q.astype(case.storage)

    def _keys(
        self, dim: int, tokens: int | None = None, *, unit: int = 1, exact: bool = False
    ) -> Array:
        case = self.case
        tokens = case.tk if tokens is None else tokens
        k = self.random.standard_normal((case.batch, tokens, case.groups, dim))
        if exact:
            k = np.clip(np.round(k * 4) / 4, -2, 2)
        if case.data == "equal":
            k[:] = k[:, :1]
        if case.data == "outlier" and tokens:
            k[:, tokens // 3] *= 1024.0
        return self._poison(k.astype(case.storage), unit)

    def _values(self, tokens: int | None = None, *, unit: int = 1, exact: bool = False) -> Array:
        case = self.case
        tokens = case.tk if tokens is None else tokens
        v = self.random.standard_normal((case.batch, tokens, case.groups, case.dv))
        if exact:
            v = np.clip(np.round(v * 4) / 4, -2, 2)
        return self._poison(v.astype(case.storage), unit)

    def _poison(self, x: Array, unit: int) -> Array:
        """NaN in what no row may see: tokens (unit 1), or compressed blocks."""
        case = self.case
        if case.nan_tail:
            last = 0 if unit == 1 else case.compression_block - 1
            for b in range(case.batch):
                for i in range(x.shape[1]):
                    if i * unit + last >= case.length[b]:
                        x[b, i] = np.nan
        return x

    def _gates(self, parts: int) -> Array:
        case = self.case
        g = self.random.uniform(-0.2, 1.2, (case.batch, case.tq, case.heads, parts))
        return (g * 3 if case.gate_activation == "sigmoid" else g).astype(case.storage_of_params)

    def _phi(self, prefix: str, phi: str, pe: bool, dim: int) -> Operands:
        """pe and params of a compression, scaled so that outputs are near 1."""
        case = self.case
        operands: Operands = {}
        length, hidden = case.compression_block, case.hidden

        def parameter(shape: tuple[int, ...], fan_in: int) -> Array:
            x = self.random.standard_normal(shape)
            if self._hides_keys():
                x = np.clip(np.round(x * 2) / 2, -2, 2) * 2.0 ** -round(np.log2(fan_in) / 2)
            else:
                x /= np.sqrt(fan_in)
            return x.astype(case.storage_of_params)

        if pe:
            operands[f"{prefix}pe"] = parameter((length, dim), 4)
        if phi == "weighted":
            operands[f"{prefix}w"] = parameter((case.groups, length), length)
        elif phi == "linear":
            shape = (case.groups, length * dim, dim)
            operands[f"{prefix}w"] = parameter(shape, length * dim)
        elif phi == "mlp":
            operands[f"{prefix}w1"] = parameter((length * dim, hidden), length * dim)
            operands[f"{prefix}b1"] = parameter((hidden,), 4)
            operands[f"{prefix}w2"] = parameter((hidden, dim), hidden)
            operands[f"{prefix}b2"] = parameter((dim,), 4)
        return operands

    def _scores(self) -> Array:
        case = self.case
        shape = (case.batch, case.tq, case.list_count, case.blocks)
        p = np.exp(self.random.standard_normal(shape)).astype(np.float32)
        if case.data == "ties":
            p = self.random.integers(0, 3, shape).astype(np.float32)
        elif case.data == "equal":
            p = np.full(shape, 0.25, dtype=np.float32)
        elif case.data == "special":
            inf, nan, tiny = np.inf, np.nan, np.float32(1e-45)
            kinds = np.array(
                [inf, -inf, nan, 0.0, -0.0, tiny, -tiny, 3 * tiny, 1.0, -1.0, 3.4e38, -3.4e38],
                dtype=np.float32,
            )
            p = self.random.choice(kinds, shape)
        if case.nan_tail:
            for b in range(case.batch):
                p[b, :, :, -(-int(case.length[b]) // case.selection_block) :] = np.nan
        return p

    def _lists(self) -> Array:
        case = self.case
        if case.lists == "unique":
            return reference.select_top_n(
                self._scores(),
                selection_block=case.selection_block,
                top_n=case.top_n,
                initial=case.initial,
                local=case.local,
                q_offset=case.offset,
                kv_len=case.length,
                causal=case.causal,
            )
        # Unsorted, with repeats, -1 anywhere, and indices that name no token.
        shape = (case.batch, case.tq, case.list_count, case.top_n)
        idx = self.random.integers(-2, case.blocks + 2, shape)
        odd = self.random.choice([-1, I32_MIN, I32_MAX, I32_MAX // case.selection_block + 1], shape)
        idx = np.where(self.random.random(shape) < 0.1, odd, idx)
        repeat = self.random.random(shape) < 0.2
        idx[repeat] = np.broadcast_to(idx[..., :1], shape)[repeat]
        idx[self.random.random(shape[:3]) < 0.05] = -1  # lists that name nothing
        return idx.astype(np.int32)

    def _extents(self, required: bool = False) -> Operands:
        """q_offset and kv_len; ``required``: the op cannot know Tk."""
        case = self.case
        operands: Operands = {}
        offset = case.q_offset
        if offset is None and required:
            offset = case.tk - case.tq
        for key, value in (("q_offset", offset), ("kv_len", case.kv_len)):
            if isinstance(value, tuple):
                operands[key] = np.array(value, dtype=np.int32)
            elif value is not None and not _shows_tokens(case):
                operands[key] = value
        return operands


def _shows_tokens(case: Case) -> bool:
    """Are single offsets, lengths and kv_max constants in the text?"""
    return case.static in ("all", "tokens")


def shard_cut(case: Case) -> int:
    """Where two key shards part: a multiple of s and d, about the middle."""
    unit = int(np.lcm(case.selection_block, case.compression_stride))
    return unit * max(1, case.tk // 2 // unit)
