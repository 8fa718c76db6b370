//===- NSAToLinalg.h - Conversion of nsa to linalg --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATOLINALG_NSATOLINALG_H
#define NSA_CONVERSION_NSATOLINALG_NSATOLINALG_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nsa {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Conversion/NSAToLinalg/Passes.h.inc"

/// How the lowering tiles; see the options of `convert-nsa-to-linalg`.
struct LinalgTiling {
  int64_t rows = 64;
  int64_t rowMultiple = 16;
  int64_t keyTile = 64;
  int64_t groupedRows = 512;
};

/// Adds the patterns that lower every nsa op but `nsa.attention`.
void populateNSAToLinalgPatterns(RewritePatternSet &patterns,
                                 const LinalgTiling &tiling);

} // namespace mlir::nsa

#endif // NSA_CONVERSION_NSATOLINALG_NSATOLINALG_H
