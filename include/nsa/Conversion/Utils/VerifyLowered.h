//===- VerifyLowered.h - That no op of the dialect is left ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_UTILS_VERIFYLOWERED_H
#define NSA_CONVERSION_UTILS_VERIFYLOWERED_H

#include "mlir/IR/Operation.h"

namespace mlir::nsa {

/// Reports an error at the first nsa op in `root`, in the name of the
/// conversion `pass`, which should have lowered it.
LogicalResult verifyLowered(Operation *root, StringRef pass);

} // namespace mlir::nsa

#endif // NSA_CONVERSION_UTILS_VERIFYLOWERED_H
