//===- errors.c - What the C API says to errors -----------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the handler is told, and what functions return; nothing may go to
// standard error.
//
// RUN: nsa-capi-errors > %t.out 2> %t.err
// RUN: FileCheck %s < %t.out
// RUN: count 0 < %t.err
//
//===----------------------------------------------------------------------===//

#include "Report.h"

static int numDiagnostics = 0;

/// A title, and how many diagnostics the part before had.
static void expect(int diagnostics) {
  CHECK(numDiagnostics == diagnostics);
  numDiagnostics = 0;
}

static const char *const valid = "func.func private @f()\n"
                                 "func.func @g(%x: tensor<4xf32>) {\n"
                                 "  return\n"
                                 "}\n";

static void testParse(NSAContext *context) {
  // CHECK: test.mlir:1:13: error: expected '('
  CHECK(!parse(context, "func.func @f)"));
  expect(1);
  // The place of the other definition is a note.
  // CHECK-NEXT: test.mlir:2:1: error: redefinition of symbol named 'f'
  // CHECK-NEXT: test.mlir:1:1: note: see existing symbol definition here
  CHECK(!parse(context, "func.func private @f()\nfunc.func private @f()"));
  expect(1);
  // What the verifier of an op says.
  // CHECK-NEXT: test.mlir:1:71: error: 'nsa.gate' op dimension 3 of 'gates' (9)
  CHECK(!parse(context,
               "func.func @f(%x: tensor<1x2x3x4xf32>, "
               "%g: tensor<1x2x3x9xf32>) { %o = nsa.gate %x, %x, %x "
               "gates(%g) : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, "
               "tensor<1x2x3x4xf32>, tensor<1x2x3x9xf32>) -> "
               "tensor<1x2x3x4xf32> return }"));
  numDiagnostics = 0;
  // Bytecode that ends early, and bytes that are no text.
  // CHECK-NEXT: bytecode:{{.*}} error:
  CHECK(!nsaModuleParse(context, "ML\xefR", 4, "bytecode", NSAParseDefault));
  // CHECK: test.mlir:1:1: error: unexpected character
  CHECK(!parse(context, "\xff\xfe"));
  // A NUL ends nothing.
  // CHECK-NEXT: nul.mlir:1:2: error: expected operation name
  CHECK(!nsaModuleParse(context, "\0\n}", 3, "nul.mlir", NSAParseDefault));
  numDiagnostics = 0;
  // CHECK: nowhere:0:0: error: nsaModuleParse: data is NULL, length 3
  CHECK(!nsaModuleParse(context, NULL, 3, NULL, NSAParseDefault));
  expect(1);
  CHECK(!nsaModuleParse(NULL, "", 0, NULL, NSAParseDefault));
  expect(0);
}

static void testVerify(NSAContext *context) {
  const char *text = "func.func @f() -> i32 { return }";
  NSAModule *module = nsaModuleParse(context, text, strlen(text),
                                     "invalid.mlir", NSAParseUnverified);
  CHECK(module);
  expect(0);
  // CHECK-NEXT: invalid.mlir:1:25: error: 'func.return' op has 0 operands
  CHECK(nsaModuleVerify(module) == NSAStatusFailure);
  expect(1);
  // Passes do not see it.
  // CHECK-NEXT: invalid.mlir:1:25: error:
  CHECK(nsaModuleRunPipeline(module, "cse") == NSAStatusFailure);
  expect(1);
  // CHECK-NEXT: invalid.mlir:1:25: error:
  CHECK(!nsaModuleGetReport(module, NULL));
  expect(1);
  NSAString *printed = nsaModulePrint(module, NSAPrintDefault);
  CHECK(printed);
  nsaStringDestroy(printed);
  expect(0);
  nsaModuleDestroy(module);
}

static void testPipelines(NSAContext *context) {
  NSAModule *module = parse(context, valid);
  CHECK(module);
  // CHECK-NEXT: <pipeline>:1:5: error: 'csee' does not refer to a registered
  CHECK(nsaModuleRunPipeline(module, "cse,csee") == NSAStatusInvalidArgument);
  // CHECK-NEXT: <pipeline>:1:{{.*}}: error: {{.*}}unbalanced parentheses
  CHECK(nsaModuleRunPipeline(module, "func.func(cse") ==
        NSAStatusInvalidArgument);
  // CHECK-NEXT: <pipeline>:1:11: error: missing closing '}'
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx{chip=sm_80") ==
        NSAStatusInvalidArgument);
  // CHECK-NEXT: <pipeline>:0:0: error: no such option chips; failed to add
  // `nsa-to-ptx` with options `chips=sm_80`
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx{chips=sm_80}") ==
        NSAStatusInvalidArgument);
  // Of a pass.
  // CHECK-NEXT: <pipeline>:0:0: error: no such option chips; failed to add
  // `nsa-set-schedule`
  CHECK(nsaModuleRunPipeline(module, "nsa-set-schedule{chips=sm_80}") ==
        NSAStatusInvalidArgument);
  // CHECK-NEXT: <pipeline>:0:0: error: Can't add pass '{{.*}}' restricted to
  // 'func.func' on a PassManager intended to run on 'builtin.module'
  CHECK(nsaModuleRunPipeline(module, "builtin.module(nsa-expand-math)") ==
        NSAStatusInvalidArgument);
  expect(6);
  // CHECK-NEXT: nowhere:0:0: error: nsaModuleRunPipeline: pipeline is NULL
  CHECK(nsaModuleRunPipeline(module, NULL) == NSAStatusInvalidArgument);
  expect(1);
  // What is good: nothing, one op's passes, with the module around or without.
  const char *const good[] = {"",
                              "builtin.module()",
                              "cse",
                              " builtin.module ( cse ) ",
                              "builtin.module(cse),cse",
                              "builtin.module(func.func(cse),canonicalize)"};
  for (size_t i = 0; i < sizeof(good) / sizeof(*good); ++i)
    CHECK(nsaModuleRunPipeline(module, good[i]) == NSAStatusSuccess);
  expect(0);

  // A pass that fails leaves the module as it was, though others ran before.
  NSAString *before = nsaModulePrint(module, NSAPrintDefault);
  // CHECK-NEXT: test.mlir:{{.*}}: error: {{.*}}chip
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx{chip=sm_10}") ==
        NSAStatusFailure);
  NSAString *after = nsaModulePrint(module, NSAPrintDefault);
  CHECK(strcmp(nsaStringGetData(before), nsaStringGetData(after)) == 0);
  CHECK(strstr(nsaStringGetData(after), "func.func @g"));
  nsaStringDestroy(before);
  nsaStringDestroy(after);
  expect(1);

  // CHECK-NEXT: nowhere:0:0: error: nsa-report: options 'form=json': no such
  // option form
  CHECK(!nsaModuleGetReport(module, "form=json"));
  // CHECK-NEXT: test.mlir:0:0: error: nsa-report: {{.*}}sm_10
  CHECK(!nsaModuleGetReport(module, "chip=sm_10"));
  expect(2);
  nsaModuleDestroy(module);
}

static void testObjects(NSAContext *context) {
  const char *text =
      "gpu.binary @a [#gpu.object<#nvvm.target<chip = \"sm_80\">, assembly = "
      "\"A\">, #gpu.object<#nvvm.target<chip = \"sm_90\">, assembly = \"B\">]\n"
      "gpu.binary @b [#gpu.object<#nvvm.target<chip = \"sm_80\">, assembly = "
      "\"\">, #gpu.object<#nvvm.target<chip = \"sm_100\">, bin = "
      "\"D\\00E\">]\n";
  NSAModule *module = parse(context, text);
  NSAModule *without = parse(context, valid);
  CHECK(module && nsaModuleGetNumObjects(module) == 4);
  NSAObject object;
  CHECK(nsaModuleGetObject(module, 2, &object) == NSAStatusSuccess);
  CHECK(object.length == 0 && strcmp(object.data, "") == 0);
  CHECK(nsaModuleGetObject(module, 3, &object) == NSAStatusSuccess);
  CHECK(object.length == 3 && memcmp(object.data, "D\0E", 4) == 0);
  CHECK(object.format == NSAObjectFormatBinary);
  // CHECK-NEXT: nowhere:0:0: error: nsaModuleGetObject: index is 4, but the
  // module has 4 objects
  CHECK(nsaModuleGetObject(module, 4, &object) == NSAStatusInvalidArgument);
  // CHECK-NEXT: nowhere:0:0: error: nsaModuleGetObject: object is NULL
  CHECK(nsaModuleGetObject(module, 0, NULL) == NSAStatusInvalidArgument);
  // CHECK-NEXT: error: the module has more than one PTX: @a for sm_80, @a for
  // sm_90, @b for sm_80; name the binary and the chip
  CHECK(!nsaModuleGetPTX(module, NULL, NULL));
  // CHECK-NEXT: error: the module has more than one PTX of @a:
  CHECK(!nsaModuleGetPTX(module, "a", NULL));
  // CHECK-NEXT: error: the module has no PTX of @b for sm_90, but @a for sm_80,
  CHECK(!nsaModuleGetPTX(module, "b", "sm_90"));
  // CHECK-NEXT: error: the module has no PTX; nsa-to-ptx makes it
  CHECK(!nsaModuleGetPTX(without, NULL, NULL));
  expect(6);
  NSAString *only = nsaModuleGetPTX(module, NULL, "sm_90");
  CHECK(only && strcmp(nsaStringGetData(only), "B") == 0);
  nsaStringDestroy(only);
  only = nsaModuleGetPTX(module, "b", NULL);
  CHECK(only && nsaStringGetLength(only) == 0);
  nsaStringDestroy(only);
  expect(0);
  nsaModuleDestroy(module);
  nsaModuleDestroy(without);
}

static void testRemarks(NSAContext *context) {
  NSAModule *module =
      parse(context,
            "func.func @f(%q: tensor<1x8x4x8xf32>, %k: tensor<1x8x1x8xf32>)\n"
            "    -> tensor<1x8x4x8xf32> {\n"
            "  %o:2 = nsa.window_attention %q, %k, %k {window = 4}\n"
            "      : (tensor<1x8x4x8xf32>, tensor<1x8x1x8xf32>,\n"
            "         tensor<1x8x1x8xf32>)\n"
            "        -> (tensor<1x8x4x8xf32>, tensor<1x8x4xf32>)\n"
            "  return %o#0 : tensor<1x8x4x8xf32>\n"
            "}\n");
  NSAModule *copy = nsaModuleClone(module);
  CHECK(nsaModuleRunPipeline(copy, "nsa-set-schedule") == NSAStatusSuccess);
  expect(0);
  nsaModuleDestroy(copy);
  CHECK(nsaContextSetRemarks(context, "nsa-set-.*") == NSAStatusSuccess);
  copy = nsaModuleClone(module);
  // CHECK-NEXT: test.mlir:3:10: remark: {{.*}}nsa-set-schedule
  CHECK(nsaModuleRunPipeline(copy, "nsa-set-schedule") == NSAStatusSuccess);
  CHECK(numDiagnostics > 0);
  numDiagnostics = 0;
  nsaModuleDestroy(copy);
  // CHECK: nowhere:0:0: error: the filter of remarks '(' is not a regular
  // expression: {{.+}}
  CHECK(nsaContextSetRemarks(context, "(") == NSAStatusInvalidArgument);
  expect(1);
  CHECK(nsaContextSetRemarks(context, NULL) == NSAStatusSuccess);
  CHECK(nsaContextSetRemarks(NULL, NULL) == NSAStatusInvalidArgument);
  CHECK(nsaModuleRunPipeline(module, "nsa-set-schedule") == NSAStatusSuccess);
  expect(0);
  nsaModuleDestroy(module);
}

/// NULL is never followed.
static void testNull(void) {
  nsaContextDestroy(NULL);
  nsaContextSetMultithreading(NULL, true);
  nsaContextSetDiagnosticHandler(NULL, printDiagnostic, NULL);
  CHECK(!nsaModuleClone(NULL));
  nsaModuleDestroy(NULL);
  CHECK(nsaModuleVerify(NULL) == NSAStatusInvalidArgument);
  CHECK(!nsaModulePrint(NULL, NSAPrintDefault));
  CHECK(!nsaModuleWriteBytecode(NULL));
  CHECK(nsaModuleRunPipeline(NULL, "cse") == NSAStatusInvalidArgument);
  CHECK(!nsaModuleGetReport(NULL, NULL));
  CHECK(nsaModuleGetNumObjects(NULL) == 0);
  NSAObject object;
  CHECK(nsaModuleGetObject(NULL, 0, &object) == NSAStatusInvalidArgument);
  CHECK(!nsaModuleGetPTX(NULL, NULL, NULL));
  CHECK(!nsaStringGetData(NULL) && nsaStringGetLength(NULL) == 0);
  nsaStringDestroy(NULL);
  NSAPassInfo info;
  CHECK(nsaGetPassInfo(nsaGetNumPasses(), &info) == NSAStatusInvalidArgument);
  CHECK(nsaGetPassInfo(0, NULL) == NSAStatusInvalidArgument);
}

int main(void) {
  testNull();
  NSAContext *context = nsaContextCreate();
  // Without a handler, nothing is said.
  CHECK(!parse(context, "}"));
  nsaContextSetDiagnosticHandler(context, printDiagnostic, &numDiagnostics);
  testParse(context);
  testVerify(context);
  testPipelines(context);
  testObjects(context);
  testRemarks(context);
  nsaContextSetDiagnosticHandler(context, NULL, NULL);
  CHECK(!parse(context, "}"));
  expect(0);
  nsaContextDestroy(context);
  return 0;
}
