//===- Schedule.h - Schedules on ops ----------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where an op's #nsa.schedule stands, and which families suit which op. What a
// chip allows is asked in Transforms/Schedules.h.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_SCHEDULE_H
#define NSA_DIALECT_NSA_IR_SCHEDULE_H

#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

/// The discardable attribute that holds an op's schedule.
inline constexpr StringLiteral kScheduleAttrName = "nsa.schedule";

/// The op's schedule, null without one.
ScheduleAttr getSchedule(Operation *op);

/// The largest divisor of `group`, the heads of a key/value head, that is at
/// most `most`.
int64_t getHeadsPerTile(int64_t group, int64_t most);

/// Whether a kernel of its own is made of the op: every nsa op but
/// `attention`, which is decomposed first, what stands in a fusion, and the
/// yield.
bool isScheduled(Operation *op);

/// The families of kernels that exist for the op, `plain` first.
SmallVector<ScheduleFamily> getFamilies(Operation *op);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_IR_SCHEDULE_H
