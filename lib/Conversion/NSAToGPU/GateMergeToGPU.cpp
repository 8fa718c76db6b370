//===- GateMergeToGPU.cpp - nsa.gate and nsa.merge to kernels ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread computes one element of the output from those of the branches.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include <limits>

using namespace mlir;
using namespace mlir::nsa;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

namespace {
struct LowerGate : public OpRewritePattern<GateOp> {
  LowerGate(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(GateOp op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};

struct LowerMerge : public OpRewritePattern<MergeOp> {
  LowerMerge(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};
} // namespace

static SmallVector<Value> getExtents(KernelBuilder &host, Value tensor) {
  SmallVector<Value> extents;
  for (int64_t i = 0; i < cast<ShapedType>(tensor.getType()).getRank(); ++i)
    extents.push_back(host.dim(tensor, i));
  return extents;
}

static SmallVector<Value> getBuffers(KernelBuilder &host, ValueRange tensors) {
  SmallVector<Value> buffers;
  for (Value tensor : tensors)
    buffers.push_back(host.buffer(tensor));
  return buffers;
}

LogicalResult LowerGate::matchAndRewrite(GateOp op,
                                         PatternRewriter &rewriter) const {
  KernelBuilder host(rewriter, op);
  auto type = cast<RankedTensorType>(op.getO().getType());
  SmallVector<Value> extents = getExtents(host, op.getBranches().front());
  Value o = host.alloc(getAsOpFoldResult(extents), type.getElementType());
  SmallVector<Value> branches = getBuffers(host, op.getBranches());
  Value gates = host.buffer(op.getGates());
  host.launchThreads(extents, blockSize, [&](KernelBuilder &kb, ValueRange at) {
    Value sum = kb.f32(0);
    for (auto [i, branch] : llvm::enumerate(branches)) {
      Value gate = kb.loadF32(gates, {at[0], at[1], at[2], kb.index(i)});
      if (op.getActivation() == GateActivation::Sigmoid)
        gate = kb.sigmoid(gate);
      sum = kb.mulAdd(gate, kb.loadF32(branch, at), sum);
    }
    kb.storeF32(sum, o, at);
  });
  rewriter.replaceOp(op, host.toTensor(o, type));
  return success();
}

LogicalResult LowerMerge::matchAndRewrite(MergeOp op,
                                          PatternRewriter &rewriter) const {
  KernelBuilder host(rewriter, op);
  auto type = cast<RankedTensorType>(op.getO().getType());
  SmallVector<Value> extents = getExtents(host, op.getOs().front());
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(extents);
  Value o = host.alloc(sizes, type.getElementType());
  sizes.pop_back();
  Value lse = host.alloc(sizes, rewriter.getF32Type());
  SmallVector<Value> parts = getBuffers(host, op.getOs());
  SmallVector<Value> lses = getBuffers(host, op.getLses());
  Value sink = op.getSink() ? host.buffer(op.getSink()) : Value();
  host.launchThreads(extents, blockSize, [&](KernelBuilder &kb, ValueRange at) {
    SmallVector<Value> terms;
    for (Value buffer : lses)
      terms.push_back(kb.load(buffer, at.drop_back()));
    if (sink)
      terms.push_back(kb.load(sink, at[2]));
    Value largest = terms[0];
    for (Value term : ArrayRef<Value>(terms).drop_front())
      largest = kb.maxF(largest, term);
    // 0 where every term is -inf: nothing is then subtracted from -inf.
    largest =
        kb.select(kb.isEqual(largest, kb.f32(-kInfinity)), kb.f32(0), largest);
    // Weights relative to the maximum, not to the joint lse, stay exact where
    // lse is large.
    Value zero = kb.f32(0), sum = zero, joint = zero;
    for (auto [i, term] : llvm::enumerate(terms)) {
      Value weight = kb.exp(kb.subF(term, largest));
      sum = kb.addF(sum, weight);
      if (i == parts.size())
        continue; // The sink has no output.
      // A part without weight contributes nothing, whatever its output holds.
      Value product = kb.mulF(weight, kb.loadF32(parts[i], at));
      joint =
          kb.addF(joint, kb.select(kb.isEqual(weight, zero), zero, product));
    }
    Value none = kb.isEqual(sum, zero);
    Value inverse = kb.select(none, zero, kb.divF(kb.f32(1), sum));
    kb.storeF32(kb.mulF(joint, inverse), o, at);
    Value first = kb.compare(arith::CmpIPredicate::eq, at[3], kb.index(0));
    kb.onlyIf(first, [&](KernelBuilder &kb) {
      Value sumOfExp = kb.addF(largest, kb.log(sum));
      kb.store(kb.select(none, kb.f32(-kInfinity), sumOfExp), lse,
               at.drop_back());
    });
  });
  rewriter.replaceOp(
      op, {host.toTensor(o, type), host.toTensor(lse, op.getLse().getType())});
  return success();
}

void mlir::nsa::populateGateAndMergeToGPUPatterns(RewritePatternSet &patterns,
                                                  int64_t blockSize) {
  patterns.add<LowerGate, LowerMerge>(patterns.getContext(), blockSize);
}
