//===- Pipelines.h - From NSA to something that runs ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipelines of the project, each a documented option struct, a builder and
// a name for the command line.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_PIPELINES_H
#define NSA_PIPELINES_PIPELINES_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::nsa {

struct NSAToCPUPipelineOptions
    : public PassPipelineOptions<NSAToCPUPipelineOptions> {
  PassOptions::Option<unsigned> vectorWidth{
      *this, "vector-width",
      llvm::cl::desc("Bits of the target's vector registers: 128, 256 or 512"),
      llvm::cl::init(256)};
  PassOptions::Option<bool> parallel{
      *this, "parallel",
      llvm::cl::desc("Distribute the outermost parallel loops over all cores "
                     "(OpenMP)"),
      llvm::cl::init(true)};
  PassOptions::Option<bool> stridedInputs{
      *this, "strided-inputs",
      llvm::cl::desc("Accept any strides at function boundaries; otherwise "
                     "tensors are passed contiguous and row-major, which is "
                     "faster"),
      llvm::cl::init(false)};
};

/// From `nsa`, or any tensor level below it, to the LLVM dialect for CPUs. The
/// pipeline runs on a builtin.module.
void buildNSAToCPUPipeline(OpPassManager &pm,
                           const NSAToCPUPipelineOptions &options);

/// Registers the pipelines (--nsa-to-cpu) and the passes of Passes.td.
void registerNSAPipelines();

/// The upstream dialects that the pipelines read or produce, and the interface
/// implementations (bufferization, deallocation, ...) that their passes need.
void registerNSAPipelineDialects(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_PIPELINES_H
