//===- Support.cpp - Versions and strings of the C API --------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa-c/Support.h"

#include "Internal.h"

int nsaGetABIVersion(void) { return NSA_C_ABI_VERSION; }

const char *nsaGetVersion(void) { return NSA_VERSION; }

const char *nsaStringGetData(const NSAString *string) {
  return string ? string->text.c_str() : nullptr;
}

size_t nsaStringGetLength(const NSAString *string) {
  return string ? string->text.size() : 0;
}

void nsaStringDestroy(NSAString *string) { delete string; }
