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

#include "nsa/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nsa;

StringRef nsa::stringifyKernelFormat(KernelFormat format) {
  switch (format) {
  case KernelFormat::ISA:
    return "isa";
  case KernelFormat::Binary:
    return "bin";
  case KernelFormat::LLVM:
    return "llvm";
  }
  llvm_unreachable("covered");
}

/// Adds the pipeline. Fails where it is not available.
static LogicalResult addPipeline(PassManager &pm, const EntryPoint &entry,
                                 const GPULoweringOptions &options) {
  return emitError(entry.loc) << "'nsa-to-ptx' is not available";
}

LogicalResult nsa::lowerToGPU(ModuleOp module, const EntryPoint &entry,
                              const GPULoweringOptions &options) {
  for (auto func : module.getOps<func::FuncOp>())
    if (func != entry.op)
      func.setPrivate();
  PassManager pm(module.getContext());
  pm.addPass(createSymbolDCEPass());
  if (failed(addPipeline(pm, entry, options)))
    return failure();
  return pm.run(module);
}
