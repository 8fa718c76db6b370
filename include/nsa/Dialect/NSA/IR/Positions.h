//===- Positions.h - Positions of queries and extents of keys ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders for the position operands that the ops share: where a query stands
// among the keys, how many keys exist, and how far a row may look.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_POSITIONS_H
#define NSA_DIALECT_NSA_IR_POSITIONS_H

#include "mlir/IR/Builders.h"

namespace mlir::nsa {

/// Larger than any position, small enough that sums of a few do not overflow.
constexpr int64_t kUnboundedPosition = int64_t(1) << 62;

/// Emits the value of a position operand (`index` or `i32[B]`) for batch entry
/// `batch`, as `index`.
Value buildPosition(OpBuilder &b, Location loc, Value operand, Value batch);

/// Emits a position operand (`index` or `i32[B]`) moved by `delta`, at least
/// `least` if that is given. Values of i32 saturate.
Value buildMovedPosition(OpBuilder &b, Location loc, Value operand,
                         OpFoldResult delta,
                         std::optional<int64_t> least = std::nullopt);

/// Emits `q_offset` for `batch`; `Tk - Tq` of the given tensors when absent,
/// 0 when absent and `keys` is null (nobody reads it then).
Value buildQueryOffset(OpBuilder &b, Location loc, Value operand, Value batch,
                       Value queries, Value keys);

/// Emits `kv_len` for `batch`, clamped to `[0, stored]`; `stored` when absent.
Value buildKeyExtent(OpBuilder &b, Location loc, Value operand, Value batch,
                     Value stored);

/// Emits `limit(t)`: `causal ? min(extent, position + 1) : extent`.
Value buildLimit(OpBuilder &b, Location loc, bool causal, Value extent,
                 Value position);

/// Emits how many compressed blocks end before `limit`:
/// `limit < block ? 0 : (limit - block) / stride + 1`.
Value buildVisibleBlocks(OpBuilder &b, Location loc, Value limit, int64_t block,
                         int64_t stride);

/// Emits `ceil(value / divisor)` of a non-negative index.
Value buildCeilDiv(OpBuilder &b, Location loc, Value value, Value divisor);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_POSITIONS_H
