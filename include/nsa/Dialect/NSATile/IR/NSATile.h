//===- NSATile.h - The nsa_tile dialect -------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything a user of the dialect includes: dialect, types, attributes, ops.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSATILE_IR_NSATILE_H
#define NSA_DIALECT_NSATILE_IR_NSATILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "nsa/Dialect/NSATile/IR/NSATileDialect.h.inc"

#include "nsa/Dialect/NSATile/IR/NSATileEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileTypes.h.inc"

namespace mlir::nsa_tile {
/// The copies in flight of a thread: what `commit` and `wait` act on.
struct CopiesResource : SideEffects::Resource::Base<CopiesResource> {
  StringRef getName() final { return "nsa_tile copies"; }
};
} // namespace mlir::nsa_tile

#define GET_OP_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileOps.h.inc"

#endif // NSA_DIALECT_NSATILE_IR_NSATILE_H
