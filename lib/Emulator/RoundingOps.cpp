//===- RoundingOps.cpp - Arithmetic in every rounding mode ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// add, mul, div, fma, rcp, sqrt and cvt of f32 and f64 with their modifiers
// .rn .rz .rm .rp and .ftz, of which libdevice is full. The host computes them
// in its own rounding mode.
//
//===----------------------------------------------------------------------===//

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include <cfenv>
#include <cmath>
#include <limits>

using namespace mlir::nsa::emulator;

namespace {
enum Modifiers : uint32_t { Nearest, Zero, Down, Up, ModeMask = 3, Flush = 4 };

/// Sets the host's rounding mode. Operands must be read from volatile variables
/// within, and the result written to one: compilers do not know of the mode.
class RoundingScope {
public:
  explicit RoundingScope(uint32_t modifiers) : mode(modifiers & ModeMask) {
    constexpr int kModes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD,
                              FE_UPWARD};
    if (mode != Nearest)
      std::fesetround(kModes[mode]);
  }
  ~RoundingScope() {
    if (mode != Nearest)
      std::fesetround(FE_TONEAREST);
  }
  RoundingScope(const RoundingScope &) = delete;
  RoundingScope &operator=(const RoundingScope &) = delete;

private:
  uint32_t mode;
};
} // namespace

template <typename T> static T fromSlot(uint64_t slot);
template <> float fromSlot<float>(uint64_t slot) { return asFloat(slot); }
template <> double fromSlot<double>(uint64_t slot) { return asDouble(slot); }
template <> int32_t fromSlot<int32_t>(uint64_t slot) { return int32_t(slot); }
template <> uint32_t fromSlot<uint32_t>(uint64_t slot) { return slot; }
template <> int64_t fromSlot<int64_t>(uint64_t slot) { return slot; }
template <> uint64_t fromSlot<uint64_t>(uint64_t slot) { return slot; }

/// .ftz is of f32 alone.
static float flushed(float value, uint32_t modifiers) {
  return modifiers & Flush ? flush(value) : value;
}
static double flushed(double value, uint32_t modifiers) { return value; }

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

template <typename T, T (*function)(T)>
static void handleUnary(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  uint32_t modifiers = site.op->param;
  volatile T x = flushed(fromSlot<T>(in[0]), modifiers);
  volatile T result;
  {
    RoundingScope scope(modifiers);
    result = function(x);
  }
  out[0] = asSlot(flushed(T(result), modifiers));
}

template <typename T, T (*function)(T, T)>
static void handleBinary(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  uint32_t modifiers = site.op->param;
  volatile T x = flushed(fromSlot<T>(in[0]), modifiers);
  volatile T y = flushed(fromSlot<T>(in[1]), modifiers);
  volatile T result;
  {
    RoundingScope scope(modifiers);
    result = function(x, y);
  }
  out[0] = asSlot(flushed(T(result), modifiers));
}

template <typename T>
static void handleFma(ThreadBlock &block, Thread &thread, const Site &site,
                      const uint64_t *in, uint64_t *out) {
  uint32_t modifiers = site.op->param;
  volatile T x = flushed(fromSlot<T>(in[0]), modifiers);
  volatile T y = flushed(fromSlot<T>(in[1]), modifiers);
  volatile T z = flushed(fromSlot<T>(in[2]), modifiers);
  volatile T result;
  {
    RoundingScope scope(modifiers);
    result = std::fma(x, y, z);
  }
  out[0] = asSlot(flushed(T(result), modifiers));
}

template <typename T> static T add(T x, T y) { return x + y; }
template <typename T> static T subtract(T x, T y) { return x - y; }
template <typename T> static T multiply(T x, T y) { return x * y; }
template <typename T> static T divide(T x, T y) { return x / y; }
template <typename T> static T reciprocal(T x) { return 1 / x; }
template <typename T> static T squareRoot(T x) { return std::sqrt(x); }
template <typename T> static T roundEven(T x) { return std::rint(x); }
template <typename T> static T roundDown(T x) { return std::floor(x); }
template <typename T> static T roundUp(T x) { return std::ceil(x); }
template <typename T> static T truncate(T x) { return std::trunc(x); }
template <typename T> static T absolute(T x) { return std::fabs(x); }
template <typename T> static T saturate(T x) {
  // PTX ISA, "cvt", .sat: to [0, 1], and NaN to +0.
  return x > 0 ? std::fmin(x, T(1)) : T(0);
}
/// fmax and fmin return the operand that is a number, and order the zeros.
template <typename T> static T maximum(T x, T y) {
  if (x == 0 && y == 0)
    return std::signbit(x) ? y : x;
  return std::fmax(x, y);
}
template <typename T> static T minimum(T x, T y) {
  if (x == 0 && y == 0)
    return std::signbit(x) ? x : y;
  return std::fmin(x, y);
}

/// PTX ISA, "rcp.approx.ftz.f64", "rsqrt.approx.ftz.f64": gross approximations
/// from and into the upper 32 bits.
static double upperHalf(double x) {
  double half = asDouble(asSlot(x) >> 32 << 32);
  return std::fpclassify(half) == FP_SUBNORMAL ? std::copysign(0.0, half)
                                               : half;
}
static double grossReciprocal(double x) { return upperHalf(1 / upperHalf(x)); }
static double rootReciprocal(double x) { return 1 / std::sqrt(x); }
static double grossRootReciprocal(double x) {
  return upperHalf(rootReciprocal(upperHalf(x)));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

template <typename From, typename To>
static void handleToInteger(ThreadBlock &block, Thread &thread,
                            const Site &site, const uint64_t *in,
                            uint64_t *out) {
  uint32_t modifiers = site.op->param;
  From x = flushed(fromSlot<From>(in[0]), modifiers);
  using Limits = std::numeric_limits<To>;
  To result;
  if (std::isnan(x)) {
    // PTX ISA, "cvt": 0 from f32 to 32 bits, else the upper bit alone.
    result = sizeof(From) == 4 && sizeof(To) == 4
                 ? 0
                 : To(uint64_t(1) << (8 * sizeof(To) - 1));
  } else {
    switch (modifiers & ModeMask) {
    case Nearest:
      x = std::rint(x);
      break;
    case Zero:
      x = std::trunc(x);
      break;
    case Down:
      x = std::floor(x);
      break;
    default:
      x = std::ceil(x);
      break;
    }
    // The largest integer may not be a From, but twice 2^(bits - 1) is.
    From end = std::ldexp(From(1), Limits::digits);
    result = x >= end                  ? Limits::max()
             : x < From(Limits::min()) ? Limits::min()
                                       : To(x);
  }
  out[0] = sizeof(To) == 4 ? uint64_t(uint32_t(result)) : uint64_t(result);
}

template <typename From, typename To>
static void handleToFloat(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  uint32_t modifiers = site.op->param;
  volatile From x = fromSlot<From>(in[0]);
  volatile To result;
  {
    RoundingScope scope(modifiers);
    result = static_cast<To>(x);
  }
  out[0] = asSlot(flushed(To(result), modifiers));
}

static void handleLowHalf(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  out[0] = uint32_t(in[0]);
}
static void handleHighHalf(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = in[0] >> 32;
}
static void handleHalves(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  out[0] = in[1] << 32 | uint32_t(in[0]);
}

// Concatenated strings and template arguments cannot be in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
// One row each for .rn .rz .rm .rp.
#define MODES(name, suffix, modifiers, ...)                                    \
  {"llvm.nvvm." name ".rn" suffix, __VA_ARGS__, (modifiers) | Nearest},        \
      {"llvm.nvvm." name ".rz" suffix, __VA_ARGS__, (modifiers) | Zero},       \
      {"llvm.nvvm." name ".rm" suffix, __VA_ARGS__, (modifiers) | Down}, {     \
    "llvm.nvvm." name ".rp" suffix, __VA_ARGS__, (modifiers) | Up              \
  }
#define ARITHMETIC(name, handler, function)                                    \
  MODES(name, ".f", 0, handler<float, function<float>>),                       \
      MODES(name, ".ftz.f", Flush, handler<float, function<float>>),           \
      MODES(name, ".d", 0, handler<double, function<double>>)
#define PLAIN(name, handler, function)                                         \
  {"llvm.nvvm." name ".f", handler<float, function<float>>, 0},                \
      {"llvm.nvvm." name ".ftz.f", handler<float, function<float>>, Flush},    \
      {"llvm.nvvm." name ".d", handler<double, function<double>>, 0}
#define TO_INTEGER(letter, type)                                               \
  MODES("f2" letter, "", 0, handleToInteger<float, type>),                     \
      MODES("f2" letter, ".ftz", Flush, handleToInteger<float, type>),         \
      MODES("d2" letter, "", 0, handleToInteger<double, type>)
#define TO_FLOAT(letter, type)                                                 \
  MODES(letter "2f", "", 0, handleToFloat<type, float>),                       \
      MODES(letter "2d", "", 0, handleToFloat<type, double>)

// NOLINTEND(bugprone-macro-parentheses)

static const Op kOps[] = {
    ARITHMETIC("add", handleBinary, add),
    ARITHMETIC("mul", handleBinary, multiply),
    ARITHMETIC("div", handleBinary, divide),
    ARITHMETIC("rcp", handleUnary, reciprocal),
    ARITHMETIC("sqrt", handleUnary, squareRoot),
    MODES("fma", ".f", 0, handleFma<float>),
    MODES("fma", ".ftz.f", Flush, handleFma<float>),
    MODES("fma", ".d", 0, handleFma<double>),
    PLAIN("fmax", handleBinary, maximum),
    PLAIN("fmin", handleBinary, minimum),
    PLAIN("round", handleUnary, roundEven),
    PLAIN("floor", handleUnary, roundDown),
    PLAIN("ceil", handleUnary, roundUp),
    PLAIN("trunc", handleUnary, truncate),
    PLAIN("saturate", handleUnary, saturate),
    {"llvm.nvvm.fabs.f32", handleUnary<float, absolute<float>>, 0},
    {"llvm.nvvm.fabs.ftz.f32", handleUnary<float, absolute<float>>, Flush},
    {"llvm.nvvm.fabs.f64", handleUnary<double, absolute<double>>, 0},
    {"llvm.nvvm.rcp.approx.ftz.d", handleUnary<double, grossReciprocal>, 0},
    {"llvm.nvvm.rsqrt.approx.d", handleUnary<double, rootReciprocal>, 0},
    {"ptx.rsqrt.approx.ftz.f64", handleUnary<double, grossRootReciprocal>, 0},
    {"ptx.sub.rn.f32", handleBinary<float, subtract>, 0},
    TO_INTEGER("i", int32_t),
    TO_INTEGER("ui", uint32_t),
    TO_INTEGER("ll", int64_t),
    TO_INTEGER("ull", uint64_t),
    TO_FLOAT("i", int32_t),
    TO_FLOAT("ui", uint32_t),
    TO_FLOAT("ll", int64_t),
    TO_FLOAT("ull", uint64_t),
    MODES("d2f", "", 0, handleToFloat<double, float>),
    MODES("d2f", ".ftz", Flush, handleToFloat<double, float>),
    {"llvm.nvvm.d2i.lo", handleLowHalf},
    {"llvm.nvvm.d2i.hi", handleHighHalf},
    {"llvm.nvvm.lohi.i2d", handleHalves},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getRoundingOps() { return kOps; }
