//===- Shadow.h - Who touched which byte ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The race detector (FastTrack): of each byte the last write, and those reads
// since then that no later read is ordered after. An access races with a
// recorded one if the accessing thread's clock does not cover it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_SHADOW_H
#define NSA_LIB_EMULATOR_SHADOW_H

#include "Clock.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/bit.h"
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mlir::nsa::emulator {

/// One access as the shadow records it.
struct Access {
  uint32_t block = 0;
  uint32_t thread : 10;
  uint32_t isAtomic : 1;
  uint32_t site : 21;
  /// The accessing thread's time.
  uint32_t time = 0;

  Access() : thread(0), isAtomic(false), site(0) {}
  Access(ThreadId id, uint32_t time, uint32_t site, bool isAtomic)
      : block(id.block), thread(id.thread), isAtomic(isAtomic), site(site),
        time(time) {}
  ThreadId getId() const { return {block, thread}; }
};

/// What is known of some bytes that were only accessed together.
struct Cell {
  Access write;
  /// write holds something.
  bool written = false;
  /// An asynchronous copy to it has been issued and not waited for.
  bool inFlight = false;
  /// With so many reads, look for those that may go.
  uint16_t crowded = 4;
  llvm::SmallVector<Access, 1> reads;
};

/// Two accesses that nothing orders.
struct Conflict {
  Access earlier;
  bool earlierIsWrite;
  uint64_t address;
};

/// Records an access of the bytes; returns the conflicting one if there is any.
/// Of more than `maxReads` reads that nothing orders, a part is forgotten.
std::optional<Conflict> recordRead(Cell &cell, const Access &access,
                                   const Clock *known, unsigned maxReads);
std::optional<Conflict> recordWrite(Cell &cell, const Access &access,
                                    const Clock *known);

/// The cells of consecutive bytes: 16 each, until an access is smaller.
class ShadowPage {
public:
  static constexpr uint64_t kBytes = 256;

  ShadowPage() : cells(kBytes >> shift) {}

  /// Calls `function(cell, offset)` for the cells of [offset, offset + size),
  /// which has to be within the page, while it returns true.
  template <typename Function>
  bool forEach(uint64_t offset, uint64_t size, Function function) {
    unsigned wanted = llvm::countr_zero(offset | size);
    if (wanted < shift)
      refine(wanted);
    for (uint64_t end = offset + size; offset < end;
         offset += uint64_t(1) << shift)
      if (!function(cells[offset >> shift], offset))
        return false;
    return true;
  }

private:
  void refine(unsigned newShift);

  unsigned shift = 4;
  std::vector<Cell> cells;
};

/// The shadow of global memory: shared by all blocks of a launch.
class GlobalShadow {
public:
  std::optional<Conflict> record(uint64_t address, uint64_t size, bool isWrite,
                                 const Access &access, const Clock *known);

private:
  static constexpr unsigned kNumShards = 64;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::unique_ptr<ShadowPage>> pages;
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
