# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Who computes a case's results: ``nsa-run``, or float32 numpy in its place."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nsa_mlir.testing import kernels, tile
from nsa_mlir.testing.case import DTYPES, Case
from nsa_mlir.testing.mlir import Program, program
from nsa_mlir.testing.operands import Operands

Array = NDArray[Any]
Results = dict[str, Array]


class BackendError(RuntimeError):
    """The program did not run, or returned something that cannot be read."""


class Backend(Protocol):
    """Computes a case."""

    def run(self, case: Case, operands: Operands) -> Results:
        """The results by name, in their storage type."""
        ...


def to_storage(x: Array) -> Array:
    """What goes into an .npy file: bf16 as raw 16 bits."""
    return x.view(np.uint16) if x.dtype == DTYPES["bf16"] else x


def from_storage(x: Array, dtype: str) -> Array:
    """The inverse; bf16 is raw ``uint16`` or ``V2``."""
    wanted = DTYPES[dtype]
    if dtype == "bf16" and x.dtype in (np.dtype(np.uint16), np.dtype("V2")):
        return x.view(wanted)
    if x.dtype != wanted:
        raise BackendError(f"the result has type {x.dtype}, expected {dtype}")
    return x


# A case with at most this many scores is run with every check of the emulator;
# the smallest case of each op is far below.
FULLY_SANITIZED_SCORES = 25_000


def emulator_options(case: Case, sanitize: str = "auto", schedule: str = "auto") -> list[str]:
    """How the emulator runs a case.

    ``sanitize`` is ``full``, ``fast`` or ``auto``: full for the small cases.
    ``schedule`` is one of nsa-run's, or ``auto``: they rotate, by the case's name or fields.
    """
    key = zlib.crc32(case.describe().encode())
    if schedule == "auto":
        schedule = ("fifo", "lifo", f"random:{key % 1000}")[key % 3]
    if sanitize == "auto":
        scores = case.batch * case.tq * max(case.tk, 1) * case.heads
        sanitize = "full" if scores <= FULLY_SANITIZED_SCORES else "fast"
    return [f"--emulator-schedule={schedule}", f"--sanitize={sanitize}"]


@dataclass
class NsaRun:
    """Runs ``nsa-run`` once per case, with files in a directory of its own."""

    path: str
    cpu: str | None = None
    threads: int | None = None
    timeout: float = 300.0
    keep: Path | None = None
    extra: list[str] = field(default_factory=list)
    device: str = "cpu"
    sanitize: str = "auto"
    schedule: str = "auto"
    # For all cases; None: tile.kernel_options by family and fusion, if tally is given.
    kernel_options: str | None = None
    family: str = "rotate"
    fusion: str = "rotate"
    # Given: which kernels ran is counted and checked.
    tally: tile.Tally | None = None

    def options_of(self, case: Case) -> str:
        """The kernel options of a case."""
        if self.kernel_options is not None or self.tally is None:
            return self.kernel_options or ""
        return tile.kernel_options(case, self.family, self.fusion)

    def run(self, case: Case, operands: Operands) -> Results:
        if self.keep is not None:
            name = "".join(c if c.isalnum() else "_" for c in case.describe())[:80]
            directory = self.keep / name
            directory.mkdir(parents=True, exist_ok=True)
            return self._run(case, operands, directory)
        scratch = tempfile.mkdtemp(prefix="nsa-numerics-")
        try:
            return self._run(case, operands, Path(scratch))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def command(
        self, case: Case, made: Program, operands: Operands, directory: Path
    ) -> list[str]:
        """Writes the text and the inputs; returns the command line."""
        text = directory / "case.mlir"
        text.write_text(made.text, encoding="utf-8")
        command = [self.path, str(text), f"--entry={made.entry}", f"--device={self.device}"]
        if self.device == "emulator":
            command += emulator_options(case, self.sanitize, self.schedule)
        if self.cpu is not None:
            command.append(f"--cpu={self.cpu}")
        if self.threads is not None:
            command.append(f"--threads={self.threads}")
        if options := self.options_of(case):
            command.append(f"--kernel-options={options}")
        if self.tally is not None:
            command += ["--counters=json", "--remarks-filter=nsa-set-schedule"]
        command += self.extra
        for name, value in operands.items():
            if isinstance(value, np.ndarray):
                np.save(directory / f"{name}.npy", to_storage(value))
                command.append(f"--input={directory / name}.npy")
            else:
                command.append(f"--input={value}")
        command += [f"--output={directory / f'out_{name}'}.npy" for name, _ in made.results]
        (directory / "command").write_text(shlex.join(command) + "\n", encoding="utf-8")
        return command

    def _run(self, case: Case, operands: Operands, directory: Path) -> Results:
        made = program(case)
        command = self.command(case, made, operands, directory)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=self.timeout, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise BackendError(f"no result after {self.timeout:.0f} s") from error
        except OSError as error:
            raise BackendError(f"cannot run {self.path}: {error.strerror}") from error
        if done.returncode:
            tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
            raise BackendError(f"{os.path.basename(self.path)} returned {done.returncode}:\n{tail}")
        if self.tally is not None:
            kernels_run = tile.read_kernels(done.stdout, done.stderr)
            wrong = self.tally.check(case, self.options_of(case), kernels_run)
            if wrong:
                raise BackendError(f"{wrong} (kernel options '{self.options_of(case)}')")
        results = {}
        for name, dtype in made.results:
            file = directory / f"out_{name}.npy"
            if not file.exists():
                raise BackendError(f"{os.path.basename(self.path)} did not write {name}")
            results[name] = from_storage(np.load(file), dtype)
        return results


class Numpy:
    """The float32 kernels of ``nsa_mlir.testing.kernels``."""

    def run(self, case: Case, operands: Operands) -> Results:
        return _Numpy(case, operands).run()


class _Numpy:
    def __init__(self, case: Case, operands: Operands) -> None:
        self.case, self.x = case, operands

    def run(self) -> Results:
        case, x, op = self.case, self.x, self.case.op
        if op == "compress":
            return {"c": self._compress("x", "", case.phi, case.activation)}
        if op == "compressed_attention":
            return _pair(self._compressed(x["kc"], x["vc"]))
        if op == "block_scores":
            return {"p": self._scores(x["kc"], x["lse"])}
        if op == "select_top_n":
            return {"idx": self._select(x["p"])}
        if op == "selected_attention":
            return _pair(self._selected(x["k"], x["v"], x["idx"]))
        if op in ("window_attention", "example_window"):
            return _pair(self._window(x["k"], x["v"]))
        if op == "gate":
            outputs = [x[f"o{i}"] for i in range(case.parts)]
            return {"o": kernels.gate(outputs, x["gates"], case.gate_activation)}
        if op == "merge":
            parts = range(case.parts)
            lses = [x[f"lse{i}"] for i in parts]
            return _pair(kernels.merge([x[f"o{i}"] for i in parts], lses, x.get("sink")))
        if op.startswith("shards_"):
            return self._shards(op.removeprefix("shards_"))
        if op == "file_nsa_decode":
            results = self._chain(x["kc"], x["vc"])
        elif op == "file_infllm_v2":
            return self._infllm()
        elif op == "file_window_sink":
            o, lse = self._window(x["k"], x["v"])
            return _pair(kernels.merge([o], [lse], x["sink"]))
        else:
            kc = self._compress("k_cmp", "k_", case.phi, case.activation)
            vc = self._compress("v_cmp", "v_", case.v_phi, case.v_activation)
            results = self._chain(kc, vc)
        return {name: results[name] for name, _ in program(case).results}

    def _rows(self, stored: int | None = None, offset: Any = None, length: Any = None) -> Any:
        case = self.case
        offset = case.offset if offset is None else offset
        length = case.length if length is None else length
        return kernels.Rows(offset, length, case.causal, stored)

    def _compress(self, which: str, prefix: str, phi: str, activation: str) -> Array:
        case, x = self.case, self.x
        names = [prefix + name for name in ("w", "w1", "b1", "w2", "b2")]
        params = [x[name] for name in names if name in x]
        length, stride = case.compression_block, case.compression_stride
        pe = x.get(f"{prefix}pe")
        return kernels.compress(x[which], phi, length, stride, params, pe, activation)

    def _compressed(self, kc: Array, vc: Array, rows: Any = None) -> tuple[Array, Array]:
        case = self.case
        blocking = (case.compression_block, case.compression_stride, kc.shape[1])
        visit = (rows or self._rows()).compressed(*blocking)
        return kernels.attend(self.x["q"], kc, vc, visit, case.scale)

    def _scores(self, kc: Array, lse: Array) -> Array:
        case = self.case
        return kernels.block_scores(
            self.x["q"],
            kc,
            lse,
            case.blocks,
            self._rows(),
            case.compression_block,
            case.compression_stride,
            case.selection_block,
            case.list_count,
            case.score_map == "max",
            case.scale,
        )

    def _select(self, p: Array) -> Array:
        case = self.case
        return kernels.select_top_n(
            p, self._rows(), case.selection_block, case.top_n, case.initial, case.local
        )

    def _selected(self, k: Array, v: Array, idx: Array, rows: Any = None) -> tuple[Array, Array]:
        case = self.case
        rows = rows or self._rows(k.shape[1])
        visit = rows.selected(idx, case.selection_block, case.heads)
        return kernels.attend(self.x["q"], k, v, visit, case.scale)

    def _window(self, k: Array, v: Array, rows: Any = None) -> tuple[Array, Array]:
        visit = (rows or self._rows(k.shape[1])).window(self.case.window)
        return kernels.attend(self.x["q"], k, v, visit, self.case.scale)

    def _chain(self, kc: Array, vc: Array) -> Results:
        x = self.x
        o_cmp, lse_cmp = self._compressed(kc, vc)
        scores = self._scores(kc, lse_cmp)
        idx = self._select(scores)
        o_slc, lse_slc = self._selected(x["k_slc"], x["v_slc"], idx)
        o_win, lse_win = self._window(x["k_win"], x["v_win"])
        o = kernels.gate([o_cmp, o_slc, o_win], x["gates"], self.case.gate_activation)
        return {
            "o": o,
            "kc": kc,
            "vc": vc,
            "o_cmp": o_cmp,
            "lse_cmp": lse_cmp,
            "scores": scores,
            "idx": idx,
            "o_slc": o_slc,
            "lse_slc": lse_slc,
            "o_win": o_win,
            "lse_win": lse_win,
        }

    def _infllm(self) -> Results:
        k = self.x["k"]
        coarse = kernels.compress(k, "mean", 128, 64, (), None, "gelu")
        fine = self._compress("k", "", "mean", "gelu")
        visit = self._rows().compressed(128, 64, coarse.shape[1])
        _, lse = kernels.attend(self.x["q"], coarse, coarse, visit, None)
        idx = self._select(self._scores(fine, lse))
        o, _ = self._selected(k, self.x["v"], idx)
        return {"o": o, "idx": idx, "lse": lse, "kc": fine}

    def _shards(self, branch: str) -> Results:
        x, outputs, lses = self.x, [], []
        for i in range(2):
            offset, length = x[f"q_offset{i}"], x[f"kv_len{i}"]
            if branch == "compressed":
                rows = self._rows(None, offset, length)
                o, lse = self._compressed(x[f"kc{i}"], x[f"vc{i}"], rows)
            else:
                k, v = x[f"k{i}"], x[f"v{i}"]
                rows = self._rows(k.shape[1], offset, length)
                if branch == "selected":
                    o, lse = self._selected(k, v, x[f"idx{i}"], rows)
                else:
                    o, lse = self._window(k, v, rows)
            outputs.append(o)
            lses.append(lse)
        return _pair(kernels.merge(outputs, lses, None))


def _pair(both: tuple[Array, Array]) -> Results:
    return {"o": both[0], "lse": both[1]}
