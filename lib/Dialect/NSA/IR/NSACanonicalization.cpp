//===- NSACanonicalization.cpp - Folds and canonical forms ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Simplifications that never change a result by more than the contract allows.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/NSA.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nsa;

OpFoldResult CompressOp::fold(FoldAdaptor) {
  // One token per block, no two blocks alike: the tokens themselves.
  if (getPhi() == Phi::Mean && !getPe() && getCompressionBlock() == 1 &&
      getCompressionStride() == 1 && getX().getType() == getC().getType())
    return getX();
  return {};
}

LogicalResult MergeOp::fold(FoldAdaptor,
                            SmallVectorImpl<OpFoldResult> &results) {
  // A single key set without a sink is what it was.
  if (getOs().size() != 1 || getSink() ||
      getOs().front().getType() != getO().getType() ||
      getLses().front().getType() != getLse().getType())
    return failure();
  results.assign({getOs().front(), getLses().front()});
  return success();
}

LogicalResult SelectedAttentionOp::canonicalize(SelectedAttentionOp op,
                                                PatternRewriter &rewriter) {
  if (op.getUnique() || !op.getIdx().getDefiningOp<SelectTopNOp>())
    return rewriter.notifyMatchFailure(op, "the list may have repeats");
  rewriter.modifyOpInPlace(op, [&] { op.setUnique(true); });
  return success();
}

LogicalResult WindowAttentionOp::canonicalize(WindowAttentionOp op,
                                              PatternRewriter &rewriter) {
  // No query stands beyond the last key unless an offset puts it there, so a
  // window longer than the keys is as good as one of their length.
  int64_t tokens = cast<RankedTensorType>(op.getK().getType()).getDimSize(1);
  if (op.getQOffset() || ShapedType::isDynamic(tokens) || tokens < 1 ||
      static_cast<int64_t>(op.getWindow()) <= tokens)
    return rewriter.notifyMatchFailure(op, "the window is within the keys");
  int64_t queries = cast<RankedTensorType>(op.getQ().getType()).getDimSize(1);
  if (!op.getCausal() && (ShapedType::isDynamic(queries) || queries > tokens))
    return rewriter.notifyMatchFailure(op, "queries may precede the keys");
  rewriter.modifyOpInPlace(op, [&] { op.setWindow(tokens); });
  return success();
}

/// Whether every gate of branch `i` is the constant 0.
static bool isDeadBranch(DenseElementsAttr gates, int64_t i, int64_t inputs) {
  if (gates.isSplat())
    return gates.getSplatValue<APFloat>().isZero();
  int64_t position = 0;
  for (const APFloat &gate : gates.getValues<APFloat>())
    if (position++ % inputs == i && !gate.isZero())
      return false;
  return true;
}

LogicalResult GateOp::canonicalize(GateOp op, PatternRewriter &rewriter) {
  DenseElementsAttr gates;
  if (op.getActivation() != GateActivation::None ||
      !matchPattern(op.getGates(), m_Constant(&gates)) ||
      gates.getNumElements() == 0)
    return rewriter.notifyMatchFailure(op, "the gates are not constant");
  int64_t inputs = op.getBranches().size();
  SmallVector<int64_t> live;
  for (int64_t i = 0; i < inputs; ++i)
    if (!isDeadBranch(gates, i, inputs))
      live.push_back(i);
  // A sum of no branches is still a sum: keep one.
  if (live.empty())
    live.push_back(0);
  if (static_cast<int64_t>(live.size()) == inputs)
    return rewriter.notifyMatchFailure(op, "every branch counts");

  SmallVector<APFloat> kept;
  SmallVector<APFloat> all(gates.getValues<APFloat>());
  for (int64_t row = 0, e = all.size(); row < e; row += inputs)
    for (int64_t i : live)
      kept.push_back(all[row + i]);
  SmallVector<int64_t> shape(gates.getType().getShape());
  shape.back() = live.size();
  auto keptType =
      RankedTensorType::get(shape, gates.getType().getElementType());
  Value keptGates = arith::ConstantOp::create(
      rewriter, op.getLoc(), DenseElementsAttr::get(keptType, kept));
  SmallVector<Value> branches;
  for (int64_t i : live)
    branches.push_back(op.getBranches()[i]);
  rewriter.replaceOpWithNewOp<GateOp>(op, op.getType(), branches, keptGates,
                                      op.getActivationAttr());
  return success();
}
