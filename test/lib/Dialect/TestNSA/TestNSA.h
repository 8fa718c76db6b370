//===- TestNSA.h - An attention op outside lib ------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_TESTNSA_H
#define NSA_TEST_TESTNSA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nsa/Dialect/NSA/IR/NSAInterfaces.h"

#include "TestNSADialect.h.inc"

#define GET_OP_CLASSES
#include "TestNSAOps.h.inc"

namespace test_nsa {
/// Registers the test dialect.
void registerTestNSADialect(mlir::DialectRegistry &registry);
} // namespace test_nsa

#endif // NSA_TEST_TESTNSA_H
