//===- OptMain.cpp - The body of nsa-opt ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with the nsa dialect, its passes and pipelines, and the upstream
// passes that one reaches for beside them.
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/OptMain.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nsa/RegisterAll.h"

using namespace mlir;

int nsa::nsaOptMain(int argc, char **argv, DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);

  registerUpstreamPasses();
  nsa::registerAllPasses();

  return asMainReturnCode(MlirOptMain(
      argc, argv, "Native Sparse Attention optimizer driver\n", registry));
}
