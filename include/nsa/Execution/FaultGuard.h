//===- FaultGuard.h - Crashes of compiled code as errors --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// While a FaultGuard lives, a memory fault, an illegal instruction or an abort
// is reported as an error and ends the process with exit code 1.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_FAULTGUARD_H
#define NSA_EXECUTION_FAULTGUARD_H

#include "nsa/Execution/HostArray.h"

namespace mlir::nsa {

/// Rows `first` to `last` (inclusive) of dimension 1, in every batch entry, of
/// an input that the compiled code must not read.
struct ProtectedRows {
  const HostArray *array;
  int64_t first, last;
  /// How a fault names the array.
  std::string description;
};

class FaultGuard {
public:
  /// `prefix` starts the message, e.g. "f.mlir:3:1: error: the compiled code
  /// of @f". There is at most one guard at a time.
  /// `hint` follows the address of a memory fault.
  FaultGuard(std::string prefix, llvm::ArrayRef<ProtectedRows> rows,
             std::string hint = "");
  ~FaultGuard();
  FaultGuard(const FaultGuard &) = delete;
  FaultGuard &operator=(const FaultGuard &) = delete;

  /// How many whole pages became unreadable for rows[index].
  int64_t getNumProtectedPages(unsigned index) const {
    return protectedPages[index];
  }

private:
  llvm::SmallVector<int64_t> protectedPages;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_FAULTGUARD_H
