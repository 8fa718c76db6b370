//===- Launch.h - State of a launch, shared by its blocks -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the host threads that run the blocks of one launch share.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_LAUNCH_H
#define NSA_LIB_EMULATOR_LAUNCH_H

#include "Shadow.h"
#include "Site.h"

#include "nsa/Emulator/Emulator.h"

namespace mlir::nsa::emulator {

struct Allocation {
  uint64_t base, size;
  std::string name;
  bool readOnly;
};

struct Launch {
  const Image &image;
  const LaunchOptions &options;
  void *const *arguments;
  /// Sorted by base.
  const std::vector<Allocation> &allocations;
  uint64_t sharedBytes;
  GlobalShadow globalShadow;
  SyncObjects globalSync;

  const Allocation *findAllocation(uint64_t address) const;
  /// " 4 bytes past the end of 'x'", for an address in no allocation.
  std::string describeOutside(uint64_t address) const;
  bool isFull() const { return options.sanitize == Sanitize::Full; }
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_LAUNCH_H
