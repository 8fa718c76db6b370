//===- Knobs.h - The knobs of a transform script ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What can be chosen in a script: all transform.tune.knob of one name together.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_TUNEMAIN_KNOBS_H
#define NSA_LIB_TOOLS_TUNEMAIN_KNOBS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace mlir::nsa {

struct Knob {
  std::string name;
  Location loc;
  /// What is tried.
  SmallVector<Attribute> options;
};

/// One option of each knob.
using Choice = SmallVector<Attribute>;

class KnobSpace {
public:
  /// The knobs under `script`, in their order. Reports knobs without a list of
  /// options, and knobs of one name with different ones.
  static FailureOr<KnobSpace> collect(Operation *script);

  /// Leaves of a knob's options those that `spec`, "NAME=VALUE[,VALUE...]",
  /// names. Reports names and values that there are not.
  LogicalResult restrict(StringRef spec);

  /// The number of choices, or the largest number that there is.
  uint64_t count() const;
  /// The choice of that number; the last knob changes fastest.
  Choice get(uint64_t number) const;
  /// Selects the choice in `script`, a copy of what was collected from.
  void select(Operation *script, ArrayRef<Attribute> choice) const;
  /// "keys = 64, queries = 4"
  std::string describe(ArrayRef<Attribute> choice) const;
  bool empty() const { return knobs.empty(); }

private:
  SmallVector<Knob> knobs;
};

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_TUNEMAIN_KNOBS_H
