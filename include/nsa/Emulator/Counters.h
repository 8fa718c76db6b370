//===- Counters.h - What a launch did ---------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Machine-independent figures of a kernel launch, summed over its blocks.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EMULATOR_COUNTERS_H
#define NSA_EMULATOR_COUNTERS_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::nsa::emulator {

struct Counters {
  /// Executed LLVM instructions, summed over threads.
  uint64_t instructions = 0;
  /// mma.sync instructions, one per warp.
  uint64_t mma = 0;
  /// Exponentials, one per thread and element.
  uint64_t exp = 0;
  uint64_t globalBytesRead = 0;
  uint64_t globalBytesWritten = 0;
  uint64_t globalBytesReadDistinct = 0;
  uint64_t globalBytesWrittenDistinct = 0;
  /// Warp-wide accesses to shared memory, and the wavefronts that they need
  /// beyond those of an access without bank conflicts.
  uint64_t sharedAccesses = 0;
  uint64_t bankConflicts = 0;
  uint64_t asyncCopyBytes = 0;

  void add(const Counters &other);
  void printText(llvm::raw_ostream &os, llvm::StringRef kernel) const;
  void printJSON(llvm::raw_ostream &os, llvm::StringRef kernel) const;
};

} // namespace mlir::nsa::emulator

#endif // NSA_EMULATOR_COUNTERS_H
