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

#include "mlir/Dialect/Arith/Transforms/ShardingInterfaceImpl.h"
#include "mlir/Dialect/Func/Extensions/ShardingExtensions.h"
#include "mlir/Dialect/Linalg/Transforms/RuntimeOpVerification.h"
#include "mlir/Dialect/Linalg/Transforms/ShardingInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/RuntimeOpVerification.h"
#include "mlir/Dialect/Shard/IR/ShardDialect.h"
#include "mlir/Dialect/Tensor/Extensions/ShardingExtensions.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nsa/RegisterAll.h"
#include "nsa/Support/Version.h"
#include "nsa/Tools/RegisterTransforms.h"

using namespace mlir;

void nsa::registerOptDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerTransformDialect(registry);

  // Upstream's checks beside ours: --generate-runtime-verification.
  linalg::registerRuntimeVerifiableOpInterfaceExternalModels(registry);
  memref::registerRuntimeVerifiableOpInterfaceExternalModels(registry);
  // The shard dialect: --sharding-propagation, --shard-partition.
  registry.insert<shard::ShardDialect>();
  arith::registerShardingInterfaceExternalModels(registry);
  func::registerShardingInterfaceExternalModels(registry);
  linalg::registerShardingInterfaceExternalModels(registry);
  tensor::registerShardingInterfaceExternalModels(registry);
}

int nsa::nsaOptMain(int argc, char **argv, DialectRegistry &registry) {
  addVersionPrinter();
  registerOptDialects(registry);
  registerUpstreamPasses();
  nsa::registerAllPasses();

  return asMainReturnCode(MlirOptMain(
      argc, argv, "Native Sparse Attention optimizer driver\n", registry));
}
