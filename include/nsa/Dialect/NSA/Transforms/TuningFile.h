//===- TuningFile.h - Schedules that were found to be good ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A JSON array of {op, keys that must match, schedule}; see nsa-set-schedule.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_TUNINGFILE_H
#define NSA_DIALECT_NSA_TRANSFORMS_TUNINGFILE_H

#include "nsa/Dialect/NSA/IR/Schedule.h"
#include "llvm/Support/JSON.h"

namespace mlir::nsa {

struct TuningEntry {
  /// What must equal what describeForTuning says.
  llvm::json::Object keys;
  ScheduleAttr schedule;
};

/// What entries can ask of an op: "op", "chip", "dtype", sizes.
llvm::json::Object describeForTuning(Operation *op, StringRef chip);

/// The entry that fits ops like this one and gives them its schedule, which it
/// must have.
TuningEntry makeTuningEntry(Operation *op, StringRef chip);

/// The text of a file with the entries, for readTuningFile.
std::string formatTuningFile(ArrayRef<TuningEntry> entries);

/// Reads a file. What is wrong with it is reported at a place in it.
FailureOr<std::vector<TuningEntry>> readTuningFile(StringRef path,
                                                   MLIRContext *context);

/// The index of the first entry that fits the op.
std::optional<size_t> findTuningEntry(ArrayRef<TuningEntry> entries,
                                      Operation *op, StringRef chip);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_TUNINGFILE_H
