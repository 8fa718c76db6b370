//===- NSAPlugin.cpp - nsa for any tool that loads plugins ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialects, passes and pipelines for stock mlir-opt:
//
//   mlir-opt --load-dialect-plugin=NSAPlugin.so --load-pass-plugin=NSAPlugin.so
//
// The tool must be linked to the shared libraries of MLIR and LLVM, as Debian's
// is: a second copy of MLIR in one process would not know the first one's
// types.
//
//===----------------------------------------------------------------------===//

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/RegisterAll.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

/// What the tool has already, linked in or from this plugin under another path,
/// stays: MLIR ends the process when something is registered twice.
static void registerDialects(DialectRegistry *registry) {
  if (llvm::is_contained(registry->getDialectNames(),
                         nsa::NSADialect::getDialectNamespace()))
    return;
  nsa::registerAllDialects(*registry);
  nsa::registerAllExtensions(*registry);
}

static void registerPasses() {
  if (!PassPipelineInfo::lookup("nsa-to-ptx"))
    nsa::registerAllPasses();
}

extern "C" DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "NSA", NSA_VERSION, registerDialects};
}

extern "C" PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "NSA", NSA_VERSION, registerPasses};
}
