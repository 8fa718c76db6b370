//===- TileBuilder.cpp - Building blocks of the linalg lowering -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <numeric>

using namespace mlir;
using namespace mlir::nsa;

OpFoldResult TileBuilder::tileSize(OpFoldResult extent, Value first,
                                   int64_t tile) {
  std::optional<int64_t> known = getConstantIntValue(extent);
  if (known && *known % tile == 0)
    return attr(tile);
  Value rest = sub(getValueOrCreateConstantIndexOp(b, loc, extent), first);
  return min(index(tile), rest);
}

Value TileBuilder::dim(Value tensor, int64_t i) {
  return b.createOrFold<tensor::DimOp>(loc, tensor, i);
}
Value TileBuilder::empty(ArrayRef<OpFoldResult> sizes, Type element) {
  return tensor::EmptyOp::create(b, loc, sizes, element);
}
Value TileBuilder::empty(ArrayRef<int64_t> sizes, Type element) {
  return tensor::EmptyOp::create(b, loc, sizes, element);
}
Value TileBuilder::fill(Value tensor, double value) {
  return linalg::FillOp::create(b, loc, f32(value), tensor).getResult(0);
}
Value TileBuilder::filled(ArrayRef<int64_t> sizes, double value) {
  return fill(empty(sizes, b.getF32Type()), value);
}

Value TileBuilder::slice(Value source, ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes,
                         ArrayRef<int64_t> keptDims) {
  auto sourceType = cast<RankedTensorType>(source.getType());
  SmallVector<int64_t> shape;
  for (int64_t kept : keptDims)
    shape.push_back(
        getConstantIntValue(sizes[kept]).value_or(ShapedType::kDynamic));
  SmallVector<OpFoldResult> ones(offsets.size(), attr(1));
  return tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(shape, sourceType.getElementType()), source,
      offsets, sizes, ones);
}

Value TileBuilder::insert(Value tile, Value dest,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> ones(offsets.size(), attr(1));
  return tensor::InsertSliceOp::create(b, loc, tile, dest, offsets, sizes,
                                       ones);
}

Value TileBuilder::transposed(Value source, Value dest) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(source.getType()).getShape();
  if (!dest)
    dest = empty(ArrayRef<int64_t>{shape[1], shape[0]}, b.getF32Type());
  return generic(
      2, source, dest, {{1, 0}, {0, 1}},
      [](TileBuilder &body, ValueRange args) { return body.toF32(args[0]); });
}

Value TileBuilder::copied(Value source, Value dest) {
  return linalg::CopyOp::create(b, loc, source, dest).getResult(0);
}

Value TileBuilder::castTo(Value tensor, Type type) {
  return b.createOrFold<tensor::CastOp>(loc, type, tensor);
}

Value TileBuilder::iterator(unsigned i) {
  return linalg::IndexOp::create(b, loc, i);
}

Value TileBuilder::generic(ValueRange inputs, Value init,
                           ArrayRef<AffineMap> maps, BodyFn body) {
  AffineMap initMap = maps.back();
  SmallVector<utils::IteratorType> iterators;
  for (unsigned i = 0, e = initMap.getNumDims(); i < e; ++i)
    iterators.push_back(initMap.isFunctionOfDim(i)
                            ? utils::IteratorType::parallel
                            : utils::IteratorType::reduction);
  return linalg::GenericOp::create(
             b, loc, init.getType(), inputs, init, maps, iterators,
             [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
               TileBuilder tb(nested, nestedLoc);
               linalg::YieldOp::create(nested, nestedLoc, body(tb, args));
             })
      .getResult(0);
}

Value TileBuilder::generic(unsigned numIterators, ValueRange inputs, Value init,
                           ArrayRef<SmallVector<int64_t>> maps, BodyFn body) {
  SmallVector<AffineMap> affineMaps;
  for (ArrayRef<int64_t> dims : maps) {
    SmallVector<AffineExpr> exprs;
    for (int64_t d : dims)
      exprs.push_back(b.getAffineDimExpr(d));
    affineMaps.push_back(
        AffineMap::get(numIterators, 0, exprs, b.getContext()));
  }
  return generic(inputs, init, affineMaps, body);
}

Value TileBuilder::contract(Value lhs, Value rhs, Value acc,
                            bool lhsTransposed) {
  SmallVector<int64_t> lhsMap = {0, 2};
  if (lhsTransposed)
    lhsMap = {2, 0};
  return generic(
      3, {lhs, rhs}, acc, {lhsMap, {2, 1}, {0, 1}},
      [](TileBuilder &tb, ValueRange args) -> Value {
        // A fused multiply-add rounds once less, and is one
        // instruction where the target has it.
        auto fuse = arith::FastMathFlags::contract;
        Value product = arith::MulFOp::create(tb.b, tb.loc, tb.toF32(args[0]),
                                              tb.toF32(args[1]), fuse);
        return arith::AddFOp::create(tb.b, tb.loc, args[2], product, fuse);
      });
}

Value TileBuilder::conditional(Value condition, BranchFn then,
                               BranchFn otherwise) {
  auto branch = [](BranchFn build) {
    return [build](OpBuilder &nested, Location nestedLoc) {
      TileBuilder in(nested, nestedLoc);
      scf::YieldOp::create(nested, nestedLoc, build(in));
    };
  };
  return scf::IfOp::create(b, loc, condition, branch(then), branch(otherwise))
      .getResult(0);
}

SmallVector<Value> TileBuilder::loops(ArrayRef<Value> counts, ValueRange outs,
                                      bool sequential, LoopBody body) {
  if (sequential) {
    SmallVector<Value> lower(counts.size(), index(0));
    SmallVector<Value> step(counts.size(), index(1));
    scf::LoopNest nest = scf::buildLoopNest(
        b, loc, lower, counts, step, outs,
        [&](OpBuilder &nested, Location nestedLoc, ValueRange ivs,
            ValueRange args) -> scf::ValueVector {
          TileBuilder tb(nested, nestedLoc);
          scf::ValueVector results;
          for (auto [insertion, out] : llvm::zip(body(tb, ivs, args), args))
            results.push_back(tb.insert(insertion.tile, out, insertion.offsets,
                                        insertion.sizes));
          return results;
        });
    return SmallVector<Value>(nest.results.begin(), nest.results.end());
  }
  SmallVector<OpFoldResult> bounds = getAsOpFoldResult(counts);
  auto forall = scf::ForallOp::create(
      b, loc, bounds, outs, /*mapping=*/std::nullopt,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
        TileBuilder tb(nested, nestedLoc);
        ValueRange ivs = args.take_front(counts.size());
        ValueRange shared = args.drop_front(counts.size());
        SmallVector<TileInsertion> insertions = body(tb, ivs, shared);
        auto terminator = scf::InParallelOp::create(nested, nestedLoc);
        nested.setInsertionPointToStart(terminator.getBody());
        for (auto [insertion, out] : llvm::zip(insertions, shared)) {
          SmallVector<OpFoldResult> ones(insertion.offsets.size(),
                                         nested.getIndexAttr(1));
          tensor::ParallelInsertSliceOp::create(
              nested, nestedLoc, insertion.tile, out, insertion.offsets,
              insertion.sizes, ones);
        }
      });
  return SmallVector<Value>(forall.getResults());
}

bool mlir::nsa::isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ForallOp>() ||
         op->getParentOfType<scf::ParallelOp>();
}

int64_t mlir::nsa::chooseQueries(const LinalgTiling &tiling, int64_t heads,
                                 int64_t maxQueries, int64_t staticTq) {
  // queries * heads is a multiple of rowMultiple iff queries is one of `unit`.
  int64_t unit = tiling.rowMultiple / std::gcd(tiling.rowMultiple, heads);
  int64_t needed = llvm::divideCeil(tiling.rows, heads);
  int64_t queries = llvm::divideCeil(needed, unit) * unit;
  if (maxQueries > 0)
    queries = std::min(queries, maxQueries);
  if (!ShapedType::isDynamic(staticTq))
    queries = std::min(queries, std::max<int64_t>(staticTq, 1));
  return queries;
}

QueryTile mlir::nsa::makeQueryTile(TileBuilder &tb, Value q, ValueRange ivs,
                                   int64_t queries, int64_t heads) {
  QueryTile tile;
  tile.batch = ivs[0];
  tile.firstHead = tb.mul(ivs[1], heads);
  tile.firstQuery = tb.mul(ivs[2], queries);
  tile.numQueries =
      queries == 1
          ? tb.index(1)
          : tb.min(tb.index(queries), tb.sub(tb.dim(q, 1), tile.firstQuery));
  tile.queries = queries;
  tile.heads = heads;
  return tile;
}

Value mlir::nsa::packQueries(TileBuilder &tb, Value q, const QueryTile &tile,
                             double scale, RowOrder order) {
  int64_t size = cast<RankedTensorType>(q.getType()).getDimSize(3);
  OpFoldResult one = tb.attr(1), zero = tb.attr(0), dk = tb.attr(size);
  OpFoldResult heads = tb.attr(tile.heads);
  OpFoldResult valid = getAsOpFoldResult(tile.numQueries);
  Value source =
      tb.slice(q, {tile.batch, tile.firstQuery, tile.firstHead, zero},
               {one, valid, heads, dk}, {1, 2, 3});
  SmallVector<int64_t> shape{tile.heads, tile.queries, size};
  SmallVector<OpFoldResult> sizes{heads, valid, dk};
  SmallVector<int64_t> sourceMap{1, 0, 2};
  if (order == RowOrder::Query) {
    std::swap(shape[0], shape[1]);
    std::swap(sizes[0], sizes[1]);
    sourceMap = {0, 1, 2};
  }
  Value packed = tb.filled(shape, 0.0);
  SmallVector<OpFoldResult> origin(3, zero);
  Value dest = tb.slice(packed, origin, sizes, {0, 1, 2});
  dest = tb.generic(3, source, dest, {sourceMap, {0, 1, 2}},
                    [&](TileBuilder &body, ValueRange args) {
                      return body.mulF(body.toF32(args[0]), body.f32(scale));
                    });
  packed = tb.insert(dest, packed, origin, sizes);
  return tensor::CollapseShapeOp::create(
      tb.b, tb.loc, packed, ArrayRef<ReassociationIndices>{{0, 1}, {2}});
}

int64_t mlir::nsa::largestDivisor(int64_t value, int64_t most) {
  for (int64_t divisor = std::min(value, most); divisor > 1; --divisor)
    if (value % divisor == 0)
      return divisor;
  return 1;
}
