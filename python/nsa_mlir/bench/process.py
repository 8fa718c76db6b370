# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One program at a time: its output, and the most memory it had."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nsa_mlir.bench.errors import BenchError


@dataclass(frozen=True)
class Finished:
    """What a program printed, and its largest resident size in bytes."""

    stdout: str
    stderr: str
    resident: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Finished:
    """Runs it to its end; raises ``BenchError`` with its message and exit code.

    Does not outlive an interruption of this program.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise BenchError(f"cannot run {command[0]}: {error.strerror}") from error
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        done = Finished(out.read(), err.read(), usage.ru_maxrss * 1024)
    if child.returncode:
        code = child.returncode
        what = f"returned {code}" if code > 0 else f"died of signal {-code}"
        raise BenchError(
            f"{' '.join(command)}\n{what}:\n{done.stderr.rstrip()}",
            code if code > 0 else 128 - code,
        )
    return done
