//===- WarpAccesses.h - Bank conflicts and distinct bytes -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The counters that need more than an addition: accesses to shared memory are
// gathered into the warp-wide instructions that hardware would issue, and the
// bytes of global memory touched are kept in a bitmap.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_WARPACCESSES_H
#define NSA_LIB_EMULATOR_WARPACCESSES_H

#include "nsa/Emulator/Counters.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mlir::nsa::emulator {

/// Wavefronts beyond the necessary ones of one warp-wide access to shared
/// memory, of `size` bytes per lane of `mask`. 32 banks of 4 bytes; lanes that
/// want the same word share it; 8-byte accesses go by half warps, 16-byte ones
/// by quarters.
unsigned countBankConflicts(const uint32_t *addresses, uint32_t mask,
                            unsigned size);

/// Gathers what the lanes of a warp, which run one after another, access with
/// the same instruction: the n-th execution by one lane belongs with the n-th
/// of another.
class WarpAccesses {
public:
  void reset(unsigned numThreads, unsigned numSites);
  void record(unsigned thread, unsigned site, uint32_t address, unsigned size,
              uint32_t liveLanes, Counters &counters);
  /// At the end of a block: what stayed incomplete counts as it is.
  void flush(Counters &counters);

private:
  struct Pending {
    std::array<uint32_t, 32> addresses;
    uint32_t mask = 0;
    unsigned size = 0;
  };
  unsigned numSites = 0;
  /// Per thread and site, executions so far.
  std::vector<uint32_t> executions;
  /// By (warp, site, execution).
  std::map<std::array<uint32_t, 3>, Pending> pending;
};

/// The set of bytes of memory that were touched.
class ByteSet {
public:
  void insert(uint64_t address, uint64_t size);
  void merge(const ByteSet &other);
  uint64_t count() const;

private:
  static constexpr uint64_t kPageBytes = 4096;
  using Page = std::array<uint64_t, kPageBytes / 64>;
  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages;
  uint64_t lastNumber = ~uint64_t(0);
  Page *lastPage = nullptr;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_WARPACCESSES_H
