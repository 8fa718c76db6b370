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
#include "nsa/Conversion/NSATileToNVVM/NSATileToNVVM.h"
#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"
#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Conversion/NSAToTile/NSAToTile.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/Passes.h"
#include "nsa/Dialect/NSATile/Transforms/Passes.h"
#include "nsa/Pipelines/Pipelines.h"

using namespace mlir;

int nsa::nsaOptMain(int argc, char **argv, DialectRegistry &registry) {
  registerNSAPipelineDialects(registry);

  registerTransformsPasses();
  registerLinalgPasses();
  registerSCFPasses();
  arith::registerArithPasses();
  bufferization::registerBufferizationPasses();
  bufferization::registerBufferizationPipelines();
  memref::registerMemRefPasses();
  registerNSAPasses();
  nsa_tile::registerNSATilePasses();
  registerNSAToGPUPasses();
  registerNSAToLinalgPasses();
  registerNSAToTilePasses();
  registerNSATileToNVVMPasses();
  registerNSAPipelines();

  return asMainReturnCode(MlirOptMain(
      argc, argv, "Native Sparse Attention optimizer driver\n", registry));
}
