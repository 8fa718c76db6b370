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
#include "mlir/Dialect/Tensor/IR/Tensor.h"

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
