//===- Mutants.h - Kernels without one of their calls -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A barrier that can be deleted without an error is superfluous, or the
// emulator does not see what it is for. Tests delete each.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EMULATOR_MUTANTS_H
#define NSA_EMULATOR_MUTANTS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace mlir::nsa::emulator {

/// What orders threads and copies: barriers, and commits of and waits for
/// asynchronous copies.
inline constexpr char kSynchronisation[] =
    "llvm.nvvm.barrier,llvm.nvvm.bar.warp.sync,llvm.nvvm.cp.async.commit,"
    "llvm.nvvm.cp.async.wait";

/// Calls `visit` with a copy of the module for each call in `kernel` that
/// returns nothing and is of a function whose name, or of inline PTX whose
/// text, begins with one of `prefixes` (with commas between). The copy has all
/// calls but that one. `what` is "llvm.nvvm.barrier... at line 7". Stops at an
/// error.
llvm::Error forEachDeletion(
    const llvm::Module &module, llvm::StringRef kernel,
    llvm::StringRef prefixes,
    llvm::function_ref<llvm::Error(llvm::Module &mutant, llvm::StringRef what)>
        visit);

} // namespace mlir::nsa::emulator

#endif // NSA_EMULATOR_MUTANTS_H
