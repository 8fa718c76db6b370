//===- KeepBranchBuffers.cpp - nsa-keep-branch-buffers --------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What both branches of a condition compute in one tensor stays in one buffer.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_KEEPBRANCHBUFFERS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Whether `value` is used in both branches of some `scf.if`.
static bool isUsedInBothBranches(Value value) {
  DenseMap<Operation *, Region *> branches;
  for (Operation *user : value.getUsers())
    for (Region *region = user->getParentRegion();
         region && region != value.getParentRegion();
         region = region->getParentRegion()) {
      Operation *parent = region->getParentOp();
      if (isa<scf::IfOp>(parent) &&
          branches.try_emplace(parent, region).first->second != region)
        return true;
    }
  return false;
}

namespace {
struct KeepBranchBuffers
    : public nsa::impl::KeepBranchBuffersBase<KeepBranchBuffers> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](tensor::EmptyOp empty) {
      if (!isUsedInBothBranches(empty))
        return;
      rewriter.setInsertionPoint(empty);
      rewriter.replaceOpWithNewOp<bufferization::AllocTensorOp>(
          empty, empty.getType(), empty.getDynamicSizes());
    });
  }
};
} // namespace
