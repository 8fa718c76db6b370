//===- nsa-run.cpp - Run MLIR functions on real data ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RunMain.cpp.
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/RunMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  return mlir::nsa::nsaRunMain(argc, argv, registry);
}
