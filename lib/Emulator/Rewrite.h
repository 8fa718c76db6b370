//===- Rewrite.h - From device code to host code ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel and what it calls becomes host code that calls the runtime: for
// every access to memory, every modelled instruction and every conversion
// between the generic and the shared address space. Pointers into shared memory
// stay what they are on the device, offsets; all others are host addresses.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_REWRITE_H
#define NSA_LIB_EMULATOR_REWRITE_H

#include "Site.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace mlir::nsa::emulator {

/// The name of the compiled entry: `void entry(ptr arguments)`.
inline constexpr llvm::StringLiteral kEntryName("__nsa_emu_entry");
/// Begins the names that variables in global memory get.
inline constexpr llvm::StringLiteral kGlobalPrefix("__nsa_emu_global_");

bool isKernel(const llvm::Function &function);

/// Rewrites `kernel` in place and drops what it does not use. An instruction
/// that is not modelled is an error that names it.
llvm::Expected<Image> rewriteKernel(llvm::Module &module,
                                    llvm::Function &kernel);

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_REWRITE_H
