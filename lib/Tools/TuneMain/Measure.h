//===- Measure.h - Times of modules on a GPU --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles scheduled modules and times calls of their entry point.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_TUNEMAIN_MEASURE_H
#define NSA_LIB_TOOLS_TUNEMAIN_MEASURE_H

#include "../RunMain/Inputs.h"
#include "Options.h"
#include "nsa/Execution/CUDAGPUDevice.h"

namespace mlir::nsa {

class Measurer {
public:
  Measurer(const TuneOptions &options) : options(options) {}

  /// Finds the device. Reports if there is none.
  LogicalResult open(ModuleOp module);
  std::string getChip() const { return device->getChip(); }

  /// Reads the inputs of the entry point of `module`, which is to be measured.
  LogicalResult prepare(ModuleOp module);

  /// The median seconds of a call; lowers `module`, which has schedules.
  FailureOr<double> measure(ModuleOp module);

private:
  LogicalResult checkDevice();

  const TuneOptions &options;
  std::optional<EntryPoint> entry;
  Inputs inputs;
  std::unique_ptr<CUDAGPUDevice> device;
};

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_TUNEMAIN_MEASURE_H
