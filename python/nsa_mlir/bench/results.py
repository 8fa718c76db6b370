# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What one run measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from nsa_mlir.bench.tools import Memory, Peak


@dataclass(frozen=True)
class Key:
    """Names a contender: ``dense``, ``nsa``, ``numpy`` or ``torch``."""

    kind: str
    tokens: int
    threads: int
    heads: str = "8/2"
    dtype: str = "f32"
    decode: bool = False

    def describe(self) -> str:
        text = f"{self.kind}{' decode' if self.decode else ''}, T = {self.tokens}"
        if (self.heads, self.dtype) != ("8/2", "f32"):
            text += f", {self.heads} heads, {self.dtype}"
        return f"{text}, {self.threads} thread{'s' if self.threads > 1 else ''}"


@dataclass
class Results:
    """Milliseconds by contender and round, peaks before and after, memory by tokens."""

    threads: int
    rounds: int
    times: dict[Key, list[float]] = field(default_factory=dict)
    peaks: list[Peak] = field(default_factory=list)
    memory: dict[int, Memory] = field(default_factory=dict)
    # Operations of a call, by contender.
    flops: dict[Key, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def median(self, key: Key) -> float | None:
        values = self.times.get(key)
        return statistics.median(values) if values else None

    def peak(self, threads: int = 1) -> float:
        """GFLOP/s: the larger of the measurements."""
        return max((one.gflops for one in self.peaks if one.threads == threads), default=0.0)

    def gflops(self, key: Key) -> float | None:
        milliseconds = self.median(key)
        return None if milliseconds is None else self.flops[key] / milliseconds / 1e6

    def share_of_peak(self, key: Key) -> float | None:
        """Of one core's peak."""
        rate = self.gflops(key)
        return None if rate is None or not self.peak() else rate / self.peak()

    def ratio(self, slow: Key, fast: Key) -> float | None:
        """How many times faster ``fast`` is."""
        top, bottom = self.median(slow), self.median(fast)
        return None if top is None or bottom is None else top / bottom

    def spread(self) -> tuple[float, Key] | None:
        """The largest distance of a contender's rounds, by their median, and whose it is."""
        spreads = [
            ((max(values) - min(values)) / statistics.median(values), key)
            for key, values in self.times.items()
            if len(values) > 1
        ]
        return max(spreads, key=lambda one: one[0], default=None)

    def tokens(self) -> Sequence[int]:
        """Those of the table of forward passes."""
        return sorted(
            {
                key.tokens
                for key in self.times
                if not key.decode and (key.heads, key.dtype) == ("8/2", "f32")
            }
        )
