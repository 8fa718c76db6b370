//===- CostOptions.td - Options of the cost model ----------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_COSTOPTIONS_TD
#define NSA_DIALECT_NSA_TRANSFORMS_COSTOPTIONS_TD

include "mlir/Pass/PassBase.td"

// What the passes that predict assume.
class NSA_CostOptions {
  list<Option> options = [
    Option<"chip", "chip", "std::string", [{"sm_80"}],
           "The chip whose limits and rates count: sm_80, sm_86, sm_87, sm_89, "
           "sm_90, sm_100, sm_103 or sm_120, also with a suffix (sm_90a). A DLTI "
           "target-system specification overrides what is known of it.">,
    Option<"batch", "batch", "int64_t", "1",
           "Batch entries where their number is dynamic.">,
    Option<"tokens", "tokens", "int64_t", "32768",
           "Tokens of queries and keys where their number is dynamic.">,
    Option<"unionAgreement", "union-agreement", "double", "1.6",
           "Distinct blocks in the lists of 4 neighbouring queries over those in "
           "one list, 1 to 4: 1 when neighbours agree, about 3.4 for random data. "
           "For q queries it is taken to be this to the power log(q)/log(4).">
  ];
}

#endif // NSA_DIALECT_NSA_TRANSFORMS_COSTOPTIONS_TD
