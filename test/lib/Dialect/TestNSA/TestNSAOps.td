//===- TestNSAOps.td - An attention op outside lib ---------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An attention pattern that lib/ does not know: what a user writes to add one.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_TESTNSAOPS_TD
#define NSA_TEST_TESTNSAOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nsa/Dialect/NSA/IR/NSAInterfaces.td"

def TestNSA_Dialect : Dialect {
  let name = "test_nsa";
  let cppNamespace = "::test_nsa";
  let summary = "Ops that only the tests know";
}

def TestNSA_StridedAttentionOp : Op<TestNSA_Dialect, "strided_attention",
    [Pure, DeclareOpInterfaceMethods<KeyTraversalOpInterface>]> {
  let summary = "causal attention over every stride-th block of keys";
  let description = [{
    Row `t` attends to the keys `u <= t + Tk - Tq` whose block
    `floor(u / block)` is a multiple of `stride`.
  }];
  let arguments = (ins RankedTensorOf<[AnyType]>:$q, RankedTensorOf<[AnyType]>:$k,
                       RankedTensorOf<[AnyType]>:$v, I64Attr:$block,
                       I64Attr:$stride);
  let results = (outs RankedTensorOf<[AnyType]>:$o, RankedTensorOf<[AnyType]>:$lse);
  let assemblyFormat = [{
    $q `,` $k `,` $v attr-dict `:` functional-type(operands, results)
  }];
}

#endif // NSA_TEST_TESTNSAOPS_TD
