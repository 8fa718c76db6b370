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

//===----------------------------------------------------------------------===//
// sm_80
//===----------------------------------------------------------------------===//

#define SHARED __attribute__((address_space(3)))
#define GLOBAL __attribute__((address_space(1)))

__device__ inline void copyAsync16(void *shared, const void *global) {
  __nvvm_cp_async_cg_shared_global_16((SHARED void *)shared,
                                      (const GLOBAL void *)global);
}
#define commitCopies() __nvvm_cp_async_commit_group()
#define waitCopies(pending) __nvvm_cp_async_wait_group(pending)

__device__ inline unsigned sharedAddress(const void *pointer) {
  return (unsigned)(unsigned long long)(SHARED const void *)pointer;
}

__device__ inline void loadMatrices(unsigned (&r)[4], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(sharedAddress(row)));
}

__device__ inline void loadTransposed(unsigned (&r)[4], const void *row) {
  asm volatile(
      "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
      : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
      : "r"(sharedAddress(row)));
}

__device__ inline void multiply(float (&c)[4], const unsigned (&a)[4],
                                unsigned b0, unsigned b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
               "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ inline unsigned pack(float low, float high) {
  unsigned result;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
  return result;
}

__device__ inline float exp2(float x) { return __nvvm_ex2_approx_ftz_f(x); }

#endif // NSA_TEST_EMULATOR_CUDA_H
