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
static float powerFloat(float x, int n) { return std::pow(x, float(n)); }
static double powerDouble(double x, int n) { return std::pow(x, double(n)); }
template <typename T> static int isFinite(T x) { return std::isfinite(x); }
template <typename T> static int isInfinite(T x) { return std::isinf(x); }
template <typename T> static int isNaN(T x) { return std::isnan(x); }
static int minInt(int x, int y) { return x < y ? x : y; }
static int maxInt(int x, int y) { return x > y ? x : y; }
static int absInt(int x) { return x < 0 ? -unsigned(x) : x; }

static const llvm::StringMap<void *> &getTable() {
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
    add("__nv_acosf", acosf);
    add("__nv_acos", static_cast<double (*)(double)>(acos));
    add("__nv_acoshf", acoshf);
    add("__nv_acosh", static_cast<double (*)(double)>(acosh));
    add("__nv_asinf", asinf);
    add("__nv_asin", static_cast<double (*)(double)>(asin));
    add("__nv_asinhf", asinhf);
    add("__nv_asinh", static_cast<double (*)(double)>(asinh));
    add("__nv_atanf", atanf);
    add("__nv_atan", static_cast<double (*)(double)>(atan));
    add("__nv_atanhf", atanhf);
    add("__nv_atanh", static_cast<double (*)(double)>(atanh));
    add("__nv_cbrtf", cbrtf);
    add("__nv_cbrt", static_cast<double (*)(double)>(cbrt));
    add("__nv_ceil", static_cast<double (*)(double)>(ceil));
    add("__nv_cos", static_cast<double (*)(double)>(cos));
    add("__nv_coshf", coshf);
    add("__nv_cosh", static_cast<double (*)(double)>(cosh));
    add("__nv_erfc", static_cast<double (*)(double)>(erfc));
    add("__nv_expm1", countedDouble<expm1>);
    add("__nv_fabs", static_cast<double (*)(double)>(fabs));
    add("__nv_floor", static_cast<double (*)(double)>(floor));
    add("__nv_log10", static_cast<double (*)(double)>(log10));
    add("__nv_log1p", static_cast<double (*)(double)>(log1p));
    add("__nv_rint", static_cast<double (*)(double)>(rint));
    add("__nv_round", static_cast<double (*)(double)>(round));
    add("__nv_sin", static_cast<double (*)(double)>(sin));
    add("__nv_sinhf", sinhf);
    add("__nv_sinh", static_cast<double (*)(double)>(sinh));
    add("__nv_tanf", tanf);
    add("__nv_tan", static_cast<double (*)(double)>(tan));
    add("__nv_trunc", static_cast<double (*)(double)>(trunc));
    add("__nv_atan2f", atan2f);
    add("__nv_atan2", static_cast<double (*)(double, double)>(atan2));
    add("__nv_copysign", static_cast<double (*)(double, double)>(copysign));
    add("__nv_fmax", static_cast<double (*)(double, double)>(fmax));
    add("__nv_fmin", static_cast<double (*)(double, double)>(fmin));
    add("__nv_fmod", static_cast<double (*)(double, double)>(fmod));
    add("__nv_pow", static_cast<double (*)(double, double)>(pow));
    add("__nv_fast_log10f", log10f);
    add("__nv_fast_tanf", tanf);
    add("__nv_powif", powerFloat);
    add("__nv_powi", powerDouble);
    add("__nv_finitef", isFinite<float>);
    add("__nv_isfinited", isFinite<double>);
    add("__nv_isinff", isInfinite<float>);
    add("__nv_isinfd", isInfinite<double>);
    add("__nv_isnanf", isNaN<float>);
    add("__nv_isnand", isNaN<double>);
    add("__nv_exp10", countedDouble<exp10>);
    return map;
  }();
  return table;
}

void *emulator::lookupLibraryFunction(llvm::StringRef name) {
  return getTable().lookup(name);
}

std::vector<std::string> emulator::getLibraryFunctions() {
  std::vector<std::string> names;
  for (llvm::StringRef name : getTable().keys())
    names.push_back(name.str());
  return names;
}
