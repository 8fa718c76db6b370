//===- NSADialect.cpp - The nsa dialect -------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the dialect's ops and attributes.
//
//===----------------------------------------------------------------------===//

#include "NSAOpsDetail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nsa;

#include "nsa/Dialect/NSA/IR/NSADialect.cpp.inc"

#include "nsa/Dialect/NSA/IR/NSAEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "nsa/Dialect/NSA/IR/NSAAttributes.cpp.inc"

void NSADialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nsa/Dialect/NSA/IR/NSAAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nsa/Dialect/NSA/IR/NSAOps.cpp.inc"
      >();
  detail::addBytecodeInterface(this);
}
