//===- NSATiling.cpp - Tiling of the ops ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TilingInterface of every op but nsa.fusion. All loops but those over keys are
// parallel; a tile is the same op on slices. The methods are alike in every
// op, for the names of the dimensions say which part of an operand or result
// belongs to which part of a loop.
//
//===----------------------------------------------------------------------===//

#include "OpTile.h"

#include "NSAOpsDetail.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa::detail;

using Folds = SmallVector<OpFoldResult>;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static SmallVector<Range> getDomain(Operation *op, OpBuilder &b) {
  SmallVector<Range> domain;
  for (const OpLoop &loop : getLoops(op))
    domain.push_back(
        {b.getIndexAttr(0), getExtent(op, b, loop.dim), b.getIndexAttr(1)});
  return domain;
}

static SmallVector<utils::IteratorType> getIterators(Operation *op) {
  SmallVector<utils::IteratorType> types;
  for (const OpLoop &loop : getLoops(op))
    types.push_back(loop.type);
  return types;
}

//===----------------------------------------------------------------------===//
// Tiles of the loops
//===----------------------------------------------------------------------===//

static FailureOr<TilingResult> tileOp(Operation *op, OpBuilder &b,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Refuse refuse) {
  FailureOr<OpTile> tile = getOpTile(op, b, offsets, sizes, refuse);
  if (failed(tile))
    return failure();
  return buildOpTile(op, b, *tile);
}

static LogicalResult getResultTile(Operation *op, OpBuilder &b, unsigned result,
                                   ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<OpFoldResult> sizes,
                                   Folds &resultOffsets, Folds &resultSizes) {
  FailureOr<OpTile> tile = getOpTile(op, b, offsets, sizes, [&] {
    return op->emitOpError("cannot be tiled ");
  });
  if (failed(tile))
    return failure();
  return getResultRanges(op, b, result, *tile, resultOffsets, resultSizes);
}

//===----------------------------------------------------------------------===//
// Tiles of results and operands
//===----------------------------------------------------------------------===//

namespace {
/// The loops that a dimension of an operand or result goes with: the loop of
/// its name, or that over the heads of its key/value heads or lists.
struct LoopOfDim {
  unsigned loop;
  /// Iterations of the loop for each element of the dimension.
  int64_t scale;
};
} // namespace

static std::optional<LoopOfDim> getLoopOfDim(Operation *op, StringRef dim,
                                             Value value, unsigned i) {
  SmallVector<OpLoop> loops = getLoops(op);
  for (auto [j, loop] : llvm::enumerate(loops)) {
    if (loop.dim == dim)
      return LoopOfDim{unsigned(j), 1};
    if (loop.dim != "H" || (dim != "G" && dim != "Gi"))
      continue;
    // A tile of one list for all heads does not say which heads.
    int64_t part = extentOf(value, i);
    if (part == 1)
      continue;
    OpBuilder b(op->getContext());
    int64_t heads = *getConstantIntValue(getExtent(op, b, "H"));
    return LoopOfDim{unsigned(j), heads / part};
  }
  return std::nullopt;
}

/// Narrows the tile of the loops to what a tile of a value with these
/// dimensions goes with. Fails when that would be a part of a dimension that is
/// no parallel loop, or contradicts what another value has asked for.
static LogicalResult
narrow(Operation *op, OpBuilder &b, Value value, ArrayRef<NamedDim> dims,
       ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
       MutableArrayRef<std::optional<DimRange>> tile, Refuse refuse) {
  if (dims.empty()) {
    refuse() << "by an operand that is not a tensor";
    return failure();
  }
  SmallVector<utils::IteratorType> types = getIterators(op);
  for (auto [i, dim, offset, size] : llvm::enumerate(dims, offsets, sizes)) {
    DimRange range{offset, size};
    std::optional<LoopOfDim> loop = getLoopOfDim(op, dim.name, value, i);
    if (!loop || types[loop->loop] == utils::IteratorType::reduction) {
      bool whole = isConstantIntValue(offset, 0) &&
                   isConstantIntValue(size, extentOf(value, i));
      if (whole || isWhole(op, dim.name, range))
        continue;
      refuse() << "by a part of dimension " << i << " (" << dim.name
               << "), which stays whole";
      return failure();
    }
    AffineExpr scaled = b.getAffineDimExpr(0) * loop->scale;
    range.offset =
        affine::makeComposedFoldedAffineApply(b, op->getLoc(), scaled, offset);
    range.size =
        affine::makeComposedFoldedAffineApply(b, op->getLoc(), scaled, size);
    std::optional<DimRange> &wanted = tile[loop->loop];
    if (wanted &&
        (wanted->offset != range.offset || wanted->size != range.size)) {
      refuse() << "over " << dim.name
               << " by different parts of several operands";
      return failure();
    }
    wanted = range;
  }
  return success();
}

static void complete(Operation *op, OpBuilder &b,
                     ArrayRef<std::optional<DimRange>> tile,
                     SmallVectorImpl<OpFoldResult> &offsets,
                     SmallVectorImpl<OpFoldResult> &sizes) {
  offsets.clear();
  sizes.clear();
  for (auto [loop, range] : llvm::zip(getLoops(op), tile)) {
    offsets.push_back(range ? range->offset : b.getIndexAttr(0));
    sizes.push_back(range ? range->size : getExtent(op, b, loop.dim));
  }
}

/// The loops' tile that makes a tile of a result.
static LogicalResult
getTileOfResult(Operation *op, OpBuilder &b, unsigned result,
                ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                SmallVectorImpl<OpFoldResult> &loopOffsets,
                SmallVectorImpl<OpFoldResult> &loopSizes, Refuse refuse) {
  SmallVector<std::optional<DimRange>> tile(getLoops(op).size());
  if (failed(narrow(op, b, op->getResult(result), getResultDims(op, result),
                    offsets, sizes, tile, refuse)))
    return failure();
  complete(op, b, tile, loopOffsets, loopSizes);
  return success();
}

/// The loops' tile that uses tiles of operands.
static LogicalResult
getTileOfOperands(Operation *op, OpBuilder &b, ArrayRef<unsigned> operands,
                  ArrayRef<Folds> offsets, ArrayRef<Folds> sizes,
                  SmallVectorImpl<OpFoldResult> &loopOffsets,
                  SmallVectorImpl<OpFoldResult> &loopSizes, Refuse refuse) {
  SmallVector<std::optional<DimRange>> tile(getLoops(op).size());
  SmallVector<SmallVector<NamedDim>> dims = getOperandDims(op);
  for (auto [i, operand] : llvm::enumerate(operands))
    if (failed(narrow(op, b, op->getOperand(operand), dims[operand], offsets[i],
                      sizes[i], tile, refuse)))
      return failure();
  complete(op, b, tile, loopOffsets, loopSizes);
  return success();
}

/// Whether a tile of a value may be fused, without making any IR: what is not
/// constant is taken for whole where it has to be. `tile` is what other values
/// have asked for.
static bool isFusable(Operation *op, Value value, ArrayRef<NamedDim> dims,
                      ArrayRef<OpFoldResult> offsets,
                      ArrayRef<OpFoldResult> sizes,
                      MutableArrayRef<std::optional<DimRange>> tile) {
  SmallVector<OpLoop> loops = getLoops(op);
  for (auto [i, dim, offset, size] : llvm::enumerate(dims, offsets, sizes)) {
    std::optional<LoopOfDim> loop = getLoopOfDim(op, dim.name, value, i);
    std::optional<int64_t> extent = getConstantIntValue(size);
    if (loop && loops[loop->loop].type == utils::IteratorType::parallel) {
      if (!isLegalHeadTile(op, loops[loop->loop].dim, {offset, size},
                           loop->scale))
        return false;
      std::optional<DimRange> &wanted = tile[loop->loop];
      if (wanted && loop->scale == 1 &&
          (wanted->offset != offset || wanted->size != size))
        return false;
      if (loop->scale == 1)
        wanted = DimRange{offset, size};
      continue;
    }
    if (!isConstantIntValue(offset, 0))
      return false;
    int64_t whole = extentOf(value, i);
    if (extent && !ShapedType::isDynamic(whole) && *extent != whole)
      return false;
  }
  return !dims.empty();
}

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

/// Fusion is an attempt: where it is not possible the program stays right.
static auto warnUnfused(Operation *op) {
  return [op] {
    return op->emitWarning("'") << op->getName() << "' op cannot be fused ";
  };
}

#define NSA_TILING(OP)                                                         \
  SmallVector<Range> OP::getIterationDomain(OpBuilder &b) {                    \
    return getDomain(*this, b);                                                \
  }                                                                            \
  SmallVector<utils::IteratorType> OP::getLoopIteratorTypes() {                \
    return getIterators(*this);                                                \
  }                                                                            \
  FailureOr<TilingResult> OP::getTiledImplementation(                          \
      OpBuilder &b, ArrayRef<OpFoldResult> offsets,                            \
      ArrayRef<OpFoldResult> sizes) {                                          \
    auto refuse = [&] { return emitOpError("cannot be tiled "); };             \
    FailureOr<OpTile> tile = getOpTile(*this, b, offsets, sizes, refuse);      \
    if (failed(tile) || failed(checkNotEmpty(*this, *tile, refuse)))           \
      return failure();                                                        \
    return buildOpTile(*this, b, *tile);                                       \
  }                                                                            \
  LogicalResult OP::getResultTilePosition(                                     \
      OpBuilder &b, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,     \
      ArrayRef<OpFoldResult> sizes, Folds &resultOffsets,                      \
      Folds &resultSizes) {                                                    \
    return getResultTile(*this, b, resultNumber, offsets, sizes,               \
                         resultOffsets, resultSizes);                          \
  }                                                                            \
  LogicalResult OP::getIterationDomainTileFromResultTile(                      \
      OpBuilder &b, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,     \
      ArrayRef<OpFoldResult> sizes,                                            \
      SmallVectorImpl<OpFoldResult> &iterDomainOffsets,                        \
      SmallVectorImpl<OpFoldResult> &iterDomainSizes) {                        \
    return getTileOfResult(*this, b, resultNumber, offsets, sizes,             \
                           iterDomainOffsets, iterDomainSizes,                 \
                           warnUnfused(*this));                                \
  }                                                                            \
  FailureOr<TilingResult> OP::generateResultTileValue(                         \
      OpBuilder &b, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,     \
      ArrayRef<OpFoldResult> sizes) {                                          \
    Folds loopOffsets, loopSizes;                                              \
    if (failed(getTileOfResult(*this, b, resultNumber, offsets, sizes,         \
                               loopOffsets, loopSizes, warnUnfused(*this))))   \
      return failure();                                                        \
    FailureOr<TilingResult> tile =                                             \
        tileOp(*this, b, loopOffsets, loopSizes, warnUnfused(*this));          \
    if (succeeded(tile))                                                       \
      tile->tiledValues = {tile->tiledValues[resultNumber]};                   \
    return tile;                                                               \
  }                                                                            \
  LogicalResult OP::getIterationDomainTileFromOperandTiles(                    \
      OpBuilder &b, ArrayRef<unsigned> operandNumbers,                         \
      ArrayRef<Folds> allOffsets, ArrayRef<Folds> allSizes,                    \
      SmallVectorImpl<OpFoldResult> &iterDomainOffsets,                        \
      SmallVectorImpl<OpFoldResult> &iterDomainSizes) {                        \
    return getTileOfOperands(*this, b, operandNumbers, allOffsets, allSizes,   \
                             iterDomainOffsets, iterDomainSizes,               \
                             warnUnfused(*this));                              \
  }                                                                            \
  FailureOr<TilingResult> OP::getTiledImplementationFromOperandTiles(          \
      OpBuilder &b, ArrayRef<unsigned> operandNumbers,                         \
      ArrayRef<Folds> allOffsets, ArrayRef<Folds> allSizes) {                  \
    Folds loopOffsets, loopSizes;                                              \
    if (failed(getTileOfOperands(*this, b, operandNumbers, allOffsets,         \
                                 allSizes, loopOffsets, loopSizes,             \
                                 warnUnfused(*this))))                         \
      return failure();                                                        \
    return tileOp(*this, b, loopOffsets, loopSizes, warnUnfused(*this));       \
  }                                                                            \
  bool OP::isOpFusableWithConsumerSlice(unsigned resultNumber,                 \
                                        ArrayRef<OpFoldResult> offsets,        \
                                        ArrayRef<OpFoldResult> sizes) {        \
    SmallVector<std::optional<DimRange>> tile(getLoops(*this).size());         \
    return isFusable(*this, (*this)->getResult(resultNumber),                  \
                     getResultDims(*this, resultNumber), offsets, sizes,       \
                     tile);                                                    \
  }                                                                            \
  bool OP::isOpFusableWithProducerSlices(ArrayRef<unsigned> operandNumbers,    \
                                         ArrayRef<Folds> allOffsets,           \
                                         ArrayRef<Folds> allSizes) {           \
    SmallVector<SmallVector<NamedDim>> dims = getOperandDims(*this);           \
    SmallVector<std::optional<DimRange>> tile(getLoops(*this).size());         \
    return llvm::all_of(llvm::enumerate(operandNumbers), [&](auto operand) {   \
      size_t i = operand.index();                                              \
      return isFusable(*this, (*this)->getOperand(operand.value()),            \
                       dims[operand.value()], allOffsets[i], allSizes[i],      \
                       tile);                                                  \
    });                                                                        \
  }

NSA_TILING(CompressOp)
NSA_TILING(CompressedAttentionOp)
NSA_TILING(BlockScoresOp)
NSA_TILING(SelectTopNOp)
NSA_TILING(SelectedAttentionOp)
NSA_TILING(WindowAttentionOp)
NSA_TILING(GateOp)
NSA_TILING(MergeOp)
NSA_TILING(AttentionOp)
#undef NSA_TILING
