# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures everything of the CPU's page in one run.

The contenders take turns in every round, so that what disturbs the machine for a
while disturbs all of them.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nsa_mlir.bench import programs
from nsa_mlir.bench.baselines import time_baseline
from nsa_mlir.bench.progress import Progress, spelled
from nsa_mlir.bench.results import Key, Results
from nsa_mlir.bench.tools import Memory, NsaRun, measure_peak

# With other heads and types, without targets.
VARIANTS = ((8, 8, "f32"), (16, 1, "f32"), (8, 2, "bf16"))
# Shares of the peak, for guesses of how long something takes.
GUESSED_SHARE = {"dense": 0.25, "nsa": 0.08}
# A process compiles, and fills its inputs so fast.
COMPILE_SECONDS, FILL_BYTES_PER_SECOND = 1.5, 150e6


# What can be left out: dense attention and forward passes, numpy and torch, ...
PARTS = ("forward", "others", "decode", "variants", "memory")


@dataclass(frozen=True)
class Plan:
    """What is measured, and at how many tokens."""

    parts: tuple[str, ...] = PARTS
    tokens: tuple[int, ...] = (4096, 16384, 65536)
    # Dense attention on one thread, and torch, only up to so many.
    patience: int = 16384
    numpy: int = 4096
    decode: int = 65536
    variants: int = 16384
    memory: tuple[int, ...] = (16384, 32768, 65536)
    rounds: int = 5
    threads: int = 2
    peak_seconds: float = 2.0


QUICK = Plan(
    tokens=(128, 256),
    patience=128,
    numpy=128,
    decode=512,
    variants=128,
    memory=(128, 256),
    rounds=1,
    peak_seconds=0.05,
)


@dataclass
class Contender:
    """Someone who takes part in every round."""

    key: Key
    # Milliseconds of a call, given how often it is to be repeated and warmed up.
    run: Callable[[int, int], float]
    # Seconds of a call, and of everything around it.
    call: float
    around: float

    def repeats(self) -> tuple[int, int]:
        """How often a call is timed and warmed up: long ones once, cold."""
        budget = 0.3 if self.key.decode else 1.0
        if self.call > budget:
            return (1, 0) if self.call > 3 else (1, 1)
        return min(200, max(3, math.ceil(budget / self.call))), min(
            10, max(1, math.ceil(0.2 / self.call))
        )

    def guess(self) -> float:
        return self.around + self.call * sum(self.repeats())


class Bench:
    """One run of a plan."""

    def __init__(self, plan: Plan, tool: NsaRun, peak_tool: str, progress: Progress) -> None:
        self.plan, self.tool, self.peak_tool, self.progress = plan, tool, peak_tool, progress
        self.results = Results(plan.threads, plan.rounds)
        self.thread_counts = sorted({1, plan.threads})

    def run(self) -> Results:
        """Everything; raises ``BenchError`` at the first thing that fails."""
        self._measure_peaks("before")
        contenders = self._contenders()
        memory = [self._forward(tokens, self.plan.threads) for tokens in self._memory_tokens()]
        once = self._once()
        total = self.plan.rounds * sum(one.guess() for one in contenders)
        total += sum(one.guess() for one in [*memory, *once])
        print(f"bench: this takes about {spelled(total)}, by a rough guess", file=sys.stderr)
        self.progress.begin(total)
        for number in range(1, self.plan.rounds + 1):
            for contender in contenders:
                self._measure(contender, f"round {number} of {self.plan.rounds}", number)
        for contender in once:
            self._measure(contender, "once", self.plan.rounds)
        self._measure_memory()
        self._measure_peaks("after")
        return self.results

    # --- Contenders -----------------------------------------------------------

    def _contenders(self) -> list[Contender]:
        plan, result = self.plan, []
        for tokens in plan.tokens if "forward" in plan.parts else ():
            for threads in self.thread_counts:
                # One long call is enough.
                if tokens <= plan.patience or threads == plan.threads:
                    result.append(self._dense(tokens, threads))
            result += [self._forward(tokens, threads) for threads in self.thread_counts]
            if tokens == plan.numpy and "others" in plan.parts:
                result.append(self._baseline("numpy", tokens, plan.threads))
        if "decode" in plan.parts:
            c = programs.configuration()
            for kind, make in (("dense", programs.decode_dense), ("nsa", programs.decode_nsa)):
                for threads in self.thread_counts:
                    key = Key(kind, plan.decode, threads, decode=True)
                    result.append(self._contender(key, make(plan.decode, c)))
        if "variants" in plan.parts:
            for heads, groups, dtype in VARIANTS:
                c = programs.configuration(heads, groups, dtype)
                for kind, make in (("dense", programs.dense), ("nsa", programs.forward)):
                    key = Key(kind, plan.variants, plan.threads, f"{heads}/{groups}", dtype)
                    result.append(self._contender(key, make(plan.variants, c)))
        return result

    def _memory_tokens(self) -> tuple[int, ...]:
        return self.plan.memory if "memory" in self.plan.parts else ()

    def _once(self) -> list[Contender]:
        if not {"forward", "others"} <= set(self.plan.parts):
            return []
        tokens = [tokens for tokens in self.plan.tokens if tokens <= self.plan.patience]
        return [
            self._baseline("torch", count, threads)
            for count in tokens
            for threads in self.thread_counts
        ]

    def _dense(self, tokens: int, threads: int) -> Contender:
        program = programs.dense(tokens, programs.configuration())
        return self._contender(Key("dense", tokens, threads), program)

    def _forward(self, tokens: int, threads: int) -> Contender:
        program = programs.forward(tokens, programs.configuration())
        return self._contender(Key("nsa", tokens, threads), program)

    def _contender(self, key: Key, program: programs.Program) -> Contender:
        self.results.flops[key] = program.flops
        rate = GUESSED_SHARE[key.kind] * self.results.peak() * 1e9 * key.threads
        return Contender(
            key,
            lambda repeat, warmup: self.tool.time(program, key.threads, repeat, warmup),
            max(1e-4, program.work / rate),
            COMPILE_SECONDS + program.input_bytes / FILL_BYTES_PER_SECOND,
        )

    def _baseline(self, name: str, tokens: int, threads: int) -> Contender:
        key = Key(name, tokens, threads)
        work = programs.dense_flops(tokens, tokens, programs.configuration())
        self.results.flops[key] = work

        def run(repeat: int, warmup: int) -> float:
            if name in self.results.missing:
                return math.nan
            milliseconds = time_baseline(name, tokens, threads, min(repeat, 3))
            if milliseconds is None:
                self.results.missing.append(name)
                return math.nan
            return milliseconds

        # numpy does the masked half too.
        rate = 0.2 * self.results.peak() * 1e9 * (threads if name == "torch" else 0.5)
        return Contender(key, run, work / rate, 1.0)

    # --- Measuring ------------------------------------------------------------

    def _measure(self, contender: Contender, when: str, number: int) -> None:
        guess = contender.guess()
        self.progress.start(f"{when}: {contender.key.describe()}", guess)
        repeat, warmup = contender.repeats()
        begin = time.monotonic()
        milliseconds = contender.run(repeat, warmup)
        took = time.monotonic() - begin
        if math.isnan(milliseconds):
            took = contender.call = contender.around = 0.0
        else:
            self.results.times.setdefault(contender.key, []).append(milliseconds)
            contender.call = max(1e-6, milliseconds / 1e3)
            contender.around = max(0.0, took - contender.call * (repeat + warmup))
        later = (contender.guess() - guess) if not math.isnan(milliseconds) else -guess
        self.progress.correct(later * (self.plan.rounds - number))

    def _measure_memory(self) -> None:
        """Resident sizes are compared with a process that has next to no tokens."""
        if not self._memory_tokens():
            return
        c, threads = programs.configuration(), self.plan.threads
        self.progress.start("memory", COMPILE_SECONDS)
        base = self.tool.memory(programs.forward(1, c), threads).resident
        for tokens in self._memory_tokens():
            guess = self._forward(tokens, threads)
            self.progress.start(f"memory, T = {tokens}", guess.around + guess.call)
            got = self.tool.memory(programs.forward(tokens, c), threads)
            self.results.memory[tokens] = Memory(got.allocated, max(0, got.resident - base))

    def _measure_peaks(self, when: str) -> None:
        for threads in self.thread_counts:
            self.progress.start(f"the peak {when}, {threads} thread{'s' * (threads > 1)}", 0)
            peak = measure_peak(self.peak_tool, threads, self.plan.peak_seconds)
            self.results.peaks.append(peak)


def run_plan(
    plan: Plan, nsa_run: str, peak_tool: str, cpu: str | None, directory: Path, verbose: bool
) -> tuple[Results, str]:
    """The results, and nsa-run's version."""
    tool = NsaRun(nsa_run, directory, cpu)
    version = tool.version()
    with Progress(verbose) as progress:
        return Bench(plan, tool, peak_tool, progress).run(), version
