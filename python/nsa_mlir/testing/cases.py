# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The named cases: every op, in every element type, in every awkward situation.

``AWKWARD`` are the situations that docs/Spec.md lists under "Accuracy that
tests must demand", with the ops they make sense for; ``OPTIONS`` are the ops'
own choices. Most cases have 150 tokens, 8-token compression blocks every 4
tokens and 16-token selection blocks, so nothing divides anything, there are 10
blocks, and 4 of them are chosen.
"""

from __future__ import annotations

from typing import Any

from nsa_mlir.testing.case import Case

Changes = dict[str, Any]

TOKEN_OPS = ("selected_attention", "window_attention")
ATTENTION_OPS = ("compressed_attention", *TOKEN_OPS)
SCORED = (*ATTENTION_OPS, "block_scores")
WHOLE = ("attention", "attention_aux", "branches")
KEYED = (*SCORED, *WHOLE)
POSITIONED = (*KEYED, "select_top_n")
SHARDS = ("shards_compressed", "shards_selected", "shards_window")
LISTED = ("block_scores", "select_top_n", "selected_attention", "attention_aux", "branches")

PER_BATCH: Changes = {
    "batch": 3,
    "tq": 61,
    "q_offset": (89, -17, 30),
    "kv_len": (150, 44, 77),
}

AWKWARD: dict[str, tuple[tuple[str, ...], Changes]] = {
    "shorter_than_a_block": (("compress", *POSITIONED), {"tq": 7, "tk": 7}),
    "exactly_one_block": (("compress", *POSITIONED), {"tq": 8, "tk": 8}),
    "ragged": (("compress", *POSITIONED), {"tq": 157, "tk": 157, "batch": 2}),
    "r1_d60": (KEYED, {"heads": 2, "dk": 60, "dv": 60}),
    "r2_d64_v32": (("compress", *KEYED), {"dk": 64, "dv": 32}),
    "r3_d128": (KEYED, {"heads": 6, "dk": 128, "dv": 128, "tq": 70}),
    "r4_d192_v128": (KEYED, {"heads": 8, "dk": 192, "dv": 128, "tq": 70}),
    "r16_d256": (KEYED, {"heads": 16, "groups": 1, "dk": 256, "dv": 256, "tq": 40}),
    "d60": (("compress", "gate", "merge"), {"dk": 60, "dv": 60}),
    "d192": (("compress", "gate", "merge"), {"dk": 192, "dv": 192, "tq": 50}),
    "d256": (("compress", "gate", "merge"), {"dk": 256, "dv": 256, "tq": 50, "heads": 16}),
    "many_blocks": (LISTED, {"tk": 310, "tq": 90, "top_n": 5}),
    "small_n": (LISTED, {"tk": 310, "tq": 90, "top_n": 1, "initial": 0, "local": 0}),
    "n_exceeds_blocks": (LISTED, {"top_n": 40}),
    "window_exceeds_tokens": (("window_attention", *WHOLE), {"window": 1000}),
    "more_keys_than_queries": (POSITIONED, {"tq": 37}),
    "one_query": (("gate", "merge", *POSITIONED), {"tq": 1, "batch": 2}),
    "negative_offset": (POSITIONED, {"q_offset": -43, "kv_len": 150}),
    "equal_scores": ((*KEYED, "select_top_n"), {"data": "equal"}),
    "large_scores": (("merge", *KEYED), {"data": "large"}),
    "outlier_key": (KEYED, {"data": "outlier"}),
    "peaked": (("merge", *KEYED), {"data": "peaked"}),
    "wild_lists": (("selected_attention",), {"lists": "wild", "top_n": 11}),
    "nan_beyond_kv_len": (
        POSITIONED,
        {"nan_tail": True, "batch": 2, "q_offset": (0, -30), "kv_len": (101, 150), "tq": 120},
    ),
    "nan_beyond_one_kv_len": (POSITIONED, {"nan_tail": True, "q_offset": 0, "kv_len": 83}),
    "per_batch": ((*POSITIONED, *SHARDS), PER_BATCH),
    "no_visible_key": (POSITIONED, {"q_offset": 5, "kv_len": 0, "nan_tail": True, "tq": 20}),
    "two_shards": (SHARDS, {}),
    "two_shards_per_head_lists": (("shards_selected",), {"list_heads": "query"}),
    "two_shards_wild_lists": (("shards_selected",), {"lists": "wild", "top_n": 11}),
}

OPTIONS: dict[str, tuple[tuple[str, ...], Changes]] = {
    "not_causal": (POSITIONED, {"causal": False, "tq": 90, "q_offset": 20, "kv_len": 131}),
    "not_causal_negative": (
        POSITIONED,
        {"causal": False, "batch": 2, "tq": 90, "q_offset": (-25, 70), "kv_len": (150, 99)},
    ),
    "scale": (KEYED, {"scale": 0.37, "tq": 50}),
    "static": (("compress", "gate", "merge", *POSITIONED), {"static": "all"}),
    "static_offsets": (POSITIONED, {"static": "all", "q_offset": 9, "kv_len": 93, "tq": 80}),
    "static_tokens": (("compress", *POSITIONED), {"static": "tokens", "batch": 2, "tq": 33}),
    "paper_blocks": (
        ("compress", *POSITIONED),
        {
            "tk": 650,
            "tq": 130,
            "compression_block": 32,
            "compression_stride": 16,
            "selection_block": 64,
            "top_n": 6,
            "window": 100,
        },
    ),
    "equal_blocks": (
        ("compress", *SCORED, *WHOLE),
        {"compression_block": 16, "compression_stride": 16, "tq": 70},
    ),
    "odd_blocks": (
        ("compress", *SCORED),
        {"compression_block": 9, "compression_stride": 3, "selection_block": 12, "tq": 70},
    ),
    "stride_beyond_block": (
        ("compress", "compressed_attention"),
        {"compression_block": 5, "compression_stride": 7},
    ),
    "one_token_blocks": (
        (*SCORED, "select_top_n"),
        {
            "compression_block": 1,
            "compression_stride": 1,
            "selection_block": 1,
            "top_n": 9,
            "tq": 60,
            "tk": 60,
        },
    ),
    "large_blocks": (("selected_attention", "select_top_n"), {"selection_block": 1000}),
    "list_per_head": (LISTED, {"list_heads": "query", "tq": 90}),
    "one_list": (("select_top_n", "selected_attention"), {"list_heads": "one", "tq": 90}),
    "wild_list_per_head": (
        ("selected_attention",),
        {"lists": "wild", "top_n": 7, "list_heads": "query", "tq": 90},
    ),
    "wild_one_list_not_causal": (
        ("selected_attention",),
        {"lists": "wild", "top_n": 7, "list_heads": "one", "causal": False},
    ),
    "score_map_max": (("block_scores", "attention_aux", "branches"), {"score_map": "max"}),
    "score_map_max_per_head": (
        ("block_scores",),
        {"score_map": "max", "list_heads": "query", "tq": 70},
    ),
    "foreign_lse": (("block_scores",), {"foreign_lse": True}),
    "kv_max_beyond_keys": (("block_scores",), {"kv_max": 400, "kv_len": 140, "q_offset": 0}),
    "ties": (("select_top_n",), {"data": "ties"}),
    "special_values": (("select_top_n",), {"data": "special", "top_n": 6}),
    "special_values_not_causal": (
        ("select_top_n",),
        {"data": "special", "top_n": 6, "causal": False, "local": 0, "initial": 0},
    ),
    "local_before_the_keys": (
        ("select_top_n",),
        {"causal": False, "tq": 90, "q_offset": -43, "kv_len": 150, "initial": 0, "local": 2},
    ),
    "no_forced_blocks": (("select_top_n",), {"initial": 0, "local": 0, "data": "ties"}),
    "forced_fill_n": (("select_top_n", "attention_aux"), {"initial": 2, "local": 3, "top_n": 5}),
    "forced_overlap": (("select_top_n",), {"initial": 4, "local": 4, "top_n": 8, "tq": 150}),
    "window_of_one": (("window_attention",), {"window": 1}),
    "window_of_one_not_causal": (("window_attention",), {"window": 1, "causal": False}),
    "sigmoid": (("gate", *WHOLE), {"gate_activation": "sigmoid", "tq": 60}),
    "input_type_params": (
        ("gate", "attention_aux"),
        {"param_dtype": "input", "gate_activation": "sigmoid", "tq": 60},
    ),
    "one_part": (("gate", "merge"), {"parts": 1}),
    "five_parts": (("gate", "merge"), {"parts": 5}),
    "sink": (("merge",), {"sink": True}),
    "sink_alone_with_one_part": (("merge",), {"sink": True, "parts": 1}),
    "large_sink": (("merge",), {"sink": True, "data": "large"}),
    "empty_batch": (("compress", "gate", "merge", *POSITIONED), {"batch": 0}),
    "no_queries": (("gate", "merge", *POSITIONED), {"tq": 0}),
    "no_keys": (POSITIONED, {"tk": 0, "tq": 5, "q_offset": 0, "kv_len": 0}),
    "static_empty_batch": (
        ("compress", "gate", "merge", *POSITIONED),
        {"batch": 0, "static": "all"},
    ),
    "static_no_queries": (("gate", "merge", *POSITIONED), {"tq": 0, "static": "all"}),
    "static_no_keys": (
        POSITIONED,
        {"tk": 0, "tq": 5, "q_offset": 0, "kv_len": 0, "static": "all"},
    ),
    "static_shorter_than_a_block": (
        ("compress", *POSITIONED),
        {"tq": 7, "tk": 7, "static": "tokens"},
    ),
    "empty_lists": (("selected_attention",), {"lists": "wild", "top_n": 0, "tq": 20}),
    "weighted": (("compress", "branches"), {"phi": "weighted", "v_phi": "mean"}),
    "weighted_pe": (("compress",), {"phi": "weighted", "pe": True, "param_dtype": "input"}),
    "mean_pe": (("compress",), {"pe": True}),
    "linear": (("compress",), {"phi": "linear"}),
    "linear_pe": (
        ("compress", "attention_aux"),
        {"phi": "linear", "pe": True, "v_phi": "weighted", "v_pe": True},
    ),
    "linear_input_type_params": (("compress",), {"phi": "linear", "param_dtype": "input"}),
    "mlp_gelu": (("compress",), {"phi": "mlp"}),
    # Few terms, so that the tolerance is near the rounding error.
    "mlp_gelu_of_few": (
        ("compress",),
        {"phi": "mlp", "compression_block": 1, "compression_stride": 1, "dk": 4, "hidden": 8},
    ),
    "mlp_gelu_pe": (("compress", "branches"), {"phi": "mlp", "pe": True, "v_phi": "linear"}),
    "mlp_silu": (("compress",), {"phi": "mlp", "activation": "silu", "pe": True}),
    "mlp_relu": (
        ("compress", "attention_aux"),
        {"phi": "mlp", "activation": "relu", "v_phi": "mlp", "v_activation": "relu"},
    ),
    "mlp_input_type_params": (
        ("compress",),
        {"phi": "mlp", "activation": "silu", "pe": True, "param_dtype": "input"},
    ),
}

# Situations of kernels that go through keys in tiles (of 16 to 128), which run
# with --tensor-cores only, in one 16-bit type each.
CHOOSING = ("attention_aux", "branches")
_MANY: Changes = {"compression_block": 8, "compression_stride": 4, "selection_block": 8}
TILES: dict[str, tuple[tuple[str, ...], Changes]] = {
    "top_9_of_100": (CHOOSING, {**_MANY, "tk": 800, "tq": 24, "top_n": 9}),
    "top_40_of_120": (CHOOSING, {**_MANY, "tk": 960, "tq": 12, "top_n": 40}),
    "top_128_of_150": (CHOOSING, {**_MANY, "tk": 1200, "tq": 6, "top_n": 128}),
    "ties_across_tiles": (
        (*CHOOSING, "compressed_attention"),
        {**_MANY, "tk": 1000, "tq": 12, "top_n": 16, "data": "equal"},
    ),
    "score_map_max_of_many": (
        CHOOSING,
        {**_MANY, "tk": 700, "tq": 20, "top_n": 12, "score_map": "max"},
    ),
    "r1": ((*ATTENTION_OPS, *CHOOSING), {"heads": 2, "tq": 40}),
    "r3": ((*ATTENTION_OPS, *CHOOSING), {"heads": 6, "tq": 40}),
    "r16": ((*ATTENTION_OPS, *CHOOSING), {"heads": 16, "groups": 1, "tq": 20}),
    "r24": ((*ATTENTION_OPS, *CHOOSING), {"heads": 24, "groups": 1, "tq": 12}),
    **{
        f"keys_{tokens}": (TOKEN_OPS, {"tk": tokens, "tq": 30})
        for tokens in (15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129)
    },
    # The number of compressed keys is what is at the border.
    **{
        f"compressed_keys_{count}": (
            ("compressed_attention", *CHOOSING),
            {"tk": 4 * (count - 1) + 8, "tq": 30},
        )
        for count in (15, 16, 17, 63, 64, 65, 127, 128, 129)
    },
    **{
        f"window_{window}": (("window_attention",), {"window": window, "tk": 300, "tq": 50})
        for window in (63, 64, 65, 129)
    },
    "union_beyond_queries": (("selected_attention", *CHOOSING), {"tq": 5, "top_n": 6}),
    "union_with_empty_lists": (
        ("selected_attention",),
        {"tq": 21, "top_n": 9, "q_offset": -6, "kv_len": 70},
    ),
    "offsets_and_lengths": (
        (*ATTENTION_OPS, *CHOOSING),
        {"batch": 3, "tq": 37, "tk": 300, "q_offset": (-19, 64, 263), "kv_len": (128, 64, 300)},
    ),
    "nan_behind_a_tile": (
        (*ATTENTION_OPS, *CHOOSING),
        {"nan_tail": True, "batch": 2, "tq": 50, "q_offset": (30, 100), "kv_len": (64, 128)},
    ),
    "nan_behind_a_short_tile": (
        (*ATTENTION_OPS, *CHOOSING),
        {"nan_tail": True, "batch": 3, "tq": 40, "q_offset": 0, "kv_len": (15, 16, 33)},
    ),
    "blocks_of_48": (
        ("selected_attention", *CHOOSING),
        {"selection_block": 48, "tk": 500, "tq": 40, "top_n": 5},
    ),
    "blocks_of_128": (
        ("selected_attention", *CHOOSING),
        {"selection_block": 128, "tk": 900, "tq": 20, "top_n": 4},
    ),
    "wild_lists_of_48": (
        ("selected_attention",),
        {"selection_block": 48, "tk": 500, "tq": 40, "lists": "wild", "top_n": 9},
    ),
    "wild_lists_of_8": (
        ("selected_attention",),
        {"selection_block": 8, "tk": 300, "tq": 40, "lists": "wild", "top_n": 13},
    ),
}

EXAMPLES: dict[str, Changes] = {
    "example_forward": {},
    "example_forward_aux": {},
    "example_branches": {"gate_activation": "sigmoid", "score_map": "max"},
    "example_selection": {"list_heads": "query"},
    "example_window": {},
}

_DOCUMENTED: Changes = {
    "heads": 8,
    "groups": 2,
    "dk": 64,
    "dv": 64,
    "compression_block": 32,
    "compression_stride": 16,
    "selection_block": 64,
    "top_n": 16,
    "window": 512,
}
FILES: dict[str, Changes] = {
    "file_nsa_forward": _DOCUMENTED
    | {"heads": 64, "groups": 4, "dk": 192, "dv": 128, "dtype": "bf16", "tq": 16, "tk": 1300},
    "file_nsa_branches": _DOCUMENTED | {"tq": 90, "tk": 1300},
    "file_nsa_decode": _DOCUMENTED
    | {
        "batch": 3,
        "tq": 1,
        "tk": 1400,
        "q_offset": (1280, 516, 20),
        "kv_len": (1281, 517, 21),
        "nan_tail": True,
        "gate_activation": "sigmoid",
    },
    "file_infllm_v2": _DOCUMENTED
    | {"heads": 32, "tq": 300, "tk": 900, "top_n": 8, "score_map": "max"},
    "file_window_sink": _DOCUMENTED | {"window": 128, "tq": 200, "tk": 300},
}

# Fewer queries where each costs much: for the emulator. Keys, and so the number
# of blocks that are chosen from, stay.
REDUCED: dict[str, Changes] = {
    "file_nsa_forward": {"tq": 2},
    "file_nsa_branches": {"tq": 20},
    "file_infllm_v2": {"tq": 20},
    "file_window_sink": {"tq": 60},
}

GROUPS: dict[str, tuple[str, ...]] = {
    "compress": ("compress",),
    "compressed_attention": ("compressed_attention",),
    "block_scores": ("block_scores",),
    "select_top_n": ("select_top_n",),
    "selected_attention": ("selected_attention",),
    "window_attention": ("window_attention",),
    "gate_merge": ("gate", "merge"),
    "attention": ("attention",),
    "attention_aux": ("attention_aux",),
    "branches": ("branches",),
    "shards": SHARDS,
    "examples": (*EXAMPLES, *FILES),
}


def named_cases() -> list[Case]:
    """Every op x element type x awkward situation, in a fixed order.

    Options are taken in f32 and in one of the 16-bit types.
    """
    cases: list[Case] = []
    for group in GROUPS.values():
        for op in group:
            cases += _cases_of(op)
    return cases


def tile_cases() -> list[Case]:
    """The cases of ``TILES``, in f16 and bf16 by turns."""
    return [
        Case(op, name, dtype=("f16", "bf16")[(row + column) % 2]).but(**changes)
        for row, (name, (ops, changes)) in enumerate(TILES.items())
        for column, op in enumerate(ops)
    ]


def _cases_of(op: str) -> list[Case]:
    if op in FILES:
        return [Case(op, "as_documented", **FILES[op])]
    if op in EXAMPLES:
        base = Case(op, "small", tq=130, tk=150, **EXAMPLES[op])
        return [base.but(dtype=dtype) for dtype in ("f32", "f16", "bf16")]
    cases = []
    # p is f32 whatever the inputs are.
    dtypes = ("f32",) if op == "select_top_n" else ("f32", "f16", "bf16")
    for table in (AWKWARD, OPTIONS):
        for position, (name, (ops, changes)) in enumerate(table.items()):
            if op not in ops:
                continue
            wanted: tuple[str, ...] = dtypes
            if op == "attention":
                # The same code as attention_aux: each situation in one type.
                wanted = (dtypes[position % 3],)
            elif table is OPTIONS and len(dtypes) > 1:
                wanted = ("f32", dtypes[1 + position % 2])
            for dtype in wanted:
                cases.append(Case(op, name, dtype=dtype).but(**changes))
    return cases


def reduced(cases: list[Case]) -> list[Case]:
    """The cases, with fewer queries where ``REDUCED`` says so."""
    return [case.but(**REDUCED.get(case.op, {})) for case in cases]


def cpu_cases() -> list[Case]:
    """A few f16 and bf16 cases of every op, to be run for old processors."""
    wanted = {
        "compress": ("ragged", "linear_pe", "mlp_gelu_pe"),
        "compressed_attention": ("ragged", "r4_d192_v128", "per_batch"),
        "block_scores": ("ragged", "r4_d192_v128", "score_map_max"),
        "selected_attention": ("ragged", "r4_d192_v128", "wild_lists"),
        "window_attention": ("ragged", "r4_d192_v128", "not_causal"),
        "gate": ("d60", "input_type_params"),
        "merge": ("d60", "sink"),
        "attention": ("r2_d64_v32",),
        "attention_aux": ("input_type_params", "linear_pe"),
        "branches": ("per_batch",),
    }
    return [
        case
        for case in named_cases()
        if case.dtype != "f32" and case.name in wanted.get(case.op, ())
    ]
