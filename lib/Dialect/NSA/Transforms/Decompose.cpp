//===- Decompose.cpp - nsa.attention to the ops of its branches -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definition of nsa.attention (NSADecomposition.cpp), as a pass.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/Decomposition.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSADECOMPOSE
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

namespace {
struct Decompose : public nsa::impl::NSADecomposeBase<Decompose> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](AttentionOp op) {
      remark::passed(
          op.getLoc(),
          remark::RemarkOpts::name("decomposed").category("nsa-decompose"))
          << remark::add("nsa.attention became compress (keys, values), "
                         "compressed_attention, block_scores, select_top_n, "
                         "selected_attention, window_attention and gate");
      rewriter.replaceOp(op, decomposeAttention(op, rewriter));
    });
  }
};
} // namespace
