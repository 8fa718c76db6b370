//===- NSADecomposition.cpp - nsa.attention by its branches -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AggregatedOpInterface of nsa.attention: its definition.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/Decomposition.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nsa;

SmallVector<Value>
mlir::nsa::decomposeAttention(AttentionOp op, OpBuilder &b,
                              SmallVectorImpl<Operation *> *parts) {
  OpBuilder::InsertionGuard guard(b);
  Location loc = op.getLoc();
  b.setInsertionPoint(op);
  auto dim = [&](Value tensor, int64_t i) -> Value {
    return b.createOrFold<tensor::DimOp>(loc, tensor, i);
  };
  auto i64 = [&](int64_t value) { return b.getI64IntegerAttr(value); };

  // Both absent means positions relative to the end of the keys; the branch
  // ops that do not see Tk need that as a value.
  Value tokens = dim(op.getKSlc(), 1);
  Value offset = op.getQOffset();
  if (!offset)
    offset = b.createOrFold<arith::SubIOp>(loc, tokens, dim(op.getQ(), 1));
  Value length = op.getKvLen() ? op.getKvLen() : tokens;

  IntegerAttr block = op.getCompressionBlockAttr();
  IntegerAttr stride = op.getCompressionStrideAttr();
  IntegerAttr selection = op.getSelectionBlockAttr();
  auto compress = [&](Value x, Value pe, ValueRange params, PhiAttr phi,
                      ActivationAttr activation) -> Value {
    return CompressOp::create(b, loc, x, pe, params, phi, block, stride,
                              activation);
  };
  Value kc = compress(op.getKCmp(), op.getKPe(), op.getKParams(),
                      op.getKPhiAttr(), op.getKActivationAttr());
  Value vc = compress(op.getVCmp(), op.getVPe(), op.getVParams(),
                      op.getVPhiAttr(), op.getVActivationAttr());
  auto compressed = CompressedAttentionOp::create(
      b, loc, op.getQ(), kc, vc, offset, length, block, stride,
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
  auto scoreType = RankedTensorType::get(scoreShape, b.getF32Type());
  Value scores = BlockScoresOp::create(
      b, loc, scoreType, op.getQ(), kc, compressed.getLse(), tokens, offset,
      length, block, stride, selection, op.getScoreMapAttr(),
      op.getListHeadsAttr(), op.getCausalAttr(), op.getScaleAttr());
  Value idx = SelectTopNOp::create(b, loc, scores, offset, length, selection,
                                   op.getTopNAttr(), op.getInitialAttr(),
                                   op.getLocalAttr(), op.getCausalAttr());
  auto selected = SelectedAttentionOp::create(
      b, loc, op.getQ(), op.getKSlc(), op.getVSlc(), idx, op.getQOffset(),
      op.getKvLen(), selection, op.getCausalAttr(), b.getUnitAttr(),
      op.getScaleAttr());
  auto window = WindowAttentionOp::create(
      b, loc, op.getQ(), op.getKWin(), op.getVWin(), op.getQOffset(),
      op.getKvLen(), i64(op.getWindow()), op.getCausalAttr(),
      op.getScaleAttr());
  Value gated = GateOp::create(
      b, loc, ValueRange{compressed.getO(), selected.getO(), window.getO()},
      op.getGates(), op.getGateActivationAttr());

  SmallVector<Value> results{gated};
  if (op.getReturnAux())
    results.append(
        {compressed.getLse(), selected.getLse(), window.getLse(), idx});
  // The branches' types may be less static than the op's.
  for (auto [result, type] : llvm::zip(results, op.getResultTypes()))
    if (result.getType() != type)
      result = tensor::CastOp::create(b, loc, type, result);
  if (parts)
    parts->append({kc.getDefiningOp(), vc.getDefiningOp(), compressed,
                   scores.getDefiningOp(), idx.getDefiningOp(), selected,
                   window, gated.getDefiningOp()});
  return results;
}

FailureOr<SmallVector<Value>> AttentionOp::decomposeOperation(OpBuilder &b) {
  return decomposeAttention(*this, b);
}
