/*===- consumer.c - nsa from C
---------------------------------------------===*\
|*
|* This file is licensed under the Apache License v2.0 with LLVM Exceptions.
|* See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Says which nsa it runs with; test/CAPI has the rest of the interface.
|*
\*===----------------------------------------------------------------------===*/

#include "nsa-c/Support.h"

#include <stdio.h>

int main(void) {
  if (nsaGetABIVersion() != NSA_C_ABI_VERSION) {
    fprintf(stderr, "consumer-c: compiled for another libNSACAPI.so\n");
    return 1;
  }
  printf("nsa %s\n", nsaGetVersion());
  return 0;
}
