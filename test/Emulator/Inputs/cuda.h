//===- cuda.h - The little of CUDA that the kernels here need ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stands in for CUDA's own headers, so that clang alone compiles the kernels.
// The IR that is checked in beside them comes from
//
//   clang-22 -x cuda --cuda-device-only -nocudainc -nocudalib -S -emit-llvm
//     --cuda-gpu-arch=sm_80 -O2 -gline-tables-only -include cuda.h KERNEL.cu
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_EMULATOR_CUDA_H
#define NSA_TEST_EMULATOR_CUDA_H

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))

#define threadIdx_x __nvvm_read_ptx_sreg_tid_x()
#define threadIdx_y __nvvm_read_ptx_sreg_tid_y()
#define blockIdx_x __nvvm_read_ptx_sreg_ctaid_x()
#define blockIdx_y __nvvm_read_ptx_sreg_ctaid_y()
#define blockDim_x __nvvm_read_ptx_sreg_ntid_x()
#define gridDim_x __nvvm_read_ptx_sreg_nctaid_x()

__device__ inline float __shfl_xor_sync(unsigned mask, float value, int lanes) {
  int bits = __builtin_bit_cast(int, value);
  return __builtin_bit_cast(float,
                            __nvvm_shfl_sync_bfly_i32(mask, bits, lanes, 0x1f));
}

__device__ inline float atomicAdd(float *address, float value) {
  return __scoped_atomic_fetch_add(address, value, __ATOMIC_RELAXED,
                                   __MEMORY_SCOPE_DEVICE);
}

__device__ inline float max(float x, float y) { return __nvvm_fmax_f(x, y); }
extern "C" __device__ float __nv_expf(float);

#endif // NSA_TEST_EMULATOR_CUDA_H
