//===- Bits.cpp - Bit patterns of small floats ----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See the header.
//
//===----------------------------------------------------------------------===//

#include "Bits.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

float emulator::f16ToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return llvm::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) {
    float magnitude = std::ldexp(float(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  return llvm::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

uint16_t emulator::floatToBf16(float value, bool towardsZero) {
  if (std::isnan(value))
    return 0x7fff;
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (!towardsZero)
    bits += 0x7fff + (bits >> 16 & 1);
  return bits >> 16;
}

uint16_t emulator::doubleToBf16(double value) {
  if (std::isnan(value))
    return 0x7fff;
  // In one rounding.
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

uint16_t emulator::floatToF16(float value, bool towardsZero) {
  if (std::isnan(value))
    return 0x7fff;
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint16_t sign = bits >> 16 & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000)
    return sign | 0x7c00;
  int exponent = int(magnitude >> 23) - 112;
  uint32_t fraction = (magnitude & 0x7fffff) | 0x800000;
  // The bits below the result's last one.
  unsigned shift = exponent > 0 ? 13 : 14 - exponent;
  if (exponent > 0)
    fraction = (fraction & 0x7fffff) | uint32_t(exponent) << 23;
  if (shift > 25)
    return sign;
  uint32_t result = fraction >> shift;
  uint32_t rest = fraction & ((uint32_t(1) << shift) - 1);
  uint32_t half = uint32_t(1) << (shift - 1);
  if (!towardsZero && (rest > half || (rest == half && (result & 1))))
    ++result;
  uint32_t limit = towardsZero ? 0x7bff : 0x7c00;
  return sign | (result > limit ? limit : result);
}
