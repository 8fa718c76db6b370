# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""nsa-run and nsa-cpu-peak: their command lines, and what they print."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from nsa_mlir.bench.errors import BenchError
from nsa_mlir.bench.process import Finished, run
from nsa_mlir.bench.programs import Program


@dataclass(frozen=True)
class Peak:
    """What nsa-cpu-peak measured, in GFLOP/s."""

    threads: int
    gflops: float
    vector_bits: int
    fused: bool
    accumulators: int


@dataclass(frozen=True)
class Memory:
    """Bytes beyond inputs and outputs: what compiled code allocated, what was resident."""

    allocated: int
    resident: int


class NsaRun:
    """Calls programs on random numbers; their texts lie in a directory."""

    def __init__(self, path: str, directory: Path, cpu: str | None) -> None:
        self.path, self.directory, self.cpu = path, directory, cpu
        self._files: dict[str, Path] = {}

    def version(self) -> str:
        """``nsa-mlir version 0.1.0, LLVM 22.1.8``."""
        text = run([self.path, "--version"]).stdout
        ours = re.search(r"nsa-mlir version \S+", text)
        llvm = re.search(r"LLVM version (\S+)", text)
        if not ours or not llvm:
            raise BenchError(f"{self.path} --version does not name its version:\n{text}")
        return f"{ours.group()}, LLVM {llvm.group(1)}"

    def time(self, program: Program, threads: int, repeat: int, warmup: int) -> float:
        """The median of a call's milliseconds."""
        options = [f"--repeat={repeat}", f"--warmup={warmup}"]
        done = self._run(program, threads, options)
        return self._number(r"^median ([0-9.]+) ms$", done)

    def memory(self, program: Program, threads: int) -> Memory:
        """Of one call; what a process has without any tokens is not taken off."""
        done = self._run(program, threads, ["--memory"])
        allocated = int(self._number(r"^peak allocation ([0-9]+) bytes$", done))
        results = program.output_bytes
        return Memory(allocated - results, done.resident - results - program.input_bytes)

    def _run(self, program: Program, threads: int, options: list[str]) -> Finished:
        path = self._files.get(program.text)
        if path is None:
            path = self.directory / f"{program.entry}{len(self._files)}.mlir"
            path.write_text(program.text, encoding="utf-8")
            self._files[program.text] = path
        command = [self.path, str(path), f"--entry={program.entry}", "--device=cpu"]
        command += [f"--threads={threads}", *options]
        if self.cpu is not None:
            command.append(f"--cpu={self.cpu}")
        command += [f"--input={shape}=random:{i}" for i, shape in enumerate(program.inputs, 1)]
        return run(command)

    def _number(self, pattern: str, done: Finished) -> float:
        found = re.search(pattern, done.stdout, re.MULTILINE)
        if not found:
            raise BenchError(f"{self.path} printed no {pattern}:\n{done.stdout}{done.stderr}")
        return float(found.group(1))


def measure_peak(tool: str, threads: int, seconds: float) -> Peak:
    """The best of nsa-cpu-peak's rounds."""
    command = [tool, "--json", f"--threads={threads}", f"--seconds={seconds}"]
    text = run(command).stdout
    try:
        got = json.loads(text)
        return Peak(threads, got["gflops"], got["vector_bits"], got["fma"], got["accumulators"])
    except (ValueError, KeyError) as error:
        raise BenchError(f"{' '.join(command)} printed '{text.strip()}'") from error
