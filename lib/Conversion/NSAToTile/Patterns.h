//===- Patterns.h - The patterns of tile kernels ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lowerings to tensor-core kernels share: who is lowered how, and the
// choice at run time between a kernel and the plain path.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOTILE_PATTERNS_H
#define NSA_LIB_CONVERSION_NSATOTILE_PATTERNS_H

#include "TileKernelBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include <functional>
#include <optional>

namespace mlir::nsa {

/// The shape of an op's tiles; none where the op takes the plain path.
using ScheduleSource = std::function<std::optional<TileShape>(Operation *)>;

/// Replaces `op` by an `scf.if`: where the rows of `operands` are aligned, what
/// `emit` returns for their buffers, else the op itself, for the plain path.
void emitVersions(
    PatternRewriter &rewriter, Operation *op, ValueRange operands,
    function_ref<SmallVector<Value>(TileKernelBuilder &, ValueRange buffers)>
        emit);

/// Moves what the body of `fusion` casts before it, so that the operands of its
/// members all come from outside.
void hoistCasts(PatternRewriter &rewriter, FusionOp fusion);

void populateAttentionToTilePatterns(RewritePatternSet &patterns,
                                     ScheduleSource schedules);
/// `gated` fusions.
void populateGatedToTilePatterns(RewritePatternSet &patterns,
                                 ScheduleSource schedules);
/// `selection` fusions.
void populateSelectionToTilePatterns(RewritePatternSet &patterns,
                                     ScheduleSource schedules);
/// compress, gate and merge that are scheduled as `vector`.
void populateVectorToTilePatterns(RewritePatternSet &patterns);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOTILE_PATTERNS_H
