//===- BufferizeFunctions.cpp - nsa-bufferize-functions -------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-Shot Bufferize, confined to functions.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_BUFFERIZEFUNCTIONS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct BufferizeFunctionsPass
    : public nsa::impl::BufferizeFunctionsBase<BufferizeFunctionsPass> {
  using Base::Base;

  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    // nsa-reuse-loop-buffers has seen to the loops where that can be avoided.
    options.allowReturnAllocsFromLoops = true;
    options.setFunctionBoundaryTypeConversion(
        stridedInputs ? bufferization::LayoutMapOption::FullyDynamicLayoutMap
                      : bufferization::LayoutMapOption::IdentityLayoutMap);
    options.opFilter.allowOperation([](Operation *op) {
      return isa<func::FuncOp>(op) || op->getParentOfType<func::FuncOp>();
    });
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options,
                                                        state)))
      signalPassFailure();
  }
};

} // namespace
