//===- CPUTarget.h - The CPU that code is compiled for ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resolves --cpu=NAME and says what the pipeline needs to know about it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_CPUTARGET_H
#define NSA_EXECUTION_CPUTARGET_H

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"

namespace mlir::nsa {

struct CPUTarget {
  llvm::orc::JITTargetMachineBuilder machine;
  /// Bits of the widest vector registers: 128, 256 or 512.
  unsigned vectorWidth;
};

/// The CPU of that name, or the host with all its features if `name` is empty.
/// It is an error if LLVM does not know the name or if this machine cannot run
/// code for that CPU.
llvm::Expected<CPUTarget> getCPUTarget(llvm::StringRef name);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_CPUTARGET_H
