//===- LocateCalls.cpp - nsa-locate-calls ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_LOCATECALLS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct LocateCallsPass : public nsa::impl::LocateCallsBase<LocateCallsPass> {
  void runOnOperation() override {
    Location nowhere = FileLineColLoc::get(&getContext(), "<unknown>", 0, 0);
    getOperation()->walk([&](LLVM::LLVMFuncOp func) {
      bool isLocated = !isa<UnknownLoc>(func.getLoc());
      Location location = isLocated ? func.getLoc() : nowhere;
      func.walk([&](Operation *op) {
        if (isa<LLVM::CallOp, LLVM::InvokeOp>(op) &&
            isa<UnknownLoc>(op->getLoc()))
          op->setLoc(location);
      });
    });
  }
};

} // namespace
