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

#include "nsa/Pipelines/GPUPasses.h"
#include "nsa/Pipelines/Passes.h"
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

LogicalResult nsa::lowerToGPU(ModuleOp module, const EntryPoint &entry,
                              const GPULoweringOptions &options) {
  // One target, the one that runs: several would rename the entry point.
  module->removeAttr(kTargetsAttrName);
  for (auto func : module.getOps<func::FuncOp>()) {
    func->removeAttr(kTargetsAttrName);
    if (func != entry.op)
      func.setPrivate();
  }
  NSAToPTXPipelineOptions pipeline;
  std::string problem;
  llvm::raw_string_ostream problems(problem);
  if (failed(pipeline.parseFromString(options.kernelOptions, problems)))
    return emitError(entry.op->getLoc())
           << "kernel options '" << options.kernelOptions
           << "' are not understood: " << StringRef(problem).trim();
  if (options.checked)
    pipeline.checked = true;
  pipeline.chip.clear();
  pipeline.chip.push_back(options.chip);
  pipeline.optLevel = options.optLevel;
  pipeline.toolkit = options.toolkit;
  pipeline.format = stringifyKernelFormat(options.format).str();
  PassManager pm(module.getContext());
  pm.addPass(createSymbolDCEPass());
  // Also of assertions that the file has: the default is to abort.
  LowerChecksOptions checks;
  checks.hostOnly = true;
  pm.addPass(createLowerChecks(checks));
  buildNSAToPTXPipeline(pm, pipeline);
  return pm.run(module);
}
