"""Kernels of nsa_tile on the emulator, for the tests beside this directory."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

SCHEDULES = ("fifo", "lifo", "random:1")
WORKGROUP = "#gpu.address_space<workgroup>"
_runs = itertools.count()


def kernel(arguments, results, body, *, warps=1, blocks=1, shared=98304):
    """A function `f` of `arguments` ({name: type}) that launches `body` and returns
    buffers of `results` (the same). In the body are the block's number %block and
    the warp's %warp (i32), %i0 and %i16 (i32), %zero (f32) and %true."""
    params = ", ".join(f"%{name}: {type}" for name, type in arguments.items())
    allocs = "\n".join(f"  %{name} = memref.alloc() : {type}" for name, type in results.items())
    values = ", ".join(f"%{name}" for name in results)
    types = ", ".join(results.values())
    return f"""
func.func @f({params}) -> ({types}) {{
{allocs}
  %one = arith.constant 1 : index
  %lanes = arith.constant 32 : index
  %warps = arith.constant {warps} : index
  %blocks = arith.constant {blocks} : index
  %shared = arith.constant {shared} : i32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %blocks, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %lanes, %sy = %warps, %sz = %one)
             dynamic_shared_memory_size %shared {{
    %i0 = arith.constant 0 : i32
    %i16 = arith.constant 16 : i32
    %zero = arith.constant 0.0 : f32
    %true = arith.constant true
    %warp = arith.index_cast %ty : index to i32
    %block = arith.index_cast %bx : index to i32
{body}
    gpu.terminator
  }}
  return {values} : {types}
}}
"""


def frag(shape, type, layout):
    return f"!nsa_tile.frag<{'x'.join(map(str, shape))}x{type}, {layout}>"


def tile(stages, rows, columns, type, swizzle=128):
    """The type of a tile in shared memory."""
    return f"memref<{stages}x{rows}x{columns}x{type}, #nsa_tile.swizzle<{swizzle}>, {WORKGROUP}>"


def rows(offset="%i0"):
    """A region for consecutive rows that all exist."""
    return f"""{{
    ^bb0(%r: i32):
      %n = arith.addi %r, {offset} : i32
      %i = arith.index_cast %n : i32 to index
      nsa_tile.yield %i, %true : index, i1
    }}"""


def quarters(generator, shape, most=2):
    """Multiples of 1/4 whose products and sums are exact."""
    return generator.integers(-4 * most, 4 * most + 1, shape).astype(np.float32) / 4


def to_bf16(x):
    """The bits of f32 rounded to nearest even; no NaN."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(bits):
    return (bits.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def encode(x, type):
    return {"bf16": to_bf16, "f16": np.float16, "f32": np.float32, "i32": np.int32}[type](x)


def decode(x, type):
    return from_bf16(x) if type == "bf16" else x


class Runner:
    """Runs programs with `nsa-run` in a directory of its own."""

    def __init__(self, nsa_run, directory):
        self.nsa_run = nsa_run
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)

    def run(self, text, inputs, results, *, schedules=None, conflicts=0):
        """The results (a list of arrays; their number is `results`), the same ones
        under each schedule; `inputs` are arrays and numbers. Without `schedules` it
        is one, by turns. Bank conflicts are to be `conflicts` (None: any)."""
        name = f"{next(_runs)}"
        schedules = schedules or [SCHEDULES[int(name) % len(SCHEDULES)]]
        source = self.directory / f"{name}.mlir"
        source.write_text(text, encoding="utf-8")
        command = [self.nsa_run, str(source), "--entry=f", "--device=emulator", "--counters=json"]
        for i, value in enumerate(inputs):
            if isinstance(value, np.ndarray):
                path = self.directory / f"{name}-in{i}.npy"
                np.save(path, value)
                value = path
            command.append(f"--input={value}")
        paths = [self.directory / f"{name}-out{i}.npy" for i in range(results)]
        command += [f"--output={path}" for path in paths]
        first = None
        for schedule in schedules:
            done = subprocess.run(
                [*command, f"--emulator-schedule={schedule}"], capture_output=True, text=True
            )
            if done.returncode or "warning" in done.stderr:
                sys.exit(f"{' '.join(command)} --emulator-schedule={schedule}\n{done.stderr}")
            lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
            assert len(lines) == 1, done.stdout
            self.counters = json.loads(lines[0])
            if conflicts is not None and self.counters["bank_conflicts"] != conflicts:
                sys.exit(f"{' '.join(command)}\nbank conflicts: {self.counters}")
            outputs = [np.load(path) for path in paths]
            for a, b in zip(outputs, first or outputs):
                assert a.tobytes() == b.tobytes(), (source, schedule)
            first = outputs
        return first
