//===- SelectTopNToLinalg.cpp - Top-n selection to loops --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pass over a row's candidates keeps the best n in order of rank (see
// BlockRank.h); then they are written in order of block.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "nsa/Dialect/NSA/IR/BlockRank.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Rows of a parallel iteration.
constexpr int64_t kRowTile = 32;

/// The best so far, best first. Entry 0 is a sentinel that nothing outranks.
struct Ranking {
  Value keys;   ///< i32 [n + 1]
  Value blocks; ///< i32 [n + 1]
  Value count;  ///< index
};

class SelectLowering {
public:
  explicit SelectLowering(SelectTopNOp op) : op(op) {}
  void lower(PatternRewriter &rewriter);

private:
  Ranking enter(TileBuilder &tb, const Ranking &ranking, Value key,
                Value block);
  Value selectRow(TileBuilder &tb, Value batch, Value query, Value list,
                  Value qOffset, Value kvLen, Value out);

  SelectTopNOp op;
};
} // namespace

/// Inserts (key, block) behind every entry of equal or higher rank; the last
/// entry falls out when the ranking is full.
Ranking SelectLowering::enter(TileBuilder &tb, const Ranking &ranking,
                              Value key, Value block) {
  int64_t n = op.getTopN();
  Value last = tb.min(tb.add(ranking.count, 1), tb.index(n));
  // From the last entry down, so that each step reads what no step has written.
  auto shift = scf::ForOp::create(
      tb.b, tb.loc, tb.index(0), last, tb.index(1),
      ValueRange{ranking.keys, ranking.blocks},
      [&](OpBuilder &nested, Location loc, Value step, ValueRange carried) {
        TileBuilder in(nested, loc);
        Value at = in.sub(last, step), before = in.add(at, -1);
        auto read = [&](Value tensor, Value i) -> Value {
          return tensor::ExtractOp::create(nested, loc, tensor, i);
        };
        Value keyHere = read(carried[0], at);
        Value keyBefore = read(carried[0], before);
        Value blockHere = read(carried[1], at);
        Value blockBefore = read(carried[1], before);
        Value stays = in.compare(arith::CmpIPredicate::sge, keyHere, key);
        Value moves = in.compare(arith::CmpIPredicate::slt, keyBefore, key);
        Value newKey =
            in.select(stays, keyHere, in.select(moves, keyBefore, key));
        Value newBlock =
            in.select(stays, blockHere, in.select(moves, blockBefore, block));
        Value keys =
            tensor::InsertOp::create(nested, loc, newKey, carried[0], at);
        Value blocks =
            tensor::InsertOp::create(nested, loc, newBlock, carried[1], at);
        scf::YieldOp::create(nested, loc, ValueRange{keys, blocks});
      });
  return {shift.getResult(0), shift.getResult(1), last};
}

/// Writes the list of one row, `out` i32 `[n]`.
Value SelectLowering::selectRow(TileBuilder &tb, Value batch, Value query,
                                Value list, Value qOffset, Value kvLen,
                                Value out) {
  OpBuilder &b = tb.b;
  Location loc = tb.loc;
  int64_t n = op.getTopN();
  Value zero = tb.index(0);
  CandidateBlocks candidates = buildCandidateBlocks(
      b, loc, op, tb.add(query, qOffset), kvLen, tb.dim(op.getP(), 3));

  auto initial = [&](int32_t first, int32_t rest) -> Value {
    Value tensor = tb.empty(ArrayRef<int64_t>{n + 1}, b.getI32Type());
    tensor = linalg::FillOp::create(b, loc, tb.i32(rest), tensor).getResult(0);
    return tensor::InsertOp::create(b, loc, tb.i32(first), tensor, zero);
  };
  auto scan = scf::ForOp::create(
      b, loc, zero, candidates.count, tb.index(1),
      ValueRange{initial(kForcedRank, kNeverRank), initial(-1, -1), zero},
      [&](OpBuilder &nested, Location nestedLoc, Value block,
          ValueRange carried) {
        TileBuilder in(nested, nestedLoc);
        Ranking ranking{carried[0], carried[1], carried[2]};
        Value score =
            tensor::ExtractOp::create(nested, nestedLoc, op.getP(),
                                      ValueRange{batch, query, list, block});
        Value key =
            buildBlockRank(nested, nestedLoc, op, candidates.own, block, score);
        // The last slot is empty until the ranking is full.
        Value worst = tensor::ExtractOp::create(nested, nestedLoc, ranking.keys,
                                                in.index(n));
        Value better = in.compare(arith::CmpIPredicate::sgt, key, worst);
        auto update = scf::IfOp::create(
            nested, nestedLoc, better,
            [&](OpBuilder &then, Location thenLoc) {
              TileBuilder inner(then, thenLoc);
              Value block32 = arith::IndexCastOp::create(
                  then, thenLoc, then.getI32Type(), block);
              Ranking next = enter(inner, ranking, key, block32);
              scf::YieldOp::create(
                  then, thenLoc,
                  ValueRange{next.keys, next.blocks, next.count});
            },
            [&](OpBuilder &other, Location otherLoc) {
              scf::YieldOp::create(other, otherLoc, carried);
            });
        scf::YieldOp::create(nested, nestedLoc, update.getResults());
      });
  Value blocks = scan.getResult(1), count = scan.getResult(2);

  Value empty = linalg::FillOp::create(b, loc, tb.i32(-1), out).getResult(0);
  // Each block goes where as many selected blocks precede it.
  auto write = scf::ForOp::create(
      b, loc, zero, count, tb.index(1), empty,
      [&](OpBuilder &nested, Location nestedLoc, Value i, ValueRange carried) {
        TileBuilder in(nested, nestedLoc);
        auto read = [&](OpBuilder &at, Location atLoc, Value entry) -> Value {
          TileBuilder here(at, atLoc);
          return tensor::ExtractOp::create(at, atLoc, blocks,
                                           here.add(entry, 1));
        };
        Value block = read(nested, nestedLoc, i);
        auto rank = scf::ForOp::create(
            nested, nestedLoc, in.index(0), count, in.index(1), in.index(0),
            [&](OpBuilder &deep, Location deepLoc, Value j, ValueRange ranks) {
              TileBuilder inner(deep, deepLoc);
              Value precedes = inner.compare(arith::CmpIPredicate::slt,
                                             read(deep, deepLoc, j), block);
              Value next =
                  inner.add(ranks[0], inner.select(precedes, inner.index(1),
                                                   inner.index(0)));
              scf::YieldOp::create(deep, deepLoc, next);
            });
        Value next = tensor::InsertOp::create(nested, nestedLoc, block,
                                              carried[0], rank.getResult(0));
        scf::YieldOp::create(nested, nestedLoc, next);
      });
  return write.getResult(0);
}

void SelectLowering::lower(PatternRewriter &rewriter) {
  Location loc = op.getLoc();
  TileBuilder tb(rewriter, loc);
  Value p = op.getP();
  int64_t n = op.getTopN();
  Value batches = tb.dim(p, 0), queries = tb.dim(p, 1), lists = tb.dim(p, 2);
  Value out =
      tb.empty(ArrayRef<OpFoldResult>{getAsOpFoldResult(batches),
                                      getAsOpFoldResult(queries),
                                      getAsOpFoldResult(lists), tb.attr(n)},
               rewriter.getI32Type());
  SmallVector<Value> counts{batches, lists, tb.ceilDiv(queries, kRowTile)};
  Value result = tb.loops(
      counts, out, isInParallelLoop(op),
      [&](TileBuilder &loop, ValueRange ivs,
          ValueRange outs) -> SmallVector<TileInsertion> {
        OpFoldResult one = loop.attr(1), zero = loop.attr(0);
        OpFoldResult width = loop.attr(n);
        Value first = loop.mul(ivs[2], kRowTile);
        Value rows = loop.min(loop.index(kRowTile), loop.sub(queries, first));
        Value qOffset = buildQueryOffset(loop.b, loop.loc, op.getQOffset(),
                                         ivs[0], p, Value());
        Value kvLen = buildKeyExtent(loop.b, loop.loc, op.getKvLen(), ivs[0],
                                     loop.index(kUnboundedPosition));
        SmallVector<OpFoldResult> offsets{ivs[0], first, ivs[1], zero};
        SmallVector<OpFoldResult> sizes{one, getAsOpFoldResult(rows), one,
                                        width};
        auto walk = scf::ForOp::create(
            loop.b, loop.loc, loop.index(0), rows, loop.index(1),
            loop.slice(outs[0], offsets, sizes, {1, 3}),
            [&](OpBuilder &nested, Location nestedLoc, Value row,
                ValueRange carried) {
              TileBuilder in(nested, nestedLoc);
              Value dest = in.slice(carried[0], {row, zero}, {one, width}, {1});
              Value filled = selectRow(in, ivs[0], in.add(first, row), ivs[1],
                                       qOffset, kvLen, dest);
              Value next =
                  in.insert(filled, carried[0], {row, zero}, {one, width});
              scf::YieldOp::create(nested, nestedLoc, next);
            });
        return {{walk.getResult(0), offsets, sizes}};
      })[0];
  if (result.getType() != op.getIdx().getType())
    result =
        tensor::CastOp::create(rewriter, loc, op.getIdx().getType(), result);
  rewriter.replaceOp(op, result);
}

namespace {
struct LowerSelectTopN : public OpRewritePattern<SelectTopNOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectTopNOp op,
                                PatternRewriter &rewriter) const override {
    SelectLowering(op).lower(rewriter);
    return success();
  }
};
} // namespace

void mlir::nsa::populateSelectTopNPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerSelectTopN>(patterns.getContext());
}
