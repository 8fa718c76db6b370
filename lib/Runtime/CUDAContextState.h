//===- CUDAContextState.h - What the objects of a context share -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Runtime.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_RUNTIME_CUDACONTEXTSTATE_H
#define NSA_LIB_RUNTIME_CUDACONTEXTSTATE_H

#include "nsa/Runtime/CUDADevice.h"

namespace mlir::nsa::runtime::detail {

/// A context, released with the last object in it.
struct ContextState {
  explicit ContextState(const CUDADriver &driver) : driver(driver) {}
  ContextState(const ContextState &) = delete;
  ContextState &operator=(const ContextState &) = delete;
  ~ContextState();

  /// Runs `call(functions)` with the context current. `describe` gives the text
  /// of the call, and runs only when that fails.
  template <typename Call, typename Describe>
  Status run(Call call, Describe describe) const {
    const cu::Functions &functions = driver.functions();
    cu::CUresult result = functions.cuCtxPushCurrent_v2(context);
    if (result != cu::CUDA_SUCCESS)
      return driver.makeError(result, "cuCtxPushCurrent");
    result = call(functions);
    cu::CUcontext popped = nullptr;
    // Its error would be the one that `call` has reported.
    (void)functions.cuCtxPopCurrent_v2(&popped);
    if (result != cu::CUDA_SUCCESS)
      return driver.makeError(result, describe());
    return Status::success();
  }

  /// Runs a call that releases something. That is tried even where the context
  /// cannot be made current, and nobody is there to be told of errors.
  template <typename Call> void release(Call call) const {
    const cu::Functions &functions = driver.functions();
    bool pushed = functions.cuCtxPushCurrent_v2(context) == cu::CUDA_SUCCESS;
    (void)call(functions);
    cu::CUcontext popped = nullptr;
    if (pushed)
      (void)functions.cuCtxPopCurrent_v2(&popped);
  }

  CUDADriver driver;
  DeviceInfo info;
  cu::CUdevice device = 0;
  cu::CUcontext context = nullptr;
  bool primary = true;
};

/// A loaded module, unloaded with the last function of it.
struct ModuleState {
  ModuleState() = default;
  ModuleState(const ModuleState &) = delete;
  ModuleState &operator=(const ModuleState &) = delete;
  ~ModuleState();

  std::shared_ptr<ContextState> context;
  cu::CUmodule module = nullptr;
  std::string name;
  std::string log;
};

} // namespace mlir::nsa::runtime::detail

#endif // NSA_LIB_RUNTIME_CUDACONTEXTSTATE_H
