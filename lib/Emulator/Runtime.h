//===- Runtime.h - What compiled kernels call -------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The symbols that rewritten code refers to.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_RUNTIME_H
#define NSA_LIB_EMULATOR_RUNTIME_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <utility>

namespace mlir::nsa::emulator {

llvm::ArrayRef<std::pair<llvm::StringRef, void *>> getRuntimeFunctions();

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_RUNTIME_H
