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

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "nsa/RegisterAll.h"
#include "nsa/Tools/RegisterTransforms.h"

using namespace mlir;

int nsa::nsaOptMain(int argc, char **argv, DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerTransformDialect(registry);

  registerTransformsPasses();
  registerLinalgPasses();
  registerSCFPasses();
  arith::registerArithPasses();
  bufferization::registerBufferizationPasses();
  bufferization::registerBufferizationPipelines();
  memref::registerMemRefPasses();
  nsa::registerAllPasses();

  return asMainReturnCode(MlirOptMain(
      argc, argv, "Native Sparse Attention optimizer driver\n", registry));
}
