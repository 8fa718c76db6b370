//===- Libdevice.cpp - Functions that kernels call by name ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libdevice, as far as it is modelled: the host's mathematical functions, which
// are at least as accurate. The fast variants flush nothing here.
//
//===----------------------------------------------------------------------===//

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include "llvm/ADT/StringMap.h"
#include <cmath>

using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

template <float (*function)(float)> static float counted(float x) {
  ++ThreadBlock::getCurrent()->getCounters().exp;
  return function(x);
}
template <double (*function)(double)> static double countedDouble(double x) {
  ++ThreadBlock::getCurrent()->getCounters().exp;
  return function(x);
}

static float rsqrtFloat(float x) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(x)));
}
static double rsqrtDouble(double x) { return 1.0 / std::sqrt(x); }
static float reciprocalFloat(float x) { return 1.0f / x; }
static float divideFloat(float x, float y) { return x / y; }
static float saturateFloat(float x) {
  return std::isnan(x) ? 0.0f : std::fmin(std::fmax(x, 0.0f), 1.0f);
}
static float normalFloat(float x) { return 0.5f * std::erfc(-x * 0.70710678f); }
static int minInt(int x, int y) { return x < y ? x : y; }
static int maxInt(int x, int y) { return x > y ? x : y; }
static int absInt(int x) { return x < 0 ? -unsigned(x) : x; }

void *emulator::lookupLibraryFunction(llvm::StringRef name) {
  static const llvm::StringMap<void *> table = [] {
    llvm::StringMap<void *> map;
    auto add = [&](llvm::StringRef name, auto *function) {
      map[name] = reinterpret_cast<void *>(function);
    };
    add("__nv_expf", counted<expf>);
    add("__nv_exp2f", counted<exp2f>);
    add("__nv_exp10f", counted<exp10f>);
    add("__nv_expm1f", counted<expm1f>);
    add("__nv_fast_expf", counted<expf>);
    add("__nv_fast_exp10f", counted<exp10f>);
    add("__nv_exp", countedDouble<exp>);
    add("__nv_exp2", countedDouble<exp2>);
    add("__nv_logf", logf);
    add("__nv_log2f", log2f);
    add("__nv_log10f", log10f);
    add("__nv_log1pf", log1pf);
    add("__nv_fast_logf", logf);
    add("__nv_fast_log2f", log2f);
    add("__nv_log", static_cast<double (*)(double)>(log));
    add("__nv_log2", static_cast<double (*)(double)>(log2));
    add("__nv_erff", erff);
    add("__nv_erfcf", erfcf);
    add("__nv_erf", static_cast<double (*)(double)>(erf));
    add("__nv_normcdff", normalFloat);
    add("__nv_tanhf", tanhf);
    add("__nv_tanh", static_cast<double (*)(double)>(tanh));
    add("__nv_sinf", sinf);
    add("__nv_cosf", cosf);
    add("__nv_fast_sinf", sinf);
    add("__nv_fast_cosf", cosf);
    add("__nv_powf", powf);
    add("__nv_fast_powf", powf);
    add("__nv_sqrtf", sqrtf);
    add("__nv_sqrt", static_cast<double (*)(double)>(sqrt));
    add("__nv_fsqrt_rn", sqrtf);
    add("__nv_rsqrtf", rsqrtFloat);
    add("__nv_rsqrt", rsqrtDouble);
    add("__nv_frcp_rn", reciprocalFloat);
    add("__nv_fdividef", divideFloat);
    add("__nv_fast_fdividef", divideFloat);
    add("__nv_fmaf", fmaf);
    add("__nv_fmaf_rn", fmaf);
    add("__nv_fma", static_cast<double (*)(double, double, double)>(fma));
    add("__nv_fmaxf", fmaxf);
    add("__nv_fminf", fminf);
    add("__nv_fmodf", fmodf);
    add("__nv_fabsf", fabsf);
    add("__nv_floorf", floorf);
    add("__nv_ceilf", ceilf);
    add("__nv_truncf", truncf);
    add("__nv_roundf", roundf);
    add("__nv_rintf", rintf);
    add("__nv_nearbyintf", rintf);
    add("__nv_copysignf", copysignf);
    add("__nv_saturatef", saturateFloat);
    add("__nv_ldexpf", ldexpf);
    add("__nv_min", minInt);
    add("__nv_max", maxInt);
    add("__nv_abs", absInt);
    return map;
  }();
  return table.lookup(name);
}
