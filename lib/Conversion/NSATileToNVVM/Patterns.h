//===- Patterns.h - Patterns of this conversion -----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATILETONVVM_PATTERNS_H
#define NSA_LIB_CONVERSION_NSATILETONVVM_PATTERNS_H

#include "mlir/Transforms/DialectConversion.h"

namespace mlir::nsa {

void populateCopiesToNVVMPatterns(const TypeConverter &converter,
                                  RewritePatternSet &patterns);
void populateMemoryToNVVMPatterns(const TypeConverter &converter,
                                  RewritePatternSet &patterns);
void populateProductsToNVVMPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns);
void populateRegistersToNVVMPatterns(const TypeConverter &converter,
                                     RewritePatternSet &patterns);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATILETONVVM_PATTERNS_H
