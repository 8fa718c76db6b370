# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How far the benchmark is: a bar with the remaining time on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

WIDTH = 24


def remaining(total: float, done: float, elapsed: float) -> float:
    """Seconds left, by what the work so far took in comparison with its guesses."""
    return max(0.0, total - done) * (elapsed / done if done > 0 else 1.0)


def spelled(seconds: float) -> str:
    """``95 s`` or ``17 min``."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Progress:
    """Steps of guessed lengths in seconds. Without a terminal it is silent, or, if
    ``verbose``, prints a line a step."""

    def __init__(self, verbose: bool = False) -> None:
        self.total = 0.0
        self._done = 0.0
        self._name = ""
        self._guess = 0.0
        self._begin = self._step_begin = time.monotonic()
        self._bar = sys.stderr.isatty()
        self._verbose = verbose
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Progress:
        if self._bar:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finished.set()
        if self._bar:
            self._thread.join()
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def begin(self, total: float) -> None:
        """The whole work takes so long, by a guess, and begins now."""
        with self._lock:
            self.total, self._done, self._begin = total, 0.0, time.monotonic()

    def start(self, name: str, guess: float) -> None:
        """The next step; ends the one before."""
        with self._lock:
            self._done += self._guess
            self._name, self._guess, self._step_begin = name, guess, time.monotonic()
        if self._bar:
            self._draw()
        elif self._verbose:
            print(f"bench: {name}", file=sys.stderr, flush=True)

    def correct(self, change: float) -> None:
        """The whole takes longer, or less long, than was guessed."""
        with self._lock:
            self.total = max(self.total + change, self._done)

    def line(self) -> str:
        """The bar."""
        now = time.monotonic()
        with self._lock:
            if self.total <= 0:
                return self._name
            part = min(now - self._step_begin, self._guess)
            share = min(1.0, (self._done + part) / self.total)
            left = remaining(self.total, self._done + part, now - self._begin)
            bar = ("#" * round(share * WIDTH)).ljust(WIDTH)
            return f"[{bar}] {share:4.0%}, {spelled(left)} left: {self._name}"

    def _draw(self) -> None:
        sys.stderr.write(f"\r\033[K{self.line()[:100]}")
        sys.stderr.flush()

    def _watch(self) -> None:
        while not self._finished.wait(1.0):
            self._draw()
