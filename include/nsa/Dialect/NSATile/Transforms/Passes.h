//===- Passes.h - Passes on the nsa_tile dialect ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_H
#define NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"

namespace mlir::nsa_tile {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Dialect/NSATile/Transforms/Passes.h.inc"

} // namespace mlir::nsa_tile

#endif // NSA_DIALECT_NSATILE_TRANSFORMS_PASSES_H
