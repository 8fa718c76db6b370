//===- GPURuntime.cpp - MLIR's GPU runtime interface ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names and parameters are those that MLIR's GPU-to-LLVM conversion and
// translation of gpu.launch_func emit; there is no header for them.
//
// All streams are one: operations happen in the order in which the host issues
// them, which satisfies every wait. Streams and events are therefore markers.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/GPURuntime.h"

#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

static GPUDevice *current = nullptr;

CurrentDevice::CurrentDevice(GPUDevice *device) : previous(current) {
  if (device)
    current = device;
}

CurrentDevice::~CurrentDevice() { current = previous; }

/// What stands for a stream or an event.
static char marker;

static void *loadModule(void *data, uint64_t bytes) {
  return current->loadModule({static_cast<const char *>(data), bytes});
}
static void *loadModuleJIT(void *data, int32_t /*optLevel*/) {
  return current->loadModule(static_cast<const char *>(data));
}
static void unloadModule(void *module) {
  current->unloadModule(static_cast<DeviceModule *>(module));
}
static void *getFunction(void *module, const char *name) {
  return current->getKernel(static_cast<DeviceModule *>(module), name);
}

static void launchKernel(void *function, int64_t gridX, int64_t gridY,
                         int64_t gridZ, int64_t blockX, int64_t blockY,
                         int64_t blockZ, int32_t dynamicShared,
                         void * /*stream*/, void **arguments, void ** /*extra*/,
                         uint64_t numArguments) {
  auto *kernel = static_cast<DeviceKernel *>(function);
  if (!kernel)
    return;
  KernelLaunch launch;
  int64_t sizes[6] = {gridX, gridY, gridZ, blockX, blockY, blockZ};
  for (unsigned i = 0; i < 6; ++i) {
    if (sizes[i] < 0 || sizes[i] > std::numeric_limits<uint32_t>::max()) {
      current->recordError(llvm::createStringError(
          "kernel '" + kernel->name + "' is launched with " +
          (i < 3 ? "a grid" : "a block") + " of " + llvm::Twine(sizes[i])));
      return;
    }
    (i < 3 ? launch.grid[i] : launch.block[i - 3]) =
        static_cast<uint32_t>(sizes[i]);
  }
  launch.dynamicSharedBytes = static_cast<uint32_t>(dynamicShared);
  launch.arguments = {arguments, static_cast<size_t>(numArguments)};
  current->launch(kernel, launch);
}

static void *createMarker() { return &marker; }
static void ignoreOne(void *) {}
static void ignoreTwo(void *, void *) {}
static void synchronizeStream(void * /*stream*/) { current->synchronize(); }

static void *allocateMemory(uint64_t bytes, void * /*stream*/,
                            bool isHostShared) {
  // It would work on the emulator alone.
  if (isHostShared)
    current->recordError(llvm::createStringError(
        "the host code allocates memory that host and device share, which is "
        "not supported"));
  return reinterpret_cast<void *>(current->allocate(bytes));
}
static void freeMemory(void *memory, void * /*stream*/) {
  current->free(reinterpret_cast<DeviceAddress>(memory));
}
static void copyMemory(void *to, void *from, uint64_t bytes,
                       void * /*stream*/) {
  current->copy(reinterpret_cast<DeviceAddress>(to),
                reinterpret_cast<DeviceAddress>(from), bytes);
}

template <typename T>
static void setMemory(void *to, T value, uint64_t count, void * /*stream*/) {
  char pattern[sizeof(T)];
  std::memcpy(pattern, &value, sizeof(T));
  current->fill(reinterpret_cast<DeviceAddress>(to), pattern, count);
}

void nsa::forEachGPURuntimeFunction(
    llvm::function_ref<void(llvm::StringRef, void *)> add) {
  auto addFunction = [&](llvm::StringRef name, auto *function) {
    add(name, reinterpret_cast<void *>(function));
  };
  addFunction("mgpuModuleLoad", loadModule);
  addFunction("mgpuModuleLoadJIT", loadModuleJIT);
  addFunction("mgpuModuleUnload", unloadModule);
  addFunction("mgpuModuleGetFunction", getFunction);
  addFunction("mgpuLaunchKernel", launchKernel);
  addFunction("mgpuStreamCreate", createMarker);
  addFunction("mgpuStreamDestroy", ignoreOne);
  addFunction("mgpuStreamSynchronize", synchronizeStream);
  addFunction("mgpuStreamWaitEvent", ignoreTwo);
  addFunction("mgpuEventCreate", createMarker);
  addFunction("mgpuEventDestroy", ignoreOne);
  addFunction("mgpuEventSynchronize", synchronizeStream);
  addFunction("mgpuEventRecord", ignoreTwo);
  addFunction("mgpuMemAlloc", allocateMemory);
  addFunction("mgpuMemFree", freeMemory);
  addFunction("mgpuMemcpy", copyMemory);
  addFunction("mgpuMemset32", setMemory<uint32_t>);
  addFunction("mgpuMemset16", setMemory<uint16_t>);
}
