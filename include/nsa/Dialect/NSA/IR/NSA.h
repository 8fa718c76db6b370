//===- NSA.h - The nsa dialect ----------------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything a user of the dialect includes: dialect, attributes, interfaces
// and ops.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSA_H
#define NSA_DIALECT_NSA_IR_NSA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "nsa/Dialect/NSA/IR/NSAInterfaces.h"

#include "nsa/Dialect/NSA/IR/NSADialect.h.inc"

#include "nsa/Dialect/NSA/IR/NSAEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "nsa/Dialect/NSA/IR/NSAAttributes.h.inc"

#define GET_OP_CLASSES
#include "nsa/Dialect/NSA/IR/NSAOps.h.inc"

#endif // NSA_DIALECT_NSA_IR_NSA_H
