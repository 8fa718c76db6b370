//===- CompressToLinalg.cpp - Lowering of nsa.compress ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over batch entries, heads and tiles of compressed tokens. `mean` and
// `weighted` reduce the tokens of one block at a time. `linear` and `mlp` are
// matrix products; instead of flattening blocks, which would copy each token
// l/d times, they walk the token positions j of a block: token j of all blocks
// of a tile times the D rows of the matrix that belong to j.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {

/// Most blocks of a tile. The matrix products read their matrix once per tile.
constexpr int64_t kReducedBlocks = 16;
constexpr int64_t kMultipliedBlocks = 32;

/// A tile of compressed tokens of one batch entry and head.
struct BlockTile {
  Value batch;
  Value group;
  Value first;       ///< index of the first block
  OpFoldResult size; ///< number of blocks, at least 1
};

class CompressLowering {
public:
  CompressLowering(CompressOp op)
      : op(op), block(op.getCompressionBlock()),
        stride(op.getCompressionStride()) {
    auto type = cast<RankedTensorType>(op.getC().getType());
    headSize = type.getDimSize(3);
    bool multiplies = op.getPhi() == Phi::Linear || op.getPhi() == Phi::MLP;
    tileSize = multiplies ? kMultipliedBlocks : kReducedBlocks;
    if (!type.isDynamicDim(1))
      tileSize = std::clamp<int64_t>(type.getDimSize(1), 1, tileSize);
  }

  /// Blocks per tile.
  int64_t getTileSize() const { return tileSize; }

  /// The compressed tokens `tile` for `out`, a tensor `[tile.size, D]`.
  Value compress(TileBuilder &tb, const BlockTile &tile, Value out) {
    switch (op.getPhi()) {
    case Phi::Mean:
    case Phi::Weighted:
      return reduce(tb, tile, out);
    case Phi::Linear: {
      Value zero = tb.filled({tileSize, headSize}, 0);
      Value matrix = op.getParams().front();
      return round(tb, multiply(tb, tile, matrix, zero), tile.size, out);
    }
    case Phi::MLP:
      return perceptron(tb, tile, out);
    }
    llvm_unreachable("unknown phi");
  }

private:
  CompressOp op;
  int64_t block, stride, headSize, tileSize;

  /// mean and weighted, block by block.
  Value reduce(TileBuilder &tb, const BlockTile &tile, Value out) {
    Value weights;
    if (op.getPhi() == Phi::Weighted)
      weights = tb.slice(op.getParams().front(), {tile.group, tb.attr(0)},
                         {tb.attr(1), tb.attr(block)}, {1});
    auto body = [&](TileBuilder &tb, ValueRange ivs,
                    ValueRange outs) -> SmallVector<TileInsertion> {
      SmallVector<OpFoldResult> offsets{ivs[0], tb.attr(0)};
      SmallVector<OpFoldResult> sizes{tb.attr(1), tb.attr(headSize)};
      Value row = tb.slice(outs[0], offsets, sizes, {1});
      Value reduced = reduceBlock(tb, tile, ivs[0], weights, row);
      return {TileInsertion{reduced, offsets, sizes}};
    };
    Value count = getValueOrCreateConstantIndexOp(tb.b, tb.loc, tile.size);
    return tb.loops({count}, out, /*sequential=*/true, body)[0];
  }

  Value reduceBlock(TileBuilder &tb, const BlockTile &tile, Value i,
                    Value weights, Value out) {
    Value token = tb.mul(tb.add(tile.first, i), stride);
    Value tokens = tb.slice(
        op.getX(), {tile.batch, token, tile.group, tb.attr(0)},
        {tb.attr(1), tb.attr(block), tb.attr(1), tb.attr(headSize)}, {1, 3});
    SmallVector<Value> inputs{tokens};
    SmallVector<SmallVector<int64_t>> maps{{0, 1}};
    if (op.getPe()) {
      inputs.push_back(op.getPe());
      maps.push_back({0, 1});
    }
    if (weights) {
      inputs.push_back(weights);
      maps.push_back({0});
    }
    maps.push_back({1});
    Value sum = tb.generic(
        2, inputs, tb.filled({headSize}, 0), maps,
        [&](TileBuilder &tb, ValueRange args) -> Value {
          Value term = tb.toF32(args[0]);
          if (op.getPe())
            term = arith::AddFOp::create(tb.b, tb.loc, term, tb.toF32(args[1]));
          if (weights)
            term = arith::MulFOp::create(tb.b, tb.loc, term,
                                         tb.toF32(args.drop_back().back()));
          return arith::AddFOp::create(tb.b, tb.loc, args.back(), term);
        });
    return tb.generic(1, sum, out, {{0}, {0}},
                      [&](TileBuilder &tb, ValueRange args) -> Value {
                        Value result = args[0];
                        if (op.getPhi() == Phi::Mean)
                          result = arith::DivFOp::create(tb.b, tb.loc, result,
                                                         tb.f32(block));
                        return tb.fromF32(result, args[1].getType());
                      });
  }

  /// `acc[i, :] += flatten(block i + pe) . matrix`, the matrix `[l*D, ...]` or
  /// `[G, l*D, ...]`. The accumulator has `tileSize` rows, so that the product
  /// has a static shape; those beyond the tile are multiplied with 0.
  Value multiply(TileBuilder &tb, const BlockTile &tile, Value matrix,
                 Value acc) {
    auto loop = scf::ForOp::create(
        tb.b, tb.loc, tb.index(0), tb.index(block), tb.index(1), acc,
        [&](OpBuilder &nested, Location loc, Value j, ValueRange args) {
          TileBuilder tb(nested, loc);
          Value product = tb.contract(gatherTokens(tb, tile, j),
                                      matrixRows(tb, tile, matrix, j), args[0]);
          scf::YieldOp::create(nested, loc, product);
        });
    return loop.getResult(0);
  }

  /// Token `j` of every block of the tile, with pe, in f32; rows beyond the
  /// tile are zero.
  Value gatherTokens(TileBuilder &tb, const BlockTile &tile, Value j) {
    Value token = tb.add(tb.mul(tile.first, stride), j);
    auto type = cast<RankedTensorType>(op.getX().getType());
    SmallVector<OpFoldResult> offsets{tile.batch, token, tile.group,
                                      tb.attr(0)};
    SmallVector<OpFoldResult> sizes{tb.attr(1), tile.size, tb.attr(1),
                                    tb.attr(headSize)};
    SmallVector<OpFoldResult> strides{tb.attr(1), tb.attr(stride), tb.attr(1),
                                      tb.attr(1)};
    auto sliceType = RankedTensorType::get(
        {getConstantIntValue(tile.size).value_or(ShapedType::kDynamic),
         headSize},
        type.getElementType());
    SmallVector<Value> inputs{tensor::ExtractSliceOp::create(
        tb.b, tb.loc, sliceType, op.getX(), offsets, sizes, strides)};
    SmallVector<SmallVector<int64_t>> maps{{0, 1}};
    if (op.getPe()) {
      inputs.push_back(tb.slice(op.getPe(), {j, tb.attr(0)},
                                {tb.attr(1), tb.attr(headSize)}, {1}));
      maps.push_back({1});
    }
    maps.push_back({0, 1});

    SmallVector<OpFoldResult> zeros(2, tb.attr(0));
    SmallVector<OpFoldResult> filled{tile.size, tb.attr(headSize)};
    Value tokens = tb.filled({tileSize, headSize}, 0);
    Value rows = tb.generic(
        2, inputs, tb.slice(tokens, zeros, filled, {0, 1}), maps,
        [&](TileBuilder &tb, ValueRange args) -> Value {
          Value sum = tb.toF32(args[0]);
          if (op.getPe())
            sum = arith::AddFOp::create(tb.b, tb.loc, sum, tb.toF32(args[1]));
          return sum;
        });
    return tb.insert(rows, tokens, zeros, filled);
  }

  /// The D rows of the matrix that token `j` of a block is multiplied with.
  Value matrixRows(TileBuilder &tb, const BlockTile &tile, Value matrix,
                   Value j) {
    auto type = cast<RankedTensorType>(matrix.getType());
    SmallVector<OpFoldResult> offsets{tb.mul(j, headSize), tb.attr(0)};
    SmallVector<OpFoldResult> sizes{tb.attr(headSize),
                                    tb.attr(type.getShape().back())};
    if (type.getRank() == 2)
      return tb.slice(matrix, offsets, sizes, {0, 1});
    offsets.insert(offsets.begin(), tile.group);
    sizes.insert(sizes.begin(), tb.attr(1));
    return tb.slice(matrix, offsets, sizes, {1, 2});
  }

  Value perceptron(TileBuilder &tb, const BlockTile &tile, Value out) {
    OperandRange params = op.getParams();
    Value hidden = multiply(tb, tile, params[0], broadcastBias(tb, params[1]));
    hidden = tb.generic(2, ValueRange(), hidden, {{0, 1}},
                        [&](TileBuilder &tb, ValueRange args) {
                          return tb.activate(op.getActivation(), args[0]);
                        });
    Value result = tb.contract(hidden, params[2], broadcastBias(tb, params[3]));
    return round(tb, result, tile.size, out);
  }

  /// An accumulator with the bias in every row.
  Value broadcastBias(TileBuilder &tb, Value bias) {
    int64_t columns = cast<RankedTensorType>(bias.getType()).getDimSize(0);
    return tb.generic(2, bias, tb.empty({tileSize, columns}, tb.b.getF32Type()),
                      {{1}, {0, 1}}, [](TileBuilder &tb, ValueRange args) {
                        return tb.toF32(args[0]);
                      });
  }

  /// The first `size` rows of `acc`, rounded into `out`.
  Value round(TileBuilder &tb, Value acc, OpFoldResult size, Value out) {
    Value rows = tb.slice(acc, {tb.attr(0), tb.attr(0)},
                          {size, tb.attr(headSize)}, {0, 1});
    return tb.generic(2, rows, out, {{0, 1}, {0, 1}},
                      [](TileBuilder &tb, ValueRange args) {
                        return tb.fromF32(args[0], args[1].getType());
                      });
  }
};

struct LowerCompress : public OpRewritePattern<CompressOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    TileBuilder tb(rewriter, op.getLoc());
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    ArrayRef<OpFoldResult> shape = shapes[0];
    auto type = cast<RankedTensorType>(op.getC().getType());
    CompressLowering lowering(op);
    int64_t tileSize = lowering.getTileSize();

    auto asValue = [&](OpFoldResult size) {
      return getValueOrCreateConstantIndexOp(rewriter, op.getLoc(), size);
    };
    Value blocks = asValue(shape[1]);
    SmallVector<Value> counts{asValue(shape[0]), asValue(shape[2]),
                              tb.ceilDiv(blocks, tileSize)};
    auto body = [&](TileBuilder &tb, ValueRange ivs,
                    ValueRange outs) -> SmallVector<TileInsertion> {
      Value first = tb.mul(ivs[2], tileSize);
      BlockTile tile{ivs[0], ivs[1], first,
                     tb.tileSize(shape[1], first, tileSize)};
      SmallVector<OpFoldResult> offsets{ivs[0], first, ivs[1], tb.attr(0)};
      SmallVector<OpFoldResult> sizes{tb.attr(1), tile.size, tb.attr(1),
                                      shape[3]};
      Value out = tb.slice(outs[0], offsets, sizes, {1, 3});
      Value result = lowering.compress(tb, tile, out);
      return {TileInsertion{result, offsets, sizes}};
    };
    Value result = tb.loops(counts, tb.empty(shape, type.getElementType()),
                            isInParallelLoop(op), body)[0];
    remark::analysis(op.getLoc(), remark::RemarkOpts::name("tiled").category(
                                      "convert-nsa-to-linalg"))
        << remark::add("nsa.compress {0} computes its blocks tile by tile",
                       stringifyPhi(op.getPhi()))
        << remark::metric("blocks", tileSize)
        << remark::metric("tokens_per_block", op.getCompressionBlock());
    rewriter.replaceOp(op, tb.castTo(result, type));
    return success();
  }
};

} // namespace

void mlir::nsa::populateCompressPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerCompress>(patterns.getContext());
}
