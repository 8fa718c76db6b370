//===- CUDADriverAPI.h - Declarations of the CUDA driver API ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the CUDA driver API that lib/Runtime calls, declared by
// ourselves: no CUDA header is needed to build, and no library to link. Names
// and meanings are those of NVIDIA's "CUDA Driver API" reference manual; a
// function stands here under the name that libcuda exports (`cuMemAlloc` of the
// manual is `cuMemAlloc_v2`). A test compares with cuda.h where there is one.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_CUDADRIVERAPI_H
#define NSA_RUNTIME_CUDADRIVERAPI_H

#include <cstddef>

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming,bugprone-macro-parentheses)

namespace mlir::nsa::runtime::cu {

// Opaque handles. They are types of ours, distinct from those of cuda.h.
struct ContextHandle;
struct ModuleHandle;
struct FunctionHandle;
struct StreamHandle;
struct EventHandle;
using CUcontext = ContextHandle *;
using CUmodule = ModuleHandle *;
using CUfunction = FunctionHandle *;
using CUstream = StreamHandle *;
using CUevent = EventHandle *;
using CUdevice = int;
using CUdeviceptr = unsigned long long;

/// Results that this library or its tests name. Drivers return others too;
/// cuGetErrorName knows them all.
enum CUresult : int {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NOT_INITIALIZED = 3,
  CUDA_ERROR_STUB_LIBRARY = 34,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_DEVICE = 101,
  CUDA_ERROR_INVALID_IMAGE = 200,
  CUDA_ERROR_INVALID_CONTEXT = 201,
  CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
  CUDA_ERROR_INVALID_PTX = 218,
  CUDA_ERROR_JIT_COMPILER_NOT_FOUND = 221,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_ERROR_INVALID_SOURCE = 300,
  CUDA_ERROR_INVALID_HANDLE = 400,
  CUDA_ERROR_NOT_FOUND = 500,
  CUDA_ERROR_NOT_READY = 600,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
  CUDA_ERROR_LAUNCH_TIMEOUT = 702,
  CUDA_ERROR_ASSERT = 710,
  CUDA_ERROR_ILLEGAL_INSTRUCTION = 715,
  CUDA_ERROR_MISALIGNED_ADDRESS = 716,
  CUDA_ERROR_INVALID_PC = 718,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_SYSTEM_NOT_READY = 802,
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
  CUDA_ERROR_UNKNOWN = 999,
};

enum CUdevice_attribute : int {
  CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
  CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X = 2,
  CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y = 3,
  CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z = 4,
  CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X = 5,
  CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y = 6,
  CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z = 7,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK = 8,
  CU_DEVICE_ATTRIBUTE_CLOCK_RATE = 13,
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};

enum CUfunction_attribute : int {
  CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
  CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
  CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES = 2,
  CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,
  CU_FUNC_ATTRIBUTE_NUM_REGS = 4,
  CU_FUNC_ATTRIBUTE_PTX_VERSION = 5,
  CU_FUNC_ATTRIBUTE_BINARY_VERSION = 6,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
};

enum CUjit_option : int {
  CU_JIT_INFO_LOG_BUFFER = 3,
  CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
  CU_JIT_LOG_VERBOSE = 12,
};

enum : unsigned {
  CU_CTX_SCHED_AUTO = 0,
  CU_STREAM_DEFAULT = 0,
  CU_STREAM_NON_BLOCKING = 1,
  CU_EVENT_DEFAULT = 0,
};

} // namespace mlir::nsa::runtime::cu

/// NSA_CUDA_DRIVER_FUNCTION(exported name, parameters): what every driver since
/// CUDA 11 exports. All of them return CUresult.
#define NSA_CUDA_DRIVER_FUNCTIONS                                              \
  NSA_CUDA_DRIVER_FUNCTION(cuInit, (unsigned flags))                           \
  NSA_CUDA_DRIVER_FUNCTION(cuDriverGetVersion, (int *version))                 \
  NSA_CUDA_DRIVER_FUNCTION(cuGetErrorName, (CUresult, const char **))          \
  NSA_CUDA_DRIVER_FUNCTION(cuGetErrorString, (CUresult, const char **))        \
  NSA_CUDA_DRIVER_FUNCTION(cuDeviceGetCount, (int *count))                     \
  NSA_CUDA_DRIVER_FUNCTION(cuDeviceGet, (CUdevice *, int ordinal))             \
  NSA_CUDA_DRIVER_FUNCTION(cuDeviceGetName, (char *, int length, CUdevice))    \
  NSA_CUDA_DRIVER_FUNCTION(cuDeviceGetAttribute,                               \
                           (int *value, CUdevice_attribute, CUdevice))         \
  NSA_CUDA_DRIVER_FUNCTION(cuDeviceTotalMem_v2, (size_t *bytes, CUdevice))     \
  NSA_CUDA_DRIVER_FUNCTION(cuDevicePrimaryCtxRetain, (CUcontext *, CUdevice))  \
  NSA_CUDA_DRIVER_FUNCTION(cuDevicePrimaryCtxRelease_v2, (CUdevice))           \
  NSA_CUDA_DRIVER_FUNCTION(cuCtxCreate_v2,                                     \
                           (CUcontext *, unsigned flags, CUdevice))            \
  NSA_CUDA_DRIVER_FUNCTION(cuCtxDestroy_v2, (CUcontext))                       \
  NSA_CUDA_DRIVER_FUNCTION(cuCtxPushCurrent_v2, (CUcontext))                   \
  NSA_CUDA_DRIVER_FUNCTION(cuCtxPopCurrent_v2, (CUcontext *))                  \
  NSA_CUDA_DRIVER_FUNCTION(cuCtxSynchronize, (void))                           \
  NSA_CUDA_DRIVER_FUNCTION(cuModuleLoadDataEx,                                 \
                           (CUmodule *, const void *image, unsigned options,   \
                            CUjit_option *, void **values))                    \
  NSA_CUDA_DRIVER_FUNCTION(cuModuleUnload, (CUmodule))                         \
  NSA_CUDA_DRIVER_FUNCTION(cuModuleGetFunction,                                \
                           (CUfunction *, CUmodule, const char *name))         \
  NSA_CUDA_DRIVER_FUNCTION(cuFuncGetAttribute,                                 \
                           (int *value, CUfunction_attribute, CUfunction))     \
  NSA_CUDA_DRIVER_FUNCTION(cuFuncSetAttribute,                                 \
                           (CUfunction, CUfunction_attribute, int value))      \
  NSA_CUDA_DRIVER_FUNCTION(cuMemAlloc_v2, (CUdeviceptr *, size_t bytes))       \
  NSA_CUDA_DRIVER_FUNCTION(cuMemFree_v2, (CUdeviceptr))                        \
  NSA_CUDA_DRIVER_FUNCTION(cuMemGetInfo_v2, (size_t *free, size_t *total))     \
  NSA_CUDA_DRIVER_FUNCTION(cuMemcpyHtoDAsync_v2,                               \
                           (CUdeviceptr, const void *, size_t, CUstream))      \
  NSA_CUDA_DRIVER_FUNCTION(cuMemcpyDtoHAsync_v2,                               \
                           (void *, CUdeviceptr, size_t, CUstream))            \
  NSA_CUDA_DRIVER_FUNCTION(cuMemcpyDtoDAsync_v2,                               \
                           (CUdeviceptr, CUdeviceptr, size_t, CUstream))       \
  NSA_CUDA_DRIVER_FUNCTION(cuMemsetD8Async,                                    \
                           (CUdeviceptr, unsigned char, size_t, CUstream))     \
  NSA_CUDA_DRIVER_FUNCTION(cuLaunchKernel,                                     \
                           (CUfunction, unsigned gridX, unsigned gridY,        \
                            unsigned gridZ, unsigned blockX, unsigned blockY,  \
                            unsigned blockZ, unsigned dynamicSharedBytes,      \
                            CUstream, void **parameters, void **extra))        \
  NSA_CUDA_DRIVER_FUNCTION(cuStreamCreate, (CUstream *, unsigned flags))       \
  NSA_CUDA_DRIVER_FUNCTION(cuStreamDestroy_v2, (CUstream))                     \
  NSA_CUDA_DRIVER_FUNCTION(cuStreamSynchronize, (CUstream))                    \
  NSA_CUDA_DRIVER_FUNCTION(cuStreamWaitEvent,                                  \
                           (CUstream, CUevent, unsigned flags))                \
  NSA_CUDA_DRIVER_FUNCTION(cuEventCreate, (CUevent *, unsigned flags))         \
  NSA_CUDA_DRIVER_FUNCTION(cuEventDestroy_v2, (CUevent))                       \
  NSA_CUDA_DRIVER_FUNCTION(cuEventRecord, (CUevent, CUstream))                 \
  NSA_CUDA_DRIVER_FUNCTION(cuEventSynchronize, (CUevent))                      \
  NSA_CUDA_DRIVER_FUNCTION(cuEventElapsedTime,                                 \
                           (float *milliseconds, CUevent start, CUevent end))

/// What newer drivers export; null in the table where it is absent.
/// cuFuncGetParamInfo came with CUDA 12.4.
#define NSA_CUDA_DRIVER_OPTIONAL_FUNCTIONS                                     \
  NSA_CUDA_DRIVER_FUNCTION(cuFuncGetParamInfo, (CUfunction, size_t index,      \
                                                size_t *offset, size_t *size))

namespace mlir::nsa::runtime::cu {

/// The driver's functions, by the names under which it exports them.
struct Functions {
#define NSA_CUDA_DRIVER_FUNCTION(NAME, PARAMETERS)                             \
  CUresult(*NAME) PARAMETERS = nullptr;
  NSA_CUDA_DRIVER_FUNCTIONS
  NSA_CUDA_DRIVER_OPTIONAL_FUNCTIONS
#undef NSA_CUDA_DRIVER_FUNCTION
};

} // namespace mlir::nsa::runtime::cu

// NOLINTEND(readability-identifier-naming,bugprone-macro-parentheses)

#endif // NSA_RUNTIME_CUDADRIVERAPI_H
