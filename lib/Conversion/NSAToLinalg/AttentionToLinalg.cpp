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
// names, with an online softmax (SoftmaxTile.h).
//
// Where an op lets several queries share a walk over the keys, a tile has as
// many of them as make enough rows, and one walk. Where every query has a walk
// of its own (index lists), a tile still has several queries: their key tiles
// are visited in order of position, so that those that several queries name are
// transposed, and fetched into cache, once (KeyTileGroups.h).
//
// Keys and values are read where they lie. They are copied only if they must be
// converted or transposed, or if the tile is not a whole one: rows beyond it
// may hold NaN, and 0 x NaN is not 0.
//
//===----------------------------------------------------------------------===//

#include "KeyTileGroups.h"
#include "SoftmaxTile.h"
#include "TileBuilder.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// The keys that rows of a tile see: i32 `[rows]`, and what all of them see.
struct Limits {
  Value begins, ends;
  KeyRange common;
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
    int64_t staticTq = q.getType().getDimSize(1);
    sizes.queries =
        chooseQueries(tiling, sizes.heads, blocking.maxQueries, staticTq);
    sizes.keys = blocking.maxKeys ? std::min(blocking.maxKeys, tiling.keyTile)
                                  : tiling.keyTile;
    sizes.dk = q.getType().getDimSize(3);
    sizes.dv = v.getType().getDimSize(3);
    sizes.keysInner =
        sizes.rows() < tiling.rowMultiple && sizes.keys > sizes.rows();
    queriesInTile = sizes.queries;
    if (blocking.maxQueries == 1 && sizes.keysInner)
      queriesInTile =
          chooseQueries({tiling.groupedRows, 1, tiling.keyTile}, sizes.heads,
                        /*maxQueries=*/0, staticTq);
  }

  void lower(PatternRewriter &rewriter);

private:
  bool isGrouped() const { return queriesInTile != sizes.queries; }
  /// The sizes of all of a tile's rows.
  TileSizes tileSizes() const {
    TileSizes all = sizes;
    all.queries = queriesInTile;
    return all;
  }
  static bool needsConversion(Value tensor) {
    return !getElementTypeOrSelf(tensor.getType()).isF32();
  }
  Value sliceRows(TileBuilder &tb, const QueryTile &tile, Value source,
                  Value kvHead, Value first, OpFoldResult count);
  Value loadWhole(TileBuilder &tb, const QueryTile &tile, Value source,
                  Value kvHead, KeyRange range);
  Value loadPadded(TileBuilder &tb, const QueryTile &tile, Value source,
                   Value kvHead, KeyRange range);
  Value load(TileBuilder &tb, const QueryTile &tile, Value source, Value kvHead,
             KeyRange range, bool whole) {
    return whole ? loadWhole(tb, tile, source, kvHead, range)
                 : loadPadded(tb, tile, source, kvHead, range);
  }
  Limits buildLimits(TileBuilder &tb, const QueryTile &tile, ValueRange state);
  Softmax visitTile(TileBuilder &tb, const QueryTile &tile, Value queries,
                    const Limits &limits, Value kvHead, KeyRange range,
                    Softmax carried);
  Softmax walkTogether(TileBuilder &tb, const QueryTile &tile, Value queries,
                       Value kvHead);
  Softmax walkGrouped(TileBuilder &tb, const QueryTile &tile, Value queries,
                      Value kvHead);
  SmallVector<TileInsertion> store(TileBuilder &tb, const QueryTile &tile,
                                   const Softmax &softmax, ValueRange outs);

  KeyTraversalOpInterface op;
  TypedValue<RankedTensorType> q, k, v;
  int64_t group = 1;
  /// What is computed at once.
  TileSizes sizes;
  /// Queries of a tile; more than `sizes.queries` if it is grouped.
  int64_t queriesInTile = 1;
};

} // namespace

/// `count` keys (or values) from `first` on, as they lie in memory.
Value AttentionLowering::sliceRows(TileBuilder &tb, const QueryTile &tile,
                                   Value source, Value kvHead, Value first,
                                   OpFoldResult count) {
  int64_t dim = cast<RankedTensorType>(source.getType()).getDimSize(3);
  OpFoldResult one = tb.attr(1), zero = tb.attr(0);
  return tb.slice(source, {tile.batch, first, kvHead, zero},
                  {one, count, one, tb.attr(dim)}, {1, 3});
}

/// The keys (or values) of a whole tile in f32, `[keys, dim]`.
Value AttentionLowering::loadWhole(TileBuilder &tb, const QueryTile &tile,
                                   Value source, Value kvHead, KeyRange range) {
  Value rows =
      sliceRows(tb, tile, source, kvHead, range.begin, tb.attr(sizes.keys));
  if (!needsConversion(source))
    return rows;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(rows.getType()).getShape();
  return tb.generic(
      2, rows, tb.empty(shape, tb.b.getF32Type()), {{0, 1}, {0, 1}},
      [](TileBuilder &body, ValueRange args) { return body.toF32(args[0]); });
}

/// The same of any tile; rows beyond `range` are 0.
Value AttentionLowering::loadPadded(TileBuilder &tb, const QueryTile &tile,
                                    Value source, Value kvHead,
                                    KeyRange range) {
  int64_t dim = cast<RankedTensorType>(source.getType()).getDimSize(3);
  OpFoldResult zero = tb.attr(0), width = tb.attr(dim);
  Value count = tb.sub(range.end, range.begin);
  Value rest = tb.sub(tb.index(sizes.keys), count);
  Value rows = sliceRows(tb, tile, source, kvHead, range.begin, count);
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

/// The range of keys that each row sees, clamped to what i32 holds; stored keys
/// are fewer than that.
Limits AttentionLowering::buildLimits(TileBuilder &tb, const QueryTile &tile,
                                      ValueRange state) {
  auto bound = [&](TileBuilder &at, Value query, bool wantEnd) -> Value {
    KeyRange range = op.buildVisibleKeys(at.b, at.loc, tile, state, query);
    Value most = at.index(std::numeric_limits<int32_t>::max());
    return at.min(at.max(wantEnd ? range.end : range.begin, at.index(0)), most);
  };
  auto pack = [&](bool wantEnd) -> Value {
    Type i32 = tb.b.getI32Type();
    Value init = tb.empty(ArrayRef<int64_t>{tile.heads, tile.queries}, i32);
    Value limits = tb.generic(
        2, {}, init, {{0, 1}}, [&](TileBuilder &body, ValueRange) -> Value {
          Value query = body.add(tile.firstQuery, body.iterator(1));
          return arith::IndexCastOp::create(body.b, body.loc, i32,
                                            bound(body, query, wantEnd));
        });
    return tensor::CollapseShapeOp::create(
        tb.b, tb.loc, limits, ArrayRef<ReassociationIndices>{{0, 1}});
  };
  // A range need not move monotonically with the query.
  auto extreme = [&](bool wantEnd) -> Value {
    Value first = bound(tb, tile.firstQuery, wantEnd);
    if (tile.queries == 1)
      return first;
    auto loop = scf::ForOp::create(
        tb.b, tb.loc, tb.index(1), tile.numQueries, tb.index(1), first,
        [&](OpBuilder &nested, Location loc, Value i, ValueRange carried) {
          TileBuilder in(nested, loc);
          Value next = bound(in, in.add(tile.firstQuery, i), wantEnd);
          next = wantEnd ? in.min(carried[0], next) : in.max(carried[0], next);
          scf::YieldOp::create(nested, loc, next);
        });
    return loop.getResult(0);
  };
  return {pack(false), pack(true), {extreme(false), extreme(true)}};
}

/// Whether `range` has `keys` keys, all of which every row sees.
static Value isWhole(TileBuilder &tb, KeyRange range, KeyRange common,
                     int64_t keys) {
  using Predicate = arith::CmpIPredicate;
  Value full =
      tb.compare(Predicate::eq, tb.sub(range.end, range.begin), tb.index(keys));
  Value above = tb.compare(Predicate::sle, common.begin, range.begin);
  Value below = tb.compare(Predicate::sle, range.end, common.end);
  Value seen = arith::AndIOp::create(tb.b, tb.loc, above, below);
  return arith::AndIOp::create(tb.b, tb.loc, full, seen);
}

/// One step of the online softmax over the keys of `range`, which is not empty.
Softmax AttentionLowering::visitTile(TileBuilder &tb, const QueryTile &tile,
                                     Value queries, const Limits &limits,
                                     Value kvHead, KeyRange range,
                                     Softmax carried) {
  Value whole = isWhole(tb, range, limits.common, sizes.keys);
  auto loadKeys = [&](TileBuilder &in, bool isWhole) {
    Value keys = load(in, tile, k, kvHead, range, isWhole);
    return sizes.keysInner ? in.transposed(keys) : keys;
  };
  Value dest = tb.empty(sizes.shape(sizes.keys), tb.b.getF32Type());
  Value scores = tb.conditional(
      whole,
      [&](TileBuilder &in) {
        return buildScores(in, sizes, queries, loadKeys(in, true), dest);
      },
      [&](TileBuilder &in) {
        Value all = buildScores(in, sizes, queries, loadKeys(in, false), dest);
        return buildMaskedScores(in, sizes, all, limits.begins, limits.ends,
                                 range);
      });
  return buildSoftmaxStep(
      tb, sizes, scores, carried,
      [&](TileBuilder &at, Value probabilities, Value out) {
        auto add = [&](TileBuilder &in, bool isWhole) {
          Value values = load(in, tile, v, kvHead, range, isWhole);
          return buildWeightedSum(in, sizes, probabilities, values, out);
        };
        return at.conditional(
            whole, [&](TileBuilder &in) { return add(in, true); },
            [&](TileBuilder &in) { return add(in, false); });
      });
}

/// All queries of the tile visit the same key tiles.
Softmax AttentionLowering::walkTogether(TileBuilder &tb, const QueryTile &tile,
                                        Value queries, Value kvHead) {
  SmallVector<Value> state = op.buildTraversalState(tb.b, tb.loc, tile);
  Limits limits = buildLimits(tb, tile, state);
  Value numTiles = op.buildKeyTileCount(tb.b, tb.loc, tile, state, sizes.keys);
  auto walk = scf::ForOp::create(
      tb.b, tb.loc, tb.index(0), numTiles, tb.index(1),
      buildInitialSoftmax(tb, sizes).values(),
      [&](OpBuilder &nested, Location loc, Value i, ValueRange carried) {
        TileBuilder step(nested, loc);
        KeyRange range =
            op.buildKeyTile(nested, loc, tile, state, sizes.keys, i);
        Value some =
            step.compare(arith::CmpIPredicate::slt, range.begin, range.end);
        auto visit = scf::IfOp::create(
            nested, loc, some,
            [&](OpBuilder &then, Location thenLoc) {
              TileBuilder in(then, thenLoc);
              Softmax next = visitTile(in, tile, queries, limits, kvHead, range,
                                       Softmax::of(carried));
              scf::YieldOp::create(then, thenLoc, next.values());
            },
            [&](OpBuilder &other, Location otherLoc) {
              scf::YieldOp::create(other, otherLoc, carried);
            });
        scf::YieldOp::create(nested, loc, visit.getResults());
      });
  return Softmax::of(walk.getResults());
}

/// Every query visits key tiles of its own; they are grouped by position.
Softmax AttentionLowering::walkGrouped(TileBuilder &tb, const QueryTile &tile,
                                       Value queries, Value kvHead) {
  KeyTileGroups groups = buildKeyTileGroups(tb, op, tile, sizes.keys);
  Type f32 = tb.b.getF32Type();
  bool packValues = needsConversion(v);

  // Carried besides the softmax: the packed keys (and values), and of which
  // range they are.
  SmallVector<Value> init = buildInitialSoftmax(tb, tileSizes()).values();
  init.push_back(tb.index(-1));
  init.push_back(tb.index(-1));
  init.push_back(tb.empty(ArrayRef<int64_t>{sizes.dk, sizes.keys}, f32));
  if (packValues)
    init.push_back(tb.empty(ArrayRef<int64_t>{sizes.keys, sizes.dv}, f32));
  auto walk = scf::ForOp::create(
      tb.b, tb.loc, tb.index(0), groups.count, tb.index(1), init,
      [&](OpBuilder &nested, Location loc, Value i, ValueRange carried) {
        TileBuilder step(nested, loc);
        KeyTileVisit visit = groups.visit(step, i);
        KeyRange range = visit.range;
        QueryTile single = selectQuery(step, tile, visit.query);

        using Predicate = arith::CmpIPredicate;
        Value isPacked = arith::AndIOp::create(
            nested, loc, step.compare(Predicate::eq, carried[3], range.begin),
            step.compare(Predicate::eq, carried[4], range.end));
        Value isWholeTile =
            step.compare(Predicate::eq, step.sub(range.end, range.begin),
                         step.index(sizes.keys));
        auto pack = scf::IfOp::create(
            nested, loc, isPacked,
            [&](OpBuilder &then, Location thenLoc) {
              scf::YieldOp::create(then, thenLoc, carried.drop_front(5));
            },
            [&](OpBuilder &other, Location otherLoc) {
              TileBuilder in(other, otherLoc);
              SmallVector<Value> packed{in.conditional(
                  isWholeTile,
                  [&](TileBuilder &at) {
                    // Converted on the way.
                    Value rows = sliceRows(at, single, k, kvHead, range.begin,
                                           at.attr(sizes.keys));
                    return at.transposed(rows, carried[5]);
                  },
                  [&](TileBuilder &at) {
                    Value rows = loadPadded(at, single, k, kvHead, range);
                    return at.transposed(rows, carried[5]);
                  })};
              if (packValues)
                packed.push_back(in.copied(
                    loadPadded(in, single, v, kvHead, range), carried[6]));
              scf::YieldOp::create(other, otherLoc, packed);
            });
        Value keys = pack.getResult(0);

        Value firstRow = step.mul(visit.query, sizes.heads);
        auto slice = [&](Value all) {
          auto type = cast<RankedTensorType>(all.getType());
          SmallVector<OpFoldResult> offsets{firstRow};
          SmallVector<OpFoldResult> extents{step.attr(sizes.heads)};
          SmallVector<int64_t> kept{0};
          if (type.getRank() == 2) {
            offsets.push_back(step.attr(0));
            extents.push_back(step.attr(type.getDimSize(1)));
            kept.push_back(1);
          }
          return std::make_tuple(step.slice(all, offsets, extents, kept),
                                 offsets, extents);
        };
        SmallVector<Value> rows;
        for (Value all : carried.take_front(3))
          rows.push_back(std::get<0>(slice(all)));

        SmallVector<Value> state = op.buildTraversalState(nested, loc, single);
        Value dest = step.empty(sizes.shape(sizes.keys), f32);
        Value scores =
            buildScores(step, sizes, std::get<0>(slice(queries)), keys, dest);
        KeyRange visible =
            op.buildVisibleKeys(nested, loc, single, state, single.firstQuery);
        Value whole = isWhole(step, range, visible, sizes.keys);
        scores = step.conditional(
            whole, [&](TileBuilder &) { return scores; },
            [&](TileBuilder &in) {
              Limits limits = buildLimits(in, single, state);
              return buildMaskedScores(in, sizes, scores, limits.begins,
                                       limits.ends, range);
            });
        Softmax next = buildSoftmaxStep(
            step, sizes, scores, Softmax::of(rows),
            [&](TileBuilder &at, Value probabilities, Value out) -> Value {
              auto add = [&](TileBuilder &in, Value values) {
                return buildWeightedSum(in, sizes, probabilities, values, out);
              };
              if (packValues)
                return add(at, pack.getResult(1));
              return at.conditional(
                  isWholeTile,
                  [&](TileBuilder &in) {
                    return add(in, loadWhole(in, single, v, kvHead, range));
                  },
                  [&](TileBuilder &in) {
                    return add(in, loadPadded(in, single, v, kvHead, range));
                  });
            });

        SmallVector<Value> results;
        for (auto [all, updated] :
             llvm::zip_equal(carried.take_front(3), next.values())) {
          auto [old, offsets, extents] = slice(all);
          results.push_back(step.insert(updated, all, offsets, extents));
        }
        results.append({range.begin, range.end});
        llvm::append_range(results, pack.getResults());
        scf::YieldOp::create(nested, loc, results);
      });
  return Softmax::of(walk.getResults());
}

/// Normalises and stores the tile's o and lse.
SmallVector<TileInsertion> AttentionLowering::store(TileBuilder &tb,
                                                    const QueryTile &tile,
                                                    const Softmax &softmax,
                                                    ValueRange outs) {
  auto [out, lse] = buildNormalised(tb, tileSizes(), softmax);
  // Rows are ordered by head, then query; where queries are visited one by one,
  // by query, then head.
  SmallVector<int64_t> rowShape{tile.heads, tile.queries};
  SmallVector<int64_t> order{1, 0};
  OpFoldResult one = tb.attr(1), zero = tb.attr(0);
  OpFoldResult heads = tb.attr(tile.heads), dv = tb.attr(sizes.dv);
  OpFoldResult valid = getAsOpFoldResult(tile.numQueries);
  SmallVector<OpFoldResult> rowSizes{heads, valid};
  if (isGrouped()) {
    std::swap(rowShape[0], rowShape[1]);
    std::swap(rowSizes[0], rowSizes[1]);
    order = {0, 1};
  }
  auto expand = [&](Value rows, ArrayRef<int64_t> shape,
                    ArrayRef<ReassociationIndices> dims) -> Value {
    return tensor::ExpandShapeOp::create(
        tb.b, tb.loc, RankedTensorType::get(shape, tb.b.getF32Type()), rows,
        dims);
  };
  SmallVector<int64_t> outShape(rowShape);
  outShape.push_back(sizes.dv);
  Value wide = expand(out, outShape, {{0, 1}, {2}});
  wide = tb.slice(wide, {zero, zero, zero}, {rowSizes[0], rowSizes[1], dv},
                  {0, 1, 2});

  SmallVector<OpFoldResult> offsets{tile.batch, tile.firstQuery, tile.firstHead,
                                    zero};
  SmallVector<OpFoldResult> extents{one, valid, heads, dv};
  Type element = q.getType().getElementType();
  Value o = tb.generic(3, wide, tb.slice(outs[0], offsets, extents, {1, 2, 3}),
                       {{order[0], order[1], 2}, {0, 1, 2}},
                       [&](TileBuilder &body, ValueRange args) {
                         return body.fromF32(args[0], element);
                       });
  TileInsertion oTile{o, offsets, extents};
  offsets.pop_back();
  extents.pop_back();
  Value rows =
      tb.slice(expand(lse, rowShape, {{0, 1}}), {zero, zero}, rowSizes, {0, 1});
  Value stored = tb.generic(
      2, rows, tb.slice(outs[1], offsets, extents, {1, 2}), {order, {0, 1}},
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
                            tb.ceilDiv(queries, queriesInTile)};
  SmallVector<Value> results = tb.loops(
      counts, {o, lse}, isInParallelLoop(op),
      [&](TileBuilder &loop, ValueRange ivs, ValueRange outs) {
        QueryTile tile =
            makeQueryTile(loop, q, ivs, queriesInTile, sizes.heads);
        Value kvHead = loop.div(tile.firstHead, group);
        double factor = getQueryFactor(op.getScoreScale());
        Softmax softmax;
        if (isGrouped()) {
          Value packed = packQueries(loop, q, tile, factor, RowOrder::Query);
          softmax = walkGrouped(loop, tile, packed, kvHead);
        } else {
          Value packed = packQueries(loop, q, tile, factor, RowOrder::Head);
          if (!sizes.keysInner)
            packed = loop.transposed(packed);
          softmax = walkTogether(loop, tile, packed, kvHead);
        }
        return store(loop, tile, softmax, outs);
      });

  remark::analysis(
      loc, remark::RemarkOpts::name("tiled").category("convert-nsa-to-linalg"))
      << remark::add(isGrouped()
                         ? "{0} visits the key tiles of several queries in "
                           "order of position"
                         : "{0} walks its keys tile by tile",
                     op->getName().getStringRef())
      << remark::metric("queries", queriesInTile)
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
