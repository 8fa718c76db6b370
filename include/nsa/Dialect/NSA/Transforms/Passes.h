//===- Passes.h - Passes on the nsa dialect ---------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_PASSES_H
#define NSA_DIALECT_NSA_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_PASSES_H
