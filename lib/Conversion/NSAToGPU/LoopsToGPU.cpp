//===- LoopsToGPU.cpp - nsa-loops-to-gpu ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Works on bufferized code. Ops are rewritten one kind after the other, since
// each kind becomes the next: copies, linalg ops, parallel loops.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_LOOPSTOGPU
#include "nsa/Conversion/NSAToGPU/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

namespace {

struct LoopsToGPUPass : public nsa::impl::LoopsToGPUBase<LoopsToGPUPass> {
  using Base::Base;

  void runOnOperation() override;

private:
  template <typename OpT> SmallVector<OpT> collect() {
    SmallVector<OpT> ops;
    getOperation().walk([&](OpT op) { ops.push_back(op); });
    return ops;
  }
  LogicalResult lowerClone(IRRewriter &rewriter, bufferization::CloneOp clone);
  void moveToSingleThread(IRRewriter &rewriter, Operation *op);
  LogicalResult lowerLinalg(IRRewriter &rewriter, linalg::LinalgOp op);
  LogicalResult lowerParallel(IRRewriter &rewriter, scf::ParallelOp loop);
};

} // namespace

static bool isOnDevice(Operation *op) {
  return op->getParentOfType<gpu::LaunchOp>() != nullptr;
}

/// `op`, which has no results, in a kernel of one thread.
LogicalResult LoopsToGPUPass::lowerClone(IRRewriter &rewriter,
                                         bufferization::CloneOp clone) {
  auto type = dyn_cast<MemRefType>(clone.getType());
  if (!type)
    return clone.emitError(
               "nsa-loops-to-gpu: no kernel copies a buffer without "
               "a rank, ")
           << clone.getType();
  rewriter.setInsertionPoint(clone);
  KernelBuilder host(rewriter, clone.getLoc());
  SmallVector<OpFoldResult> sizes;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (ShapedType::isDynamic(size))
      sizes.push_back(host.dim(clone.getInput(), i));
    else
      sizes.push_back(rewriter.getIndexAttr(size));
  }
  Value copy = host.alloc(sizes, type.getElementType());
  memref::CopyOp::create(rewriter, clone.getLoc(), clone.getInput(), copy);
  if (copy.getType() != type)
    copy = memref::CastOp::create(rewriter, clone.getLoc(), type, copy);
  rewriter.replaceOp(clone, copy);
  return success();
}

void LoopsToGPUPass::moveToSingleThread(IRRewriter &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  KernelBuilder host(rewriter, op);
  host.launchThreads({host.index(1)}, kWarpSize,
                     [&](KernelBuilder &kb, ValueRange) { kb.b.clone(*op); });
  rewriter.eraseOp(op);
}

LogicalResult LoopsToGPUPass::lowerLinalg(IRRewriter &rewriter,
                                          linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics())
    return op.emitError("nsa-loops-to-gpu: '")
           << op->getName().getStringRef()
           << "' is on tensors; bufferize it before";
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::LinalgLoops> loops;
  if (isOnDevice(op))
    loops = linalg::linalgOpToLoops(rewriter, op);
  else
    loops = linalg::linalgOpToParallelLoops(rewriter, op);
  if (failed(loops))
    return op.emitError("nsa-loops-to-gpu: no loops for '")
           << op->getName().getStringRef() << "'";
  rewriter.eraseOp(op);
  return success();
}

/// An outermost loop of the host becomes a kernel, others sequential loops.
LogicalResult LoopsToGPUPass::lowerParallel(IRRewriter &rewriter,
                                            scf::ParallelOp loop) {
  if (loop.getNumReductions())
    return loop.emitError(
        "nsa-loops-to-gpu: a parallel loop with a reduction has no kernel; "
        "write the reduction as linalg.generic or as scf.for");
  rewriter.setInsertionPoint(loop);
  // Kernels cannot launch kernels: the host does so, one iteration after the
  // other.
  bool launches =
      loop->walk([](gpu::LaunchOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (launches || isOnDevice(loop))
    return scf::parallelForToNestedFors(rewriter, loop);

  KernelBuilder host(rewriter, loop.getLoc());
  SmallVector<Value> extents;
  for (auto [begin, end, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value length = host.max(host.sub(end, begin), host.index(0));
    extents.push_back(
        rewriter.createOrFold<arith::CeilDivUIOp>(loop.getLoc(), length, step));
  }
  host.launchThreads(
      extents, blockSize, [&](KernelBuilder &kb, ValueRange point) {
        IRMapping mapping;
        for (auto [iv, begin, step, i] :
             llvm::zip_equal(loop.getInductionVars(), loop.getLowerBound(),
                             loop.getStep(), point))
          mapping.map(iv, kb.add(begin, kb.mul(i, step)));
        for (Operation &op : loop.getBody()->without_terminator())
          kb.b.clone(op, mapping);
      });
  rewriter.eraseOp(loop);
  return success();
}

void LoopsToGPUPass::runOnOperation() {
  if (blockSize < kWarpSize || blockSize > 1024 || blockSize % kWarpSize) {
    getOperation().emitError("nsa-loops-to-gpu: block-size (")
        << blockSize.getValue() << ") must be a multiple of 32 from 32 to 1024";
    return signalPassFailure();
  }
  IRRewriter rewriter(&getContext());
  for (bufferization::CloneOp clone : collect<bufferization::CloneOp>())
    if (failed(lowerClone(rewriter, clone)))
      return signalPassFailure();
  for (memref::CopyOp copy : collect<memref::CopyOp>()) {
    rewriter.setInsertionPoint(copy);
    linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  }
  for (linalg::LinalgOp op : collect<linalg::LinalgOp>())
    if (!isOnDevice(op) && op.getNumParallelLoops() == 0 &&
        !op->getParentOfType<scf::ParallelOp>() &&
        !op->getParentOfType<scf::ForallOp>())
      moveToSingleThread(rewriter, op);
  for (linalg::LinalgOp op : collect<linalg::LinalgOp>())
    if (failed(lowerLinalg(rewriter, op)))
      return signalPassFailure();
  for (scf::ForallOp op : collect<scf::ForallOp>()) {
    rewriter.setInsertionPoint(op);
    if (failed(scf::forallToParallelLoop(rewriter, op)))
      return signalPassFailure();
  }
  // Outer loops first: what is left inside of them is then on the device.
  while (true) {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk<WalkOrder::PreOrder>(
        [&](scf::ParallelOp loop) { loops.push_back(loop); });
    if (loops.empty())
      break;
    if (failed(lowerParallel(rewriter, loops.front())))
      return signalPassFailure();
  }
  for (memref::StoreOp store : collect<memref::StoreOp>())
    if (!isOnDevice(store))
      moveToSingleThread(rewriter, store);
}
