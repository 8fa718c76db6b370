//===- ScopeStackAllocations.cpp - nsa-scope-stack-allocations ------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lifetime of stack memory, stated without control flow.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_SCOPESTACKALLOCATIONS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// The operation whose end frees `alloca`.
static Operation *getAllocationScope(memref::AllocaOp alloca) {
  return alloca->getParentWithTrait<OpTrait::AutomaticAllocationScope>();
}

/// Restores at the end of `block` the stack as it was at the beginning.
static void saveStack(Block &block, Location loc) {
  OpBuilder builder = OpBuilder::atBlockBegin(&block);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value saved = LLVM::StackSaveOp::create(builder, loc, pointer);
  builder.setInsertionPoint(block.getTerminator());
  LLVM::StackRestoreOp::create(builder, loc, saved);
}

namespace {

struct ScopeStackAllocationsPass
    : public nsa::impl::ScopeStackAllocationsBase<ScopeStackAllocationsPass> {
  void runOnOperation() override {
    // Allocations of constant size are moved out of loops later on.
    llvm::SmallSetVector<Operation *, 8> scopes;
    getOperation()->walk([&](memref::AllocaOp alloca) {
      if (!alloca.getDynamicSizes().empty())
        scopes.insert(getAllocationScope(alloca));
    });
    for (Operation *scope : scopes)
      if (isa_and_nonnull<memref::AllocaScopeOp, LoopLikeOpInterface>(scope))
        for (Region &region : scope->getRegions())
          if (region.hasOneBlock())
            saveStack(region.front(), scope->getLoc());

    getOperation()->walk<WalkOrder::PostOrder>([](memref::AllocaScopeOp scope) {
      Region &body = scope.getBodyRegion();
      if (!body.hasOneBlock())
        return;
      Operation *terminator = body.front().getTerminator();
      scope->replaceAllUsesWith(terminator->getOperands());
      terminator->erase();
      scope->getBlock()->getOperations().splice(scope->getIterator(),
                                                body.front().getOperations());
      scope.erase();
    });
  }
};

} // namespace
