//===- BundleRecorder.h - Host code as a launch bundle ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device that does nothing but write down what it is told to do, and the
// launch bundle that comes of it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_BUNDLERECORDER_H
#define NSA_EXECUTION_BUNDLERECORDER_H

#include "nsa/Execution/HostExecutor.h"
#include "nsa/Runtime/Bundle.h"

#include "llvm/ADT/StringSet.h"

namespace mlir::nsa {

/// Records one call of host code that was compiled for one chip.
class BundleRecorder : public GPUDevice {
public:
  ~BundleRecorder() override;

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

private:
  friend class BundleEmitter;

  /// What was allocated, or (with `content`) copied from the host.
  struct Buffer {
    uint64_t bytes = 0;
    bool isInput = false;
    std::vector<char> content;
  };
  /// Steps name buffers by their positions until they are given names.
  static std::string getKey(size_t index) { return std::to_string(index); }
  runtime::BufferRange getRange(DevicePlace place) const;
  runtime::BufferRange addConstant(std::vector<char> content);

  std::vector<Buffer> buffers;
  /// Positions of allocations, including those that were freed: addresses are
  /// not used again.
  std::map<DeviceAddress, size_t> positions;
  std::vector<runtime::BundleStep> steps;
  struct Image {
    std::string content;
    /// Others have no place in the bundle.
    bool isLaunched;
  };
  std::map<std::string, Image> images;
  /// Canonical addresses do not reach here: dereferencing one is a fault.
  DeviceAddress nextAddress = uint64_t(1) << 60;
};

/// Puts recordings of one call for several chips together.
class BundleEmitter {
public:
  /// The arrays of `arguments` must stay until `write`.
  BundleEmitter(const EntryPoint &entry, llvm::ArrayRef<CallArgument> arguments,
                bool hasSeveralTargets);

  llvm::Error addTarget(const std::string &chip,
                        std::unique_ptr<BundleRecorder> recording,
                        const CallResults &results);

  /// `directory` must not exist or be empty.
  llvm::Error write(const std::string &directory) const;
  /// "2 inputs, 1 output; sm_80: 3 steps, 1 image".
  std::string summarize() const;

private:
  struct Target;
  llvm::Error addResult(Target &target, unsigned index,
                        const CallResult &result);

  std::string entryName;
  bool hasSeveralTargets;
  runtime::BundleWriter writer;
  std::vector<std::string> inputNames;
  std::vector<std::string> outputNames;
  llvm::StringSet<> names;
  /// Owners of what the writer refers to.
  std::vector<std::unique_ptr<BundleRecorder>> recorders;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_BUNDLERECORDER_H
