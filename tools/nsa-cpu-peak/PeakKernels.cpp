//===- PeakKernels.cpp - Loops of independent multiply-adds ---------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As many accumulators as there are registers, less two for the operands: more
// than latency times throughput of any CPU needs. Loops over them are unrolled,
// so that they are registers. factor and addend are not known here, and results
// are returned: nothing can be folded.
//
//===----------------------------------------------------------------------===//

#include "PeakKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace mlir::nsa;

#if defined(__x86_64__)
extern "C" {
__attribute__((target("avx512f"), noinline)) float
nsaPeak512(uint64_t iterations, float factor, float addend) {
  constexpr int kCount = 24;
  __m512 x = _mm512_set1_ps(factor), y = _mm512_set1_ps(addend);
  __m512 sums[kCount];
#pragma GCC unroll 32
  for (int i = 0; i < kCount; ++i)
    sums[i] = _mm512_set1_ps(float(i));
  for (uint64_t step = 0; step != iterations; ++step) {
#pragma GCC unroll 32
    for (__m512 &sum : sums)
      sum = _mm512_fmadd_ps(sum, x, y);
  }
#pragma GCC unroll 32
  for (int i = 1; i < kCount; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

__attribute__((target("avx2,fma"), noinline)) float
nsaPeak256(uint64_t iterations, float factor, float addend) {
  constexpr int kCount = 14;
  __m256 x = _mm256_set1_ps(factor), y = _mm256_set1_ps(addend);
  __m256 sums[kCount];
#pragma GCC unroll 32
  for (int i = 0; i < kCount; ++i)
    sums[i] = _mm256_set1_ps(float(i));
  for (uint64_t step = 0; step != iterations; ++step) {
#pragma GCC unroll 32
    for (__m256 &sum : sums)
      sum = _mm256_fmadd_ps(sum, x, y);
  }
#pragma GCC unroll 32
  for (int i = 1; i < kCount; ++i)
    sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

__attribute__((noinline)) float nsaPeak128(uint64_t iterations, float factor,
                                           float addend) {
  constexpr int kCount = 14;
  __m128 x = _mm_set1_ps(factor), y = _mm_set1_ps(addend);
  __m128 sums[kCount];
#pragma GCC unroll 32
  for (int i = 0; i < kCount; ++i)
    sums[i] = _mm_set1_ps(float(i));
  for (uint64_t step = 0; step != iterations; ++step) {
#pragma GCC unroll 32
    for (__m128 &sum : sums)
      sum = _mm_add_ps(_mm_mul_ps(sum, x), y);
  }
#pragma GCC unroll 32
  for (int i = 1; i < kCount; ++i)
    sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}
}

const PeakKernel *mlir::nsa::getPeakKernels(unsigned &count) {
  static const PeakKernel kernels[] = {
      {512, true, 24, __builtin_cpu_supports("avx512f") != 0, nsaPeak512},
      {256, true, 14,
       __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
       nsaPeak256},
      {128, false, 14, true, nsaPeak128},
  };
  count = sizeof(kernels) / sizeof(*kernels);
  return kernels;
}

#else
// Elsewhere four floats, as the compiler multiplies and adds them.
extern "C" __attribute__((noinline)) float
nsaPeak128(uint64_t iterations, float factor, float addend) {
  using Vector = float __attribute__((vector_size(16)));
  constexpr int kCount = 14;
  Vector x = {factor, factor, factor, factor};
  Vector y = {addend, addend, addend, addend};
  Vector sums[kCount];
#pragma GCC unroll 32
  for (int i = 0; i < kCount; ++i)
    sums[i] = x * float(i);
  for (uint64_t step = 0; step != iterations; ++step) {
#pragma GCC unroll 32
    for (Vector &sum : sums)
      sum = sum * x + y;
  }
#pragma GCC unroll 32
  for (int i = 1; i < kCount; ++i)
    sums[0] += sums[i];
  return sums[0][0];
}

const PeakKernel *mlir::nsa::getPeakKernels(unsigned &count) {
#if defined(__aarch64__)
  static const PeakKernel kernels[] = {{128, true, 14, true, nsaPeak128}};
#else
  static const PeakKernel kernels[] = {{128, false, 14, true, nsaPeak128}};
#endif
  count = 1;
  return kernels;
}
#endif
