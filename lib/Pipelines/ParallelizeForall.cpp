//===- ParallelizeForall.cpp - nsa-parallelize-forall ---------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One level of parallelism: the outermost.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_PARALLELIZEFORALL
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

static bool isParallelLoop(Operation *op) {
  return isa<scf::ForallOp, scf::ParallelOp>(op);
}

static bool isInsideParallelLoop(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent;
       parent = parent->getParentOp())
    if (isParallelLoop(parent))
      return true;
  return false;
}

namespace {

struct ParallelizeForallPass
    : public nsa::impl::ParallelizeForallBase<ParallelizeForallPass> {
  using Base::Base;

  void runOnOperation() override {
    // Innermost first, so that the test for a parent still sees the loop that
    // an outer one was before its own conversion.
    SmallVector<Operation *> loops;
    getOperation()->walk<WalkOrder::PostOrder>([&](Operation *op) {
      if (isParallelLoop(op))
        loops.push_back(op);
    });

    IRRewriter rewriter(&getContext());
    for (Operation *op : loops) {
      bool keepParallel = parallel && !isInsideParallelLoop(op);
      rewriter.setInsertionPoint(op);
      if (auto forallOp = dyn_cast<scf::ForallOp>(op)) {
        if (forallOp->getNumResults() != 0) {
          forallOp.emitOpError(
              "still has tensor results; bufferize before this pass");
          return signalPassFailure();
        }
        if (failed(keepParallel ? scf::forallToParallelLoop(rewriter, forallOp)
                                : scf::forallToForLoop(rewriter, forallOp)))
          return signalPassFailure();
        continue;
      }
      // A loop with reductions is left to convert-scf-to-cf, which makes it
      // sequential as well.
      auto parallelOp = cast<scf::ParallelOp>(op);
      if (!keepParallel && parallelOp.getNumReductions() == 0 &&
          failed(scf::parallelForToNestedFors(rewriter, parallelOp)))
        return signalPassFailure();
    }
  }
};

} // namespace
