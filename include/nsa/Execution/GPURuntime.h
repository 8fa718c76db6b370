//===- GPURuntime.h - MLIR's GPU runtime interface --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions named mgpu* that MLIR's lowering of gpu operations calls, on
// whatever device is the current one.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_GPURUNTIME_H
#define NSA_EXECUTION_GPURUNTIME_H

#include "nsa/Execution/GPUDevice.h"

namespace mlir::nsa {

/// Makes a device the one that compiled code works on, as long as it lives.
/// Compiled host code calls the runtime from one thread.
class CurrentDevice {
public:
  /// A null `device` changes nothing.
  explicit CurrentDevice(GPUDevice *device);
  ~CurrentDevice();
  CurrentDevice(const CurrentDevice &) = delete;
  CurrentDevice &operator=(const CurrentDevice &) = delete;

private:
  GPUDevice *previous;
};

/// Calls `add` with the name and the address of each function.
void forEachGPURuntimeFunction(
    llvm::function_ref<void(llvm::StringRef, void *)> add);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_GPURUNTIME_H
