//===- Float16.h - Conversions of 16-bit floating point ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For filling and summarising arrays; compiled code has its own conversions.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_RUNMAIN_FLOAT16_H
#define NSA_LIB_TOOLS_RUNMAIN_FLOAT16_H

#include "llvm/ADT/bit.h"

#include <cmath>
#include <cstdint>

namespace mlir::nsa {

inline float decodeBF16(uint16_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

inline float decodeF16(uint16_t bits) {
  uint32_t exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  float magnitude;
  if (exponent == 0)
    magnitude = std::ldexp(static_cast<float>(mantissa), -24);
  else if (exponent == 31)
    magnitude = mantissa ? NAN : INFINITY;
  else
    magnitude = llvm::bit_cast<float>((exponent + 112) << 23 | mantissa << 13);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/// Round to nearest even; `value` is not NaN.
inline uint16_t encodeBF16(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/// Round to nearest even; `value` is not NaN.
inline uint16_t encodeF16(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  float magnitude = std::fabs(value);
  if (magnitude >= 65520.0f)
    return sign | 0x7c00;
  // Below the smallest normal number the unit is 2^-24; adding 0.5 puts it in
  // the last place of the mantissa, which rounds.
  if (magnitude < 0x1p-14f)
    return sign | (llvm::bit_cast<uint32_t>(magnitude + 0.5f) -
                   llvm::bit_cast<uint32_t>(0.5f));
  auto bits = llvm::bit_cast<uint32_t>(magnitude) - (112u << 23);
  return sign | ((bits + 0xfff + ((bits >> 13) & 1)) >> 13);
}

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_RUNMAIN_FLOAT16_H
