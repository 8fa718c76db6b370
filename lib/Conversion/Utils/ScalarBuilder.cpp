//===- ScalarBuilder.cpp - Scalar arithmetic of the lowerings ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/Utils/ScalarBuilder.h"

#include "nsa/Conversion/Utils/Exp2.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;

Value ScalarBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}
Value ScalarBuilder::i32(int32_t value) {
  return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
}
Value ScalarBuilder::f32(double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}
Value ScalarBuilder::add(Value l, Value r) {
  return b.createOrFold<arith::AddIOp>(loc, l, r);
}
Value ScalarBuilder::sub(Value l, Value r) {
  return b.createOrFold<arith::SubIOp>(loc, l, r);
}
Value ScalarBuilder::mul(Value l, Value r) {
  return b.createOrFold<arith::MulIOp>(loc, l, r);
}
Value ScalarBuilder::min(Value l, Value r) {
  return b.createOrFold<arith::MinSIOp>(loc, l, r);
}
Value ScalarBuilder::max(Value l, Value r) {
  return b.createOrFold<arith::MaxSIOp>(loc, l, r);
}
Value ScalarBuilder::div(Value l, int64_t r) {
  return b.createOrFold<arith::DivUIOp>(loc, l, index(r));
}
Value ScalarBuilder::ceilDiv(Value l, int64_t r) {
  return buildCeilDiv(b, loc, l, index(r));
}

Value ScalarBuilder::compare(arith::CmpIPredicate predicate, Value l, Value r) {
  return arith::CmpIOp::create(b, loc, predicate, l, r);
}
Value ScalarBuilder::select(Value condition, Value yes, Value no) {
  return arith::SelectOp::create(b, loc, condition, yes, no);
}
Value ScalarBuilder::isEqual(Value l, Value r) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, l, r);
}
Value ScalarBuilder::addF(Value l, Value r) {
  return arith::AddFOp::create(b, loc, l, r);
}
Value ScalarBuilder::subF(Value l, Value r) {
  return arith::SubFOp::create(b, loc, l, r);
}
Value ScalarBuilder::mulF(Value l, Value r) {
  return arith::MulFOp::create(b, loc, l, r);
}
Value ScalarBuilder::divF(Value l, Value r) {
  return arith::DivFOp::create(b, loc, l, r);
}
Value ScalarBuilder::mulAdd(Value x, Value y, Value z) {
  auto fuse = arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(b, loc, x, y, fuse);
  return arith::AddFOp::create(b, loc, z, product, fuse);
}
Value ScalarBuilder::maxF(Value l, Value r) {
  return arith::MaximumFOp::create(b, loc, l, r);
}
Value ScalarBuilder::maxUnlessNaN(Value x, Value acc) {
  Value greater =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, acc);
  return select(greater, x, acc);
}
Value ScalarBuilder::exp(Value x) {
  return math::ExpOp::create(b, loc, x, mathFlags);
}
Value ScalarBuilder::exp2(Value x) {
  return math::Exp2Op::create(b, loc, x, mathFlags);
}
/// `2^(max(x, least) + bias - 127)` for results that are 0 or normal: 2^n * 2^f
/// with n = round(x), |f| <= 1/2. NaN of NaN.
Value ScalarBuilder::exp2Scaled(Value x, int64_t least, int64_t bias) {
  auto greater = [&](Value l, Value r) -> Value {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, l, r);
  };
  Value bound = f32(least);
  x = select(greater(bound, x), bound, x);
  // Adding 1.5 * 2^23 + bias rounds to an integer and leaves n + bias, the
  // biased exponent of the result, in the low bits; the shift drops the others.
  Value magic = f32(12582912.0 + bias);
  Value shifted = addF(x, magic);
  Value fraction = subF(x, subF(shifted, magic));
  Value power = f32(kExp2Coefficients.back());
  for (double coefficient : llvm::reverse(llvm::drop_end(kExp2Coefficients)))
    power = mulAdd(power, fraction, f32(coefficient));
  Value bits = arith::BitcastOp::create(b, loc, b.getI32Type(), shifted);
  bits = arith::ShLIOp::create(b, loc, bits, i32(23));
  Value scale = arith::BitcastOp::create(b, loc, b.getF32Type(), bits);
  return mulF(power, scale);
}
Value ScalarBuilder::exp2OfNonPositive(Value x) {
  // n = -127 has the biased exponent 0, which is the number 0.
  return exp2Scaled(x, /*least=*/-127, /*bias=*/127);
}
Value ScalarBuilder::exp2Flushed(Value x) {
  // Half the result, as 2^128 has no exponent: n = 129 makes it infinite.
  Value most = f32(129);
  Value above =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, most);
  Value half = exp2Scaled(select(above, most, x), /*least=*/-126,
                          /*bias=*/126);
  return mulF(half, f32(2));
}
Value ScalarBuilder::log(Value x) {
  return math::LogOp::create(b, loc, x, mathFlags);
}
Value ScalarBuilder::log2(Value x) {
  return math::Log2Op::create(b, loc, x, mathFlags);
}

Value ScalarBuilder::toF32(Value element) {
  if (element.getType().isF32())
    return element;
  return arith::ExtFOp::create(b, loc, b.getF32Type(), element);
}
Value ScalarBuilder::fromF32(Value element, Type type) {
  if (type.isF32())
    return element;
  return arith::TruncFOp::create(b, loc, type, element);
}

Value ScalarBuilder::sigmoid(Value x) {
  Value negated = arith::NegFOp::create(b, loc, x);
  return divF(f32(1), addF(exp(negated), f32(1)));
}

Value ScalarBuilder::activate(Activation activation, Value x) {
  switch (activation) {
  case Activation::GELU: {
    // x/2 * (1 + erf(x / sqrt(2)))
    Value erf = math::ErfOp::create(b, loc, mulF(x, f32(M_SQRT1_2)));
    return mulF(mulF(x, f32(0.5)), addF(erf, f32(1)));
  }
  case Activation::SiLU:
    return mulF(x, sigmoid(x));
  case Activation::ReLU:
    return maxF(x, f32(0));
  }
  llvm_unreachable("unknown activation");
}
