//===- Phases.h - What the pipelines share ----------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_PIPELINES_PHASES_H
#define NSA_LIB_PIPELINES_PHASES_H

#include "mlir/Pass/PassManager.h"

namespace mlir::nsa {

/// Canonicalisation and CSE of functions.
void addCleanup(OpPassManager &pm);

/// Frees each buffer of a function once; `bufferization.dealloc` is left.
void addBufferDeallocation(OpPassManager &pm);

/// `bufferization.dealloc`, and what else is left of that dialect, to memref.
/// May add a function.
void addDeallocationLowering(OpPassManager &pm);

struct NSAToPTXPipelineOptions;

/// The first part of buildNSAToScheduledPipeline: entry points prepared, ops
/// decomposed, lists made unique.
void addBranchOps(OpPassManager &pm, const NSAToPTXPipelineOptions &options);

/// The second: ops fused and scheduled.
void addSchedules(OpPassManager &pm, const NSAToPTXPipelineOptions &options);

/// Generates and lowers run-time checks, if they are wanted. Comes before any
/// lowering. `hostOnly`: refuses those inside of kernels.
void addChecks(OpPassManager &pm, bool checked, bool hostOnly);

} // namespace mlir::nsa

#endif // NSA_LIB_PIPELINES_PHASES_H
