//===- threads.c - Contexts in several threads ------------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contexts are independent: threads compile at once, to the same PTX, and each
// is told of its own errors.
//
// RUN: nsa-capi-threads
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <pthread.h>

enum { NumThreads = 4 };

struct Work {
  pthread_t thread;
  int number;
  int numErrors;
  NSAString *ptx;
};

static void onDiagnostic(const NSADiagnostic *diagnostic, void *userData) {
  struct Work *work = userData;
  char name[32];
  snprintf(name, sizeof(name), "thread-%d", work->number);
  CHECK(diagnostic->severity == NSASeverityError);
  CHECK(diagnostic->file && strcmp(diagnostic->file, name) == 0);
  ++work->numErrors;
}

static void *compile(void *argument) {
  static const char *const text =
      "func.func @f(%q: tensor<1x?x4x64xf16>, %k: tensor<1x?x1x64xf16>)\n"
      "    -> tensor<1x?x4x64xf16> {\n"
      "  %o:2 = nsa.window_attention %q, %k, %k {window = 64}\n"
      "      : (tensor<1x?x4x64xf16>, tensor<1x?x1x64xf16>,\n"
      "         tensor<1x?x1x64xf16>)\n"
      "        -> (tensor<1x?x4x64xf16>, tensor<1x?x4xf32>)\n"
      "  return %o#0 : tensor<1x?x4x64xf16>\n"
      "}\n";
  struct Work *work = argument;
  NSAContext *context = nsaContextCreate();
  nsaContextSetDiagnosticHandler(context, onDiagnostic, work);
  nsaContextSetMultithreading(context, work->number % 2 == 0);
  char name[32];
  snprintf(name, sizeof(name), "thread-%d", work->number);
  CHECK(!nsaModuleParse(context, "}", 1, name, NSAParseDefault));
  NSAModule *module =
      nsaModuleParse(context, text, strlen(text), "test.mlir", NSAParseDefault);
  CHECK(module);
  nsaContextDestroy(context);
  CHECK(nsaModuleRunPipeline(module, "nsa-to-ptx") == NSAStatusSuccess);
  work->ptx = nsaModuleGetPTX(module, NULL, NULL);
  nsaModuleDestroy(module);
  return NULL;
}

int main(void) {
  struct Work work[NumThreads] = {0};
  for (int i = 0; i < NumThreads; ++i) {
    work[i].number = i;
    CHECK(pthread_create(&work[i].thread, NULL, compile, &work[i]) == 0);
  }
  for (int i = 0; i < NumThreads; ++i)
    CHECK(pthread_join(work[i].thread, NULL) == 0);
  for (int i = 0; i < NumThreads; ++i) {
    CHECK(work[i].numErrors == 1 && work[i].ptx);
    CHECK(strcmp(nsaStringGetData(work[i].ptx),
                 nsaStringGetData(work[0].ptx)) == 0);
  }
  CHECK(strstr(nsaStringGetData(work[0].ptx), ".entry"));
  for (int i = 0; i < NumThreads; ++i)
    nsaStringDestroy(work[i].ptx);
  return 0;
}
