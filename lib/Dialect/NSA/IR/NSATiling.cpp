//===- NSATiling.cpp - Tiling of block_scores and select_top_n --*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TilingInterface over batch, queries and lists. A tile of queries is the same
// op on slices, with q_offset moved by the tile's first query; that is what
// lets scores be produced and consumed tile by tile, never all at once.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/NSA.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::nsa;

/// The loops are batch, query and list; the last dimension is never tiled.
static constexpr unsigned kNumLoops = 3;

static Value extractSlice(OpBuilder &b, Location loc, Value source,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes,
                          SmallVectorImpl<Operation *> &slices) {
  SmallVector<OpFoldResult> ones(offsets.size(), b.getIndexAttr(1));
  auto slice =
      tensor::ExtractSliceOp::create(b, loc, source, offsets, sizes, ones);
  slices.push_back(slice);
  return slice;
}

/// A position operand for the entries [batch, batch + numBatch), plus `delta`.
static Value slicePosition(OpBuilder &b, Location loc, Value operand,
                           OpFoldResult batch, OpFoldResult numBatch,
                           OpFoldResult delta,
                           SmallVectorImpl<Operation *> &slices) {
  if (!operand)
    return operand;
  bool moved = !isConstantIntValue(delta, 0);
  Value shift =
      moved ? getValueOrCreateConstantIndexOp(b, loc, delta) : Value();
  if (operand.getType().isIndex())
    return moved ? b.createOrFold<arith::AddIOp>(loc, operand, shift) : operand;
  Value slice = extractSlice(b, loc, operand, batch, numBatch, slices);
  if (!moved)
    return slice;
  Value shift32 = arith::IndexCastOp::create(b, loc, b.getI32Type(), shift);
  auto type = cast<RankedTensorType>(slice.getType());
  Value init = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, slice), b.getI32Type());
  AffineMap identity = b.getMultiDimIdentityMap(1);
  return linalg::GenericOp::create(
             b, loc, type, slice, init, ArrayRef<AffineMap>{identity, identity},
             ArrayRef<utils::IteratorType>{utils::IteratorType::parallel},
             [&](OpBuilder &b, Location loc, ValueRange args) {
               // Beyond every key, one position is as good as another; a sum
               // that wraps would lie before them.
               Value last = arith::ConstantIntOp::create(
                   b, loc, b.getI32Type(), std::numeric_limits<int32_t>::max());
               Value room = arith::SubIOp::create(b, loc, last, shift32);
               Value base = arith::MinSIOp::create(b, loc, args[0], room);
               Value sum = arith::AddIOp::create(b, loc, base, shift32);
               linalg::YieldOp::create(b, loc, sum);
             })
      .getResult(0);
}

static SmallVector<Range> getDomain(OpBuilder &b, Location loc, Value source,
                                    OpFoldResult lists) {
  SmallVector<Range> domain;
  for (int64_t i : {0, 1})
    domain.push_back({b.getIndexAttr(0),
                      tensor::getMixedSize(b, loc, source, i),
                      b.getIndexAttr(1)});
  domain.push_back({b.getIndexAttr(0), lists, b.getIndexAttr(1)});
  return domain;
}

/// The result tile: the loops' tile, and the whole last dimension.
static void getResultTile(OpBuilder &b, Location loc, Value result,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes, OpFoldResult lastSize,
                          SmallVector<OpFoldResult> &resultOffsets,
                          SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.begin() + kNumLoops);
  resultSizes.assign(sizes.begin(), sizes.begin() + kNumLoops);
  resultOffsets.push_back(b.getIndexAttr(0));
  resultSizes.push_back(lastSize);
}

static RankedTensorType tileType(RankedTensorType type,
                                 ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [extent, size] : llvm::zip(shape, sizes))
    extent = getConstantIntValue(size).value_or(ShapedType::kDynamic);
  return RankedTensorType::get(shape, type.getElementType());
}

static SmallVector<utils::IteratorType> allParallel() {
  return SmallVector<utils::IteratorType>(kNumLoops,
                                          utils::IteratorType::parallel);
}

//===----------------------------------------------------------------------===//
// BlockScoresOp
//===----------------------------------------------------------------------===//

SmallVector<Range> BlockScoresOp::getIterationDomain(OpBuilder &b) {
  auto type = cast<RankedTensorType>(getP().getType());
  return getDomain(b, getLoc(), getQ(), b.getIndexAttr(type.getDimSize(2)));
}

SmallVector<utils::IteratorType> BlockScoresOp::getLoopIteratorTypes() {
  return allParallel();
}

LogicalResult BlockScoresOp::getResultTilePosition(
    OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(b, shapes)))
    return failure();
  getResultTile(b, getLoc(), getP(), offsets, sizes, shapes[0][3],
                resultOffsets, resultSizes);
  return success();
}

FailureOr<TilingResult>
BlockScoresOp::getTiledImplementation(OpBuilder &b,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getP().getType());
  int64_t lists = type.getDimSize(2), perList = getHeadsPerList();
  int64_t kvHeads = cast<RankedTensorType>(getKc().getType()).getDimSize(2);
  std::optional<int64_t> numLists = getConstantIntValue(sizes[2]);
  // A tile of lists must be a legal op of its own: all lists, or one.
  if (!numLists || (*numLists != lists && *numLists != 1))
    return emitOpError("can be tiled over lists by 1 or ") << lists << " only";
  AffineExpr list = b.getAffineDimExpr(0);
  auto apply = [&](AffineExpr expr) {
    return affine::makeComposedFoldedAffineApply(b, loc, expr, offsets[2]);
  };
  OpFoldResult zero = b.getIndexAttr(0);
  bool whole = *numLists == lists;
  OpFoldResult firstHead = whole ? zero : apply(list * perList);
  OpFoldResult numHeads = b.getIndexAttr(*numLists * perList);
  int64_t listsPerKV = lists / kvHeads;
  OpFoldResult firstKV = whole ? zero : apply(list.floorDiv(listsPerKV));
  OpFoldResult numKV = b.getIndexAttr(whole ? kvHeads : 1);

  SmallVector<Operation *> slices;
  auto full = [&](Value value, int64_t dim) {
    return tensor::getMixedSize(b, loc, value, dim);
  };
  Value q =
      extractSlice(b, loc, getQ(), {offsets[0], offsets[1], firstHead, zero},
                   {sizes[0], sizes[1], numHeads, full(getQ(), 3)}, slices);
  Value kc = extractSlice(b, loc, getKc(), {offsets[0], zero, firstKV, zero},
                          {sizes[0], full(getKc(), 1), numKV, full(getKc(), 3)},
                          slices);
  Value lse =
      extractSlice(b, loc, getLse(), {offsets[0], offsets[1], firstHead},
                   {sizes[0], sizes[1], numHeads}, slices);
  Value qOffset = slicePosition(b, loc, getQOffset(), offsets[0], sizes[0],
                                offsets[1], slices);
  Value kvLen = slicePosition(b, loc, getKvLen(), offsets[0], sizes[0],
                              b.getIndexAttr(0), slices);
  auto tile = BlockScoresOp::create(
      b, loc, tileType(type, sizes.take_front(kNumLoops)), q, kc, lse,
      getKvMax(), qOffset, kvLen, getCompressionBlockAttr(),
      getCompressionStrideAttr(), getSelectionBlockAttr(), getScoreMapAttr(),
      getListHeadsAttr(), getCausalAttr(), getScaleAttr());
  return TilingResult{{tile}, {tile.getP()}, slices};
}

FailureOr<TilingResult>
BlockScoresOp::generateResultTileValue(OpBuilder &b, unsigned,
                                       ArrayRef<OpFoldResult> offsets,
                                       ArrayRef<OpFoldResult> sizes) {
  return getTiledImplementation(b, offsets.take_front(kNumLoops),
                                sizes.take_front(kNumLoops));
}

//===----------------------------------------------------------------------===//
// SelectTopNOp
//===----------------------------------------------------------------------===//

SmallVector<Range> SelectTopNOp::getIterationDomain(OpBuilder &b) {
  return getDomain(b, getLoc(), getP(),
                   tensor::getMixedSize(b, getLoc(), getP(), 2));
}

SmallVector<utils::IteratorType> SelectTopNOp::getLoopIteratorTypes() {
  return allParallel();
}

LogicalResult SelectTopNOp::getResultTilePosition(
    OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  getResultTile(b, getLoc(), getIdx(), offsets, sizes,
                b.getIndexAttr(getTopN()), resultOffsets, resultSizes);
  return success();
}

FailureOr<TilingResult>
SelectTopNOp::getTiledImplementation(OpBuilder &b,
                                     ArrayRef<OpFoldResult> offsets,
                                     ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  SmallVector<Operation *> slices;
  OpFoldResult zero = b.getIndexAttr(0);
  Value p = extractSlice(
      b, loc, getP(), {offsets[0], offsets[1], offsets[2], zero},
      {sizes[0], sizes[1], sizes[2], tensor::getMixedSize(b, loc, getP(), 3)},
      slices);
  Value qOffset = slicePosition(b, loc, getQOffset(), offsets[0], sizes[0],
                                offsets[1], slices);
  Value kvLen = slicePosition(b, loc, getKvLen(), offsets[0], sizes[0],
                              b.getIndexAttr(0), slices);
  auto type = cast<RankedTensorType>(getIdx().getType());
  auto tile = SelectTopNOp::create(
      b, loc, tileType(type, sizes.take_front(kNumLoops)), p, qOffset, kvLen,
      getSelectionBlockAttr(), getTopNAttr(), getInitialAttr(), getLocalAttr(),
      getCausalAttr());
  return TilingResult{{tile}, {tile.getIdx()}, slices};
}

FailureOr<TilingResult>
SelectTopNOp::generateResultTileValue(OpBuilder &b, unsigned,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes) {
  return getTiledImplementation(b, offsets.take_front(kNumLoops),
                                sizes.take_front(kNumLoops));
}
