//===- BlockScoresToLinalg.cpp - Block scores to linalg ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores of a query tile, one tile of selection blocks at a time: the
// probabilities of the compressed keys that touch these blocks are recomputed
// from lse, summed over the heads of the list, and mapped to the blocks.
// Neighbouring tiles share l/d - 1 compressed keys, which are computed twice.
//
//===----------------------------------------------------------------------===//

#include "SoftmaxTile.h"
#include "TileBuilder.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
class BlockScoresLowering {
public:
  BlockScoresLowering(BlockScoresOp op, const LinalgTiling &tiling)
      : op(op), qType(cast<RankedTensorType>(op.getQ().getType())),
        kcType(cast<RankedTensorType>(op.getKc().getType())) {
    heads = op.getHeadsPerList();
    queries = chooseQueries(tiling, heads, 0, qType.getDimSize(1));
    dk = qType.getDimSize(3);
    perBlock = op.getSelectionBlock() / op.getCompressionStride();
    overlap = op.getCompressionBlock() / op.getCompressionStride();
    blocks = std::max<int64_t>(tiling.keyTile / perBlock, 1);
    // Padded for the sake of whole register tiles.
    keys = llvm::alignTo(blocks * perBlock + overlap - 1, 8);
  }

  void lower(PatternRewriter &rewriter);

private:
  int64_t rows() const { return queries * heads; }
  Value packKeys(TileBuilder &tb, const QueryTile &tile, Value kvHead,
                 Value first, Value end);
  Value packLse(TileBuilder &tb, const QueryTile &tile);
  Value packEnds(TileBuilder &tb, const QueryTile &tile, Value qOffset,
                 Value kvLen, Value stored);
  Value mapToBlocks(TileBuilder &tb, Value probabilities);
  Value scoreTile(TileBuilder &tb, const QueryTile &tile, Value packed,
                  Value lse, Value ends, Value kvHead, Value firstBlock,
                  Value end, Value common);
  Value maskScores(TileBuilder &tb, Value scores, Value ends, Value first);

  BlockScoresOp op;
  RankedTensorType qType, kcType;
  int64_t heads, queries, dk;
  /// d-token sub-blocks of a selection block and of a compression block.
  int64_t perBlock, overlap;
  /// Selection blocks and compressed keys of a tile.
  int64_t blocks, keys;
};
} // namespace

/// Compressed keys [first, first + keys) in f32; those outside [0, end) are 0.
Value BlockScoresLowering::packKeys(TileBuilder &tb, const QueryTile &tile,
                                    Value kvHead, Value first, Value end) {
  OpFoldResult one = tb.attr(1), zero = tb.attr(0), width = tb.attr(dk);
  Value begin = tb.min(tb.max(first, tb.index(0)), end);
  Value last = tb.min(tb.add(first, keys), end);
  Value count = tb.max(tb.sub(last, begin), tb.index(0));
  Value skipped = tb.min(tb.sub(begin, first), tb.index(keys));
  Value source = tb.slice(op.getKc(), {tile.batch, begin, kvHead, zero},
                          {one, count, one, width}, {1, 3});
  Value packed = tb.filled({keys, dk}, 0.0);
  Value dest = tb.slice(packed, {skipped, zero}, {count, width}, {0, 1});
  dest = tb.generic(
      2, source, dest, {{0, 1}, {0, 1}},
      [](TileBuilder &body, ValueRange args) { return body.toF32(args[0]); });
  return tb.insert(dest, packed, {skipped, zero}, {count, width});
}

/// lse of the tile's rows, in units of log2(e); +inf, which makes every
/// probability 0, beyond them and for rows without a visible key (-inf).
Value BlockScoresLowering::packLse(TileBuilder &tb, const QueryTile &tile) {
  OpFoldResult one = tb.attr(1), zero = tb.attr(0), numHeads = tb.attr(heads);
  OpFoldResult valid = getAsOpFoldResult(tile.numQueries);
  Value source =
      tb.slice(op.getLse(), {tile.batch, tile.firstQuery, tile.firstHead},
               {one, valid, numHeads}, {1, 2});
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Value packed = tb.filled({heads, queries}, infinity);
  Value dest = tb.slice(packed, {zero, zero}, {numHeads, valid}, {0, 1});
  dest = tb.generic(2, source, dest, {{1, 0}, {0, 1}},
                    [](TileBuilder &body, ValueRange args) {
                      Value none = body.isEqual(args[0], body.f32(-infinity));
                      Value scaled =
                          body.mulF(args[0], body.f32(llvm::numbers::log2e));
                      return body.select(none, body.f32(infinity), scaled);
                    });
  packed = tb.insert(dest, packed, {zero, zero}, {numHeads, valid});
  return tensor::CollapseShapeOp::create(
      tb.b, tb.loc, packed, ArrayRef<ReassociationIndices>{{0, 1}});
}

/// How many compressed keys each row sees, as i32 `[rows]`.
Value BlockScoresLowering::packEnds(TileBuilder &tb, const QueryTile &tile,
                                    Value qOffset, Value kvLen, Value stored) {
  Value init = tb.empty(ArrayRef<int64_t>{heads, queries}, tb.b.getI32Type());
  Value ends = tb.generic(
      2, {}, init, {{0, 1}}, [&](TileBuilder &body, ValueRange) -> Value {
        Value query = body.add(tile.firstQuery, body.iterator(1));
        Value limit = buildLimit(body.b, body.loc, op.getCausal(), kvLen,
                                 body.add(query, qOffset));
        Value visible = body.min(buildVisibleBlocks(body.b, body.loc, limit,
                                                    op.getCompressionBlock(),
                                                    op.getCompressionStride()),
                                 stored);
        return arith::IndexCastOp::create(body.b, body.loc, body.b.getI32Type(),
                                          visible);
      });
  return tensor::CollapseShapeOp::create(
      tb.b, tb.loc, ends, ArrayRef<ReassociationIndices>{{0, 1}});
}

/// `[keys, queries]` to `[blocks, queries]`: entry `j*perBlock + o` of the keys
/// is compressed block `i = j*s/d - (l/d - 1) + o`.
Value BlockScoresLowering::mapToBlocks(TileBuilder &tb, Value probabilities) {
  MLIRContext *context = tb.b.getContext();
  AffineExpr query, block, offset;
  bindDims(context, block, query, offset);
  AffineMap source =
      AffineMap::get(3, 0, {block * perBlock + offset, query}, context);
  AffineMap window = AffineMap::get(3, 0, {offset}, context);
  AffineMap result = AffineMap::get(3, 0, {block, query}, context);
  // The window operand gives the reduction its extent, and the weights: the
  // number of sub-blocks that block i and the selection block share.
  int64_t width = perBlock + overlap - 1;
  SmallVector<float> weights;
  for (int64_t o = 0; o < width; ++o)
    weights.push_back(std::min(o + 1, perBlock) -
                      std::max<int64_t>(o - (overlap - 1), 0));
  Value weight = arith::ConstantOp::create(
      tb.b, tb.loc,
      DenseElementsAttr::get(RankedTensorType::get({width}, tb.b.getF32Type()),
                             ArrayRef<float>(weights)));
  bool sum = op.getScoreMap() == ScoreMap::Overlap;
  return tb.generic(
      {probabilities, weight}, tb.filled({blocks, queries}, 0.0),
      {source, window, result},
      [&](TileBuilder &body, ValueRange args) -> Value {
        if (!sum)
          return arith::MaximumFOp::create(body.b, body.loc, args[0], args[2]);
        Value term = arith::MulFOp::create(body.b, body.loc, args[0], args[1]);
        return arith::AddFOp::create(body.b, body.loc, args[2], term);
      });
}

/// Scores `[blocks, queries]` of the blocks from `firstBlock` on; `end` is the
/// number of compressed keys that some row sees, `common` that all rows see.
Value BlockScoresLowering::scoreTile(TileBuilder &tb, const QueryTile &tile,
                                     Value packed, Value lse, Value ends,
                                     Value kvHead, Value firstBlock, Value end,
                                     Value common) {
  using Predicate = arith::CmpIPredicate;
  Value first = tb.add(tb.mul(firstBlock, perBlock), tb.index(1 - overlap));
  // Most tiles need neither a copy of the keys nor a mask.
  Value begins = tb.compare(Predicate::sge, first, tb.index(0));
  Value seen = tb.compare(Predicate::sle, tb.add(first, keys), common);
  Value whole = arith::AndIOp::create(tb.b, tb.loc, begins, seen);
  Value dest = tb.empty(ArrayRef<int64_t>{keys, rows()}, tb.b.getF32Type());
  auto score = [&](TileBuilder &in, Value keyTile) {
    return in.contract(keyTile, packed, in.fill(dest, 0.0));
  };
  Value scores = tb.conditional(
      whole,
      [&](TileBuilder &in) {
        OpFoldResult one = in.attr(1), zero = in.attr(0);
        return score(in,
                     in.slice(op.getKc(), {tile.batch, first, kvHead, zero},
                              {one, in.attr(keys), one, in.attr(dk)}, {1, 3}));
      },
      [&](TileBuilder &in) {
        Value all = score(in, packKeys(in, tile, kvHead, first, end));
        return maskScores(in, all, ends, first);
      });
  Value probabilities = tb.generic(
      2, lse, scores, {{1}, {0, 1}}, [](TileBuilder &body, ValueRange args) {
        return body.exp2Flushed(body.subF(args[1], args[0]));
      });
  Value split = tensor::ExpandShapeOp::create(
      tb.b, tb.loc,
      RankedTensorType::get({keys, heads, queries}, tb.b.getF32Type()),
      probabilities, ArrayRef<ReassociationIndices>{{0}, {1, 2}});
  Value summed = tb.generic(
      3, split, tb.filled({keys, queries}, 0.0), {{0, 2, 1}, {0, 1}},
      [](TileBuilder &body, ValueRange args) -> Value {
        return arith::AddFOp::create(body.b, body.loc, args[0], args[1]);
      });
  return mapToBlocks(tb, summed);
}

/// -inf for the keys, from number `first` on, that a row does not see.
Value BlockScoresLowering::maskScores(TileBuilder &tb, Value scores, Value ends,
                                      Value first) {
  Type i32 = tb.b.getI32Type();
  Value first32 = arith::IndexCastOp::create(tb.b, tb.loc, i32, first);
  return tb.generic(
      2, ends, scores, {{1}, {0, 1}},
      [&](TileBuilder &body, ValueRange args) -> Value {
        Value offset =
            arith::IndexCastOp::create(body.b, body.loc, i32, body.iterator(0));
        Value key = arith::AddIOp::create(body.b, body.loc, first32, offset);
        // Unsigned: a key before the first is not below anybody's end.
        Value visible = body.compare(arith::CmpIPredicate::ult, key, args[0]);
        return body.select(visible, args[1],
                           body.f32(-std::numeric_limits<double>::infinity()));
      });
}

void BlockScoresLowering::lower(PatternRewriter &rewriter) {
  Location loc = op.getLoc();
  TileBuilder tb(rewriter, loc);
  auto resultType = cast<RankedTensorType>(op.getP().getType());
  int64_t lists = qType.getDimSize(2) / heads;
  Value batches = tb.dim(op.getQ(), 0), numQueries = tb.dim(op.getQ(), 1);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(op.reifyResultShapes(rewriter, shapes)))
    llvm_unreachable("a verified block_scores has a shape");
  OpFoldResult numBlocks = shapes[0][3];
  Value blockCount = getValueOrCreateConstantIndexOp(rewriter, loc, numBlocks);
  Value out = tb.empty(ArrayRef<OpFoldResult>{getAsOpFoldResult(batches),
                                              getAsOpFoldResult(numQueries),
                                              tb.attr(lists), numBlocks},
                       rewriter.getF32Type());

  SmallVector<Value> counts{batches, tb.index(lists),
                            tb.ceilDiv(numQueries, queries)};
  Value result = tb.loops(
      counts, out, isInParallelLoop(op),
      [&](TileBuilder &loop, ValueRange ivs,
          ValueRange outs) -> SmallVector<TileInsertion> {
        OpFoldResult one = loop.attr(1), zero = loop.attr(0);
        QueryTile tile = makeQueryTile(loop, op.getQ(), ivs, queries, heads);
        Value kvHead = loop.div(tile.firstHead,
                                qType.getDimSize(2) / kcType.getDimSize(2));
        OpFoldResult valid = getAsOpFoldResult(tile.numQueries);

        Value qOffset = buildQueryOffset(loop.b, loop.loc, op.getQOffset(),
                                         tile.batch, op.getQ(), Value());
        Value kvLen = buildKeyExtent(
            loop.b, loop.loc, op.getKvLen(), tile.batch,
            op.getKvLen() ? loop.index(kUnboundedPosition)
                          : loop.max(op.getKvMax(), loop.index(0)));
        Value stored = loop.dim(op.getKc(), 1);
        auto visibleTo = [&](Value query) {
          Value limit = buildLimit(loop.b, loop.loc, op.getCausal(), kvLen,
                                   loop.add(query, qOffset));
          return loop.min(buildVisibleBlocks(loop.b, loop.loc, limit,
                                             op.getCompressionBlock(),
                                             op.getCompressionStride()),
                          stored);
        };
        // The first query sees the fewest keys, the last one the most.
        Value common = visibleTo(tile.firstQuery);
        Value end =
            visibleTo(loop.add(loop.add(tile.firstQuery, tile.numQueries), -1));
        Value packed = loop.transposed(
            packQueries(loop, op.getQ(), tile,
                        getQueryFactor(op.getScoreScale()), RowOrder::Head));
        Value lse = packLse(loop, tile);
        Value ends = packEnds(loop, tile, qOffset, kvLen, stored);

        SmallVector<OpFoldResult> offsets{tile.batch, tile.firstQuery, ivs[1],
                                          zero};
        SmallVector<OpFoldResult> sizes{one, valid, one, numBlocks};
        Value init =
            loop.fill(loop.slice(outs[0], offsets, sizes, {1, 3}), 0.0);
        // Blocks before this one are touched by some visible compressed key.
        Value touched = loop.min(
            loop.ceilDiv(loop.add(end, overlap - 1), perBlock), blockCount);
        auto walk = scf::ForOp::create(
            loop.b, loop.loc, loop.index(0), touched, loop.index(blocks), init,
            [&](OpBuilder &nested, Location nestedLoc, Value firstBlock,
                ValueRange carried) {
              TileBuilder step(nested, nestedLoc);
              Value scores = scoreTile(step, tile, packed, lse, ends, kvHead,
                                       firstBlock, end, common);
              OpFoldResult count = getAsOpFoldResult(step.min(
                  step.index(blocks), step.sub(blockCount, firstBlock)));
              Value kept =
                  step.slice(scores, {zero, zero}, {count, valid}, {0, 1});
              Value dest = step.slice(carried[0], {zero, firstBlock},
                                      {valid, count}, {0, 1});
              dest = step.generic(
                  2, kept, dest, {{1, 0}, {0, 1}},
                  [](TileBuilder &, ValueRange args) { return args[0]; });
              Value next = step.insert(dest, carried[0], {zero, firstBlock},
                                       {valid, count});
              scf::YieldOp::create(nested, nestedLoc, next);
            });
        return {{walk.getResult(0), offsets, sizes}};
      })[0];

  remark::analysis(
      loc, remark::RemarkOpts::name("tiled").category("convert-nsa-to-linalg"))
      << remark::add("nsa.block_scores scores its blocks tile by tile")
      << remark::metric("queries", queries) << remark::metric("heads", heads)
      << remark::metric("selection_blocks", blocks)
      << remark::metric("compressed_keys", keys);
  if (result.getType() != resultType)
    result = tensor::CastOp::create(rewriter, loc, resultType, result);
  rewriter.replaceOp(op, result);
}

static bool isEmpty(Value tensor) {
  return llvm::is_contained(cast<RankedTensorType>(tensor.getType()).getShape(),
                            0);
}

namespace {
struct LowerBlockScores : public OpRewritePattern<BlockScoresOp> {
  LowerBlockScores(MLIRContext *context, const LinalgTiling &tiling)
      : OpRewritePattern(context), tiling(tiling) {}

  LogicalResult matchAndRewrite(BlockScoresOp op,
                                PatternRewriter &rewriter) const override {
    // No compressed key scores, or no block is scored; a slice of a dimension
    // known to be empty would have no valid offset.
    if (isEmpty(op.getKc()) || isEmpty(op.getP()) ||
        matchPattern(op.getKvMax(), m_Zero())) {
      ReifiedRankedShapedTypeDims shapes;
      if (failed(op.reifyResultShapes(rewriter, shapes)))
        return rewriter.notifyMatchFailure(op, "result shape is not known");
      TileBuilder tb(rewriter, op.getLoc());
      Value zeros = tb.fill(tb.empty(shapes[0], rewriter.getF32Type()), 0.0);
      rewriter.replaceOp(op, tb.castTo(zeros, op.getP().getType()));
      return success();
    }
    BlockScoresLowering(op, tiling).lower(rewriter);
    return success();
  }

  LinalgTiling tiling;
};
} // namespace

void mlir::nsa::populateBlockScoresPatterns(RewritePatternSet &patterns,
                                            const LinalgTiling &tiling) {
  patterns.add<LowerBlockScores>(patterns.getContext(), tiling);
}
