//===- Passes.td - Conversion of nsa to linalg -------------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATOLINALG_PASSES_TD
#define NSA_CONVERSION_NSATOLINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNSAToLinalg : Pass<"convert-nsa-to-linalg"> {
  let summary = "Lower the nsa ops to loops of linalg ops on tiles";
  let description = [{
    Lowers every nsa op (`nsa.attention` must have been decomposed, see
    `nsa-decompose`) to scf, linalg, tensor, arith and math, with no runtime
    calls. Attention ops, and any op that implements `KeyTraversalOpInterface`,
    become an `scf.forall` over batch entries, heads and query tiles, around an
    `scf.for` over the key tiles that the op names, with an online softmax:
    nothing of size `Tq x Tk` exists, and keys that no row names are not read.

    Inside a tile the rows (queries times heads of a key/value head) are the
    innermost dimension: scores, maxima and sums are then elementwise in the
    rows, and keys and values are read as they lie in memory. Where few rows
    share a walk (`rows` below `row-multiple`), keys are, and are transposed; if
    each query has a walk of its own, the key tiles of many queries are visited
    in order of position, so that a tile is transposed once for all that name
    it. Only a tile that some row sees in part, or that is not a whole one, is
    masked and copied. Powers of 2 are arithmetic, too.

    An op inside an `scf.forall` or `scf.parallel` is lowered to sequential
    loops, because the parallelism is already there.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "64",
           "Least number of rows (queries x heads) of a query tile, where the "
           "op lets that many share a walk over the keys.">,
    Option<"rowMultiple", "row-multiple", "int64_t", "16",
           "Rows of a tile are rounded up to a multiple of this.">,
    Option<"keyTile", "key-tile", "int64_t", "64",
           "Largest number of keys in a tile.">,
    Option<"groupedRows", "grouped-rows", "int64_t", "512",
           "Least number of rows of a query tile whose queries have key tiles of "
           "their own, which are then visited in order of position.">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // NSA_CONVERSION_NSATOLINALG_PASSES_TD
