//===- RegisterAll.cpp - Everything of the project by name ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/RegisterAll.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Shard/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "nsa/Conversion/NSATileToNVVM/NSATileToNVVM.h"
#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"
#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Conversion/NSAToTile/NSAToTile.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/TransformOps/NSATransformOps.h"
#include "nsa/Dialect/NSA/Transforms/Passes.h"
#include "nsa/Dialect/NSA/Transforms/ShardingInterfaceImpl.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"
#include "nsa/Dialect/NSATile/Transforms/Passes.h"
#include "nsa/Pipelines/Pipelines.h"

using namespace mlir;

void nsa::registerAllDialects(DialectRegistry &registry) {
  registry.insert<NSADialect, nsa_tile::NSATileDialect>();
}

void nsa::registerAllExtensions(DialectRegistry &registry) {
  registerNSAPipelineDialects(registry);
  registerShardingInterfaceExternalModels(registry);
  registerTransformDialectExtension(registry);
}

void nsa::registerAllPasses() {
  registerNSAPasses();
  nsa_tile::registerNSATilePasses();
  registerNSAToGPUPasses();
  registerNSAToLinalgPasses();
  registerNSAToTilePasses();
  registerNSATileToNVVMPasses();
  registerNSAPipelines();
}

void nsa::registerUpstreamPasses() {
  registerTransformsPasses();
  registerLinalgPasses();
  registerSCFPasses();
  arith::registerArithPasses();
  bufferization::registerBufferizationPasses();
  bufferization::registerBufferizationPipelines();
  memref::registerMemRefPasses();
  shard::registerShardPasses();
}
