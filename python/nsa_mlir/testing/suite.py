# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs cases on a backend and judges them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from nsa_mlir.compare import Mismatch
from nsa_mlir.testing.backends import Backend, BackendError
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.judge import judge
from nsa_mlir.testing.operands import make_operands


@dataclass(frozen=True)
class Outcome:
    """What became of a case; ``problem`` is empty when it passed."""

    case: Case
    problem: str
    used: float
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.problem


def run_case(case: Case, backend: Backend, reference: Any = None) -> Outcome:
    """Computes and judges one case."""
    begin = time.monotonic()
    used, problem = 0.0, ""
    try:
        operands = make_operands(case)
        results = backend.run(case, operands)
        used = judge(case, operands, results, reference)
    except (Mismatch, BackendError) as error:
        problem = str(error)
    except Exception:  # one broken case must not end a run of thousands
        problem = "the suite itself failed:\n" + traceback.format_exc()
    return Outcome(case, problem, used, time.monotonic() - begin)


def run_cases(
    cases: Sequence[Case],
    backend: Backend,
    jobs: int = 1,
    report: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """All cases, in order; ``report`` is called as each ends."""
    outcomes = []
    for outcome in _results(cases, backend, jobs):
        if report is not None:
            report(outcome)
        outcomes.append(outcome)
    return outcomes


def _results(cases: Sequence[Case], backend: Backend, jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from (run_case(case, backend) for case in cases)
        return
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda case: run_case(case, backend), cases)
