//===- CostModel.h - What a schedule is expected to cost --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's work, by the resource that does it, and the time that follows.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_COSTMODEL_H
#define NSA_DIALECT_NSA_TRANSFORMS_COSTMODEL_H

#include "nsa/Dialect/NSA/Transforms/Schedules.h"
#include <array>
#include <vector>

namespace mlir::nsa {

/// What stands for sizes that are known only at run time, and for data.
struct CostAssumptions {
  int64_t batch = 1;
  int64_t tokens = 32768;
  /// Distinct blocks that 4 neighbouring queries list, over the blocks of one:
  /// 1 when they agree, 4 when they have nothing in common.
  double unionAgreement = 1.6;
};

/// Reports assumptions that no input can have.
LogicalResult checkAssumptions(const CostAssumptions &assumptions,
                               function_ref<InFlightDiagnostic()> emitError);

/// What can limit a kernel.
enum class Resource { MMA, Ex2, HBM, L2, Shared };
constexpr int64_t kNumResources = 5;
StringRef stringifyResource(Resource resource);

/// Work of a kernel by resource: floating-point operations of matrix products,
/// exponentials, bytes.
struct Work {
  std::array<double, kNumResources> amounts{};

  double &operator[](Resource resource) {
    return amounts[static_cast<size_t>(resource)];
  }
  double operator[](Resource resource) const {
    return amounts[static_cast<size_t>(resource)];
  }
};

struct Cost {
  /// What the kernel executes, idle rows and keys of its tiles included, and
  /// the seconds that this takes each resource at the chip's rate.
  Work work, seconds;
  /// Without idle rows and keys: what no kernel of this schedule can beat.
  Work idealWork, idealSeconds;
  /// Instructions mma.m16n8k16 of the executed work, and the part of it that
  /// comes of rows, keys and blocks that a row did not ask for.
  double mmas = 0, waste = 0;
  /// The part that comes of whole tiles and rows alone: what is computed for
  /// nothing where every row has all keys of its tile's range.
  double rounding = 0;
  /// Blocks of a tile's union over those of one list; 1 without a union.
  double unionFactor = 1;
  /// Thread blocks, and how many an SM holds at a time.
  double blocks = 0;
  int64_t blocksPerSM = 0;
  int64_t sharedMemory = 0, registers = 0;
  /// The slowest resource of the executed work, at the rate that this many
  /// warps and bytes in flight can reach.
  Resource binding = Resource::HBM;
  double predictedSeconds = 0;
  /// What schedules are ranked by: that time, and where tiles of neighbouring
  /// queries waste more than a tenth, more of it. Such tiles win by bytes from
  /// L2, of which the rate is an estimate; what they waste is certain.
  double rankedSeconds = 0;
  /// The slowest resource of the ideal work at full rate.
  Resource bound = Resource::HBM;
  double boundSeconds = 0;
};

/// None for plain kernels: they are not modelled.
std::optional<Cost> estimateCost(Operation *op, ScheduleAttr schedule,
                                 const ChipFacts &chip,
                                 const CostAssumptions &assumptions);

struct Plan {
  ScheduleAttr schedule;
  Cost cost;
};

/// The op's schedules on the chip, fastest first; of equally fast ones that
/// with less shared memory. Empty if there are only plain kernels.
std::vector<Plan> rankSchedules(Operation *op, const ChipFacts &chip,
                                const CostAssumptions &assumptions);

/// The time of the fusion's ops with the fastest schedule of each, were they
/// not fused; none if one of them has only plain kernels.
std::optional<double> predictApart(FusionOp fusion, const ChipFacts &chip,
                                   const CostAssumptions &assumptions);

/// The first plan of `ranked` that differs from `schedule` by more than its
/// stages; null if there is none.
const Plan *findNextBest(ArrayRef<Plan> ranked, ScheduleAttr schedule);

/// "12.3 us"
std::string formatSeconds(double seconds);

/// "#nsa.schedule<...>"
std::string formatSchedule(ScheduleAttr schedule);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_COSTMODEL_H
