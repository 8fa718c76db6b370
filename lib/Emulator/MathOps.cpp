//===- MathOps.cpp - Arithmetic and conversions ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The approximate instructions give the correctly rounded result where hardware
// promises a few units in the last place; special values and the flushing of
// subnormal numbers are those of the PTX ISA.
//
//===----------------------------------------------------------------------===//

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include "llvm/ADT/APInt.h"
#include <cmath>
#include <limits>

using namespace mlir::nsa::emulator;

//===----------------------------------------------------------------------===//
// One, two and three operands
//===----------------------------------------------------------------------===//

template <float (*function)(float), bool ftz>
static void handleUnary(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  float x = asFloat(in[0]);
  float result = function(ftz ? flush(x) : x);
  out[0] = asSlot(ftz ? flush(result) : result);
}

template <float (*function)(float, float), bool ftz>
static void handleBinary(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  float x = asFloat(in[0]), y = asFloat(in[1]);
  float result = ftz ? flush(function(flush(x), flush(y))) : function(x, y);
  out[0] = asSlot(result);
}

static float exp2Of(float x) { return std::exp2(x); }
static float log2Of(float x) { return std::log2(x); }
static float sqrtOf(float x) { return std::sqrt(x); }
static float sinOf(float x) { return std::sin(x); }
static float cosOf(float x) { return std::cos(x); }
static float tanhOf(float x) { return std::tanh(x); }
static float reciprocal(float x) { return 1.0f / x; }
static float reciprocalSqrt(float x) {
  // The root of -0 is -0, and so its reciprocal is negative.
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(x)));
}
static float divide(float x, float y) { return x / y; }
/// fmax and fmin return the operand that is a number, and order the zeros.
static float maximum(float x, float y) {
  if (x == 0 && y == 0)
    return std::signbit(x) ? y : x;
  return std::fmax(x, y);
}
static float minimum(float x, float y) {
  if (x == 0 && y == 0)
    return std::signbit(x) ? x : y;
  return std::fmin(x, y);
}
static float maximumNaN(float x, float y) {
  return std::isnan(x) || std::isnan(y)
             ? std::numeric_limits<float>::quiet_NaN()
             : maximum(x, y);
}
static float minimumNaN(float x, float y) {
  return std::isnan(x) || std::isnan(y)
             ? std::numeric_limits<float>::quiet_NaN()
             : minimum(x, y);
}

template <bool ftz>
static void handleExp2(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  ++block.getCounters().exp;
  handleUnary<exp2Of, ftz>(block, thread, site, in, out);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

namespace {
enum Conversion : uint32_t { TowardsZero = 1, Relu = 2 };
} // namespace

static float relu(float x) { return x < 0 || std::signbit(x) ? 0.0f : x; }

template <uint16_t (*convert)(float, bool)>
static void handlePack(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  // PTX ISA, "cvt": of two sources the first goes to the upper half.
  float upper = asFloat(in[0]), lower = asFloat(in[1]);
  bool isRelu = site.op->param & Relu;
  bool towardsZero = site.op->param & TowardsZero;
  auto one = [&](float x) -> uint64_t {
    return convert(isRelu && !std::isnan(x) ? relu(x) : x, towardsZero);
  };
  out[0] = one(upper) << 16 | one(lower);
}

template <uint16_t (*convert)(float, bool)>
static void handleNarrow(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  float x = asFloat(in[0]);
  bool isRelu = site.op->param & Relu;
  out[0] = convert(isRelu && !std::isnan(x) ? relu(x) : x,
                   site.op->param & TowardsZero);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static void handleMulHigh(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  int64_t product = int64_t(int32_t(in[0])) * int32_t(in[1]);
  out[0] = uint32_t(product >> 32);
}

static void handleMulHighUnsigned(ThreadBlock &block, Thread &thread,
                                  const Site &site, const uint64_t *in,
                                  uint64_t *out) {
  out[0] = in[0] * in[1] >> 32;
}

static void handleMulHighLong(ThreadBlock &block, Thread &thread,
                              const Site &site, const uint64_t *in,
                              uint64_t *out) {
  out[0] = llvm::APIntOps::mulhs(llvm::APInt(64, in[0]), llvm::APInt(64, in[1]))
               .getZExtValue();
}

static void handleMulHighUnsignedLong(ThreadBlock &block, Thread &thread,
                                      const Site &site, const uint64_t *in,
                                      uint64_t *out) {
  out[0] = llvm::APIntOps::mulhu(llvm::APInt(64, in[0]), llvm::APInt(64, in[1]))
               .getZExtValue();
}

static void handlePermute(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  // PTX ISA, "prmt", default mode: each nibble of c selects a byte of {b, a};
  // its upper bit replicates that byte's sign.
  uint64_t bytes = in[1] << 32 | in[0];
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned selector = in[2] >> (4 * i) & 0xf;
    uint8_t byte = bytes >> (8 * (selector & 7));
    if (selector & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= uint32_t(byte) << (8 * i);
  }
  out[0] = result;
}

//===----------------------------------------------------------------------===//
// Phrases of libdevice
//===----------------------------------------------------------------------===//

using Wide = unsigned __int128;

static Wide join(uint64_t low, uint64_t high) { return Wide(high) << 64 | low; }

static void split(Wide value, uint64_t *out) {
  out[0] = uint64_t(value);
  out[1] = uint64_t(value >> 64);
}

static void handleMad64(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  uint64_t sum = in[0] * in[1] + in[2];
  out[0] = uint32_t(sum);
  out[1] = sum >> 32;
}
static void handleMul128(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  split(Wide(in[0]) * in[1], out);
}
static void handleMad128(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  split(Wide(in[0]) * in[1] + in[2], out);
}
static void handleAdd128(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  split(join(in[0], in[1]) + join(in[2], in[3]), out);
}
static void handleSub128(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  split(join(in[0], in[1]) - join(in[2], in[3]), out);
}
static void handleSelectEqual(ThreadBlock &block, Thread &thread,
                              const Site &site, const uint64_t *in,
                              uint64_t *out) {
  // setp.equ: equal or unordered.
  double x = asDouble(in[0]), y = asDouble(in[1]);
  out[0] = x == y || std::isnan(x) || std::isnan(y) ? in[2] : in[3];
}

static const Op kOps[] = {
    {"llvm.nvvm.ex2.approx.f32", handleExp2<false>},
    {"llvm.nvvm.ex2.approx.ftz.f32", handleExp2<true>},
    {"llvm.nvvm.lg2.approx.f", handleUnary<log2Of, false>},
    {"llvm.nvvm.lg2.approx.ftz.f", handleUnary<log2Of, true>},
    {"ptx.rcp.approx.f32", handleUnary<reciprocal, false>},
    {"llvm.nvvm.rcp.approx.ftz.f", handleUnary<reciprocal, true>},
    {"llvm.nvvm.rsqrt.approx.f", handleUnary<reciprocalSqrt, false>},
    {"llvm.nvvm.rsqrt.approx.ftz.f", handleUnary<reciprocalSqrt, true>},
    {"llvm.nvvm.sqrt.f", handleUnary<sqrtOf, false>},
    {"llvm.nvvm.sqrt.approx.f", handleUnary<sqrtOf, false>},
    {"llvm.nvvm.sqrt.approx.ftz.f", handleUnary<sqrtOf, true>},
    {"llvm.nvvm.sin.approx.f", handleUnary<sinOf, false>},
    {"llvm.nvvm.sin.approx.ftz.f", handleUnary<sinOf, true>},
    {"llvm.nvvm.cos.approx.f", handleUnary<cosOf, false>},
    {"llvm.nvvm.cos.approx.ftz.f", handleUnary<cosOf, true>},
    {"ptx.tanh.approx.f32", handleUnary<tanhOf, false>},
    {"llvm.nvvm.tanh.approx.f32", handleUnary<tanhOf, false>},
    {"llvm.nvvm.div.approx.f", handleBinary<divide, false>},
    {"llvm.nvvm.div.approx.ftz.f", handleBinary<divide, true>},
    {"llvm.nvvm.div.full", handleBinary<divide, false>},
    {"llvm.nvvm.div.full.ftz", handleBinary<divide, true>},
    {"llvm.nvvm.fmax.nan.f", handleBinary<maximumNaN, false>},
    {"llvm.nvvm.fmax.ftz.nan.f", handleBinary<maximumNaN, true>},
    {"llvm.nvvm.fmin.nan.f", handleBinary<minimumNaN, false>},
    {"llvm.nvvm.fmin.ftz.nan.f", handleBinary<minimumNaN, true>},
    {"llvm.nvvm.ff2bf16x2.rn", handlePack<floatToBf16>},
    {"llvm.nvvm.ff2bf16x2.rz", handlePack<floatToBf16>, TowardsZero},
    {"llvm.nvvm.ff2bf16x2.rn.relu", handlePack<floatToBf16>, Relu},
    {"llvm.nvvm.ff2bf16x2.rz.relu", handlePack<floatToBf16>,
     TowardsZero | Relu},
    {"llvm.nvvm.ff2f16x2.rn", handlePack<floatToF16>},
    {"llvm.nvvm.ff2f16x2.rz", handlePack<floatToF16>, TowardsZero},
    {"llvm.nvvm.ff2f16x2.rn.relu", handlePack<floatToF16>, Relu},
    {"llvm.nvvm.ff2f16x2.rz.relu", handlePack<floatToF16>, TowardsZero | Relu},
    {"llvm.nvvm.f2bf16.rn", handleNarrow<floatToBf16>},
    {"llvm.nvvm.f2bf16.rz", handleNarrow<floatToBf16>, TowardsZero},
    {"llvm.nvvm.f2bf16.rn.relu", handleNarrow<floatToBf16>, Relu},
    {"llvm.nvvm.f2bf16.rz.relu", handleNarrow<floatToBf16>, TowardsZero | Relu},
    {"llvm.nvvm.f2h.rn", handleNarrow<floatToF16>},
    // Subnormal numbers of f32 are 0 in f16 anyway.
    {"llvm.nvvm.f2h.rn.ftz", handleNarrow<floatToF16>},
    {"llvm.nvvm.mulhi.i", handleMulHigh},
    {"llvm.nvvm.mulhi.ui", handleMulHighUnsigned},
    {"llvm.nvvm.mulhi.ll", handleMulHighLong},
    {"llvm.nvvm.mulhi.ull", handleMulHighUnsignedLong},
    {"llvm.nvvm.prmt", handlePermute},
    {"libdevice.mad64", handleMad64},
    {"libdevice.mul128", handleMul128},
    {"libdevice.mad128", handleMad128},
    {"libdevice.add128", handleAdd128},
    {"libdevice.sub128", handleSub128},
    {"libdevice.select_equal", handleSelectEqual},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getMathOps() { return kOps; }
