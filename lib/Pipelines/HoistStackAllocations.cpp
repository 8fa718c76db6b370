//===- HoistStackAllocations.cpp - nsa-hoist-stack-allocations ------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stack memory of constant size is taken once per call.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_HOISTSTACKALLOCATIONS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// The first block of the code that one thread runs around `op`.
static Block *getFrame(Operation *op) {
  Operation *parent = op->getParentOp();
  while (!parent->hasTrait<OpTrait::IsIsolatedFromAbove>())
    parent = parent->getParentOp();
  return &parent->getRegion(0).front();
}

namespace {

struct HoistStackAllocationsPass
    : public nsa::impl::HoistStackAllocationsBase<HoistStackAllocationsPass> {
  void runOnOperation() override {
    SmallVector<LLVM::AllocaOp> allocas;
    getOperation().walk([&](LLVM::AllocaOp op) { allocas.push_back(op); });
    for (LLVM::AllocaOp alloca : allocas) {
      Block *frame = getFrame(alloca);
      Attribute size;
      if (alloca->getBlock() == frame ||
          !matchPattern(alloca.getArraySize(), m_Constant(&size)))
        continue;
      OpBuilder builder = OpBuilder::atBlockBegin(frame);
      Value sizeAtFrame = LLVM::ConstantOp::create(
          builder, alloca.getLoc(), alloca.getArraySize().getType(),
          cast<TypedAttr>(size));
      alloca.getArraySizeMutable().assign(sizeAtFrame);
      alloca->moveAfter(sizeAtFrame.getDefiningOp());
    }
  }
};

} // namespace
