//===- NSATileOps.cpp - Ops of the nsa_tile dialect -------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSATile/IR/NSATile.h"

using namespace mlir;
using namespace mlir::nsa_tile;

#define GET_OP_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileOps.cpp.inc"

LogicalResult SharedOp::verify() { return success(); }
LogicalResult LoadAsyncOp::verify() { return success(); }
LogicalResult WaitOp::verify() { return success(); }
LogicalResult LoadFragOp::verify() { return success(); }
LogicalResult MmaOp::verify() { return success(); }
LogicalResult MmaSharedOp::verify() { return success(); }
LogicalResult FillOp::verify() { return success(); }
LogicalResult IotaOp::verify() { return success(); }
LogicalResult MapOp::verify() { return success(); }
LogicalResult MaskOp::verify() { return success(); }
LogicalResult ReduceOp::verify() { return success(); }
LogicalResult CastOp::verify() { return success(); }
LogicalResult LoadOp::verify() { return success(); }
LogicalResult StoreOp::verify() { return success(); }
LogicalResult IterateOp::verify() { return success(); }
