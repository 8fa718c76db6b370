//===- AttentionToLinalg.cpp - Key traversals to linalg ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One lowering for every op that implements KeyTraversalOpInterface: loops over
// batch, heads and query tiles, around a loop over the key tiles that the op
// names, with an online softmax (arXiv 2205.14135).
//
// A tile is computed in one of two orientations, so that the innermost
// dimension fills vectors and no transposition is in the way:
//
// * many rows (query, head): rows are innermost. Scores are S[key, row],
// outputs
//   O[dim, row]; maxima and sums over keys are elementwise in the rows, keys
//   and values are read as they lie in memory, and only the queries and the
//   final output are transposed, once per query tile;
// * few rows (an index list that a few heads share): keys are innermost. Scores
//   are S[row, key], outputs O[row, dim]; the keys of each tile are transposed.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// The static sizes of a lowering.
struct TileSizes {
  int64_t queries, heads, keys, dk, dv;
  /// The orientation: keys innermost, or rows.
  bool keysInner;
  int64_t rows() const { return queries * heads; }
  /// Iterators of a two-dimensional tile (scores, output).
  int64_t rowIterator() const { return keysInner ? 0 : 1; }
  int64_t otherIterator() const { return 1 - rowIterator(); }
  /// The shape of a tile of `rows` by `other`.
  SmallVector<int64_t> shape(int64_t other) const {
    return keysInner ? SmallVector<int64_t>{rows(), other}
                     : SmallVector<int64_t>{other, rows()};
  }
};

/// What the loop over key tiles carries: row maximum, row sum, output.
struct Softmax {
  Value max; ///< [rows]
  Value sum; ///< [rows]
  Value out; ///< [rows, dv] or [dv, rows]
};

class AttentionLowering {
public:
  AttentionLowering(KeyTraversalOpInterface op, const LinalgTiling &tiling)
      : op(op), q(op.getQueries()), k(op.getKeys()), v(op.getValues()) {
    int64_t heads = q.getType().getDimSize(2);
    group = heads / k.getType().getDimSize(2);
    TraversalBlocking blocking = op.getTraversalBlocking();
    // Many heads to a key/value head make a tile of their own; so does a tile
    // of 64 rows.
    int64_t mostHeads = blocking.maxHeads ? blocking.maxHeads : group;
    sizes.heads = largestDivisor(group, std::min<int64_t>(mostHeads, 64));
    sizes.queries = chooseQueries(tiling, sizes.heads, blocking.maxQueries,
                                  q.getType().getDimSize(1));
    sizes.keys = blocking.maxKeys ? std::min(blocking.maxKeys, tiling.keyTile)
                                  : tiling.keyTile;
    sizes.dk = q.getType().getDimSize(3);
    sizes.dv = v.getType().getDimSize(3);
    sizes.keysInner =
        sizes.rows() < tiling.rowMultiple && sizes.keys > sizes.rows();
  }

  void lower(PatternRewriter &rewriter);

private:
  Value packRows(TileBuilder &tb, const QueryTile &tile, Value source,
                 Value kvHead, KeyRange range, int64_t dim);
  Value computeScores(TileBuilder &tb, Value queries, Value keys);
  Value maskScores(TileBuilder &tb, Value scores, Value begins, Value ends,
                   KeyRange range);
  std::pair<Value, Value> packLimits(TileBuilder &tb, const QueryTile &tile,
                                     ValueRange state);
  Softmax visitTile(TileBuilder &tb, const QueryTile &tile, Value queries,
                    Value begins, Value ends, Value kvHead, KeyRange range,
                    Softmax carried);
  SmallVector<TileInsertion> finish(TileBuilder &tb, const QueryTile &tile,
                                    const Softmax &softmax, ValueRange outs);

  KeyTraversalOpInterface op;
  TypedValue<RankedTensorType> q, k, v;
  int64_t group = 1;
  TileSizes sizes;
};

} // namespace

/// Loads the keys (or values) of `range` as f32 `[keys, dim]`. Rows beyond the
/// range are 0: storage there may hold NaN, and 0 x NaN is not 0.
Value AttentionLowering::packRows(TileBuilder &tb, const QueryTile &tile,
                                  Value source, Value kvHead, KeyRange range,
                                  int64_t dim) {
  OpFoldResult one = tb.attr(1), zero = tb.attr(0), width = tb.attr(dim);
  Value count = tb.sub(range.end, range.begin);
  Value rest = tb.sub(tb.index(sizes.keys), count);
  Value rows = tb.slice(source, {tile.batch, range.begin, kvHead, zero},
                        {one, count, one, width}, {1, 3});
  Value packed =
      tb.empty(ArrayRef<int64_t>{sizes.keys, dim}, tb.b.getF32Type());
  Value head = tb.slice(packed, {zero, zero}, {count, width}, {0, 1});
  head = tb.generic(
      2, rows, head, {{0, 1}, {0, 1}},
      [](TileBuilder &body, ValueRange args) { return body.toF32(args[0]); });
  packed = tb.insert(head, packed, {zero, zero}, {count, width});
  Value tail = tb.slice(packed, {count, zero}, {rest, width}, {0, 1});
  return tb.insert(tb.fill(tail, 0.0), packed, {count, zero}, {rest, width});
}

/// The range of keys that each row sees, as i32 `[rows]`, clamped to what i32
/// holds; stored keys are fewer than that.
std::pair<Value, Value> AttentionLowering::packLimits(TileBuilder &tb,
                                                      const QueryTile &tile,
                                                      ValueRange state) {
  auto pack = [&](bool wantEnd) -> Value {
    Value init = tb.empty(ArrayRef<int64_t>{sizes.heads, sizes.queries},
                          tb.b.getI32Type());
    Value limits = tb.generic(
        2, {}, init, {{0, 1}}, [&](TileBuilder &body, ValueRange) -> Value {
          Value query = body.add(tile.firstQuery, body.iterator(1));
          KeyRange range =
              op.buildVisibleKeys(body.b, body.loc, tile, state, query);
          Value bound = wantEnd ? range.end : range.begin;
          Value most = body.index(std::numeric_limits<int32_t>::max());
          bound = body.min(body.max(bound, body.index(0)), most);
          return arith::IndexCastOp::create(body.b, body.loc,
                                            body.b.getI32Type(), bound);
        });
    return tensor::CollapseShapeOp::create(
        tb.b, tb.loc, limits, ArrayRef<ReassociationIndices>{{0, 1}});
  };
  return {pack(false), pack(true)};
}

/// `queries` times `keys` [keys, dk], in the tile's orientation.
Value AttentionLowering::computeScores(TileBuilder &tb, Value queries,
                                       Value keys) {
  Value zeros = tb.filled(sizes.shape(sizes.keys), 0.0);
  if (!sizes.keysInner)
    return tb.contract(keys, queries, zeros);
  Value transposed = tb.generic(
      2, keys,
      tb.empty(ArrayRef<int64_t>{sizes.dk, sizes.keys}, tb.b.getF32Type()),
      {{1, 0}, {0, 1}}, [](TileBuilder &, ValueRange args) { return args[0]; });
  return tb.contract(queries, transposed, zeros);
}

/// -inf for the keys that a row does not see.
Value AttentionLowering::maskScores(TileBuilder &tb, Value scores, Value begins,
                                    Value ends, KeyRange range) {
  Type i32 = tb.b.getI32Type();
  Value first = arith::IndexCastOp::create(tb.b, tb.loc, i32, range.begin);
  Value count = arith::IndexCastOp::create(tb.b, tb.loc, i32,
                                           tb.sub(range.end, range.begin));
  int64_t row = sizes.rowIterator(), other = sizes.otherIterator();
  return tb.generic(
      2, {begins, ends}, scores, {{row}, {row}, {0, 1}},
      [&](TileBuilder &body, ValueRange args) -> Value {
        OpBuilder &b = body.b;
        Location loc = body.loc;
        Value offset =
            arith::IndexCastOp::create(b, loc, i32, body.iterator(other));
        Value key = arith::AddIOp::create(b, loc, first, offset);
        // A row of the tile beyond its keys lies before everybody's range.
        Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                             offset, count);
        Value nowhere =
            arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(-1));
        key = arith::SelectOp::create(b, loc, exists, key, nowhere);
        Value above = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge,
                                            key, args[0]);
        Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                            key, args[1]);
        Value visible = arith::AndIOp::create(b, loc, above, below);
        constexpr double inf = std::numeric_limits<double>::infinity();
        return arith::SelectOp::create(b, loc, visible, args[2],
                                       body.f32(-inf));
      });
}

/// One step of the online softmax over the keys of `range`, which is not empty.
Softmax AttentionLowering::visitTile(TileBuilder &tb, const QueryTile &tile,
                                     Value queries, Value begins, Value ends,
                                     Value kvHead, KeyRange range,
                                     Softmax carried) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  int64_t rows = sizes.rows(), row = sizes.rowIterator();
  Value keys = packRows(tb, tile, k, kvHead, range, sizes.dk);
  Value scores =
      maskScores(tb, computeScores(tb, queries, keys), begins, ends, range);

  // The maximum so far is updated in place only after the correction, which
  // needs it, has been computed: the loop then keeps one buffer for it.
  auto maximum = [](TileBuilder &body, ValueRange args) -> Value {
    return arith::MaximumFOp::create(body.b, body.loc, args[0], args[1]);
  };
  Value newMax =
      tb.generic(2, scores, tb.filled({rows}, -inf), {{0, 1}, {row}}, maximum);
  newMax = tb.generic(1, carried.max, newMax, {{0}, {0}}, maximum);
  // Where nothing has been seen yet the maximum is -inf, and -inf - -inf is
  // NaN; any finite number serves as the reference there.
  Value reference = tb.generic(
      1, newMax, tb.empty(ArrayRef<int64_t>{rows}, tb.b.getF32Type()),
      {{0}, {0}}, [&](TileBuilder &body, ValueRange args) -> Value {
        Value none =
            arith::CmpFOp::create(body.b, body.loc, arith::CmpFPredicate::OEQ,
                                  args[0], body.f32(-inf));
        return arith::SelectOp::create(body.b, body.loc, none, body.f32(0.0),
                                       args[0]);
      });
  auto expMinus = [](TileBuilder &body, Value value, Value ref) -> Value {
    Value shifted = arith::SubFOp::create(body.b, body.loc, value, ref);
    return math::ExpOp::create(body.b, body.loc, shifted);
  };
  Value correction =
      tb.generic(1, {carried.max, reference},
                 tb.empty(ArrayRef<int64_t>{rows}, tb.b.getF32Type()),
                 {{0}, {0}, {0}}, [&](TileBuilder &body, ValueRange args) {
                   return expMinus(body, args[0], args[1]);
                 });
  Value probabilities = tb.generic(2, reference, scores, {{row}, {0, 1}},
                                   [&](TileBuilder &body, ValueRange args) {
                                     return expMinus(body, args[1], args[0]);
                                   });

  Value sum = tb.generic(1, correction, carried.sum, {{0}, {0}},
                         [](TileBuilder &body, ValueRange args) -> Value {
                           return arith::MulFOp::create(body.b, body.loc,
                                                        args[0], args[1]);
                         });
  sum = tb.generic(2, probabilities, sum, {{0, 1}, {row}},
                   [](TileBuilder &body, ValueRange args) -> Value {
                     return arith::AddFOp::create(body.b, body.loc, args[0],
                                                  args[1]);
                   });
  Value values = packRows(tb, tile, v, kvHead, range, sizes.dv);
  Value out = tb.generic(2, correction, carried.out, {{row}, {0, 1}},
                         [](TileBuilder &body, ValueRange args) -> Value {
                           return arith::MulFOp::create(body.b, body.loc,
                                                        args[0], args[1]);
                         });
  out = sizes.keysInner ? tb.contract(probabilities, values, out)
                        : tb.contract(values, probabilities, out,
                                      /*lhsTransposed=*/true);
  Value max = tb.generic(1, newMax, carried.max, {{0}, {0}}, maximum);
  return {max, sum, out};
}

/// Normalises and stores the tile's o and lse. A row that saw no key has sum 0.
SmallVector<TileInsertion> AttentionLowering::finish(TileBuilder &tb,
                                                     const QueryTile &tile,
                                                     const Softmax &softmax,
                                                     ValueRange outs) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  auto isEmpty = [](TileBuilder &body, Value sum) -> Value {
    return arith::CmpFOp::create(body.b, body.loc, arith::CmpFPredicate::OEQ,
                                 sum, body.f32(0.0));
  };
  SmallVector<int64_t> rowShape{sizes.heads, sizes.queries};
  auto expand = [&](Value rows) -> Value {
    return tensor::ExpandShapeOp::create(
        tb.b, tb.loc, RankedTensorType::get(rowShape, tb.b.getF32Type()), rows,
        ArrayRef<ReassociationIndices>{{0, 1}});
  };
  Value inverse = tb.generic(
      1, softmax.sum,
      tb.empty(ArrayRef<int64_t>{sizes.rows()}, tb.b.getF32Type()), {{0}, {0}},
      [&](TileBuilder &body, ValueRange args) -> Value {
        Value value =
            arith::DivFOp::create(body.b, body.loc, body.f32(1.0), args[0]);
        return arith::SelectOp::create(body.b, body.loc, isEmpty(body, args[0]),
                                       body.f32(0.0), value);
      });
  Value lse = tb.generic(
      1, {softmax.max, softmax.sum},
      tb.empty(ArrayRef<int64_t>{sizes.rows()}, tb.b.getF32Type()),
      {{0}, {0}, {0}}, [&](TileBuilder &body, ValueRange args) -> Value {
        Value log = math::LogOp::create(body.b, body.loc, args[1]);
        Value value = arith::AddFOp::create(body.b, body.loc, args[0], log);
        return arith::SelectOp::create(body.b, body.loc, isEmpty(body, args[1]),
                                       body.f32(-inf), value);
      });
  Value normalised = tb.generic(
      2, inverse, softmax.out, {{sizes.rowIterator()}, {0, 1}},
      [](TileBuilder &body, ValueRange args) -> Value {
        return arith::MulFOp::create(body.b, body.loc, args[0], args[1]);
      });

  OpFoldResult one = tb.attr(1), zero = tb.attr(0);
  OpFoldResult heads = tb.attr(sizes.heads), dv = tb.attr(sizes.dv);
  OpFoldResult valid = getAsOpFoldResult(tile.numQueries);
  SmallVector<int64_t> wideShape{sizes.dv, sizes.heads, sizes.queries};
  SmallVector<ReassociationIndices> wideDims{{0}, {1, 2}};
  SmallVector<OpFoldResult> wideSizes{dv, heads, valid};
  SmallVector<int64_t> wideMap{2, 1, 0};
  if (sizes.keysInner) {
    wideShape = {sizes.heads, sizes.queries, sizes.dv};
    wideDims = {{0, 1}, {2}};
    wideSizes = {heads, valid, dv};
    wideMap = {1, 0, 2};
  }
  Value wide = tensor::ExpandShapeOp::create(
      tb.b, tb.loc, RankedTensorType::get(wideShape, tb.b.getF32Type()),
      normalised, wideDims);
  wide = tb.slice(wide, {zero, zero, zero}, wideSizes, {0, 1, 2});

  SmallVector<OpFoldResult> offsets{tile.batch, tile.firstQuery, tile.firstHead,
                                    zero};
  SmallVector<OpFoldResult> extents{one, valid, heads, dv};
  Type element = q.getType().getElementType();
  Value o =
      tb.generic(3, wide, tb.slice(outs[0], offsets, extents, {1, 2, 3}),
                 {wideMap, {0, 1, 2}}, [&](TileBuilder &body, ValueRange args) {
                   return body.fromF32(args[0], element);
                 });
  TileInsertion oTile{o, offsets, extents};
  offsets.pop_back();
  extents.pop_back();
  Value rows = tb.slice(expand(lse), {zero, zero}, {heads, valid}, {0, 1});
  Value stored = tb.generic(
      2, rows, tb.slice(outs[1], offsets, extents, {1, 2}), {{1, 0}, {0, 1}},
      [](TileBuilder &, ValueRange args) { return args[0]; });
  return {oTile, {stored, offsets, extents}};
}

void AttentionLowering::lower(PatternRewriter &rewriter) {
  Location loc = op.getLoc();
  TileBuilder tb(rewriter, loc);
  Value batches = tb.dim(q, 0), queries = tb.dim(q, 1);
  int64_t headTiles = q.getType().getDimSize(2) / sizes.heads;
  SmallVector<OpFoldResult> outSizes{batches, queries,
                                     tb.attr(q.getType().getDimSize(2))};
  Value lse = tb.empty(outSizes, rewriter.getF32Type());
  outSizes.push_back(tb.attr(sizes.dv));
  Value o = tb.empty(outSizes, q.getType().getElementType());

  // The last loop is innermost: neighbouring queries share keys in cache.
  SmallVector<Value> counts{batches, tb.index(headTiles),
                            tb.ceilDiv(queries, sizes.queries)};
  SmallVector<Value> results = tb.loops(
      counts, {o, lse}, isInParallelLoop(op),
      [&](TileBuilder &loop, ValueRange ivs, ValueRange outs) {
        QueryTile tile =
            makeQueryTile(loop, q, ivs, sizes.queries, sizes.heads);
        Value kvHead = loop.div(tile.firstHead, group);
        Value packed = packQueries(loop, q, tile, op.getScoreScale(),
                                   /*transposed=*/!sizes.keysInner);
        SmallVector<Value> state =
            op.buildTraversalState(loop.b, loop.loc, tile);
        std::pair<Value, Value> limits = packLimits(loop, tile, state);
        Value numTiles =
            op.buildKeyTileCount(loop.b, loop.loc, tile, state, sizes.keys);

        constexpr double inf = std::numeric_limits<double>::infinity();
        SmallVector<Value> init{loop.filled({sizes.rows()}, -inf),
                                loop.filled({sizes.rows()}, 0.0),
                                loop.filled(sizes.shape(sizes.dv), 0.0)};
        auto walk = scf::ForOp::create(
            loop.b, loop.loc, loop.index(0), numTiles, loop.index(1), init,
            [&](OpBuilder &nested, Location nestedLoc, Value i,
                ValueRange carried) {
              TileBuilder step(nested, nestedLoc);
              KeyRange range = op.buildKeyTile(nested, nestedLoc, tile, state,
                                               sizes.keys, i);
              Value some = arith::CmpIOp::create(nested, nestedLoc,
                                                 arith::CmpIPredicate::slt,
                                                 range.begin, range.end);
              auto visit = scf::IfOp::create(
                  nested, nestedLoc, some,
                  [&](OpBuilder &then, Location thenLoc) {
                    TileBuilder in(then, thenLoc);
                    Softmax next = visitTile(
                        in, tile, packed, limits.first, limits.second, kvHead,
                        range, {carried[0], carried[1], carried[2]});
                    scf::YieldOp::create(
                        then, thenLoc,
                        ValueRange{next.max, next.sum, next.out});
                  },
                  [&](OpBuilder &other, Location otherLoc) {
                    scf::YieldOp::create(other, otherLoc, carried);
                  });
              scf::YieldOp::create(nested, nestedLoc, visit.getResults());
            });
        return finish(loop, tile,
                      {walk.getResult(0), walk.getResult(1), walk.getResult(2)},
                      outs);
      });

  remark::analysis(
      loc, remark::RemarkOpts::name("tiled").category("convert-nsa-to-linalg"))
      << remark::add("{0} walks its keys tile by tile",
                     op->getName().getStringRef())
      << remark::metric("queries", sizes.queries)
      << remark::metric("heads", sizes.heads)
      << remark::metric("keys", sizes.keys)
      << remark::metric("innermost", sizes.keysInner ? "keys" : "rows");
  for (auto [result, original] : llvm::zip(results, op->getResults()))
    if (result.getType() != original.getType())
      result =
          tensor::CastOp::create(rewriter, loc, original.getType(), result);
  rewriter.replaceOp(op, results);
}

namespace {
struct LowerKeyTraversal
    : public OpInterfaceRewritePattern<KeyTraversalOpInterface> {
  LowerKeyTraversal(MLIRContext *context, const LinalgTiling &tiling)
      : OpInterfaceRewritePattern(context), tiling(tiling) {}

  LogicalResult matchAndRewrite(KeyTraversalOpInterface op,
                                PatternRewriter &rewriter) const override {
    AttentionLowering(op, tiling).lower(rewriter);
    return success();
  }

  LinalgTiling tiling;
};
} // namespace

void mlir::nsa::populateAttentionPatterns(RewritePatternSet &patterns,
                                          const LinalgTiling &tiling) {
  patterns.add<LowerKeyTraversal>(patterns.getContext(), tiling);
}
