# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machine, and the tools that were built for it."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from nsa_mlir.bench.errors import BenchError

ROOT = Path(__file__).resolve().parents[3]


def find_nsa_run(given: str | None) -> str:
    """The tool's path; raises ``BenchError`` that says where it was looked for."""
    if given and not os.access(given, os.X_OK):
        raise BenchError(f"--nsa-run={given}: there is no such program", 2)
    built = ROOT / "build" / "bin" / "nsa-run"
    for candidate in (given, os.environ.get("NSA_RUN"), str(built), shutil.which("nsa-run")):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise BenchError("no nsa-run: give --nsa-run=PATH, or build it with utils/quickstart.sh", 2)


def find_peak_tool(given: str | None, nsa_run: str) -> str:
    """nsa-cpu-peak, otherwise the one beside nsa-run."""
    path = given or str(Path(nsa_run).with_name("nsa-cpu-peak"))
    if not os.access(path, os.X_OK):
        raise BenchError(
            f"{path}: there is no such program; give --nsa-cpu-peak=PATH, or build it with "
            "cmake --build build --target nsa-cpu-peak",
            2,
        )
    return path


def cpu_name() -> str:
    """What the CPU calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cpu_count() -> int:
    """The CPUs that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
