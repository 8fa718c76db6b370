# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# RUN: %python %s --nsa-opt=%nsa_opt --nsa-run=%nsa_run
# REQUIRES: numpy, ml_dtypes
"""The CPU's passes with tiles so small that every case has many of them.

With the default sizes, most cases of the numerics suite fit into one tile of
nsa-fuse-queries and of the sorted key tiles. Here nsa-opt runs the passes with
other sizes first, then nsa-run the rest; results are judged as the suite judges
them. A case whose text has no loop over tiles of queries afterwards fails, where
it ought to have one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The reference multiplies small matrices; a pool of threads only slows it down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from nsa_mlir.testing.backends import BackendError, NsaRun
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.cases import named_cases
from nsa_mlir.testing.mlir import Program
from nsa_mlir.testing.operands import Operands
from nsa_mlir.testing.suite import run_cases

# Queries of a fused tile; rows, keys and grouped rows of the tiles in it.
SIZES = [(16, 8, 8, 12), (23, 64, 64, 40)]
OPS = ("attention", "attention_aux", "branches", "selected_attention", "block_scores")


def is_fused(case: Case, tile: int) -> bool:
    """Whether the queries of a case are more than a tile, gated, and there."""
    gated = case.op in ("attention", "attention_aux", "branches")
    return gated and case.tq > tile and case.batch > 0


@dataclass
class SmallTiles(NsaRun):
    """Lowers the text with these sizes before it is run."""

    nsa_opt: str = ""
    sizes: tuple[int, int, int, int] = SIZES[0]

    def command(
        self, case: Case, made: Program, operands: Operands, directory: Path
    ) -> list[str]:
        command = super().command(case, made, operands, directory)
        queries, rows, keys, grouped = self.sizes
        fused = directory / "fused.mlir"
        self._opt(command[1], fused, "--nsa-decompose", f"--nsa-fuse-queries=query-tile={queries}")
        if is_fused(case, queries) and "scf.forall" not in fused.read_text(encoding="utf-8"):
            raise BackendError("nothing was fused")
        lowered = directory / "lowered.mlir"
        tiles = f"rows={rows} row-multiple=8 key-tile={keys} grouped-rows={grouped}"
        self._opt(str(fused), lowered, "--nsa-fuse-selection", f"--convert-nsa-to-linalg={tiles}")
        command[1] = str(lowered)
        return command

    def _opt(self, source: str, result: Path, *passes: str) -> None:
        command = [self.nsa_opt, source, *passes, f"-o={result}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BackendError(f"nsa-opt returned {done.returncode}:\n{done.stderr.strip()}")


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all passed, 1 when some failed."""
    parser = argparse.ArgumentParser(description="Runs cases on small tiles.")
    parser.add_argument("--nsa-opt", required=True, metavar="PATH")
    parser.add_argument("--nsa-run", required=True, metavar="PATH")
    parser.add_argument("--case", default="", metavar="TEXT", help="only names that contain TEXT")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep every case's files")
    parser.add_argument("--all", action="store_true", help="not one case in six only")
    args = parser.parse_args(argv)
    cases = [case for case in named_cases() if case.op in OPS and args.case in case.describe()]
    failed = count = 0
    begin = time.monotonic()
    for number, sizes in enumerate(SIZES):
        backend = SmallTiles(args.nsa_run, keep=args.keep, nsa_opt=args.nsa_opt, sizes=sizes)
        # Each size gets other cases.
        chosen = cases if args.all or args.case else cases[number :: 6]
        count += len(chosen)
        for outcome in run_cases(chosen, backend):
            if outcome.passed:
                continue
            failed += 1
            print(f"FAIL {outcome.case.describe()}, sizes {sizes}")
            print("    " + outcome.problem.replace("\n", "\n    "))
    seconds = time.monotonic() - begin
    print(f"small tiles: {count - failed} passed, {failed} failed, {seconds:.0f} s")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
