//===- SelectTopNToLinalg.cpp - Top-n selection to loops --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pass over a row's candidates keeps the best n in order of rank; then they
// are written in order of block. Scores are compared as integers that order
// like the contract: every number, NaN below all of them, forced blocks above.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Rank keys: forced > any number > NaN > an empty slot.
constexpr int32_t kForced = std::numeric_limits<int32_t>::max();
constexpr int32_t kNaN = std::numeric_limits<int32_t>::min() + 1;
constexpr int32_t kEmpty = std::numeric_limits<int32_t>::min();

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
  Value i32(TileBuilder &tb, int32_t value) {
    return arith::ConstantOp::create(tb.b, tb.loc,
                                     tb.b.getI32IntegerAttr(value));
  }
  Value compare(TileBuilder &tb, arith::CmpIPredicate predicate, Value l,
                Value r) {
    return arith::CmpIOp::create(tb.b, tb.loc, predicate, l, r);
  }
  Value select(TileBuilder &tb, Value condition, Value yes, Value no) {
    return arith::SelectOp::create(tb.b, tb.loc, condition, yes, no);
  }
  Value isForced(TileBuilder &tb, Value block, Value own);
  Value rankKey(TileBuilder &tb, Value score, Value forced);
  Ranking enter(TileBuilder &tb, const Ranking &ranking, Value key,
                Value block);
  Value selectRow(TileBuilder &tb, Value batch, Value query, Value list,
                  Value qOffset, Value kvLen, Value out);

  SelectTopNOp op;
};
} // namespace

Value SelectLowering::isForced(TileBuilder &tb, Value block, Value own) {
  Value initial =
      compare(tb, arith::CmpIPredicate::slt, block, tb.index(op.getInitial()));
  if (op.getLocal() == 0)
    return initial;
  Value oldest = tb.add(own, 1 - static_cast<int64_t>(op.getLocal()));
  Value notOlder = compare(tb, arith::CmpIPredicate::sge, block, oldest);
  Value notNewer = compare(tb, arith::CmpIPredicate::sle, block, own);
  Value local = arith::AndIOp::create(tb.b, tb.loc, notOlder, notNewer);
  return arith::OrIOp::create(tb.b, tb.loc, initial, local);
}

/// kEmpty for a score that is never selected (-inf, unless forced).
Value SelectLowering::rankKey(TileBuilder &tb, Value score, Value forced) {
  OpBuilder &b = tb.b;
  Location loc = tb.loc;
  // -0 + 0 is +0. Then the usual order-preserving map of floats to integers:
  // negative numbers have their magnitude bits flipped.
  Value plain = arith::AddFOp::create(b, loc, score, tb.f32(0.0));
  Value bits = arith::BitcastOp::create(b, loc, b.getI32Type(), plain);
  Value sign = arith::ShRSIOp::create(b, loc, bits, i32(tb, 31));
  Value flip = arith::AndIOp::create(
      b, loc, sign, i32(tb, std::numeric_limits<int32_t>::max()));
  Value key = arith::XOrIOp::create(b, loc, bits, flip);
  Value nan =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, score, score);
  key = select(tb, nan, i32(tb, kNaN), key);
  Value never =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, score,
                            tb.f32(-std::numeric_limits<double>::infinity()));
  key = select(tb, never, i32(tb, kEmpty), key);
  return select(tb, forced, i32(tb, kForced), key);
}

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
        Value stays = compare(in, arith::CmpIPredicate::sge, keyHere, key);
        Value moves = compare(in, arith::CmpIPredicate::slt, keyBefore, key);
        Value newKey =
            select(in, stays, keyHere, select(in, moves, keyBefore, key));
        Value newBlock =
            select(in, stays, blockHere, select(in, moves, blockBefore, block));
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
  int64_t n = op.getTopN(), size = op.getSelectionBlock();
  Value zero = tb.index(0);
  Value position = tb.add(query, qOffset);
  Value limit =
      tb.max(buildLimit(b, loc, op.getCausal(), kvLen, position), zero);
  Value candidates = tb.min(tb.dim(op.getP(), 3), tb.ceilDiv(limit, size));
  // floor(position / size), also for a position before the first key.
  Value negative = compare(tb, arith::CmpIPredicate::slt, position, zero);
  Value below =
      tb.sub(tb.index(-1), tb.div(tb.sub(tb.index(-1), position), size));
  Value own = select(tb, negative, below, tb.div(position, size));

  auto initial = [&](int32_t first, int32_t rest) -> Value {
    Value tensor = tb.empty(ArrayRef<int64_t>{n + 1}, b.getI32Type());
    tensor = linalg::FillOp::create(b, loc, i32(tb, rest), tensor).getResult(0);
    return tensor::InsertOp::create(b, loc, i32(tb, first), tensor, zero);
  };
  auto scan = scf::ForOp::create(
      b, loc, zero, candidates, tb.index(1),
      ValueRange{initial(kForced, kEmpty), initial(-1, -1), zero},
      [&](OpBuilder &nested, Location nestedLoc, Value block,
          ValueRange carried) {
        TileBuilder in(nested, nestedLoc);
        Ranking ranking{carried[0], carried[1], carried[2]};
        Value score =
            tensor::ExtractOp::create(nested, nestedLoc, op.getP(),
                                      ValueRange{batch, query, list, block});
        Value key = rankKey(in, score, isForced(in, block, own));
        // The last slot is empty until the ranking is full.
        Value worst = tensor::ExtractOp::create(nested, nestedLoc, ranking.keys,
                                                in.index(n));
        Value better = compare(in, arith::CmpIPredicate::sgt, key, worst);
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

  Value empty = linalg::FillOp::create(b, loc, i32(tb, -1), out).getResult(0);
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
              Value precedes = compare(inner, arith::CmpIPredicate::slt,
                                       read(deep, deepLoc, j), block);
              Value next =
                  inner.add(ranks[0], select(inner, precedes, inner.index(1),
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
