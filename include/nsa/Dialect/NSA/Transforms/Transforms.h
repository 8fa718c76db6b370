//===- Transforms.h - What passes and transform ops share -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The transformations of single ops of the dialect, for whoever decides where
// they are applied: passes, transform scripts, other compilers.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_TRANSFORMS_H
#define NSA_DIALECT_NSA_TRANSFORMS_TRANSFORMS_H

#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/CostModel.h"

namespace mlir {
class RewriterBase;
} // namespace mlir

namespace mlir::nsa {

/// Builds the branch ops that define `op` before it and returns what replaces
/// its results; `op` stays. The branch ops are appended to `branches`: compress
/// (keys, values), compressed_attention, block_scores, select_top_n,
/// selected_attention, window_attention, gate.
SmallVector<Value>
decomposeAttention(AttentionOp op, RewriterBase &rewriter,
                   SmallVectorImpl<Operation *> *branches = nullptr);

/// Why ops are not fused.
struct FusionRefusal {
  /// A word for remarks ("shared-scores").
  StringRef name;
  /// "its scores have 2 uses"
  std::string reason;
  /// What the user can do.
  std::string suggestion;
};

/// Puts `select`, the block_scores that it reads and the compressed_attention
/// whose lse those take into a `selection` fusion. The ops are moved, not
/// copied. Fails with `refusal` if no kernel serves that; nothing is changed
/// then.
FailureOr<FusionOp> formSelectionFusion(SelectTopNOp select,
                                        RewriterBase &rewriter,
                                        FusionRefusal &refusal);

/// The same for `gate` and its second and third branch, selected_attention and
/// window_attention: a `gated` fusion.
FailureOr<FusionOp> formGatedFusion(GateOp gate, RewriterBase &rewriter,
                                    FusionRefusal &refusal);

/// What a schedule shall have. 0, or no family: anything.
struct ScheduleRequest {
  std::optional<ScheduleFamily> family;
  int64_t queries = 0, keys = 0, rowWarps = 0, keyWarps = 0, stages = 0;

  bool hasNumbers() const {
    return queries || keys || rowWarps || keyWarps || stages;
  }
  /// Whether nothing is left to choose.
  bool isComplete() const {
    return family && (!ScheduleAttr::hasTiles(*family) ||
                      (queries && keys && rowWarps && keyWarps && stages));
  }
};

/// The fastest schedule of `ranked` that has what is asked for; `plain` if
/// nothing is asked for and `ranked` is empty. If none has it, the numbers
/// asked for replace those of the one that has most of them, and the result
/// need not be legal. Reports numbers that no schedule can have.
FailureOr<ScheduleAttr>
completeSchedule(Operation *op, const ScheduleRequest &request,
                 ArrayRef<Plan> ranked,
                 function_ref<InFlightDiagnostic()> emitError);

/// The chip whose limits hold for `op`: the one with the least shared memory of
/// those that `nsa.targets` names on it or around it, else `otherwise`.
std::string getScheduleChip(Operation *op, StringRef otherwise);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_TRANSFORMS_H
