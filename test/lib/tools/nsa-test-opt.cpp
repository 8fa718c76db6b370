//===- nsa-test-opt.cpp - nsa-opt with what tests add -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestNSA.h"
#include "TestPipelines.h"
#include "TestTiling.h"
#include "nsa/Tools/OptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  test_nsa::registerTestNSADialect(registry);
  test_nsa::registerTestPipelinePasses();
  test_nsa::registerTestTilingPasses();
  return mlir::nsa::nsaOptMain(argc, argv, registry);
}
