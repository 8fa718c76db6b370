//===- Allocations.cpp - Memory of compiled code --------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each block carries its size in front of itself.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/Allocations.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

using namespace mlir::nsa;

namespace {
struct BlockHeader {
  uint64_t bytes;
  /// From the beginning of the memory to the block.
  uint64_t offset;
};
} // namespace

static std::atomic<int64_t> currentBytes{0}, peakBytes{0}, liveAllocations{0};

AllocationStatistics mlir::nsa::getAllocationStatistics() {
  return {currentBytes, peakBytes, liveAllocations};
}

void mlir::nsa::resetPeakAllocation() { peakBytes = currentBytes.load(); }

void *mlir::nsa::allocateCounted(uint64_t bytes, uint64_t alignment) {
  uint64_t offset = std::max<uint64_t>(alignment, sizeof(BlockHeader));
  uint64_t total = offset + (bytes + offset - 1) / offset * offset;
  if (total < bytes)
    return nullptr;
  auto *memory = static_cast<char *>(std::aligned_alloc(offset, total));
  if (!memory)
    return nullptr;
  char *block = memory + offset;
  reinterpret_cast<BlockHeader *>(block)[-1] = {bytes, offset};

  ++liveAllocations;
  int64_t current = currentBytes += bytes;
  int64_t peak = peakBytes;
  while (current > peak && !peakBytes.compare_exchange_weak(peak, current)) {
  }
  return block;
}

void mlir::nsa::freeCounted(void *pointer) {
  if (!pointer)
    return;
  auto *block = static_cast<char *>(pointer);
  BlockHeader header = reinterpret_cast<BlockHeader *>(block)[-1];
  --liveAllocations;
  currentBytes -= header.bytes;
  std::free(block - header.offset);
}
