# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time against tokens, as a PNG. Needs matplotlib, which nothing else does."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from nsa_mlir.bench.errors import BenchError
from nsa_mlir.bench.host import cpu_name
from nsa_mlir.bench.results import Results

LABELS = {"dense": "dense", "nsa": "NSA", "numpy": "numpy, dense", "torch": "torch, dense"}
COLORS = {"dense": "#c44e52", "nsa": "#4c72b0", "numpy": "#8c8c8c", "torch": "#dd8452"}


def check_matplotlib() -> None:
    """Raises ``BenchError`` that says how to install it."""
    if importlib.util.find_spec("matplotlib") is None:
        raise BenchError(
            "--plot needs matplotlib: build/venv/bin/python -m pip install matplotlib", 2
        )


def series(results: Results) -> dict[tuple[str, int], list[tuple[int, float]]]:
    """(Tokens, milliseconds) by contender and threads, of the forward pass's table."""
    lines: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for key in results.times:
        value = results.median(key)
        if not key.decode and (key.heads, key.dtype) == ("8/2", "f32") and value is not None:
            lines.setdefault((key.kind, key.threads), []).append((key.tokens, value))
    return {name: sorted(points) for name, points in lines.items()}


def write_plot(results: Results, path: Path) -> None:
    """Both axes logarithmic; more threads are solid lines."""
    # Without annotations, and not to be found everywhere.
    figures: Any = importlib.import_module("matplotlib.figure")
    figure = figures.Figure(figsize=(7, 4.5), dpi=150, layout="constrained")
    axes = figure.subplots()
    for (kind, threads), points in series(results).items():
        axes.plot(
            [tokens for tokens, _ in points],
            [value for _, value in points],
            "o-" if threads > 1 else "o--",
            color=COLORS[kind],
            label=f"{LABELS[kind]}, {threads} thread{'s' if threads > 1 else ''}",
        )
    tokens = list(results.tokens())
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(tokens, [str(count) for count in tokens])
    axes.set_xlabel("tokens")
    axes.set_ylabel("time, ms")
    axes.set_title(f"f32, 8/2 heads, 64/64; {cpu_name()}", fontsize=10)
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(fontsize=8, handlelength=4, markerscale=0.6)
    figure.savefig(path, format="png")
