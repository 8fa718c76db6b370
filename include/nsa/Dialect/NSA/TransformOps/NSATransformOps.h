//===- NSATransformOps.h - Transform ops over nsa ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The extension of upstream's transform dialect by transform.nsa.*.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_H
#define NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

#define GET_OP_CLASSES
#include "nsa/Dialect/NSA/TransformOps/NSATransformOps.h.inc"

namespace mlir::nsa {

/// Adds the ops to the transform dialect, should that be loaded.
void registerTransformDialectExtension(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMOPS_NSATRANSFORMOPS_H
