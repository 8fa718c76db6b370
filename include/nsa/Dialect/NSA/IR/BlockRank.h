//===- BlockRank.h - The order in which blocks are selected -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builders for the ranking of `nsa.select_top_n`: scores as integers that order
// like the contract (docs/Spec.md): forced blocks above every number, NaN below
// all of them, and a value for what is never selected.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_BLOCKRANK_H
#define NSA_DIALECT_NSA_IR_BLOCKRANK_H

#include "nsa/Dialect/NSA/IR/NSA.h"
#include <limits>

namespace mlir::nsa {

/// Ranks, as i32: forced > any number > NaN > never selected.
constexpr int32_t kForcedRank = std::numeric_limits<int32_t>::max();
constexpr int32_t kNaNRank = std::numeric_limits<int32_t>::min() + 1;
constexpr int32_t kNeverRank = std::numeric_limits<int32_t>::min();

/// What is known of a row: its own block, and how many blocks are candidates.
struct CandidateBlocks {
  Value own;   ///< index; floor(position / selection_block)
  Value count; ///< index; blocks j < count are candidates
};

/// Emits the candidates of the row at `position` among `numBlocks` blocks.
CandidateBlocks buildCandidateBlocks(OpBuilder &b, Location loc,
                                     SelectTopNOp op, Value position,
                                     Value kvLen, Value numBlocks);

/// Emits the i32 rank of `block` (index) with the f32 `score`.
Value buildBlockRank(OpBuilder &b, Location loc, SelectTopNOp op, Value own,
                     Value block, Value score);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_BLOCKRANK_H
