//===- Script.h - Applying transform scripts --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A script with a choice of its knobs, applied to a module.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_TUNEMAIN_SCRIPT_H
#define NSA_LIB_TOOLS_TUNEMAIN_SCRIPT_H

#include "Knobs.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::nsa {

class Script {
public:
  /// Parses the file. Reports one that has no entry point.
  static FailureOr<Script> read(StringRef path, MLIRContext *context);

  KnobSpace &getKnobs() { return knobs; }

  /// Applies the script with the choice to `module`, which is of no use after a
  /// failure.
  LogicalResult apply(ModuleOp module, ArrayRef<Attribute> choice);

  /// The text of the script with the choice selected.
  std::string format(ArrayRef<Attribute> choice);

private:
  OwningOpRef<ModuleOp> module;
  KnobSpace knobs;
};

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_TUNEMAIN_SCRIPT_H
