//===- CUDADriver.cpp - The CUDA driver, loaded at run time ---------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of functions, and what is known about the driver's errors.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/CUDADriver.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace mlir::nsa::runtime;
using namespace mlir::nsa::runtime::cu;

namespace {
struct Advice {
  CUresult code;
  const char *text;
};
} // namespace

/// What to do about a result, whichever call returned it.
static constexpr Advice kAdvice[] = {
    {CUDA_ERROR_STUB_LIBRARY,
     "this libcuda is the toolkit's stub; take its directory (lib64/stubs) out "
     "of LD_LIBRARY_PATH"},
    {CUDA_ERROR_NO_DEVICE,
     "`nvidia-smi` lists the devices; CUDA_VISIBLE_DEVICES may hide them"},
    {CUDA_ERROR_NO_BINARY_FOR_GPU,
     "the image is for another kind of device: compile for this one's compute "
     "capability"},
    {CUDA_ERROR_JIT_COMPILER_NOT_FOUND,
     "the driver's PTX compiler (libnvidia-ptxjitcompiler.so.1) is not "
     "installed: install it, or use a cubin instead of PTX"},
    {CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
     "the PTX is newer than this driver: emit an older PTX version, use a "
     "cubin, or update the driver"},
    {CUDA_ERROR_ILLEGAL_ADDRESS,
     "a kernel launched before this call accessed memory that is not its own; "
     "the context cannot be used any more; compute-sanitizer names the place"},
    {CUDA_ERROR_MISALIGNED_ADDRESS,
     "a kernel launched before this call accessed a misaligned address; the "
     "context cannot be used any more; compute-sanitizer names the place"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
     "the block needs more registers or shared memory than a multiprocessor "
     "has: use fewer threads per block"},
    {CUDA_ERROR_LAUNCH_TIMEOUT,
     "a kernel launched before this call ran longer than the time limit that "
     "devices with a display have; the context cannot be used any more"},
    {CUDA_ERROR_ASSERT,
     "a kernel launched before this call failed an assertion; the context "
     "cannot be used any more"},
    {CUDA_ERROR_ILLEGAL_INSTRUCTION,
     "a kernel launched before this call executed an illegal instruction; the "
     "context cannot be used any more"},
    {CUDA_ERROR_INVALID_PC,
     "a kernel launched before this call jumped out of its program; the "
     "context cannot be used any more"},
    {CUDA_ERROR_LAUNCH_FAILED,
     "a kernel launched before this call failed; the context cannot be used "
     "any more; compute-sanitizer names the place"},
    {CUDA_ERROR_SYSTEM_NOT_READY,
     "a service that the device needs (nvidia-fabricmanager, for instance) is "
     "not running"},
    {CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
     "libcuda and the kernel module are of different versions: reboot, or "
     "reinstall the driver"},
};

std::string mlir::nsa::runtime::formatCUDAVersion(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

Error CUDADriver::makeError(CUresult result, const std::string &call) const {
  // Both leave the pointer null for a number that they do not know.
  const char *name = nullptr, *text = nullptr;
  if (table.cuGetErrorName(result, &name) != CUDA_SUCCESS || !name)
    name = "unknown result";
  if (table.cuGetErrorString(result, &text) != CUDA_SUCCESS || !text)
    text = "the driver has no text for it";
  std::string shown = name;
  if (shown == "unknown result")
    shown += " " + std::to_string(int(result));
  Error error = Error::driver(call, result, shown, text);
  for (const Advice &advice : kAdvice)
    if (advice.code == result)
      return std::move(error).addAdvice(advice.text);
  return error;
}

Status CUDADriver::check(CUresult result, const std::string &call) const {
  if (result == CUDA_SUCCESS)
    return Status::success();
  return makeError(result, call);
}

/// Looks `name` up; leaves `function` null where it is absent.
template <typename Function>
static void lookUp(void *handle, const char *name, Function &function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
}

Expected<CUDADriver> CUDADriver::load(const std::string &path) {
  CUDADriver driver;
  driver.library = path;
  std::string origin;
  if (driver.library.empty()) {
    const char *named = std::getenv(kDriverLibraryVariable);
    if (named && *named) {
      driver.library = named;
      origin = std::string(" (named by ") + kDriverLibraryVariable + ")";
    } else {
      driver.library = "libcuda.so.1";
    }
  }

  void *handle = dlopen(driver.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    Error error("no CUDA driver: cannot load " + driver.library + origin +
                ": " + (reason ? reason : "unknown reason"));
    if (origin.empty() && path.empty())
      return std::move(error).addAdvice(
          std::string("install NVIDIA's driver, or name its library in ") +
          kDriverLibraryVariable);
    return error;
  }

  std::string missing;
#define NSA_CUDA_DRIVER_FUNCTION(NAME, PARAMETERS)                             \
  lookUp(handle, #NAME, driver.table.NAME);                                    \
  if (!driver.table.NAME)                                                      \
    missing += std::string(missing.empty() ? "" : ", ") + #NAME;
  NSA_CUDA_DRIVER_FUNCTIONS
#undef NSA_CUDA_DRIVER_FUNCTION
#define NSA_CUDA_DRIVER_FUNCTION(NAME, PARAMETERS)                             \
  lookUp(handle, #NAME, driver.table.NAME);
  NSA_CUDA_DRIVER_OPTIONAL_FUNCTIONS
#undef NSA_CUDA_DRIVER_FUNCTION
  if (!missing.empty()) {
    dlclose(handle);
    return Error(driver.library + origin +
                 " is no CUDA driver that can be used: it does not have " +
                 missing + "; CUDA 11 or newer is needed");
  }

  CUresult result = driver.table.cuInit(0);
  if (result != CUDA_SUCCESS)
    return driver.makeError(result, "cuInit");
  result = driver.table.cuDriverGetVersion(&driver.version);
  if (result != CUDA_SUCCESS)
    return driver.makeError(result, "cuDriverGetVersion");
  return driver;
}

Expected<int> CUDADriver::getDeviceCount() const {
  int count = 0;
  CUresult result = table.cuDeviceGetCount(&count);
  if (result != CUDA_SUCCESS)
    return makeError(result, "cuDeviceGetCount");
  return count;
}
