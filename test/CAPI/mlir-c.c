//===- mlir-c.c - nsa through MLIR's own C API ------------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of mlir-c that registers nsa, and one that changes a module of ours
// through mlir-c.
//
// REQUIRES: mlir-c
// RUN: nsa-capi-mlir-c | FileCheck %s
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "mlir-c/Diagnostics.h"
#include "mlir-c/Pass.h"
#include "nsa-c/Registration.h"

static const char *const window =
    "func.func @f(%q: tensor<1x8x4x16xf32>, %k: tensor<1x8x1x16xf32>)\n"
    "    -> tensor<1x8x4x16xf32> {\n"
    "  %o:2 = nsa.window_attention %q, %k, %k {window = 64}\n"
    "      : (tensor<1x8x4x16xf32>, tensor<1x8x1x16xf32>,\n"
    "         tensor<1x8x1x16xf32>)\n"
    "        -> (tensor<1x8x4x16xf32>, tensor<1x8x4xf32>)\n"
    "  return %o#0 : tensor<1x8x4x16xf32>\n"
    "}\n";

static void printPart(MlirStringRef text, void *userData) {
  (void)userData;
  fwrite(text.data, 1, text.length, stdout);
}

static MlirLogicalResult printError(MlirDiagnostic diagnostic, void *userData) {
  ++*(int *)userData;
  printf("mlir-c: ");
  mlirDiagnosticPrint(diagnostic, printPart, NULL);
  printf("\n");
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult runPipeline(MlirContext context, MlirModule module,
                                     const char *pipeline) {
  MlirPassManager manager = mlirPassManagerCreate(context);
  MlirLogicalResult result = mlirParsePassPipeline(
      mlirPassManagerGetAsOpPassManager(manager),
      mlirStringRefCreateFromCString(pipeline), printPart, NULL);
  if (mlirLogicalResultIsSuccess(result))
    result = mlirPassManagerRunOnOp(manager, mlirModuleGetOperation(module));
  mlirPassManagerDestroy(manager);
  return result;
}

static void testRegistration(void) {
  CHECK(nsaRegisterAllPasses() == NSAStatusSuccess);
  CHECK(nsaRegisterAllPasses() == NSAStatusSuccess);
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  nsaRegisterAllDialects(registry);
  MlirContext context =
      mlirContextCreateWithRegistry(registry, /*threadingEnabled=*/true);
  mlirDialectRegistryDestroy(registry);
  int numErrors = 0;
  mlirContextAttachDiagnosticHandler(context, printError, &numErrors, NULL);
  // CHECK: mlir-c: expected '('
  CHECK(mlirModuleIsNull(mlirModuleCreateParse(
      context, mlirStringRefCreateFromCString("func.func @f)"))));
  CHECK(numErrors == 1);
  MlirModule module =
      mlirModuleCreateParse(context, mlirStringRefCreateFromCString(window));
  CHECK(!mlirModuleIsNull(module));
  CHECK(mlirLogicalResultIsSuccess(
      runPipeline(context, module, "builtin.module(nsa-to-ptx{chip=sm_90})")));
  // CHECK: gpu.binary @f_kernels [#gpu.object<#nvvm.target<{{.*}}chip =
  // "sm_90"{{.*}}.entry
  mlirOperationPrint(mlirModuleGetOperation(module), printPart, NULL);
  mlirModuleDestroy(module);
  CHECK(numErrors == 1);
  mlirContextDestroy(context);
}

/// Dialects one by one.
static void testHandles(void) {
  MlirContext context = mlirContextCreate();
  MlirDialectHandle handles[] = {mlirGetDialectHandle__nsa__(),
                                 mlirGetDialectHandle__nsa_tile__()};
  for (int i = 0; i < 2; ++i) {
    MlirStringRef name = mlirDialectHandleGetNamespace(handles[i]);
    CHECK(mlirDialectIsNull(mlirContextGetOrLoadDialect(context, name)));
    mlirDialectHandleRegisterDialect(handles[i], context);
    MlirDialect dialect = mlirDialectHandleLoadDialect(handles[i], context);
    CHECK(!mlirDialectIsNull(dialect));
    CHECK(mlirStringRefEqual(mlirDialectGetNamespace(dialect), name));
  }
  // CHECK: handles know nsa.window_attention
  CHECK(mlirContextIsRegisteredOperation(
      context, mlirStringRefCreateFromCString("nsa.window_attention")));
  puts("handles know nsa.window_attention");
  mlirContextDestroy(context);
}

/// The same module in both APIs.
static void testModules(void) {
  int numErrors = 0;
  NSAContext *context = nsaContextCreate();
  nsaContextSetDiagnosticHandler(context, printDiagnostic, &numErrors);
  MlirContext mlirContext = nsaContextGetMlirContext(context);
  MlirModule parsed = mlirModuleCreateParse(
      mlirContext, mlirStringRefCreateFromCString(window));
  CHECK(!mlirModuleIsNull(parsed));
  NSAModule *module = nsaModuleTakeMlirModule(context, parsed);
  CHECK(module);
  CHECK(mlirModuleEqual(nsaModuleGetMlirModule(module), parsed));

  // A terminator less: invalid, which our functions see.
  MlirOperation function =
      mlirBlockGetFirstOperation(mlirModuleGetBody(parsed));
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  MlirOperation terminator = mlirBlockGetTerminator(body);
  mlirOperationRemoveFromParent(terminator);
  // CHECK: -:3:10: error: block with no terminator
  CHECK(nsaModuleVerify(module) == NSAStatusFailure && numErrors == 1);
  mlirBlockAppendOwnedOperation(body, terminator);
  CHECK(nsaModuleVerify(module) == NSAStatusSuccess);
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx") == NSAStatusSuccess);
  NSAString *ptx = nsaModuleGetPTX(module, NULL, NULL);
  CHECK(ptx && strstr(nsaStringGetData(ptx), ".entry"));
  nsaStringDestroy(ptx);
  CHECK(numErrors == 1);

  // What cannot be taken.
  NSAContext *other = nsaContextCreate();
  // CHECK: nsaModuleTakeMlirModule: the module is of another context
  MlirModule foreign = mlirModuleCreateEmpty(
      mlirLocationUnknownGet(nsaContextGetMlirContext(other)));
  CHECK(!nsaModuleTakeMlirModule(context, foreign));
  // CHECK: nsaModuleTakeMlirModule: the module is null
  CHECK(!nsaModuleTakeMlirModule(context, nsaModuleGetMlirModule(NULL)));
  CHECK(!nsaModuleTakeMlirModule(NULL, foreign));
  CHECK(numErrors == 3);
  CHECK(mlirContextIsNull(nsaContextGetMlirContext(NULL)));
  nsaModuleDestroy(nsaModuleTakeMlirModule(other, foreign));
  nsaContextDestroy(other);
  nsaModuleDestroy(module);
  nsaContextDestroy(context);
}

int main(void) {
  testRegistration();
  testHandles();
  testModules();
  return 0;
}
