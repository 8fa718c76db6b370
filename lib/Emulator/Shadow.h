//===- Shadow.h - Who touched which byte ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The race detector (FastTrack): per byte the last write, and those reads since
// then that no later read is ordered after. An access races with a recorded one
// if the accessing thread's clock does not cover it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_SHADOW_H
#define NSA_LIB_EMULATOR_SHADOW_H

#include "Clock.h"

#include "llvm/ADT/SmallVector.h"
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace mlir::nsa::emulator {

/// One access as the shadow records it.
struct Access {
  ThreadId id;
  /// The accessing thread's time.
  uint32_t time = 0;
  uint32_t site = 0;
  bool isAtomic = false;
};

/// What is known of a byte.
struct Cell {
  Access write;
  llvm::SmallVector<Access, 1> reads;
  /// write holds something.
  bool written = false;
  /// An asynchronous copy to it has been issued and not waited for.
  bool inFlight = false;
};

/// Two accesses that nothing orders.
struct Conflict {
  Access earlier;
  bool earlierIsWrite;
  uint64_t address;
};

/// Records an access of the byte; returns the conflicting one if there is any.
std::optional<Conflict> recordRead(Cell &cell, const Access &access,
                                   const Clock *known);
std::optional<Conflict> recordWrite(Cell &cell, const Access &access,
                                    const Clock *known);

/// The shadow of global memory: shared by all blocks of a launch.
class GlobalShadow {
public:
  std::optional<Conflict> record(uint64_t address, uint64_t size, bool isWrite,
                                 const Access &access, const Clock *known);

private:
  static constexpr uint64_t kPageBytes = 256;
  static constexpr unsigned kNumShards = 16;
  using Page = std::array<Cell, kPageBytes>;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::unique_ptr<Page>> pages;
  };
  std::array<Shard, kNumShards> shards;
};

/// What atomic accesses to an address have published.
class SyncObjects {
public:
  void release(uint64_t address, const ClockRef &clock);
  ClockRef acquire(uint64_t address);
  void clear() { objects.clear(); }

private:
  std::mutex mutex;
  std::unordered_map<uint64_t, ClockRef> objects;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_SHADOW_H
