# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dense causal attention by others, each in a process of its own.

``python -m nsa_mlir.bench.baselines numpy|torch TOKENS THREADS REPEAT`` prints the
median of milliseconds, or ``not installed``. numpy takes matmul, mask, softmax and
matmul, head by head; torch its scaled_dot_product_attention.
"""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nsa_mlir.bench.errors import BenchError
from nsa_mlir.bench.process import run
from nsa_mlir.bench.programs import GROUPS, HEADS, SIZE


def time_baseline(name: str, tokens: int, threads: int, repeat: int) -> float | None:
    """The median in milliseconds; None if it is not installed."""
    command = [sys.executable, "-m", "nsa_mlir.bench.baselines", name]
    command += [str(number) for number in (tokens, threads, repeat)]
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {variable: str(threads) for variable in limits}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    text = run(command, environment).stdout.strip()
    if text == "not installed":
        return None
    try:
        return float(text)
    except ValueError:
        raise BenchError(f"{' '.join(command)} printed '{text}'") from None


def _numpy(tokens: int, threads: int) -> Callable[[], object]:
    import numpy as np

    rng = np.random.default_rng(1)
    q = rng.standard_normal((HEADS, tokens, SIZE), np.float32)
    k, v = rng.standard_normal((2, GROUPS, tokens, SIZE), np.float32)
    mask = np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1)
    scale = np.float32(SIZE**-0.5)

    def attend() -> None:
        for head in range(HEADS):
            group = head // (HEADS // GROUPS)
            scores = q[head] @ k[group].T
            scores *= scale
            scores += mask
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            scores @ v[group]

    return attend


def _torch(tokens: int, threads: int) -> Callable[[], object]:
    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    q = torch.randn(1, HEADS, tokens, SIZE)
    # Repeated here, outside of what is timed: not every version takes groups.
    k, v = (
        torch.randn(1, GROUPS, tokens, SIZE).repeat_interleave(HEADS // GROUPS, 1) for _ in range(2)
    )
    attention = torch.nn.functional.scaled_dot_product_attention

    def attend() -> object:
        with torch.inference_mode():
            return attention(q, k, v, is_causal=True)

    return attend


def main(arguments: Sequence[str]) -> None:
    name = arguments[0]
    tokens, threads, repeat = map(int, arguments[1:])
    if importlib.util.find_spec(name) is None:
        print("not installed")
        return
    attend = {"numpy": _numpy, "torch": _torch}[name](tokens, threads)
    attend()
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        attend()
        times.append((time.perf_counter() - begin) * 1e3)
    print(f"{statistics.median(times):.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
