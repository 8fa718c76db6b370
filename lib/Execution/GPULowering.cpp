//===- GPULowering.cpp - From an entry point to GPU binaries --------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the pipeline on what the entry point needs.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/GPULowering.h"

using namespace mlir;
using namespace mlir::nsa;

LogicalResult nsa::lowerToGPU(ModuleOp module, const EntryPoint &entry,
                              const GPULoweringOptions &options) {
  return emitError(entry.loc) << "'nsa-to-ptx' is not available";
}
