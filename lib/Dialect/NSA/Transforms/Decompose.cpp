//===- Decompose.cpp - nsa.attention to the ops of its branches -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definition of nsa.attention, as a function and as a pass.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/Transforms/Transforms.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSADECOMPOSE
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

SmallVector<Value>
mlir::nsa::decomposeAttention(AttentionOp op, RewriterBase &rewriter,
                              SmallVectorImpl<Operation *> *branches) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  auto dim = [&](Value tensor, int64_t i) -> Value {
    return rewriter.createOrFold<tensor::DimOp>(loc, tensor, i);
  };
  auto i64 = [&](int64_t value) { return rewriter.getI64IntegerAttr(value); };

  // Both absent means positions relative to the end of the keys; the branch
  // ops that do not see Tk need that as a value.
  Value tokens = dim(op.getKSlc(), 1);
  Value offset = op.getQOffset();
  if (!offset)
    offset =
        rewriter.createOrFold<arith::SubIOp>(loc, tokens, dim(op.getQ(), 1));
  Value length = op.getKvLen() ? op.getKvLen() : tokens;

  IntegerAttr block = op.getCompressionBlockAttr();
  IntegerAttr stride = op.getCompressionStrideAttr();
  IntegerAttr selection = op.getSelectionBlockAttr();
  auto compress = [&](Value x, Value pe, ValueRange params, PhiAttr phi,
                      ActivationAttr activation) -> Value {
    return CompressOp::create(rewriter, loc, x, pe, params, phi, block, stride,
                              activation);
  };
  Value kc = compress(op.getKCmp(), op.getKPe(), op.getKParams(),
                      op.getKPhiAttr(), op.getKActivationAttr());
  Value vc = compress(op.getVCmp(), op.getVPe(), op.getVParams(),
                      op.getVPhiAttr(), op.getVActivationAttr());
  auto compressed = CompressedAttentionOp::create(
      rewriter, loc, op.getQ(), kc, vc, offset, length, block, stride,
      op.getCausalAttr(), op.getScaleAttr());

  auto kType = cast<RankedTensorType>(op.getKSlc().getType());
  SmallVector<int64_t> scoreShape(
      cast<RankedTensorType>(op.getQ().getType()).getShape());
  if (op.getListHeads() == ListHeads::KV)
    scoreShape[2] = kType.getDimSize(2);
  scoreShape[3] =
      kType.isDynamicDim(1)
          ? ShapedType::kDynamic
          : llvm::divideCeil(kType.getDimSize(1), op.getSelectionBlock());
  auto scoreType = RankedTensorType::get(scoreShape, rewriter.getF32Type());
  Value scores = BlockScoresOp::create(
      rewriter, loc, scoreType, op.getQ(), kc, compressed.getLse(), tokens,
      offset, length, block, stride, selection, op.getScoreMapAttr(),
      op.getListHeadsAttr(), op.getCausalAttr(), op.getScaleAttr());
  Value idx = SelectTopNOp::create(
      rewriter, loc, scores, offset, length, selection, op.getTopNAttr(),
      op.getInitialAttr(), op.getLocalAttr(), op.getCausalAttr());
  auto selected = SelectedAttentionOp::create(
      rewriter, loc, op.getQ(), op.getKSlc(), op.getVSlc(), idx,
      op.getQOffset(), op.getKvLen(), selection, op.getCausalAttr(),
      rewriter.getUnitAttr(), op.getScaleAttr());
  auto window = WindowAttentionOp::create(
      rewriter, loc, op.getQ(), op.getKWin(), op.getVWin(), op.getQOffset(),
      op.getKvLen(), i64(op.getWindow()), op.getCausalAttr(),
      op.getScaleAttr());
  Value gated = GateOp::create(
      rewriter, loc,
      ValueRange{compressed.getO(), selected.getO(), window.getO()},
      op.getGates(), op.getGateActivationAttr());

  SmallVector<Value> results{gated};
  if (op.getReturnAux())
    results.append(
        {compressed.getLse(), selected.getLse(), window.getLse(), idx});
  // The branches' types may be less static than the op's.
  for (auto [result, type] : llvm::zip(results, op.getResultTypes()))
    if (result.getType() != type)
      result = tensor::CastOp::create(rewriter, loc, type, result);
  if (branches)
    branches->append({kc.getDefiningOp(), vc.getDefiningOp(), compressed,
                      scores.getDefiningOp(), idx.getDefiningOp(), selected,
                      window, gated.getDefiningOp()});
  return results;
}

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
