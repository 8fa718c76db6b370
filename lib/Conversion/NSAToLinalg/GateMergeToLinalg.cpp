//===- GateMergeToLinalg.cpp - Lowering of nsa.gate, nsa.merge --*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both are sums of branch outputs with one weight per row (query and head).
// Loops over batch entries and tiles of queries; in a tile the weights come
// first, once per row, then the sum over the branches with the head size
// innermost.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// Queries per tile.
constexpr int64_t kQueries = 16;

/// A tile of queries of one batch entry: the last dimensions of tensors
/// `[B, Tq, ...]` are taken whole.
struct TokenTile {
  Value batch;
  Value first;
  OpFoldResult size;

  TokenTile(TileBuilder &tb, ValueRange ivs, OpFoldResult queries)
      : batch(ivs[0]), first(tb.mul(ivs[1], kQueries)),
        size(tb.tileSize(queries, first, kQueries)) {}

  SmallVector<OpFoldResult> offsets(TileBuilder &tb, size_t rank) const {
    SmallVector<OpFoldResult> result(rank, tb.attr(0));
    result[0] = batch;
    result[1] = first;
    return result;
  }
  SmallVector<OpFoldResult> sizes(TileBuilder &tb,
                                  ArrayRef<int64_t> whole) const {
    SmallVector<OpFoldResult> result{tb.attr(1), size};
    for (int64_t extent : whole)
      result.push_back(tb.attr(extent));
    return result;
  }
  /// This tile of `tensor`, as a tensor `[size, whole...]`.
  Value slice(TileBuilder &tb, Value tensor, ArrayRef<int64_t> whole) const {
    SmallVector<int64_t> kept;
    for (size_t i = 0; i <= whole.size(); ++i)
      kept.push_back(i + 1);
    return tb.slice(tensor, offsets(tb, whole.size() + 2), sizes(tb, whole),
                    kept);
  }
  TileInsertion insertion(TileBuilder &tb, Value tile,
                          ArrayRef<int64_t> whole) const {
    return {tile, offsets(tb, whole.size() + 2), sizes(tb, whole)};
  }
  /// A new f32 tile `[size, columns]`.
  Value rows(TileBuilder &tb, int64_t columns) const {
    Value full = tb.empty({kQueries, columns}, tb.b.getF32Type());
    return tb.slice(full, {tb.attr(0), tb.attr(0)}, {size, tb.attr(columns)},
                    {0, 1});
  }
};

/// The number of iterations of the loops over a result of `shape`.
SmallVector<Value> countTiles(TileBuilder &tb, ArrayRef<OpFoldResult> shape) {
  Value batches = getValueOrCreateConstantIndexOp(tb.b, tb.loc, shape[0]);
  Value queries = getValueOrCreateConstantIndexOp(tb.b, tb.loc, shape[1]);
  return {batches, tb.ceilDiv(queries, kQueries)};
}

/// `sum_i weights[i] * branches[i]`, in f32; both as elements.
Value weightedSum(TileBuilder &tb, ValueRange branches, ValueRange weights,
                  function_ref<Value(Value weight, Value product)> adjust) {
  Value sum;
  for (auto [branch, weight] : llvm::zip_equal(branches, weights)) {
    Value factor = tb.toF32(weight);
    Value product =
        arith::MulFOp::create(tb.b, tb.loc, factor, tb.toF32(branch));
    if (adjust)
      product = adjust(factor, product);
    sum = sum ? Value(arith::AddFOp::create(tb.b, tb.loc, sum, product))
              : product;
  }
  return sum;
}

struct LowerGate : public OpRewritePattern<GateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GateOp op,
                                PatternRewriter &rewriter) const override {
    TileBuilder tb(rewriter, op.getLoc());
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    auto type = cast<RankedTensorType>(op.getO().getType());
    int64_t heads = type.getDimSize(2), headSize = type.getDimSize(3);

    auto body = [&](TileBuilder &tb, ValueRange ivs,
                    ValueRange outs) -> SmallVector<TileInsertion> {
      TokenTile tile(tb, ivs, shapes[0][1]);
      SmallVector<Value> inputs;
      for (Value branch : op.getBranches())
        inputs.push_back(tile.slice(tb, branch, {heads, headSize}));
      inputs.append(buildWeights(tb, op, tile, heads));

      unsigned branches = op.getBranches().size();
      SmallVector<SmallVector<int64_t>> maps(branches, {0, 1, 2});
      maps.append(branches, {0, 1});
      maps.push_back({0, 1, 2});
      Value sum =
          tb.generic(3, inputs, tile.slice(tb, outs[0], {heads, headSize}),
                     maps, [&](TileBuilder &tb, ValueRange args) {
                       Value sum =
                           weightedSum(tb, args.take_front(branches),
                                       args.slice(branches, branches), nullptr);
                       return tb.fromF32(sum, args.back().getType());
                     });
      return {tile.insertion(tb, sum, {heads, headSize})};
    };
    Value result = tb.loops(countTiles(tb, shapes[0]),
                            tb.empty(shapes[0], type.getElementType()),
                            isInParallelLoop(op), body)[0];
    rewriter.replaceOp(op, tb.castTo(result, type));
    return success();
  }

  /// For each branch its gates after activation, `[tile, H]`.
  static SmallVector<Value> buildWeights(TileBuilder &tb, GateOp op,
                                         const TokenTile &tile, int64_t heads) {
    int64_t branches = op.getBranches().size();
    Value gates = tile.slice(tb, op.getGates(), {heads, branches});
    if (op.getActivation() == GateActivation::Sigmoid) {
      // Heads and branches as one dimension, long enough for vectors.
      SmallVector<ReassociationIndices> flat{{0}, {1, 2}};
      Value raw = tensor::CollapseShapeOp::create(tb.b, tb.loc, gates, flat);
      Value activated =
          tb.generic(2, raw, tile.rows(tb, heads * branches), {{0, 1}, {0, 1}},
                     [](TileBuilder &tb, ValueRange args) {
                       return tb.sigmoid(tb.toF32(args[0]));
                     });
      auto type = cast<RankedTensorType>(gates.getType());
      gates = tensor::ExpandShapeOp::create(
          tb.b, tb.loc, type.clone(tb.b.getF32Type()), activated, flat,
          {tile.size, tb.attr(heads), tb.attr(branches)});
    }
    SmallVector<Value> weights;
    for (int64_t i = 0; i < branches; ++i)
      weights.push_back(tb.slice(gates, {tb.attr(0), tb.attr(0), tb.attr(i)},
                                 {tile.size, tb.attr(heads), tb.attr(1)},
                                 {0, 1}));
    return weights;
  }
};

struct LowerMerge : public OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    TileBuilder tb(rewriter, op.getLoc());
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    auto type = cast<RankedTensorType>(op.getO().getType());
    int64_t heads = type.getDimSize(2), headSize = type.getDimSize(3);

    auto body = [&](TileBuilder &tb, ValueRange ivs,
                    ValueRange outs) -> SmallVector<TileInsertion> {
      TokenTile tile(tb, ivs, shapes[0][1]);
      Softmax softmax =
          buildSoftmax(tb, op, tile, heads, tile.slice(tb, outs[1], {heads}));
      SmallVector<Value> inputs;
      for (Value o : op.getOs())
        inputs.push_back(tile.slice(tb, o, {heads, headSize}));
      inputs.append(softmax.weights);
      inputs.push_back(softmax.inverse);

      unsigned parts = op.getOs().size();
      SmallVector<SmallVector<int64_t>> maps(parts, {0, 1, 2});
      maps.append(parts + 1, {0, 1});
      maps.push_back({0, 1, 2});
      Value sum = tb.generic(
          3, inputs, tile.slice(tb, outs[0], {heads, headSize}), maps,
          [&](TileBuilder &tb, ValueRange args) {
            Value zero = tb.f32(0);
            // Without weight even a NaN in storage must not matter.
            auto dropWeightless = [&](Value weight, Value product) -> Value {
              Value weightless = arith::CmpFOp::create(
                  tb.b, tb.loc, arith::CmpFPredicate::OEQ, weight, zero);
              return arith::SelectOp::create(tb.b, tb.loc, weightless, zero,
                                             product);
            };
            Value sum = weightedSum(tb, args.take_front(parts),
                                    args.slice(parts, parts), dropWeightless);
            Value normalised =
                arith::MulFOp::create(tb.b, tb.loc, sum, args[2 * parts]);
            return tb.fromF32(normalised, args.back().getType());
          });
      return {tile.insertion(tb, sum, {heads, headSize}),
              tile.insertion(tb, softmax.lse, {heads})};
    };
    Value o = tb.empty(shapes[0], type.getElementType());
    Value lse = tb.empty(shapes[1], rewriter.getF32Type());
    SmallVector<Value> results = tb.loops(countTiles(tb, shapes[0]), {o, lse},
                                          isInParallelLoop(op), body);
    rewriter.replaceOp(op, {tb.castTo(results[0], op.getO().getType()),
                            tb.castTo(results[1], op.getLse().getType())});
    return success();
  }

  /// Tiles `[tile, H]`: `weights[i] = exp(lse_i - max)`, `inverse` of their
  /// sum (0 where that is 0), and the joint `lse`. Weights relative to the
  /// maximum, not to the joint lse, stay exact where lse is large.
  struct Softmax {
    SmallVector<Value> weights;
    Value inverse;
    Value lse;
  };

  static Softmax buildSoftmax(TileBuilder &tb, MergeOp op,
                              const TokenTile &tile, int64_t heads,
                              Value lseOut) {
    SmallVector<Value> terms;
    SmallVector<SmallVector<int64_t>> maps;
    for (Value lse : op.getLses()) {
      terms.push_back(tile.slice(tb, lse, {heads}));
      maps.push_back({0, 1});
    }
    if (op.getSink()) {
      terms.push_back(op.getSink());
      maps.push_back({1});
    }
    maps.push_back({0, 1});

    // 0 where every term is -inf: nothing is then subtracted from -inf.
    Value largest = tb.generic(
        2, terms, tile.rows(tb, heads), maps,
        [&](TileBuilder &tb, ValueRange args) -> Value {
          Value largest = args[0];
          for (Value term : args.drop_front().drop_back())
            largest = arith::MaximumFOp::create(tb.b, tb.loc, largest, term);
          Value none = arith::CmpFOp::create(
              tb.b, tb.loc, arith::CmpFPredicate::OEQ, largest,
              tb.f32(-std::numeric_limits<double>::infinity()));
          return arith::SelectOp::create(tb.b, tb.loc, none, tb.f32(0),
                                         largest);
        });

    Softmax softmax;
    for (auto [i, term] : llvm::enumerate(terms)) {
      softmax.weights.push_back(tb.generic(
          2, {term, largest}, tile.rows(tb, heads), {maps[i], {0, 1}, {0, 1}},
          [](TileBuilder &tb, ValueRange args) -> Value {
            Value difference =
                arith::SubFOp::create(tb.b, tb.loc, args[0], args[1]);
            return math::ExpOp::create(tb.b, tb.loc, difference);
          }));
    }
    SmallVector<SmallVector<int64_t>> sumMaps(terms.size() + 1, {0, 1});
    Value sum =
        tb.generic(2, softmax.weights, tile.rows(tb, heads), sumMaps,
                   [](TileBuilder &tb, ValueRange args) -> Value {
                     Value sum = args[0];
                     for (Value weight : args.drop_front().drop_back())
                       sum = arith::AddFOp::create(tb.b, tb.loc, sum, weight);
                     return sum;
                   });
    // The sink has no output.
    softmax.weights.truncate(op.getOs().size());
    auto isZero = [](TileBuilder &tb, Value sum) -> Value {
      return arith::CmpFOp::create(tb.b, tb.loc, arith::CmpFPredicate::OEQ, sum,
                                   tb.f32(0));
    };
    softmax.inverse =
        tb.generic(2, sum, tile.rows(tb, heads), {{0, 1}, {0, 1}},
                   [&](TileBuilder &tb, ValueRange args) -> Value {
                     Value inverse = arith::DivFOp::create(tb.b, tb.loc,
                                                           tb.f32(1), args[0]);
                     return arith::SelectOp::create(
                         tb.b, tb.loc, isZero(tb, args[0]), tb.f32(0), inverse);
                   });
    softmax.lse =
        tb.generic(2, {largest, sum}, lseOut, {{0, 1}, {0, 1}, {0, 1}},
                   [&](TileBuilder &tb, ValueRange args) -> Value {
                     Value log = math::LogOp::create(tb.b, tb.loc, args[1]);
                     Value lse =
                         arith::AddFOp::create(tb.b, tb.loc, args[0], log);
                     return arith::SelectOp::create(
                         tb.b, tb.loc, isZero(tb, args[1]),
                         tb.f32(-std::numeric_limits<double>::infinity()), lse);
                   });
    return softmax;
  }
};

} // namespace

void mlir::nsa::populateGateAndMergePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerGate, LowerMerge>(patterns.getContext());
}
