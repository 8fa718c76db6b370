# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Results as Markdown."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from nsa_mlir import example
from nsa_mlir.bench.host import cpu_count, cpu_name
from nsa_mlir.bench.results import Key, Results
from nsa_mlir.bench.targets import Verdict

# Fewer rounds are for trying things out.
PUBLISHED_ROUNDS = 5


def report(results: Results, verdicts: Sequence[Verdict], version: str, cpu: str | None) -> str:
    """All tables, with what they were measured on."""
    parts = [
        _head(results, version, cpu),
        _forward(results),
        _others(results),
        _decode(results),
        _variants(results),
        _memory(results),
        "Targets:\n\n"
        + table(
            ["what", "value", "target", ""],
            [[one.what, one.value, one.limit, one.status] for one in verdicts],
        ),
    ]
    return "\n".join(part for part in parts if part)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [[f" {cell} " if cell else " " for cell in row] for row in (head, *rows)]
    cells.insert(1, ["---"] * len(head))
    return "".join(f"|{'|'.join(row)}|\n" for row in cells)


def milliseconds(value: float | None) -> str:
    """Three digits or a little more."""
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2 if value >= 10 else 3
    return f"{value:.{digits}f}"


def times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}x"


def _count(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _head(results: Results, version: str, cpu: str | None) -> str:
    c = example.Configuration()
    one = max((peak for peak in results.peaks if peak.threads == 1), key=lambda p: p.gflops)
    kind = f"{one.vector_bits}-bit {'FMA' if one.fused else 'multiply and add'}"
    both = ", ".join(f"{p.gflops:.1f}" for p in results.peaks if p.threads == 1)
    peak = f"Peak of one core: {one.gflops:.1f} GFLOP/s ({kind}, {one.accumulators} accumulators;"
    peak += f" before and after: {both})"
    if results.threads > 1:
        peak += f"; of {results.threads} threads: {results.peak(results.threads):.1f}"
    lines = [
        f"{datetime.date.today()}, {cpu_name()}, {cpu_count()} CPUs; {version}, code for "
        f"{'this CPU' if cpu in (None, 'host') else cpu}.",
        f"{peak}.",
        f"Medians of {results.rounds} rounds, milliseconds; f32, one batch entry, 8/2 heads,",
        f"64/64, blocks {c.compression_block}/{c.compression_stride}/{c.selection_block}, "
        f"{c.top_n} of them selected, window {c.window}, unless the table says otherwise.",
    ]
    if results.rounds < PUBLISHED_ROUNDS:
        lines.append(f"{results.rounds} rounds are too few for publication.")
    spread = results.spread()
    if spread:
        lines.append(
            f"The rounds of a contender differ by at most {spread[0]:.0%} ({spread[1].describe()})."
        )
    lines += [f"{name}: not installed." for name in results.missing]
    return "\n".join(lines) + "\n"


def _forward(results: Results) -> str:
    head, rows = ["T"], []
    counts = sorted({1, results.threads})
    head += [f"dense, {_count(n)}" for n in counts]
    head += ["speed-up", "GFLOP/s, 1 thread", "of the peak"]
    head += [f"NSA, {_count(n)}" for n in counts]
    head += ["speed-up", *[f"dense / NSA, {_count(n)}" for n in counts]]
    for tokens in results.tokens():
        dense = [Key("dense", tokens, n) for n in counts]
        nsa = [Key("nsa", tokens, n) for n in counts]
        rate, share = results.gflops(dense[0]), results.share_of_peak(dense[0])
        rows.append(
            [
                str(tokens),
                *[milliseconds(results.median(key)) for key in dense],
                times(results.ratio(dense[0], dense[-1])),
                "" if rate is None else f"{rate:.1f}",
                "" if share is None else f"{share:.1%}",
                *[milliseconds(results.median(key)) for key in nsa],
                times(results.ratio(nsa[0], nsa[-1])),
                *[times(results.ratio(*pair)) for pair in zip(dense, nsa, strict=True)],
            ]
        )
    return "The whole forward pass and dense causal attention:\n\n" + table(head, rows)


def _others(results: Results) -> str:
    """numpy and torch beside dense attention, where they were measured."""
    rows = []
    for key in results.times:
        if key.kind not in ("numpy", "torch"):
            continue
        dense = Key("dense", key.tokens, key.threads)
        rows.append(
            [
                key.kind,
                str(key.tokens),
                str(key.threads),
                milliseconds(results.median(key)),
                milliseconds(results.median(dense)),
                times(results.ratio(key, dense)),
            ]
        )
    if not rows:
        return ""
    head = ["by", "T", "threads", "time", "dense", "time / dense"]
    return "Dense causal attention by others:\n\n" + table(head, rows)


def _decode(results: Results) -> str:
    rows = []
    for key in results.times:
        if not key.decode or key.kind != "dense":
            continue
        nsa = Key("nsa", key.tokens, key.threads, decode=True)
        rows.append(
            [
                str(key.tokens),
                str(key.threads),
                milliseconds(results.median(key)),
                milliseconds(results.median(nsa)),
                times(results.ratio(key, nsa)),
            ]
        )
    if not rows:
        return ""
    head = ["cached tokens", "threads", "dense", "NSA", "dense / NSA"]
    return "Decoding one token:\n\n" + table(head, rows)


def _variants(results: Results) -> str:
    rows = []
    for key in results.times:
        if key.kind != "dense" or (key.heads, key.dtype) == ("8/2", "f32"):
            continue
        nsa = Key("nsa", key.tokens, key.threads, key.heads, key.dtype)
        rows.append(
            [
                key.heads,
                key.dtype,
                str(key.tokens),
                milliseconds(results.median(key)),
                f"{results.gflops(key) or 0:.1f}",
                milliseconds(results.median(nsa)),
                times(results.ratio(key, nsa)),
            ]
        )
    if not rows:
        return ""
    head = ["heads", "type", "T", "dense", "GFLOP/s", "NSA", "dense / NSA"]
    return f"Other heads and types, {_count(results.threads)}:\n\n" + table(head, rows)


def _memory(results: Results) -> str:
    if not results.memory:
        return ""
    rows = [
        [str(tokens), f"{got.allocated / 2**20:.1f}", f"{got.resident / 2**20:.1f}"]
        for tokens, got in sorted(results.memory.items())
    ]
    head = ["T", "allocated by compiled code", "resident, by the system"]
    title = "Memory of the forward pass beyond inputs and outputs, "
    return f"{title}{_count(results.threads)}, MiB:\n\n" + table(head, rows)
