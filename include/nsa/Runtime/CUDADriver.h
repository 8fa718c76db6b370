//===- CUDADriver.h - The CUDA driver, loaded at run time -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens libcuda with dlopen and turns each result that is no success into an
// Error. Nothing of CUDA is linked.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_CUDADRIVER_H
#define NSA_RUNTIME_CUDADRIVER_H

#include "nsa/Runtime/CUDADriverAPI.h"
#include "nsa/Runtime/Error.h"

#include <string>

namespace mlir::nsa::runtime {

/// The environment variable that names another library than libcuda.so.1.
constexpr char kDriverLibraryVariable[] = "NSA_CUDA_DRIVER";

/// An initialised driver. It stays loaded until the process ends: libcuda has
/// threads and handlers of its own, and does not survive being unloaded.
class CUDADriver {
public:
  /// Opens the library at `path`; if that is empty, the one that
  /// NSA_CUDA_DRIVER names, or libcuda.so.1.
  static Expected<CUDADriver> load(const std::string &path = "");

  const cu::Functions &functions() const { return table; }
  const std::string &getLibrary() const { return library; }
  /// 12040 for CUDA 12.4.
  int getVersion() const { return version; }
  Expected<int> getDeviceCount() const;

  /// Success, or the error of `call`, which is the function's name in the
  /// manual with the arguments that matter: "cuMemAlloc(64 bytes)".
  Status check(cu::CUresult result, const std::string &call) const;
  Error makeError(cu::CUresult result, const std::string &call) const;

private:
  CUDADriver() = default;

  cu::Functions table;
  std::string library;
  int version = 0;
};

/// "12.4" of 12040.
std::string formatCUDAVersion(int version);

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_CUDADRIVER_H
