//===- nsa-tune.cpp - Find good schedules ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TuneMain.cpp.
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/TuneMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  return mlir::nsa::nsaTuneMain(argc, argv, registry);
}
