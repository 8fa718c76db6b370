# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the measured numbers have to reach.

Ratios of dense attention to NSA say nothing if dense attention is slow: they are void
unless dense attention reaches its own targets in the same run.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from nsa_mlir.bench.results import Key, Results

DENSE_TOKENS = (4096, 16384)
DENSE_SHARE = 0.25
DENSE_SPEEDUP, DENSE_THREADS = 1.6, 2
FORWARD_RATIOS = {16384: 2.5, 65536: 5.0}
DECODE_TOKENS, DECODE_RATIO = 65536, 10.0
MEMORY_TOKENS, MEMORY_BYTES = 65536, 256 * 2**20
# Counts of blocks are rounded: what is linear may grow by so much more.
GROWTH_SLACK = 1.01

PASS, FAIL, VOID, ABSENT = "PASS", "FAIL", "void", "not measured"


@dataclass(frozen=True)
class Verdict:
    """One target: what is measured, its value and limit as text, and the status."""

    what: str
    value: str
    limit: str
    status: str


def judge(results: Results) -> list[Verdict]:
    """All targets, dense attention's first."""
    dense = _dense(results)
    hold = all(verdict.status == PASS for verdict in dense)
    return [*dense, *_ratios(results, hold), *_memory(results)]


def _at_least(what: str, value: float | None, limit: float, unit: str, hold: bool) -> Verdict:
    scale, digits = (100, 1) if unit == " %" else (1, 2)
    wanted = f"at least {limit * scale:g}{unit}"
    if value is None:
        return Verdict(what, "", wanted, ABSENT)
    status = VOID if not hold else PASS if value >= limit else FAIL
    return Verdict(what, f"{value * scale:.{digits}f}{unit}", wanted, status)


def _dense(results: Results) -> list[Verdict]:
    verdicts = []
    for tokens in DENSE_TOKENS:
        one, two = (Key("dense", tokens, threads) for threads in (1, DENSE_THREADS))
        name = f"dense, T = {tokens}"
        share = results.share_of_peak(one)
        what = f"{name}: one thread, of one core's peak"
        verdicts.append(_at_least(what, share, DENSE_SHARE, " %", True))
        speedup = results.ratio(one, two)
        verdicts.append(_at_least(f"{name}: two threads", speedup, DENSE_SPEEDUP, "x", True))
    return verdicts


def _ratios(results: Results, hold: bool) -> list[Verdict]:
    verdicts = []
    comparisons = [(tokens, ratio, False) for tokens, ratio in FORWARD_RATIOS.items()]
    for tokens, ratio, decode in [*comparisons, (DECODE_TOKENS, DECODE_RATIO, True)]:
        # Every count of threads at which both were measured has to reach it.
        for threads in sorted({1, results.threads}):
            keys = [Key(kind, tokens, threads, decode=decode) for kind in ("dense", "nsa")]
            value = results.ratio(*keys)
            if value is None and threads != results.threads:
                continue
            name = "decoding a token" if decode else "forward"
            what = f"{name}, T = {tokens}, {threads} thread{'s' if threads > 1 else ''}: "
            verdicts.append(_at_least(what + "NSA over dense", value, ratio, "x", hold))
    return verdicts


def _memory(results: Results) -> list[Verdict]:
    got = results.memory.get(MEMORY_TOKENS)
    what, limit = f"memory, T = {MEMORY_TOKENS}", f"under {MEMORY_BYTES >> 20} MiB"
    if got is None:
        verdicts = [Verdict(what, "", limit, ABSENT)]
    else:
        status = PASS if got.allocated < MEMORY_BYTES else FAIL
        verdicts = [Verdict(what, f"{got.allocated / 2**20:.1f} MiB", limit, status)]
    measured = sorted(results.memory)
    for few, many in itertools.pairwise(measured):
        growth = results.memory[many].allocated / max(1, results.memory[few].allocated)
        factor = many / few
        status = PASS if growth <= factor * GROWTH_SLACK else FAIL
        what = f"memory, T = {few} to {many}"
        verdicts.append(Verdict(what, f"{growth:.2f}x", f"at most {factor:g}x", status))
    if len(measured) < 2:
        verdicts.append(Verdict("memory, growth", "", "at most linear", ABSENT))
    return verdicts
