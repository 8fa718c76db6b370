//===- BlockRank.cpp - The order in which blocks are selected ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/BlockRank.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "nsa/Dialect/NSA/IR/Positions.h"

using namespace mlir;
using namespace mlir::nsa;

CandidateBlocks mlir::nsa::buildCandidateBlocks(OpBuilder &b, Location loc,
                                                SelectTopNOp op, Value position,
                                                Value kvLen, Value numBlocks) {
  ImplicitLocOpBuilder ib(loc, b);
  Value zero = arith::ConstantIndexOp::create(ib, 0);
  Value minusOne = arith::ConstantIndexOp::create(ib, -1);
  Value size = arith::ConstantIndexOp::create(ib, op.getSelectionBlock());
  Value limit = ib.createOrFold<arith::MaxSIOp>(
      buildLimit(b, loc, op.getCausal(), kvLen, position), zero);
  Value count = ib.createOrFold<arith::MinSIOp>(
      numBlocks, buildCeilDiv(b, loc, limit, size));
  // floor(position / size), also for a position before the first key.
  Value negative =
      arith::CmpIOp::create(ib, arith::CmpIPredicate::slt, position, zero);
  Value mirrored = ib.createOrFold<arith::DivUIOp>(
      ib.createOrFold<arith::SubIOp>(minusOne, position), size);
  Value below = ib.createOrFold<arith::SubIOp>(minusOne, mirrored);
  Value above = ib.createOrFold<arith::DivUIOp>(position, size);
  Value own = arith::SelectOp::create(ib, negative, below, above);
  return {own, count};
}

/// Whether `block` is one of the first `initial` or of the `local` ones up to
/// `own`.
static Value buildIsForced(ImplicitLocOpBuilder &ib, SelectTopNOp op, Value own,
                           Value block) {
  auto compare = [&](arith::CmpIPredicate predicate, Value l,
                     Value r) -> Value {
    return arith::CmpIOp::create(ib, predicate, l, r);
  };
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(ib, value);
  };
  Value initial =
      compare(arith::CmpIPredicate::slt, block, constant(op.getInitial()));
  if (op.getLocal() == 0)
    return initial;
  Value oldest = ib.createOrFold<arith::AddIOp>(
      own, constant(1 - static_cast<int64_t>(op.getLocal())));
  Value local = arith::AndIOp::create(
      ib, compare(arith::CmpIPredicate::sge, block, oldest),
      compare(arith::CmpIPredicate::sle, block, own));
  return arith::OrIOp::create(ib, initial, local);
}

Value mlir::nsa::buildBlockRank(OpBuilder &b, Location loc, SelectTopNOp op,
                                Value own, Value block, Value score) {
  ImplicitLocOpBuilder ib(loc, b);
  auto i32 = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(ib, ib.getI32IntegerAttr(value));
  };
  auto f32 = [&](double value) -> Value {
    return arith::ConstantOp::create(ib, ib.getF32FloatAttr(value));
  };
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return arith::SelectOp::create(ib, condition, yes, no);
  };
  // -0 + 0 is +0. Then the usual order-preserving map of floats to integers:
  // negative numbers have their magnitude bits flipped.
  Value plain = arith::AddFOp::create(ib, score, f32(0.0));
  Value bits = arith::BitcastOp::create(ib, ib.getI32Type(), plain);
  Value sign = arith::ShRSIOp::create(ib, bits, i32(31));
  Value flip =
      arith::AndIOp::create(ib, sign, i32(std::numeric_limits<int32_t>::max()));
  Value rank = arith::XOrIOp::create(ib, bits, flip);
  Value nan =
      arith::CmpFOp::create(ib, arith::CmpFPredicate::UNO, score, score);
  rank = select(nan, i32(kNaNRank), rank);
  Value never =
      arith::CmpFOp::create(ib, arith::CmpFPredicate::OEQ, score,
                            f32(-std::numeric_limits<double>::infinity()));
  rank = select(never, i32(kNeverRank), rank);
  return select(buildIsForced(ib, op, own, block), i32(kForcedRank), rank);
}
