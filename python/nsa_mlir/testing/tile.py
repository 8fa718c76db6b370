# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases for the kernels on tensor cores, and the options that choose kernels.

Those kernels serve f16 and bf16 with head sizes of 64, 128, 192 and 256. A case
of another size gets one of these, and every case gets kernel options, both by a
hash of what the case is called: the same case always runs in the same way.
"""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from nsa_mlir import reference
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.cases import SHARDS, TILES, tile_cases

SERVED = (64, 128, 192, 256)
# (Dk, Dv): the cheap ones often.
SIZES = 4 * ((64, 64), (64, 128), (128, 64)) + ((192, 128), (256, 64))
FAMILIES = ("dense", "query_major", "union")
# Of sm_80, for which nsa-run compiles by default.
SHARED_MEMORY = 163 * 1024
# Of the lists that a union is made of.
MOST_ENTRIES = 512
# Multiplications that take the emulator less time than compiling does.
CHEAP = 50_000_000

DENSE = ("compressed_attention", "window_attention", "shards_compressed", "shards_window")
DENSE += ("example_window", "file_window_sink")
LISTED = ("selected_attention", "shards_selected")
VECTOR = ("compress", "gate", "merge")
CHOICES = ("rotate", "default", *FAMILIES)
FUSIONS = ("rotate", "both", "selection", "gated", "none")


def _hash(case: Case, salt: str) -> int:
    return zlib.crc32(f"{salt} {case.describe()}".encode())


# ----------------------------------------------------------------------------
# Cases
# ----------------------------------------------------------------------------


def adapted(case: Case) -> Case | None:
    """The case with head sizes that the kernels serve; None in f32."""
    if case.dtype == "f32":
        return None
    if case.op.startswith("file_") or (case.dk in SERVED and case.dv in SERVED):
        return case
    if case.op == "compress" and case.dk in SERVED:
        return case
    dk, dv = SIZES[_hash(case, "sizes") % len(SIZES)]
    return case.but(dk=dk, dv=dv)


def is_sampled(case: Case, count: int) -> bool:
    """Whether a run of one in ``count`` cases, the same ones always, has this one.

    The cases of these kernels alone are in all runs.
    """
    return case.name in TILES or _hash(case, "sample") % count == 0


def extended(cases: Sequence[Case], ops: set[str]) -> list[Case]:
    """The cases, and those of ``ops`` that only these kernels need."""
    return [*cases, *(case for case in tile_cases() if case.op in ops)]


# ----------------------------------------------------------------------------
# Kernel options
# ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tiles:
    """The numbers of a schedule."""

    queries: int
    keys: int
    row_warps: int
    key_warps: int
    stages: int

    def text(self, family: str) -> str:
        return (
            f"family={family} queries={self.queries} keys={self.keys} "
            f"row-warps={self.row_warps} key-warps={self.key_warps} stages={self.stages}"
        )


def is_legal(case: Case, family: str, tiles: Tiles) -> bool:
    """Whether each op of the case can have it; nsa-set-schedule fails otherwise.

    The sums are those of its getSharedMemory, of a fusion where there may be one.
    """
    rows, ratio = 16 * tiles.row_warps, case.heads // case.groups
    heads = min(ratio, rows)
    if tiles.keys % (16 * tiles.key_warps) or tiles.queries * heads > rows:
        return False
    if family == "union" and not 2 <= tiles.queries <= min(32, MOST_ENTRIES // max(case.top_n, 1)):
        return False
    if case.dv % (16 * tiles.key_warps):
        return False
    if family == "query_major" and tiles.queries != 1:
        return False
    single = case.op in (*DENSE, *LISTED)
    if family == "dense" and not single:
        # A selection fusion has all heads of a list, and whole blocks, in a tile, and
        # one warp for them.
        if tiles.key_warps > 1 or ratio > rows or tiles.keys % (case.selection_block // case.compression_stride):
            return False
    stages = 2 * tiles.stages * tiles.keys * (case.dk + case.dv)
    warps, part = tiles.key_warps, lambda size: -(-size // 128) * 128
    merge = 4 * warps * rows * (2 + case.dv + 8 * warps) if warps > 1 else 0
    total = part(2 * rows * case.dk) + max(part(stages), part(merge))
    if family == "union":
        total += part(4 * (4 * tiles.queries * case.top_n + 1))
    if not single and family == "dense":
        total += part(4 * rows * (tiles.keys + 8)) + part(8 * tiles.queries * tiles.keys)
        total += part(8 * tiles.queries * case.top_n)
    if not single and family != "dense":
        total += part(4 * rows * (case.dv + 8 * warps))
    return total <= SHARED_MEMORY


def _tiles(case: Case, family: str, start: int) -> Iterator[Tiles]:
    """Every combination, from the ``start``-th on."""
    numbers = [
        (keys, rows, warps, stages)
        for keys, rows, warps, stages in itertools.product(
            (16, 32, 48, 64, 128), (1, 2, 4), (1, 2, 4), (2, 3, 4)
        )
        if keys % (16 * warps) == 0
    ]
    ratio = case.heads // case.groups
    for offset in range(len(numbers)):
        # The step and the count have no common divisor: all are visited.
        keys, row_warps, key_warps, stages = numbers[(start + 17 * offset) % len(numbers)]
        most = 16 * row_warps // min(ratio, 16 * row_warps)
        queries = {
            "dense": max(1, most - start % 2),
            "query_major": 1,
            "union": min(most, MOST_ENTRIES // max(case.top_n, 1), (2, 3, 5, 32)[start % 4]),
        }[family]
        yield Tiles(queries, keys, row_warps, key_warps, stages)


def _work(case: Case, family: str, tiles: Tiles) -> int:
    """About how much is multiplied: what the emulator's time depends on."""
    rows, ratio = 16 * tiles.row_warps, case.heads // case.groups
    heads = min(ratio, rows)
    blocks = -(-case.tq // tiles.queries) * -(-ratio // heads) * case.groups * case.batch
    keys = -(-case.tk // tiles.keys) * tiles.keys
    if family != "dense":
        block = -(-case.selection_block // tiles.keys) * tiles.keys
        chosen = min(case.top_n * (tiles.queries if family == "union" else 1), case.blocks)
        keys = min(chosen, case.blocks) * block
    return blocks * keys * rows * (case.dk + case.dv)


def families_of(case: Case) -> tuple[str, ...]:
    """The families with tiles that some op of the case has."""
    if case.op in DENSE:
        return ("dense",)
    if case.op in LISTED:
        return ("query_major", "union")
    return () if case.op in VECTOR else FAMILIES


def kernel_options(case: Case, family: str = "rotate", fusion: str = "rotate") -> str:
    """Of nsa-run. Where the family has no legal numbers, the cost model's."""
    key = _hash(case, "options")
    words = []
    if fusion == "rotate":
        fusion = FUSIONS[1 + key % 4] if key % 3 else "both"
    if fusion not in ("both", "selection"):
        words.append("fuse-selection=0")
    if fusion not in ("both", "gated"):
        words.append("fuse-gated=0")
    if family == "rotate":
        offered = families_of(case)
        # A fourth of the cases as the cost model has it.
        wanted = (key >> 8) % 4
        family = "default" if wanted == 0 or not offered else offered[(key >> 12) % len(offered)]
        if case.name in ("union_beyond_queries",) and "union" in offered:
            family = "union"
    if family != "default" and family in families_of(case):
        legal = [
            tiles for tiles in _tiles(case, family, key >> 16) if is_legal(case, family, tiles)
        ]
        if legal:
            # Not a tile of 128 keys for each block of 16, unless there are few.
            most = max(CHEAP, 3 * min(_work(case, family, tiles) for tiles in legal))
            tiles = next(tiles for tiles in legal if _work(case, family, tiles) <= most)
            words.append(tiles.text(family))
    return " ".join(words)


# ----------------------------------------------------------------------------
# What ran
# ----------------------------------------------------------------------------


def sees_keys(case: Case) -> bool:
    """Whether some row sees some key, so that there is something to multiply."""
    if not case.batch or not case.tq or not case.tk or (case.op in LISTED and not case.top_n):
        return False
    if case.op.startswith("file_"):
        return True
    positions = reference.positions(case.offset, case.batch, case.tq)
    limits = np.minimum(reference.limits(positions, case.length, case.causal), case.tk)
    if "compressed" in case.op and case.compressed == 0:
        return False
    least = case.compression_block if "compressed" in case.op else 1
    if "window" in case.op:
        # Not before the window's first key.
        limits = np.where(positions - case.window + 1 < case.tk, limits, 0)
    return bool((limits >= least).any())


def expects(case: Case, options: str) -> str:
    """``mma``: a kernel on tensor cores must run. ``vector``: one with 16-byte
    accesses. ``plain``: neither serves it. ``any``: it depends on the options."""
    if "tensor-cores=0" in options.split() or "family=plain" in options.split():
        return "plain"
    if case.op in ("block_scores", "select_top_n"):
        return "plain"
    # What types show to be empty is left to plain kernels.
    if case.static != "none" and not (case.batch and case.tq and case.tk and case.compressed):
        return "any"
    if case.top_n == 0:
        return "any"
    if case.op == "compress":
        return "vector" if case.phi in ("mean", "weighted") else "plain"
    if case.op in ("gate", "merge"):
        return "vector" if case.parts > 1 or case.sink else "any"
    if case.op in LISTED and case.list_count != case.groups:
        # One list for all heads, or one for each: selected_attention is plain.
        return "any" if case.op.startswith("shards_") else "plain"
    return "mma"


@dataclass
class Kernels:
    """What the kernels of a case were."""

    families: set[str]
    launched: list[str]
    mma: int


def read_kernels(stdout: str, remarks: str) -> Kernels:
    """From ``--counters=json`` and the remarks of nsa-set-schedule."""
    found = set(re.findall(r"runs as #nsa\.schedule<(\w+)", remarks))
    counters = [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]
    launched = [one["kernel"] for one in counters]
    return Kernels(found, launched, sum(one["mma"] for one in counters))


@dataclass
class Tally:
    """How many cases ran on what."""

    counts: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)

    def check(self, case: Case, options: str, kernels: Kernels) -> str:
        """Counts the case; what is wrong with its kernels, or empty."""
        expected = expects(case, options)
        self.families.update(kernels.families)
        tiled = kernels.families & set(FAMILIES)
        if kernels.mma:
            self.counts["tensor cores"] += 1
        elif "vector" in kernels.families and kernels.launched:
            self.counts["vector"] += 1
        elif kernels.launched:
            self.counts["plain"] += 1
        else:
            self.counts["nothing to launch"] += 1
        if expected == "plain" and (tiled or kernels.mma):
            return f"no kernel on tensor cores was expected; there are {sorted(tiled)}"
        if expected == "mma" and not tiled:
            return "a kernel on tensor cores was expected, but nsa-set-schedule chose none"
        if expected == "mma" and sees_keys(case) and not kernels.mma:
            return "a kernel on tensor cores was expected, but none multiplied: " + ", ".join(
                kernels.launched
            )
        if expected == "vector" and "vector" not in kernels.families:
            return "a kernel with 16-byte accesses was expected"
        # The kernel of an op comes first in the module, its plain version second.
        if expected == "vector" and kernels.launched and case.op not in kernels.launched:
            return f"the plain kernels ran: {', '.join(kernels.launched)}"
        return ""

    def text(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        families = ", ".join(f"{count} {name}" for name, count in sorted(self.families.items()))
        return f"cases by kernels: {kinds}; with ops of family: {families}"


__all__ = [
    "CHOICES",
    "FUSIONS",
    "SHARDS",
    "Tally",
    "adapted",
    "expects",
    "extended",
    "is_sampled",
    "kernel_options",
    "read_kernels",
]
