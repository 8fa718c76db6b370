//===- KeyTileGroups.cpp - Key tiles of many queries, sorted ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three passes: count per position, sum up, place. Positions are in units of
// the key tile, so there are Tk / keyTile of them.
//
//===----------------------------------------------------------------------===//

#include "KeyTileGroups.h"

using namespace mlir;
using namespace mlir::nsa;

static Value toI32(TileBuilder &tb, Value value) {
  return arith::IndexCastOp::create(tb.b, tb.loc, tb.b.getI32Type(), value);
}

static Value readIndex(TileBuilder &tb, Value tensor, Value i) {
  Value element = tensor::ExtractOp::create(tb.b, tb.loc, tensor, i);
  return arith::IndexCastOp::create(tb.b, tb.loc, tb.b.getIndexType(), element);
}

static Value write(TileBuilder &tb, Value value, Value tensor, Value i) {
  return tensor::InsertOp::create(tb.b, tb.loc, toI32(tb, value), tensor, i);
}

KeyTileVisit KeyTileGroups::visit(TileBuilder &tb, Value i) const {
  return {readIndex(tb, queries, i),
          {readIndex(tb, begins, i), readIndex(tb, ends, i)}};
}

QueryTile mlir::nsa::selectQuery(TileBuilder &tb, const QueryTile &tile,
                                 Value i) {
  QueryTile single = tile;
  single.firstQuery = tb.add(tile.firstQuery, i);
  single.numQueries = tb.index(1);
  single.queries = 1;
  return single;
}

namespace {
using VisitBody = function_ref<SmallVector<Value>(
    TileBuilder &, const KeyTileVisit &, ValueRange carried)>;
} // namespace

/// Loops over the queries of `tile` and the non-empty key tiles of each.
static SmallVector<Value> forEachVisit(TileBuilder &tb,
                                       KeyTraversalOpInterface op,
                                       const QueryTile &tile, int64_t keyTile,
                                       ValueRange init, VisitBody body) {
  auto queries = scf::ForOp::create(
      tb.b, tb.loc, tb.index(0), tile.numQueries, tb.index(1), init,
      [&](OpBuilder &b, Location loc, Value query, ValueRange outer) {
        TileBuilder at(b, loc);
        QueryTile single = selectQuery(at, tile, query);
        SmallVector<Value> state = op.buildTraversalState(b, loc, single);
        Value count = op.buildKeyTileCount(b, loc, single, state, keyTile);
        auto tiles = scf::ForOp::create(
            b, loc, at.index(0), count, at.index(1), outer,
            [&](OpBuilder &nested, Location nestedLoc, Value i,
                ValueRange carried) {
              TileBuilder in(nested, nestedLoc);
              KeyRange range =
                  op.buildKeyTile(nested, nestedLoc, single, state, keyTile, i);
              Value some =
                  in.compare(arith::CmpIPredicate::slt, range.begin, range.end);
              auto visit = scf::IfOp::create(
                  nested, nestedLoc, some,
                  [&](OpBuilder &then, Location thenLoc) {
                    TileBuilder inner(then, thenLoc);
                    scf::YieldOp::create(then, thenLoc,
                                         body(inner, {query, range}, carried));
                  },
                  [&](OpBuilder &other, Location otherLoc) {
                    scf::YieldOp::create(other, otherLoc, carried);
                  });
              scf::YieldOp::create(nested, nestedLoc, visit.getResults());
            });
        scf::YieldOp::create(b, loc, tiles.getResults());
      });
  return SmallVector<Value>(queries.getResults());
}

KeyTileGroups mlir::nsa::buildKeyTileGroups(TileBuilder &tb,
                                            KeyTraversalOpInterface op,
                                            const QueryTile &tile,
                                            int64_t keyTile) {
  Type i32 = tb.b.getI32Type();
  Value positions = tb.ceilDiv(tb.dim(op.getKeys(), 1), keyTile);
  Value starts = tb.empty(ArrayRef<OpFoldResult>{tb.add(positions, 1)}, i32);
  starts = linalg::FillOp::create(tb.b, tb.loc, tb.i32(0), starts).getResult(0);

  // starts[p + 1]: visits at position p.
  SmallVector<Value> counted =
      forEachVisit(tb, op, tile, keyTile, {starts, tb.index(0)},
                   [&](TileBuilder &in, const KeyTileVisit &visit,
                       ValueRange carried) -> SmallVector<Value> {
                     Value slot = in.add(in.div(visit.range.begin, keyTile), 1);
                     Value before = readIndex(in, carried[0], slot);
                     return {write(in, in.add(before, 1), carried[0], slot),
                             in.add(carried[1], 1)};
                   });
  Value total = counted[1];
  // starts[p]: visits before position p.
  auto summed = scf::ForOp::create(
      tb.b, tb.loc, tb.index(0), positions, tb.index(1), counted[0],
      [&](OpBuilder &b, Location loc, Value i, ValueRange carried) {
        TileBuilder in(b, loc);
        Value next = in.add(i, 1);
        Value sum = in.add(readIndex(in, carried[0], i),
                           readIndex(in, carried[0], next));
        scf::YieldOp::create(b, loc, write(in, sum, carried[0], next));
      });

  auto list = [&] {
    return tb.empty(ArrayRef<OpFoldResult>{getAsOpFoldResult(total)}, i32);
  };
  SmallVector<Value> placed = forEachVisit(
      tb, op, tile, keyTile, {summed.getResult(0), list(), list(), list()},
      [&](TileBuilder &in, const KeyTileVisit &visit,
          ValueRange carried) -> SmallVector<Value> {
        Value position = in.div(visit.range.begin, keyTile);
        Value slot = readIndex(in, carried[0], position);
        return {write(in, in.add(slot, 1), carried[0], position),
                write(in, visit.query, carried[1], slot),
                write(in, visit.range.begin, carried[2], slot),
                write(in, visit.range.end, carried[3], slot)};
      });
  return {total, placed[1], placed[2], placed[3]};
}
