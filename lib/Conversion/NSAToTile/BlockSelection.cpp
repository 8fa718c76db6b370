//===- BlockSelection.cpp - Top-n lists in a thread block -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp keeps the list of a query sorted by insertion: its lanes compare their
// entries with the new block at once and those behind it move by one lane.
// Blocks come in ascending order, so that of equal ranks the lower block stays
// in front. Most blocks do not enter a full list; they cost one comparison.
//
//===----------------------------------------------------------------------===//

#include "BlockSelection.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "nsa/Dialect/NSA/IR/BlockRank.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

/// The lanes of the warp for which `condition` holds, as bits.
static Value ballot(TileKernelBuilder &tb, Value condition) {
  return NVVM::VoteSyncOp::create(tb.b, tb.loc, tb.b.getI32Type(), tb.i32(-1),
                                  condition, NVVM::VoteSyncKind::ballot);
}

/// The value of lane `lane` (i32).
static Value broadcast(TileKernelBuilder &tb, Value value, Value lane) {
  return gpu::ShuffleOp::create(tb.b, tb.loc, value, lane, tb.i32(kWarpSize),
                                gpu::ShuffleMode::IDX)
      .getShuffleResult();
}

/// The value of the lane before; lane 0 keeps its own.
static Value fromPrevious(TileKernelBuilder &tb, Value value) {
  return gpu::ShuffleOp::create(tb.b, tb.loc, value, tb.i32(1),
                                tb.i32(kWarpSize), gpu::ShuffleMode::UP)
      .getShuffleResult();
}

BlockSelection::BlockSelection(TileKernelBuilder &tb, const RowTile &rows,
                               SelectTopNOp op, Value numBlocks, int64_t offset)
    : rows(rows), op(op), n(op.getTopN()),
      perLane(llvm::divideCeil(n, kWarpSize)), numBlocks(numBlocks) {
  OpBuilder &b = tb.b;
  int64_t queries = rows.shape.queries;
  ranks = tb.sharedArray({queries, n}, b.getI32Type(), offset);
  blocks =
      tb.sharedArray({queries, n}, b.getI32Type(), offset + 4 * queries * n);
  qOffset = buildQueryOffset(b, tb.loc, op.getQOffset(), rows.tile.batch,
                             op.getP(), Value());
  kvLen = buildKeyExtent(b, tb.loc, op.getKvLen(), rows.tile.batch,
                         tb.index(kUnboundedPosition));
  forQueries(tb, [&](TileKernelBuilder &tb, Value query) {
    SmallVector<Value> empty(perLane, tb.i32(kNeverRank));
    empty.append(perLane, tb.i32(-1));
    storeEntries(tb, query, empty);
  });
}

void BlockSelection::forQueries(TileKernelBuilder &tb, QueryBody body) {
  tb.loop(
      tb.toIndex(rows.warp), rows.tile.numQueries, {},
      [&](KernelBuilder &kb, Value query, ValueRange) -> SmallVector<Value> {
        TileKernelBuilder inner(kb.b, kb.loc);
        body(inner, inner.toI32(query));
        return {};
      },
      rows.shape.warps());
}

Value BlockSelection::buildMostCandidates(TileKernelBuilder &tb) {
  Value last = tb.add(tb.add(rows.tile.firstQuery, rows.tile.numQueries), -1);
  return buildCandidateBlocks(tb.b, tb.loc, op, tb.add(last, qOffset), kvLen,
                              numBlocks)
      .count;
}

std::pair<Value, Value> BlockSelection::getEntry(TileKernelBuilder &tb,
                                                 int64_t i) {
  Value entry = tb.add(rows.lane, tb.i32(static_cast<int32_t>(i * kWarpSize)));
  Value exists = tb.compare(arith::CmpIPredicate::slt, entry,
                            tb.i32(static_cast<int32_t>(n)));
  return {entry, exists};
}

SmallVector<Value> BlockSelection::load(TileKernelBuilder &tb, Value query) {
  SmallVector<Value> entries;
  for (Value memory : {ranks, blocks})
    for (int64_t i = 0; i < perLane; ++i) {
      auto [entry, exists] = getEntry(tb, i);
      // A lane without an entry has one that is never selected.
      Value none = tb.i32(memory == ranks ? kNeverRank : -1);
      entries.push_back(tb.branch(
          exists, none.getType(),
          [&, entry = entry](TileKernelBuilder &tb) -> SmallVector<Value> {
            return {tb.load(memory, {tb.toIndex(query), tb.toIndex(entry)})};
          },
          [&](TileKernelBuilder &) -> SmallVector<Value> {
            return {none};
          })[0]);
    }
  return entries;
}

void BlockSelection::storeEntries(TileKernelBuilder &tb, Value query,
                                  ValueRange entries) {
  for (int64_t i = 0; i < perLane; ++i) {
    auto [entry, exists] = getEntry(tb, i);
    tb.onlyIf(exists, [&, entry = entry](KernelBuilder &kb) {
      TileKernelBuilder inner(kb.b, kb.loc);
      SmallVector<Value> at{inner.toIndex(query), inner.toIndex(entry)};
      inner.store(entries[i], ranks, at);
      inner.store(entries[perLane + i], blocks, at);
    });
  }
}

SmallVector<Value> BlockSelection::insert(TileKernelBuilder &tb,
                                          ValueRange entries, Value rank,
                                          Value block) {
  Value place = tb.i32(0);
  for (int64_t i = 0; i < perLane; ++i) {
    Value ahead = tb.compare(arith::CmpIPredicate::sge, entries[i], rank);
    place =
        tb.add(place, math::CtPopOp::create(tb.b, tb.loc, ballot(tb, ahead)));
  }
  SmallVector<Value> next(2 * perLane);
  Value isFirstLane =
      tb.compare(arith::CmpIPredicate::eq, rows.lane, tb.i32(0));
  for (int64_t i = 0; i < perLane; ++i) {
    auto [entry, isEntry] = getEntry(tb, i);
    Value exists = isEntry;
    Value before = tb.compare(arith::CmpIPredicate::slt, entry, place);
    Value here = tb.compare(arith::CmpIPredicate::eq, entry, place);
    auto move = [&](int64_t at, int64_t previous, Value inserted, Value none) {
      Value moved = fromPrevious(tb, entries[at]);
      if (i > 0)
        moved = tb.select(
            isFirstLane,
            broadcast(tb, entries[previous], tb.i32(kWarpSize - 1)), moved);
      Value value =
          tb.select(before, entries[at], tb.select(here, inserted, moved));
      // What falls off the end is forgotten.
      next[at] = n % kWarpSize ? tb.select(exists, value, none) : value;
    };
    move(i, i - 1, rank, tb.i32(kNeverRank));
    move(perLane + i, perLane + i - 1, block, tb.i32(-1));
  }
  return next;
}

void BlockSelection::add(TileKernelBuilder &tb, Value first, int64_t numNew,
                         Score score) {
  forQueries(tb, [&](TileKernelBuilder &tb, Value query) {
    OpBuilder &b = tb.b;
    Location loc = tb.loc;
    Value position =
        tb.add(tb.add(rows.tile.firstQuery, tb.toIndex(query)), qOffset);
    CandidateBlocks candidates =
        buildCandidateBlocks(b, loc, op, position, kvLen, numBlocks);
    SmallVector<Value> entries = load(tb, query);
    for (int64_t done = 0; done < numNew; done += kWarpSize) {
      // One new block per lane.
      Value number = tb.add(rows.lane, tb.i32(static_cast<int32_t>(done)));
      Value block = tb.add(first, tb.toIndex(number));
      Value isNew = tb.compare(arith::CmpIPredicate::slt, number,
                               tb.i32(static_cast<int32_t>(numNew)));
      Value isCandidate =
          tb.compare(arith::CmpIPredicate::slt, block, candidates.count);
      Value rank = tb.branch(
          tb.andI(isNew, isCandidate), b.getI32Type(),
          [&](TileKernelBuilder &tb) -> SmallVector<Value> {
            return {buildBlockRank(tb.b, loc, op, candidates.own, block,
                                   score(tb, query, number))};
          },
          [&](TileKernelBuilder &tb) -> SmallVector<Value> {
            return {tb.i32(kNeverRank)};
          })[0];
      Value worst =
          broadcast(tb, entries[perLane - 1],
                    tb.i32(static_cast<int32_t>((n - 1) % kWarpSize)));
      Value enters =
          ballot(tb, tb.compare(arith::CmpIPredicate::sgt, rank, worst));
      // Lowest block first.
      SmallVector<Value> state{enters};
      llvm::append_range(state, entries);
      auto loop = scf::WhileOp::create(
          b, loc, ValueRange(state).getTypes(), state,
          [&](OpBuilder &nested, Location loc, ValueRange args) {
            TileKernelBuilder tb(nested, loc);
            Value more =
                tb.compare(arith::CmpIPredicate::ne, args[0], tb.i32(0));
            scf::ConditionOp::create(nested, loc, more, args);
          },
          [&](OpBuilder &nested, Location loc, ValueRange args) {
            TileKernelBuilder tb(nested, loc);
            Value lane =
                math::CountTrailingZerosOp::create(nested, loc, args[0]);
            Value newBlock =
                tb.add(tb.toI32(first),
                       tb.add(lane, tb.i32(static_cast<int32_t>(done))));
            SmallVector<Value> next{
                tb.andI(args[0], tb.add(args[0], tb.i32(-1)))};
            llvm::append_range(next,
                               insert(tb, args.drop_front(),
                                      broadcast(tb, rank, lane), newBlock));
            scf::YieldOp::create(nested, loc, next);
          });
      entries = SmallVector<Value>(loop.getResults().drop_front());
    }
    storeEntries(tb, query, entries);
  });
}

void BlockSelection::store(TileKernelBuilder &tb, Value target, Value list) {
  forQueries(tb, [&](TileKernelBuilder &tb, Value query) {
    SmallVector<Value> entries = load(tb, query);
    ArrayRef<Value> chosen = ArrayRef<Value>(entries).drop_front(perLane);
    // A block's place is the number of smaller ones.
    SmallVector<Value> places(perLane, tb.i32(0));
    for (int64_t other = 0; other < perLane; ++other) {
      int64_t lanes = std::min(kWarpSize, n - other * kWarpSize);
      places = tb.loop(
          tb.index(0), tb.index(lanes), places,
          [&](KernelBuilder &kb, Value lane,
              ValueRange carried) -> SmallVector<Value> {
            TileKernelBuilder tb(kb.b, kb.loc);
            Value value = broadcast(tb, chosen[other], tb.toI32(lane));
            Value valid =
                tb.compare(arith::CmpIPredicate::sge, value, tb.i32(0));
            SmallVector<Value> next;
            for (auto [mine, place] : llvm::zip_equal(chosen, carried)) {
              Value smaller = tb.andI(
                  valid, tb.compare(arith::CmpIPredicate::slt, value, mine));
              next.push_back(
                  tb.select(smaller, tb.add(place, tb.i32(1)), place));
            }
            return next;
          });
    }
    Value token = tb.add(rows.tile.firstQuery, tb.toIndex(query));
    for (int64_t i = 0; i < perLane; ++i) {
      auto [entry, exists] = getEntry(tb, i);
      // Entries without a block are the last ones already.
      Value valid = tb.compare(arith::CmpIPredicate::sge, chosen[i], tb.i32(0));
      Value place = tb.toIndex(tb.select(valid, places[i], entry));
      tb.onlyIf(exists, [&](KernelBuilder &kb) {
        kb.store(chosen[i], target, {rows.tile.batch, token, list, place});
      });
    }
  });
}
