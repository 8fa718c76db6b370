//===- Outputs.h - What becomes of results ----------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Summaries on standard output and .npy files.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_RUNMAIN_OUTPUTS_H
#define NSA_LIB_TOOLS_RUNMAIN_OUTPUTS_H

#include "nsa/Execution/HostExecutor.h"

namespace mlir::nsa {

/// "1x128x8x64xf32 min -3.9 max 4.1 mean 0.002 nan 0". Minimum, maximum and
/// mean are those of the elements that are not NaN; "-" where there is none.
std::string summarize(const CallResult &result);

/// Writes results[i] to paths[i], all of them or none: files appear under their
/// names only after all have been written. A path that is something other than
/// a regular file, such as a pipe, a device or a link (/dev/stdout is one), is
/// never replaced but written to.
llvm::Error writeOutputs(llvm::ArrayRef<CallResult> results,
                         llvm::ArrayRef<std::string> paths);

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_RUNMAIN_OUTPUTS_H
