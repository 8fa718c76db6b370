//===- Allocations.h - Memory of compiled code ------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code allocates through these functions, so that the memory it needs
// can be counted. They may be called from any thread.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_ALLOCATIONS_H
#define NSA_EXECUTION_ALLOCATIONS_H

#include <cstdint>

namespace mlir::nsa {

struct AllocationStatistics {
  /// Bytes now allocated, and the most there ever were since the last reset.
  int64_t currentBytes, peakBytes;
  /// Allocations that have not been freed.
  int64_t liveAllocations;
};

AllocationStatistics getAllocationStatistics();

/// Starts a new measurement of the peak.
void resetPeakAllocation();

/// The functions behind _mlir_memref_to_llvm_alloc and the like. `alignment` is
/// a power of two. Returns null when there is no memory.
void *allocateCounted(uint64_t bytes, uint64_t alignment = 16);
void freeCounted(void *pointer);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_ALLOCATIONS_H
