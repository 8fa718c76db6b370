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

/// What keeps rows of f32 that lanes write together in different banks: floats
/// behind each row.
constexpr int64_t kRowPadding = 8;

/// The longest list that a selection makes: the lanes of a warp hold its
/// entries in registers.
constexpr int64_t kMostSelected = 128;

/// The most entries that a union is made of. The work of making it grows with
/// their square: 512, as of 32 queries with 16 blocks each, cost 256 threads
/// some 1500 comparisons each, a fraction of what attention to the union costs;
/// twice as many would cost more than that attention.
constexpr int64_t kMostUnionEntries = 512;

/// Registers of a thread that queries, scores, weights and output may take;
/// what is left of 255 is for addresses and the softmax. Where they take more,
/// queries stay in shared memory.
constexpr int64_t kTileRegisters = 170;

/// Bytes of a thread block's dynamic shared memory that hold one thing.
struct SharedPart {
  int64_t offset = 0, bytes = 0;
};

/// The layout of a thread block's dynamic shared memory. The kernels take their
/// offsets and their size from here.
struct SharedMemory {
  SharedPart queries;
  /// Tiles of keys and of values, by stage.
  SharedPart keys, values;
  /// What key warps exchange at the end, in the place of keys and values.
  SharedPart merge;
  /// The gated sum so far, in f32.
  SharedPart gated;
  /// The union of the lists.
  SharedPart unionLists;
  /// Probabilities of a key tile by row, their sums by query for two tiles, and
  /// the best blocks so far.
  SharedPart probabilities, sums, topN;
  int64_t total = 0;
};
SharedMemory getSharedMemory(Operation *op, ScheduleAttr schedule);
int64_t getSharedMemoryBytes(Operation *op, ScheduleAttr schedule);

/// Registers of a thread that hold accumulators, scores and fragments: an
/// estimate, to avoid what would spill.
int64_t estimateRegisters(Operation *op, ScheduleAttr schedule);

/// Why no chip can run the op by the schedule, in words that name the values;
/// empty if one can. A schedule that is legal here has a kernel.
std::string describeIllegalSchedule(Operation *op, ScheduleAttr schedule);

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
