//===- ListsToGPU.cpp - Block lists in plain kernels ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nsa.select_top_n, one thread per list: n passes over the candidates find the
// n-th best one in the order of BlockRank.h, a last pass writes all that are
// not worse, ascending. Ties go to the lower block, so (rank, block) orders
// totally.
//
// Lists that need not be unique are made so before nsa.selected_attention: one
// kernel marks what does not count, another sorts.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "nsa/Dialect/NSA/IR/BlockRank.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include <limits>

namespace mlir::nsa {
#define GEN_PASS_DEF_NORMALISELISTS
#include "nsa/Conversion/NSAToGPU/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

static Value constantI64(KernelBuilder &kb, int64_t value) {
  return arith::ConstantOp::create(kb.b, kb.loc, kb.b.getI64IntegerAttr(value));
}

namespace {
struct LowerSelectTopN : public OpRewritePattern<SelectTopNOp> {
  LowerSelectTopN(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(SelectTopNOp op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};

struct NormaliseLists : public OpRewritePattern<SelectedAttentionOp> {
  NormaliseLists(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(SelectedAttentionOp op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};
} // namespace

LogicalResult
LowerSelectTopN::matchAndRewrite(SelectTopNOp op,
                                 PatternRewriter &rewriter) const {
  Location loc = op.getLoc();
  KernelBuilder host(rewriter, op);
  int64_t n = op.getTopN();
  SmallVector<Value> extents;
  for (int64_t i = 0; i < 3; ++i)
    extents.push_back(host.dim(op.getP(), i));
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(extents);
  sizes.push_back(rewriter.getIndexAttr(n));
  Value idx = host.alloc(sizes, rewriter.getI32Type());
  Value scores = host.buffer(op.getP());
  Value numBlocks = host.dim(op.getP(), 3);
  constexpr int64_t best = std::numeric_limits<int64_t>::max();
  constexpr int64_t worst = std::numeric_limits<int64_t>::min();

  host.launchThreads(
      extents, blockSize, [&](KernelBuilder &kb, ValueRange point) {
        Value batch = point[0], query = point[1], list = point[2];
        Value qOffset = buildQueryOffset(kb.b, loc, op.getQOffset(), batch,
                                         op.getP(), Value());
        Value kvLen = buildKeyExtent(kb.b, loc, op.getKvLen(), batch,
                                     kb.index(kUnboundedPosition));
        CandidateBlocks candidates = buildCandidateBlocks(
            kb.b, loc, op, kb.add(query, qOffset), kvLen, numBlocks);
        Value zero = kb.index(0);

        // Rank above, block below, so that larger is better and everything lies
        // between `worst`, where the block is never selected, and `best`.
        auto order = [&](KernelBuilder &kb, Value block) -> Value {
          Type i64 = kb.b.getI64Type();
          Value score = kb.load(scores, {batch, query, list, block});
          Value rank =
              buildBlockRank(kb.b, loc, op, candidates.own, block, score);
          Value high = arith::ShLIOp::create(
              kb.b, loc, arith::ExtSIOp::create(kb.b, loc, i64, rank),
              constantI64(kb, 32));
          Value low = arith::SubIOp::create(
              kb.b, loc, constantI64(kb, std::numeric_limits<int32_t>::max()),
              arith::IndexCastOp::create(kb.b, loc, i64, block));
          Value never =
              kb.compare(arith::CmpIPredicate::eq, rank, kb.i32(kNeverRank));
          return kb.select(never, constantI64(kb, worst),
                           arith::OrIOp::create(kb.b, loc, high, low));
        };

        Value rounds = kb.min(kb.index(n), candidates.count);
        Value last = kb.reduce(
            zero, rounds, constantI64(kb, best),
            [&](KernelBuilder &kb, Value, Value previous) -> Value {
              Value next = kb.reduce(
                  zero, candidates.count, constantI64(kb, worst),
                  [&](KernelBuilder &kb, Value block, Value found) -> Value {
                    Value rank = order(kb, block);
                    Value open =
                        kb.compare(arith::CmpIPredicate::slt, rank, previous);
                    Value better =
                        kb.compare(arith::CmpIPredicate::sgt, rank, found);
                    Value take = arith::AndIOp::create(kb.b, loc, open, better);
                    return kb.select(take, rank, found);
                  });
              // Nothing is left: keep the last one that there was.
              Value none = kb.compare(arith::CmpIPredicate::eq, next,
                                      constantI64(kb, worst));
              return kb.select(none, previous, next);
            });

        Value count = kb.reduce(
            zero, candidates.count, zero,
            [&](KernelBuilder &kb, Value block, Value count) -> Value {
              Value chosen =
                  kb.compare(arith::CmpIPredicate::sge, order(kb, block), last);
              kb.onlyIf(chosen, [&](KernelBuilder &kb) {
                Value number = arith::IndexCastOp::create(
                    kb.b, loc, kb.b.getI32Type(), block);
                kb.store(number, idx, {batch, query, list, count});
              });
              return kb.select(chosen, kb.add(count, 1), count);
            });
        kb.loop(
            count, kb.index(n), {},
            [&](KernelBuilder &kb, Value i, ValueRange) -> SmallVector<Value> {
              kb.store(kb.i32(-1), idx, {batch, query, list, i});
              return {};
            });
      });
  rewriter.replaceOp(op, host.toTensor(idx, op.getIdx().getType()));
  return success();
}

/// Whether entry `other` of the row comes before `entry` of value `value` in
/// the sorted row: valid entries ascending, then the others in their order.
static Value precedes(KernelBuilder &kb, Value otherValue, Value other,
                      Value value, Value entry) {
  Value minusOne = kb.i32(-1);
  auto compare = [&](arith::CmpIPredicate predicate, Value l, Value r) {
    return kb.compare(predicate, l, r);
  };
  Value valid = compare(arith::CmpIPredicate::ne, value, minusOne);
  Value otherValid = compare(arith::CmpIPredicate::ne, otherValue, minusOne);
  Value smaller = compare(arith::CmpIPredicate::slt, otherValue, value);
  Value earlier = compare(arith::CmpIPredicate::slt, other, entry);
  // A valid entry precedes every invalid one.
  Value ifValid = arith::AndIOp::create(kb.b, kb.loc, otherValid, smaller);
  Value ifNot = arith::OrIOp::create(kb.b, kb.loc, otherValid, earlier);
  return kb.select(valid, ifValid, ifNot);
}

LogicalResult NormaliseLists::matchAndRewrite(SelectedAttentionOp op,
                                              PatternRewriter &rewriter) const {
  if (op.getUnique())
    return rewriter.notifyMatchFailure(op, "lists are unique");
  Location loc = op.getLoc();
  KernelBuilder host(rewriter, op);
  SmallVector<Value> extents;
  for (int64_t i = 0; i < 4; ++i)
    extents.push_back(host.dim(op.getIdx(), i));
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(extents);
  Value given = host.buffer(op.getIdx());
  Value marked = host.alloc(sizes, rewriter.getI32Type());
  Value sorted = host.alloc(sizes, rewriter.getI32Type());
  Value width = extents[3];

  auto launch = [&](auto body) {
    host.launchThreads(
        extents, blockSize, [&](KernelBuilder &kb, ValueRange point) {
          SmallVector<Value> at(point);
          auto entry = [&](KernelBuilder &kb, Value buffer, Value i) {
            return kb.load(buffer, {at[0], at[1], at[2], i});
          };
          body(kb, at, entry);
        });
  };
  // -1 for negative entries and for repeats of an earlier one.
  launch([&](KernelBuilder &kb, ArrayRef<Value> at, auto entry) {
    Value value = entry(kb, given, at[3]);
    Value negative = kb.compare(arith::CmpIPredicate::slt, value, kb.i32(0));
    Value drop =
        kb.reduce(kb.index(0), at[3], negative,
                  [&](KernelBuilder &kb, Value i, Value drop) -> Value {
                    Value same = kb.compare(arith::CmpIPredicate::eq,
                                            entry(kb, given, i), value);
                    return arith::OrIOp::create(kb.b, loc, drop, same);
                  });
    kb.store(kb.select(drop, kb.i32(-1), value), marked, at);
  });
  // Each entry goes where as many precede it.
  launch([&](KernelBuilder &kb, ArrayRef<Value> at, auto entry) {
    Value value = entry(kb, marked, at[3]);
    Value rank =
        kb.reduce(kb.index(0), width, kb.index(0),
                  [&](KernelBuilder &kb, Value i, Value rank) -> Value {
                    Value before =
                        precedes(kb, entry(kb, marked, i), i, value, at[3]);
                    return kb.select(before, kb.add(rank, 1), rank);
                  });
    kb.store(value, sorted, {at[0], at[1], at[2], rank});
  });
  Value lists = host.toTensor(sorted, op.getIdx().getType());
  rewriter.modifyOpInPlace(op, [&] {
    op.getIdxMutable().assign(lists);
    op.setUnique(true);
  });
  return success();
}

void mlir::nsa::populateListsToGPUPatterns(RewritePatternSet &patterns,
                                           int64_t blockSize) {
  patterns.add<LowerSelectTopN, NormaliseLists>(patterns.getContext(),
                                                blockSize);
}

namespace {
struct NormaliseListsPass
    : public nsa::impl::NormaliseListsBase<NormaliseListsPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NormaliseLists>(&getContext(), blockSize);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
