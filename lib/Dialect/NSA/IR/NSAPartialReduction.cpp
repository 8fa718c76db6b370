//===- NSAPartialReduction.cpp - Attention over parts of the keys ---------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PartialReductionOpInterface of the attention ops: each part of the keys is
// attended to by an op of its own, o and lse of the parts stand side by side in
// a new first dimension, and one nsa.merge joins them.
//
//===----------------------------------------------------------------------===//

#include "OpTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa::detail;

using Folds = SmallVector<OpFoldResult>;
using Dims = llvm::SetVector<unsigned>;

static StringRef nameStrategy(ReductionTilingStrategy strategy) {
  switch (strategy) {
  case ReductionTilingStrategy::FullReduction:
    return "FullReduction";
  case ReductionTilingStrategy::PartialReductionOuterReduction:
    return "PartialReductionOuterReduction";
  case ReductionTilingStrategy::PartialReductionOuterParallel:
    return "PartialReductionOuterParallel";
  }
  llvm_unreachable("unknown strategy");
}

/// The loop over keys is the last; it is what can be split.
static LogicalResult checkSplit(Operation *op, const Dims &dims) {
  SmallVector<OpLoop> loops = getLoops(op);
  unsigned keys = loops.size() - 1;
  if (dims.size() != 1 || dims.front() != keys) {
    InFlightDiagnostic error = op->emitOpError("can be split over loop ")
                               << keys << " (" << loops[keys].dim
                               << ") only, not over ";
    if (dims.empty())
      error << "none";
    llvm::interleaveComma(dims, error);
    return error;
  }
  auto selected = dyn_cast<SelectedAttentionOp>(op);
  if (selected && !selected.getUnique())
    return op->emitOpError("cannot be split over its lists without 'unique': a "
                           "block that two parts list would count twice");
  return success();
}

static FailureOr<SmallVector<Value>> makePartials(Operation *op, OpBuilder &b,
                                                  Location loc,
                                                  ArrayRef<OpFoldResult> sizes,
                                                  const Dims &dims) {
  if (failed(checkSplit(op, dims)))
    return failure();
  OpFoldResult parts = sizes[dims.front()];
  if (!getConstantIntValue(parts)) {
    op->emitOpError("cannot be split into a number of parts that is not "
                    "constant: ")
        << getLoops(op)[dims.front()].dim
        << " is dynamic, so give num_threads instead of tile_sizes";
    return failure();
  }
  ReifiedRankedShapedTypeDims shapes;
  if (failed(cast<ReifyRankedShapedTypeOpInterface>(op).reifyResultShapes(
          b, shapes)))
    return failure();
  // What attending to no key gives.
  double neutral[] = {0.0, -std::numeric_limits<double>::infinity()};
  SmallVector<Value> partials;
  for (auto [result, shape, value] :
       llvm::zip(op->getResults(), shapes, neutral)) {
    Type element = cast<RankedTensorType>(result.getType()).getElementType();
    Folds extents{parts};
    extents.append(shape);
    Value empty = tensor::EmptyOp::create(b, loc, extents, element);
    Value fill =
        arith::ConstantOp::create(b, loc, b.getFloatAttr(element, value));
    partials.push_back(
        linalg::FillOp::create(b, loc, fill, empty).getResult(0));
  }
  return partials;
}

static FailureOr<TilingResult> tilePart(Operation *op, OpBuilder &b,
                                        ReductionTilingStrategy strategy,
                                        ArrayRef<OpFoldResult> offsets,
                                        ArrayRef<OpFoldResult> sizes,
                                        const Dims &dims) {
  if (strategy != ReductionTilingStrategy::PartialReductionOuterParallel)
    return op->emitOpError("cannot be split by ")
           << nameStrategy(strategy)
           << ": its keys have no partial sums one by one; use "
              "PartialReductionOuterParallel "
              "(transform.structured.tile_reduction_using_forall)";
  if (failed(checkSplit(op, dims)))
    return failure();
  auto refuse = [&] { return op->emitOpError("cannot be split "); };
  FailureOr<OpTile> tile =
      getOpTile(op, b, offsets, sizes, refuse, /*partial=*/true);
  if (failed(tile) || failed(checkNotEmpty(op, *tile, refuse)))
    return failure();
  return buildOpTile(op, b, *tile);
}

static LogicalResult getPartPosition(Operation *op, OpBuilder &b,
                                     unsigned result,
                                     ArrayRef<OpFoldResult> offsets,
                                     ArrayRef<OpFoldResult> sizes,
                                     ArrayRef<OpFoldResult> part,
                                     Folds &resultOffsets, Folds &resultSizes) {
  FailureOr<OpTile> tile = getOpTile(
      op, b, offsets, sizes,
      [&] { return op->emitOpError("cannot be split "); },
      /*partial=*/true);
  if (failed(tile) ||
      failed(getResultRanges(op, b, result, *tile, resultOffsets, resultSizes)))
    return failure();
  resultOffsets.insert(resultOffsets.begin(), part.front());
  resultSizes.insert(resultSizes.begin(), b.getIndexAttr(1));
  return success();
}

static FailureOr<MergeResult> mergeParts(Operation *op, OpBuilder &b,
                                         Location loc, ValueRange partials,
                                         const Dims &dims) {
  if (failed(checkSplit(op, dims)))
    return failure();
  SmallVector<Value> parts[2];
  for (auto [result, partial, values] :
       llvm::zip(op->getResults(), partials, parts)) {
    auto stacked = cast<RankedTensorType>(partial.getType());
    auto type = RankedTensorType::get(stacked.getShape().drop_front(),
                                      stacked.getElementType());
    Folds sizes = tensor::getMixedSizes(b, loc, partial);
    std::optional<int64_t> count = getConstantIntValue(sizes[0]);
    if (!count)
      return op->emitOpError("cannot merge a number of parts that is not "
                             "constant");
    sizes[0] = b.getIndexAttr(1);
    SmallVector<Operation *> slices;
    for (int64_t part = 0; part < *count; ++part) {
      Folds offsets(sizes.size(), b.getIndexAttr(0));
      offsets[0] = b.getIndexAttr(part);
      values.push_back(
          buildSlice(b, loc, partial, offsets, sizes, type, slices));
    }
  }
  auto merge = MergeOp::create(b, loc, op->getResultTypes(), parts[0], parts[1],
                               /*sink=*/Value());
  return MergeResult{{merge}, {merge.getO(), merge.getLse()}};
}

#define NSA_PARTIAL_REDUCTION(OP)                                              \
  FailureOr<SmallVector<Value>> OP::generateInitialTensorForPartialReduction(  \
      OpBuilder &b, Location loc, ArrayRef<OpFoldResult> tileSizes,            \
      const Dims &reductionDims) {                                             \
    return makePartials(*this, b, loc, tileSizes, reductionDims);              \
  }                                                                            \
  FailureOr<TilingResult> OP::tileToPartialReduction(                          \
      OpBuilder &b, Location, ReductionTilingStrategy tilingStrategy,          \
      ValueRange, ArrayRef<OpFoldResult> offsets,                              \
      ArrayRef<OpFoldResult> sizes, const Dims &reductionDims,                 \
      ArrayRef<OpFoldResult>) {                                                \
    return tilePart(*this, b, tilingStrategy, offsets, sizes, reductionDims);  \
  }                                                                            \
  LogicalResult OP::getPartialResultTilePosition(                              \
      OpBuilder &b, unsigned resultNumber, ReductionTilingStrategy,            \
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,            \
      const Dims &, ArrayRef<OpFoldResult> splitReductionIvs,                  \
      Folds &resultOffsets, Folds &resultSizes) {                              \
    return getPartPosition(*this, b, resultNumber, offsets, sizes,             \
                           splitReductionIvs, resultOffsets, resultSizes);     \
  }                                                                            \
  FailureOr<MergeResult> OP::mergeReductions(OpBuilder &b, Location loc,       \
                                             ValueRange partialReduce,         \
                                             const Dims &reductionDims) {      \
    return mergeParts(*this, b, loc, partialReduce, reductionDims);            \
  }

NSA_PARTIAL_REDUCTION(CompressedAttentionOp)
NSA_PARTIAL_REDUCTION(SelectedAttentionOp)
NSA_PARTIAL_REDUCTION(WindowAttentionOp)
#undef NSA_PARTIAL_REDUCTION
