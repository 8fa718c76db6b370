//===- NSAToGPU.cpp - Conversion of nsa to GPU kernels ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: one walk over the patterns of the files beside this one.
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"

#include "Patterns.h"

#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "nsa/Conversion/Utils/VerifyLowered.h"
#include "nsa/Dialect/NSA/IR/Fusion.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_CONVERTNSATOGPU
#include "nsa/Conversion/NSAToGPU/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

void mlir::nsa::populateNSAToGPUPatterns(RewritePatternSet &patterns,
                                         int64_t blockSize) {
  populateAttentionToGPUPatterns(patterns, blockSize);
  populateBlockScoresToGPUPatterns(patterns, blockSize);
  populateCompressToGPUPatterns(patterns, blockSize);
  populateGateAndMergeToGPUPatterns(patterns, blockSize);
  populateListsToGPUPatterns(patterns, blockSize);
}

namespace {
struct ConvertNSAToGPU
    : public nsa::impl::ConvertNSAToGPUBase<ConvertNSAToGPU> {
  using Base::Base;

  void runOnOperation() override {
    if (blockSize < kWarpSize || blockSize > 1024 || blockSize % kWarpSize) {
      emitError(getOperation()->getLoc())
          << "convert-nsa-to-gpu: block-size (" << blockSize.getValue()
          << ") must be a multiple of 32 from 32 to 1024";
      return signalPassFailure();
    }
    inlineFusions(getOperation());
    // A walk does not visit what a pattern has created: lists are normalised
    // first.
    RewritePatternSet lists(&getContext());
    populateListsToGPUPatterns(lists, blockSize);
    walkAndApplyPatterns(getOperation(), std::move(lists));
    RewritePatternSet patterns(&getContext());
    populateNSAToGPUPatterns(patterns, blockSize);
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    if (failed(verifyLowered(getOperation(), "convert-nsa-to-gpu")))
      signalPassFailure();
  }
};
} // namespace
