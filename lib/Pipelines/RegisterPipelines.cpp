//===- RegisterPipelines.cpp - The pipelines by name ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"
#include "nsa/Pipelines/Passes.h"
#include "nsa/Pipelines/Pipelines.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

void nsa::registerNSAPipelines() {
  registerNSACPUPasses();
  registerNSAGPUPasses();
  PassPipelineRegistration<NSAToCPUPipelineOptions>(
      "nsa-to-cpu",
      "From nsa, or any tensor level below it, to the LLVM dialect for CPUs",
      buildNSAToCPUPipeline);
  PassPipelineRegistration<NSAToPTXPipelineOptions>(
      "nsa-to-scheduled",
      "The first part of nsa-to-ptx, which takes its result: nsa ops, "
      "decomposed, "
      "fused and scheduled for a GPU",
      buildNSAToScheduledPipeline);
  PassPipelineRegistration<NSAToPTXPipelineOptions>(
      "nsa-to-ptx",
      "From nsa, or any tensor level below it, to PTX and the host functions "
      "that launch it",
      buildNSAToPTXPipeline);
  PassPipelineRegistration<NSAToPTXPipelineOptions>(
      "nsa-scheduled-to-nvvm",
      "The part of nsa-to-ptx from scheduled ops to gpu.modules in NVVM",
      buildNSAScheduledToNVVMPipeline);
}
