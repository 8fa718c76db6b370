//===- NSAToLinalg.cpp - Conversion of nsa to linalg ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: one greedy walk over the patterns of the files beside this one.
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"

#include "TileBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "nsa/Conversion/Utils/VerifyLowered.h"
#include "nsa/Dialect/NSA/IR/Fusion.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_CONVERTNSATOLINALG
#include "nsa/Conversion/NSAToLinalg/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

void mlir::nsa::populateNSAToLinalgPatterns(RewritePatternSet &patterns,
                                            const LinalgTiling &tiling) {
  populateAttentionPatterns(patterns, tiling);
  populateBlockScoresPatterns(patterns, tiling);
  populateSelectTopNPatterns(patterns);
  populateCompressPatterns(patterns);
  populateGateAndMergePatterns(patterns);
}

namespace {
struct ConvertNSAToLinalg
    : public nsa::impl::ConvertNSAToLinalgBase<ConvertNSAToLinalg> {
  using Base::Base;

  void runOnOperation() override {
    for (auto [name, value] : {std::pair("rows", int64_t(rows)),
                               {"row-multiple", int64_t(rowMultiple)},
                               {"key-tile", int64_t(keyTile)},
                               {"grouped-rows", int64_t(groupedRows)}})
      if (value < 1 || value > 4096) {
        emitError(getOperation()->getLoc())
            << "convert-nsa-to-linalg: " << name << " (" << value
            << ") must be between 1 and 4096";
        return signalPassFailure();
      }
    inlineFusions(getOperation());
    RewritePatternSet patterns(&getContext());
    populateNSAToLinalgPatterns(patterns,
                                {rows, rowMultiple, keyTile, groupedRows});
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    if (failed(verifyLowered(getOperation(), "convert-nsa-to-linalg")))
      signalPassFailure();
  }
};
} // namespace
