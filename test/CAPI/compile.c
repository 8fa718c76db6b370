//===- compile.c - From a file to PTX in C ----------------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Bindings.md shows this program.
//
// RUN: nsa-capi-compile %nsa_source_dir/docs/examples/nsa_forward.mlir \
// RUN:     "nsa-to-ptx{chip=sm_90}" > %t.c.ptx
// RUN: FileCheck %s < %t.c.ptx
// RUN: not nsa-capi-compile %S/Inputs/broken.mlir nsa-to-ptx 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BROKEN
// RUN: not nsa-capi-compile %t.gone nsa-to-ptx
//
// CHECK: .version
// CHECK: .target sm_90
// CHECK: .visible .entry
//
// BROKEN: broken.mlir:3:10: error: 'nsa.window_attention' op
//
//===----------------------------------------------------------------------===//

#include "nsa-c/Compiler.h"

#include <stdio.h>
#include <stdlib.h>

static void onDiagnostic(const NSADiagnostic *diagnostic, void *userData) {
  (void)userData;
  if (diagnostic->severity == NSASeverityError)
    fprintf(stderr, "%s:%u:%u: error: %s\n",
            diagnostic->file ? diagnostic->file : "", diagnostic->line,
            diagnostic->column, diagnostic->message);
}

/// The module in a file; NULL if there is none.
static NSAModule *readModule(NSAContext *context, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  static char data[1 << 20];
  size_t length = fread(data, 1, sizeof(data), file);
  fclose(file);
  return nsaModuleParse(context, data, length, path, NSAParseDefault);
}

/// compile FILE PIPELINE: prints the PTX that the pipeline makes of the file.
int main(int argc, char **argv) {
  if (argc != 3)
    return EXIT_FAILURE;
  NSAContext *context = nsaContextCreate();
  nsaContextSetDiagnosticHandler(context, onDiagnostic, NULL);
  NSAModule *module = readModule(context, argv[1]);
  NSAString *ptx = NULL;
  if (nsaModuleRunPipeline(module, argv[2]) == NSAStatusSuccess)
    ptx = nsaModuleGetPTX(module, /*binary=*/NULL, /*chip=*/NULL);
  if (ptx)
    fwrite(nsaStringGetData(ptx), 1, nsaStringGetLength(ptx), stdout);
  int result = ptx ? EXIT_SUCCESS : EXIT_FAILURE;
  nsaStringDestroy(ptx);
  nsaModuleDestroy(module);
  nsaContextDestroy(context);
  return result;
}
