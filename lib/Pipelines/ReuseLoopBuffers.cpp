//===- ReuseLoopBuffers.cpp - nsa-reuse-loop-buffers ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops carry their tensors in place, whatever the program computes them from.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SubsetOpInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_REUSELOOPBUFFERS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Whether `value` is `origin` after updates in place, as far as the operations
/// between them say so; bufferization decides whether that works out.
static bool isUpdateOf(Value value, Value origin) {
  while (value != origin) {
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return false;
    Operation *op = result.getOwner();
    if (auto ifOp = dyn_cast<scf::IfOp>(op)) {
      unsigned index = result.getResultNumber();
      return isUpdateOf(ifOp.thenYield().getOperand(index), origin) &&
             isUpdateOf(ifOp.elseYield().getOperand(index), origin);
    }
    if (auto forOp = dyn_cast<scf::ForOp>(op))
      value = forOp.getTiedLoopInit(result)->get();
    else if (auto forallOp = dyn_cast<scf::ForallOp>(op))
      value = forallOp.getOutputs()[result.getResultNumber()];
    else if (auto castOp = dyn_cast<tensor::CastOp>(op))
      value = castOp.getSource();
    else if (auto insertOp = dyn_cast<SubsetInsertionOpInterface>(op))
      value = insertOp.getDestinationOperand().get();
    else if (auto dpsOp = dyn_cast<DestinationStyleOpInterface>(op))
      value = dpsOp.getTiedOpOperand(result)->get();
    else
      return false;
  }
  return true;
}

static bool haveSameShape(Value a, Value b) {
  auto type = cast<RankedTensorType>(a.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) &&
        !ValueBoundsConstraintSet::areEqual({a, dim}, {b, dim}).value_or(false))
      return false;
  return true;
}

namespace {

struct ReuseLoopBuffersPass
    : public nsa::impl::ReuseLoopBuffersBase<ReuseLoopBuffersPass> {
  void runOnOperation() override {
    getOperation().walk([](scf::ForOp forOp) {
      auto yieldOp = cast<scf::YieldOp>(forOp.getBody()->getTerminator());
      OpBuilder builder(yieldOp);
      // Decided for all before anything changes: the proofs look at the yield.
      SmallVector<std::pair<OpOperand *, Value>> copies;
      for (auto [init, arg, operand] :
           llvm::zip_equal(forOp.getInitArgs(), forOp.getRegionIterArgs(),
                           yieldOp->getOpOperands())) {
        Value yielded = operand.get();
        // A loop may carry a tensor that grows. If every iteration yields the
        // initial shape, by induction it also receives that.
        if (isa<RankedTensorType>(yielded.getType()) &&
            !isUpdateOf(yielded, arg) &&
            (haveSameShape(yielded, arg) || haveSameShape(yielded, init)))
          copies.push_back({&operand, arg});
      }
      for (auto [operand, arg] : copies) {
        Location loc = operand->get().getLoc();
        SmallVector<OpFoldResult> sizes =
            tensor::getMixedSizes(builder, loc, arg);
        SmallVector<OpFoldResult> offsets(sizes.size(),
                                          builder.getIndexAttr(0));
        SmallVector<OpFoldResult> strides(sizes.size(),
                                          builder.getIndexAttr(1));
        operand->set(tensor::InsertSliceOp::create(
            builder, loc, operand->get(), arg, offsets, sizes, strides));
      }
    });
  }
};

} // namespace
