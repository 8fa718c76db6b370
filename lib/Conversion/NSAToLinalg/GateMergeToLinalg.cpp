//===- GateMergeToLinalg.cpp - Lowering of nsa.gate, nsa.merge --*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both are sums of branch outputs with one weight per head and branch. The
// parallel loops are over batch entries and tiles of queries, the work is done
// query by query: tensors `[H]` and `[H, Dv]`, whose shapes are static. First
// the weights, once per head, then the sum with the head size innermost.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

/// Queries of one iteration of the parallel loops.
static constexpr int64_t kQueries = 16;

namespace {
/// One query of a tensor `[B, Tq, rest...]` or of a tile `[Tq, rest...]`.
struct Query {
  SmallVector<OpFoldResult> position;

  SmallVector<OpFoldResult> offsets(TileBuilder &tb, size_t rest) const {
    SmallVector<OpFoldResult> result(position);
    result.append(rest, tb.attr(0));
    return result;
  }
  SmallVector<OpFoldResult> sizes(TileBuilder &tb,
                                  ArrayRef<int64_t> rest) const {
    SmallVector<OpFoldResult> result(position.size(), tb.attr(1));
    for (int64_t extent : rest)
      result.push_back(tb.attr(extent));
    return result;
  }
  /// `tensor` at this query, as a tensor of shape `rest`.
  Value slice(TileBuilder &tb, Value tensor, ArrayRef<int64_t> rest) const {
    SmallVector<int64_t> kept;
    for (size_t i = 0; i < rest.size(); ++i)
      kept.push_back(position.size() + i);
    return tb.slice(tensor, offsets(tb, rest.size()), sizes(tb, rest), kept);
  }
  TileInsertion insertion(TileBuilder &tb, Value row,
                          ArrayRef<int64_t> rest) const {
    return {row, offsets(tb, rest.size()), sizes(tb, rest)};
  }
};
} // namespace

/// What a query computes for its rows of the results.
using QueryBody = function_ref<SmallVector<Value>(TileBuilder &, const Query &,
                                                  ArrayRef<Value> outs)>;

/// Loops over the queries of `op`'s results, whose `shapes` are
/// `[B, Tq, rest...]`, and replaces `op`.
static void replaceWithQueryLoops(PatternRewriter &rewriter, Operation *op,
                                  const ReifiedRankedShapedTypeDims &shapes,
                                  QueryBody body) {
  TileBuilder tb(rewriter, op->getLoc());
  SmallVector<SmallVector<int64_t>> rests;
  SmallVector<Value> outs;
  for (auto [shape, result] : llvm::zip_equal(shapes, op->getResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    rests.emplace_back(type.getShape().drop_front(2));
    outs.push_back(tb.empty(shape, type.getElementType()));
  }
  OpFoldResult queries = shapes[0][1];
  auto asValue = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(rewriter, tb.loc, size);
  };
  SmallVector<Value> counts{asValue(shapes[0][0]),
                            tb.ceilDiv(asValue(queries), kQueries)};

  auto tileBody = [&](TileBuilder &tb, ValueRange ivs,
                      ValueRange shared) -> SmallVector<TileInsertion> {
    Value batch = ivs[0], first = tb.mul(ivs[1], kQueries);
    OpFoldResult size = tb.tileSize(queries, first, kQueries);
    SmallVector<TileInsertion> insertions;
    SmallVector<Value> tiles;
    for (auto [out, rest] : llvm::zip_equal(shared, rests)) {
      SmallVector<OpFoldResult> offsets(rest.size() + 2, tb.attr(0));
      SmallVector<OpFoldResult> sizes{tb.attr(1), size};
      SmallVector<int64_t> kept{1};
      offsets[0] = batch;
      offsets[1] = first;
      for (int64_t extent : rest) {
        kept.push_back(sizes.size());
        sizes.push_back(tb.attr(extent));
      }
      tiles.push_back(tb.slice(out, offsets, sizes, kept));
      insertions.push_back({Value(), offsets, sizes});
    }
    Value count = getValueOrCreateConstantIndexOp(tb.b, tb.loc, size);
    SmallVector<Value> filled = tb.loops(
        {count}, tiles, /*sequential=*/true,
        [&](TileBuilder &tb, ValueRange ivs,
            ValueRange tiles) -> SmallVector<TileInsertion> {
          Query inTile{{OpFoldResult(ivs[0])}};
          Query query{{batch, tb.add(first, ivs[0])}};
          SmallVector<Value> outs;
          for (auto [tile, rest] : llvm::zip_equal(tiles, rests))
            outs.push_back(inTile.slice(tb, tile, rest));
          SmallVector<TileInsertion> insertions;
          for (auto [row, rest] : llvm::zip_equal(body(tb, query, outs), rests))
            insertions.push_back(inTile.insertion(tb, row, rest));
          return insertions;
        });
    for (auto [insertion, tile] : llvm::zip_equal(insertions, filled))
      insertion.tile = tile;
    return insertions;
  };
  SmallVector<Value> results =
      tb.loops(counts, outs, isInParallelLoop(op), tileBody);
  for (auto [value, result] : llvm::zip_equal(results, op->getResults()))
    value = tb.castTo(value, result.getType());
  rewriter.replaceOp(op, results);
}

/// `o[h, :] = sum_i weights[i][h] * branches[i][h, :]`, rounded into `out`.
/// `combine` makes a term of a weight and an element of its branch, both f32,
/// `finish` the result of their sum and the elements of `factors[h]`.
static Value sumBranches(
    TileBuilder &tb, ArrayRef<Value> branches, ArrayRef<Value> weights,
    ArrayRef<Value> factors, Value out,
    function_ref<Value(TileBuilder &, Value weight, Value element)> combine,
    function_ref<Value(TileBuilder &, Value sum, ValueRange factors)> finish) {
  size_t count = branches.size();
  SmallVector<Value> inputs(branches);
  inputs.append(weights.begin(), weights.end());
  inputs.append(factors.begin(), factors.end());
  SmallVector<SmallVector<int64_t>> maps(count, {0, 1});
  maps.append(count + factors.size(), {0});
  maps.push_back({0, 1});
  return tb.generic(
      2, inputs, out, maps, [&](TileBuilder &tb, ValueRange args) {
        Value sum;
        for (size_t i = 0; i < count; ++i) {
          Value term =
              combine(tb, tb.toF32(args[count + i]), tb.toF32(args[i]));
          sum = sum ? Value(arith::AddFOp::create(tb.b, tb.loc, sum, term))
                    : term;
        }
        sum = finish(tb, sum, args.slice(2 * count, factors.size()));
        return tb.fromF32(sum, args.back().getType());
      });
}

static Value multiply(TileBuilder &tb, Value l, Value r) {
  return arith::MulFOp::create(tb.b, tb.loc, l, r);
}

static bool reify(ReifyRankedShapedTypeOpInterface op, OpBuilder &b,
                  ReifiedRankedShapedTypeDims &shapes) {
  return succeeded(op.reifyResultShapes(b, shapes));
}

//===----------------------------------------------------------------------===//
// gate
//===----------------------------------------------------------------------===//

/// For each branch the query's gates after activation, `[H]`.
static SmallVector<Value> buildGates(TileBuilder &tb, GateOp op,
                                     const Query &query, int64_t heads) {
  int64_t branches = op.getBranches().size();
  Value gates = query.slice(tb, op.getGates(), {heads, branches});
  if (op.getActivation() == GateActivation::Sigmoid) {
    // Heads and branches as one dimension, long enough for vectors.
    SmallVector<ReassociationIndices> flat{{0, 1}};
    Value raw = tensor::CollapseShapeOp::create(tb.b, tb.loc, gates, flat);
    Value activated =
        tb.generic(1, raw, tb.empty({heads * branches}, tb.b.getF32Type()),
                   {{0}, {0}}, [](TileBuilder &tb, ValueRange args) {
                     return tb.sigmoid(tb.toF32(args[0]));
                   });
    auto type = RankedTensorType::get({heads, branches}, tb.b.getF32Type());
    gates = tensor::ExpandShapeOp::create(tb.b, tb.loc, type, activated, flat);
  }
  SmallVector<Value> result;
  for (int64_t i = 0; i < branches; ++i)
    result.push_back(tb.slice(gates, {tb.attr(0), tb.attr(i)},
                              {tb.attr(heads), tb.attr(1)}, {0}));
  return result;
}

namespace {
struct LowerGate : public OpRewritePattern<GateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GateOp op,
                                PatternRewriter &rewriter) const override {
    ReifiedRankedShapedTypeDims shapes;
    if (!reify(op, rewriter, shapes))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    ArrayRef<int64_t> rest =
        cast<RankedTensorType>(op.getO().getType()).getShape().drop_front(2);
    auto body = [&](TileBuilder &tb, const Query &query,
                    ArrayRef<Value> outs) -> SmallVector<Value> {
      SmallVector<Value> branches;
      for (Value branch : op.getBranches())
        branches.push_back(query.slice(tb, branch, rest));
      return {sumBranches(
          tb, branches, buildGates(tb, op, query, rest[0]), {}, outs[0],
          multiply, [](TileBuilder &, Value sum, ValueRange) { return sum; })};
    };
    replaceWithQueryLoops(rewriter, op, shapes, body);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// merge
//===----------------------------------------------------------------------===//

namespace {
/// Tensors `[H]`: `weights[i] = exp(lse_i - max)`, `inverse` of their sum (0
/// where that is 0), and the joint `lse`. Weights relative to the maximum, not
/// to the joint lse, stay exact where lse is large.
struct MergeWeights {
  SmallVector<Value> weights;
  Value inverse;
  Value lse;
};
} // namespace

static Value isEqual(TileBuilder &tb, Value l, Value r) {
  return arith::CmpFOp::create(tb.b, tb.loc, arith::CmpFPredicate::OEQ, l, r);
}

static MergeWeights buildMergeWeights(TileBuilder &tb, MergeOp op,
                                      const Query &query, int64_t heads,
                                      Value lseOut) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  SmallVector<Value> terms;
  for (Value lse : op.getLses())
    terms.push_back(query.slice(tb, lse, {heads}));
  if (op.getSink())
    terms.push_back(op.getSink());
  auto elementwise = [&](ValueRange inputs, Value init,
                         TileBuilder::BodyFn body) {
    SmallVector<SmallVector<int64_t>> maps(inputs.size() + 1, {0});
    return tb.generic(1, inputs, init, maps, body);
  };
  Value empty = tb.empty({heads}, tb.b.getF32Type());

  // 0 where every term is -inf: nothing is then subtracted from -inf.
  Value largest =
      elementwise(terms, empty, [&](TileBuilder &tb, ValueRange args) -> Value {
        Value largest = args[0];
        for (Value term : args.drop_front().drop_back())
          largest = arith::MaximumFOp::create(tb.b, tb.loc, largest, term);
        Value none = isEqual(tb, largest, tb.f32(-infinity));
        return arith::SelectOp::create(tb.b, tb.loc, none, tb.f32(0), largest);
      });
  MergeWeights result;
  for (Value term : terms)
    result.weights.push_back(elementwise(
        {term, largest}, empty, [](TileBuilder &tb, ValueRange args) -> Value {
          Value difference =
              arith::SubFOp::create(tb.b, tb.loc, args[0], args[1]);
          return math::ExpOp::create(tb.b, tb.loc, difference);
        }));
  Value sum = elementwise(
      result.weights, empty, [](TileBuilder &tb, ValueRange args) -> Value {
        Value sum = args[0];
        for (Value weight : args.drop_front().drop_back())
          sum = arith::AddFOp::create(tb.b, tb.loc, sum, weight);
        return sum;
      });
  // The sink has no output.
  result.weights.truncate(op.getOs().size());
  result.inverse =
      elementwise(sum, empty, [](TileBuilder &tb, ValueRange args) -> Value {
        Value zero = tb.f32(0);
        Value inverse = arith::DivFOp::create(tb.b, tb.loc, tb.f32(1), args[0]);
        return arith::SelectOp::create(tb.b, tb.loc, isEqual(tb, args[0], zero),
                                       zero, inverse);
      });
  result.lse = elementwise(
      {largest, sum}, lseOut, [&](TileBuilder &tb, ValueRange args) -> Value {
        Value log = math::LogOp::create(tb.b, tb.loc, args[1]);
        Value lse = arith::AddFOp::create(tb.b, tb.loc, args[0], log);
        return arith::SelectOp::create(tb.b, tb.loc,
                                       isEqual(tb, args[1], tb.f32(0)),
                                       tb.f32(-infinity), lse);
      });
  return result;
}

/// A part without weight contributes nothing, whatever its output holds.
static Value multiplyUnlessZero(TileBuilder &tb, Value weight, Value element) {
  Value zero = tb.f32(0);
  Value product = multiply(tb, weight, element);
  return arith::SelectOp::create(tb.b, tb.loc, isEqual(tb, weight, zero), zero,
                                 product);
}

namespace {
struct LowerMerge : public OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    ReifiedRankedShapedTypeDims shapes;
    if (!reify(op, rewriter, shapes))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    ArrayRef<int64_t> rest =
        cast<RankedTensorType>(op.getO().getType()).getShape().drop_front(2);
    auto body = [&](TileBuilder &tb, const Query &query,
                    ArrayRef<Value> outs) -> SmallVector<Value> {
      MergeWeights merge = buildMergeWeights(tb, op, query, rest[0], outs[1]);
      SmallVector<Value> parts;
      for (Value o : op.getOs())
        parts.push_back(query.slice(tb, o, rest));
      Value o = sumBranches(tb, parts, merge.weights, merge.inverse, outs[0],
                            multiplyUnlessZero,
                            [](TileBuilder &tb, Value sum, ValueRange factors) {
                              return multiply(tb, sum, factors[0]);
                            });
      return {o, merge.lse};
    };
    replaceWithQueryLoops(rewriter, op, shapes, body);
    return success();
  }
};
} // namespace

void mlir::nsa::populateGateAndMergePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerGate, LowerMerge>(patterns.getContext());
}
