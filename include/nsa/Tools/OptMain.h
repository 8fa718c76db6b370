//===- OptMain.h - The body of nsa-opt --------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nsa-opt as a function, for tools that add dialects of their own.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TOOLS_OPTMAIN_H
#define NSA_TOOLS_OPTMAIN_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::nsa {

/// The dialects of nsa-opt and their extensions, with upstream's interface
/// implementations; and the passes that interpret transform scripts.
void registerOptDialects(DialectRegistry &registry);

/// Registers what the nsa pipelines read and write, then runs mlir-opt's main
/// with `registry`. Returns the exit code.
int nsaOptMain(int argc, char **argv, DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_TOOLS_OPTMAIN_H
