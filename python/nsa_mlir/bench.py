# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times of the compiled code, side by side in one run.

``python -m nsa_mlir.bench [--device=cpu] [--tokens=4096,16384] [--rounds=5]``
compiles, for f32, one batch entry, 8/2 heads of 64/64 and the paper's block
sizes:

* ``dense``: causal attention over all keys, ``nsa.window_attention`` with
  ``window = Tk``;
* ``nsa``: the whole forward pass, ``nsa.attention``;
* ``numpy`` (at ``--numpy-tokens`` only): matmul, causal mask, softmax, matmul
  in float32, head by head.

The contenders take turns, ``--rounds`` times, each time with a warm-up; the
table shows the median of the rounds' medians in milliseconds, and ratios. Needs
numpy and nsa-run (``--nsa-run``, else ``$NSA_RUN``, ``build/bin``, ``$PATH``).

``--compile`` times the compiler instead: the paper's forward pass (64/4 heads of
192/128, bf16, dynamic sizes) to PTX and to a cubin for ``--chip``, by the nsa-opt
beside nsa-run, on one core. The table shows the median of wall and of processor
time in seconds; with ``--limits`` more than 3 s (PTX) or 6 s (cubin) of processor
time is an error.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HEADS, GROUPS, SIZE = 8, 2, 64


def find_nsa_run(given: str | None) -> str:
    """The tool's path; raises ``SystemExit`` that says where it was looked for."""
    built = Path(__file__).resolve().parents[2] / "build" / "bin" / "nsa-run"
    for candidate in (given, os.environ.get("NSA_RUN"), str(built), shutil.which("nsa-run")):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise SystemExit("bench: no nsa-run: give --nsa-run=PATH, or build it with utils/quickstart.sh")


def example(
    form: str,
    window: int,
    heads: tuple[int, int] = (HEADS, GROUPS),
    sizes: tuple[int, int] = (SIZE, SIZE),
    dtype: str = "f32",
) -> str:
    """The program of a form (``window`` or ``forward``), as text."""
    command = [sys.executable, "-m", "nsa_mlir.example", f"--form={form}", f"--window={window}"]
    command += [
        f"--heads={heads[0]}",
        f"--groups={heads[1]}",
        f"--dk={sizes[0]}",
        f"--dv={sizes[1]}",
        f"--dtype={dtype}",
    ]
    package = str(Path(__file__).resolve().parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]),
    }
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


def time_nsa_run(
    tool: str, path: Path, entry: str, tokens: int, kv_operands: int, options: Sequence[str]
) -> float:
    """Median milliseconds of one call of ``@entry``, as nsa-run measures it."""
    command = [
        tool,
        str(path),
        f"--entry={entry}",
        "--device=cpu",
        "--repeat=3",
        "--warmup=1",
        *options,
    ]
    command.append(f"--input=1x{tokens}x{HEADS}x{SIZE}xf32=random:1")
    command += [
        f"--input=1x{tokens}x{GROUPS}x{SIZE}xf32=random:{2 + i}" for i in range(kv_operands)
    ]
    if entry == "nsa_forward":
        command.append(f"--input=1x{tokens}x{HEADS}x3xf32=random:9")
    result = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"median ([0-9.]+) ms", result.stdout)
    if result.returncode or not found:
        raise SystemExit(f"bench: {' '.join(command)} failed:\n{result.stderr}")
    return float(found.group(1))


def time_numpy(tokens: int) -> float:
    """Milliseconds of dense causal attention in numpy, float32."""
    import numpy as np

    rng = np.random.default_rng(1)
    q = rng.standard_normal((HEADS, tokens, SIZE), np.float32)
    k, v = rng.standard_normal((2, GROUPS, tokens, SIZE), np.float32)
    mask = np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1)
    scale = np.float32(SIZE**-0.5)
    start = time.perf_counter()
    for head in range(HEADS):
        group = head // (HEADS // GROUPS)
        scores = q[head] @ k[group].T
        scores *= scale
        scores += mask
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        scores @ v[group]
    return (time.perf_counter() - start) * 1e3


def cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def measure(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Medians over rounds in which the contenders take turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(rounds):
        for name, run in contenders.items():
            if sys.stderr.isatty():
                print(f"\rround {round_number + 1} of {rounds}: {name}   ", end="", file=sys.stderr)
            times[name].append(run())
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return {name: statistics.median(values) for name, values in times.items()}


def time_compiler(nsa_opt: str, source: Path, options: str) -> tuple[float, float]:
    """Seconds of wall and processor time until the module is compiled, on one core."""
    command = [nsa_opt, str(source), f"--nsa-to-ptx={options}", "-o", os.devnull]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([*command, "--mlir-disable-threading"], capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(command)}:\n{done.stderr}")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, used


COMPILE_LIMITS = {"isa": 3.0, "bin": 6.0}


def bench_compile(nsa_opt: str, chip: str, rounds: int, limits: bool) -> int:
    print(f"{datetime.date.today()}, {cpu_name()}; nsa.attention, 64/4 heads, 192/128, {chip};")
    print(f"median of {rounds} rounds, s, on one core\n")
    print("| output | wall | processor | limit |")
    print("|---|---|---|---|")
    slow = False
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "forward.mlir"
        source.write_text(example("forward", 512, (64, 4), (192, 128), "bf16"))
        for kind, limit in COMPILE_LIMITS.items():
            options = f"chip={chip} format={kind}"
            times = [time_compiler(nsa_opt, source, options) for _ in range(rounds)]
            wall, used = (statistics.median(column) for column in zip(*times))
            name = {"isa": "PTX", "bin": "cubin"}[kind]
            print(f"| {name} | {wall:.2f} | {used:.2f} | {limit:.0f} |", flush=True)
            slow |= used > limit
    if slow and limits:
        print("bench: slower than the limit", file=sys.stderr)
    return int(slow and limits)


def positive_list(text: str) -> list[int]:
    values = [int(part) for part in text.split(",")]
    if min(values) < 1:
        raise argparse.ArgumentTypeError(f"token counts must be at least 1, not {min(values)}")
    return values


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nsa_mlir.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--device", choices=["cpu"], default="cpu")
    parser.add_argument("--nsa-run", metavar="PATH")
    parser.add_argument("--tokens", type=positive_list, default=[4096, 16384], metavar="T[,T...]")
    parser.add_argument("--numpy-tokens", type=int, default=4096, metavar="T")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--threads", type=int, metavar="N", help="passed to nsa-run")
    parser.add_argument("--compile", action="store_true", help="time the compiler")
    parser.add_argument("--chip", default="sm_90", help="of --compile")
    parser.add_argument("--limits", action="store_true", help="of --compile")
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1:
        parser.error(f"--rounds ({arguments.rounds}) must be at least 1")
    tool = find_nsa_run(arguments.nsa_run)
    if arguments.compile:
        nsa_opt = str(Path(tool).with_name("nsa-opt"))
        return bench_compile(nsa_opt, arguments.chip, arguments.rounds, arguments.limits)
    options = [f"--threads={arguments.threads}"] if arguments.threads else []

    print(
        f"{datetime.date.today()}, {cpu_name()}, {os.cpu_count()} CPUs; f32, {HEADS}/{GROUPS} heads, {SIZE}/{SIZE};"
    )
    print(f"median of {arguments.rounds} rounds, ms\n")
    print("| tokens | dense | nsa | dense / nsa | numpy | numpy / dense |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        forward = Path(temporary) / "forward.mlir"
        forward.write_text(example("forward", 512))
        for tokens in arguments.tokens:
            dense = Path(temporary) / f"dense{tokens}.mlir"
            dense.write_text(example("window", tokens))
            contenders: dict[str, Callable[[], float]] = {
                "dense": lambda: time_nsa_run(tool, dense, "nsa_window", tokens, 2, options),
                "nsa": lambda: time_nsa_run(tool, forward, "nsa_forward", tokens, 6, options),
            }
            if tokens == arguments.numpy_tokens:
                contenders["numpy"] = lambda: time_numpy(tokens)
            times = measure(contenders, arguments.rounds)
            row = [
                f"{times['dense']:.1f}",
                f"{times['nsa']:.1f}",
                f"{times['dense'] / times['nsa']:.2f}",
            ]
            if "numpy" in times:
                row += [f"{times['numpy']:.1f}", f"{times['numpy'] / times['dense']:.1f}"]
            else:
                row += ["", ""]
            print(f"| {tokens} | {' | '.join(row)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
