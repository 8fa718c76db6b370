//===- GPUDevice.h - What compiled host code works on -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory, kernels and launches of one device. The same host code runs on the
// emulator, on a GPU, and on a recorder that writes a launch bundle.
//
// Host code cannot react to errors: they cross a C interface that has none. The
// device keeps the first one and does nothing from then on; whoever called the
// host code asks for it afterwards.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_GPUDEVICE_H
#define NSA_EXECUTION_GPUDEVICE_H

#include "nsa/Execution/Allocations.h"
#include "nsa/Execution/GPUProgram.h"

#include "llvm/Support/Error.h"

#include <array>
#include <map>
#include <memory>
#include <optional>

namespace mlir::nsa {

/// An address in the device's memory.
using DeviceAddress = uint64_t;

struct DeviceAllocation {
  uint64_t bytes;
  /// How errors call it.
  std::string name;
  /// Inputs must not be written, and are not the compiled code's memory.
  bool isInput;
};

/// A place in an allocation.
struct DevicePlace {
  DeviceAddress base;
  uint64_t offset;
  const DeviceAllocation *allocation;
};

/// A kernel that host code has asked for. Owned by its module.
struct DeviceKernel {
  virtual ~DeviceKernel() = default;
  /// The name of the gpu.binary, and its own.
  std::string module, name;
  KernelSignature signature;
};

/// A loaded image. Owned by the device.
struct DeviceModule {
  virtual ~DeviceModule() = default;
  /// The name of the gpu.binary.
  std::string name;
  std::map<std::string, std::unique_ptr<DeviceKernel>, std::less<>> kernels;
};

struct KernelLaunch {
  std::array<uint32_t, 3> grid, block;
  uint32_t dynamicSharedBytes;
  /// Pointers to the arguments, whose sizes the kernel's signature has.
  llvm::ArrayRef<void *> arguments;
};

class GPUDevice {
public:
  virtual ~GPUDevice();

  /// What the host code was compiled with: names and parameters.
  void setProgram(GPUProgram newProgram) { program = std::move(newProgram); }
  const GPUProgram &getProgram() const { return program; }

  /// The first error: a message, and further lines that explain it.
  const std::optional<std::string> &getError() const { return error; }
  void recordError(llvm::Error newError);

  //===--- Memory ---------------------------------------------------------===//

  /// Uninitialised memory, or 0 after an error. Memory of no bytes has an
  /// address, too.
  DeviceAddress allocate(uint64_t bytes);
  /// Memory that kernels only read. The data must stay for as long as the
  /// device does.
  DeviceAddress allocateInput(const void *data, uint64_t bytes,
                              const std::string &name);
  void free(DeviceAddress address);
  /// Copies where one side may be host memory, which is what is not the
  /// device's.
  void copy(DeviceAddress to, DeviceAddress from, uint64_t bytes);
  void copyToHost(void *to, DeviceAddress from, uint64_t bytes);
  /// Repeats the bytes of `pattern` `count` times.
  void fill(DeviceAddress to, llvm::ArrayRef<char> pattern, uint64_t count);

  /// The allocation that holds `bytes` from `address` on.
  std::optional<DevicePlace> find(DeviceAddress address,
                                  uint64_t bytes = 0) const;
  /// Of the memory that compiled code has allocated.
  const AllocationStatistics &getStatistics() const { return statistics; }

  //===--- Kernels --------------------------------------------------------===//

  /// Null after an error.
  DeviceModule *loadModule(llvm::StringRef image);
  void unloadModule(DeviceModule *module);
  DeviceKernel *getKernel(DeviceModule *module, llvm::StringRef name);
  void launch(DeviceKernel *kernel, const KernelLaunch &launch);
  void synchronize();

protected:
  virtual llvm::Expected<DeviceAddress>
  doAllocate(const DeviceAllocation &allocation) = 0;
  virtual llvm::Error doFree(DeviceAddress base) = 0;
  /// Places have been checked to hold `bytes`, of which there is at least one.
  virtual llvm::Error doCopyIn(DevicePlace to, const void *from,
                               uint64_t bytes) = 0;
  virtual llvm::Error doCopyOut(void *to, DevicePlace from, uint64_t bytes) = 0;
  virtual llvm::Error doCopy(DevicePlace to, DevicePlace from,
                             uint64_t bytes) = 0;
  virtual llvm::Error doFill(DevicePlace to, llvm::ArrayRef<char> pattern,
                             uint64_t count) = 0;
  virtual llvm::Expected<std::unique_ptr<DeviceModule>>
  doLoad(llvm::StringRef image, const std::string &name) = 0;
  virtual llvm::Expected<std::unique_ptr<DeviceKernel>>
  doGetKernel(DeviceModule &module, const std::string &name) = 0;
  /// The grid and the block are not empty.
  virtual llvm::Error doLaunch(DeviceKernel &kernel,
                               const KernelLaunch &launch) = 0;
  virtual llvm::Error doSynchronize() = 0;
  /// Called when nothing will be written to an input any more.
  virtual llvm::Error doSealInput(DeviceAddress base,
                                  const DeviceAllocation &allocation) {
    return llvm::Error::success();
  }

  const std::map<DeviceAddress, DeviceAllocation> &getAllocations() const {
    return allocations;
  }
  /// Owners destroy modules before the members that modules refer to.
  void releaseModules() { modules.clear(); }

private:
  DeviceAddress addAllocation(DeviceAllocation allocation);
  /// Records an error unless the place holds `bytes`.
  bool checkRange(const DevicePlace &place, uint64_t bytes, const char *what);

  GPUProgram program;
  std::optional<std::string> error;
  std::map<DeviceAddress, DeviceAllocation> allocations;
  AllocationStatistics statistics = {0, 0, 0};
  unsigned numTemporaries = 0;
  std::vector<std::unique_ptr<DeviceModule>> modules;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_GPUDEVICE_H
