//===- ShapeCheck.h - Checks of shapes known at run time --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the verifiers cannot see because it is dynamic: that the arguments of a
// function agree where the nsa ops in it say that they must.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_SHAPECHECK_H
#define NSA_DIALECT_NSA_TRANSFORMS_SHAPECHECK_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace mlir::nsa {

/// Propagates concrete argument shapes through `entry`, its loops and branches
/// and the functions that it calls, and checks every constraint of equal
/// dimensions of the nsa ops on the way. `argShapes[i]` is the shape of
/// argument `i` (empty for scalars). A violation is reported at the op that
/// demands equality, with a note at each call on the way.
LogicalResult checkEntryShapes(func::FuncOp entry,
                               ArrayRef<SmallVector<int64_t>> argShapes);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_SHAPECHECK_H
