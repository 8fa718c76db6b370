//===- TestTiling.h - Passes that test the tiling interfaces ----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_TESTTILING_H
#define NSA_TEST_TESTTILING_H

namespace test_nsa {

/// Registers the passes with nsa-test-opt.
void registerTestTilingPasses();

} // namespace test_nsa

#endif // NSA_TEST_TESTTILING_H
