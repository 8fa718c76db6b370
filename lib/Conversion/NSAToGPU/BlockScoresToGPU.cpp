//===- BlockScoresToGPU.cpp - Block scores to a plain kernel ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread computes the score of one selection block for one row and list, from
// the probabilities of the compressed keys that touch the block. Neighbouring
// threads, and so neighbouring blocks, share the queries.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "nsa/Dialect/NSA/IR/Positions.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

namespace {
struct LowerBlockScores : public OpRewritePattern<BlockScoresOp> {
  LowerBlockScores(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(BlockScoresOp op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};
} // namespace

LogicalResult
LowerBlockScores::matchAndRewrite(BlockScoresOp op,
                                  PatternRewriter &rewriter) const {
  Location loc = op.getLoc();
  KernelBuilder host(rewriter, op);
  auto qType = cast<RankedTensorType>(op.getQ().getType());
  auto kcType = cast<RankedTensorType>(op.getKc().getType());
  ReifiedRankedShapedTypeDims shapes;
  if (failed(op.reifyResultShapes(rewriter, shapes)))
    return rewriter.notifyMatchFailure(op, "result shape is not known");
  int64_t heads = op.getHeadsPerList(), dk = qType.getDimSize(3);
  int64_t group = qType.getDimSize(2) / kcType.getDimSize(2);
  // Sub-blocks of `compression_stride` tokens of a selection block and of a
  // compression block.
  int64_t perBlock = op.getSelectionBlock() / op.getCompressionStride();
  int64_t overlap = op.getCompressionBlock() / op.getCompressionStride();
  double scale = op.getScoreScale();

  SmallVector<Value> shape;
  for (OpFoldResult size : shapes[0])
    shape.push_back(getValueOrCreateConstantIndexOp(rewriter, loc, size));
  Value p = host.alloc(shapes[0], rewriter.getF32Type());
  Value qs = host.buffer(op.getQ()), kcs = host.buffer(op.getKc());
  Value lses = host.buffer(op.getLse());
  // Without kv_len, the scores' extent is that of the keys.
  Value unbounded = op.getKvLen() ? host.index(kUnboundedPosition)
                                  : host.max(op.getKvMax(), host.index(0));
  Value stored = host.dim(op.getKc(), 1);

  SmallVector<Value> extents{shape[0], shape[2], shape[1], shape[3]};
  host.launchThreads(
      extents, blockSize, [&](KernelBuilder &kb, ValueRange point) {
        Value batch = point[0], list = point[1], query = point[2],
              block = point[3];
        Value firstHead = kb.mul(list, heads),
              kvHead = kb.div(firstHead, group);
        Value qOffset = buildQueryOffset(kb.b, loc, op.getQOffset(), batch,
                                         op.getQ(), Value());
        Value kvLen =
            buildKeyExtent(kb.b, loc, op.getKvLen(), batch, unbounded);
        Value limit = buildLimit(kb.b, loc, op.getCausal(), kvLen,
                                 kb.add(query, qOffset));
        Value visible = kb.min(buildVisibleBlocks(kb.b, loc, limit,
                                                  op.getCompressionBlock(),
                                                  op.getCompressionStride()),
                               stored);

        // exp(score - lse) of a compressed key, summed over the heads of the
        // list.
        auto probability = [&](KernelBuilder &kb, Value key) {
          return kb.reduce(
              kb.index(0), kb.index(heads), kb.f32(0),
              [&](KernelBuilder &kb, Value i, Value sum) -> Value {
                Value head = kb.add(firstHead, i);
                Value product = kb.reduce(
                    kb.index(0), kb.index(dk), kb.f32(0),
                    [&](KernelBuilder &kb, Value d, Value sum) -> Value {
                      return kb.mulAdd(kb.loadF32(qs, {batch, query, head, d}),
                                       kb.loadF32(kcs, {batch, key, kvHead, d}),
                                       sum);
                    });
                Value lse = kb.loadF32(lses, {batch, query, head});
                // A row that saw no key has probability 0, not exp(+inf).
                Value none = kb.isEqual(
                    lse, kb.f32(-std::numeric_limits<double>::infinity()));
                Value score = kb.mulF(product, kb.f32(scale));
                Value p = kb.exp(kb.subF(score, lse));
                return kb.addF(sum, kb.select(none, kb.f32(0), p));
              });
        };

        // Compressed keys first + o, o < perBlock + overlap - 1, touch the
        // block.
        Value first = kb.add(kb.mul(block, perBlock), 1 - overlap);
        Value begin = kb.max(kb.sub(kb.index(0), first), kb.index(0));
        Value end =
            kb.min(kb.index(perBlock + overlap - 1), kb.sub(visible, first));
        Value score = kb.reduce(
            begin, end, kb.f32(0),
            [&](KernelBuilder &kb, Value o, Value carried) -> Value {
              Value p = probability(kb, kb.add(first, o));
              if (op.getScoreMap() == ScoreMap::Max)
                return kb.maxF(carried, p);
              // The number of sub-blocks that both have.
              Value upper = kb.min(kb.add(o, 1), kb.index(perBlock));
              Value lower = kb.max(kb.add(o, 1 - overlap), kb.index(0));
              Value shared = arith::IndexCastOp::create(
                  kb.b, loc, kb.b.getI32Type(), kb.sub(upper, lower));
              Value weight =
                  arith::SIToFPOp::create(kb.b, loc, kb.b.getF32Type(), shared);
              return kb.mulAdd(weight, p, carried);
            });
        kb.store(score, p, {batch, query, list, block});
      });
  rewriter.replaceOp(op, host.toTensor(p, op.getP().getType()));
  return success();
}

void mlir::nsa::populateBlockScoresToGPUPatterns(RewritePatternSet &patterns,
                                                 int64_t blockSize) {
  patterns.add<LowerBlockScores>(patterns.getContext(), blockSize);
}
