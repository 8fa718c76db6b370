# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line: ``python -m nsa_mlir.bench``; docs/performance/cpu.md explains it."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nsa_mlir.bench import cpu, page, plot
from nsa_mlir.bench.compile import bench_compile
from nsa_mlir.bench.errors import BenchError
from nsa_mlir.bench.host import find_nsa_run, find_peak_tool
from nsa_mlir.bench.report import PUBLISHED_ROUNDS, report
from nsa_mlir.bench.targets import PASS, judge

DESCRIPTION = """Times the compiled code side by side with dense attention.

One run gives one Markdown table on standard output: dense causal attention and the
whole forward pass at several numbers of tokens, decoding, other heads and types,
memory, and which targets are reached. docs/performance/cpu.md says what is measured.
With --compile the compiler itself is timed instead."""


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {value}")
    return value


def _positive_list(text: str) -> tuple[int, ...]:
    return tuple(sorted({_positive(part) for part in text.split(",")}))


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    for part in parts:
        if part not in cpu.PARTS:
            raise argparse.ArgumentTypeError(f"no part '{part}'; there are {', '.join(cpu.PARTS)}")
    return parts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nsa_mlir.bench",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--device", choices=["cpu"], default="cpu")
    add("--nsa-run", metavar="PATH", help="default: $NSA_RUN, build/bin, PATH")
    add("--nsa-cpu-peak", metavar="PATH", help="default: beside nsa-run")
    add("--tokens", type=_positive_list, metavar="T[,T...]", help="default 4096,16384,65536")
    add("--parts", type=_parts, metavar="P[,P...]", help=f"default {','.join(cpu.PARTS)}")
    add("--rounds", type=_positive, metavar="N", help="default 5")
    add("--threads", type=_positive, metavar="N", help="compared with one thread (default 2)")
    add("--cpu", metavar="NAME", help="passed to nsa-run: x86-64, haswell, ...; default host")
    add("--output", type=Path, metavar="PAGE.md", help="also write the table into this page")
    add("--plot", type=Path, metavar="FILE.png", help="plot time against tokens; needs matplotlib")
    add("--check", action="store_true", help="exit with 1 unless every target is reached")
    add("--quick", action="store_true", help="a few tokens: shows that everything runs")
    add("--verbose", action="store_true", help="print each step, where there is no terminal")
    add("--compile", action="store_true", help="time the compiler")
    add("--chip", default="sm_90", help="of --compile (default sm_90)")
    add("--limits", action="store_true", help="of --compile: exit with 1 beyond 3 s and 6 s")
    return parser


def _plan(arguments: argparse.Namespace) -> cpu.Plan:
    plan = cpu.QUICK if arguments.quick else cpu.Plan()
    given = {
        name: getattr(arguments, name)
        for name in ("tokens", "parts", "rounds", "threads")
        if getattr(arguments, name) is not None
    }
    return replace(plan, **given)


def _bench_cpu(arguments: argparse.Namespace) -> int:
    tool = find_nsa_run(arguments.nsa_run)
    peak_tool = find_peak_tool(arguments.nsa_cpu_peak, tool)
    plan = _plan(arguments)
    # What cannot be written in the end is better known in the beginning.
    output, picture = arguments.output, arguments.plot
    if output:
        page.replaced(page.read_page(output), "", str(output))
        page.check_directory(output)
    if picture:
        plot.check_matplotlib()
        page.check_directory(picture)
    if plan.rounds < PUBLISHED_ROUNDS:
        print(f"bench: warning: {plan.rounds} rounds are too few for publication", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="nsa-bench-") as scratch:
        target = None if arguments.cpu == "host" else arguments.cpu
        results, version = cpu.run_plan(
            plan, tool, peak_tool, target, Path(scratch), arguments.verbose
        )
    verdicts = judge(results)
    text = report(results, verdicts, version, target)
    print(text, end="", flush=True)
    if picture:
        page.write_whole(picture, lambda path: plot.write_plot(results, path))
    if output:
        content = page.replaced(page.read_page(output), text, str(output))
        page.write_whole(output, lambda path: path.write_text(content, encoding="utf-8"))

    missed = [verdict for verdict in verdicts if verdict.status != PASS]
    if arguments.check:
        for one in missed:
            value = f"{one.value}, " if one.value else ""
            print(f"bench: {one.status}: {one.what}: {value}{one.limit}", file=sys.stderr)
    return int(arguments.check and bool(missed))


def main(argv: Sequence[str] | None = None) -> int:
    """0, 1 with --check or --limits if something is missed, or a failed program's code."""
    arguments = _parser().parse_args(argv)
    # Ends the program as Ctrl-C does: with its child, and its files.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if arguments.compile:
            nsa_opt = str(Path(find_nsa_run(arguments.nsa_run)).with_name("nsa-opt"))
            rounds = arguments.rounds or PUBLISHED_ROUNDS
            return bench_compile(nsa_opt, arguments.chip, rounds, arguments.limits)
        return _bench_cpu(arguments)
    except BenchError as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
