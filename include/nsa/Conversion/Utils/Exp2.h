//===- Exp2.h - The polynomial of 2^f ---------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_UTILS_EXP2_H
#define NSA_CONVERSION_UTILS_EXP2_H

#include <array>

namespace mlir::nsa {

/// Coefficients of a polynomial in f, constant first, that approximates 2^f for
/// |f| <= 1/2 to a relative error of 1e-7 in f32 arithmetic. 2^0 is exactly 1.
inline constexpr std::array<double, 7> kExp2Coefficients = {
    1.0,           0x1.62e43p-1,   0x1.ebfbdcp-3, 0x1.c6aee8p-5,
    0x1.3b2d4cp-7, 0x1.5f3e54p-10, 0x1.41fbbcp-13};

} // namespace mlir::nsa

#endif // NSA_CONVERSION_UTILS_EXP2_H
