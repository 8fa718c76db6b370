# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Command line of the numerics suite: ``python -m nsa_mlir.testing``."""

from __future__ import annotations

import os

# The reference multiplies small matrices; a pool of threads only slows it down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import fnmatch
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nsa_mlir.testing import cases as named
from nsa_mlir.testing import tile
from nsa_mlir.testing.backends import Backend, NsaRun, Numpy
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.suite import Outcome, run_case, run_cases

EPILOG = """\
examples:
  python -m nsa_mlir.testing --nsa-run=build/bin/nsa-run            every named case
  python -m nsa_mlir.testing --group=branches --dtype=bf16          some of them
  python -m nsa_mlir.testing --case='*/per_batch/*' --keep=/tmp/x   keep files and commands
  python -m nsa_mlir.testing --group=cpu --cpu=haswell              16-bit types, old processor
  python -m nsa_mlir.testing --device=emulator                      kernels, without a GPU
  python -m nsa_mlir.testing --device=emulator --tensor-cores       those for tensor cores
  python -m nsa_mlir.testing --random=5000 --jobs=2                 the long run
  python -m nsa_mlir.testing --random=300 --seed=7 --shrink         smallest failing case
  python -m nsa_mlir.testing --json='{"op": "gate", "tq": 3}'       one case
  python -m nsa_mlir.testing --backend=numpy                        without the compiler
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nsa_mlir.testing",
        description="Run every op on real inputs and compare it with the float64 reference.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--nsa-run", metavar="PATH", help="the tool (default: $NSA_RUN, build/bin, PATH)")
    add("--backend", choices=("nsa-run", "numpy"), default="nsa-run", help="who computes")
    groups = ", ".join([*named.GROUPS, "cpu"])
    add("--group", action="append", metavar="G", help=f"only these groups: {groups}")
    add("--case", action="append", metavar="PATTERN", help="only names like op/situation/dtype")
    add("--dtype", action="append", choices=("f32", "f16", "bf16"), help="only these types")
    add("--shard", metavar="I/N", help="every N-th case, starting with the I-th (from 1)")
    add("--sample", type=int, default=1, metavar="N", help="of --tensor-cores: about one in N cases")
    add("--json", action="append", metavar="CASE", help="run this case, as failures print it")
    add("--random", type=int, metavar="N", help="run N random cases instead of the named ones")
    add("--seed", type=int, default=1, help="of --random (default 1)")
    add("--op", action="append", metavar="OP", help="of --random: only these ops")
    add("--shrink", action="store_true", help="of --random: stop at the first failure, shrink it")
    devices = ("cpu", "emulator", "cuda")
    add("--device", choices=devices, default="cpu", help="passed to nsa-run (default cpu)")
    checks = ("auto", "fast", "full")
    add("--sanitize", choices=checks, default="auto", help="emulator's checks (default auto)")
    add("--schedule", default="auto", metavar="S", help="emulator's: fifo, lifo, random:SEED, auto")
    add(
        "--tensor-cores",
        nargs="?",
        const="rotate",
        choices=tile.CHOICES,
        metavar="FAMILY",
        help="16-bit cases, with head sizes for tensor cores, more cases, and kernel options "
        "that choose schedules of this family: " + ", ".join(tile.CHOICES) + " (by a hash)",
    )
    add("--fusion", choices=tile.FUSIONS, default="rotate", help="of --tensor-cores: what is fused")
    add("--kernel-options", metavar="O", help="passed to nsa-run, for all cases")
    add("--checked", action="store_true", help="passed to nsa-run")
    add("--cpu", metavar="NAME", help="passed to nsa-run")
    add("--threads", type=int, metavar="N", help="passed to nsa-run")
    add("--timeout", type=float, default=300.0, metavar="S", help="seconds for one case")
    add("--jobs", type=int, default=1, metavar="N", help="cases at a time (default 1)")
    add("--keep", type=Path, metavar="DIR", help="keep every case's text, inputs, command")
    add("--print-mlir", action="store_true", help="print the cases' text and run nothing")
    add("--list", action="store_true", help="print the cases' names and run nothing")
    add("--slowest", type=int, default=0, metavar="N", help="print the N slowest cases")
    add("--verbose", action="store_true", help="print every case")
    return parser


def _find_tool(path: str | None) -> str | None:
    beside = Path(__file__).resolve().parents[3] / "build" / "bin" / "nsa-run"
    for candidate in (path, os.environ.get("NSA_RUN"), str(beside)):
        if candidate:
            found = shutil.which(candidate)
            if found or candidate == path:
                return found
    return shutil.which("nsa-run")


def _chosen(args: argparse.Namespace) -> list[Case]:
    cases = _all(args)
    if not args.tensor_cores:
        return _shard(args, cases)
    if not args.json and args.random is None:
        ops = {op for group in args.group or named.GROUPS for op in named.GROUPS.get(group, ())}
        cases = tile.extended(cases, ops)
        cases = [case for case in cases if _wanted(args, case)]
    tiled = [case for case in map(tile.adapted, cases) if case is not None]
    args.left_out = len(cases) - len(tiled)
    tiled = [case for case in tiled if tile.is_sampled(case, args.sample)]
    return _shard(args, tiled)


def _shard(args: argparse.Namespace, cases: list[Case]) -> list[Case]:
    if not args.shard:
        return cases
    index, count = (int(part) for part in args.shard.split("/"))
    if not 1 <= index <= count:
        raise ValueError(f"--shard={args.shard} must be I/N with 1 <= I <= N")
    return cases[index - 1 :: count]


def _wanted(args: argparse.Namespace, case: Case) -> bool:
    if args.dtype and case.dtype not in args.dtype:
        return False
    patterns = args.case or ["*"]
    return any(fnmatch.fnmatchcase(case.describe(), pattern) for pattern in patterns)


def _all(args: argparse.Namespace) -> list[Case]:
    if args.json:
        return [Case.from_json(text) for text in args.json]
    if args.random is not None:
        from nsa_mlir.testing import strategies

        ops = tuple(args.op or strategies.WEIGHTS)
        return strategies.draw_cases(args.random, args.seed, ops)
    groups = args.group or list(named.GROUPS)
    unknown = [group for group in groups if group not in (*named.GROUPS, "cpu")]
    if unknown:
        raise ValueError(f"no such group: {', '.join(unknown)}")
    wanted = {op for group in groups if group != "cpu" for op in named.GROUPS[group]}
    cases = [case for case in named.named_cases() if case.op in wanted]
    if "cpu" in groups:
        cases += named.cpu_cases()
    if args.device == "emulator":
        cases = named.reduced(cases)
    return [case for case in cases if _wanted(args, case)]


def _report(outcome: Outcome, verbose: bool, flags: str = "") -> None:
    name = outcome.case.describe()
    if outcome.problem:
        print(f"FAIL {name}\n    {outcome.problem.replace(chr(10), chr(10) + '    ')}")
        print(f"    again: python -m nsa_mlir.testing{flags} --json='{outcome.case.to_json()}'")
    elif verbose:
        print(f"pass {name}: {outcome.used:.0%} of the tolerance, {outcome.seconds:.2f} s")
    sys.stdout.flush()


def _shrink(args: argparse.Namespace, backend: Backend) -> int:
    from nsa_mlir.testing import strategies

    last: list[Outcome] = []

    def test(case: Case) -> None:
        outcome = run_case(case, backend)
        if not outcome.passed:
            last.append(outcome)
            raise AssertionError(outcome.problem)

    try:
        ops = tuple(args.op or strategies.WEIGHTS)
        strategies.explore(test, args.random, args.seed, ops, shrink=True)
    except AssertionError:
        _report(last[-1], False)
        print("numerics: 1 failed (the smallest case found)")
        return 1
    print(f"numerics: {args.random} passed, 0 failed")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all passed, 1 when some failed, 2 when nothing could be run."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        cases = [] if args.shrink else _chosen(args)
    except (ValueError, KeyError) as error:
        parser.error(str(error))
    if args.list:
        print("\n".join(case.describe() for case in cases))
        return 0
    if args.print_mlir:
        print("\n// -----\n\n".join(program(case).text for case in cases), end="")
        return 0

    if args.tensor_cores and args.device != "emulator":
        parser.error("--tensor-cores needs --device=emulator")
    tally = tile.Tally() if args.tensor_cores else None
    backend: Backend = Numpy()
    if args.backend == "nsa-run":
        tool = _find_tool(args.nsa_run)
        if tool is None:
            parser.error("nsa-run was not found: build it, or give --nsa-run=PATH")
        backend = NsaRun(
            tool,
            args.cpu,
            args.threads,
            args.timeout,
            args.keep,
            extra=["--checked"] if args.checked else [],
            device=args.device,
            sanitize=args.sanitize,
            schedule=args.schedule,
            kernel_options=args.kernel_options,
            family=args.tensor_cores or "default",
            fusion=args.fusion,
            tally=tally,
        )
    if args.shrink:
        if args.random is None:
            parser.error("--shrink needs --random=N")
        return _shrink(args, backend)
    if not cases:
        parser.error("no case matches")

    begin = time.monotonic()
    flags = "" if args.device == "cpu" else f" --device={args.device}"
    flags += " --checked" if args.checked else ""
    for name in ("tensor_cores", "fusion", "kernel_options"):
        if getattr(args, name) != parser.get_default(name):
            flags += f" --{name.replace('_', '-')}=" + shlex.quote(getattr(args, name))
    outcomes = run_cases(cases, backend, args.jobs, lambda one: _report(one, args.verbose, flags))
    failed = sum(not outcome.passed for outcome in outcomes)
    for outcome in sorted(outcomes, key=lambda one: -one.seconds)[: args.slowest]:
        print(f"{outcome.seconds:6.2f} s  {outcome.case.describe()}")
    worst = max(outcomes, key=lambda one: one.used)
    seconds = time.monotonic() - begin
    print(f"largest share of a tolerance: {worst.used:.0%}, {worst.case.describe()}")
    if tally is not None:
        print(f"{args.left_out} cases left out: f32")
        print(tally.text())
    print(f"numerics: {len(outcomes) - failed} passed, {failed} failed, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
