//===- ScalarBuilder.h - Scalar arithmetic of the lowerings -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lowerings to linalg and to GPU kernels emit alike: index arithmetic
// that folds as it goes, conversions to and from f32, and the scalar functions
// of the ops.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_UTILS_SCALARBUILDER_H
#define NSA_CONVERSION_UTILS_SCALARBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

/// An OpBuilder with a location. Positions and sizes are `index`. `mathFlags`
/// go on exponentials and logarithms.
class ScalarBuilder {
public:
  ScalarBuilder(OpBuilder &b, Location loc,
                arith::FastMathFlags mathFlags = arith::FastMathFlags::none)
      : b(b), loc(loc), mathFlags(mathFlags) {}

  OpBuilder &b;
  Location loc;
  arith::FastMathFlags mathFlags;

  Value index(int64_t value);
  Value i32(int32_t value);
  Value f32(double value);
  Value add(Value l, Value r);
  Value sub(Value l, Value r);
  Value mul(Value l, Value r);
  Value min(Value l, Value r);
  Value max(Value l, Value r);
  Value add(Value l, int64_t r) { return add(l, index(r)); }
  Value mul(Value l, int64_t r) { return mul(l, index(r)); }
  Value div(Value l, int64_t r);     ///< of a non-negative value
  Value ceilDiv(Value l, int64_t r); ///< of a non-negative value

  Value compare(arith::CmpIPredicate predicate, Value l, Value r);
  Value select(Value condition, Value yes, Value no);
  /// Ordered equality: false where one is NaN.
  Value isEqual(Value l, Value r);
  /// `l op r` of f32.
  Value addF(Value l, Value r);
  Value subF(Value l, Value r);
  Value mulF(Value l, Value r);
  Value divF(Value l, Value r);
  /// `x * y + z`, which may be fused: one rounding less, and one instruction
  /// where the target has it.
  Value mulAdd(Value x, Value y, Value z);
  /// NaN if one is NaN.
  Value maxF(Value l, Value r);
  /// The greater of `x` and `acc`, and `acc` if one is NaN: one instruction on
  /// x86, where maxF takes three. For maxima that are only subtracted again.
  Value maxUnlessNaN(Value x, Value acc);
  Value exp(Value x);
  Value exp2(Value x);
  /// `2^x` of an f32 `x <= 0` by arithmetic alone, so that it becomes vector
  /// code without another pass: half the instructions of the general function.
  /// Relative error below 2e-7; 0 below -126.5 (-inf included); NaN of NaN.
  Value exp2OfNonPositive(Value x);
  /// The same of any `x`, with one instruction more at either end: 0 below
  /// -125.5, inf from 128 on.
  Value exp2Flushed(Value x);
  Value log(Value x);
  Value log2(Value x);

  /// An element of f32, f16 or bf16 as f32, and back.
  Value toF32(Value element);
  Value fromF32(Value element, Type type);
  /// `1 / (1 + exp(-x))` of an f32.
  Value sigmoid(Value x);
  /// The activation of an mlp of `nsa.compress`, of an f32.
  Value activate(Activation activation, Value x);

private:
  Value exp2Scaled(Value x, int64_t least, int64_t bias);
};

} // namespace mlir::nsa

#endif // NSA_CONVERSION_UTILS_SCALARBUILDER_H
