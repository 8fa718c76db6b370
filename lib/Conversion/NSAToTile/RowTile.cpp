//===- RowTile.cpp - Which rows and keys a block has ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rows of a block and the iterator over an op's key tiles.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"

using namespace mlir;
using namespace mlir::nsa;

AttentionSizes mlir::nsa::getAttentionSizes(KeyTraversalOpInterface op) {
  auto q = op.getQueries().getType(), k = op.getKeys().getType(),
       v = op.getValues().getType();
  return {q.getDimSize(2), k.getDimSize(2), q.getDimSize(3), v.getDimSize(3),
          q.getElementType()};
}

//===----------------------------------------------------------------------===//
// RowTile
//===----------------------------------------------------------------------===//

static int64_t getHeads(const TileShape &shape, const AttentionSizes &sizes) {
  return getHeadsPerTile(sizes.group(), shape.rows() / shape.queries);
}

Value RowTile::buildCount(TileKernelBuilder &host, const TileShape &shape,
                          const AttentionSizes &sizes, Value batches,
                          Value queries) {
  int64_t headTiles = sizes.heads / getHeads(shape, sizes);
  return host.mul(host.mul(batches, headTiles),
                  host.ceilDiv(queries, shape.queries));
}

RowTile::RowTile(TileKernelBuilder &tb, const TileShape &shape,
                 const AttentionSizes &sizes, Value queries, Value block,
                 Value lane, Value warp)
    : shape(shape), heads(getHeads(shape, sizes)), lane(lane), warp(warp) {
  std::tie(keyWarp, rowWarp) = tb.divideI32(warp, shape.rowWarps);
  firstRow = tb.mul(rowWarp, tb.i32(kMmaRows));

  Value queryTiles = tb.ceilDiv(queries, shape.queries);
  auto divide = [&](Value by) {
    Value remainder = tb.b.createOrFold<arith::RemUIOp>(tb.loc, block, by);
    block = tb.b.createOrFold<arith::DivUIOp>(tb.loc, block, by);
    return remainder;
  };
  Value reversed = divide(queryTiles);
  Value headTile = divide(tb.index(sizes.heads / heads));
  Value queryTile = tb.sub(tb.add(queryTiles, -1), reversed);

  tile.batch = block;
  tile.firstQuery = tb.mul(queryTile, shape.queries);
  tile.numQueries =
      tb.min(tb.sub(queries, tile.firstQuery), tb.index(shape.queries));
  tile.firstHead = tb.mul(headTile, heads);
  tile.queries = shape.queries;
  tile.heads = heads;
  kvHead = tb.div(tile.firstHead, sizes.group());
}

RowTile::Row RowTile::getRow(TileKernelBuilder &tb, Value row) const {
  auto [query, head] = tb.divideI32(row, heads);
  Value exists =
      tb.compare(arith::CmpIPredicate::ult, query, tb.toI32(tile.numQueries));
  return {tb.add(tile.firstQuery, tb.toIndex(query)),
          tb.add(tile.firstHead, tb.toIndex(head)), query, exists};
}

RowAddress RowTile::getAddress(TileKernelBuilder &tb, Value blockRow) const {
  Row row = getRow(tb, blockRow);
  return {{tile.batch, row.query, row.head}, row.exists};
}

//===----------------------------------------------------------------------===//
// The iterator of an op
//===----------------------------------------------------------------------===//

namespace {
class TraversalIterator : public KeyIterator {
public:
  TraversalIterator(TileKernelBuilder &tb, KeyTraversalOpInterface op,
                    const RowTile &rows)
      : op(op), tile(rows.tile), keyTile(rows.shape.keys),
        state(op.buildTraversalState(tb.b, tb.loc, tile)),
        count(op.buildKeyTileCount(tb.b, tb.loc, tile, state, keyTile)) {}

  Value getCount() const override { return count; }
  KeyRange buildTile(TileKernelBuilder &tb, Value i) const override {
    return traversal().buildKeyTile(tb.b, tb.loc, tile, state, keyTile, i);
  }
  KeyRange buildVisible(TileKernelBuilder &tb, Value query) const override {
    return traversal().buildVisibleKeys(tb.b, tb.loc, tile, state, query);
  }

private:
  // The interface's methods are not const.
  KeyTraversalOpInterface traversal() const { return op; }

  KeyTraversalOpInterface op;
  QueryTile tile;
  int64_t keyTile;
  SmallVector<Value> state;
  Value count;
};
} // namespace

std::unique_ptr<KeyIterator> mlir::nsa::createTraversalIterator(
    TileKernelBuilder &tb, KeyTraversalOpInterface op, const RowTile &rows) {
  return std::make_unique<TraversalIterator>(tb, op, rows);
}
