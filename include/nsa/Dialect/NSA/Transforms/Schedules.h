//===- Schedules.h - Which schedules an op can have -------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the kernels on tensor cores serve, what a schedule costs in shared
// memory, and which schedules an op may have on a chip. Whoever makes kernels
// of schedules asks here, so that what is chosen can be made.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_SCHEDULES_H
#define NSA_DIALECT_NSA_TRANSFORMS_SCHEDULES_H

#include "nsa/Dialect/NSA/IR/Schedule.h"
#include "nsa/Dialect/NSA/Transforms/ChipFacts.h"

namespace mlir::nsa {

/// The sizes of an attention op, or of a fusion, that its tiles depend on.
struct TileProblem {
  int64_t heads, kvHeads;
  /// Dk and Dv.
  int64_t keySize, valueSize;
  /// Block of the lists, 0 without lists, and their width: kDynamic if unknown.
  int64_t selectionBlock = 0, listWidth = 0;
  /// Compressed keys that begin in a selection block, where the op selects.
  int64_t keysPerBlock = 1;
  /// The op makes scores and lists, or a gated sum.
  bool selects = false, gates = false;

  int64_t getHeadsPerGroup() const { return heads / kvHeads; }
};

/// None for ops whose kernels have no tiles.
std::optional<TileProblem> getTileProblem(Operation *op);

/// Whether kernels other than plain ones serve the op or fusion; if not, `why`
/// says it in words that complete "tensor cores do not serve it: ".
bool supportsTensorCores(Operation *op, std::string &why);

/// The same for an op that may become part of a fusion; empty if kernels serve
/// it there.
std::string describeFusionLack(Operation *op);

/// Shared memory of a thread block, in bytes, by what it holds.
struct SharedMemory {
  int64_t queries = 0;
  /// Key and value tiles; what the key warps merge through takes their place
  /// at the end.
  int64_t stages = 0, merge = 0;
  /// The union of the lists.
  int64_t unionList = 0;
  /// Probabilities of a key tile, and the best blocks so far.
  int64_t probabilities = 0, topN = 0;
  /// The gated sum so far.
  int64_t gated = 0;

  int64_t getTotal() const {
    return queries + std::max(stages, merge) + unionList + probabilities +
           topN + gated;
  }
};
SharedMemory getSharedMemory(Operation *op, ScheduleAttr schedule);
int64_t getSharedMemoryBytes(Operation *op, ScheduleAttr schedule);

/// Registers of a thread that hold accumulators, scores and fragments: an
/// estimate, to avoid what would spill.
int64_t estimateRegisters(Operation *op, ScheduleAttr schedule);

/// Why the op cannot have the schedule on the chip, in words that name the
/// values; empty if it can.
std::string describeIllegalSchedule(Operation *op, ScheduleAttr schedule,
                                    const ChipFacts &chip);

/// Reports that, behind the schedule.
LogicalResult checkSchedule(Operation *op, ScheduleAttr schedule,
                            const ChipFacts &chip,
                            function_ref<InFlightDiagnostic()> emitError);

/// Schedules that the op can have on the chip, of every family but `plain`.
SmallVector<ScheduleAttr> enumerateSchedules(Operation *op,
                                             const ChipFacts &chip);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_SCHEDULES_H
