//===- TuneMain.h - The body of nsa-tune ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tool that tunes modules with further dialects registers them and calls
// this.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TOOLS_TUNEMAIN_H
#define NSA_TOOLS_TUNEMAIN_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::nsa {

/// Parses the command line and does what it says. `registry` holds dialects
/// beyond nsa and those below it. Returns the exit code.
int nsaTuneMain(int argc, char **argv, DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_TOOLS_TUNEMAIN_H
