# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# RUN: %python %s --nsa-opt=%nsa_opt --mlir-opt=%mlir_opt \
# RUN:   --mlir-runner=%mlir_runner --lib-dir=%mlir_lib_dir
# REQUIRES: mlir-opt, mlir-runner, numpy, ml_dtypes
"""Any MLIR compiler can take NSA from linalg on.

nsa-opt lowers a case to scf, linalg, tensor, arith and math. From there on no
code of this project takes part: mlir-opt lowers it by the passes of
``STOCK_PIPELINE``, mlir-runner executes it, and the results must agree with the
reference as those of nsa-run must.

Inputs are constants of the module and results are printed as the integers of
their bits, so that not a bit is lost on the way.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The reference multiplies small matrices; a pool of threads only slows it down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from nsa_mlir.testing.backends import BackendError, Results
from nsa_mlir.testing.case import DTYPES, Case
from nsa_mlir.testing.cases import named_cases
from nsa_mlir.testing.mlir import Program, program
from nsa_mlir.testing.operands import Operands
from nsa_mlir.testing.suite import run_cases

Array = NDArray[Any]

DIALECTS = ("scf", "linalg", "tensor", "arith", "math", "affine")

NSA_PASSES = ("--nsa-decompose", "--nsa-fuse-selection", "--convert-nsa-to-linalg")

# From scf, linalg, tensor, arith and math on tensors to the LLVM dialect with
# the passes of mlir-opt alone. Straightforward rather than fast.
STOCK_PASSES = (
    # Tensors to buffers.
    "canonicalize,cse,empty-tensor-to-alloc-tensor",
    "one-shot-bufferize{bufferize-function-boundaries=true"
    " function-boundary-type-conversion=identity-layout-map"
    " allow-return-allocs-from-loops=true}",
    "canonicalize,cse,buffer-deallocation-pipeline,convert-bufferization-to-memref",
    # Loops.
    "func.func(scf-forall-to-for,convert-linalg-to-loops)",
    "expand-strided-metadata,lower-affine,convert-scf-to-cf",
    # Arithmetic; most processors cannot convert bf16.
    "arith-expand{include-bf16=true},convert-math-to-llvm,convert-math-to-libm",
    # The LLVM dialect.
    "finalize-memref-to-llvm,convert-index-to-llvm,convert-arith-to-llvm",
    "convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts",
)
STOCK_PIPELINE = f"builtin.module({','.join(STOCK_PASSES)})"

# What is run: every op of the dialect, alone and as a whole, small.
SMALL: dict[str, Any] = {
    "tq": 21,
    "tk": 45,
    "dk": 16,
    "dv": 8,
    "compression_block": 4,
    "compression_stride": 2,
    "selection_block": 4,
    "top_n": 5,
    "window": 9,
}
PER_BATCH: dict[str, Any] = {
    "batch": 2,
    "q_offset": (24, -3),
    "kv_len": (45, 13),
    "nan_tail": True,
}
CASES: dict[str, dict[str, dict[str, Any]]] = {
    "compress": {
        "mean": {},
        "mean_pe_static": {"pe": True, "static": "all"},
        "weighted": {"phi": "weighted", "pe": True, "param_dtype": "input"},
        "gaps": {"compression_block": 3, "compression_stride": 5},
        "one_token": {"compression_block": 1, "compression_stride": 1, "batch": 2},
        "linear": {"phi": "linear", "tk": 83},
        "linear_pe_static": {"phi": "linear", "pe": True, "static": "all"},
        "mlp_gelu": {"phi": "mlp", "pe": True, "hidden": 10},
        "mlp_silu": {"phi": "mlp", "activation": "silu", "param_dtype": "input"},
        "mlp_relu": {"phi": "mlp", "activation": "relu"},
        "no_block": {"tk": 3},
        "no_batch": {"batch": 0},
    },
    "compressed_attention": {
        "causal": {},
        "not_causal": {"causal": False},
        "per_batch": PER_BATCH,
        "static": {"static": "all"},
    },
    "block_scores": {
        "overlap": {},
        "max": {"score_map": "max", "list_heads": "query"},
        "per_batch": PER_BATCH,
        "static": {"static": "all"},
    },
    "select_top_n": {
        "ties": {"data": "ties"},
        "special": {"data": "special"},
        "per_batch": PER_BATCH,
        "static": {"static": "all"},
    },
    "selected_attention": {
        "unique": {},
        "wild": {"lists": "wild", "top_n": 7},
        "one_list": {"list_heads": "one"},
        "per_batch": PER_BATCH,
        "static": {"static": "all"},
    },
    "window_attention": {
        "causal": {},
        "not_causal": {"causal": False},
        "per_batch": PER_BATCH,
        "static": {"static": "all"},
        "no_queries": {"tq": 0},
    },
    "gate": {
        "none": {},
        "sigmoid": {"gate_activation": "sigmoid", "batch": 2},
        "input_type": {"gate_activation": "sigmoid", "param_dtype": "input"},
        "static": {"static": "all", "tq": 32},
    },
    "merge": {
        "plain": {},
        "sink": {"sink": True, "batch": 2},
        "large": {"data": "large", "sink": True},
        "static": {"static": "all", "tq": 32},
    },
    "attention": {"whole": {}},
    "attention_aux": {
        "static": {"static": "all"},
        "whole": {"gate_activation": "sigmoid", "phi": "mlp", "v_phi": "linear"},
        "per_batch": PER_BATCH,
    },
    "branches": {"whole": {"score_map": "max"}},
    "shards_selected": {"whole": {}},
}
TYPES_OF = {"select_top_n": ("f32",)}


def cases() -> list[Case]:
    """Every case in f32 and in one of the 16-bit types, the first in both."""
    made = []
    for op, situations in CASES.items():
        for position, (name, changes) in enumerate(situations.items()):
            halves = ("f16", "bf16") if position == 0 else (("f16", "bf16")[position % 2],)
            for dtype in TYPES_OF.get(op, ("f32", *halves)):
                made.append(Case(op, name, dtype=dtype, **{**SMALL, **changes}))
    return made


# --- The program around the lowered function ------------------------------------


def check_dialects(lowered: str) -> None:
    """Nothing but ``DIALECTS`` may be left, and no calls."""
    for line in lowered.splitlines():
        found = re.match(r"\s*(?:%[^=]*= )?(([a-z_]+)[a-z_.]*) ", line)
        if found is None or found[1] in ("module", "func.func", "return"):
            continue
        if found[2] not in DIALECTS:
            raise BackendError(f"not one of {', '.join(DIALECTS)}: {line.strip()}")


def signature(lowered: str, entry: str) -> tuple[list[str], list[str]]:
    """The types of the arguments and results of a function as MLIR prints it."""
    line = re.search(rf"^ *func\.func @{entry}\((.*)\) -> (.*) \{{$", lowered, re.M)
    if line is None:
        raise BackendError(f"no function @{entry} in the lowered module")
    kind = r"tensor<[^>]*>|index"
    arguments = re.findall(rf"%\w+: ({kind})", line[1])
    return arguments, re.findall(kind, line[2])


def static_type(value: Array) -> str:
    """The tensor type of an array."""
    name = next(name for name, dtype in DTYPES.items() if dtype == value.dtype)
    return "tensor<" + "".join(f"{size}x" for size in value.shape) + name + ">"


def constant(value: Array) -> str:
    """A dense attribute, bit by bit."""
    data = np.ascontiguousarray(value).tobytes()
    return f'dense<"0x{data.hex().upper()}">' if data else "dense<>"


def main_function(entry: str, arguments: list[str], results: list[str], operands: Operands) -> str:
    """Calls the function with its operands and prints the bits of its results."""
    lines: list[str] = []
    for i, (kind, value) in enumerate(zip(arguments, operands.values(), strict=True)):
        if kind == "index":
            lines.append(f"%a{i} = arith.constant {int(value)} : index")
            continue
        lines.append(f"%c{i} = arith.constant {constant(value)} : {static_type(value)}")
        lines.append(f"%a{i} = tensor.cast %c{i} : {static_type(value)} to {kind}")
    names = ", ".join(f"%a{i}" for i in range(len(arguments)))
    lines.append(
        f"%r:{len(results)} = func.call @{entry}({names})"
        f" : ({', '.join(arguments)}) -> ({', '.join(results)})"
    )
    for i, kind in enumerate(results):
        lines += _print(i, kind)
    body = "".join(f"    {line}\n" for line in lines)
    return (
        '  func.func private @printMemrefI32(tensor<*xi32> {bufferization.access = "read"})'
        " attributes {llvm.emit_c_interface}\n"
        f"  func.func @main() {{\n{body}    return\n  }}\n"
    )


def _print(i: int, kind: str) -> list[str]:
    """Prints the shape of result ``i`` and, if it has elements, their bits, as i32."""
    dims = kind.removeprefix("tensor<").removesuffix(">").split("x")
    element, shape = dims.pop(), "".join(f"{dim}x" for dim in dims)
    rank = len(dims)
    lines = [f"%n{i}_{rank} = arith.constant 1 : index"]
    for d in range(rank - 1, -1, -1):
        lines += [
            f"%i{i}_{d} = arith.constant {d} : index",
            f"%d{i}_{d} = tensor.dim %r#{i}, %i{i}_{d} : {kind}",
            f"%s{i}_{d} = arith.index_cast %d{i}_{d} : index to i32",
            f"%n{i}_{d} = arith.muli %n{i}_{d + 1}, %d{i}_{d} : index",
        ]
    sizes = ", ".join(f"%s{i}_{d}" for d in range(rank))
    unknown = ", ".join(f"%d{i}_{d}" for d, dim in enumerate(dims) if dim == "?")
    indices = ", ".join(f"d{d}" for d in range(rank))
    identity = f"affine_map<({indices}) -> ({indices})>"
    iterators = ", ".join(['"parallel"'] * rank)
    wide = f"tensor<{shape}i32>"
    bits = {
        "i32": ["linalg.yield %x : i32"],
        "f32": ["%y = arith.bitcast %x : f32 to i32", "linalg.yield %y : i32"],
    }.get(
        element,
        [
            f"%y = arith.bitcast %x : {element} to i16",
            "%z = arith.extui %y : i16 to i32",
            "linalg.yield %z : i32",
        ],
    )
    return [
        *lines,
        f"%shape{i} = tensor.from_elements {sizes} : tensor<{rank}xi32>",
        f"%cast{i} = tensor.cast %shape{i} : tensor<{rank}xi32> to tensor<*xi32>",
        f"func.call @printMemrefI32(%cast{i}) : (tensor<*xi32>) -> ()",
        f"%none{i} = arith.constant 0 : index",
        f"%some{i} = arith.cmpi ne, %n{i}_0, %none{i} : index",
        f"scf.if %some{i} {{",
        f"  %empty = tensor.empty({unknown}) : {wide}",
        f"  %bits = linalg.generic {{indexing_maps = [{identity}, {identity}],",
        f"      iterator_types = [{iterators}]}}",
        f"      ins(%r#{i} : {kind}) outs(%empty : {wide}) {{",
        f"  ^bb0(%x: {element}, %unused: i32):",
        *(f"    {line}" for line in bits),
        f"  }} -> {wide}",
        f"  %cast = tensor.cast %bits : {wide} to tensor<*xi32>",
        "  func.call @printMemrefI32(%cast) : (tensor<*xi32>) -> ()",
        "}",
    ]


def parse(printed: str, made: Program) -> Results:
    """The results that the program printed."""
    blocks = [part.split("data =", 1)[1] for part in printed.split("Unranked Memref")[1:]]
    numbers = [[int(one) for one in re.findall(r"-?\d+", block)] for block in blocks]
    results = {}
    for name, dtype in made.results:
        shape = numbers.pop(0)
        bits = np.array(numbers.pop(0) if np.prod(shape) else [], dtype=np.int64)
        storage = DTYPES[dtype]
        whole = np.uint32 if storage.itemsize == 4 else np.uint16
        results[name] = (bits & 0xFFFFFFFF).astype(whole).view(storage).reshape(shape)
    return results


# --- The backend ------------------------------------------------------------------


@dataclass
class Stock:
    """Computes a case by nsa-opt's lowering and LLVM's own tools."""

    nsa_opt: str
    mlir_opt: str
    mlir_runner: str
    lib_dir: str
    keep: Path | None = None

    def run(self, case: Case, operands: Operands) -> Results:
        if self.keep is not None:
            directory = self.keep / re.sub(r"\W", "_", case.describe())[:80]
            directory.mkdir(parents=True, exist_ok=True)
            return self._run(program(case), operands, directory)
        with tempfile.TemporaryDirectory(prefix="nsa-stock-") as scratch:
            return self._run(program(case), operands, Path(scratch))

    def _run(self, made: Program, operands: Operands, directory: Path) -> Results:
        source = directory / "case.mlir"
        source.write_text(made.text, encoding="utf-8")
        lowered = self._call([self.nsa_opt, str(source), *NSA_PASSES])
        check_dialects(lowered)
        arguments, results = signature(lowered, made.entry)
        main = main_function(made.entry, arguments, results, operands)
        whole = directory / "linalg.mlir"
        whole.write_text(lowered.rstrip().removesuffix("}") + main + "}\n", encoding="utf-8")
        low = directory / "llvm.mlir"
        self._call([self.mlir_opt, str(whole), f"--pass-pipeline={STOCK_PIPELINE}", f"-o={low}"])
        libraries = [
            os.path.join(self.lib_dir, f"lib{name}.so")
            for name in ("mlir_runner_utils", "mlir_c_runner_utils")
        ]
        printed = self._call(
            [
                self.mlir_runner,
                str(low),
                "-e=main",
                "--entry-point-result=void",
                f"--shared-libs={','.join(libraries)}",
            ]
        )
        return parse(printed, made)

    def _call(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[:12])
            raise BackendError(f"{Path(command[0]).name} returned {done.returncode}:\n{tail}")
        return done.stdout


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    for tool in ("nsa-opt", "mlir-opt", "mlir-runner", "lib-dir"):
        parser.add_argument(f"--{tool}", required=True, metavar="PATH")
    parser.add_argument("--named", action="store_true", help="run the cases of nsa_mlir.testing")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep every case's files")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    args = parser.parse_args(argv)
    backend = Stock(args.nsa_opt, args.mlir_opt, args.mlir_runner, args.lib_dir, args.keep)
    available = named_cases() if args.named else cases()
    chosen = [case for case in available if args.only in case.describe()]
    begin = time.monotonic()
    outcomes = run_cases(chosen, backend)
    for outcome in outcomes:
        if not outcome.passed:
            print(f"FAIL {outcome.case.describe()}\n    {outcome.problem}")
        elif args.verbose:
            print(f"pass {outcome.case.describe()}: {outcome.used:.0%}, {outcome.seconds:.2f} s")
    failed = sum(not outcome.passed for outcome in outcomes)
    seconds = time.monotonic() - begin
    print(f"stock: {len(outcomes) - failed} passed, {failed} failed, {seconds:.0f} s")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
