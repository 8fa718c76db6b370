//===- Report.h - What the tests of the C API share -------------*- C -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_CAPI_REPORT_H
#define NSA_TEST_CAPI_REPORT_H

#include "nsa-c/Compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Ends the test unless the condition holds, assertions off or on.
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/// A diagnostic handler that prints, and counts in `*userData` if given one.
static inline void printDiagnostic(const NSADiagnostic *diagnostic,
                                   void *userData) {
  static const char *const severities[] = {"error", "warning", "note",
                                           "remark"};
  printf("%s:%u:%u: %s: %s\n", diagnostic->file ? diagnostic->file : "nowhere",
         diagnostic->line, diagnostic->column, severities[diagnostic->severity],
         diagnostic->message);
  for (size_t i = 0; i < diagnostic->numNotes; ++i)
    printDiagnostic(&diagnostic->notes[i], NULL);
  fflush(stdout);
  if (userData)
    ++*(int *)userData;
}

/// Prints a string and destroys it.
static inline void printAndDestroy(NSAString *string) {
  CHECK(string);
  CHECK(fwrite(nsaStringGetData(string), 1, nsaStringGetLength(string),
               stdout) == nsaStringGetLength(string));
  fflush(stdout);
  nsaStringDestroy(string);
}

static inline NSAModule *parse(NSAContext *context, const char *text) {
  return nsaModuleParse(context, text, strlen(text), "test.mlir",
                        NSAParseDefault);
}

#endif // NSA_TEST_CAPI_REPORT_H
