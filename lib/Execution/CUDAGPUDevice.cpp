//===- CUDAGPUDevice.cpp - Kernels on an NVIDIA GPU -----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything goes through one stream, and nothing waits before the host code
// does.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/CUDAGPUDevice.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Magic.h"

using namespace mlir;
using namespace mlir::nsa;

struct CUDAGPUDevice::Module : DeviceModule {
  explicit Module(runtime::CUDAModule module) : module(std::move(module)) {}
  runtime::CUDAModule module;
};

struct CUDAGPUDevice::Kernel : DeviceKernel {
  explicit Kernel(runtime::CUDAFunction function)
      : function(std::move(function)) {}
  runtime::CUDAFunction function;
  bool isChecked = false;
};

static llvm::Error toLLVM(const runtime::Error &error) {
  return llvm::createStringError(error.str());
}

static llvm::Error toLLVM(runtime::Status status) {
  return status.failed() ? toLLVM(status.takeError()) : llvm::Error::success();
}

llvm::Expected<std::unique_ptr<CUDAGPUDevice>> CUDAGPUDevice::create() {
  runtime::Expected<runtime::CUDADriver> driver = runtime::CUDADriver::load();
  if (!driver)
    return toLLVM(driver.takeError());
  runtime::Expected<runtime::CUDAContext> context =
      runtime::CUDAContext::create(*driver, /*ordinal=*/0);
  if (!context)
    return toLLVM(context.takeError());
  runtime::Expected<runtime::CUDAStream> stream = context->createStream();
  if (!stream)
    return toLLVM(stream.takeError());
  return std::unique_ptr<CUDAGPUDevice>(
      new CUDAGPUDevice(std::move(*context), std::move(*stream)));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

llvm::Expected<DeviceAddress>
CUDAGPUDevice::doAllocate(const DeviceAllocation &allocation) {
  runtime::Expected<runtime::CUDAMemory> allocated =
      context.allocate(allocation.bytes, allocation.name);
  if (!allocated)
    return toLLVM(allocated.takeError());
  DeviceAddress address = allocated->getAddress();
  memory.emplace(address, std::move(*allocated));
  return address;
}

llvm::Error CUDAGPUDevice::doFree(DeviceAddress base) {
  memory.erase(base);
  return llvm::Error::success();
}

llvm::Error CUDAGPUDevice::doCopyIn(DevicePlace to, const void *from,
                                    uint64_t bytes) {
  return afterLaunches(
      memory.at(to.base).upload(from, bytes, to.offset, stream));
}

llvm::Error CUDAGPUDevice::doCopyOut(void *to, DevicePlace from,
                                     uint64_t bytes) {
  return afterLaunches(
      memory.at(from.base).download(to, bytes, from.offset, stream));
}

llvm::Error CUDAGPUDevice::doCopy(DevicePlace to, DevicePlace from,
                                  uint64_t bytes) {
  return toLLVM(memory.at(to.base).copyFrom(memory.at(from.base), from.offset,
                                            to.offset, bytes, stream));
}

llvm::Error CUDAGPUDevice::doFill(DevicePlace to, llvm::ArrayRef<char> pattern,
                                  uint64_t count) {
  runtime::CUDAMemory &target = memory.at(to.base);
  if (pattern.size() == 1)
    return toLLVM(target.fill(pattern[0], to.offset, count, stream));
  // Once from the host, then doubled on the device.
  uint64_t done = pattern.size(), total = pattern.size() * count;
  if (llvm::Error error =
          afterLaunches(target.upload(pattern.data(), done, to.offset, stream)))
    return error;
  while (done < total) {
    uint64_t bytes = std::min(done, total - done);
    if (runtime::Status status =
            target.copyFrom(target, to.offset, to.offset + done, bytes, stream);
        status.failed())
      return toLLVM(std::move(status));
    done += bytes;
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<DeviceModule>>
CUDAGPUDevice::doLoad(llvm::StringRef image, const std::string &name) {
  if (llvm::identify_magic(image) == llvm::file_magic::bitcode)
    return llvm::createStringError(
        "the kernels @" + name +
        " are LLVM bitcode, which only the emulator runs; a GPU needs PTX or "
        "a cubin");
  runtime::Expected<runtime::CUDAModule> module =
      context.loadModule(image.str(), "@" + name);
  if (!module)
    return toLLVM(module.takeError());
  return std::unique_ptr<DeviceModule>(
      std::make_unique<Module>(std::move(*module)));
}

llvm::Expected<std::unique_ptr<DeviceKernel>>
CUDAGPUDevice::doGetKernel(DeviceModule &module, const std::string &name) {
  runtime::Expected<runtime::CUDAFunction> function =
      static_cast<Module &>(module).module.getFunction(name);
  if (!function)
    return toLLVM(function.takeError());
  return std::unique_ptr<DeviceKernel>(
      std::make_unique<Kernel>(std::move(*function)));
}

llvm::Error CUDAGPUDevice::doLaunch(DeviceKernel &deviceKernel,
                                    const KernelLaunch &launch) {
  auto &kernel = static_cast<Kernel &>(deviceKernel);
  runtime::KernelArguments arguments;
  for (auto [pointer, parameter] :
       llvm::zip_equal(launch.arguments, kernel.signature))
    arguments.addBytes(pointer, parameter.bytes);
  if (!kernel.isChecked) {
    if (runtime::Status status = kernel.function.checkArguments(arguments);
        status.failed())
      return toLLVM(std::move(status));
    kernel.isChecked = true;
  }
  runtime::LaunchConfig config;
  for (unsigned i = 0; i < 3; ++i) {
    config.grid[i] = launch.grid[i];
    config.block[i] = launch.block[i];
  }
  config.dynamicSharedBytes = launch.dynamicSharedBytes;
  if (runtime::Status status =
          kernel.function.launch(config, arguments, stream);
      status.failed())
    return afterLaunches(std::move(status));
  if (!llvm::is_contained(running, kernel.name))
    running.push_back(kernel.name);
  return llvm::Error::success();
}

llvm::Error CUDAGPUDevice::doSynchronize() {
  return afterLaunches(stream.synchronize());
}

llvm::Error CUDAGPUDevice::afterLaunches(runtime::Status status) {
  if (status.succeeded()) {
    running.clear();
    return llvm::Error::success();
  }
  runtime::Error error = status.takeError();
  if (!running.empty())
    error = std::move(error).addAdvice("launched before that: '" +
                                       llvm::join(running, "', '") + "'");
  return toLLVM(error);
}
