//===- NSAKeyTraversal.cpp - Which keys the attention ops visit -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// KeyTraversalOpInterface for the three attention ops. All arithmetic is on
// `index`, before any key is read; ranges are clamped to the stored keys here,
// so that a lowering never has to ask whether a read is in bounds.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/NSA.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Index arithmetic that folds as it goes.
class IndexBuilder {
public:
  IndexBuilder(OpBuilder &b, Location loc) : b(b), loc(loc) {}
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value l, Value r) {
    return b.createOrFold<arith::AddIOp>(loc, l, r);
  }
  Value add(Value l, int64_t r) { return add(l, constant(r)); }
  Value sub(Value l, Value r) {
    return b.createOrFold<arith::SubIOp>(loc, l, r);
  }
  Value mul(Value l, Value r) {
    return b.createOrFold<arith::MulIOp>(loc, l, r);
  }
  Value min(Value l, Value r) {
    return b.createOrFold<arith::MinSIOp>(loc, l, r);
  }
  Value max(Value l, Value r) {
    return b.createOrFold<arith::MaxSIOp>(loc, l, r);
  }
  Value max(Value l, int64_t r) { return max(l, constant(r)); }
  Value dim(Value tensor, int64_t i) {
    return b.createOrFold<tensor::DimOp>(loc, tensor, i);
  }
  /// Tiles of `size` that cover [begin, end), 0 when that is empty.
  Value countTiles(Value begin, Value end, int64_t size) {
    return buildCeilDiv(b, loc, max(sub(end, begin), 0), constant(size));
  }
  /// Tile `i` of `size` of [begin, end).
  KeyRange tile(Value begin, Value end, int64_t size, Value i) {
    Value first = add(begin, mul(i, constant(size)));
    return {first, min(add(first, size), end)};
  }

private:
  OpBuilder &b;
  Location loc;
};
} // namespace

template <typename OpT> static double scoreScale(OpT op, Value q) {
  if (std::optional<APFloat> scale = op.getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(static_cast<double>(
                   cast<RankedTensorType>(q.getType()).getDimSize(3)));
}

/// The position of the last query of `tile`.
static Value lastPosition(IndexBuilder &ib, const QueryTile &tile,
                          Value qOffset) {
  return ib.add(ib.add(ib.add(tile.firstQuery, tile.numQueries), -1), qOffset);
}

//===----------------------------------------------------------------------===//
// CompressedAttentionOp: a prefix of the compressed keys
//===----------------------------------------------------------------------===//

TypedValue<RankedTensorType> CompressedAttentionOp::getQueries() {
  return cast<TypedValue<RankedTensorType>>(getQ());
}
TypedValue<RankedTensorType> CompressedAttentionOp::getKeys() {
  return cast<TypedValue<RankedTensorType>>(getKc());
}
TypedValue<RankedTensorType> CompressedAttentionOp::getValues() {
  return cast<TypedValue<RankedTensorType>>(getVc());
}
double CompressedAttentionOp::getScoreScale() {
  return scoreScale(*this, getQ());
}
TraversalBlocking CompressedAttentionOp::getTraversalBlocking() { return {}; }

// State: q_offset, kv_len, and the end of the compressed keys that any row of
// the tile sees.
SmallVector<Value>
CompressedAttentionOp::buildTraversalState(OpBuilder &b, Location loc,
                                           const QueryTile &tile) {
  IndexBuilder ib(b, loc);
  Value qOffset =
      buildQueryOffset(b, loc, getQOffset(), tile.batch, getQ(), Value());
  Value kvLen = buildKeyExtent(b, loc, getKvLen(), tile.batch,
                               ib.constant(kUnboundedPosition));
  Value limit =
      buildLimit(b, loc, getCausal(), kvLen, lastPosition(ib, tile, qOffset));
  Value blocks = buildVisibleBlocks(b, loc, limit, getCompressionBlock(),
                                    getCompressionStride());
  return {qOffset, kvLen, ib.min(blocks, ib.dim(getKc(), 1))};
}

Value CompressedAttentionOp::buildKeyTileCount(OpBuilder &b, Location loc,
                                               const QueryTile &tile,
                                               ValueRange state,
                                               int64_t keyTile) {
  IndexBuilder ib(b, loc);
  return ib.countTiles(ib.constant(0), state[2], keyTile);
}

KeyRange CompressedAttentionOp::buildKeyTile(OpBuilder &b, Location loc,
                                             const QueryTile &tile,
                                             ValueRange state, int64_t keyTile,
                                             Value i) {
  IndexBuilder ib(b, loc);
  return ib.tile(ib.constant(0), state[2], keyTile, i);
}

KeyRange CompressedAttentionOp::buildVisibleKeys(OpBuilder &b, Location loc,
                                                 const QueryTile &tile,
                                                 ValueRange state,
                                                 Value query) {
  IndexBuilder ib(b, loc);
  Value limit =
      buildLimit(b, loc, getCausal(), state[1], ib.add(query, state[0]));
  return {ib.constant(0),
          buildVisibleBlocks(b, loc, limit, getCompressionBlock(),
                             getCompressionStride())};
}

//===----------------------------------------------------------------------===//
// WindowAttentionOp: a range that moves with the query
//===----------------------------------------------------------------------===//

TypedValue<RankedTensorType> WindowAttentionOp::getQueries() {
  return cast<TypedValue<RankedTensorType>>(getQ());
}
TypedValue<RankedTensorType> WindowAttentionOp::getKeys() {
  return cast<TypedValue<RankedTensorType>>(getK());
}
TypedValue<RankedTensorType> WindowAttentionOp::getValues() {
  return cast<TypedValue<RankedTensorType>>(getV());
}
double WindowAttentionOp::getScoreScale() { return scoreScale(*this, getQ()); }
TraversalBlocking WindowAttentionOp::getTraversalBlocking() { return {}; }

// State: q_offset, the extent, and the range that the tile's rows see together.
SmallVector<Value>
WindowAttentionOp::buildTraversalState(OpBuilder &b, Location loc,
                                       const QueryTile &tile) {
  IndexBuilder ib(b, loc);
  Value qOffset =
      buildQueryOffset(b, loc, getQOffset(), tile.batch, getQ(), getK());
  Value extent =
      buildKeyExtent(b, loc, getKvLen(), tile.batch, ib.dim(getK(), 1));
  Value first = ib.add(tile.firstQuery, qOffset);
  Value last = lastPosition(ib, tile, qOffset);
  Value begin = ib.max(ib.add(first, 1 - getWindow()), 0);
  Value end = ib.min(ib.add(last, getCausal() ? 1 : getWindow()), extent);
  return {qOffset, extent, begin, end};
}

Value WindowAttentionOp::buildKeyTileCount(OpBuilder &b, Location loc,
                                           const QueryTile &tile,
                                           ValueRange state, int64_t keyTile) {
  return IndexBuilder(b, loc).countTiles(state[2], state[3], keyTile);
}

KeyRange WindowAttentionOp::buildKeyTile(OpBuilder &b, Location loc,
                                         const QueryTile &tile,
                                         ValueRange state, int64_t keyTile,
                                         Value i) {
  return IndexBuilder(b, loc).tile(state[2], state[3], keyTile, i);
}

KeyRange WindowAttentionOp::buildVisibleKeys(OpBuilder &b, Location loc,
                                             const QueryTile &tile,
                                             ValueRange state, Value query) {
  IndexBuilder ib(b, loc);
  Value position = ib.add(query, state[0]);
  return {ib.add(position, 1 - getWindow()),
          ib.min(ib.add(position, getCausal() ? 1 : getWindow()), state[1])};
}

//===----------------------------------------------------------------------===//
// SelectedAttentionOp: listed blocks
//===----------------------------------------------------------------------===//

TypedValue<RankedTensorType> SelectedAttentionOp::getQueries() {
  return cast<TypedValue<RankedTensorType>>(getQ());
}
TypedValue<RankedTensorType> SelectedAttentionOp::getKeys() {
  return cast<TypedValue<RankedTensorType>>(getK());
}
TypedValue<RankedTensorType> SelectedAttentionOp::getValues() {
  return cast<TypedValue<RankedTensorType>>(getV());
}
double SelectedAttentionOp::getScoreScale() {
  return scoreScale(*this, getQ());
}

TraversalBlocking SelectedAttentionOp::getTraversalBlocking() {
  auto heads = cast<RankedTensorType>(getQ().getType()).getDimSize(2);
  auto lists = cast<RankedTensorType>(getIdx().getType()).getDimSize(2);
  return {/*maxQueries=*/1, /*maxHeads=*/heads / lists,
          /*maxKeys=*/static_cast<int64_t>(getSelectionBlock())};
}

/// The list of the tile's row, `[N]` i32, with what does not count (negative
/// entries, repeats of an earlier one) replaced by -1.
static Value buildNormalisedList(OpBuilder &b, Location loc,
                                 SelectedAttentionOp op, const QueryTile &tile,
                                 int64_t headsPerList) {
  IndexBuilder ib(b, loc);
  Value list = b.createOrFold<arith::DivUIOp>(loc, tile.firstHead,
                                              ib.constant(headsPerList));
  auto idxType = cast<RankedTensorType>(op.getIdx().getType());
  OpFoldResult width = tensor::getMixedSize(b, loc, op.getIdx(), 3);
  OpFoldResult one = b.getIndexAttr(1);
  auto rowType = RankedTensorType::get({idxType.getDimSize(3)}, b.getI32Type());
  // A slice of a dimension known to be empty would have no valid offset.
  if (idxType.getDimSize(3) == 0)
    return tensor::EmptyOp::create(b, loc, ArrayRef<OpFoldResult>{width},
                                   b.getI32Type());
  Value row = tensor::ExtractSliceOp::create(
      b, loc, rowType, op.getIdx(),
      SmallVector<OpFoldResult>{tile.batch, tile.firstQuery, list,
                                b.getIndexAttr(0)},
      SmallVector<OpFoldResult>{one, one, one, width},
      SmallVector<OpFoldResult>(4, one));
  if (op.getUnique())
    return row;
  AffineMap entry = AffineMap::get(2, 0, getAffineDimExpr(0, b.getContext()));
  AffineMap earlier = AffineMap::get(2, 0, getAffineDimExpr(1, b.getContext()));
  Value init = tensor::EmptyOp::create(b, loc, ArrayRef<OpFoldResult>{width},
                                       b.getI32Type());
  init = linalg::CopyOp::create(b, loc, row, init).getResult(0);
  return linalg::GenericOp::create(
             b, loc, rowType, ValueRange{row, row}, init,
             ArrayRef<AffineMap>{entry, earlier, entry},
             ArrayRef<utils::IteratorType>{utils::IteratorType::parallel,
                                           utils::IteratorType::reduction},
             [](OpBuilder &b, Location loc, ValueRange args) {
               Value minusOne =
                   arith::ConstantIntOp::create(b, loc, b.getI32Type(), -1);
               Value before =
                   arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         linalg::IndexOp::create(b, loc, 1),
                                         linalg::IndexOp::create(b, loc, 0));
               Value same = arith::CmpIOp::create(
                   b, loc, arith::CmpIPredicate::eq, args[0], args[1]);
               Value repeat = arith::AndIOp::create(b, loc, before, same);
               Value result =
                   arith::SelectOp::create(b, loc, repeat, minusOne, args[2]);
               linalg::YieldOp::create(b, loc, result);
             })
      .getResult(0);
}

// State: q_offset, the extent, the list, and how many key tiles a listed block
// takes; the last follows from the extent too, so that an absurd block size
// does not make an absurd loop.
SmallVector<Value>
SelectedAttentionOp::buildTraversalState(OpBuilder &b, Location loc,
                                         const QueryTile &tile) {
  IndexBuilder ib(b, loc);
  Value qOffset =
      buildQueryOffset(b, loc, getQOffset(), tile.batch, getQ(), getK());
  Value extent =
      buildKeyExtent(b, loc, getKvLen(), tile.batch, ib.dim(getK(), 1));
  Value limit =
      buildLimit(b, loc, getCausal(), extent, lastPosition(ib, tile, qOffset));
  Value list =
      buildNormalisedList(b, loc, *this, tile, getTraversalBlocking().maxHeads);
  return {qOffset, extent, ib.max(limit, 0), list};
}

Value SelectedAttentionOp::buildKeyTileCount(OpBuilder &b, Location loc,
                                             const QueryTile &tile,
                                             ValueRange state,
                                             int64_t keyTile) {
  IndexBuilder ib(b, loc);
  Value perBlock = ib.countTiles(
      ib.constant(0), ib.min(ib.constant(getSelectionBlock()), state[1]),
      keyTile);
  return ib.mul(ib.dim(state[3], 0), perBlock);
}

KeyRange SelectedAttentionOp::buildKeyTile(OpBuilder &b, Location loc,
                                           const QueryTile &tile,
                                           ValueRange state, int64_t keyTile,
                                           Value i) {
  IndexBuilder ib(b, loc);
  Value size = ib.constant(getSelectionBlock());
  Value perBlock =
      ib.countTiles(ib.constant(0), ib.min(size, state[1]), keyTile);
  Value entry = b.createOrFold<arith::DivUIOp>(loc, i, perBlock);
  Value part = b.createOrFold<arith::RemUIOp>(loc, i, perBlock);
  Value listed = tensor::ExtractOp::create(b, loc, state[3], entry);
  Value block = arith::IndexCastOp::create(b, loc, b.getIndexType(), listed);
  // A negative entry is moved, like one beyond the keys, to the first block
  // beyond them; its range is empty.
  Value blocks = buildCeilDiv(b, loc, state[1], size);
  Value negative = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt,
                                                 block, ib.constant(0));
  Value inside =
      arith::SelectOp::create(b, loc, negative, blocks, ib.min(block, blocks));
  Value first = ib.mul(inside, size);
  Value end = ib.min(ib.add(first, size), state[2]);
  return ib.tile(first, end, keyTile, part);
}

KeyRange SelectedAttentionOp::buildVisibleKeys(OpBuilder &b, Location loc,
                                               const QueryTile &tile,
                                               ValueRange state, Value query) {
  IndexBuilder ib(b, loc);
  return {ib.constant(0),
          buildLimit(b, loc, getCausal(), state[1], ib.add(query, state[0]))};
}
