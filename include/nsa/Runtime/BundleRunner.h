//===- BundleRunner.h - Running launch bundles ------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads a bundle onto a device, runs and times its steps, fetches its outputs.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_BUNDLERUNNER_H
#define NSA_RUNTIME_BUNDLERUNNER_H

#include "nsa/Runtime/Bundle.h"
#include "nsa/Runtime/CUDADevice.h"

namespace mlir::nsa::runtime {

struct BundleRunOptions {
  int device = 0;
  /// The target's chip; empty for the best one that the device can run.
  std::string chip;
  unsigned warmup = 0;
  /// Timed runs, after the first run and the warm-up.
  unsigned repeat = 0;
};

struct BundleRunReport {
  struct Kernel {
    std::string image;
    std::string name;
    FunctionAttributes attributes;
    /// The most that a step gives it.
    uint32_t dynamicSharedBytes = 0;
  };
  struct Step {
    /// The kernel's name, "copy" or "fill".
    std::string label;
    std::vector<float> milliseconds;
  };
  struct Output {
    BundleBuffer buffer;
    std::vector<char> data;
  };

  DeviceInfo device;
  int driverVersion = 0;
  std::string chip;
  std::vector<Kernel> kernels;
  std::vector<Step> steps;
  /// Of all steps, from the first one's start to the last one's end.
  std::vector<float> milliseconds;
  std::vector<Output> outputs;
};

/// The target for a device of this compute capability, or `chip` if that is not
/// empty. `isBinary` says whether a target's images are cubins, which run on
/// fewer devices than PTX.
Expected<const BundleTarget *> selectTarget(const Bundle &bundle,
                                            const DeviceInfo &device,
                                            const std::string &chip,
                                            const std::vector<bool> &isBinary);

/// Runs the bundle that was read from `directory`. Outputs and temporaries
/// begin as bytes 0xff (NaN), so that what no kernel wrote is seen. The first
/// run waits after each step: an error names its step.
Expected<BundleRunReport> runBundle(const CUDADriver &driver,
                                    const std::string &directory,
                                    const Bundle &bundle,
                                    const BundleRunOptions &options);

/// Writes outputs as NAME.npy, or NAME.bin if `raw`, into `directory`, which is
/// made if need be: all of them or none.
Status writeOutputs(const std::string &directory,
                    const std::vector<BundleRunReport::Output> &outputs,
                    bool raw);

/// The report as text for people, and as JSON with every time.
std::string formatReport(const BundleRunReport &report);
std::string formatReportAsJSON(const BundleRunReport &report);

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_BUNDLERUNNER_H
