//===- EmulatorDevice.h - Kernels on the emulator ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device whose memory is host memory and whose images are LLVM bitcode.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_EMULATORDEVICE_H
#define NSA_EXECUTION_EMULATORDEVICE_H

#include "nsa/Emulator/Emulator.h"
#include "nsa/Execution/GPUDevice.h"

namespace mlir::nsa {

struct EmulatorDeviceOptions {
  emulator::Schedule schedule = emulator::Schedule::FIFO;
  uint64_t seed = 0;
  emulator::Sanitize sanitize = emulator::Sanitize::Full;
  /// Count bytes, bank conflicts and so on.
  bool counters = false;
  /// Host threads that run blocks; 0 for one a core.
  unsigned hostThreads = 0;
  /// The chip that kernels are compiled for: what a launch may ask for.
  std::string chip = "sm_80";
  /// Keep the text of the modules that are loaded.
  bool keepText = false;
  /// Before this kernel's first launch it is run without each of its barriers,
  /// commits and waits, one at a time. "": none is.
  std::string mutate;
  /// Only the one with this number, modulo their count.
  std::optional<unsigned> mutation;
};

class EmulatorDevice : public GPUDevice {
public:
  explicit EmulatorDevice(const EmulatorDeviceOptions &options)
      : options(options) {}
  ~EmulatorDevice() override;

  /// Prints what each kernel did, in the order of first launches, summed over
  /// the launches since the last reset.
  void printCounters(llvm::raw_ostream &os, bool asJSON) const;
  void resetCounters() { counters.clear(); }

  /// A line for each run of a mutant: what it lacks, the schedule, and the
  /// error or "no error".
  llvm::StringRef getMutants() const { return mutants; }

  /// The modules that were loaded, as LLVM assembly.
  llvm::StringRef getText() const { return text; }

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
  llvm::Error doLaunch(DeviceKernel &kernel,
                       const KernelLaunch &launch) override;
  llvm::Error doSynchronize() override { return llvm::Error::success(); }
  llvm::Error doSealInput(DeviceAddress base,
                          const DeviceAllocation &allocation) override;

private:
  llvm::Error registerAllocation(DeviceAddress base,
                                 const DeviceAllocation &allocation,
                                 emulator::Emulator &emulator);

  /// Lets the process access the device's memory for as long as it lives. At
  /// all other times, while host code runs, an access is a memory fault.
  class Access;

  EmulatorDeviceOptions options;
  /// Bytes that are mapped for each allocation.
  std::map<DeviceAddress, uint64_t> mappings;
  /// Those that live; their modules own them.
  std::vector<emulator::Emulator *> emulators;
  struct KernelCounters {
    std::string module, kernel;
    emulator::Counters counters;
  };
  std::vector<KernelCounters> counters;
  std::string text;
  std::string mutants;

  llvm::Error runMutants(const DeviceKernel &kernel, const KernelLaunch &launch,
                         llvm::StringRef image);

  struct Module;
  struct Kernel;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_EMULATORDEVICE_H
