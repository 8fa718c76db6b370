//===- consumer-c.c - nsa from C ------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa-c/Compiler.h"

#include <stdio.h>
#include <string.h>

static const char text[] =
    "func.func @local(%q: tensor<1x?x8x64xf16>, %k: tensor<1x?x2x64xf16>)\n"
    "    -> tensor<1x?x8x64xf16> {\n"
    "  %o, %lse = nsa.window_attention %q, %k, %k {window = 64}\n"
    "      : (tensor<1x?x8x64xf16>, tensor<1x?x2x64xf16>,\n"
    "         tensor<1x?x2x64xf16>)\n"
    "        -> (tensor<1x?x8x64xf16>, tensor<1x?x8xf32>)\n"
    "  return %o : tensor<1x?x8x64xf16>\n"
    "}\n";

int main(void) {
  NSAContext *context = nsaContextCreate();
  NSAModule *module = nsaModuleParse(context, text, strlen(text),
                                     "consumer-c.c", NSAParseDefault);
  NSAString *ptx = NULL;
  if (nsaModuleRunPipeline(module, "nsa-to-ptx{chip=sm_90}") ==
      NSAStatusSuccess)
    ptx = nsaModuleGetPTX(module, "local_kernels", "sm_90");
  if (ptx)
    puts(nsaStringGetData(ptx));
  int result = ptx ? 0 : 1;
  nsaStringDestroy(ptx);
  nsaModuleDestroy(module);
  nsaContextDestroy(context);
  return result;
}
