//===- Inputs.h - What --input means ----------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns the values of --input into the arguments of a call.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_RUNMAIN_INPUTS_H
#define NSA_LIB_TOOLS_RUNMAIN_INPUTS_H

#include "nsa/Execution/HostExecutor.h"

#include <deque>

namespace mlir::nsa {

struct Inputs {
  /// Owns the arrays that `arguments` points to.
  std::deque<HostArray> arrays;
  llvm::SmallVector<CallArgument> arguments;
  /// Empty for scalars.
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
};

/// Reads or makes one argument per element of `specs` and checks it against the
/// type of `entry`. Reports errors at the argument.
FailureOr<Inputs> prepareInputs(const EntryPoint &entry,
                                llvm::ArrayRef<std::string> specs);

/// Fills an array of floating-point numbers with standard normal ones. Element
/// i depends on the seed and on i alone:
///
///   hash(k) = splitmix64's output function of seed + (k + 1) * 2^64/phi
///   p = i / 2, u = (hash(2p) >> 11) + 1, v = hash(2p + 1) >> 11
///   r = sqrt(-2 ln(u / 2^53)), a = 2 pi v / 2^53
///   element = r cos a for even i, r sin a for odd i
///
/// computed in f64, rounded to f32 and from there to the element type.
void fillNormal(HostArray &array, uint64_t seed);

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_RUNMAIN_INPUTS_H
