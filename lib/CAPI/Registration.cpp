//===- Registration.cpp - nsa for users of mlir-c -------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of mlir-c only the structs are used, which are pointers: none of its
// functions is called, and none of its archives linked.
//
//===----------------------------------------------------------------------===//

#include "nsa-c/Registration.h"

#include "Internal.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"
#include "mlir/CAPI/Support.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"
#include "nsa/RegisterAll.h"

using namespace mlir;
using namespace mlir::nsa;

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(NSA, nsa, NSADialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(NSATile, nsa_tile,
                                      nsa_tile::NSATileDialect)

void nsaRegisterAllDialects(MlirDialectRegistry registry) {
  nsa::registerAllDialects(*unwrap(registry));
  nsa::registerAllExtensions(*unwrap(registry));
}

NSAStatus nsaRegisterAllPasses(void) {
  return nsa::registerPassesOnce() ? NSAStatusSuccess : NSAStatusFailure;
}

MlirContext nsaContextGetMlirContext(NSAContext *context) {
  return wrap(context ? context->shared->get() : nullptr);
}

MlirModule nsaModuleGetMlirModule(const NSAModule *module) {
  return wrap(module ? module->get() : ModuleOp());
}

NSAModule *nsaModuleTakeMlirModule(NSAContext *context, MlirModule module) {
  if (!context)
    return nullptr;
  if (!module.ptr) {
    context->shared->report("nsaModuleTakeMlirModule: the module is null");
    return nullptr;
  }
  ModuleOp op = unwrap(module);
  if (op.getContext() != context->shared->get()) {
    context->shared->report(
        "nsaModuleTakeMlirModule: the module is of another context");
    return nullptr;
  }
  return new NSAModule{context->shared, op};
}
