//===- AttentionToTile.cpp - Attention ops to tile kernels ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for a single attention op, whatever keys it traverses.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
struct LowerAttention
    : public OpInterfaceRewritePattern<KeyTraversalOpInterface> {
  LowerAttention(MLIRContext *context, ScheduleSource schedules)
      : OpInterfaceRewritePattern(context), schedules(std::move(schedules)) {}

  LogicalResult matchAndRewrite(KeyTraversalOpInterface op,
                                PatternRewriter &rewriter) const override;

  ScheduleSource schedules;
};
} // namespace

/// Emits the kernel; returns o and lse.
static SmallVector<Value> emitAttention(TileKernelBuilder &host,
                                        KeyTraversalOpInterface op,
                                        const TileShape &shape, Value q,
                                        Value k, Value v) {
  AttentionSizes sizes = getAttentionSizes(op);
  double scale = op.getScoreScale();
  SmallVector<Value> extents{host.dim(q, 0), host.dim(q, 1),
                             host.index(sizes.heads)};
  SmallVector<OpFoldResult> outSizes = getAsOpFoldResult(extents);
  Value lse = host.alloc(outSizes, host.b.getF32Type());
  outSizes.push_back(host.b.getIndexAttr(sizes.valueSize));
  Value o = host.alloc(outSizes, sizes.elementType);

  SharedMemory memory = getSharedMemory(op, getSchedule(op));
  auto selected = dyn_cast<SelectedAttentionOp>(op.getOperation());
  bool walksUnion = selected && shape.queries > 1;

  Value blocks =
      RowTile::buildCount(host, shape, sizes, extents[0], extents[1]);
  host.launchBlocks(
      blocks, shape.warps(), memory.total,
      [&](TileKernelBuilder &tb, Value block, Value lane, Value warp) {
        RowTile rows(tb, shape, sizes, extents[1], block, lane, warp);
        std::unique_ptr<KeyIterator> keys =
            walksUnion ? createUnionIterator(tb, selected, rows,
                                             memory.unionLists.offset)
                       : createTraversalIterator(tb, op, rows);
        SweepOperands operands =
            makeSweepOperands(tb, shape, sizes, scale, k, v, memory);
        QueryOperand queries =
            loadQueries(tb, rows, sizes, q, memory.queries.offset);
        SoftmaxRows result = sweepKeys(tb, rows, *keys, operands, queries);
        result =
            mergeKeyWarps(tb, rows, sizes, scale, result, memory.merge.offset);
        storeRows(tb, rows, normalise(tb, result), result.firstColumn, o);
        storeRowValues(tb, rows, buildLogSumExp(tb, result, scale), lse);
      });
  return {host.toTensor(o, op->getResult(0).getType()),
          host.toTensor(lse, op->getResult(1).getType())};
}

LogicalResult LowerAttention::matchAndRewrite(KeyTraversalOpInterface op,
                                              PatternRewriter &rewriter) const {
  std::optional<TileShape> shape = schedules(op);
  if (!shape)
    return rewriter.notifyMatchFailure(op, "not scheduled for tensor cores");
  emitVersions(rewriter, op, {op.getQueries(), op.getKeys(), op.getValues()},
               [&](TileKernelBuilder &host, ValueRange buffers) {
                 return emitAttention(host, op, *shape, buffers[0], buffers[1],
                                      buffers[2]);
               });
  return success();
}

void mlir::nsa::populateAttentionToTilePatterns(RewritePatternSet &patterns,
                                                ScheduleSource schedules) {
  patterns.add<LowerAttention>(patterns.getContext(), std::move(schedules));
}
