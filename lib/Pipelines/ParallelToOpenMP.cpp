//===- ParallelToOpenMP.cpp - nsa-parallel-to-openmp ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parallel loops become OpenMP worksharing loops whose iterations are handed
// out, several at a time if there are very many, as threads become free.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_PARALLELTOOPENMP
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Handing out a chunk costs as much as a hundred additions; a thousand chunks
/// are enough to keep any number of cores busy to the end.
static constexpr int64_t kMaxChunks = 1024;

/// The number of iterations to hand out at once.
static Value computeChunk(OpBuilder &builder, scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value count = one;
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value size = arith::SubIOp::create(builder, loc, upper, lower);
    size = arith::CeilDivSIOp::create(builder, loc, size, step);
    count = arith::MulIOp::create(builder, loc, count, size);
  }
  // An empty dimension may well have come out negative.
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  count = arith::MaxSIOp::create(builder, loc, count, zero);
  Value max = arith::ConstantIndexOp::create(builder, loc, kMaxChunks);
  Value chunk = arith::DivUIOp::create(builder, loc, count, max);
  return arith::AddIOp::create(builder, loc, chunk, one);
}

static void convert(scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  OpBuilder builder(loop);
  Value chunk = computeChunk(builder, loop);
  auto parallel = omp::ParallelOp::create(builder, loc);
  builder.createBlock(&parallel.getRegion());

  omp::WsloopOperands sharing;
  sharing.scheduleKind = omp::ClauseScheduleKindAttr::get(
      builder.getContext(), omp::ClauseScheduleKind::Dynamic);
  sharing.scheduleChunk = chunk;
  auto wsloop = omp::WsloopOp::create(builder, loc, sharing);
  omp::TerminatorOp::create(builder, loc);
  builder.createBlock(&wsloop.getRegion());

  omp::LoopNestOperands bounds;
  bounds.collapseNumLoops = builder.getI64IntegerAttr(loop.getNumLoops());
  bounds.loopLowerBounds = loop.getLowerBound();
  bounds.loopUpperBounds = loop.getUpperBound();
  bounds.loopSteps = loop.getStep();
  auto nest = omp::LoopNestOp::create(builder, loc, bounds);

  Operation *reduce = loop.getBody()->getTerminator();
  builder.setInsertionPoint(reduce);
  omp::YieldOp::create(builder, reduce->getLoc(), ValueRange());
  reduce->erase();
  nest.getRegion().takeBody(loop.getRegion());
  loop.erase();
}

namespace {

struct ParallelToOpenMPPass
    : public nsa::impl::ParallelToOpenMPBase<ParallelToOpenMPPass> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) {
      if (loop.getNumReductions() == 0)
        loops.push_back(loop);
    });
    for (scf::ParallelOp loop : loops)
      convert(loop);
  }
};

} // namespace
