//===- Passes.h - Passes of the CPU pipeline --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constructors and registration of the passes in Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_PASSES_H
#define NSA_PIPELINES_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nsa {

/// What `nsa-report-kernels` and `nsa-report` write.
enum class KernelReportFormat { Text, JSON };

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Pipelines/Passes.h.inc"

/// `nsa-report` that writes to `stream`, and beside that to the file that its
/// option `output` names.
std::unique_ptr<Pass> createNSAReportTo(raw_ostream &stream);

/// The discardable attribute with a function's type before lowering.
inline constexpr llvm::StringLiteral kSignatureAttrName = "nsa.signature";

/// The discardable attribute of a lowered function that only runs on the CPU.
inline constexpr llvm::StringLiteral kCPUOnlyAttrName = "nsa.cpu_only";

/// Whether nsa-generate-checks has checks for ops of that kind.
bool canBeChecked(Operation *op);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_PASSES_H
