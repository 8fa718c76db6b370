//===- copies.cpp - Two copies of the compiler in a process ---------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM ends a process that registers two passes under one name. The library
// sees the other copy and refuses instead.
//
// RUN: nsa-capi-copies
//
//===----------------------------------------------------------------------===//

#include "nsa-c/Registration.h"
#include "nsa/RegisterAll.h"

int main() {
  mlir::nsa::registerAllPasses();
  bool refused = !nsaContextCreate() && nsaGetNumPasses() == 0 &&
                 nsaRegisterAllPasses() == NSAStatusFailure;
  return refused ? 0 : 1;
}
