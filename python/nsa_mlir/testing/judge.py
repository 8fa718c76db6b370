# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a case's results with the reference, on the operands each op received.

In a chain whose intermediate results are returned, every op is judged on what
the implementation itself handed to it; where they are hidden, on the rounded
reference values (docs/Spec.md, "Accuracy that tests must demand").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nsa_mlir import compare
from nsa_mlir import reference as standard_reference
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.operands import Operands, shard_cut

Array = NDArray[Any]
F64 = NDArray[np.float64]
Results = dict[str, Array]

COARSE_BLOCK, COARSE_STRIDE = 128, 64  # of docs/examples/infllm_v2.mlir


def judge(case: Case, operands: Operands, results: Results, reference: Any = None) -> float:
    """Raises ``compare.Mismatch``, or returns the largest share of a tolerance used.

    ``reference`` replaces the module ``nsa_mlir.reference``; the suite's own
    proof passes mutants of it.
    """
    return _Judge(case, operands, results, reference or standard_reference).judge()


class _Judge:
    def __init__(self, case: Case, x: Operands, got: Results, reference: Any) -> None:
        self.case, self.x, self.got, self.r = case, x, got, reference
        self.used: list[float] = [0.0]

    def judge(self) -> float:
        case = self.case
        for name, value in self.got.items():
            float_type = value.dtype.kind not in "iu" and not name.startswith(("lse", "scores"))
            if float_type and name != "p" and value.dtype != case.storage:
                raise compare.Mismatch(
                    f"{case.op} {name}: element type is {value.dtype}, expected {case.dtype}"
                )
        self._judge_of(case.op)()
        return max(self.used)

    def _judge_of(self, op: str) -> Callable[[], None]:
        if op.startswith("shards_"):
            return lambda: self._shards(op.removeprefix("shards_"))
        return {
            "compress": lambda: self._compress(
                "x", "", self.case.phi, self.case.activation, self.got["c"]
            ),
            "compressed_attention": lambda: self._compressed(self.x["kc"], self.x["vc"], ""),
            "block_scores": lambda: self._scores(self.x["kc"], self.x["lse"], self.got["p"]),
            "select_top_n": lambda: self._select(self.x["p"]),
            "selected_attention": lambda: self._selected(
                self.x["k"], self.x["v"], self.x["idx"], ""
            ),
            "window_attention": lambda: self._window(self.x["k"], self.x["v"], ""),
            "example_window": lambda: self._window(self.x["k"], self.x["v"], ""),
            "gate": lambda: self._gate([self.x[f"o{i}"] for i in range(self.case.parts)]),
            "merge": self._merge,
            "attention": self._attention,
            "attention_aux": self._attention,
            "example_forward": self._attention,
            "example_forward_aux": self._attention,
            "file_nsa_forward": self._attention,
            "branches": self._chain,
            "example_branches": self._chain,
            "example_selection": self._chain,
            "file_nsa_branches": self._chain,
            "file_nsa_decode": self._decode,
            "file_infllm_v2": self._infllm,
            "file_window_sink": self._window_sink,
        }[op]

    # --- Masks and magnitudes -------------------------------------------------

    @property
    def extents(self) -> dict[str, Any]:
        case = self.case
        return {"q_offset": case.offset, "kv_len": case.length, "causal": case.causal}

    @property
    def token_extents(self) -> dict[str, Any]:
        """Of ops that know Tk: what is absent stays absent."""
        case = self.case
        return {"q_offset": case.q_offset, "kv_len": case.kv_len, "causal": case.causal}

    @property
    def blocking(self) -> dict[str, Any]:
        case = self.case
        return {
            "compression_block": case.compression_block,
            "compression_stride": case.compression_stride,
        }

    def rows(self, stored: int | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        case = self.case
        length = case.length if stored is None else np.minimum(case.length, stored)
        pos = self.r.positions(case.offset, case.batch, case.tq)
        return pos, self.r.limits(pos, length, case.causal)

    def bound(self, keys: Array, visible: Array) -> F64:
        return compare.score_bound(self.x["q"], keys, visible, self.case.scale)

    def bound_compressed(self, kc: Array) -> F64:
        case = self.case
        blocking = (case.compression_block, case.compression_stride)
        return self.bound(kc, self.r.compressed_mask(self.rows()[1], kc.shape[1], *blocking))

    def bound_selected(self, k: Array, idx: Array) -> F64:
        limit = self.rows(k.shape[1])[1]
        visible = self.r.selected_mask(limit, idx, k.shape[1], self.case.selection_block)
        return self.bound(k, visible)

    def bound_window(self, k: Array) -> F64:
        pos, limit = self.rows(k.shape[1])
        case = self.case
        visible = self.r.window_mask(pos, limit, k.shape[1], case.window, case.causal)
        return self.bound(k, visible)

    # --- Ops ------------------------------------------------------------------

    def _compress(self, which: str, prefix: str, phi: str, activation: str, got: Array) -> None:
        x = self.x
        names = [prefix + name for name in ("w", "w1", "b1", "w2", "b2")]
        params = [x[name] for name in names if name in x]
        pe = x.get(f"{prefix}pe")
        options = {"activation": activation, **self.blocking}
        ref = self.r.compress(x[which], phi, params=params, pe=pe, **options)
        absolute = self.r.compress(
            _absolute(x[which]),
            phi,
            params=[_absolute(p) for p in params],
            pe=None if pe is None else _absolute(pe),
            **options,
        )
        yardstick = np.linalg.norm(absolute, axis=-1)
        self.used.append(
            compare.compare_output("compress", got, ref, yardstick=yardstick, name="c", axes="big")
        )

    def _attention_pair(self, op: str, suffix: str, ref: tuple[F64, F64], bound: F64) -> None:
        o, lse = f"o{suffix}", f"lse{suffix}"
        if lse in self.got:
            self.used.append(compare.compare_lse(op, self.got[lse], ref[1], bound=bound, name=lse))
        if o in self.got:
            self.used.append(compare.compare_output(op, self.got[o], ref[0], bound=bound, name=o))

    def _compressed(self, kc: Array, vc: Array, suffix: str) -> None:
        ref = self.r.compressed_attention(
            self.x["q"], kc, vc, scale=self.case.scale, **self.blocking, **self.extents
        )
        self._attention_pair("compressed_attention", suffix, ref, self.bound_compressed(kc))

    def _reference_scores(self, kc: Array, lse: Array) -> F64:
        case = self.case
        kv_len = np.minimum(case.length, case.score_extent)
        scores: F64 = self.r.block_scores(
            self.x["q"],
            kc,
            lse,
            case.score_extent,
            selection_block=case.selection_block,
            score_map=case.score_map,
            list_heads=case.list_heads,
            scale=case.scale,
            **self.blocking,
            **(self.extents | {"kv_len": kv_len}),
        )
        return scores

    def _scores(self, kc: Array, lse: Array, got: Array) -> None:
        bound = compare.list_bound(self.bound_compressed(kc), self.case.list_count)
        ref = self._reference_scores(kc, lse)
        self.used.append(compare.compare_scores("block_scores", got, ref, bound=bound))

    def _select(self, p: Array) -> None:
        case = self.case
        ref = self.r.select_top_n(
            p,
            selection_block=case.selection_block,
            top_n=case.top_n,
            initial=case.initial,
            local=case.local,
            **self.extents,
        )
        self.used.append(compare.compare_lists("select_top_n", self.got["idx"], ref))

    def _choice(self, kc: Array, hidden: bool) -> dict[str, Any]:
        """How blocks are chosen, as ``compare_selection`` wants to know it."""
        case = self.case
        return {
            "bound": compare.list_bound(self.bound_compressed(kc), case.list_count),
            "positions": self.rows()[0],
            "kv_len": case.length,
            "selection_block": case.selection_block,
            "top_n": case.top_n,
            "initial": case.initial,
            "local": case.local,
            "causal": case.causal,
            "hidden_rounded_keys": hidden and case.dtype != "f32",
        }

    def _selection(self, scores: F64, kc: Array, hidden: bool) -> None:
        choice = self._choice(kc, hidden)
        self.used.append(compare.compare_selection(self.case.op, self.got["idx"], scores, **choice))

    def _selected(self, k: Array, v: Array, idx: Array, suffix: str) -> None:
        case = self.case
        ref = self.r.selected_attention(
            self.x["q"],
            k,
            v,
            idx,
            selection_block=case.selection_block,
            scale=case.scale,
            **self.token_extents,
        )
        self._attention_pair("selected_attention", suffix, ref, self.bound_selected(k, idx))

    def _window(self, k: Array, v: Array, suffix: str) -> None:
        case = self.case
        ref = self.r.window_attention(
            self.x["q"], k, v, window=case.window, scale=case.scale, **self.token_extents
        )
        self._attention_pair("window_attention", suffix, ref, self.bound_window(k))

    def _gate(self, outputs: list[Array], activation: str | None = None) -> None:
        activation = self.case.gate_activation if activation is None else activation
        gates = self.x["gates"]
        ref = self.r.gate(outputs, gates, activation)
        yardstick = self._gated(gates, [_f64(o) for o in outputs], activation)
        self.used.append(compare.compare_output("gate", self.got["o"], ref, yardstick=yardstick))

    def _gated(self, gates: Array, outputs: list[F64], activation: str) -> F64:
        return compare.gated_yardstick(self.r.gate_activation(_f64(gates), activation), outputs)

    def _merge(self) -> None:
        parts = range(self.case.parts)
        self._merged(
            [self.x[f"o{i}"] for i in parts],
            [self.x[f"lse{i}"] for i in parts],
            self.x.get("sink"),
        )

    def _merged(self, outputs: list[Array], lses: list[Array], sink: Array | None) -> None:
        """A merge sees no keys: its largest finite lse bounds the scores from below."""
        ref, lse = self.r.merge(outputs, lses, sink)
        sizes = [np.where(np.isinf(one), 0.0, np.abs(_f64(one))) for one in lses]
        if sink is not None:
            sizes.append(np.broadcast_to(np.abs(_f64(sink)), lse.shape))
        bound = np.max(sizes, axis=0)
        yardstick = compare.merged_yardstick(
            lse, [_f64(one) for one in lses], [_f64(o) for o in outputs]
        )
        self.used.append(compare.compare_lse("merge", self.got["lse"], lse, bound=bound))
        self.used.append(
            compare.compare_output("merge", self.got["o"], ref, bound=bound, yardstick=yardstick)
        )

    # --- Chains ---------------------------------------------------------------

    def _chain(self) -> None:
        """Every op of nsa_branches, on what the ops before it returned."""
        case, x, got = self.case, self.x, self.got
        self._compress("k_cmp", "k_", case.phi, case.activation, got["kc"])
        self._compress("v_cmp", "v_", case.v_phi, case.v_activation, got["vc"])
        self._compressed(got["kc"], got["vc"], "_cmp")
        if "scores" in got:
            self._scores(got["kc"], got["lse_cmp"], got["scores"])
            self._select(got["scores"])
        scores = self._reference_scores(got["kc"], got["lse_cmp"])
        self._selection(scores, got["kc"], hidden=False)
        if "o" in got:
            self._selected(x["k_slc"], x["v_slc"], got["idx"], "_slc")
            self._window(x["k_win"], x["v_win"], "_win")
            self._gate([got["o_cmp"], got["o_slc"], got["o_win"]])

    def _attention(self) -> None:
        case, x, got = self.case, self.x, self.got
        names = ("q", "k_cmp", "v_cmp", "k_slc", "v_slc", "k_win", "v_win", "gates")
        arguments = [x[name] for name in names]
        options: dict[str, Any] = {
            "selection_block": case.selection_block,
            "top_n": case.top_n,
            "window": case.window,
            "initial": case.initial,
            "local": case.local,
            "k_phi": case.phi,
            "v_phi": case.v_phi,
            "k_activation": case.activation,
            "v_activation": case.v_activation,
            "k_pe": x.get("k_pe"),
            "v_pe": x.get("v_pe"),
            "gate_activation": case.gate_activation,
            "score_map": case.score_map,
            "list_heads": case.list_heads,
            "scale": case.scale,
            **self.blocking,
            **self.token_extents,
        }
        for which in ("k", "v"):
            params = [f"{which}_{name}" for name in ("w", "w1", "b1", "w2", "b2")]
            options[f"{which}_params"] = [x[name] for name in params if name in x]
        ref = self.r.attention(*arguments, **options)
        if "idx" in got:
            self._selection(ref.scores, ref.kc, hidden=True)
            ref = self.r.attention(*arguments, **options, idx=got["idx"])
        bounds = {
            "lse_cmp": (ref.lse_cmp, self.bound_compressed(ref.kc)),
            "lse_slc": (ref.lse_slc, self.bound_selected(x["k_slc"], ref.idx)),
            "lse_win": (ref.lse_win, self.bound_window(x["k_win"])),
        }
        for name, (lse, bound) in bounds.items():
            if name in got:
                self.used.append(
                    compare.compare_lse(case.op, got[name], lse, bound=bound, name=name)
                )
        outputs = [ref.o_cmp, ref.o_slc, ref.o_win]
        o = ref.o
        if "idx" not in got:
            undecided = compare.undecided_lists(ref.scores, **self._choice(ref.kc, True))
            heads = np.repeat(undecided, case.heads // case.list_count, axis=2)
            o = np.where(heads[..., None], np.nan, o)
        self.used.append(
            compare.compare_output(
                case.op,
                got["o"],
                o,
                bound=np.max([bound for _, bound in bounds.values()], axis=0),
                yardstick=self._gated(x["gates"], outputs, case.gate_activation),
            )
        )

    def _decode(self) -> None:
        """docs/examples/nsa_decode.mlir: o and idx are returned, the rest is hidden."""
        case, x, r = self.case, self.x, self.r
        scale = case.scale
        cmp = r.compressed_attention(
            x["q"], x["kc"], x["vc"], scale=scale, **self.blocking, **self.extents
        )
        scores = self._reference_scores(x["kc"], r.round_to(cmp[1], np.float32))
        self._selection(scores, x["kc"], hidden=False)
        idx = self.got["idx"]
        select = case.selection_block
        slc = r.selected_attention(
            x["q"], x["k_slc"], x["v_slc"], idx, selection_block=select, **self.extents
        )
        win = r.window_attention(x["q"], x["k_win"], x["v_win"], window=case.window, **self.extents)
        outputs = [cmp[0], slc[0], win[0]]
        bound = np.max(
            [
                self.bound_compressed(x["kc"]),
                self.bound_selected(x["k_slc"], idx),
                self.bound_window(x["k_win"]),
            ],
            axis=0,
        )
        yardstick = self._gated(x["gates"], outputs, case.gate_activation)
        ref = r.gate(outputs, x["gates"], case.gate_activation)
        self.used.append(
            compare.compare_output(case.op, self.got["o"], ref, bound=bound, yardstick=yardstick)
        )

    def _infllm(self) -> None:
        """docs/examples/infllm_v2.mlir: the coarse keys are hidden (f32)."""
        x, got, r = self.x, self.got, self.r
        self._compress("k", "", "mean", "gelu", got["kc"])
        blocking = {"compression_block": COARSE_BLOCK, "compression_stride": COARSE_STRIDE}
        coarse = r.round_to(r.compress(x["k"], "mean", **blocking), np.float32)
        _, lse = r.compressed_attention(x["q"], coarse, coarse, **blocking, **self.extents)
        visible = r.compressed_mask(self.rows()[1], coarse.shape[1], COARSE_BLOCK, COARSE_STRIDE)
        self.used.append(
            compare.compare_lse(
                "compressed_attention", got["lse"], lse, bound=self.bound(coarse, visible)
            )
        )
        self._selection(self._reference_scores(got["kc"], got["lse"]), got["kc"], hidden=False)
        ref = r.selected_attention(
            x["q"], x["k"], x["v"], got["idx"], selection_block=self.case.selection_block
        )
        bound = self.bound_selected(x["k"], got["idx"])
        self.used.append(compare.compare_output("selected", got["o"], ref[0], bound=bound))

    def _window_sink(self) -> None:
        """docs/examples/window_sink.mlir: the window's own o and lse are hidden."""
        x, r = self.x, self.r
        o, lse = r.window_attention(x["q"], x["k"], x["v"], window=self.case.window)
        bound = np.maximum(self.bound_window(x["k"]), np.abs(x["sink"]))
        self._joined([o], [lse], x["sink"], bound)

    def _joined(self, outputs: list[F64], lses: list[F64], sink: Array | None, bound: F64) -> None:
        """A merge of parts that are hidden: measured against the reference's parts."""
        ref, lse = self.r.merge(outputs, lses, sink)
        yardstick = compare.merged_yardstick(lse, lses, outputs)
        op = self.case.op
        self.used.append(compare.compare_lse(op, self.got["lse"], lse, bound=bound))
        self.used.append(
            compare.compare_output(op, self.got["o"], ref, bound=bound, yardstick=yardstick)
        )

    def _shards(self, branch: str) -> None:
        """Two merged key shards equal the whole."""
        case, x, r = self.case, self.x, self.r
        k = "kc" if branch == "compressed" else "k"
        v = "vc" if branch == "compressed" else "v"
        keys = np.concatenate([x[f"{k}0"], x[f"{k}1"]], axis=1)
        values = np.concatenate([x[f"{v}0"], x[f"{v}1"]], axis=1)
        common = {"scale": case.scale, **self.extents}
        cut = shard_cut(case)
        if branch == "compressed":
            pos, limit = self.rows()
            visible = r.compressed_mask(limit, keys.shape[1], *self.blocking.values())
            bound = self.bound_compressed(keys)
            whole = r.compressed_attention(x["q"], keys, values, **self.blocking, **common)
            cut //= case.compression_stride
        elif branch == "selected":
            _, limit = self.rows(keys.shape[1])
            visible = r.selected_mask(limit, x["idx0"], keys.shape[1], case.selection_block)
            bound = self.bound_selected(keys, x["idx0"])
            whole = r.selected_attention(
                x["q"], keys, values, x["idx0"], selection_block=case.selection_block, **common
            )
        else:
            pos, limit = self.rows(keys.shape[1])
            visible = r.window_mask(pos, limit, keys.shape[1], case.window, case.causal)
            bound = self.bound_window(keys)
            whole = r.window_attention(x["q"], keys, values, window=case.window, **common)
        q = _f64(x["q"])
        first = np.arange(keys.shape[1]) < cut
        parts = [
            r.softmax_attention(q, _f64(keys), _f64(values), visible & side, case.scale)
            for side in (first, ~first)
        ]
        yardstick = compare.merged_yardstick(
            whole[1], [lse for _, lse in parts], [o for o, _ in parts]
        )
        self.used.append(compare.compare_lse(case.op, self.got["lse"], whole[1], bound=bound))
        self.used.append(
            compare.compare_output(
                case.op, self.got["o"], whole[0], bound=bound, yardstick=yardstick
            )
        )


def _f64(x: Array) -> F64:
    return np.asarray(x).astype(np.float64)


def _absolute(x: Array) -> F64:
    return np.abs(_f64(x))
