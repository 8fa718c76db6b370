//===- DriverTest.cpp - Tests of loading the CUDA driver ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every way in which there is no driver that can be used.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

using namespace runtimetest;

static void testLoad() {
  CUDADriver driver = require(CUDADriver::load(getFakeDriver()));
  EXPECT(driver.getVersion() == 12040);
  EXPECT_TEXT(driver.getLibrary(), getFakeDriver());
  EXPECT_TEXT(formatCUDAVersion(12040), "12.4");
  EXPECT_TEXT(formatCUDAVersion(13000), "13.0");
  EXPECT(require(driver.getDeviceCount()) == 1);
}

static void testLoadByVariable() {
  ScopedVariable variable(kDriverLibraryVariable, getFakeDriver());
  CUDADriver driver = require(CUDADriver::load());
  EXPECT_TEXT(driver.getLibrary(), getFakeDriver());
}

static void testNoLibrary() {
  // With a slash, the loader does not search; its text is the same everywhere.
  std::string path = "/nowhere/libcuda.so.1";
  std::string reason =
      path + ": cannot open shared object file: No such file or directory";
  EXPECT_ERROR(CUDADriver::load(path),
               "no CUDA driver: cannot load " + path + ": " + reason);
  ScopedVariable variable(kDriverLibraryVariable, path);
  EXPECT_ERROR(CUDADriver::load(),
               "no CUDA driver: cannot load " + path +
                   " (named by NSA_CUDA_DRIVER): " + reason);
}

static void testDefaultLibrary() {
  // Whether this machine has a driver or not, the error names the library.
  Expected<CUDADriver> driver = CUDADriver::load();
  if (driver) {
    EXPECT_TEXT(driver->getLibrary(), "libcuda.so.1");
    return;
  }
  std::string text = driver.getError().str();
  EXPECT(text.find("libcuda.so.1") != std::string::npos ||
         text.find("cuInit") != std::string::npos);
}

static void testIncompleteLibrary() {
  std::string path = getLibraryDir() + "/libnsa_fake_cuda_incomplete.so";
  EXPECT_ERROR(
      CUDADriver::load(path),
      path +
          " is no CUDA driver that can be used: it does not have "
          "cuDriverGetVersion, cuGetErrorName, cuGetErrorString, "
          "cuDeviceGetCount, cuDeviceGet, cuDeviceGetName, "
          "cuDeviceGetAttribute, cuDeviceTotalMem_v2, "
          "cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRelease_v2, "
          "cuCtxCreate_v2, cuCtxDestroy_v2, cuCtxPushCurrent_v2, "
          "cuCtxPopCurrent_v2, cuCtxSynchronize, cuModuleLoadDataEx, "
          "cuModuleUnload, cuModuleGetFunction, cuFuncGetAttribute, "
          "cuFuncSetAttribute, cuMemAlloc_v2, cuMemFree_v2, cuMemGetInfo_v2, "
          "cuMemcpyHtoDAsync_v2, cuMemcpyDtoHAsync_v2, cuMemcpyDtoDAsync_v2, "
          "cuMemsetD8Async, cuLaunchKernel, cuStreamCreate, "
          "cuStreamDestroy_v2, cuStreamSynchronize, cuStreamWaitEvent, "
          "cuEventCreate, cuEventDestroy_v2, cuEventRecord, "
          "cuEventSynchronize, cuEventElapsedTime; CUDA 11 or newer is "
          "needed");
}

static void testInitFails() {
  struct {
    const char *code;
    const char *message;
  } cases[] = {
      {"CUDA_ERROR_NO_DEVICE",
       "cuInit failed: CUDA_ERROR_NO_DEVICE (no CUDA-capable device is "
       "detected); `nvidia-smi` lists the devices; CUDA_VISIBLE_DEVICES may "
       "hide them"},
      {"CUDA_ERROR_STUB_LIBRARY",
       "cuInit failed: CUDA_ERROR_STUB_LIBRARY (CUDA driver is a stub "
       "library); this libcuda is the toolkit's stub; take its directory "
       "(lib64/stubs) out of LD_LIBRARY_PATH"},
      {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
       "cuInit failed: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (system has "
       "unsupported display driver / cuda driver combination); libcuda and the "
       "kernel module are of different versions: reboot, or reinstall the "
       "driver"},
      {"CUDA_ERROR_SYSTEM_NOT_READY",
       "cuInit failed: CUDA_ERROR_SYSTEM_NOT_READY (system not yet "
       "initialized); a service that the device needs "
       "(nvidia-fabricmanager, for instance) is not running"},
      {"12345", "cuInit failed: unknown result 12345 (the driver has no text "
                "for it)"},
  };
  for (auto &test : cases) {
    ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                        std::string("cuInit=") + test.code);
    EXPECT_ERROR(CUDADriver::load(getFakeDriver()), test.message);
  }
  ScopedVariable fail("NSA_FAKE_CUDA_FAIL",
                      "cuDriverGetVersion=CUDA_ERROR_INVALID_VALUE");
  EXPECT_ERROR(CUDADriver::load(getFakeDriver()),
               "cuDriverGetVersion failed: CUDA_ERROR_INVALID_VALUE (invalid "
               "argument)");
}

std::vector<Test> runtimetest::getDriverTests() {
  return {
      {"driver.load", testLoad},
      {"driver.load_by_variable", testLoadByVariable},
      {"driver.no_library", testNoLibrary},
      {"driver.default_library", testDefaultLibrary},
      {"driver.incomplete_library", testIncompleteLibrary},
      {"driver.init_fails", testInitFails},
  };
}
