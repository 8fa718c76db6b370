//===- HoistConditionalBuffers.cpp - Allocations out of conditionals -*- C++
//-*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream hoists allocations out of loops, but not out of the branches inside
// loops. An allocation has no effect but its cost, so it may as well happen
// before the condition is known.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_HOISTCONDITIONALBUFFERS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

/// Whether `alloc`, or a view of it, is yielded or returned.
static bool escapes(memref::AllocOp alloc, BufferViewFlowAnalysis &aliases) {
  for (Value alias : aliases.resolve(alloc.getMemref()))
    for (Operation *user : alias.getUsers())
      if (user->hasTrait<OpTrait::IsTerminator>())
        return true;
  return false;
}

namespace {
struct HoistConditionalBuffers
    : public nsa::impl::HoistConditionalBuffersBase<HoistConditionalBuffers> {
  void runOnOperation() override {
    BufferViewFlowAnalysis aliases(getOperation());
    SmallVector<memref::AllocOp> allocs;
    getOperation().walk([&](memref::AllocOp op) { allocs.push_back(op); });
    for (memref::AllocOp alloc : allocs) {
      if (!alloc.getType().hasStaticShape() ||
          !isa<scf::IfOp>(alloc->getParentOp()) || escapes(alloc, aliases))
        continue;
      while (auto branch = dyn_cast<scf::IfOp>(alloc->getParentOp()))
        alloc->moveBefore(branch);
    }
  }
};
} // namespace
