# RUN: %python %s
# REQUIRES: numpy, ml_dtypes
"""The numerics suite's own proof: wrong readings of docs/Spec.md turn it red.

Each mutant is the reference's source text with one thing misread. The suite's
named cases, restricted to the ops concerned, are judged by the mutant on right
results (of the float32 stand-in); at least one case must fail. So whatever a
compiler gets wrong in the same way, the suite would see.
"""

import functools
import inspect
import sys
import types
import unittest
from dataclasses import dataclass
from typing import Any

import numpy as np

from nsa_mlir import compare, reference
from nsa_mlir.testing.backends import Numpy
from nsa_mlir.testing.case import Case
from nsa_mlir.testing.cases import named_cases
from nsa_mlir.testing.judge import judge
from nsa_mlir.testing.operands import make_operands

SOURCE = inspect.getsource(reference)

COMPRESS = ("compress",)
COMPRESSED = ("compressed_attention",)
SCORES = ("block_scores",)
SELECT = ("select_top_n",)
SELECTED = ("selected_attention",)
WINDOW = ("window_attention",)
WHOLE = ("attention_aux", "attention")
MERGE = ("merge",)
GATE = ("gate",)


@dataclass(frozen=True)
class Mutant:
    """Replacements in the reference's text, and the ops whose cases must notice."""

    name: str
    ops: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    def module(self) -> types.ModuleType:
        text = SOURCE
        for old, new in self.changes:
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {text.count(old)} places hold {old!r}")
            text = text.replace(old, new)
        name = "reference_mutant_" + "".join(c if c.isalnum() else "_" for c in self.name)
        module = types.ModuleType(name)
        sys.modules[name] = module  # dataclasses look their module up
        exec(compile(text, name, "exec"), module.__dict__)
        return module


def mutant(name: str, ops: tuple[str, ...], *changes: tuple[str, str]) -> Mutant:
    return Mutant(name, ops, changes)


ATTENTION_GROUP = "g = h // (heads // groups)\n            mask"
SCORES_GROUP = "g = h // (heads // groups)\n            row_lse"
LIMIT = "np.minimum(length, pos + 1) if causal else length.copy()"
LAST_TOKEN = "last_token[None, None, None, :] < limit[:, :, None, None]"
LIMITED = "return listed[..., u // selection_block] & ("
OUTPUT = "            o[b, sees, h] = p @ v[b, used, g]"
LSE = "lse[b, :, h] = log_sum_exp(score.T)"
ADD_PE = "block = block + _f64(pe)[None, :, None, :]"
WEIGHTED = 'np.einsum("gl,blgd->bgd", weights[0], block)'
LARGEST = "per_list[..., support].max(axis=-1)"
PROBABILITY = "np.where(seen, np.exp(score - row_lse[:, None]), 0.0)"
PER_LIST = "            per_list[b, :, h // (heads // lists), used]"
LISTS = '{"kv": groups, "query": heads}['
OVERLAPPED = "        return per_list @ overlap\n"
SHARED_SUM = ".reshape(batch, tq, shared, heads // shared, count).sum(axis=3)"
LISTED = "listed = np.zeros((batch, tq, lists, blocks), dtype=bool)"
FORCED = "return [j for j in candidates if j < initial or own - local < j <= own]"
RANK_NAN = "return (True, 0.0, block)"
FREE = "free = [j for j in candidates if j not in forced and row[j] != -math.inf]"
CHOSEN = "chosen = sorted([*forced, *free[: top_n - len(forced)]])"

MUTANTS = (
    # Visibility.
    mutant(
        "a compressed block is visible one token early",
        COMPRESSED,
        (LAST_TOKEN, LAST_TOKEN.replace("<", "<=")),
    ),
    mutant(
        "a compressed block is visible from its first token on",
        COMPRESSED,
        ("* compression_stride + compression_block - 1", "* compression_stride"),
    ),
    mutant(
        "compressed visibility is off by one in scores too",
        SCORES,
        (LAST_TOKEN, LAST_TOKEN.replace("<", "<=")),
    ),
    mutant("a query does not see its own token", WINDOW, (LIMIT, LIMIT.replace("pos + 1", "pos"))),
    mutant("a query sees the next token", SELECTED, (LIMIT, LIMIT.replace("pos + 1", "pos + 2"))),
    mutant("causal is ignored", SELECTED, (LIMIT, "length.copy()")),
    mutant(
        "not causal is ignored", SELECTED, (LIMIT, LIMIT.replace("if causal", "if causal or True"))
    ),
    *(
        mutant(f"kv_len is ignored in {op}", (op,), (LIMIT, "pos + 1 if causal else length.copy()"))
        for op in ("compressed_attention", "block_scores", "select_top_n", "selected_attention")
    ),
    *(
        mutant(
            f"q_offset is ignored in {op}",
            (op,),
            ("[None, :] + offset[:, None]", "[None, :] + 0 * offset[:, None]"),
        )
        for op in (
            "compressed_attention",
            "block_scores",
            "select_top_n",
            "selected_attention",
            "window_attention",
        )
    ),
    mutant(
        "q_offset of the first batch entry serves all",
        WINDOW,
        ("[None, :] + offset[:, None]", "[None, :] + offset[:1, None]"),
        (
            "return np.arange(tq, dtype=np.int64)",
            "return np.zeros((batch, 1), int) + np.arange(tq)",
        ),
    ),
    # Window.
    mutant("the window has w + 1 tokens", WINDOW, ("u > here - window", "u >= here - window")),
    mutant("the window has w - 1 tokens", WINDOW, ("u > here - window", "u > here - window + 1")),
    mutant(
        "the window that is not causal looks back only",
        WINDOW,
        ("np.abs(u - here) < window", "(u <= here) & (u > here - window)"),
    ),
    mutant(
        "the window that is not causal is asymmetric",
        WINDOW,
        ("np.abs(u - here) < window", "(u - here < window) & (here - u <= window)"),
    ),
    mutant(
        "the window that is not causal has half the width",
        WINDOW,
        ("np.abs(u - here) < window", "2 * np.abs(u - here) < window"),
    ),
    # Lists.
    mutant(
        "a repeated index counts twice",
        SELECTED,
        (LISTED, LISTED.replace("dtype=bool", "dtype=float")),
        ("block[names_a_block]] = True", "block[names_a_block]] += 1"),
        (LIMITED, LIMITED.replace("&", "*")),
        (
            "score = np.where(mask[:, used], score, -np.inf)",
            "score = score + np.log(np.maximum(mask[:, used], 1e-300))\n"
            "            score = np.where(mask[:, used] > 0, score, -np.inf)",
        ),
    ),
    mutant(
        "-1 is not skipped",
        SELECTED,
        ("(block >= 0) & (block < blocks)", "(block >= -1) & (block < blocks)"),
    ),
    mutant(
        "block indices wrap in 32 bits",
        SELECTED,
        (
            "block = idx[..., entry].astype(np.int64)",
            "block = (idx[..., entry].astype(np.int64) * selection_block).astype(np.int32)"
            " // selection_block",
        ),
    ),
    mutant(
        "heads take lists in turn",
        SELECTED,
        ("mask = visible[b, :, h // (heads // masks)]", "mask = visible[b, :, h % masks]"),
    ),
    mutant(
        "the last, shorter block is dropped",
        SELECTED,
        ("blocks = -(-keys // selection_block)", "blocks = keys // selection_block"),
        (
            "return listed[..., u // selection_block] &",
            "listed = np.pad(listed, [(0, 0)] * 3 + [(0, 1)])\n"
            "    return listed[..., u // selection_block] &",
        ),
    ),
    # Softmax.
    mutant(
        "heads take groups in turn",
        WINDOW,
        (ATTENTION_GROUP, ATTENTION_GROUP.replace("h // (heads // groups)", "h % groups")),
    ),
    mutant("the scale is missing", WINDOW, ("return 1.0 / math.sqrt(dk)", "return 1.0")),
    mutant("the scale is 1 / Dk", WINDOW, ("return 1.0 / math.sqrt(dk)", "return 1.0 / dk")),
    mutant(
        "the scale attribute is ignored",
        WINDOW,
        ("    return scale\n", "    return 1.0 / math.sqrt(dk)\n"),
    ),
    mutant(
        "lse has base 2",
        WINDOW,
        (OUTPUT, OUTPUT + "\n            lse[b, :, h] /= math.log(2)"),
    ),
    mutant(
        "lse is that of rounded scores",
        WINDOW,
        (LSE, LSE.replace("score.T", "score.T.astype(np.float16).astype(float)")),
    ),
    mutant(
        "an empty row has lse 0",
        WINDOW,
        (OUTPUT, OUTPUT + "\n            lse[b, ~sees, h] = 0"),
    ),
    mutant(
        "an empty row averages all values",
        WINDOW,
        (OUTPUT, OUTPUT + "\n            o[b, ~sees, h] = v[b, used, g].sum(axis=0)"),
    ),
    # Compression.
    mutant(
        "one compressed key is missing",
        COMPRESS,
        ("(tokens - length) // stride + 1", "(tokens - length) // stride"),
    ),
    mutant(
        "blocks do not overlap",
        COMPRESS,
        ("i * stride : i * stride + length", "i * length : i * length + length"),
        ("(tokens - length) // stride + 1", "tokens // length"),
    ),
    mutant(
        "the mean divides by the stride",
        COMPRESS,
        ("block.sum(axis=1) / length", "block.sum(axis=1) / stride"),
    ),
    mutant("the position encoding is ignored", COMPRESS, (ADD_PE, "pass")),
    mutant(
        "the position encoding follows phi",
        COMPRESS,
        (ADD_PE, "pass"),
        ("    return c\n\n\n", "    return c if pe is None else c + _f64(pe).mean(axis=0)\n\n\n"),
    ),
    mutant(
        "blocks are flattened dim by dim",
        COMPRESS,
        ("block.transpose(0, 2, 1, 3).reshape", "block.transpose(0, 2, 3, 1).reshape"),
    ),
    mutant(
        "the weights are normalised",
        COMPRESS,
        (WEIGHTED, WEIGHTED.replace("weights[0]", "weights[0] / weights[0].sum(axis=1)[:, None]")),
    ),
    mutant(
        "groups share the first linear map",
        COMPRESS,
        (
            'np.einsum("bgk,gkd->bgd", flat, weights[0])',
            'np.einsum("bgk,kd->bgd", flat, weights[0][0])',
        ),
    ),
    mutant(
        "gelu is its tanh approximation",
        COMPRESS,
        (
            "erf: F64 = _erf(x / math.sqrt(2.0))",
            "erf: F64 = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))",
        ),
    ),
    mutant("silu lacks its factor", COMPRESS, ("return x * sigmoid(x)", "return sigmoid(x)")),
    mutant("relu lets the negative through", COMPRESS, ("return np.maximum(x, 0.0)", "return x")),
    mutant(
        "the hidden bias is ignored",
        COMPRESS,
        ("activate(flat @ w1 + b1, activation)", "activate(flat @ w1, activation)"),
    ),
    # Scores.
    mutant(
        "overlap weights are flat",
        SCORES,
        ("    return weights\n", "    return np.minimum(weights, 1.0)\n"),
    ),
    mutant(
        "equation 9 read 0-based with minus signs",
        SCORES,
        ("sub_block = i + m\n", "sub_block = i + m + per_selected - 1\n"),
    ),
    mutant(
        "equation 9 read 0-based with plus signs",
        SCORES,
        ("sub_block = i + m\n", "sub_block = i + m - (per_compressed - 1)\n"),
    ),
    mutant(
        "a compressed block counts only where it begins",
        SCORES,
        ("for m in range(per_compressed):", "for m in range(1):"),
    ),
    mutant("max is a sum", SCORES, (LARGEST, LARGEST.replace("max", "sum"))),
    mutant(
        "max is weighted by the overlap",
        SCORES,
        (LARGEST, LARGEST.replace("per_list", "(per_list * overlap[:, j])")),
    ),
    mutant(
        "heads of a list are averaged", SCORES, ("used] += p.T", "used] += p.T / (heads // lists)")
    ),
    mutant(
        "scores are mapped per head, then summed",
        SCORES,
        ("lists = " + LISTS, "shared = " + LISTS),
        (
            "per_list = np.zeros((batch, tq, lists, blocks))",
            "lists = heads\n    per_list = np.zeros((batch, tq, lists, blocks))",
        ),
        ("    return p\n\n\ndef overlap", f"    return p{SHARED_SUM}\n\n\ndef overlap"),
        (OVERLAPPED, f"        return (per_list @ overlap){SHARED_SUM}\n"),
    ),
    mutant("the last head of a list wins", SCORES, ("used] += p.T", "used] = p.T")),
    mutant("lists of query heads are ignored", SCORES, (LISTS, LISTS.replace("heads}", "groups}"))),
    mutant(
        "scores of heads take groups in turn",
        SCORES,
        (SCORES_GROUP, SCORES_GROUP.replace("h // (heads // groups)", "h % groups")),
    ),
    mutant(
        "probabilities are clipped to 1",
        SCORES,
        (
            PROBABILITY,
            PROBABILITY.replace(
                "score - row_lse[:, None]", "np.minimum(score - row_lse[:, None], 0)"
            ),
        ),
    ),
    mutant(
        "probabilities are normalised again",
        SCORES,
        (PER_LIST, "            p = p / np.maximum(p.sum(axis=1)[:, None], 1e-300)\n" + PER_LIST),
    ),
    mutant(
        "lse has base 2 in scores",
        SCORES,
        ("np.exp(score - row_lse[:, None])", "np.exp2(score - row_lse[:, None])"),
    ),
    mutant(
        "an empty row scores above 0",
        SCORES,
        (
            "seen = visible[b][:, used] & (row_lse != -np.inf)[:, None]",
            "seen = visible[b][:, used]",
        ),
    ),
    mutant(
        "the scale is missing in scores",
        SCORES,
        (
            "score = factor * (q[b, :, h] @ kc[b, used, g].T)",
            "score = q[b, :, h] @ kc[b, used, g].T",
        ),
    ),
    mutant(
        "the last, shorter block has no score",
        SCORES,
        ("count = -(-kv_max // select)", "count = kv_max // select"),
    ),
    # Selection.
    mutant(
        "ties go to the highest block",
        SELECT,
        ("return (False, -score, block)", "return (False, -score, -block)"),
    ),
    mutant(
        "the lowest scores are taken",
        SELECT,
        ("return (False, -score, block)", "return (False, score, block)"),
    ),
    mutant("NaN ranks first", SELECT, (RANK_NAN, "return (False, -math.inf, -1)")),
    mutant("NaN is never selected", SELECT, (FREE, FREE.replace("!= -math.inf", "> -math.inf"))),
    mutant("-inf is selected", SELECT, (FREE, FREE.replace(" and row[j] != -math.inf", ""))),
    mutant(
        "subnormals are zero",
        SELECT,
        (
            "p = np.asarray(p).astype(np.float32)",
            "p = np.asarray(p).astype(np.float32)\n"
            "        p = np.where(np.abs(p) < 1e-38, np.float32(0), p)",
        ),
    ),
    mutant(
        "lists are in the order of the scores", SELECT, (CHOSEN, CHOSEN.replace("sorted(", "list("))
    ),
    mutant("forced blocks are not forced", SELECT, (FORCED, "return []")),
    mutant(
        "forced blocks come beside the budget",
        SELECT,
        (CHOSEN, "chosen = sorted([*forced, *free[:top_n]])[:top_n]"),
    ),
    mutant(
        "forced blocks are dropped by their score",
        SELECT,
        ("if j not in forced and row[j]", "if row[j]"),
        (CHOSEN, "chosen = sorted(free[:top_n])"),
    ),
    mutant(
        "the first block is not forced", SELECT, (FORCED, FORCED.replace("j < initial or ", ""))
    ),
    mutant(
        "one local block too many",
        SELECT,
        (FORCED, FORCED.replace("own - local < j", "own - local <= j")),
        (CHOSEN, CHOSEN + "[:top_n]"),
    ),
    mutant("the own block is not local", SELECT, (FORCED, FORCED.replace("j <= own", "j < own"))),
    mutant(
        "local blocks end at the last candidate",
        SELECT,
        ("own = pos // selection_block", "own = len(candidates) - 1"),
    ),
    mutant(
        "the own block is that of the next token",
        SELECT,
        ("own = pos // selection_block", "own = (pos + 1) // selection_block"),
    ),
    mutant(
        "positions before the keys round to 0",
        SELECT,
        ("own = pos // selection_block", "own = int(pos / selection_block)"),
    ),
    mutant(
        "only complete blocks are candidates",
        SELECT,
        ("if j * selection_block < limit[b, t]", "if (j + 1) * selection_block <= limit[b, t]"),
    ),
    mutant(
        "a block begins a token early",
        SELECT,
        ("if j * selection_block < limit[b, t]", "if j * selection_block <= limit[b, t]"),
    ),
    # Gate and merge.
    mutant(
        "gates are in the reverse order",
        GATE,
        ("weights[..., i, None]", "weights[..., -1 - i, None]"),
    ),
    mutant("the sigmoid is missing", GATE, ("return sigmoid(gates)", "return gates")),
    mutant(
        "gates are normalised",
        GATE,
        (
            "weights = gate_activation(_f64(gates), activation)",
            "weights = gate_activation(_f64(gates), activation)\n"
            "    weights = weights / weights.sum(axis=-1, keepdims=True)",
        ),
    ),
    mutant(
        "merge ignores the sink",
        MERGE,
        ("    if sink is not None:\n        terms", "    if False:\n        terms"),
    ),
    mutant(
        "the sink is a weight, not a score",
        MERGE,
        (
            "np.broadcast_to(_f64(sink), parts[0].shape)",
            "np.broadcast_to(np.log(np.abs(_f64(sink))), parts[0].shape)",
        ),
    ),
    mutant(
        "merge averages",
        MERGE,
        ("weight[seen] = np.exp(part[seen] - lse[seen])", "weight[seen] = 1.0 / len(parts)"),
    ),
    mutant(
        "merge sums lse",
        MERGE,
        ("lse = log_sum_exp(np.stack(terms))", "lse = np.sum(np.stack(terms), axis=0)"),
    ),
    # The whole.
    mutant(
        "the selected branch compresses its own keys",
        WHOLE,
        ("compress(k_cmp, k_phi", "compress(k_slc, k_phi"),
    ),
    mutant(
        "the window reads the selected branch's keys",
        WHOLE,
        ("window_attention(q, k_win, v_win", "window_attention(q, k_slc, v_win"),
    ),
    mutant(
        "branches are gated in another order",
        WHOLE,
        ("gate([o_cmp, o_slc, o_win]", "gate([o_slc, o_cmp, o_win]"),
    ),
    mutant(
        "values are compressed as keys are",
        WHOLE,
        (
            "compress(v_cmp, v_phi, params=v_params, pe=v_pe,",
            "compress(v_cmp, v_phi, params=v_params, pe=None,",
        ),
    ),
    mutant(
        "the scale reaches only one branch",
        WHOLE,
        ("window=window, scale=scale, **extent", "window=window, **extent"),
    ),
    mutant(
        "the last queries stand at the first keys",
        WHOLE,
        ("q_offset = tokens - q.shape[1]", "q_offset = 0"),
    ),
)


@functools.cache
def suite(op: str) -> list[Case]:
    return [case for case in named_cases() if case.op == op and case.dtype == "f32"]


@functools.cache
def computed(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    operands = make_operands(case)
    return operands, Numpy().run(case, operands)


def verdict(case: Case, module: types.ModuleType) -> str:
    """Why the case fails, or nothing."""
    operands, results = computed(case)
    try:
        with np.errstate(all="ignore"):
            judge(case, operands, results, module)
    except compare.Mismatch as mismatch:
        return str(mismatch)
    return ""


class Mutants(unittest.TestCase):
    def test_each_turns_the_suite_red(self) -> None:
        noticed_by = set()
        for one in MUTANTS:
            with self.subTest(one.name):
                module = one.module()
                cases = [case for op in one.ops for case in suite(op)]
                for case in cases:
                    problem = verdict(case, module)
                    if problem:
                        print(f"{one.name}:\n    {case.describe()}: {problem[:110]}")
                        noticed_by.add(case)
                        break
                else:
                    self.fail(f"none of {len(cases)} cases notices that {one.name}")
        # It is the mutation that they noticed.
        for case in noticed_by:
            with self.subTest(case.describe()):
                self.assertEqual(verdict(case, reference), "")

    def test_there_are_enough(self) -> None:
        self.assertGreaterEqual(len(MUTANTS), 20)
        self.assertEqual(len({one.name for one in MUTANTS}), len(MUTANTS))


if __name__ == "__main__":
    unittest.main()
