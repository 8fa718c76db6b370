//===- BundleRecorder.cpp - Host code as a list of steps ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Addresses are made up. What the host code gets as an address it can only hand
// back; where it does, the address becomes a buffer and an offset.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/BundleRecorder.h"

#include "nsa/Emulator/Emulator.h"

#include "llvm/BinaryFormat/Magic.h"

using namespace mlir;
using namespace mlir::nsa;
using runtime::BufferRange;
using runtime::BundleArgument;
using runtime::BundleStep;

/// What memref.get_global puts in place of the address of an allocation.
static constexpr uint64_t kNoAllocation = 0xdeadbeef;

BundleRecorder::~BundleRecorder() = default;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

llvm::Expected<DeviceAddress>
BundleRecorder::doAllocate(const DeviceAllocation &allocation) {
  constexpr uint64_t kGap = 4096, kLimit = uint64_t(1) << 56;
  DeviceAddress address = nextAddress;
  if (allocation.bytes > kLimit)
    return llvm::createStringError(
        "no GPU has " + llvm::Twine(allocation.bytes) +
        " bytes of memory for '" + allocation.name + "'");
  nextAddress += llvm::alignTo(allocation.bytes + 1, kGap) + kGap;
  positions[address] = buffers.size();
  buffers.push_back({allocation.bytes, allocation.isInput, {}});
  return address;
}

llvm::Error BundleRecorder::doFree(DeviceAddress) {
  return llvm::Error::success();
}

BufferRange BundleRecorder::getRange(DevicePlace place) const {
  return {getKey(positions.at(place.base)), place.offset};
}

BufferRange BundleRecorder::addConstant(std::vector<char> content) {
  std::string key = getKey(buffers.size());
  uint64_t bytes = content.size();
  buffers.push_back({bytes, /*isInput=*/false, std::move(content)});
  return {key, 0};
}

llvm::Error BundleRecorder::doCopyIn(DevicePlace to, const void *from,
                                     uint64_t bytes) {
  // The bundle has the content of inputs from elsewhere.
  if (to.allocation->isInput)
    return llvm::Error::success();
  const char *data = static_cast<const char *>(from);
  BundleStep step;
  step.kind = BundleStep::Kind::Copy;
  step.from = addConstant(std::vector<char>(data, data + bytes));
  step.to = getRange(to);
  step.bytes = bytes;
  steps.push_back(std::move(step));
  return llvm::Error::success();
}

llvm::Error BundleRecorder::doCopyOut(void *, DevicePlace from, uint64_t) {
  return llvm::createStringError("the host code reads '" +
                                 from.allocation->name +
                                 "' from the device, which no bundle can do");
}

llvm::Error BundleRecorder::doCopy(DevicePlace to, DevicePlace from,
                                   uint64_t bytes) {
  BundleStep step;
  step.kind = BundleStep::Kind::Copy;
  step.from = getRange(from);
  step.to = getRange(to);
  step.bytes = bytes;
  steps.push_back(std::move(step));
  return llvm::Error::success();
}

llvm::Error BundleRecorder::doFill(DevicePlace to, llvm::ArrayRef<char> pattern,
                                   uint64_t count) {
  if (pattern.size() == 1) {
    BundleStep step;
    step.kind = BundleStep::Kind::Fill;
    step.to = getRange(to);
    step.bytes = count;
    step.byte = static_cast<uint8_t>(pattern[0]);
    steps.push_back(std::move(step));
    return llvm::Error::success();
  }
  // A fill of a bundle repeats one byte.
  std::vector<char> content;
  content.reserve(pattern.size() * count);
  for (uint64_t i = 0; i < count; ++i)
    content.insert(content.end(), pattern.begin(), pattern.end());
  return doCopyIn(to, content.data(), content.size());
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<DeviceModule>>
BundleRecorder::doLoad(llvm::StringRef image, const std::string &name) {
  if (llvm::identify_magic(image) == llvm::file_magic::bitcode)
    return llvm::createStringError("the kernels @" + name +
                                   " are LLVM bitcode, which only the "
                                   "emulator runs; a bundle needs PTX or a "
                                   "cubin");
  images[name] = {image.str(), /*isLaunched=*/false};
  return std::make_unique<DeviceModule>();
}

llvm::Expected<std::unique_ptr<DeviceKernel>>
BundleRecorder::doGetKernel(DeviceModule &, const std::string &) {
  return std::make_unique<DeviceKernel>();
}

/// The scalar of that many bytes, or nothing.
static std::optional<runtime::ElementType>
getScalarType(const KernelParameter &parameter) {
  using runtime::ElementType;
  switch (parameter.bytes) {
  case 1:
    return ElementType::I8;
  case 2:
    return ElementType::I16;
  case 4:
    return parameter.isFloat ? ElementType::F32 : ElementType::I32;
  case 8:
    return parameter.isFloat ? ElementType::F64 : ElementType::I64;
  default:
    return std::nullopt;
  }
}

llvm::Error BundleRecorder::doLaunch(DeviceKernel &kernel,
                                     const KernelLaunch &launch) {
  auto makeDim = [](const std::array<uint32_t, 3> &sizes) -> emulator::Dim3 {
    return {sizes[0], sizes[1], sizes[2]};
  };
  std::string problem =
      emulator::checkLaunchSizes(makeDim(launch.grid), makeDim(launch.block));
  if (!problem.empty())
    return llvm::createStringError("invalid-launch: " + problem + "\nkernel '" +
                                   kernel.name + "'");
  BundleStep step;
  step.kind = BundleStep::Kind::Launch;
  step.image = kernel.module;
  step.kernel = kernel.name;
  step.grid = launch.grid;
  step.block = launch.block;
  step.dynamicSharedBytes = launch.dynamicSharedBytes;
  for (size_t index = 0; index < kernel.signature.size(); ++index) {
    const KernelParameter &parameter = kernel.signature[index];
    auto describe = [&]() {
      return "argument " + std::to_string(index) + " of kernel '" +
             kernel.name + "' ";
    };
    BundleArgument argument;
    argument.type = getScalarType(parameter);
    if (!argument.type)
      return llvm::createStringError(describe() + "has " +
                                     llvm::Twine(parameter.bytes) +
                                     " bytes, which a bundle cannot pass");
    // Little-endian, as the device.
    std::memcpy(&argument.bits, launch.arguments[index], parameter.bytes);
    if (parameter.isPointer) {
      std::optional<DevicePlace> place = find(argument.bits);
      if (place) {
        BufferRange range = getRange(*place);
        argument = BundleArgument::pointer(range.buffer, range.offset);
      } else if (argument.bits != 0 && argument.bits != kNoAllocation) {
        return llvm::createStringError(describe() +
                                       "is an address that is not the "
                                       "device's");
      }
    }
    step.arguments.push_back(std::move(argument));
  }
  images.at(kernel.module).isLaunched = true;
  steps.push_back(std::move(step));
  return llvm::Error::success();
}
