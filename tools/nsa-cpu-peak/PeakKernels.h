//===- PeakKernels.h - Loops of independent multiply-adds -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TOOLS_NSACPUPEAK_PEAKKERNELS_H
#define NSA_TOOLS_NSACPUPEAK_PEAKKERNELS_H

#include <cstdint>

namespace mlir::nsa {

/// A loop that keeps `accumulators` vectors of f32 in registers and adds a
/// product to each, `iterations` times.
struct PeakKernel {
  /// Returns a number that depends on every accumulator.
  using Function = float (*)(uint64_t iterations, float factor, float addend);

  unsigned vectorBits;
  bool isFused;
  unsigned accumulators;
  /// Whether this machine has the instructions.
  bool isSupported;
  Function run;

  double getFlops(uint64_t iterations) const {
    return 2.0 * (vectorBits / 32.0) * accumulators * double(iterations);
  }
};

/// All kernels of this architecture, the widest first.
const PeakKernel *getPeakKernels(unsigned &count);

} // namespace mlir::nsa

#endif // NSA_TOOLS_NSACPUPEAK_PEAKKERNELS_H
