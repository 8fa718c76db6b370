//===- Decomposition.h - nsa.attention by its branches ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that says what nsa.attention is made of, for its
// AggregatedOpInterface, the pass nsa-decompose, and whoever wants the parts.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_DECOMPOSITION_H
#define NSA_DIALECT_NSA_IR_DECOMPOSITION_H

#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

/// Emits, before `op`, the ops that it is made of, and returns values of the
/// types of its results. Leaves `op` as it is. To `parts`, if given, it appends
/// compress (keys), compress (values), compressed_attention, block_scores,
/// select_top_n, selected_attention, window_attention and gate.
SmallVector<Value>
decomposeAttention(AttentionOp op, OpBuilder &b,
                   SmallVectorImpl<Operation *> *parts = nullptr);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_DECOMPOSITION_H
