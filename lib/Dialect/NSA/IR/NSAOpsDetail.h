//===- NSAOpsDetail.h - What the sources of the ops share -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to this directory.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_DIALECT_NSA_IR_NSAOPSDETAIL_H
#define NSA_LIB_DIALECT_NSA_IR_NSAOPSDETAIL_H

#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa::detail {

/// Largest value of an integer attribute: what fits lengths and lists of i32.
constexpr int64_t kLargestSize = std::numeric_limits<int32_t>::max();

inline bool isLegalSize(int64_t size) {
  return size >= 1 && size <= kLargestSize;
}

/// The static extent of a dimension, kDynamic also for what is not ranked.
inline int64_t extentOf(Value value, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && dim < type.getRank() ? type.getDimSize(dim)
                                      : ShapedType::kDynamic;
}

inline unsigned getNumPhiParams(Phi phi) {
  switch (phi) {
  case Phi::Mean:
    return 0;
  case Phi::Weighted:
  case Phi::Linear:
    return 1;
  case Phi::MLP:
    return 4;
  }
  llvm_unreachable("unknown phi");
}

/// Version of the dialect that bytecode is written in, and the newest one that
/// is read. docs/Interfaces.md says what raises it.
constexpr uint64_t kBytecodeVersion = 1;

/// Called when the dialect is made.
void addBytecodeInterface(NSADialect *dialect);

} // namespace mlir::nsa::detail

#endif // NSA_LIB_DIALECT_NSA_IR_NSAOPSDETAIL_H
