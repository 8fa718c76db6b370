//===- Patterns.h - The patterns of plain kernels ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOGPU_PATTERNS_H
#define NSA_LIB_CONVERSION_NSATOGPU_PATTERNS_H

#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"

namespace mlir::nsa {

void populateAttentionToGPUPatterns(RewritePatternSet &patterns,
                                    int64_t blockSize);
void populateBlockScoresToGPUPatterns(RewritePatternSet &patterns,
                                      int64_t blockSize);
void populateCompressToGPUPatterns(RewritePatternSet &patterns,
                                   int64_t blockSize);
void populateGateAndMergeToGPUPatterns(RewritePatternSet &patterns,
                                       int64_t blockSize);
/// select_top_n, and selected_attention without `unique` to one with.
void populateListsToGPUPatterns(RewritePatternSet &patterns, int64_t blockSize);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOGPU_PATTERNS_H
