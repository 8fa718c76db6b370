//===- Fusion.h - Taking fusions apart --------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nsa.fusion says what is run as one kernel, not what is computed: whoever has
// no such kernel takes the ops out of it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_FUSION_H
#define NSA_DIALECT_NSA_IR_FUSION_H

#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir {
class RewriterBase;
} // namespace mlir

namespace mlir::nsa {

/// Puts the ops of `fusion` in its place. Its schedule is dropped: it was none
/// of theirs.
void inlineFusion(RewriterBase &rewriter, FusionOp fusion);

/// Takes every fusion under `root` apart.
void inlineFusions(Operation *root);

/// The value before casts that change only what is known of its type.
Value lookThroughCasts(Value value);

/// Why the two ops cannot share a kernel, in words ("they differ in scale"):
/// positions, masks, scales and block sizes must agree where both have them.
/// Empty if they agree.
std::string describeDisagreement(Operation *first, Operation *second);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_FUSION_H
