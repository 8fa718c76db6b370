//===- SoftmaxTile.cpp - Online softmax over tiles of keys ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// arXiv 2205.14135, with powers of 2.
//
//===----------------------------------------------------------------------===//

#include "SoftmaxTile.h"

#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

double mlir::nsa::getQueryFactor(double scoreScale) {
  return scoreScale * llvm::numbers::log2e;
}

Softmax mlir::nsa::buildInitialSoftmax(TileBuilder &tb,
                                       const TileSizes &sizes) {
  return {tb.filled({sizes.rows()}, -kInfinity), tb.filled({sizes.rows()}, 0.0),
          tb.filled(sizes.shape(sizes.dv), 0.0)};
}

Value mlir::nsa::buildScores(TileBuilder &tb, const TileSizes &sizes,
                             Value queries, Value keys, Value dest) {
  Value zeros = tb.fill(dest, 0.0);
  return sizes.keysInner ? tb.contract(queries, keys, zeros)
                         : tb.contract(keys, queries, zeros);
}

Value mlir::nsa::buildMaskedScores(TileBuilder &tb, const TileSizes &sizes,
                                   Value scores, Value begins, Value ends,
                                   KeyRange range) {
  Type i32 = tb.b.getI32Type();
  Value first = arith::IndexCastOp::create(tb.b, tb.loc, i32, range.begin);
  Value count = arith::IndexCastOp::create(tb.b, tb.loc, i32,
                                           tb.sub(range.end, range.begin));
  int64_t row = sizes.rowIterator(), other = sizes.otherIterator();
  return tb.generic(
      2, {begins, ends}, scores, {{row}, {row}, {0, 1}},
      [&](TileBuilder &body, ValueRange args) -> Value {
        using Predicate = arith::CmpIPredicate;
        Value offset = arith::IndexCastOp::create(body.b, body.loc, i32,
                                                  body.iterator(other));
        Value key = arith::AddIOp::create(body.b, body.loc, first, offset);
        // What the tile has beyond the range lies before everybody's keys.
        Value exists = body.compare(Predicate::slt, offset, count);
        key = body.select(exists, key, body.i32(-1));
        Value above = body.compare(Predicate::sge, key, args[0]);
        Value below = body.compare(Predicate::slt, key, args[1]);
        Value visible = arith::AndIOp::create(body.b, body.loc, above, below);
        return body.select(visible, args[2], body.f32(-kInfinity));
      });
}

Softmax mlir::nsa::buildSoftmaxStep(
    TileBuilder &tb, const TileSizes &sizes, Value scores,
    const Softmax &carried,
    function_ref<Value(TileBuilder &, Value probabilities, Value out)>
        addValues) {
  int64_t rows = sizes.rows(), row = sizes.rowIterator();
  auto emptyRows = [&] {
    return tb.empty(ArrayRef<int64_t>{rows}, tb.b.getF32Type());
  };

  // The maximum so far is updated in place only after the correction, which
  // needs it, has been computed: the loop then keeps one buffer for it. A NaN
  // need not show in the maximum, as it makes the sum NaN.
  auto maximum = [](TileBuilder &body, ValueRange args) {
    return body.maxUnlessNaN(args[0], args[1]);
  };
  Value newMax = tb.generic(2, scores, tb.filled({rows}, -kInfinity),
                            {{0, 1}, {row}}, maximum);
  newMax = tb.generic(1, carried.max, newMax, {{0}, {0}}, maximum);
  // Where nothing has been seen yet the maximum is -inf, and -inf - -inf is
  // NaN; any finite number serves as the reference there.
  Value reference =
      tb.generic(1, newMax, emptyRows(), {{0}, {0}},
                 [](TileBuilder &body, ValueRange args) {
                   Value none = body.isEqual(args[0], body.f32(-kInfinity));
                   return body.select(none, body.f32(0.0), args[0]);
                 });
  Value correction =
      tb.generic(1, {carried.max, reference}, emptyRows(), {{0}, {0}, {0}},
                 [](TileBuilder &body, ValueRange args) {
                   return body.exp2OfNonPositive(body.subF(args[0], args[1]));
                 });
  Value probabilities =
      tb.generic(2, reference, scores, {{row}, {0, 1}},
                 [](TileBuilder &body, ValueRange args) {
                   return body.exp2OfNonPositive(body.subF(args[1], args[0]));
                 });

  auto scale = [](TileBuilder &body, ValueRange args) {
    return body.mulF(args[0], args[1]);
  };
  Value sum = tb.generic(1, correction, carried.sum, {{0}, {0}}, scale);
  sum = tb.generic(2, probabilities, sum, {{0, 1}, {row}},
                   [](TileBuilder &body, ValueRange args) {
                     return body.addF(args[0], args[1]);
                   });
  Value out = tb.generic(2, correction, carried.out, {{row}, {0, 1}}, scale);
  out = addValues(tb, probabilities, out);
  Value max = tb.generic(1, newMax, carried.max, {{0}, {0}}, maximum);
  return {max, sum, out};
}

Value mlir::nsa::buildWeightedSum(TileBuilder &tb, const TileSizes &sizes,
                                  Value probabilities, Value values,
                                  Value out) {
  return sizes.keysInner ? tb.contract(probabilities, values, out)
                         : tb.contract(values, probabilities, out,
                                       /*lhsTransposed=*/true);
}

std::pair<Value, Value> mlir::nsa::buildNormalised(TileBuilder &tb,
                                                   const TileSizes &sizes,
                                                   const Softmax &softmax) {
  auto emptyRows = [&] {
    return tb.empty(ArrayRef<int64_t>{sizes.rows()}, tb.b.getF32Type());
  };
  // A row that saw no key has sum 0.
  auto isEmpty = [](TileBuilder &body, Value sum) {
    return body.isEqual(sum, body.f32(0.0));
  };
  Value inverse = tb.generic(1, softmax.sum, emptyRows(), {{0}, {0}},
                             [&](TileBuilder &body, ValueRange args) {
                               Value value = body.divF(body.f32(1.0), args[0]);
                               return body.select(isEmpty(body, args[0]),
                                                  body.f32(0.0), value);
                             });
  Value lse = tb.generic(
      1, {softmax.max, softmax.sum}, emptyRows(), {{0}, {0}, {0}},
      [&](TileBuilder &body, ValueRange args) {
        Value max = body.mulF(args[0], body.f32(llvm::numbers::ln2));
        Value value = body.addF(max, body.log(args[1]));
        return body.select(isEmpty(body, args[1]), body.f32(-kInfinity), value);
      });
  Value out =
      tb.generic(2, inverse, softmax.out, {{sizes.rowIterator()}, {0, 1}},
                 [](TileBuilder &body, ValueRange args) {
                   return body.mulF(args[0], args[1]);
                 });
  if (!sizes.keysInner)
    out = tb.transposed(out);
  return {out, lse};
}
