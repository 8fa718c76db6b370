//===- Passes.td - Passes on the nsa dialect ---------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_PASSES_TD
#define NSA_DIALECT_NSA_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "nsa/Dialect/NSA/Transforms/CostOptions.td"

def NSADecompose : Pass<"nsa-decompose"> {
  let summary = "Decompose nsa.attention into the ops of its branches";
  let description = [{
    Replaces `nsa.attention` by `compress` (keys, values),
    `compressed_attention`, `block_scores` (`kv_max = Tk`), `select_top_n`,
    `selected_attention` (`unique`), `window_attention` and `gate`: exactly its
    definition (docs/Spec.md). Works on any op that holds functions; every
    `nsa.attention` is decomposed.

    A remark `nsa-decompose` is emitted per op.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::nsa::NSADialect",
                           "::mlir::tensor::TensorDialect"];
}

def NSAFuseQueries : Pass<"nsa-fuse-queries"> {
  let summary = "Compute all branches tile by tile of queries";
  let description = [{
    Tiles every `nsa.gate` and `nsa.merge` over batch, queries and heads into one
    `scf.forall`, and computes in it what makes their operands, up to the
    queries, keys and values: attention of every kind, `nsa.block_scores`,
    `nsa.select_top_n`, other gates and merges. No branch's output exists as a
    whole, and there is one parallel loop in place of one for each op.
    `nsa.compress` stays before the loop: every token is compressed once. Every
    `nsa.fusion` is taken apart first.

    * Each op is computed once for a tile. What something after the loop reads as
      well (a returned lse or list) is another result of the loop. An op with a
      result that is read earlier, by an op that is not part of the loop, stays
      outside, and so does what makes its operands, with a remark.
    * A tile has one batch entry, `query-tile` queries, and the fewest heads that
      are whole groups of the key/value heads, and share all their lists, in each
      op: of 8 heads with 2 key/value heads in one branch and 4 in another, 4.
    * What fits into a single tile is left alone, and so are ops in a parallel
      loop.

    Run it after `nsa-decompose` and before `nsa-fuse-selection`, which serves
    selections without a gate.

    A remark `nsa-fuse-queries` is emitted for each loop and each op that could
    not be part of one.
  }];
  let options = [
    Option<"queryTile", "query-tile", "int64_t", "0",
           "Queries in a tile, 1 to 2^31 - 1; the last may be smaller. Default 0: "
           "the largest multiple of 16 that makes at most 512 rows (queries "
           "times heads), at least 16.">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::nsa::NSADialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NSAFuseSelection : Pass<"nsa-fuse-selection"> {
  let summary = "Produce block scores tile by tile where they are consumed";
  let description = [{
    Tiles `nsa.select_top_n` over batch, queries and lists into an `scf.forall`
    and fuses the `nsa.block_scores` that it reads into the loop, so that no
    tensor of size `Tq x Ns` exists. Scores that something else reads as well
    (a returned score, say) are left alone, with a remark. Every `nsa.fusion` is
    taken apart first.
  }];
  let options = [
    Option<"queryTile", "query-tile", "int64_t", "32",
           "Queries in a tile, 1 to 2^31 - 1; the last may be smaller.">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::nsa::NSADialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NSAFuse : Pass<"nsa-fuse"> {
  let summary = "Form fusions: ops that a GPU runs as one kernel";
  let description = [{
    Puts the ops of the branches that one kernel computes into an `nsa.fusion`:

    * `selection`: `compressed_attention`, the `block_scores` of its lse and
      `select_top_n`, so that scores never are in memory;
    * `gated`: `selected_attention`, `window_attention` and the `gate` whose
      second and third branch they are, so that neither branch's output is in
      memory.

    Refused, each with a remark that says why, are scores or branches that
    something else reads, gates of other branches or in another order, branches
    with different positions, masks or scales, lists that are not known to be
    unique, types and sizes that kernels on tensor cores do not serve, ops
    whose operands are not all known where the fusion would have to stand, and ops
    of which one has a schedule, and so is a kernel of its own already.

    Run it after `nsa-decompose` and canonicalisation, and before
    `nsa-set-schedule`.

    A remark `nsa-fuse` is emitted for each `select_top_n` and each `gate`.
  }];
  let options = [
    Option<"selection", "selection", "bool", "true",
           "Whether to form `selection` fusions.">,
    Option<"gated", "gated", "bool", "true",
           "Whether to form `gated` fusions.">
  ];
  let dependentDialects = ["::mlir::nsa::NSADialect"];
}

def NSASetSchedule : Pass<"nsa-set-schedule"> {
  let summary = "Choose the kernels and tile sizes of each op";
  let description = [{
    Gives every op of the dialect that becomes a kernel, fusions included, an
    `nsa.schedule`. In this order:

    1. a schedule that the op has already is checked and kept;
    2. the options `family`, `queries`, `keys`, `row-warps`, `key-warps` and
       `stages` fix what they name where the op has such kernels and tiles (a
       selection fusion has one key warp); the cost model chooses the rest. Where
       none of the schedules that it knows fits, the numbers replace those of the
       fastest schedule;
    3. the first entry of the file `tuning` that fits the op;
    4. the fastest schedule by the cost model (CostModel.h).

    A schedule that the op cannot have on the chip is an error with the reason,
    wherever it comes from: more shared memory than a block may have, a `Dv` that
    is no multiple of 16 times the key warps, in a union more than 512 entries of
    lists, in a selection fusion several key warps, a tile without all heads of a
    list or with a part of a selection block. `nsa.attention` is decomposed before
    (`nsa-decompose`).

    The chip is the one with the least shared memory of those that `nsa.targets`
    names, on the function or on what is around it, else `chip`. A target that the
    table of chips does not have counts as the smallest that it has.

    Kernels other than plain ones serve f16 and bf16, head sizes of 64, 128, 192
    and 256, selected attention with `unique` lists, one for each key/value
    head, compression by `mean` and `weighted`, and `block_scores` and
    `select_top_n` only within a fusion, for lists of at most 128 blocks.
    Everything else gets `plain`, with a remark that says why; so do ops that
    options name a family for which does not serve them.

    The tuning file is a JSON array of objects. `op` and `schedule` are
    required; each further key must equal the op's for the entry to fit:

    ```json
    [{"op": "nsa.fusion", "kind": "gated", "chip": "sm_90", "dtype": "bf16",
      "heads": 64, "kv_heads": 4, "dk": 128, "dv": 128, "selection_block": 64,
      "list_width": 16,
      "schedule": {"family": "union", "queries": 4, "keys": 64, "row_warps": 4,
                   "key_warps": 1, "stages": 2}}]
    ```

    A remark `nsa-set-schedule` is emitted for each op: what was chosen and from
    where, the predicted time and what binds it, the next best schedule and what
    that is predicted to take.
  }];
  let options = !listconcat(NSA_CostOptions<>.options, [
    Option<"family", "family", "std::string", [{""}],
           "Family of kernels for every op that has it: plain, dense, "
           "query_major, union or vector. Default: any.">,
    Option<"queries", "queries", "int64_t", "0", "Queries in a tile. Default 0: any.">,
    Option<"keys", "keys", "int64_t", "0", "Keys in a tile. Default 0: any.">,
    Option<"rowWarps", "row-warps", "int64_t", "0",
           "Warps that share a tile's rows. Default 0: any.">,
    Option<"keyWarps", "key-warps", "int64_t", "0",
           "Warps that share a tile's keys. Default 0: any.">,
    Option<"stages", "stages", "int64_t", "0",
           "Key tiles in shared memory. Default 0: any.">,
    Option<"tuning", "tuning", "std::string", [{""}],
           "JSON file with schedules that were found to be good.">
  ]);
  let dependentDialects = ["::mlir::nsa::NSADialect"];
}

#endif // NSA_DIALECT_NSA_TRANSFORMS_PASSES_TD
