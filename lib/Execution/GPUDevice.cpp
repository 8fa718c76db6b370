//===- GPUDevice.cpp - What compiled host code works on -------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Common to all devices: the first error, the allocations, checks of ranges.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/GPUDevice.h"

#include "llvm/ADT/STLExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nsa;

GPUDevice::~GPUDevice() = default;

void GPUDevice::recordError(llvm::Error newError) {
  if (!newError)
    return;
  std::string message = llvm::toString(std::move(newError));
  if (!error)
    error = std::move(message);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

DeviceAddress GPUDevice::addAllocation(DeviceAllocation allocation) {
  llvm::Expected<DeviceAddress> address = doAllocate(allocation);
  if (!address) {
    recordError(address.takeError());
    return 0;
  }
  allocations.emplace(*address, std::move(allocation));
  return *address;
}

DeviceAddress GPUDevice::allocate(uint64_t bytes) {
  if (error)
    return 0;
  DeviceAddress address = addAllocation(
      {bytes, "temporary" + std::to_string(numTemporaries), false});
  if (!address)
    return 0;
  ++numTemporaries;
  ++statistics.liveAllocations;
  statistics.currentBytes += static_cast<int64_t>(bytes);
  statistics.peakBytes =
      std::max(statistics.peakBytes, statistics.currentBytes);
  return address;
}

DeviceAddress GPUDevice::allocateInput(const void *data, uint64_t bytes,
                                       const std::string &name) {
  if (error)
    return 0;
  DeviceAddress address = addAllocation({bytes, name, true});
  if (!address)
    return 0;
  const DeviceAllocation &allocation = allocations.at(address);
  if (bytes != 0)
    recordError(doCopyIn({address, 0, &allocation}, data, bytes));
  if (!error)
    recordError(doSealInput(address, allocation));
  return address;
}

void GPUDevice::free(DeviceAddress address) {
  if (address == 0 || error)
    return;
  auto found = allocations.find(address);
  if (found == allocations.end() || found->second.isInput) {
    recordError(llvm::createStringError(
        found == allocations.end()
            ? "the host code frees what is not allocated on the device"
            : "the host code frees the input '" + found->second.name + "'"));
    return;
  }
  --statistics.liveAllocations;
  statistics.currentBytes -= static_cast<int64_t>(found->second.bytes);
  recordError(doFree(address));
  allocations.erase(found);
}

std::optional<DevicePlace> GPUDevice::find(DeviceAddress address,
                                           uint64_t bytes) const {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin())
    return std::nullopt;
  const auto &[base, allocation] = *std::prev(after);
  uint64_t offset = address - base;
  // The end belongs to it: a view of no elements may begin there.
  if (offset > allocation.bytes || bytes > allocation.bytes - offset)
    return std::nullopt;
  return DevicePlace{base, offset, &allocation};
}

bool GPUDevice::checkRange(const DevicePlace &place, uint64_t bytes,
                           const char *what) {
  if (bytes <= place.allocation->bytes - place.offset)
    return true;
  recordError(llvm::createStringError(
      llvm::Twine(what) + " " + llvm::Twine(bytes) + " bytes at offset " +
      llvm::Twine(place.offset) + " of '" + place.allocation->name +
      "', which has " + llvm::Twine(place.allocation->bytes) + " bytes"));
  return false;
}

void GPUDevice::copy(DeviceAddress to, DeviceAddress from, uint64_t bytes) {
  if (error || bytes == 0)
    return;
  std::optional<DevicePlace> target = find(to), source = find(from);
  if ((target && !checkRange(*target, bytes, "a copy writes")) ||
      (source && !checkRange(*source, bytes, "a copy reads")))
    return;
  if (target && target->allocation->isInput) {
    recordError(llvm::createStringError("a copy writes to the input '" +
                                        target->allocation->name + "'"));
    return;
  }
  auto *hostTarget = reinterpret_cast<void *>(to);
  const auto *hostSource = reinterpret_cast<const void *>(from);
  if (target && source)
    recordError(doCopy(*target, *source, bytes));
  else if (target)
    recordError(doCopyIn(*target, hostSource, bytes));
  else if (source)
    recordError(doCopyOut(hostTarget, *source, bytes));
  else
    std::memmove(hostTarget, hostSource, bytes);
}

void GPUDevice::copyToHost(void *to, DeviceAddress from, uint64_t bytes) {
  if (error || bytes == 0)
    return;
  if (std::optional<DevicePlace> source = find(from, bytes))
    recordError(doCopyOut(to, *source, bytes));
  else
    recordError(llvm::createStringError("not in the device's memory"));
}

void GPUDevice::fill(DeviceAddress to, llvm::ArrayRef<char> pattern,
                     uint64_t count) {
  if (error || count == 0)
    return;
  std::optional<DevicePlace> target = find(to);
  if (!target) {
    recordError(
        llvm::createStringError("a fill writes outside of device memory"));
    return;
  }
  if (!checkRange(*target, pattern.size() * count, "a fill writes"))
    return;
  if (target->allocation->isInput) {
    recordError(llvm::createStringError("a fill writes to the input '" +
                                        target->allocation->name + "'"));
    return;
  }
  // Most fills are of zeros; devices are better at bytes.
  if (llvm::all_equal(pattern)) {
    count *= pattern.size();
    pattern = pattern.take_front();
  }
  recordError(doFill(*target, pattern, count));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

DeviceModule *GPUDevice::loadModule(llvm::StringRef image) {
  if (error)
    return nullptr;
  std::string name = "kernels" + std::to_string(modules.size());
  for (const GPUImage &known : program.images)
    if (image == known.content)
      name = known.name;
  llvm::Expected<std::unique_ptr<DeviceModule>> module = doLoad(image, name);
  if (!module) {
    recordError(module.takeError());
    return nullptr;
  }
  (*module)->name = name;
  modules.push_back(std::move(*module));
  return modules.back().get();
}

void GPUDevice::unloadModule(DeviceModule *module) {
  llvm::erase_if(modules,
                 [&](const auto &owned) { return owned.get() == module; });
}

DeviceKernel *GPUDevice::getKernel(DeviceModule *module, llvm::StringRef name) {
  if (error || !module)
    return nullptr;
  auto found = module->kernels.find(name);
  if (found != module->kernels.end())
    return found->second.get();
  auto signature = program.kernels.find({module->name, name.str()});
  if (signature == program.kernels.end()) {
    recordError(
        llvm::createStringError("no launch in the module is of kernel '" +
                                name + "' of @" + module->name));
    return nullptr;
  }
  llvm::Expected<std::unique_ptr<DeviceKernel>> kernel =
      doGetKernel(*module, name.str());
  if (!kernel) {
    recordError(kernel.takeError());
    return nullptr;
  }
  (*kernel)->module = module->name;
  (*kernel)->name = name.str();
  (*kernel)->signature = signature->second;
  DeviceKernel *result = kernel->get();
  module->kernels.emplace(name.str(), std::move(*kernel));
  return result;
}

void GPUDevice::launch(DeviceKernel *kernel, const KernelLaunch &launch) {
  if (error || !kernel)
    return;
  if (launch.arguments.size() != kernel->signature.size()) {
    recordError(llvm::createStringError(
        "kernel '" + kernel->name + "' has " +
        llvm::Twine(kernel->signature.size()) + " parameters, but " +
        llvm::Twine(launch.arguments.size()) + " arguments are given"));
    return;
  }
  // No blocks: arrays of no elements. Drivers refuse such a launch.
  if (llvm::is_contained(launch.grid, 0u))
    return;
  recordError(doLaunch(*kernel, launch));
}

void GPUDevice::synchronize() {
  if (!error)
    recordError(doSynchronize());
}
