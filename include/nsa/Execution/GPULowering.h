//===- GPULowering.h - From an entry point to GPU binaries ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place where execution meets the pipeline for GPUs.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_GPULOWERING_H
#define NSA_EXECUTION_GPULOWERING_H

#include "nsa/Execution/EntryPoint.h"

namespace mlir::nsa {

/// The forms that kernels take.
enum class KernelFormat {
  /// PTX text.
  ISA,
  /// A cubin.
  Binary,
  /// Optimised LLVM bitcode, which the emulator runs.
  LLVM,
};

/// "isa", "bin" or "llvm", as the pipeline's option has it.
llvm::StringRef stringifyKernelFormat(KernelFormat format);

struct GPULoweringOptions {
  /// Check at run time what verifiers cannot see (HostExecutorOptions).
  bool checked = false;
  std::string chip = "sm_80";
  KernelFormat format = KernelFormat::ISA;
  /// LLVM's optimisation level of the kernels, 0 to 3.
  unsigned optLevel = 3;
  /// Further options of the pipeline (NSAToPTXPipelineOptions), as text.
  std::string kernelOptions;
  /// The directory of a CUDA toolkit; empty to look for one.
  std::string toolkit;
};

/// Lowers `entry` and what it calls to host functions in the LLVM dialect with
/// gpu.launch_func operations, and gpu.binary operations. What is not called
/// is dropped. Reports errors.
LogicalResult lowerToGPU(ModuleOp module, const EntryPoint &entry,
                         const GPULoweringOptions &options);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_GPULOWERING_H
