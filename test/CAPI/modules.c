//===- modules.c - Modules: text, bytecode, copies, reports -----*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RUN: nsa-capi-modules %nsa_source_dir/docs/examples/nsa_branches.mlir \
// RUN:   | FileCheck %s
//
//===----------------------------------------------------------------------===//

#include "Report.h"

static const char *const window =
    "func.func @f(%q: tensor<1x?x4x64xf16>, %k: tensor<1x?x1x64xf16>)\n"
    "    -> tensor<1x?x4x64xf16> {\n"
    "  %o:2 = nsa.window_attention %q, %k, %k {window = 64}\n"
    "      : (tensor<1x?x4x64xf16>, tensor<1x?x1x64xf16>,\n"
    "         tensor<1x?x1x64xf16>)\n"
    "        -> (tensor<1x?x4x64xf16>, tensor<1x?x4xf32>)\n"
    "  return %o#0 : tensor<1x?x4x64xf16>\n"
    "}\n";

static int equal(const NSAString *a, const NSAString *b) {
  return nsaStringGetLength(a) == nsaStringGetLength(b) &&
         memcmp(nsaStringGetData(a), nsaStringGetData(b),
                nsaStringGetLength(a)) == 0;
}

static NSAString *print(const NSAModule *module, unsigned flags) {
  NSAString *text = nsaModulePrint(module, flags);
  CHECK(text && strlen(nsaStringGetData(text)) == nsaStringGetLength(text));
  return text;
}

static void testText(NSAContext *context) {
  NSAModule *module = parse(context, window);
  CHECK(module && nsaModuleVerify(module) == NSAStatusSuccess);
  // CHECK-LABEL: text
  // CHECK: module {
  // CHECK-NEXT: func.func @f
  // CHECK-NOT: loc(
  // CHECK: nsa.window_attention
  puts("text");
  printAndDestroy(nsaModulePrint(module, NSAPrintDefault));
  // CHECK-LABEL: flags
  // CHECK: "func.func"(){{.*}}sym_name = "f"
  // CHECK: "nsa.window_attention"({{.*}}loc(#[[LOC:.*]])
  // CHECK: #[[LOC]] = loc("test.mlir":3:10)
  puts("flags");
  printAndDestroy(nsaModulePrint(module, NSAPrintLocations | NSAPrintGeneric));

  // Text and bytecode hold all of it, and need no NUL at the end.
  NSAString *text = print(module, NSAPrintLocations);
  NSAString *bytecode = nsaModuleWriteBytecode(module);
  CHECK(bytecode && memcmp(nsaStringGetData(bytecode), "ML\xefR", 4) == 0);
  const NSAString *sources[] = {text, bytecode};
  for (int i = 0; i < 2; ++i) {
    size_t length = nsaStringGetLength(sources[i]);
    // At an odd address, and followed by something else.
    char *copy = malloc(length + 2);
    CHECK(copy);
    memcpy(copy + 1, nsaStringGetData(sources[i]), length);
    copy[length + 1] = '}';
    NSAModule *again =
        nsaModuleParse(context, copy + 1, length, NULL, NSAParseDefault);
    free(copy);
    CHECK(again);
    NSAString *retold = print(again, NSAPrintLocations);
    CHECK(equal(text, retold));
    nsaStringDestroy(retold);
    nsaModuleDestroy(again);
  }
  nsaStringDestroy(text);
  nsaStringDestroy(bytecode);
  nsaModuleDestroy(module);

  NSAModule *empty =
      nsaModuleParse(context, NULL, 0, "empty.mlir", NSAParseDefault);
  // CHECK-LABEL: empty
  // CHECK-NEXT: module {
  // CHECK-NEXT: }
  puts("empty");
  printAndDestroy(nsaModulePrint(empty, NSAPrintDefault));
  nsaModuleDestroy(empty);
}

static void testClone(NSAContext *context) {
  NSAModule *module = parse(context, window);
  NSAModule *copy = nsaModuleClone(module);
  NSAString *before = print(module, NSAPrintDefault);
  CHECK(nsaModuleRunPipeline(copy, "func.func(convert-nsa-to-linalg)") ==
        NSAStatusSuccess);
  NSAString *after = print(module, NSAPrintDefault);
  NSAString *lowered = print(copy, NSAPrintDefault);
  CHECK(equal(before, after) && !equal(before, lowered));
  CHECK(strstr(nsaStringGetData(lowered), "scf.forall"));
  nsaStringDestroy(before);
  nsaStringDestroy(after);
  nsaStringDestroy(lowered);
  nsaModuleDestroy(module);
  nsaModuleDestroy(copy);
}

static void testReport(NSAContext *context) {
  NSAModule *module = parse(context, window);
  // CHECK-LABEL: reports
  // CHECK-NEXT: nsa-report: chip sm_80
  // CHECK: nsa.window_attention at test.mlir:3:10
  puts("reports");
  printAndDestroy(nsaModuleGetReport(module, NULL));
  // CHECK: "chip": "sm_90"
  // CHECK: "op": "nsa.window_attention"
  printAndDestroy(nsaModuleGetReport(module, "format=json chip=sm_90"));
  nsaModuleDestroy(module);
}

static void testObjects(NSAContext *context, const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file);
  static char text[1 << 16];
  size_t length = fread(text, 1, sizeof(text), file);
  fclose(file);
  NSAModule *module =
      nsaModuleParse(context, text, length, path, NSAParseDefault);
  CHECK(module && nsaModuleGetNumObjects(module) == 0);
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx{chip=sm_80,sm_90}") ==
        NSAStatusSuccess);
  // CHECK-LABEL: objects
  puts("objects");
  size_t numObjects = nsaModuleGetNumObjects(module);
  for (size_t i = 0; i < numObjects; ++i) {
    // CHECK-NEXT: 0: nsa_branches_kernels_sm_80 for sm_80
    // CHECK-NEXT: 1: nsa_branches_kernels_sm_90 for sm_90
    NSAObject object;
    CHECK(nsaModuleGetObject(module, i, &object) == NSAStatusSuccess);
    printf("%zu: %s for %s\n", i, object.binary, object.chip);
    CHECK(object.format == NSAObjectFormatPTX);
    CHECK(strlen(object.data) == object.length);
    NSAString *ptx = nsaModuleGetPTX(module, NULL, object.chip);
    CHECK(ptx && nsaStringGetLength(ptx) == object.length &&
          memcmp(nsaStringGetData(ptx), object.data, object.length) == 0);
    CHECK(strstr(nsaStringGetData(ptx), object.chip));
    nsaStringDestroy(ptx);
    ptx = nsaModuleGetPTX(module, object.binary, object.chip);
    CHECK(ptx && strstr(nsaStringGetData(ptx), ".entry"));
    nsaStringDestroy(ptx);
  }
  CHECK(numObjects == 2);
  nsaModuleDestroy(module);
}

static void testBitcode(NSAContext *context) {
  NSAModule *module = parse(context, window);
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx{format=llvm}") ==
        NSAStatusSuccess);
  NSAObject object;
  CHECK(nsaModuleGetObject(module, 0, &object) == NSAStatusSuccess);
  CHECK(object.format == NSAObjectFormatBitcode);
  CHECK(object.length > 4 && memcmp(object.data, "BC\xc0\xde", 4) == 0);
  nsaModuleDestroy(module);
}

static void testPasses(void) {
  // CHECK-LABEL: passes
  // CHECK: convert-nsa-to-linalg: {{[A-Z].*}}
  // CHECK: nsa-report: {{[A-Z].*}}
  // CHECK: pipeline nsa-to-cpu: {{[A-Z].*}}
  // CHECK: pipeline nsa-to-ptx: {{[A-Z].*}}
  puts("passes");
  const char *last = "";
  size_t numPasses = nsaGetNumPasses();
  for (size_t i = 0; i < numPasses; ++i) {
    NSAPassInfo info;
    CHECK(nsaGetPassInfo(i, &info) == NSAStatusSuccess);
    printf("%s%s: %s\n", info.isPipeline ? "pipeline " : "", info.name,
           info.summary);
    CHECK(info.isPipeline || strcmp(last, info.name) < 0);
    last = info.name;
  }
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  CHECK(nsaGetABIVersion() == NSA_C_ABI_VERSION);
  NSAContext *context = nsaContextCreate();
  nsaContextSetDiagnosticHandler(context, printDiagnostic, NULL);
  testText(context);
  testClone(context);
  testReport(context);
  testObjects(context, argv[1]);
  testBitcode(context);
  testPasses();

  // The other order of destruction.
  NSAModule *survivor = parse(context, window);
  nsaContextDestroy(context);
  CHECK(nsaModuleRunPipeline(survivor, "cse") == NSAStatusSuccess);
  nsaModuleDestroy(survivor);
  // CHECK: version {{[0-9]+\.[0-9]+\.[0-9]+$}}
  printf("version %s\n", nsaGetVersion());
  return 0;
}
