//===- EmulatorDevice.cpp - Kernels on the emulator -----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each image is an emulator of its own; all of them know all allocations.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/EmulatorDevice.h"

#include "nsa/Emulator/Mutants.h"

#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <sys/mman.h>

using namespace mlir;
using namespace mlir::nsa;

/// Bytes between allocations. They belong to nobody.
static constexpr uint64_t kGap = 512;

struct EmulatorDevice::Module : DeviceModule {
  explicit Module(EmulatorDevice &device) : device(device) {}
  ~Module() override { llvm::erase(device.emulators, emulator.get()); }

  EmulatorDevice &device;
  std::unique_ptr<emulator::Emulator> emulator;
  /// The bitcode, where mutants are made of it.
  std::string image;
};

struct EmulatorDevice::Kernel : DeviceKernel {
  emulator::Emulator *emulator;
  llvm::StringRef image;
};

class EmulatorDevice::Access {
public:
  explicit Access(EmulatorDevice &device) : device(device) {
    protect(PROT_READ | PROT_WRITE);
  }
  ~Access() { protect(PROT_NONE); }
  Access(const Access &) = delete;
  Access &operator=(const Access &) = delete;

private:
  void protect(int protection) {
    for (auto [base, bytes] : device.mappings)
      mprotect(reinterpret_cast<void *>(base), bytes, protection);
  }

  EmulatorDevice &device;
};

EmulatorDevice::~EmulatorDevice() {
  releaseModules();
  for (auto [base, bytes] : mappings)
    munmap(reinterpret_cast<void *>(base), bytes);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

llvm::Expected<DeviceAddress>
EmulatorDevice::doAllocate(const DeviceAllocation &allocation) {
  // The gap behind it belongs to nobody: a kernel that runs over the end does
  // not reach the next allocation.
  uint64_t total = 0;
  void *memory = MAP_FAILED;
  if (!__builtin_add_overflow(allocation.bytes, kGap, &total))
    memory = mmap(nullptr, total, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return llvm::createStringError("no memory for '" + allocation.name +
                                   "' of " + llvm::Twine(allocation.bytes) +
                                   " bytes");
  // Ones are NaN in every format: elements that no kernel writes are seen.
  if (!allocation.isInput)
    std::memset(memory, 0xff, allocation.bytes);
  auto base = reinterpret_cast<DeviceAddress>(memory);
  mappings[base] = total;
  mprotect(memory, total, PROT_NONE);
  for (emulator::Emulator *emulator : emulators)
    if (!allocation.isInput)
      if (llvm::Error error = registerAllocation(base, allocation, *emulator))
        return std::move(error);
  return base;
}

llvm::Error
EmulatorDevice::registerAllocation(DeviceAddress base,
                                   const DeviceAllocation &allocation,
                                   emulator::Emulator &emulator) {
  if (allocation.bytes == 0)
    return llvm::Error::success();
  return emulator.addAllocation(reinterpret_cast<void *>(base),
                                allocation.bytes, allocation.name,
                                /*readOnly=*/allocation.isInput);
}

llvm::Error EmulatorDevice::doSealInput(DeviceAddress base,
                                        const DeviceAllocation &allocation) {
  for (emulator::Emulator *emulator : emulators)
    if (llvm::Error error = registerAllocation(base, allocation, *emulator))
      return error;
  return llvm::Error::success();
}

llvm::Error EmulatorDevice::doFree(DeviceAddress base) {
  auto *memory = reinterpret_cast<void *>(base);
  for (emulator::Emulator *emulator : emulators)
    emulator->removeAllocation(memory);
  munmap(memory, mappings[base]);
  mappings.erase(base);
  return llvm::Error::success();
}

static char *getPointer(DevicePlace place) {
  return reinterpret_cast<char *>(place.base + place.offset);
}

llvm::Error EmulatorDevice::doCopyIn(DevicePlace to, const void *from,
                                     uint64_t bytes) {
  Access access(*this);
  std::memcpy(getPointer(to), from, bytes);
  return llvm::Error::success();
}

llvm::Error EmulatorDevice::doCopyOut(void *to, DevicePlace from,
                                      uint64_t bytes) {
  Access access(*this);
  std::memcpy(to, getPointer(from), bytes);
  return llvm::Error::success();
}

llvm::Error EmulatorDevice::doCopy(DevicePlace to, DevicePlace from,
                                   uint64_t bytes) {
  Access access(*this);
  std::memmove(getPointer(to), getPointer(from), bytes);
  return llvm::Error::success();
}

llvm::Error EmulatorDevice::doFill(DevicePlace to, llvm::ArrayRef<char> pattern,
                                   uint64_t count) {
  Access access(*this);
  char *target = getPointer(to);
  for (uint64_t i = 0; i < count; ++i, target += pattern.size())
    std::memcpy(target, pattern.data(), pattern.size());
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<DeviceModule>>
EmulatorDevice::doLoad(llvm::StringRef image, const std::string &name) {
  if (llvm::identify_magic(image) != llvm::file_magic::bitcode)
    return llvm::createStringError(
        "the kernels @" + name +
        " are not LLVM bitcode, which is what the emulator runs");
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> parsed =
      llvm::parseBitcodeFile(llvm::MemoryBufferRef(image, name), context);
  if (!parsed)
    return parsed.takeError();
  if (options.keepText) {
    llvm::raw_string_ostream os(text);
    (*parsed)->print(os, nullptr);
  }
  llvm::Expected<std::unique_ptr<emulator::Emulator>> emulator =
      emulator::Emulator::create(**parsed);
  if (!emulator)
    return emulator.takeError();
  for (auto &[base, allocation] : getAllocations())
    if (llvm::Error error = registerAllocation(base, allocation, **emulator))
      return std::move(error);
  auto module = std::make_unique<Module>(*this);
  module->emulator = std::move(*emulator);
  if (!options.mutate.empty())
    module->image = image.str();
  emulators.push_back(module->emulator.get());
  return std::unique_ptr<DeviceModule>(std::move(module));
}

llvm::Expected<std::unique_ptr<DeviceKernel>>
EmulatorDevice::doGetKernel(DeviceModule &module, const std::string &name) {
  emulator::Emulator &emulator = *static_cast<Module &>(module).emulator;
  llvm::Expected<emulator::KernelInfo> info = emulator.getKernel(name);
  if (!info)
    return info.takeError();
  auto kernel = std::make_unique<Kernel>();
  kernel->emulator = &emulator;
  kernel->image = static_cast<Module &>(module).image;
  return std::unique_ptr<DeviceKernel>(std::move(kernel));
}

static emulator::Dim3 makeDim(const std::array<uint32_t, 3> &sizes) {
  return {sizes[0], sizes[1], sizes[2]};
}

static emulator::LaunchOptions
makeLaunchOptions(const KernelLaunch &launch,
                  const EmulatorDeviceOptions &options) {
  emulator::LaunchOptions launchOptions;
  launchOptions.grid = makeDim(launch.grid);
  launchOptions.block = makeDim(launch.block);
  launchOptions.dynamicShared = launch.dynamicSharedBytes;
  launchOptions.maxShared = emulator::getSharedMemoryLimit(options.chip);
  launchOptions.schedule = options.schedule;
  launchOptions.seed = options.seed;
  launchOptions.sanitize = options.sanitize;
  launchOptions.counters = options.counters;
  launchOptions.hostThreads = options.hostThreads;
  return launchOptions;
}

llvm::Error EmulatorDevice::runMutants(const DeviceKernel &kernel,
                                       const KernelLaunch &launch,
                                       llvm::StringRef image) {
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      llvm::parseBitcodeFile(llvm::MemoryBufferRef(image, "mutants"), context);
  if (!module)
    return module.takeError();
  emulator::LaunchOptions launchOptions = makeLaunchOptions(launch, options);
  // Which of two threads goes first must not decide what is found.
  using emulator::Schedule;
  const std::tuple<const char *, Schedule, uint64_t> schedules[] = {
      {"fifo", Schedule::FIFO, 0},
      {"lifo", Schedule::LIFO, 0},
      {"random:1", Schedule::Random, 1}};
  llvm::raw_string_ostream os(mutants);
  unsigned count = 0, index = 0;
  if (llvm::Error error = emulator::forEachDeletion(
          **module, kernel.name, emulator::kSynchronisation,
          [&](llvm::Module &, llvm::StringRef) {
            ++count;
            return llvm::Error::success();
          }))
    return error;
  auto *loaded = static_cast<const Kernel &>(kernel).emulator;
  llvm::Expected<emulator::LaunchResult> whole =
      loaded->launch(kernel.name, launchOptions, launch.arguments);
  if (!whole)
    return whole.takeError();
  return emulator::forEachDeletion(
      **module, kernel.name, emulator::kSynchronisation,
      [&](llvm::Module &mutant, llvm::StringRef what) -> llvm::Error {
        if (options.mutation && *options.mutation % count != index++)
          return llvm::Error::success();
        llvm::Expected<std::unique_ptr<emulator::Emulator>> emulator =
            emulator::Emulator::create(mutant);
        if (!emulator)
          return emulator.takeError();
        for (auto &[base, allocation] : getAllocations())
          if (llvm::Error error =
                  registerAllocation(base, allocation, **emulator))
            return error;
        for (auto [name, schedule, seed] : schedules) {
          launchOptions.schedule = schedule;
          launchOptions.seed = seed;
          llvm::Expected<emulator::LaunchResult> result =
              (*emulator)->launch(kernel.name, launchOptions, launch.arguments);
          if (!result)
            return result.takeError();
          os << kernel.name << " without " << what << ", " << name << ": ";
          if (result->error)
            os << stringifyErrorClass(result->error->errorClass) << " at "
               << result->error->location << "\n";
          else if (result->counters.instructions ==
                   whole->counters.instructions)
            os << "not executed\n";
          else
            os << "no error\n";
        }
        return llvm::Error::success();
      });
}

llvm::Error EmulatorDevice::doLaunch(DeviceKernel &kernel,
                                     const KernelLaunch &launch) {
  Access access(*this);
  if (!options.mutate.empty() && kernel.name == options.mutate &&
      mutants.empty())
    if (llvm::Error error =
            runMutants(kernel, launch, static_cast<Kernel &>(kernel).image))
      return error;
  emulator::LaunchOptions launchOptions = makeLaunchOptions(launch, options);
  llvm::Expected<emulator::LaunchResult> result =
      static_cast<Kernel &>(kernel).emulator->launch(kernel.name, launchOptions,
                                                     launch.arguments);
  if (!result)
    return result.takeError();
  if (result->error) {
    std::string message;
    llvm::raw_string_ostream os(message);
    result->error->print(os);
    llvm::StringRef report = message;
    report.consume_front("error: ");
    return llvm::createStringError(report.rtrim());
  }
  auto entry = llvm::find_if(counters, [&](const KernelCounters &entry) {
    return entry.module == kernel.module && entry.kernel == kernel.name;
  });
  if (entry == counters.end())
    entry = counters.insert(entry, {kernel.module, kernel.name, {}});
  entry->counters.add(result->counters);
  return llvm::Error::success();
}

void EmulatorDevice::printCounters(llvm::raw_ostream &os, bool asJSON) const {
  for (const KernelCounters &entry : counters) {
    // Upstream's outlining names all kernels of a function alike.
    bool isUnique = llvm::count_if(counters, [&](const KernelCounters &other) {
                      return other.kernel == entry.kernel;
                    }) == 1;
    std::string label =
        isUnique ? entry.kernel : entry.module + "::" + entry.kernel;
    if (asJSON)
      entry.counters.printJSON(os, label);
    else
      entry.counters.printText(os, label);
  }
}
