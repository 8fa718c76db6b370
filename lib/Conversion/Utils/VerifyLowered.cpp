//===- VerifyLowered.cpp - That no op of the dialect is left ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/Utils/VerifyLowered.h"

#include "nsa/Dialect/NSA/IR/NSA.h"

using namespace mlir;
using namespace mlir::nsa;

LogicalResult mlir::nsa::verifyLowered(Operation *root, StringRef pass) {
  WalkResult left = root->walk([&](Operation *op) {
    if (!isa_and_nonnull<NSADialect>(op->getDialect()))
      return WalkResult::advance();
    InFlightDiagnostic error = op->emitError(pass)
                               << ": no lowering for '"
                               << op->getName().getStringRef() << "'";
    if (isa<AttentionOp>(op))
      error << "; run --nsa-decompose first";
    return WalkResult::interrupt();
  });
  return failure(left.wasInterrupted());
}
