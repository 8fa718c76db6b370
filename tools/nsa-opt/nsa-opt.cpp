//===- nsa-opt.cpp - The nsa optimizer driver -------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Tools/OptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  return mlir::nsa::nsaOptMain(argc, argv, registry);
}
