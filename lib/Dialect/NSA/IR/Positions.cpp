//===- Positions.cpp - Positions of queries and extents of keys -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits index arithmetic for q_offset, kv_len and limits. Divisions are
// unsigned, of values clamped to be non-negative: cheaper, and right in every
// lowering.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/Positions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

static Value constantIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value mlir::nsa::buildPosition(OpBuilder &b, Location loc, Value operand,
                               Value batch) {
  if (operand.getType().isIndex())
    return operand;
  Value element = tensor::ExtractOp::create(b, loc, operand, batch);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), element);
}

Value mlir::nsa::buildQueryOffset(OpBuilder &b, Location loc, Value operand,
                                  Value batch, Value queries, Value keys) {
  if (operand)
    return buildPosition(b, loc, operand, batch);
  if (!keys)
    return constantIndex(b, loc, 0);
  Value tk = b.createOrFold<tensor::DimOp>(loc, keys, 1);
  Value tq = b.createOrFold<tensor::DimOp>(loc, queries, 1);
  return b.createOrFold<arith::SubIOp>(loc, tk, tq);
}

Value mlir::nsa::buildKeyExtent(OpBuilder &b, Location loc, Value operand,
                                Value batch, Value stored) {
  if (!operand)
    return stored;
  Value length = buildPosition(b, loc, operand, batch);
  Value clamped =
      b.createOrFold<arith::MaxSIOp>(loc, length, constantIndex(b, loc, 0));
  return b.createOrFold<arith::MinSIOp>(loc, clamped, stored);
}

Value mlir::nsa::buildLimit(OpBuilder &b, Location loc, bool causal,
                            Value extent, Value position) {
  if (!causal)
    return extent;
  Value next =
      b.createOrFold<arith::AddIOp>(loc, position, constantIndex(b, loc, 1));
  return b.createOrFold<arith::MinSIOp>(loc, extent, next);
}

Value mlir::nsa::buildVisibleBlocks(OpBuilder &b, Location loc, Value limit,
                                    int64_t block, int64_t stride) {
  // (limit - block) / stride + 1 = (limit - block + stride) / stride, and the
  // right side is also right (0) for every limit < block once clamped.
  Value shifted = b.createOrFold<arith::AddIOp>(
      loc, limit, constantIndex(b, loc, stride - block));
  Value clamped =
      b.createOrFold<arith::MaxSIOp>(loc, shifted, constantIndex(b, loc, 0));
  return b.createOrFold<arith::DivUIOp>(loc, clamped,
                                        constantIndex(b, loc, stride));
}

Value mlir::nsa::buildCeilDiv(OpBuilder &b, Location loc, Value value,
                              Value divisor) {
  Value one = constantIndex(b, loc, 1);
  Value biased = b.createOrFold<arith::AddIOp>(
      loc, value, b.createOrFold<arith::SubIOp>(loc, divisor, one));
  return b.createOrFold<arith::DivUIOp>(loc, biased, divisor);
}

Value mlir::nsa::buildMovedPosition(OpBuilder &b, Location loc, Value operand,
                                    OpFoldResult delta,
                                    std::optional<int64_t> least) {
  if (isConstantIntValue(delta, 0))
    return operand;
  Value shift = getValueOrCreateConstantIndexOp(b, loc, delta);
  if (operand.getType().isIndex()) {
    Value moved = b.createOrFold<arith::AddIOp>(loc, operand, shift);
    if (!least)
      return moved;
    return b.createOrFold<arith::MaxSIOp>(
        loc, moved, arith::ConstantIndexOp::create(b, loc, *least));
  }
  // Beyond every key, one position is as good as another; a sum that wraps
  // would not be beyond.
  constexpr int64_t first = std::numeric_limits<int32_t>::min();
  constexpr int64_t last = std::numeric_limits<int32_t>::max();
  Type i64 = b.getI64Type(), i32 = b.getI32Type();
  Value shift64 = arith::IndexCastOp::create(b, loc, i64, shift);
  Value low = arith::ConstantIntOp::create(b, loc, i64, least.value_or(first));
  Value high = arith::ConstantIntOp::create(b, loc, i64, last);
  auto type = cast<RankedTensorType>(operand.getType());
  Value init = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, operand), i32);
  AffineMap identity = b.getMultiDimIdentityMap(1);
  return linalg::GenericOp::create(
             b, loc, type, operand, init,
             ArrayRef<AffineMap>{identity, identity},
             ArrayRef<utils::IteratorType>{utils::IteratorType::parallel},
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value wide = arith::ExtSIOp::create(b, loc, i64, args[0]);
               Value sum = arith::AddIOp::create(b, loc, wide, shift64);
               sum = arith::MaxSIOp::create(b, loc, sum, low);
               sum = arith::MinSIOp::create(b, loc, sum, high);
               linalg::YieldOp::create(
                   b, loc, Value(arith::TruncIOp::create(b, loc, i32, sum)));
             })
      .getResult(0);
}
