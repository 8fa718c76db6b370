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
    (a returned score, say) are left alone, with a remark.
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

#endif // NSA_DIALECT_NSA_TRANSFORMS_PASSES_TD
