//===- nsa-c/Registration.h - nsa for users of mlir-c -----------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For programs that use MLIR's own C API. That API is not in libNSACAPI.so:
// link libMLIRCAPIIR.a and the like, and with them the shared libraries MLIR
// and LLVM, never MLIR's other archives (two copies of MLIR do not know each
// other's types).
//
//===----------------------------------------------------------------------===//

#ifndef NSA_C_REGISTRATION_H
#define NSA_C_REGISTRATION_H

#include "mlir-c/IR.h"
#include "nsa-c/Compiler.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The dialects `nsa` and `nsa_tile`, for mlirDialectHandleInsertDialect and
/// mlirDialectHandleLoadDialect.
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(NSA, nsa);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(NSATile, nsa_tile);

/// Inserts those two dialects, the dialects of upstream that the project's
/// pipelines read or produce, and the interface implementations that its passes
/// need. `registry` must not be null.
NSA_C_EXPORTED void nsaRegisterAllDialects(MlirDialectRegistry registry);

/// Registers every pass and pipeline of the project, for
/// mlirParsePassPipeline and mlirOpPassManagerAddPipeline. Upstream's passes
/// are not among them. May be called several times, and by several threads.
/// Fails, as nsaContextCreate does, if another copy of the project has
/// registered its passes.
NSA_C_EXPORTED NSAStatus nsaRegisterAllPasses(void);

/// The context as mlir-c knows it; a null context for NULL. It belongs to
/// `context`: do not destroy it. It is there as long as `context` or a module
/// in it.
NSA_C_EXPORTED MlirContext nsaContextGetMlirContext(NSAContext *context);

/// The module as mlir-c knows it, to be read and changed; a null module for
/// NULL. It belongs to `module`, and is there until `module` is destroyed or
/// `nsaModuleRunPipeline` is called.
NSA_C_EXPORTED MlirModule nsaModuleGetMlirModule(const NSAModule *module);

/// Takes a module over that was made through mlir-c in the context that
/// `nsaContextGetMlirContext` gave: it then is `nsaModuleDestroy`'s to destroy.
/// Returns NULL, and takes nothing, if an argument is null or the module is of
/// another context.
NSA_C_EXPORTED NSAModule *nsaModuleTakeMlirModule(NSAContext *context,
                                                  MlirModule module);

#ifdef __cplusplus
}
#endif

#endif // NSA_C_REGISTRATION_H
