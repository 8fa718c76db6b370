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

using namespace mlir::nsa;

/// `kCount` chains of `kLanes` multiply-adds; inlined, and so compiled for the
/// instructions of the caller. Compilers make one instruction of the two
/// operations where there is one.
template <int kLanes, int kCount>
static inline __attribute__((always_inline)) float
runChains(uint64_t iterations, float factor, float addend) {
  using Vector [[gnu::vector_size(kLanes * sizeof(float))]] = float;
  Vector x = Vector{} + factor, y = Vector{} + addend;
  Vector sums[kCount];
#pragma GCC unroll 32
  for (int i = 0; i < kCount; ++i)
    sums[i] = Vector{} + float(i);
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

// C names, for whoever disassembles them.
extern "C" {
#if defined(__x86_64__)
__attribute__((target("avx512f"), noinline)) float
nsaPeak512(uint64_t iterations, float factor, float addend) {
  return runChains<16, 24>(iterations, factor, addend);
}

__attribute__((target("avx2,fma"), noinline)) float
nsaPeak256(uint64_t iterations, float factor, float addend) {
  return runChains<8, 14>(iterations, factor, addend);
}
#endif

__attribute__((noinline)) float nsaPeak128(uint64_t iterations, float factor,
                                           float addend) {
  return runChains<4, 14>(iterations, factor, addend);
}
}

const PeakKernel *mlir::nsa::getPeakKernels(unsigned &count) {
#if defined(__aarch64__)
  constexpr bool kIsFused = true;
#else
  constexpr bool kIsFused = false;
#endif
  static const PeakKernel kernels[] = {
#if defined(__x86_64__)
      {512, true, 24, __builtin_cpu_supports("avx512f") != 0, nsaPeak512},
      {256, true, 14,
       __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
       nsaPeak256},
#endif
      {128, kIsFused, 14, true, nsaPeak128},
  };
  count = sizeof(kernels) / sizeof(*kernels);
  return kernels;
}
