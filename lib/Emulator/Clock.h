//===- Clock.h - What a thread knows to have happened -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Vector clocks, the textbook way to decide whether two accesses are ordered.
// A thread's own time advances whenever it lets others know what it did. The
// times of others that a thread knows are kept in immutable vectors, which all
// threads that met at a barrier share.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_CLOCK_H
#define NSA_LIB_EMULATOR_CLOCK_H

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mlir::nsa::emulator {

/// Names a thread of a launch.
struct ThreadId {
  uint32_t block = 0, thread = 0;
  bool operator==(const ThreadId &other) const {
    return block == other.block && thread == other.thread;
  }
};

class Clock;
using ClockRef = std::shared_ptr<const Clock>;

/// For each thread of some blocks, the time up to which its actions are known.
class Clock {
public:
  using Times = std::vector<uint32_t>;

  uint32_t get(ThreadId id) const {
    for (const auto &[block, times] : blocks)
      if (block == id.block)
        return (*times)[id.thread];
    return 0;
  }

  /// The union of what both know. Either may be null.
  static ClockRef join(const ClockRef &a, const ClockRef &b);

  /// `known` advanced by the given threads' own times.
  static ClockRef
  advance(const ClockRef &known, uint32_t block, uint32_t numThreads,
          const std::vector<std::pair<uint32_t, uint32_t>> &threadTimes);

private:
  std::vector<std::pair<uint32_t, std::shared_ptr<const Times>>> blocks;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_CLOCK_H
