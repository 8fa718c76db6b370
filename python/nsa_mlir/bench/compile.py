# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long the compiler takes: ``python -m nsa_mlir.bench --compile``."""

from __future__ import annotations

import datetime
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nsa_mlir import example
from nsa_mlir.bench.errors import BenchError
from nsa_mlir.bench.host import cpu_name

LIMITS = {"isa": 3.0, "bin": 6.0}


def time_compiler(nsa_opt: str, source: Path, options: str) -> tuple[float, float]:
    """Seconds of wall and processor time until the module is compiled, on one core."""
    command = [nsa_opt, str(source), f"--nsa-to-ptx={options}", "-o", os.devnull]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([*command, "--mlir-disable-threading"], capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise BenchError(f"{' '.join(command)}:\n{done.stderr}")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, used


def bench_compile(nsa_opt: str, chip: str, rounds: int, limits: bool) -> int:
    """Prints the table; 1 if a limit counts and is exceeded."""
    print(f"{datetime.date.today()}, {cpu_name()}; nsa.attention, 64/4 heads, 192/128, {chip};")
    print(f"median of {rounds} rounds, s, on one core\n")
    print("| output | wall | processor | limit |")
    print("|---|---|---|---|")
    slow = False
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "forward.mlir"
        source.write_text(example.generate("forward", example.Configuration()))
        for kind, limit in LIMITS.items():
            options = f"chip={chip} format={kind}"
            times = [time_compiler(nsa_opt, source, options) for _ in range(rounds)]
            wall, used = (statistics.median(column) for column in zip(*times, strict=True))
            name = {"isa": "PTX", "bin": "cubin"}[kind]
            print(f"| {name} | {wall:.2f} | {used:.2f} | {limit:.0f} |", flush=True)
            slow |= used > limit
    if slow and limits:
        print("bench: slower than the limit", file=sys.stderr)
    return int(slow and limits)
