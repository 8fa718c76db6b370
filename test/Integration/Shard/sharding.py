# RUN: %python %s %nsa_run %nsa_opt
# REQUIRES: numpy, ml_dtypes
"""Every op in shards computes what it computes as a whole.

One operand is annotated; --sharding-propagation and --shard-partition do the
rest. There are no several processes here: the program is run once per process,
with the one op that asks which process it is replaced by a constant, and with the
parts of the inputs that the process would hold. The results, put together, are
compared with the float64 reference of the whole.
"""

import itertools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from nsa_mlir.testing.backends import BackendError, from_storage, to_storage
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.mlir import program
from nsa_mlir.testing.suite import run_case

RUN, OPT = sys.argv[1:]
GRID = (2, 2)
PIPELINE = "builtin.module(func.func(sharding-propagation,shard-partition),canonicalize)"

# Grid axes that split batch, queries and heads.
SPLITS = {
    "batch": ((0,), (), ()),
    "heads": ((), (), (1,)),
    "queries": ((), (0,), ()),
    "queries along two axes": ((), (0, 1), ()),
    "batch and queries": ((1,), (0,), ()),
    "queries and heads": ((), (1,), (0,)),
}

# Where batch, queries and heads are in an array of that name.
EVERYTHING = re.compile(r"q|gates|p|idx|o\d*|lse\d*|lse_\w+")
BY_KEYS = re.compile(r"x|c|[kv]c?|[kv]_(cmp|slc|win)")


def dimensions(name, array):
    """The dimensions of batch, queries and heads; None where it has none."""
    if name in ("q_offset", "kv_len"):
        return 0, None, None
    if name == "sink":
        return None, None, 0
    if re.fullmatch(r"([kv]_)?w", name):  # Per key/value head.
        return None, None, 0
    if EVERYTHING.fullmatch(name):
        return 0, 1, 2
    if BY_KEYS.fullmatch(name):
        return 0, None, 2
    return None, None, None


def part(name, array, split, process):
    """What a process holds of an array; heads that all share are not split."""
    if not isinstance(array, np.ndarray):
        return array
    for dim, axes in zip(dimensions(name, array), split, strict=True):
        if dim is None or not axes or (dim == 2 and array.shape[2] == 1):
            continue
        count = int(np.prod([GRID[axis] for axis in axes]))
        number = 0
        for axis in axes:
            number = number * GRID[axis] + process[axis]
        assert array.shape[dim] % count == 0, (name, array.shape)
        array = np.split(array, count, axis=dim)[number]
    return array


def join(name, parts, split):
    """The whole, from the parts of all processes."""
    parts = dict(parts)
    for dim, axes in zip(dimensions(name, None), split, strict=True):
        for axis in reversed(axes):
            rest = {}
            for process, array in parts.items():
                rest.setdefault(process[:axis] + (0,) + process[axis + 1 :], []).append((process, array))
            parts = {
                process: np.concatenate([array for _, array in sorted(group, key=lambda one: one[0])], axis=dim)
                for process, group in rest.items()
            }
    # Processes that the split does not tell apart have computed the same.
    first, *others = parts.values()
    for other in others:
        assert np.array_equal(first, other, equal_nan=True), name
    return first


def annotate(text, split):
    """The program with its first argument split."""
    axes = ", ".join("[" + ", ".join(map(str, part)) + "]" for part in split)
    head, arrow, rest = text.partition(" {\n")
    name, kind = re.search(r"(%\w+): (tensor<[^>]*>)", head).groups()
    body = re.sub(rf"{name}\b", f"{name}_split", rest)
    return (
        f"shard.grid @grid(shape = {'x'.join(map(str, GRID))})\n{head}{arrow}"
        f"  %split = shard.sharding @grid split_axes = [{axes}] : !shard.sharding\n"
        f"  {name}_split = shard.shard {name} to %split : {kind}\n{body}"
    )


def as_process(text, process):
    """The program of one process, without the dialect `shard`."""

    def constants(match):
        name, axes = match[1], [int(axis) for axis in match[2].split(",")]
        return "\n".join(f"{name}_{i} = arith.constant {process[axis]} : index" for i, axis in enumerate(axes))

    text = re.sub(r"shard\.grid.*", "", text)
    pattern = r"(%\w+)(?::\d)? = shard\.process_multi_index on @grid axes = \[([0-9, ]+)\].*"
    for name in re.findall(pattern, text):
        text = re.sub(rf"{name[0]}#(\d)", rf"{name[0]}_\1", text)
        text = re.sub(rf"{name[0]}(?![\w#:])(?! = )", f"{name[0]}_0", text)
    text = re.sub(pattern, constants, text)
    assert "shard." not in text, text
    return text


class Shards:
    """A backend of nsa_mlir.testing that runs a case in shards."""

    def __init__(self, split):
        self.split = split

    def run(self, case, operands):
        made = program(case)
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            (directory / "whole.mlir").write_text(annotate(made.text, self.split))
            command = [OPT, str(directory / "whole.mlir"), f"--pass-pipeline={PIPELINE}"]
            local = self.call(command)
            asks = "shard.process_multi_index" in local
            knows = case.op in ("compress", "gate", "merge")
            assert asks == (bool(self.split[1]) and not knows), local
            parts = {name: {} for name, _ in made.results}
            for process in itertools.product(*map(range, GRID)):
                (directory / "local.mlir").write_text(as_process(local, process))
                results = self.run_one(made, operands, directory, process)
                for name, array in results.items():
                    parts[name][process] = array
            return {name: join(name, parts[name], self.split) for name in parts}

    def run_one(self, made, operands, directory, process):
        command = [RUN, str(directory / "local.mlir"), f"--entry={made.entry}"]
        for name, value in operands.items():
            value = part(name, value, self.split, process)
            if isinstance(value, np.ndarray):
                np.save(directory / f"{name}.npy", to_storage(value))
                command.append(f"--input={directory / name}.npy")
            else:
                command.append(f"--input={value}")
        command += [f"--output={directory / f'out_{name}'}.npy" for name, _ in made.results]
        self.call(command)
        return {name: from_storage(np.load(directory / f"out_{name}.npy"), dtype) for name, dtype in made.results}

    def call(self, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BackendError(f"{command[0]} returned {done.returncode}:\n{done.stderr}")
        return done.stdout


SIZES = {"batch": 2, "tq": 24, "tk": 40, "dk": 16, "dv": 8, "selection_block": 8, "window": 9, "top_n": 3}
PER_ENTRY = {"q_offset": (3, 16), "kv_len": (30, 40)}


def case(op, **fields):
    return Case(op=op, **{**SIZES, **fields})


CASES = [
    # q_offset by default, given, per batch entry; shapes known and not.
    ("batch", case("window_attention")),
    ("heads", case("window_attention", static="all")),
    ("queries", case("window_attention")),
    ("queries along two axes", case("window_attention", static="all")),
    ("queries", case("window_attention", q_offset=5, kv_len=33)),
    ("batch and queries", case("window_attention", **PER_ENTRY)),
    ("queries", case("window_attention", causal=False)),
    ("queries and heads", case("selected_attention")),
    ("batch and queries", case("selected_attention", static="all", **PER_ENTRY)),
    ("heads", case("selected_attention", list_heads="one")),
    ("queries along two axes", case("compressed_attention", q_offset=-7)),
    ("heads", case("compressed_attention", **PER_ENTRY)),
    ("queries and heads", case("block_scores", **PER_ENTRY)),
    ("heads", case("block_scores", list_heads="query", groups=1)),
    ("batch and queries", case("select_top_n", static="all")),
    ("queries and heads", case("select_top_n", **PER_ENTRY)),
    ("batch", case("compress", phi="mlp", pe=True)),
    ("heads", case("compress", phi="linear", static="all")),
    ("queries and heads", case("gate", static="all")),
    ("batch", case("gate")),
    ("queries and heads", case("merge", sink=True)),
    ("batch and queries", case("attention_aux")),
    ("queries and heads", case("attention_aux", static="all", phi="weighted")),
    ("queries", case("attention_aux", dtype="bf16", **PER_ENTRY)),
    # Key/value heads that all query heads share stay whole.
    ("heads", case("window_attention", groups=1, static="all")),
]

failed = 0
for split, one in CASES:
    outcome = run_case(one, Shards(SPLITS[split]))
    if outcome.problem:
        failed += 1
        print(f"FAIL {split}: {one.to_json()}\n    {outcome.problem}")
print(f"{len(CASES) - failed} passed, {failed} failed")
sys.exit(bool(failed))
