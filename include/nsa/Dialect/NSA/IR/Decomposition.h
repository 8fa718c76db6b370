//===- Decomposition.h - nsa.attention by its branches ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_DECOMPOSITION_H
#define NSA_DIALECT_NSA_IR_DECOMPOSITION_H

#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

/// Builds the branch ops that define `op` before it and returns what replaces
/// its results; `op` stays. The branch ops are appended to `branches`: compress
/// (keys, values), compressed_attention, block_scores, select_top_n,
/// selected_attention, window_attention, gate.
SmallVector<Value>
decomposeAttention(AttentionOp op, OpBuilder &b,
                   SmallVectorImpl<Operation *> *branches = nullptr);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_DECOMPOSITION_H
