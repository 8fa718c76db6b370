# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints Native Sparse Attention in MLIR for any configuration.

``python -m nsa_mlir.example --form=FORM [options]``; the standard library alone.
The defaults are the paper's. Batch and sequence lengths stay dynamic.

=============  =============================================================
form           function
=============  =============================================================
forward        ``@nsa_forward(...) -> o``: the one op ``nsa.attention``
forward_aux    ``@nsa_forward_aux(...) -> o, lse_cmp, lse_slc, lse_win, idx``
branches       ``@nsa_branches(...) -> o, kc, vc, o_cmp, lse_cmp, scores,
               idx, o_slc, lse_slc, o_win, lse_win``: the branch ops
selection      ``@nsa_selection(...) -> kc, vc, o_cmp, lse_cmp, idx``
window         ``@nsa_window(q, k, v) -> o, lse``
=============  =============================================================

The first four take ``q, k_cmp, v_cmp, k_slc, v_slc, k_win, v_win, gates``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields

FORMS = ("forward", "forward_aux", "branches", "selection", "window")
DTYPES = ("f32", "f16", "bf16")
OPERANDS = ("q", "k_cmp", "v_cmp", "k_slc", "v_slc", "k_win", "v_win", "gates")


class ConfigurationError(ValueError):
    """A configuration that the dialect's verifiers would refuse."""


@dataclass(frozen=True)
class Configuration:
    """Heads, head sizes, element type, block sizes: all that an example fixes."""

    heads: int = 64
    groups: int = 4
    dk: int = 192
    dv: int = 128
    dtype: str = "bf16"
    compression_block: int = 32
    compression_stride: int = 16
    selection_block: int = 64
    top_n: int = 16
    window: int = 512
    initial: int = 1
    local: int = 2
    gate_activation: str = "none"
    score_map: str = "overlap"
    list_heads: str = "kv"

    @property
    def lists(self) -> int:
        """Index lists per row: Gi."""
        return self.groups if self.list_heads == "kv" else self.heads


def validate(form: str, c: Configuration) -> None:
    """Raises ``ConfigurationError`` with the remedy; looks only at what ``form`` uses."""
    used = ["heads", "groups", "dk", "dv", "window"]
    if form != "window":
        used += ["compression_block", "compression_stride", "selection_block", "top_n"]
    for name in used:
        value = getattr(c, name)
        if value < 1:
            raise ConfigurationError(f"{_flag(name)} ({value}) must be at least 1")
    if c.heads % c.groups:
        raise ConfigurationError(
            f"--heads ({c.heads}) must be a multiple of --groups ({c.groups}); "
            f"{_choices('--groups', [g for g in range(1, c.heads + 1) if c.heads % g == 0])}"
        )
    if form == "window":
        return
    length, stride, select = c.compression_block, c.compression_stride, c.selection_block
    strides = [d for d in range(1, length + 1) if length % d == 0 and select % d == 0]
    for name in ("compression_block", "selection_block"):
        if getattr(c, name) % stride:
            raise ConfigurationError(
                f"--compression-stride ({stride}) must divide {_flag(name)} ({getattr(c, name)}); "
                f"{_choices('--compression-stride', strides)}"
            )
    if length > select:
        raise ConfigurationError(
            f"--compression-block ({length}) must not exceed --selection-block ({select}); "
            f"make the latter at least {length}"
        )
    for name in ("initial", "local"):
        if getattr(c, name) < 0:
            raise ConfigurationError(f"{_flag(name)} ({getattr(c, name)}) must be at least 0")
    if c.top_n < c.initial + c.local:
        raise ConfigurationError(
            f"--top-n ({c.top_n}) must be at least --initial ({c.initial}) + --local "
            f"({c.local}), because forced blocks count against it"
        )


def generate(form: str, c: Configuration) -> str:
    """The MLIR text of ``form``; raises ``ConfigurationError``."""
    if form not in FORMS:
        raise ConfigurationError(f"form is '{form}', expected one of {', '.join(FORMS)}")
    validate(form, c)
    body = {
        "forward": _forward,
        "forward_aux": _forward_aux,
        "branches": _branches,
        "selection": _selection,
        "window": _window,
    }[form](c)
    return _header(form, c) + _types(form, c) + "\n" + body


# --- Text ---------------------------------------------------------------------

_TITLES = {
    "forward": "Native Sparse Attention, forward pass, as one op.",
    "forward_aux": "Native Sparse Attention, forward pass, with the branches' lse and the lists.",
    "branches": "Native Sparse Attention, forward pass, written with the branch ops.",
    "selection": "The compressed branch of Native Sparse Attention and the lists it selects.",
    "window": "Sliding-window attention, the third branch of Native Sparse Attention.",
}

RESULTS = {
    "forward": ("o",),
    "forward_aux": ("o", "lse_cmp", "lse_slc", "lse_win", "idx"),
    "branches": (
        "o",
        "kc",
        "vc",
        "o_cmp",
        "lse_cmp",
        "scores",
        "idx",
        "o_slc",
        "lse_slc",
        "o_win",
        "lse_win",
    ),
    "selection": ("kc", "vc", "o_cmp", "lse_cmp", "idx"),
    "window": ("o", "lse"),
}


def _header(form: str, c: Configuration) -> str:
    """What the example is, its operands' shapes, and how to run it."""
    operands = ("q", "k", "v") if form == "window" else OPERANDS
    lines = [
        _TITLES[form],
        "",
        f"Printed by: python -m nsa_mlir.example {_arguments(form, c)}",
        "",
        "B (batch) and T (tokens) are free; queries and keys may differ in number (Tq, Tk),",
        "query 0 then stands at key Tk - Tq. Results, in order:",
        f"  {', '.join(RESULTS[form])}",
        "",
        "Run it with random numbers (or give NAME.npy for an input; bf16 is raw uint16):",
        f"  nsa-run THIS_FILE --entry=nsa_{form} --device=cpu \\",
    ]
    inputs = [f"--input={'x'.join(map(str, _shape(o, c)))}" for o in operands]
    inputs = [
        f"{text}x{'f32' if o == 'gates' else c.dtype}=random:{seed}"
        for seed, (o, text) in enumerate(zip(operands, inputs, strict=True), start=1)
    ]
    lines += [f"    {text} \\" for text in inputs]
    lines[-1] = lines[-1].removesuffix(" \\")
    return "".join(f"// {line}".rstrip() + "\n" for line in lines) + "\n"


def _shape(operand: str, c: Configuration, batch: int = 1, tokens: int = 1024) -> list[int]:
    if operand == "q":
        return [batch, tokens, c.heads, c.dk]
    if operand == "gates":
        return [batch, tokens, c.heads, 3]
    return [batch, tokens, c.groups, c.dk if operand.startswith("k") else c.dv]


def _types(form: str, c: Configuration) -> str:
    rows = [
        ("q", f"tensor<?x?x{c.heads}x{c.dk}x{c.dtype}>", "queries [B, Tq, heads, dk]"),
        ("k", f"tensor<?x?x{c.groups}x{c.dk}x{c.dtype}>", "keys [B, Tk, groups, dk]"),
        ("v", f"tensor<?x?x{c.groups}x{c.dv}x{c.dtype}>", "values [B, Tk, groups, dv]"),
        ("o", f"tensor<?x?x{c.heads}x{c.dv}x{c.dtype}>", "outputs [B, Tq, heads, dv]"),
        ("lse", f"tensor<?x?x{c.heads}xf32>", "log-sum-exp of each row"),
    ]
    if form != "window":
        rows.append(("gates", f"tensor<?x?x{c.heads}x3xf32>", "compressed, selected, window"))
    if form in ("branches", "selection"):
        rows.append(("scores", f"tensor<?x?x{c.lists}x?xf32>", "one per selection block"))
    if form not in ("forward", "window"):
        rows.append(("idx", f"tensor<?x?x{c.lists}x{c.top_n}xi32>", "blocks, ascending, then -1"))
    if form == "forward":
        rows = [row for row in rows if row[0] != "lse"]
    width = max(len(name) + len(text) for name, text, _ in rows)
    return "".join(
        f"!{name} = {text}{' ' * (width - len(name) - len(text))}  // {note}\n"
        for name, text, note in rows
    )


def _signature(form: str, results: str) -> str:
    kinds = {"q": "q", "gates": "gates"}
    arguments = [f"%{name}: !{kinds.get(name, name[0])}" for name in OPERANDS]
    indent = " " * (len(f"func.func @nsa_{form}") + 1)
    groups = [arguments[:1], arguments[1:3], arguments[3:5], arguments[5:7], arguments[7:]]
    text = f",\n{indent}".join(", ".join(group) for group in groups)
    return f"func.func @nsa_{form}({text})\n    -> {results} {{\n"


def _attention_attributes(c: Configuration) -> str:
    text = (
        f"compression_block = {c.compression_block}, compression_stride = {c.compression_stride},\n"
        f"     selection_block = {c.selection_block}, top_n = {c.top_n}, window = {c.window}"
    )
    extra = _selection_attributes(c) + _score_attributes(c)
    if c.gate_activation != "none":
        extra += f", gate_activation = #nsa.gate_activation<{c.gate_activation}>"
    return text + extra.replace(", ", ",\n     ")


def _selection_attributes(c: Configuration) -> str:
    text = "" if c.initial == 1 else f", initial = {c.initial}"
    return text + ("" if c.local == 2 else f", local = {c.local}")


def _score_attributes(c: Configuration) -> str:
    text = "" if c.score_map == "overlap" else f", score_map = #nsa.score_map<{c.score_map}>"
    if c.list_heads != "kv":
        text += f", list_heads = #nsa.list_heads<{c.list_heads}>"
    return text


def _attention(c: Configuration, results: str, types: str, aux: bool) -> str:
    return (
        f"  {results} = nsa.attention %q compressed(%k_cmp, %v_cmp)\n"
        "    selected(%k_slc, %v_slc) window(%k_win, %v_win) gates(%gates)\n"
        f"    {{{_attention_attributes(c)}{', return_aux' if aux else ''}}}\n"
        f"    : (!q, !k, !v, !k, !v, !k, !v, !gates) -> {types}\n"
    )


def _forward(c: Configuration) -> str:
    return (
        _signature("forward", "!o")
        + "  // Keys and values are compressed inside, by the mean of each block.\n"
        + _attention(c, "%o", "!o", aux=False)
        + "  return %o : !o\n}\n"
    )


def _forward_aux(c: Configuration) -> str:
    types = "!o, !lse, !lse, !lse, !idx"
    names = "%o, %lse_cmp, %lse_slc, %lse_win, %idx"
    return (
        _signature("forward_aux", f"({types})")
        + "  // Keys and values are compressed inside, by the mean of each block.\n"
        + _attention(c, names, f"({types})", aux=True)
        + f"  return {names}\n    : {types}\n}}\n"
    )


def _selection_ops(c: Configuration) -> str:
    """compress, compressed_attention, block_scores, select_top_n."""
    blocking = (
        f"compression_block = {c.compression_block}, compression_stride = {c.compression_stride}"
    )
    return f"""\
  // Query 0 stands at key Tk - Tq; all Tk keys exist.
  %c1 = arith.constant 1 : index
  %tq = tensor.dim %q, %c1 : !q
  %tk = tensor.dim %k_slc, %c1 : !k
  %offset = arith.subi %tk, %tq : index

  // One key and one value for every block of {c.compression_block} tokens, every \
{c.compression_stride} tokens.
  %kc = nsa.compress mean(%k_cmp)
    {{{blocking}}} : (!k) -> !k
  %vc = nsa.compress mean(%v_cmp)
    {{{blocking}}} : (!v) -> !v

  // First branch: attention over the compressed keys.
  %o_cmp, %lse_cmp = nsa.compressed_attention %q, %kc, %vc q_offset(%offset) kv_len(%tk)
    {{{blocking}}}
    : (!q, !k, !v, index, index) -> (!o, !lse)

  // Its probabilities are the importance of each block of {c.selection_block} tokens; \
every {"group" if c.list_heads == "kv" else "head"}
  // of {"heads " if c.list_heads == "kv" else ""}takes {c.top_n} of them, \
{c.initial} at the start and {c.local} at its own position included.
  %scores = nsa.block_scores %q, %kc, %lse_cmp, %tk q_offset(%offset) kv_len(%tk)
    {{{blocking}, selection_block = {c.selection_block}{_score_attributes(c)}}}
    : (!q, !k, !lse, index, index, index) -> !scores
  %idx = nsa.select_top_n %scores q_offset(%offset) kv_len(%tk)
    {{selection_block = {c.selection_block}, top_n = {c.top_n}{_selection_attributes(c)}}}
    : (!scores, index, index) -> !idx
"""


def _selection(c: Configuration) -> str:
    types = "!k, !v, !o, !lse, !idx"
    return (
        _signature("selection", f"({types})")
        + _selection_ops(c)
        + f"\n  return %kc, %vc, %o_cmp, %lse_cmp, %idx : {types}\n}}\n"
    )


def _branches(c: Configuration) -> str:
    types = "!o, !k, !v, !o, !lse, !scores, !idx, !o, !lse, !o, !lse"
    activation = ""
    if c.gate_activation != "none":
        activation = f"\n    {{activation = #nsa.gate_activation<{c.gate_activation}>}}"
    return (
        _signature("branches", f"({types})")
        + _selection_ops(c)
        + f"""
  // Second branch: attention over the tokens of the selected blocks.
  %o_slc, %lse_slc = nsa.selected_attention %q, %k_slc, %v_slc, %idx
    {{selection_block = {c.selection_block}, unique}} : (!q, !k, !v, !idx) -> (!o, !lse)

  // Third branch: attention over the last {c.window} tokens.
  %o_win, %lse_win = nsa.window_attention %q, %k_win, %v_win
    {{window = {c.window}}} : (!q, !k, !v) -> (!o, !lse)

  // The gated sum, in the order compressed, selected, window.
  %o = nsa.gate %o_cmp, %o_slc, %o_win gates(%gates){activation}
    : (!o, !o, !o, !gates) -> !o

  return %o, %kc, %vc, %o_cmp, %lse_cmp, %scores, %idx, %o_slc, %lse_slc, %o_win, %lse_win
    : {types}
}}
"""
    )


def _window(c: Configuration) -> str:
    return f"""\
func.func @nsa_window(%q: !q, %k: !k, %v: !v) -> (!o, !lse) {{
  // Each query sees its own token and the {c.window - 1} before it.
  %o, %lse = nsa.window_attention %q, %k, %v
    {{window = {c.window}}} : (!q, !k, !v) -> (!o, !lse)
  return %o, %lse : !o, !lse
}}
"""


# --- Command line -------------------------------------------------------------


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _choices(flag: str, values: Sequence[int]) -> str:
    return f"possible {flag}: {', '.join(map(str, values))}"


def _arguments(form: str, c: Configuration) -> str:
    """The command line that prints this example."""
    text = f"--form={form}"
    for field in fields(c):
        if getattr(c, field.name) != field.default:
            text += f" {_flag(field.name)}={getattr(c, field.name)}"
    return text


def parser() -> argparse.ArgumentParser:
    """The command line; its destinations are ``form`` and the fields of ``Configuration``."""
    result = argparse.ArgumentParser(
        prog="python -m nsa_mlir.example",
        description="Print Native Sparse Attention in MLIR; the defaults are the paper's.",
        allow_abbrev=False,
    )
    default = Configuration()
    result.add_argument("--form", choices=FORMS, required=True, help="what to print")
    texts = {
        "heads": "query heads",
        "groups": "key/value heads; divides the query heads",
        "dk": "head size of queries and keys",
        "dv": "head size of values",
        "compression_block": "tokens per compressed key",
        "compression_stride": "tokens from one compressed key to the next; divides both blocks",
        "selection_block": "tokens per selected block; at least the compression block",
        "top_n": "selected blocks per query, forced ones included",
        "window": "tokens in the sliding window, the query's own included",
        "initial": "blocks at the start that are always selected",
        "local": "blocks at the query's position that are always selected",
    }
    for name, text in texts.items():
        value = getattr(default, name)
        result.add_argument(
            _flag(name), type=int, default=value, metavar="N", help=f"{text} (default {value})"
        )
    for name, choices, text in (
        ("dtype", DTYPES, "element type of queries, keys, values"),
        ("gate_activation", ("none", "sigmoid"), "what is applied to the gates"),
        ("score_map", ("overlap", "max"), "how compressed scores become block scores"),
        ("list_heads", ("kv", "query"), "one list per group or per query head"),
    ):
        value = getattr(default, name)
        result.add_argument(
            _flag(name), choices=choices, default=value, help=f"{text} (default {value})"
        )
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Prints an example to standard output; 0, or 2 with a message on standard error."""
    command_line = parser()
    arguments = vars(command_line.parse_args(argv))
    form = arguments.pop("form")
    try:
        text = generate(form, Configuration(**arguments))
    except ConfigurationError as error:
        command_line.error(str(error))
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
