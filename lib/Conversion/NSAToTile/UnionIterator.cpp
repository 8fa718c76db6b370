//===- UnionIterator.cpp - The union of neighbouring lists ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Neighbouring queries choose many of the same blocks. A block of threads that
// has several queries walks the union of their lists, in ascending order, and
// each row masks the blocks that its query did not choose. The union is
// computed in shared memory, from lists without repeats: an entry is the first
// of its value if no earlier list has it, and its place is the number of
// smaller firsts.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

/// What stands for an entry that names no visible block.
static constexpr int32_t kNoBlock = std::numeric_limits<int32_t>::max();

namespace {
class UnionIterator : public KeyIterator {
public:
  UnionIterator(TileKernelBuilder &tb, SelectedAttentionOp op,
                const RowTile &rows, int64_t offset);

  Value getCount() const override { return count; }
  KeyRange buildTile(TileKernelBuilder &tb, Value i) const override;
  KeyRange buildVisible(TileKernelBuilder &tb, Value query) const override;
  Value buildChosen(TileKernelBuilder &tb, Value i) const override;

private:
  /// The entry of the union that tile `i` is of, and which part of the block.
  std::pair<Value, Value> split(TileKernelBuilder &tb, Value i) const;
  void emitUnion(TileKernelBuilder &tb, Value lists, Value list,
                 const RowTile &rows, int64_t offset);

  int64_t blockSize, keyTile, listSize;
  bool causal;
  Value qOffset, extent, limit; ///< index
  Value tilesPerBlock;          ///< index; null when it is 1
  Value blocks, masks;          ///< shared arrays of i32
  Value count;
};
} // namespace

UnionIterator::UnionIterator(TileKernelBuilder &tb, SelectedAttentionOp op,
                             const RowTile &rows, int64_t offset)
    : blockSize(op.getSelectionBlock()), keyTile(rows.shape.keys),
      causal(op.getCausal()) {
  OpBuilder &b = tb.b;
  auto idxType = cast<RankedTensorType>(op.getIdx().getType());
  listSize = idxType.getDimSize(3);
  Value batch = rows.tile.batch;
  qOffset =
      buildQueryOffset(b, tb.loc, op.getQOffset(), batch, op.getQ(), op.getK());
  extent =
      buildKeyExtent(b, tb.loc, op.getKvLen(), batch, tb.dim(op.getK(), 1));
  Value last = tb.add(tb.add(rows.tile.firstQuery, rows.tile.numQueries), -1);
  limit = tb.max(buildLimit(b, tb.loc, causal, extent, tb.add(last, qOffset)),
                 tb.index(0));
  int64_t heads = cast<RankedTensorType>(op.getQ().getType()).getDimSize(2);
  Value list = tb.div(rows.tile.firstHead, heads / idxType.getDimSize(2));
  if (blockSize > keyTile)
    tilesPerBlock = tb.ceilDiv(tb.min(tb.index(blockSize), extent), keyTile);
  emitUnion(tb, op.getIdx(), list, rows, offset);
}

void UnionIterator::emitUnion(TileKernelBuilder &tb, Value lists, Value list,
                              const RowTile &rows, int64_t offset) {
  OpBuilder &b = tb.b;
  Location loc = tb.loc;
  int64_t entries = rows.shape.queries * listSize;
  Type i32 = b.getI32Type();
  auto array = [&](int64_t size) {
    Value memory = tb.sharedArray({size}, i32, offset);
    offset += 4 * size;
    return memory;
  };
  Value values = array(entries), firsts = array(entries);
  blocks = array(entries);
  masks = array(entries);
  Value size = array(1);

  Value thread =
      tb.toIndex(tb.add(rows.lane, tb.mul(rows.warp, tb.i32(kWarpSize))));
  Value end = tb.index(entries);
  auto forEntries = [&](auto body) {
    tb.loop(
        thread, end, {},
        [&](KernelBuilder &kb, Value entry, ValueRange) -> SmallVector<Value> {
          TileKernelBuilder inner(kb.b, kb.loc);
          body(inner, entry);
          return {};
        },
        rows.shape.threads());
    tb.barrier();
  };
  Value numBlocks = tb.ceilDiv(limit, blockSize);
  forEntries([&](TileKernelBuilder &tb, Value entry) {
    Value query = tb.div(entry, listSize);
    Value slot = tb.sub(entry, tb.mul(query, listSize));
    Value exists =
        tb.compare(arith::CmpIPredicate::slt, query, rows.tile.numQueries);
    // A query that is not there reads the list of one that is.
    Value safe = tb.min(query, tb.add(rows.tile.numQueries, -1));
    Value block = tensor::ExtractOp::create(
        tb.b, loc, lists,
        ValueRange{rows.tile.batch, tb.add(rows.tile.firstQuery, safe), list,
                   slot});
    // Unsigned: a negative entry is above every block.
    Value inside = tb.compare(
        arith::CmpIPredicate::ult,
        arith::IndexCastUIOp::create(tb.b, loc, tb.b.getIndexType(), block),
        numBlocks);
    Value valid = tb.andI(exists, inside);
    tb.store(tb.select(valid, block, tb.i32(kNoBlock)), values, entry);
  });
  forEntries([&](TileKernelBuilder &tb, Value entry) {
    Value value = tb.load(values, entry);
    Value isBlock =
        tb.compare(arith::CmpIPredicate::ne, value, tb.i32(kNoBlock));
    Value first =
        tb.reduce(tb.index(0), entry, isBlock,
                  [&](KernelBuilder &kb, Value i, Value first) -> Value {
                    Value other = kb.compare(arith::CmpIPredicate::ne,
                                             kb.load(values, i), value);
                    return kb.b.createOrFold<arith::AndIOp>(loc, first, other);
                  });
    tb.store(arith::ExtUIOp::create(tb.b, loc, i32, first), firsts, entry);
  });
  forEntries([&](TileKernelBuilder &tb, Value entry) {
    Value value = tb.load(values, entry);
    Value zero = tb.i32(0);
    SmallVector<Value> found = tb.loop(
        tb.index(0), end, {zero, zero, zero},
        [&](KernelBuilder &kb, Value i,
            ValueRange carried) -> SmallVector<Value> {
          Value other = kb.load(values, i), first = kb.load(firsts, i);
          Value smaller = kb.compare(arith::CmpIPredicate::slt, other, value);
          Value same = kb.compare(arith::CmpIPredicate::eq, other, value);
          Value query =
              arith::IndexCastOp::create(kb.b, loc, i32, kb.div(i, listSize));
          Value bit = arith::ShLIOp::create(kb.b, loc, kb.i32(1), query);
          Value mask = arith::OrIOp::create(kb.b, loc, carried[1],
                                            kb.select(same, bit, kb.i32(0)));
          return {kb.add(carried[0], kb.select(smaller, first, kb.i32(0))),
                  mask, kb.add(carried[2], first)};
        });
    Value isFirst =
        tb.compare(arith::CmpIPredicate::ne, tb.load(firsts, entry), zero);
    tb.onlyIf(isFirst, [&](KernelBuilder &kb) {
      Value place =
          arith::IndexCastOp::create(kb.b, loc, kb.b.getIndexType(), found[0]);
      kb.store(value, blocks, place);
      kb.store(found[1], masks, place);
    });
    Value isLeader = tb.compare(arith::CmpIPredicate::eq, entry, tb.index(0));
    tb.onlyIf(isLeader, [&](KernelBuilder &kb) {
      kb.store(found[2], size, kb.index(0));
    });
  });
  count = tb.toIndex(tb.load(size, tb.index(0)));
  if (tilesPerBlock)
    count = tb.mul(count, tilesPerBlock);
}

std::pair<Value, Value> UnionIterator::split(TileKernelBuilder &tb,
                                             Value i) const {
  if (!tilesPerBlock)
    return {i, tb.index(0)};
  return {tb.b.createOrFold<arith::DivUIOp>(tb.loc, i, tilesPerBlock),
          tb.b.createOrFold<arith::RemUIOp>(tb.loc, i, tilesPerBlock)};
}

KeyRange UnionIterator::buildTile(TileKernelBuilder &tb, Value i) const {
  auto [entry, part] = split(tb, i);
  Value first = tb.mul(tb.toIndex(tb.load(blocks, entry)), blockSize);
  Value end = tb.min(tb.add(first, blockSize), limit);
  Value begin = tb.add(first, tb.mul(part, keyTile));
  return {begin, tb.min(tb.add(begin, keyTile), end)};
}

KeyRange UnionIterator::buildVisible(TileKernelBuilder &tb, Value query) const {
  return {tb.index(0),
          buildLimit(tb.b, tb.loc, causal, extent, tb.add(query, qOffset))};
}

Value UnionIterator::buildChosen(TileKernelBuilder &tb, Value i) const {
  return tb.load(masks, split(tb, i).first);
}

std::unique_ptr<KeyIterator>
mlir::nsa::createUnionIterator(TileKernelBuilder &tb, SelectedAttentionOp op,
                               const RowTile &rows, int64_t offset) {
  return std::make_unique<UnionIterator>(tb, op, rows, offset);
}
