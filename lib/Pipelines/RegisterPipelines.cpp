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

/// PassPipelineRegistration, except that it tells the caller of an option that
/// does not exist, rather than standard error.
template <typename Options>
static void registerPipeline(StringRef name, StringRef description,
                             void (*build)(OpPassManager &, const Options &)) {
  registerPassPipeline(
      name, description,
      [build](OpPassManager &pm, StringRef text,
              function_ref<LogicalResult(const Twine &)> handleError) {
        Options options;
        std::string message;
        llvm::raw_string_ostream os(message);
        if (failed(options.parseFromString(text, os)))
          return message.empty() ? failure()
                                 : handleError(StringRef(message).rtrim());
        build(pm, options);
        return success();
      },
      [](function_ref<void(const detail::PassOptions &)> handle) {
        handle(Options());
      });
}

void nsa::registerNSAPipelines() {
  registerNSACPUPasses();
  registerNSAGPUPasses();
  registerPipeline<NSAToCPUPipelineOptions>(
      "nsa-to-cpu",
      "From nsa, or any tensor level below it, to the LLVM dialect for CPUs",
      buildNSAToCPUPipeline);
  registerPipeline<NSAToPTXPipelineOptions>(
      "nsa-to-scheduled",
      "The first part of nsa-to-ptx, which takes its result: nsa ops, "
      "decomposed, "
      "fused and scheduled for a GPU",
      buildNSAToScheduledPipeline);
  registerPipeline<NSAToPTXPipelineOptions>(
      "nsa-to-ptx",
      "From nsa, or any tensor level below it, to PTX and the host functions "
      "that launch it",
      buildNSAToPTXPipeline);
  registerPipeline<NSAToPTXPipelineOptions>(
      "nsa-scheduled-to-nvvm",
      "The part of nsa-to-ptx from scheduled ops to gpu.modules in NVVM",
      buildNSAScheduledToNVVMPipeline);
}
