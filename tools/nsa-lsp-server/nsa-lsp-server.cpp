//===- nsa-lsp-server.cpp - The language server for editors ---------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-lsp-server with the nsa dialects beside all of upstream's, since a file
// that is open in an editor may be of any stage, or a transform script.
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "nsa/RegisterAll.h"
#include "nsa/Support/Version.h"

using namespace mlir;

int main(int argc, char **argv) {
  nsa::addVersionPrinter();
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  nsa::registerAllDialects(registry);
  nsa::registerAllExtensions(registry);
  return failed(MlirLspServerMain(argc, argv, registry));
}
