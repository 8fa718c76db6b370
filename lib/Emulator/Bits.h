//===- Bits.h - Bit patterns of small floats --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions between f32 and the 16-bit formats on bit patterns: they depend
// on neither the host's instructions nor its rounding mode.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_BITS_H
#define NSA_LIB_EMULATOR_BITS_H

#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstdint>

namespace mlir::nsa::emulator {

inline float asFloat(uint64_t slot) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(slot));
}
inline uint64_t asSlot(float value) { return llvm::bit_cast<uint32_t>(value); }
inline double asDouble(uint64_t slot) { return llvm::bit_cast<double>(slot); }
inline uint64_t asSlot(double value) { return llvm::bit_cast<uint64_t>(value); }

inline float bf16ToFloat(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

float f16ToFloat(uint16_t bits);

/// Round to nearest even, or towards zero. NaN becomes 0x7fff, as in PTX.
uint16_t floatToBf16(float value, bool towardsZero = false);
uint16_t doubleToBf16(double value);
uint16_t floatToF16(float value, bool towardsZero = false);

/// Subnormal numbers become zeros of their sign.
inline float flush(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value)
                                                : value;
}

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_BITS_H
