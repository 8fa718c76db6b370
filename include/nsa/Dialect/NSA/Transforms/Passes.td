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
    unique, types and sizes that kernels on tensor cores do not serve, and ops
    whose operands are not all known where the fusion would have to stand.

    A schedule on `compressed_attention` or `selected_attention` becomes the
    fusion's; others are dropped. Run it after `nsa-decompose` and
    canonicalisation, and before `nsa-set-schedule`.

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

#endif // NSA_DIALECT_NSA_TRANSFORMS_PASSES_TD
