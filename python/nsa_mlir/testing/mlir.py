# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The MLIR text of a case, and the results it returns."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nsa_mlir import example
from nsa_mlir.testing.case import Case, Extent
from nsa_mlir.testing.operands import shard_cut

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"


@dataclass(frozen=True)
class Program:
    """A module: its text, its entry, and (name, element type) of every result."""

    text: str
    entry: str
    results: list[tuple[str, str]]


def program(case: Case) -> Program:
    """The module of a case; its operands are those of ``make_operands``, in order."""
    header = f"// case: {case.to_json()}\n"
    if case.op.startswith("example_"):
        form = case.op.removeprefix("example_")
        text = example.generate(form, _configuration(case))
        return Program(header + text, f"nsa_{form}", _example_results(form, case.dtype))
    if case.op.startswith("file_"):
        name = case.op.removeprefix("file_")
        text = (EXAMPLES / f"{name}.mlir").read_text(encoding="utf-8")
        return Program(header + text, name, _file_results(name, case.dtype))
    writer = _Writer(case)
    writer.write()
    return Program(header + writer.text(), "case", writer.results)


def _configuration(case: Case) -> example.Configuration:
    return example.Configuration(
        heads=case.heads,
        groups=case.groups,
        dk=case.dk,
        dv=case.dv,
        dtype=case.dtype,
        compression_block=case.compression_block,
        compression_stride=case.compression_stride,
        selection_block=case.selection_block,
        top_n=case.top_n,
        window=case.window,
        initial=case.initial,
        local=case.local,
        gate_activation=case.gate_activation,
        score_map=case.score_map,
        list_heads=case.list_heads,
    )


_KINDS = {"lse": "f32", "lse_cmp": "f32", "lse_slc": "f32", "lse_win": "f32", "scores": "f32"}


def _typed(names: Sequence[str], dtype: str) -> list[tuple[str, str]]:
    return [(name, "i32" if name == "idx" else _KINDS.get(name, dtype)) for name in names]


def _example_results(form: str, dtype: str) -> list[tuple[str, str]]:
    return _typed(example.RESULTS[form], dtype)


def _file_results(name: str, dtype: str) -> list[tuple[str, str]]:
    names = {
        "nsa_forward": example.RESULTS["forward"],
        "nsa_branches": example.RESULTS["branches"],
        "nsa_decode": ("o", "idx"),
        "infllm_v2": ("o", "idx", "lse", "kc"),
        "window_sink": ("o", "lse"),
    }
    return _typed(names[name], dtype)


@dataclass
class _Writer:
    case: Case
    arguments: list[tuple[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    returned: list[tuple[str, str]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    constants: int = 0

    # --- Types ----------------------------------------------------------------

    def _batch(self) -> str:
        return str(self.case.batch) if self.case.static in ("all", "batch") else "?"

    def _tokens(self, size: int) -> str:
        return str(size) if self.case.static in ("all", "tokens") else "?"

    def _tensor(self, *dims: str | int, dtype: str | None = None) -> str:
        return "tensor<" + "".join(f"{dim}x" for dim in dims) + (dtype or self.case.dtype) + ">"

    def q(self) -> str:
        return self._tensor(
            self._batch(), self._tokens(self.case.tq), self.case.heads, self.case.dk
        )

    def o(self) -> str:
        return self._tensor(
            self._batch(), self._tokens(self.case.tq), self.case.heads, self.case.dv
        )

    def keys(self, tokens: int, dim: int) -> str:
        return self._tensor(self._batch(), self._tokens(tokens), self.case.groups, dim)

    def lse(self) -> str:
        return self._tensor(self._batch(), self._tokens(self.case.tq), self.case.heads, dtype="f32")

    def scores(self) -> str:
        case = self.case
        dims = (self._batch(), self._tokens(case.tq), case.list_count, self._tokens(case.blocks))
        return self._tensor(*dims, dtype="f32")

    def idx(self) -> str:
        case = self.case
        dims = (self._batch(), self._tokens(case.tq), case.list_count, case.top_n)
        return self._tensor(*dims, dtype="i32")

    def _param_type(self) -> str:
        return "f32" if self.case.param_dtype == "f32" else self.case.dtype

    # --- Text -----------------------------------------------------------------

    def text(self) -> str:
        arguments = ",\n    ".join(f"%{name}: {kind}" for name, kind in self.arguments)
        kinds = ", ".join(kind for _, kind in self.returned)
        names = ", ".join(f"%{name}" for name, _ in self.returned)
        body = "".join(f"  {line}\n" for line in self.lines)
        return (
            f"func.func @case(\n    {arguments})\n    -> ({kinds}) {{\n{body}"
            f"  return {names} : {kinds}\n}}\n"
        )

    def argument(self, name: str, kind: str) -> tuple[str, str]:
        self.arguments.append((name, kind))
        return name, kind

    def constant(self, value: int) -> tuple[str, str]:
        self.constants += 1
        name = f"const{self.constants}"
        self.lines.append(f"%{name} = arith.constant {value} : index")
        return name, "index"

    def give(self, name: str, kind: str, dtype: str | None = None) -> None:
        self.returned.append((name, kind))
        self.results.append((name, dtype or self.case.dtype))

    def op(
        self,
        results: Sequence[str],
        head: str,
        operands: Sequence[tuple[str, str]],
        attributes: Sequence[str],
        kinds: Sequence[str],
    ) -> None:
        names = ", ".join(f"%{name}" for name in results)
        attrs = " {" + ", ".join(attributes) + "}" if attributes else ""
        inputs = ", ".join(kind for _, kind in operands)
        outputs = kinds[0] if len(kinds) == 1 else "(" + ", ".join(kinds) + ")"
        self.lines.append(f"{names} = {head}{attrs}\n      : ({inputs}) -> {outputs}")

    def extent(self, name: str, value: Extent | None) -> tuple[str, str] | None:
        """An optional q_offset or kv_len, as argument or constant."""
        if value is None:
            return None
        if isinstance(value, tuple):
            return self.argument(name, self._tensor(self._batch(), dtype="i32"))
        if self.case.static in ("all", "tokens"):
            return self.constant(value)
        return self.argument(name, "index")

    def extents(self, required: bool = False) -> tuple[str, list[tuple[str, str]]]:
        """The text of q_offset(..) kv_len(..) and its operands."""
        case = self.case
        offset = case.q_offset
        if offset is None and required:
            offset = case.tk - case.tq
        return _groups(
            [
                ("q_offset", _listed(self.extent("q_offset", offset))),
                ("kv_len", _listed(self.extent("kv_len", case.kv_len))),
            ]
        )

    def phi_operands(
        self, prefix: str, phi: str, pe: bool, dim: int
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """pe and params as arguments."""
        case, kind = self.case, self._param_type()
        length, hidden = case.compression_block, case.hidden
        encodings = []
        if pe:
            encodings = [self.argument(f"{prefix}pe", self._tensor(length, dim, dtype=kind))]
        shapes: dict[str, list[tuple[str, tuple[int, ...]]]] = {
            "mean": [],
            "weighted": [("w", (case.groups, length))],
            "linear": [("w", (case.groups, length * dim, dim))],
            "mlp": [
                ("w1", (length * dim, hidden)),
                ("b1", (hidden,)),
                ("w2", (hidden, dim)),
                ("b2", (dim,)),
            ],
        }
        params = [
            self.argument(prefix + name, self._tensor(*shape, dtype=kind))
            for name, shape in shapes[phi]
        ]
        return encodings, params

    # --- Attributes -----------------------------------------------------------

    def _blocking(self) -> list[str]:
        case = self.case
        return [
            f"compression_block = {case.compression_block}",
            f"compression_stride = {case.compression_stride}",
        ]

    def _scoring(self) -> list[str]:
        case = self.case
        attributes = [f"selection_block = {case.selection_block}"]
        if case.score_map != "overlap":
            attributes.append(f"score_map = #nsa.score_map<{case.score_map}>")
        if case.list_heads == "query":
            attributes.append("list_heads = #nsa.list_heads<query>")
        return attributes

    def _choosing(self) -> list[str]:
        case = self.case
        attributes = [f"top_n = {case.top_n}"]
        if case.initial != 1:
            attributes.append(f"initial = {case.initial}")
        if case.local != 2:
            attributes.append(f"local = {case.local}")
        return attributes

    def _causal(self) -> list[str]:
        return [] if self.case.causal else ["causal = false"]

    def _scaled(self) -> list[str]:
        scale = self.case.scale
        if scale is None:
            return []
        bits = struct.unpack("<Q", struct.pack("<d", scale))[0]
        return [f"scale = 0x{bits:016X} : f64"]

    # --- Ops ------------------------------------------------------------------

    def write(self) -> None:
        if self.case.op.startswith("shards_"):
            self._shards(self.case.op.removeprefix("shards_"))
            return
        {
            "compress": self._compress,
            "compressed_attention": self._compressed_attention,
            "block_scores": self._block_scores,
            "select_top_n": self._select_top_n,
            "selected_attention": self._selected_attention,
            "window_attention": self._window_attention,
            "gate": self._gate,
            "merge": self._merge,
            "attention": self._attention,
            "attention_aux": self._attention,
            "branches": self._branches,
        }[self.case.op]()

    def _compress(self) -> None:
        case = self.case
        x = self.argument("x", self.keys(case.tk, case.dk))
        pe, params = self.phi_operands("", case.phi, case.pe, case.dk)
        self._compress_op("c", case.phi, case.activation, x, pe, params, case.dk)
        self.give("c", self.keys(case.compressed, case.dk))

    def _compress_op(
        self,
        result: str,
        phi: str,
        activation: str,
        x: tuple[str, str],
        pe: list[tuple[str, str]],
        params: list[tuple[str, str]],
        dim: int,
    ) -> None:
        text, operands = _groups([("pe", pe), ("params", params)])
        shown = f" activation {activation}" if phi == "mlp" and activation != "gelu" else ""
        head = f"nsa.compress {phi}(%{x[0]}){text}{shown}"
        kind = self.keys(self.case.compressed, dim)
        self.op([result], head, [x, *operands], self._blocking(), [kind])

    def _compressed_attention(self) -> None:
        case = self.case
        q = self.argument("q", self.q())
        kc = self.argument("kc", self.keys(case.compressed, case.dk))
        vc = self.argument("vc", self.keys(case.compressed, case.dv))
        text, extents = self.extents(required=True)
        head = f"nsa.compressed_attention %q, %kc, %vc{text}"
        attributes = [*self._blocking(), *self._causal(), *self._scaled()]
        self.op(["o", "lse"], head, [q, kc, vc, *extents], attributes, [self.o(), self.lse()])
        self._give_attention()

    def _give_attention(self) -> None:
        self.give("o", self.o())
        self.give("lse", self.lse(), "f32")

    def _block_scores(self) -> None:
        case = self.case
        q = self.argument("q", self.q())
        kc = self.argument("kc", self.keys(case.compressed, case.dk))
        lse = self.argument("lse", self.lse())
        if case.static in ("all", "tokens"):
            kv_max = self.constant(case.score_extent)
        else:
            kv_max = self.argument("kv_max", "index")
        text, extents = self.extents(required=True)
        head = f"nsa.block_scores %q, %kc, %lse, %{kv_max[0]}{text}"
        attributes = [*self._blocking(), *self._scoring(), *self._causal(), *self._scaled()]
        self.op(["p"], head, [q, kc, lse, kv_max, *extents], attributes, [self.scores()])
        self.give("p", self.scores(), "f32")

    def _select_top_n(self) -> None:
        p = self.argument("p", self.scores())
        text, extents = self.extents(required=True)
        attributes = [f"selection_block = {self.case.selection_block}"]
        attributes += [*self._choosing(), *self._causal()]
        self.op(["idx"], f"nsa.select_top_n %p{text}", [p, *extents], attributes, [self.idx()])
        self.give("idx", self.idx(), "i32")

    def _selected_attention(self) -> None:
        case = self.case
        q = self.argument("q", self.q())
        k = self.argument("k", self.keys(case.tk, case.dk))
        v = self.argument("v", self.keys(case.tk, case.dv))
        idx = self.argument("idx", self.idx())
        text, extents = self.extents()
        head = f"nsa.selected_attention %q, %k, %v, %idx{text}"
        attributes = [f"selection_block = {case.selection_block}"]
        attributes += ["unique"] if case.lists == "unique" else []
        attributes += [*self._causal(), *self._scaled()]
        self.op(["o", "lse"], head, [q, k, v, idx, *extents], attributes, [self.o(), self.lse()])
        self._give_attention()

    def _window_attention(self) -> None:
        case = self.case
        q = self.argument("q", self.q())
        k = self.argument("k", self.keys(case.tk, case.dk))
        v = self.argument("v", self.keys(case.tk, case.dv))
        text, extents = self.extents()
        attributes = [f"window = {case.window}", *self._causal(), *self._scaled()]
        head = f"nsa.window_attention %q, %k, %v{text}"
        self.op(["o", "lse"], head, [q, k, v, *extents], attributes, [self.o(), self.lse()])
        self._give_attention()

    def _gates(self, parts: int) -> tuple[str, str]:
        case = self.case
        dims = (self._batch(), self._tokens(case.tq), case.heads, parts)
        return self.argument("gates", self._tensor(*dims, dtype=self._param_type()))

    def _gate_op(self, branches: list[tuple[str, str]], gates: tuple[str, str]) -> None:
        listed = ", ".join(f"%{name}" for name, _ in branches)
        attributes = []
        if self.case.gate_activation != "none":
            attributes = [f"activation = #nsa.gate_activation<{self.case.gate_activation}>"]
        head = f"nsa.gate {listed} gates(%{gates[0]})"
        self.op(["o"], head, [*branches, gates], attributes, [self.o()])

    def _gate(self) -> None:
        branches = [self.argument(f"o{i}", self.o()) for i in range(self.case.parts)]
        self._gate_op(branches, self._gates(self.case.parts))
        self.give("o", self.o())

    def _merge(self) -> None:
        case = self.case
        outputs = [self.argument(f"o{i}", self.o()) for i in range(case.parts)]
        lses = [self.argument(f"lse{i}", self.lse()) for i in range(case.parts)]
        sink = []
        if case.sink:
            sink = [self.argument("sink", self._tensor(case.heads, dtype="f32"))]
        self._merge_op(outputs, lses, sink)
        self._give_attention()

    def _merge_op(
        self,
        outputs: list[tuple[str, str]],
        lses: list[tuple[str, str]],
        sink: list[tuple[str, str]],
    ) -> None:
        text, rest = _groups([("lse", lses), ("sink", sink)])
        head = "nsa.merge " + ", ".join(f"%{name}" for name, _ in outputs) + text
        self.op(["o", "lse"], head, [*outputs, *rest], [], [self.o(), self.lse()])

    def _token_arguments(self) -> dict[str, tuple[str, str]]:
        """q, K and V of every branch, gates."""
        case = self.case
        made = {"q": self.argument("q", self.q())}
        for branch in ("cmp", "slc", "win"):
            for which, dim in (("k", case.dk), ("v", case.dv)):
                name = f"{which}_{branch}"
                made[name] = self.argument(name, self.keys(case.tk, dim))
        made["gates"] = self._gates(3)
        return made

    def _attention(self) -> None:
        case = self.case
        made = self._token_arguments()
        text, extents = self.extents()
        k_pe, k_params = self.phi_operands("k_", case.phi, case.pe, case.dk)
        v_pe, v_params = self.phi_operands("v_", case.v_phi, case.v_pe, case.dv)
        phi_text, phi_operands = _groups(
            [("k_pe", k_pe), ("k_params", k_params), ("v_pe", v_pe), ("v_params", v_params)]
        )
        head = (
            "nsa.attention %q compressed(%k_cmp, %v_cmp) selected(%k_slc, %v_slc)\n"
            f"      window(%k_win, %v_win) gates(%gates){text}{phi_text}\n     "
        )
        attributes = [*self._blocking(), *self._scoring(), *self._choosing()]
        attributes += [f"window = {case.window}", *self._causal(), *self._scaled()]
        for which, phi, activation in (
            ("k", case.phi, case.activation),
            ("v", case.v_phi, case.v_activation),
        ):
            if phi != "mean":
                attributes.append(f"{which}_phi = #nsa.phi<{phi}>")
            if phi == "mlp" and activation != "gelu":
                attributes.append(f"{which}_activation = #nsa.activation<{activation}>")
        if case.gate_activation != "none":
            attributes.append(f"gate_activation = #nsa.gate_activation<{case.gate_activation}>")
        operands = [*made.values(), *extents, *phi_operands]
        if case.op == "attention":
            self.op(["o"], head, operands, attributes, [self.o()])
            self.give("o", self.o())
            return
        names = ["o", "lse_cmp", "lse_slc", "lse_win", "idx"]
        kinds = [self.o(), self.lse(), self.lse(), self.lse(), self.idx()]
        self.op(names, head, operands, [*attributes, "return_aux"], kinds)
        for (name, dtype), kind in zip(_typed(names, case.dtype), kinds, strict=True):
            self.give(name, kind, dtype)

    def _branches(self) -> None:
        """Every branch op in one function, each on what the ones before returned."""
        case = self.case
        made = self._token_arguments()
        token_text, token_extents = self.extents()
        k_pe, k_params = self.phi_operands("k_", case.phi, case.pe, case.dk)
        v_pe, v_params = self.phi_operands("v_", case.v_phi, case.v_pe, case.dv)
        kv_max = self._key_count(made["k_slc"])
        text, extents = token_text, token_extents
        if case.q_offset is None:
            tq = self._dim(made["q"])
            self.lines.append(f"%offset = arith.subi %{kv_max[0]}, %{tq[0]} : index")
            text, extents = _groups([("q_offset", [("offset", "index")]), ("kv_len", [kv_max])])
        self._compress_op("kc", case.phi, case.activation, made["k_cmp"], k_pe, k_params, case.dk)
        self._compress_op(
            "vc", case.v_phi, case.v_activation, made["v_cmp"], v_pe, v_params, case.dv
        )
        kc = ("kc", self.keys(case.compressed, case.dk))
        vc = ("vc", self.keys(case.compressed, case.dv))
        common = [*self._causal(), *self._scaled()]
        both = [self.o(), self.lse()]
        self.op(
            ["o_cmp", "lse_cmp"],
            f"nsa.compressed_attention %q, %kc, %vc{text}",
            [made["q"], kc, vc, *extents],
            [*self._blocking(), *common],
            both,
        )
        self.op(
            ["scores"],
            f"nsa.block_scores %q, %kc, %lse_cmp, %{kv_max[0]}{text}",
            [made["q"], kc, ("lse_cmp", self.lse()), kv_max, *extents],
            [*self._blocking(), *self._scoring(), *common],
            [self._dynamic_scores()],
        )
        self.op(
            ["idx"],
            f"nsa.select_top_n %scores{text}",
            [("scores", self._dynamic_scores()), *extents],
            [f"selection_block = {case.selection_block}", *self._choosing(), *self._causal()],
            [self.idx()],
        )
        self.op(
            ["o_slc", "lse_slc"],
            f"nsa.selected_attention %q, %k_slc, %v_slc, %idx{token_text}",
            [made["q"], made["k_slc"], made["v_slc"], ("idx", self.idx()), *token_extents],
            [f"selection_block = {case.selection_block}", "unique", *common],
            both,
        )
        self.op(
            ["o_win", "lse_win"],
            f"nsa.window_attention %q, %k_win, %v_win{token_text}",
            [made["q"], made["k_win"], made["v_win"], *token_extents],
            [f"window = {case.window}", *common],
            both,
        )
        self._gate_op([(name, self.o()) for name in ("o_cmp", "o_slc", "o_win")], made["gates"])
        kinds = {
            "o": self.o(),
            "kc": kc[1],
            "vc": vc[1],
            "scores": self._dynamic_scores(),
            "idx": self.idx(),
        }
        for name, dtype in _example_results("branches", case.dtype):
            kind = self.lse() if name.startswith("lse") else kinds.get(name, self.o())
            self.give(name, kind, dtype)

    def _dynamic_scores(self) -> str:
        """Ns stays dynamic where kv_max is read off a tensor."""
        case = self.case
        dims = (self._batch(), self._tokens(case.tq), case.list_count)
        return self._tensor(*dims, "?", dtype="f32")

    def _dim(self, of: tuple[str, str]) -> tuple[str, str]:
        one = self.constant(1)
        name = f"dim_{of[0]}"
        self.lines.append(f"%{name} = tensor.dim %{of[0]}, %{one[0]} : {of[1]}")
        return name, "index"

    def _key_count(self, keys: tuple[str, str]) -> tuple[str, str]:
        return self._dim(keys)

    def _shards(self, branch: str) -> None:
        case = self.case
        cut = shard_cut(case)
        q = self.argument("q", self.q())
        keys = "kc" if branch == "compressed" else "k"
        values = "vc" if branch == "compressed" else "v"
        if branch == "compressed":
            at = cut // case.compression_stride
            sizes = (min(at, case.compressed), max(0, case.compressed - at))
        else:
            sizes = (cut, case.tk - cut)
        shards: list[list[tuple[str, str]]] = [[], []]
        for name, dim in ((keys, case.dk), (values, case.dv)):
            for i, size in enumerate(sizes):
                shards[i].append(self.argument(f"{name}{i}", self.keys(size, dim)))
        if branch == "selected":
            for i in range(2):
                shards[i].append(self.argument(f"idx{i}", self.idx()))
        outputs, lses = [], []
        extent_type = self._tensor(self._batch(), dtype="i32")
        for i, operands in enumerate(shards):
            offset = self.argument(f"q_offset{i}", extent_type)
            length = self.argument(f"kv_len{i}", extent_type)
            text, extents = _groups([("q_offset", [offset]), ("kv_len", [length])])
            listed = ", ".join(f"%{name}" for name, _ in operands)
            attributes = {
                "compressed": self._blocking(),
                "selected": [f"selection_block = {case.selection_block}"],
                "window": [f"window = {case.window}"],
            }[branch]
            self.op(
                [f"o{i}", f"lse{i}"],
                f"nsa.{branch}_attention %q, {listed}{text}",
                [q, *operands, *extents],
                [*attributes, *self._causal(), *self._scaled()],
                [self.o(), self.lse()],
            )
            outputs.append((f"o{i}", self.o()))
            lses.append((f"lse{i}", self.lse()))
        self._merge_op(outputs, lses, [])
        self._give_attention()


def _listed(operand: tuple[str, str] | None) -> list[tuple[str, str]]:
    return [] if operand is None else [operand]


def _groups(
    groups: Sequence[tuple[str, list[tuple[str, str]]]],
) -> tuple[str, list[tuple[str, str]]]:
    """`` keyword(%a, %b)`` for every group that is there, and all their operands."""
    text, operands = "", []
    for keyword, members in groups:
        if members:
            text += f" {keyword}(" + ", ".join(f"%{name}" for name, _ in members) + ")"
            operands += members
    return text, operands
