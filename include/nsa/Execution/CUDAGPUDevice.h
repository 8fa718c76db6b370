//===- CUDAGPUDevice.h - Kernels on an NVIDIA GPU ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device behind the CUDA driver; images are PTX or cubins.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_CUDAGPUDEVICE_H
#define NSA_EXECUTION_CUDAGPUDEVICE_H

#include "nsa/Execution/GPUDevice.h"
#include "nsa/Runtime/CUDADevice.h"

namespace mlir::nsa {

class CUDAGPUDevice : public GPUDevice {
public:
  /// The first device of the driver that NSA_CUDA_DRIVER names, or else of the
  /// system's.
  static llvm::Expected<std::unique_ptr<CUDAGPUDevice>> create();

  /// "sm_90".
  std::string getChip() const { return context.getDevice().getChip(); }

protected:
  llvm::Expected<DeviceAddress>
  doAllocate(const DeviceAllocation &allocation) override;
  llvm::Error doFree(DeviceAddress base) override;
  llvm::Error doCopyIn(DevicePlace to, const void *from,
                       uint64_t bytes) override;
  llvm::Error doCopyOut(void *to, DevicePlace from, uint64_t bytes) override;
  llvm::Error doCopy(DevicePlace to, DevicePlace from, uint64_t bytes) override;
  llvm::Error doFill(DevicePlace to, llvm::ArrayRef<char> pattern,
                     uint64_t count) override;
  llvm::Expected<std::unique_ptr<DeviceModule>>
  doLoad(llvm::StringRef image, const std::string &name) override;
  llvm::Expected<std::unique_ptr<DeviceKernel>>
  doGetKernel(DeviceModule &module, const std::string &name) override;
  llvm::Error doLaunch(DeviceKernel &deviceKernel,
                       const KernelLaunch &launch) override;
  llvm::Error doSynchronize() override;

private:
  struct Module;
  struct Kernel;

  CUDAGPUDevice(runtime::CUDAContext context, runtime::CUDAStream stream)
      : context(std::move(context)), stream(std::move(stream)) {}
  /// The error of work that may include kernels launched before.
  llvm::Error afterLaunches(runtime::Status status);

  runtime::CUDAContext context;
  runtime::CUDAStream stream;
  std::map<DeviceAddress, runtime::CUDAMemory> memory;
  /// Kernels that may still run.
  std::vector<std::string> running;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_CUDAGPUDEVICE_H
