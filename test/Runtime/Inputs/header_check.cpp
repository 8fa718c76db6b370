//===- header_check.cpp - Our declarations against NVIDIA's ---------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles only if CUDADriverAPI.h declares what cuda.h does: the same kinds of
// parameters, the same numbers.
//
//===----------------------------------------------------------------------===//

// With it, cuda.h also declares names of older versions that are exported.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>

#include "nsa/Runtime/CUDADriverAPI.h"

#include <type_traits>

namespace ours = mlir::nsa::runtime::cu;

/// Handles and enumerations are types of ours, so kinds are compared: pointers
/// (and constness and kind of what is pointed at), sizes of all else.
template <typename Ours, typename Theirs> constexpr bool isSame() {
  if constexpr (std::is_pointer_v<Ours> && std::is_pointer_v<Theirs>) {
    using A = std::remove_pointer_t<Ours>;
    using B = std::remove_pointer_t<Theirs>;
    if constexpr (std::is_const_v<A> != std::is_const_v<B>)
      return false;
    else if constexpr (std::is_class_v<A> || std::is_class_v<B>)
      return std::is_class_v<A> && std::is_class_v<B>;
    else if constexpr (std::is_void_v<A> || std::is_void_v<B>)
      return std::is_void_v<A> && std::is_void_v<B>;
    else
      return isSame<std::remove_const_t<A>, std::remove_const_t<B>>();
  } else if constexpr (std::is_pointer_v<Ours> || std::is_pointer_v<Theirs>) {
    return false;
  } else {
    return sizeof(Ours) == sizeof(Theirs) &&
           std::is_floating_point_v<Ours> == std::is_floating_point_v<Theirs>;
  }
}

template <typename... Ours, typename... Theirs>
constexpr bool haveSameParameters(ours::CUresult (*)(Ours...),
                                  CUresult (*)(Theirs...)) {
  if constexpr (sizeof...(Ours) == sizeof...(Theirs))
    return (isSame<Ours, Theirs>() && ...);
  else
    return false;
}

#define NSA_CUDA_DRIVER_FUNCTION(NAME, PARAMETERS)                             \
  static_assert(haveSameParameters(decltype(ours::Functions::NAME)(nullptr),   \
                                   static_cast<decltype(&::NAME)>(nullptr)),   \
                #NAME);
NSA_CUDA_DRIVER_FUNCTIONS
NSA_CUDA_DRIVER_OPTIONAL_FUNCTIONS
#undef NSA_CUDA_DRIVER_FUNCTION

#define CHECK(NAME) static_assert(int(ours::NAME) == int(::NAME), #NAME)
CHECK(CUDA_SUCCESS);
CHECK(CUDA_ERROR_INVALID_VALUE);
CHECK(CUDA_ERROR_OUT_OF_MEMORY);
CHECK(CUDA_ERROR_NOT_INITIALIZED);
CHECK(CUDA_ERROR_STUB_LIBRARY);
CHECK(CUDA_ERROR_NO_DEVICE);
CHECK(CUDA_ERROR_INVALID_DEVICE);
CHECK(CUDA_ERROR_INVALID_IMAGE);
CHECK(CUDA_ERROR_INVALID_CONTEXT);
CHECK(CUDA_ERROR_NO_BINARY_FOR_GPU);
CHECK(CUDA_ERROR_INVALID_PTX);
CHECK(CUDA_ERROR_JIT_COMPILER_NOT_FOUND);
CHECK(CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
CHECK(CUDA_ERROR_INVALID_SOURCE);
CHECK(CUDA_ERROR_INVALID_HANDLE);
CHECK(CUDA_ERROR_NOT_FOUND);
CHECK(CUDA_ERROR_NOT_READY);
CHECK(CUDA_ERROR_ILLEGAL_ADDRESS);
CHECK(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
CHECK(CUDA_ERROR_LAUNCH_TIMEOUT);
CHECK(CUDA_ERROR_ASSERT);
CHECK(CUDA_ERROR_ILLEGAL_INSTRUCTION);
CHECK(CUDA_ERROR_MISALIGNED_ADDRESS);
CHECK(CUDA_ERROR_INVALID_PC);
CHECK(CUDA_ERROR_LAUNCH_FAILED);
CHECK(CUDA_ERROR_SYSTEM_NOT_READY);
CHECK(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
CHECK(CUDA_ERROR_UNKNOWN);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK);
CHECK(CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
CHECK(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
CHECK(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
CHECK(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
CHECK(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
CHECK(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
CHECK(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
CHECK(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
CHECK(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES);
CHECK(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
CHECK(CU_FUNC_ATTRIBUTE_NUM_REGS);
CHECK(CU_FUNC_ATTRIBUTE_PTX_VERSION);
CHECK(CU_FUNC_ATTRIBUTE_BINARY_VERSION);
CHECK(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
CHECK(CU_JIT_INFO_LOG_BUFFER);
CHECK(CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES);
CHECK(CU_JIT_ERROR_LOG_BUFFER);
CHECK(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
CHECK(CU_JIT_LOG_VERBOSE);
CHECK(CU_CTX_SCHED_AUTO);
CHECK(CU_STREAM_DEFAULT);
CHECK(CU_STREAM_NON_BLOCKING);
CHECK(CU_EVENT_DEFAULT);
