//===- NSATileToNVVM.h - Conversion of nsa_tile to NVVM ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATILETONVVM_NSATILETONVVM_H
#define NSA_CONVERSION_NSATILETONVVM_NSATILETONVVM_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::nsa {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Conversion/NSATileToNVVM/Passes.h.inc"

/// A frag is its values per lane, a token nothing, a swizzled memref an
/// address.
void populateNSATileTypeConversions(TypeConverter &converter);

/// Adds the patterns that lower every nsa_tile op but `iterate`.
void populateNSATileToNVVMPatterns(const TypeConverter &converter,
                                   RewritePatternSet &patterns);

} // namespace mlir::nsa

#endif // NSA_CONVERSION_NSATILETONVVM_NSATILETONVVM_H
