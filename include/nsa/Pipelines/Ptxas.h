//===- Ptxas.h - Assembling PTX, and what ptxas says of it ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX has as many registers as it likes; only ptxas knows how many a kernel
// takes of a chip, and what did not fit. CUDAToolkit.h finds a ptxas.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_PTXAS_H
#define NSA_PIPELINES_PTXAS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::nsa {

/// What one function takes of the chip. Bytes of the stack, which holds the
/// spilled registers too, are per thread; bytes of shared memory are per block,
/// and leave out what is only asked for at launch.
struct KernelResources {
  std::string name;
  /// Of a kernel. A device function that was not inlined has none of its own;
  /// the kernel's include what it needs.
  std::optional<uint64_t> registers;
  uint64_t stackBytes = 0;
  uint64_t spillStoreBytes = 0;
  uint64_t spillLoadBytes = 0;
  uint64_t sharedBytes = 0;
  uint64_t constantBytes = 0;

  bool isKernel() const { return registers.has_value(); }
};

struct PtxasResult {
  /// Kernels in the order in which the PTX has them, then device functions.
  std::vector<KernelResources> functions;
  /// Warnings, and remarks with a number ("(C7510) Potential Performance
  /// Loss: ..."), without ptxas's prefix.
  std::vector<std::string> notices;
  std::string cubin;
};

/// Assembles `ptx`, which may end with a null character, for `chip`. `message`
/// of a failure has ptxas's log with the lines that it complains about, where
/// the PTX was kept, and the command that repeats it.
llvm::LogicalResult runPtxas(llvm::StringRef ptx, llvm::StringRef chip,
                             llvm::StringRef ptxas,
                             llvm::ArrayRef<std::string> options,
                             PtxasResult &result, std::string &message);

/// Reads what `ptxas -v` printed for `ptx`. Fails when a kernel of `ptx` is not
/// spoken of, so that an unknown wording is not taken for absence of spills.
llvm::LogicalResult parsePtxasLog(llvm::StringRef log, llvm::StringRef ptx,
                                  PtxasResult &result, std::string &message);

/// The release that `ptxas --version` names ("13.0.88"), or "unknown".
std::string getPtxasVersion(llvm::StringRef ptxas);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_PTXAS_H
