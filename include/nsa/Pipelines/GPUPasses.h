//===- GPUPasses.h - Passes of the GPU pipeline -----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constructors and registration of the passes in GPUPasses.td.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_GPUPASSES_H
#define NSA_PIPELINES_GPUPASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"
#include "nsa/Dialect/NSA/Transforms/ChipFacts.h"

namespace mlir::nsa {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Pipelines/GPUPasses.h.inc"

/// The PTX version that `target` asks for, as 10 * major + minor (80 is 8.0),
/// or LLVM's default for its chip.
unsigned getPTXVersion(llvm::StringRef chip, llvm::StringRef features);

/// The features that `nsa-attach-gpu-targets` gives a chip, "+ptx80" for
/// instance.
std::string getDefaultFeatures(llvm::StringRef chip);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_GPUPASSES_H
