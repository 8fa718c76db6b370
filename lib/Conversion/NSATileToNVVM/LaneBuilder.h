//===- LaneBuilder.h - The code of one lane ---------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the patterns of this conversion share: the lane's place in its warp, i32
// arithmetic, pairs of elements, and regions that are inlined.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATILETONVVM_LANEBUILDER_H
#define NSA_LIB_CONVERSION_NSATILETONVVM_LANEBUILDER_H

#include "nsa/Conversion/NSATileToNVVM/NSATileToNVVM.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"

namespace mlir::nsa {

/// What `region` yields for `arguments`; its ops are copied to where `builder`
/// is.
SmallVector<Value> inlineRegion(OpBuilder &builder, Region &region,
                                ValueRange arguments);

class LaneBuilder {
public:
  LaneBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  template <typename OpT, typename... Args> auto create(Args &&...args) {
    return OpT::create(builder, loc, std::forward<Args>(args)...);
  }

  Value constant(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value mul(Value a, int64_t b);
  Value bitXor(Value a, Value b);
  Value bitXor(Value a, int64_t b);
  /// `b` is a power of two, and `a` is not negative.
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);

  Value getLane();
  Value getWarp();
  /// The row of the lane's elements in every 8: `lane / 4`.
  Value getGroup() { return div(getLane(), 4); }
  /// The first column of the lane's elements in every 8: `2 * (lane % 4)`.
  Value getFirstColumn() { return mul(rem(getLane(), 4), 2); }

  /// Two f32 as elements of `type` (f16 or bf16) in an i32, `first` in the
  /// lower half.
  Value roundPair(Value first, Value second, Type type);
  /// `pointer` moved by bytes.
  Value advance(Value pointer, Value bytes);
  Value advance(Value pointer, int64_t bytes);
  /// The elements of a struct of `count` values.
  SmallVector<Value> unpack(Value packed, unsigned count);

  OpBuilder &builder;
  Location loc;
};

/// Whether `value` is a constant, and which.
std::optional<int64_t> getConstant(Value value);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATILETONVVM_LANEBUILDER_H
