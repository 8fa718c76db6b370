# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What ends a benchmark early."""

from __future__ import annotations


class BenchError(RuntimeError):
    """What happened, for the user, and the exit code it leads to."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
