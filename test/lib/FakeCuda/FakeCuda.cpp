//===- FakeCuda.cpp - A CUDA driver for tests, without a device -----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exports the functions of the CUDA driver API that lib/Runtime uses. Device
// memory is host memory at addresses which the host cannot use; work runs when
// somebody waits for it; a kernel that fails makes its context unusable; each
// launch takes an eighth of a millisecond. What else it does, the environment
// says, at each call:
//
//   NSA_FAKE_CUDA_DEVICES=N        devices, otherwise 1
//   NSA_FAKE_CUDA_CAPABILITY=N     10 * major + minor, otherwise 90
//   NSA_FAKE_CUDA_MEMORY=BYTES     of a device, otherwise 1 GiB
//   NSA_FAKE_CUDA_FAIL=CALL=CODE[@N],...   the (Nth) call fails with that
//   NSA_FAKE_CUDA_FAIL_AT=N        the Nth call that does not release anything
//                                  fails with CUDA_ERROR_UNKNOWN
//   NSA_FAKE_CUDA_SLOW=N           the first N kernel launches take 2 ms more
//   NSA_FAKE_CUDA_LOG=FILE         at exit, the calls and what still lives
//
//===----------------------------------------------------------------------===//

#include "FakeCall.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <thread>

using namespace fakecuda;

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

State &fakecuda::getState() {
  // Never destroyed: objects of the program may be released after it.
  static State *state = new State;
  return *state;
}

long long fakecuda::getNumber(const char *variable, long long otherwise) {
  const char *value = std::getenv(variable);
  return value && *value ? std::strtoll(value, nullptr, 10) : otherwise;
}

char *State::access(Context *context, CUdeviceptr address, size_t size) {
  auto after = memory.upper_bound(address);
  if (after == memory.begin())
    return nullptr;
  auto &[base, allocation] = *std::prev(after);
  if (allocation.context != context || address - base > allocation.bytes.size())
    return nullptr;
  if (size > allocation.bytes.size() - (address - base))
    return nullptr;
  return allocation.bytes.data() + (address - base);
}

static thread_local std::vector<Context *> currentContexts;

static size_t countPrimaries() {
  size_t count = 0;
  for (auto &[device, primary] : getState().primaries)
    count += primary.second;
  return count;
}

/// "contexts 0, modules 0, ..."
static std::string describeLive() {
  State &state = getState();
  std::ostringstream text;
  text << "contexts " << state.contexts.size() + countPrimaries()
       << ", current " << currentContexts.size() << ", modules "
       << state.modules.size() << ", streams " << state.streams.size()
       << ", events " << state.events.size() << ", memory "
       << state.memory.size() << ", orphans " << state.orphans;
  return text.str();
}

/// What tests in the same process ask through dlsym.
extern "C" const char *fakeCudaLive() {
  static std::string text;
  text = describeLive();
  return text.c_str();
}
extern "C" int fakeCudaFailableCalls() { return getState().failableCalls; }
extern "C" const char *fakeCudaLastFailed() {
  return getState().lastFailed.c_str();
}
extern "C" void fakeCudaResetCounts() {
  State &state = getState();
  state.calls.clear();
  state.callCounts.clear();
  state.failableCalls = 0;
  state.lastFailed.clear();
  state.milliseconds = 0;
}

namespace {
struct WriteLog {
  ~WriteLog() {
    const char *path = std::getenv("NSA_FAKE_CUDA_LOG");
    std::FILE *file = path && *path ? std::fopen(path, "w") : nullptr;
    if (!file)
      return;
    for (const std::string &call : getState().calls)
      std::fprintf(file, "%s\n", call.c_str());
    std::fprintf(file, "live: %s\n", describeLive().c_str());
    std::fclose(file);
  }
} writeLog;

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

struct Result {
  CUresult code;
  const char *name;
  const char *text;
};
} // namespace

static constexpr Result kResults[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED",
     "initialization error"},
    {CUDA_ERROR_STUB_LIBRARY, "CUDA_ERROR_STUB_LIBRARY",
     "CUDA driver is a stub library"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE",
     "no CUDA-capable device is detected"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE",
     "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE",
     "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT",
     "invalid device context"},
    {CUDA_ERROR_NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "no kernel image is available for execution on the device"},
    {CUDA_ERROR_INVALID_PTX, "CUDA_ERROR_INVALID_PTX",
     "a PTX JIT compilation failed"},
    {CUDA_ERROR_JIT_COMPILER_NOT_FOUND, "CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
     "PTX JIT compiler library not found"},
    {CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
     "the provided PTX was compiled with an unsupported toolchain."},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE",
     "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
     "too many resources requested for launch"},
    {CUDA_ERROR_LAUNCH_TIMEOUT, "CUDA_ERROR_LAUNCH_TIMEOUT",
     "the launch timed out and was terminated"},
    {CUDA_ERROR_ASSERT, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {CUDA_ERROR_ILLEGAL_INSTRUCTION, "CUDA_ERROR_ILLEGAL_INSTRUCTION",
     "an illegal instruction was encountered"},
    {CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS",
     "misaligned address"},
    {CUDA_ERROR_INVALID_PC, "CUDA_ERROR_INVALID_PC", "invalid program counter"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED",
     "unspecified launch failure"},
    {CUDA_ERROR_SYSTEM_NOT_READY, "CUDA_ERROR_SYSTEM_NOT_READY",
     "system not yet initialized"},
    {CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
     "system has unsupported display driver / cuda driver combination"},
    {CUDA_ERROR_UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

static CUresult parseResult(const std::string &text) {
  for (const Result &result : kResults)
    if (text == result.name)
      return result.code;
  return CUresult(toInt(text.c_str()));
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// What NSA_FAKE_CUDA_FAIL says of the `count`th call of `name`.
static CUresult getInjected(const std::string &name, int count) {
  const char *value = std::getenv("NSA_FAKE_CUDA_FAIL");
  std::istringstream items(value ? value : "");
  for (std::string item; std::getline(items, item, ',');) {
    size_t equals = item.find('='), at = item.find('@');
    if (equals == std::string::npos || item.substr(0, equals) != name)
      continue;
    if (at != std::string::npos && toInt(item.c_str() + at + 1) != count)
      continue;
    return parseResult(item.substr(equals + 1, at - equals - 1));
  }
  return CUDA_SUCCESS;
}

Call::Call(const std::string &name, Kind kind)
    : state(getState()), lock(state.mutex) {
  state.calls.push_back(name);
  int count = ++state.callCounts[name];
  failure = getInjected(name, count);
  if (name == "cuLaunchKernel" && count <= getNumber("NSA_FAKE_CUDA_SLOW", 0))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  if (kind == Fails &&
      ++state.failableCalls == getNumber("NSA_FAKE_CUDA_FAIL_AT", 0))
    failure = CUDA_ERROR_UNKNOWN;
  if (failure != CUDA_SUCCESS)
    state.lastFailed = name;
  // A release takes place nevertheless, as destroying the context would.
  if (failure == CUDA_SUCCESS && kind == Fails && getContext())
    failure = getContext()->sticky;
}

Context *Call::getContext() {
  return currentContexts.empty() ? nullptr : currentContexts.back();
}

//===----------------------------------------------------------------------===//
// Initialisation, errors, devices
//===----------------------------------------------------------------------===//

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

CUresult cuInit(unsigned flags) {
  BEGIN("cuInit")
  return flags == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDriverGetVersion(int *version) {
  BEGIN("cuDriverGetVersion")
  *version = 12040;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult code, const char **name) {
  for (const Result &result : kResults) {
    if (result.code != code)
      continue;
    *name = result.name;
    return CUDA_SUCCESS;
  }
  *name = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
  for (const Result &result : kResults) {
    if (result.code != code)
      continue;
    *text = result.text;
    return CUDA_SUCCESS;
  }
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetCount(int *count) {
  BEGIN("cuDeviceGetCount")
  *count = int(getNumber("NSA_FAKE_CUDA_DEVICES", 1));
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  BEGIN("cuDeviceGet")
  if (ordinal < 0 || ordinal >= getNumber("NSA_FAKE_CUDA_DEVICES", 1))
    return CUDA_ERROR_INVALID_DEVICE;
  *device = ordinal;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
  BEGIN("cuDeviceGetName")
  std::snprintf(name, size_t(length), "Fake GPU %d", device);
  return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice) {
  BEGIN("cuDeviceTotalMem")
  *bytes = size_t(getNumber("NSA_FAKE_CUDA_MEMORY", 1 << 30));
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute,
                              CUdevice) {
  BEGIN("cuDeviceGetAttribute")
  int capability = int(getNumber("NSA_FAKE_CUDA_CAPABILITY", 90));
  switch (attribute) {
  case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y:
    *value = 1024;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z:
    *value = 64;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
    *value = 2147483647;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z:
    *value = 65535;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
    *value = 48 << 10;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
    *value = capability >= 90 ? 227 << 10 : 163 << 10;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
    *value = 132;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
    *value = 50 << 20;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
    *value = 1000000;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
    *value = capability / 10;
    return CUDA_SUCCESS;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
    *value = capability % 10;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_INVALID_VALUE;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

/// Counts what the context's end takes away from its owners.
static void countOrphans(State &state, Context *context) {
  for (auto &[module, owner] : state.modules)
    state.orphans += module->context == context;
  for (auto &[stream, owner] : state.streams)
    state.orphans += stream->context == context;
  for (auto &[event, owner] : state.events)
    state.orphans += event->context == context;
  for (auto &[address, allocation] : state.memory)
    state.orphans += allocation.context == context;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *handle, CUdevice device) {
  BEGIN("cuDevicePrimaryCtxRetain")
  auto &[context, count] = state.primaries[device];
  if (count++ == 0) {
    context = std::make_unique<Context>();
    context->device = device;
    context->primary = true;
  }
  *handle = reinterpret_cast<CUcontext>(context.get());
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  BEGIN("cuDevicePrimaryCtxRelease", Call::Releases)
  auto &[context, count] = state.primaries[device];
  if (count == 0)
    return CUDA_ERROR_INVALID_CONTEXT;
  if (--count == 0) {
    countOrphans(state, context.get());
    context.reset();
  }
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v2(CUcontext *handle, unsigned, CUdevice device) {
  BEGIN("cuCtxCreate")
  auto owner = std::make_unique<Context>();
  Context *context = owner.get();
  context->device = device;
  state.contexts.emplace(context, std::move(owner));
  currentContexts.push_back(context);
  *handle = reinterpret_cast<CUcontext>(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  BEGIN("cuCtxDestroy", Call::Releases)
  Context *context = find(state.contexts, handle);
  if (!context)
    return CUDA_ERROR_INVALID_CONTEXT;
  countOrphans(state, context);
  state.contexts.erase(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  // A failed context can be made current; calls in it fail.
  BEGIN("cuCtxPushCurrent")
  auto *context = reinterpret_cast<Context *>(handle);
  bool known = state.contexts.count(context) != 0;
  for (auto &[device, primary] : state.primaries)
    known |= primary.first.get() == context;
  if (!known || !context)
    return CUDA_ERROR_INVALID_CONTEXT;
  currentContexts.push_back(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *handle) {
  BEGIN("cuCtxPopCurrent", Call::Releases)
  if (currentContexts.empty())
    return CUDA_ERROR_INVALID_CONTEXT;
  *handle = reinterpret_cast<CUcontext>(currentContexts.back());
  currentContexts.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize() {
  BEGIN_IN_CONTEXT("cuCtxSynchronize")
  flushAll(context);
  return context->sticky;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// Copies a log into the buffer that the options name, as far as it fits.
static void copyLog(const std::string &text, void *buffer, size_t size) {
  if (!buffer || size == 0)
    return;
  size_t length = std::min(text.size(), size - 1);
  std::memcpy(buffer, text.data(), length);
  static_cast<char *>(buffer)[length] = '\0';
}

CUresult cuModuleLoadDataEx(CUmodule *handle, const void *image, unsigned count,
                            CUjit_option *options, void **values) {
  BEGIN_IN_CONTEXT("cuModuleLoadDataEx")
  void *infoBuffer = nullptr, *errorBuffer = nullptr;
  size_t infoSize = 0, errorSize = 0;
  for (unsigned i = 0; i != count; ++i) {
    if (options[i] == CU_JIT_INFO_LOG_BUFFER)
      infoBuffer = values[i];
    else if (options[i] == CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES)
      infoSize = reinterpret_cast<size_t>(values[i]);
    else if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
      errorBuffer = values[i];
    else if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
      errorSize = reinterpret_cast<size_t>(values[i]);
  }
  Module module;
  std::string info, errors;
  CUresult result = loadImage(static_cast<const char *>(image),
                              int(getNumber("NSA_FAKE_CUDA_CAPABILITY", 90)),
                              module, info, errors);
  copyLog(info, infoBuffer, infoSize);
  copyLog(errors, errorBuffer, errorSize);
  if (result != CUDA_SUCCESS)
    return result;
  Module *made = make(state.modules, context, handle);
  made->functions = std::move(module.functions);
  for (Function &function : made->functions)
    function.context = context;
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule handle) {
  BEGIN("cuModuleUnload", Call::Releases)
  Module *module = find(state.modules, handle);
  if (!module)
    return CUDA_ERROR_INVALID_HANDLE;
  flushAll(module->context);
  state.modules.erase(module);
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *handle, CUmodule moduleHandle,
                             const char *name) {
  BEGIN_IN_CONTEXT("cuModuleGetFunction")
  Module *module = find(state.modules, moduleHandle);
  if (!module)
    return CUDA_ERROR_INVALID_HANDLE;
  for (Function &function : module->functions) {
    if (function.name != name)
      continue;
    *handle = reinterpret_cast<CUfunction>(&function);
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute,
                            CUfunction handle) {
  BEGIN_IN_CONTEXT("cuFuncGetAttribute")
  Function *function = findFunction(state, handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  switch (attribute) {
  case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    *value = function->maxThreads;
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
    *value = function->staticSharedBytes;
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    *value = 0;
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    *value = function->localBytes;
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_NUM_REGS:
    *value = function->registers;
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_PTX_VERSION:
  case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
    *value = int(getNumber("NSA_FAKE_CUDA_CAPABILITY", 90));
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
    *value = function->maxDynamicSharedBytes;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute,
                            int value) {
  BEGIN_IN_CONTEXT("cuFuncSetAttribute")
  Function *function = findFunction(state, handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
    return CUDA_ERROR_INVALID_VALUE;
  function->maxDynamicSharedBytes = value;
  return CUDA_SUCCESS;
}

#ifndef NSA_FAKE_CUDA_OLD
CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t *offset,
                            size_t *size) {
  BEGIN_IN_CONTEXT("cuFuncGetParamInfo")
  Function *function = findFunction(state, handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  if (index >= function->parameterSizes.size())
    return CUDA_ERROR_INVALID_VALUE;
  *offset = 0;
  *size = function->parameterSizes[index];
  return CUDA_SUCCESS;
}
#endif

} // extern "C"
// NOLINTEND(readability-identifier-naming)
