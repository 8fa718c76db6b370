//===- EntryPoint.h - The function that nsa-run calls -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds a public function by name, at tensor level or already lowered, and
// checks that inputs fit its type.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_ENTRYPOINT_H
#define NSA_EXECUTION_ENTRYPOINT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::nsa {

struct EntryPoint {
  /// A func.func, or an llvm.func with the attribute nsa.signature. Compiling
  /// replaces it.
  Operation *op;
  Location loc;
  std::string name;
  /// The type before lowering: tensors, memrefs and scalars.
  FunctionType type;
  /// One per argument; the function's where the argument's is unknown.
  llvm::SmallVector<Location> argLocs;
  /// "%q", or empty where the source does not say.
  llvm::SmallVector<std::string> argNames;

  /// "argument 1 (%k) of @f".
  std::string describeArgument(unsigned index) const;
};

/// Finds `name` (or, if that is empty, the only public function). Reports an
/// error that lists the public functions otherwise, or if the function has an
/// argument or result that cannot be passed. `getName` is asked for the name
/// that stands in the source at a location.
FailureOr<EntryPoint>
findEntryPoint(ModuleOp module, llvm::StringRef name,
               llvm::function_ref<std::string(Location)> getName);

/// Checks an array against the type of an argument. `source` names the array
/// in the error.
LogicalResult checkArgument(const EntryPoint &entry, unsigned index,
                            llvm::ArrayRef<int64_t> shape, Type elementType,
                            llvm::StringRef source);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_ENTRYPOINT_H
