# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# RUN: %python %s --nsa-opt=%nsa_opt --nsa-run=%nsa_run
# REQUIRES: numpy, ml_dtypes
"""Ops that upstream's transform ops have tiled, split, fused or decomposed.

Each scenario is a case of the numerics suite and a transform script. nsa-opt
interprets the script, nsa-run executes what comes out, and the results must
agree with the reference as those of the untransformed op must. What the script
has to leave behind (a loop, a merge) is looked for in the text, so that a script
that does nothing fails.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The reference multiplies small matrices; a pool of threads only slows it down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from nsa_mlir.testing.backends import BackendError, NsaRun
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.mlir import Program
from nsa_mlir.testing.operands import Operands
from nsa_mlir.testing.suite import run_cases

ANY = "!transform.any_op"


# ------------------------------------------------------------------------------
# Scripts
# ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Lines of a script, and what the transformed text must have."""

    lines: str
    leaves: tuple[str, ...] = ()
    # Ops that are in a loop only.
    inside: tuple[str, ...] = ()


def _match(op: str) -> str:
    return f'%NAME = transform.structured.match ops{{["nsa.{op}"]}} in %root : ({ANY}) -> {ANY}\n'


def _types(count: int) -> str:
    return ", ".join([ANY] * count)


def tile_for(op: str, *sizes: int) -> Step:
    """Nested scf.for."""
    loops = sum(size != 0 for size in sizes)
    return Step(
        _match(op)
        + f"%NAME_t, %NAME_l:{loops} = transform.structured.tile_using_for %NAME "
        + f"tile_sizes {list(sizes)} : ({ANY}) -> ({_types(loops + 1)})\n",
        ("scf.for ",),
    )


def tile_forall(op: str, *sizes: int) -> Step:
    """One scf.forall."""
    return Step(
        _match(op)
        + f"%NAME_t, %NAME_l = transform.structured.tile_using_forall %NAME "
        + f"tile_sizes {list(sizes)} : ({ANY}) -> ({_types(2)})\n",
        ("scf.forall",),
    )


def threads(op: str, *counts: int) -> Step:
    """One scf.forall of so many threads, of which some may have nothing to do."""
    return Step(
        _match(op)
        + f"%NAME_t, %NAME_l = transform.structured.tile_using_forall %NAME "
        + f"num_threads {list(counts)} : ({ANY}) -> ({_types(2)})\n",
        ("scf.forall",),
    )


def split(op: str, parts: int, then: Sequence[int] = ()) -> Step:
    """Keys in parts, joined by nsa.merge; the parts tiled if ``then`` is given."""
    lines = _match(op) + (
        "%NAME_o, %NAME_lse, %NAME_t, %NAME_m, %NAME_l = "
        "transform.structured.tile_reduction_using_forall %NAME "
        f"by num_threads = [0, 0, 0, {parts}] : ({ANY}) -> ({_types(5)})\n"
    )
    if then:
        loops = sum(size != 0 for size in then)
        lines += (
            f"%NAME_tt, %NAME_ll:{loops} = transform.structured.tile_using_for %NAME_t "
            f"tile_sizes {list(then)} : ({ANY}) -> ({_types(loops + 1)})\n"
        )
    return Step(lines, ("scf.forall", "nsa.merge"))


def split_tiles(op: str, size: int) -> Step:
    """The same by the number of keys of a part."""
    return Step(
        _match(op)
        + "%NAME_o, %NAME_lse, %NAME_t, %NAME_m, %NAME_l = "
        + "transform.structured.tile_reduction_using_forall %NAME "
        + f"by tile_sizes = [0, 0, 0, {size}] : ({ANY}) -> ({_types(5)})\n",
        ("scf.forall", "nsa.merge"),
    )


def fuse(op: str, *sizes: int, forall: bool = False, inside: tuple[str, ...] = ()) -> Step:
    """The op tiled, and its producers computed where their tiles are used."""
    loops = 1 if forall else sum(size != 0 for size in sizes)
    result = f"%NAME_l:{loops}"
    return Step(
        _match(op)
        + f"%NAME_t, {result} = transform.structured.fuse %NAME tile_sizes {list(sizes)} "
        + ("{apply_cleanup, use_forall}" if forall else "{apply_cleanup}")
        + f" : ({ANY}) -> ({_types(loops + 1)})\n",
        ("scf.forall" if forall else "scf.for ",),
        inside,
    )


def fuse_into(consumer: str, sizes: Sequence[int], *producers: str) -> Step:
    """The consumer tiled, and then one producer after the other."""
    lines = _match(consumer) + (
        f"%NAME_t, %NAME_l0 = transform.structured.tile_using_forall %NAME "
        f"tile_sizes {list(sizes)} : ({ANY}) -> ({_types(2)})\n"
    )
    for i, producer in enumerate(producers):
        lines += _match(producer).replace("%NAME", f"%NAME_p{i}") + (
            f"%NAME_f{i}, %NAME_l{i + 1} = transform.structured.fuse_into_containing_op "
            f"%NAME_p{i} into %NAME_l{i} : ({ANY}, {ANY}) -> ({_types(2)})\n"
        )
    return Step(lines, ("scf.forall",), producers)


def decompose() -> Step:
    """nsa.attention by AggregatedOpInterface; only with one result."""
    return Step(
        _match("attention")
        + f"%NAME_d = transform.structured.decompose_interface %NAME : ({ANY}) -> {ANY}\n",
        ("nsa.compress ", "nsa.select_top_n", "nsa.gate"),
    )


def script(steps: Sequence[Step]) -> str:
    """The steps one after the other."""
    body = "".join(
        step.lines.replace("%NAME", f"%s{i}").replace("\n", "\n    ")
        for i, step in enumerate(steps)
    )
    return (
        "module attributes {transform.with_named_sequence} {\n"
        f"  transform.named_sequence @__transform_main(%root: {ANY} {{transform.readonly}}) {{\n"
        f"    {body}transform.yield\n  }}\n}}\n"
    )


# ------------------------------------------------------------------------------
# Scenarios
# ------------------------------------------------------------------------------

# Nothing divides anything; four heads share a key head; Tq < Tk, so that the
# default q_offset is not 0.
SMALL: dict[str, Any] = {
    "batch": 2,
    "tq": 37,
    "tk": 83,
    "heads": 8,
    "groups": 2,
    "dk": 16,
    "dv": 8,
    "compression_block": 8,
    "compression_stride": 4,
    "selection_block": 8,
    "top_n": 5,
    "window": 20,
}
PER_BATCH: dict[str, Any] = {
    "batch": 3,
    "q_offset": (46, -17, 30),
    "kv_len": (83, 44, 21),
    "nan_tail": True,
}
NEGATIVE: dict[str, Any] = {"q_offset": -13, "kv_len": 70}
NO_KEY: dict[str, Any] = {"q_offset": 5, "kv_len": 0, "nan_tail": True}
BOTH_SIDES: dict[str, Any] = {"causal": False, "q_offset": 20, "kv_len": 71}
STATIC: dict[str, Any] = {"static": "all"}
BF16: dict[str, Any] = {"dtype": "bf16"}


@dataclass(frozen=True)
class Scenario:
    """A case and what is done to it."""

    op: str
    name: str
    changes: dict[str, Any]
    steps: tuple[Step, ...]
    # Passes that run before the script.
    before: tuple[str, ...] = ()

    def case(self) -> Case:
        return Case(self.op, self.name).but(**{**SMALL, **self.changes})


def _attention(op: str) -> list[Scenario]:
    """What an attention op over keys must stand."""
    scenarios = [
        ("queries_default_offset", {}, (tile_for(op, 1, 16, 0),)),
        ("queries_static", STATIC, (tile_forall(op, 0, 16, 0),)),
        ("heads_of_a_group", {}, (tile_forall(op, 0, 7, 2),)),
        ("whole_groups_per_batch", PER_BATCH, (tile_for(op, 2, 9, 4),)),
        ("one_head_negative_offset", NEGATIVE, (tile_for(op, 0, 0, 1),)),
        ("idle_threads", PER_BATCH, (threads(op, 5, 9, 2),)),
        ("no_visible_key", NO_KEY, (tile_forall(op, 1, 10),)),
        ("not_causal", BOTH_SIDES, (tile_for(op, 0, 10, 4),)),
        ("bf16", {**BF16, **PER_BATCH}, (tile_forall(op, 1, 16, 2),)),
        ("split", {}, (split(op, 3),)),
        ("split_static", STATIC, (split(op, 4),)),
        ("split_per_batch", PER_BATCH, (split(op, 3),)),
        ("split_negative_offset", NEGATIVE, (split(op, 2),)),
        ("split_no_visible_key", NO_KEY, (split(op, 2),)),
        ("split_not_causal", BOTH_SIDES, (split(op, 3),)),
        ("split_not_causal_per_batch", {**PER_BATCH, "causal": False}, (split(op, 2),)),
        ("split_by_size", STATIC, (split_tiles(op, 3 if op == "selected_attention" else 7),)),
        ("split_and_tiled", {}, (split(op, 2, then=(1, 16, 4)),)),
        ("split_idle_threads", {"tk": 21, "tq": 9, "top_n": 4}, (split(op, 7),)),
        ("split_bf16", {**BF16, **PER_BATCH}, (split(op, 3),)),
    ]
    return [Scenario(op, name, changes, steps) for name, changes, steps in scenarios]


def _scenarios() -> list[Scenario]:
    scenarios = [
        one
        for op in ("compressed_attention", "selected_attention", "window_attention")
        for one in _attention(op)
    ]

    def add(op: str, name: str, changes: dict[str, Any], *rest: Any) -> None:
        scenarios.append(Scenario(op, name, changes, *rest))

    op = "selected_attention"
    add(op, "list_per_head", {"list_heads": "query"}, (tile_for(op, 1, 16, 2),))
    add(op, "one_list", {"list_heads": "one"}, (tile_forall(op, 0, 16, 4),))
    add(op, "wild_lists", {"lists": "wild", "top_n": 7}, (tile_for(op, 1, 16, 4),))

    op = "compress"
    add(op, "mean", {}, (tile_for(op, 1, 4, 1),))
    add(op, "mean_static", STATIC, (tile_forall(op, 0, 4, 0),))
    add(op, "stride_beyond_block", {"compression_block": 3}, (threads(op, 3, 12, 0),))
    add(op, "weighted_pe", {"phi": "weighted", "pe": True}, (tile_forall(op, 1, 7, 1),))
    add(op, "linear", {"phi": "linear"}, (tile_for(op, 0, 5, 1),))
    add(op, "mlp_bf16", {**BF16, "phi": "mlp", "pe": True}, (tile_for(op, 1, 5, 1),))
    add(op, "no_block", {"tk": 7}, (threads(op, 2, 2, 0),))

    op = "block_scores"
    add(op, "kv_lists", {}, (tile_for(op, 1, 16, 1),))
    add(op, "kv_lists_static", STATIC, (tile_forall(op, 0, 16, 1),))
    add(op, "query_lists", {"list_heads": "query", **PER_BATCH}, (tile_forall(op, 1, 9, 2),))
    add(op, "whole_groups", {"list_heads": "query", "score_map": "max"}, (tile_for(op, 0, 9, 4),))
    add(op, "negative_offset_bf16", {**NEGATIVE, **BF16}, (threads(op, 5, 3, 0),))

    op = "select_top_n"
    add(op, "kv_lists", {}, (tile_for(op, 1, 16, 1),))
    add(op, "query_lists", {"list_heads": "query", **PER_BATCH}, (tile_forall(op, 2, 9, 4),))
    add(op, "negative_offset", NEGATIVE, (threads(op, 5, 3, 0),))
    add(op, "not_causal", BOTH_SIDES, (tile_for(op, 0, 10, 1),))

    add("gate", "all_loops", {"gate_activation": "sigmoid"}, (tile_for("gate", 1, 16, 2),))
    add("gate", "static_bf16", {**STATIC, **BF16}, (tile_forall("gate", 0, 16, 4),))
    add("merge", "sink", {"sink": True}, (tile_for("merge", 1, 16, 2),))
    add("merge", "threads", {"sink": True, "parts": 4}, (threads("merge", 5, 3, 4),))

    op = "attention"
    add(op, "batch", {}, (tile_for(op, 1),))
    add(op, "queries_default_offset", {}, (tile_forall(op, 0, 16),))
    add("attention_aux", "groups", {"phi": "weighted"}, (tile_for(op, 0, 16, 4),))
    add("attention_aux", "per_batch", PER_BATCH, (tile_forall(op, 2, 9, 4),))
    heads = {"list_heads": "query", "v_phi": "linear"}
    add("attention_aux", "heads_of_a_group", heads, (tile_for(op, 0, 0, 2),))
    add(op, "decomposed", PER_BATCH, (decompose(),))

    # Producers computed where their tiles are used.
    selection = ("compressed_attention", "block_scores", "select_top_n")
    branches = ("selected_attention", "window_attention", *selection)
    add(op, "fused", {}, (decompose(), fuse("gate", 1, 16, 4, inside=branches)))
    whole = fuse("gate", 1, 16, 0, inside=(*branches, "compress"))
    add(op, "fused_static_bf16", {**STATIC, **BF16}, (decompose(), whole))
    threads_ = fuse("gate", 1, 9, 0, forall=True, inside=branches)
    add(op, "fused_forall", PER_BATCH, (decompose(), threads_))
    add("attention_aux", "fused", {}, (fuse("gate", 1, 16, 4),), ("--nsa-decompose",))
    inside = ("block_scores", "select_top_n")
    add(op, "fused_selection", {}, (decompose(), fuse("select_top_n", 1, 16, 1, inside=inside)))
    into = fuse_into("gate", (1, 16, 4), "window_attention", "selected_attention")
    add(op, "fused_into", {}, (decompose(), into))
    into = fuse_into("select_top_n", (1, 16, 1), "block_scores")
    add(op, "fused_into_selection", {}, (decompose(), into))
    return scenarios


# ------------------------------------------------------------------------------
# Running
# ------------------------------------------------------------------------------


@dataclass
class Transformed(NsaRun):
    """nsa-run on what nsa-opt has made of the program by a script."""

    nsa_opt: str = ""
    scenarios: dict[str, Scenario] = field(default_factory=dict)

    def command(
        self, case: Case, made: Program, operands: Operands, directory: Path
    ) -> list[str]:
        command = super().command(case, made, operands, directory)
        scenario = self.scenarios[case.describe()]
        schedule, result = directory / "script.mlir", directory / "transformed.mlir"
        schedule.write_text(script(scenario.steps), encoding="utf-8")
        transform = [
            self.nsa_opt,
            command[1],
            *scenario.before,
            f"--transform-preload-library=transform-library-paths={schedule}",
            "--transform-interpreter",
            # Sizes of what was fused keep it alive otherwise.
            "--resolve-ranked-shaped-type-result-dims",
            "--canonicalize",
            "--cse",
            f"-o={result}",
        ]
        done = subprocess.run(transform, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BackendError(f"nsa-opt returned {done.returncode}:\n{done.stderr.strip()}")
        text = result.read_text(encoding="utf-8")
        for step in scenario.steps:
            for wanted in step.leaves:
                if wanted not in text:
                    raise BackendError(f"the script left no '{wanted.strip()}'")
            for op in step.inside:
                # The body of the function is indented by 4 columns.
                if re.search(rf"^ {{4}}\S.*nsa\.{op} ", text, re.MULTILINE):
                    raise BackendError(f"the script left nsa.{op} outside of the loop")
        command[1] = str(result)
        return command


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all passed, 1 when some failed."""
    parser = argparse.ArgumentParser(description="Transforms ops, runs them, compares the results.")
    parser.add_argument("--nsa-opt", required=True, metavar="PATH")
    parser.add_argument("--nsa-run", required=True, metavar="PATH")
    parser.add_argument("--case", default="", metavar="TEXT", help="only names that contain TEXT")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep every case's files")
    parser.add_argument("--print-script", action="store_true", help="print scripts and run nothing")
    args = parser.parse_args(argv)
    chosen = {one.case().describe(): one for one in _scenarios()}
    if len(chosen) != len(_scenarios()):
        parser.error("two scenarios have one name")
    chosen = {name: one for name, one in chosen.items() if args.case in name}
    if not chosen:
        parser.error(f"no scenario has '{args.case}' in its name")
    if args.print_script:
        for name, one in chosen.items():
            print(f"// {name}\n{script(one.steps)}")
        return 0
    backend = Transformed(args.nsa_run, keep=args.keep, nsa_opt=args.nsa_opt, scenarios=chosen)
    begin, failed = time.monotonic(), 0
    for outcome in run_cases([one.case() for one in chosen.values()], backend):
        if outcome.passed:
            continue
        failed += 1
        print(f"FAIL {outcome.case.describe()}\n    " + outcome.problem.replace("\n", "\n    "))
    seconds = time.monotonic() - begin
    print(f"transforms: {len(chosen) - failed} passed, {failed} failed, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
