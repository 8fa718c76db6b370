//===- nsa-test-run.cpp - nsa-run with the test dialect ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestNSA.h"
#include "nsa/Tools/RunMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  test_nsa::registerTestNSADialect(registry);
  return mlir::nsa::nsaRunMain(argc, argv, registry);
}
