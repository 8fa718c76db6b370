//===- NSAToGPU.h - Conversion of nsa to GPU kernels ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATOGPU_NSATOGPU_H
#define NSA_CONVERSION_NSATOGPU_NSATOGPU_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "nsa/Conversion/Utils/KernelBuilder.h"

namespace mlir::nsa {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Conversion/NSAToGPU/Passes.h.inc"

/// Adds the patterns that lower every nsa op but `nsa.attention` to kernels
/// with `blockSize` threads a block.
void populateNSAToGPUPatterns(RewritePatternSet &patterns, int64_t blockSize);

} // namespace mlir::nsa

#endif // NSA_CONVERSION_NSATOGPU_NSATOGPU_H
