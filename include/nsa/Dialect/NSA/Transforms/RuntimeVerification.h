//===- RuntimeVerification.h - Checks of values at run time -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RuntimeVerifiableOpInterface for the ops of the dialect: what their verifiers
// cannot see becomes `cf.assert`. docs/Interfaces.md lists the checks.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_RUNTIMEVERIFICATION_H
#define NSA_DIALECT_NSA_TRANSFORMS_RUNTIMEVERIFICATION_H

#include "mlir/IR/DialectRegistry.h"
#include "nsa/Dialect/NSA/IR/NSAInterfaces.h"

namespace mlir::nsa {

/// Emits a `cf.assert` for every equality of dimensions that `op` demands
/// (`getNamedShapes`) and that its types leave open. `generateErrorMessage` is
/// that of RuntimeVerifiableOpInterface, whose implementation for an op outside
/// of the dialect may be this function alone.
void generateDimensionChecks(
    Operation *op, OpBuilder &builder, Location loc,
    function_ref<std::string(Operation *, StringRef)> generateErrorMessage);

/// Attaches RuntimeVerifiableOpInterface to the ops of the dialect.
void registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_RUNTIMEVERIFICATION_H
