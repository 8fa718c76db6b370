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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// Any op: what is known of its shapes
//===----------------------------------------------------------------------===//

namespace {
/// Takes operands from before casts that only forget extents, and gives results
/// the extents that their dimensions' names then imply.
struct RefineTypes : public OpInterfaceRewritePattern<NamedDimsOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(NamedDimsOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<NSADialect>(op->getDialect()))
      return rewriter.notifyMatchFailure(op, "an op of another dialect");
    llvm::StringMap<int64_t> extents;
    if (failed(collectExtents(op, extents)))
      return rewriter.notifyMatchFailure(op, "the extents contradict");
    auto operands = llvm::map_to_vector(op->getOperands(),
                                        [](Value v) { return uncast(v); });
    SmallVector<Type> types(op->getResultTypes());
    for (const NamedShape &shape : op.getNamedShapes())
      if (auto result = dyn_cast<OpResult>(shape.value);
          result && result.getOwner() == op.getOperation())
        types[result.getResultNumber()] = refine(op, shape, extents);
    if (llvm::equal(operands, op->getOperands()) &&
        llvm::equal(types, op->getResultTypes()))
      return rewriter.notifyMatchFailure(op, "nothing more is known");

    Operation *refined = clone(rewriter, op, types, operands);
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip(refined->getResults(), op->getResultTypes())) {
      results.push_back(result);
      if (result.getType() != type)
        results.back() =
            tensor::CastOp::create(rewriter, op.getLoc(), type, result);
    }
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  static Value uncast(Value value) {
    auto cast = value.getDefiningOp<tensor::CastOp>();
    if (!cast || !tensor::canFoldIntoConsumerOp(cast) ||
        dyn_cast<RankedTensorType>(cast.getSource().getType()).getEncoding())
      return value;
    return cast.getSource();
  }

  /// The extents by name; fails where the operands before their casts would
  /// not verify, which is then left to whoever runs it.
  static LogicalResult collectExtents(NamedDimsOpInterface op,
                                      llvm::StringMap<int64_t> &extents) {
    for (const NamedShape &shape : op.getNamedShapes()) {
      bool isResult = shape.value.getDefiningOp() == op.getOperation();
      Value value = isResult ? shape.value : uncast(shape.value);
      ArrayRef<int64_t> known =
          cast<RankedTensorType>(value.getType()).getShape();
      for (auto [dim, extent] : llvm::zip(shape.dims, known)) {
        if (ShapedType::isDynamic(extent))
          continue;
        if (!ShapedType::isDynamic(dim.extent)) {
          if (extent != dim.extent)
            return failure();
          continue;
        }
        if (extents.try_emplace(dim.name, extent).first->second != extent)
          return failure();
      }
    }
    for (const auto &[name, extent] : extents)
      if (op.getDerivedExtent(name, extents).value_or(extent) != extent)
        return failure();
    return success();
  }

  static Type refine(NamedDimsOpInterface op, const NamedShape &result,
                     const llvm::StringMap<int64_t> &extents) {
    auto type = cast<RankedTensorType>(result.value.getType());
    SmallVector<int64_t> shape(type.getShape());
    for (auto [dim, extent] : llvm::zip(result.dims, shape)) {
      if (!ShapedType::isDynamic(extent))
        continue;
      if (auto it = extents.find(dim.name); it != extents.end())
        extent = it->second;
      else
        extent = op.getDerivedExtent(dim.name, extents)
                     .value_or(ShapedType::kDynamic);
    }
    return type.clone(shape);
  }
};
} // namespace

void NSADialect::getCanonicalizationPatterns(RewritePatternSet &results) const {
  results.add<RefineTypes>(getContext());
}

//===----------------------------------------------------------------------===//
// Compression
//===----------------------------------------------------------------------===//

/// Whether `pe` adds nothing to a block.
static bool isZero(Value pe) {
  return pe && matchPattern(pe, m_AnyZeroFloat());
}

OpFoldResult CompressOp::fold(FoldAdaptor) {
  // One token per block, no two blocks alike: the tokens themselves.
  if (getPhi() == Phi::Mean && !getPe() && getCompressionBlock() == 1 &&
      getCompressionStride() == 1 && getX().getType() == getC().getType())
    return getX();
  return {};
}

LogicalResult CompressOp::canonicalize(CompressOp op,
                                       PatternRewriter &rewriter) {
  if (!isZero(op.getPe()))
    return rewriter.notifyMatchFailure(op, "no zero position encoding");
  rewriter.modifyOpInPlace(op, [&] { op.getPeMutable().clear(); });
  return success();
}

LogicalResult AttentionOp::canonicalize(AttentionOp op,
                                        PatternRewriter &rewriter) {
  bool zeroK = isZero(op.getKPe()), zeroV = isZero(op.getVPe());
  if (!zeroK && !zeroV)
    return rewriter.notifyMatchFailure(op, "no zero position encoding");
  rewriter.modifyOpInPlace(op, [&] {
    if (zeroK)
      op.getKPeMutable().clear();
    if (zeroV)
      op.getVPeMutable().clear();
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

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
  // The only integers that nsa.attention and nsa.fusion return are lists, too.
  if (op.getUnique() || !isa_and_nonnull<SelectTopNOp, AttentionOp, FusionOp>(
                            op.getIdx().getDefiningOp()))
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

OpFoldResult GateOp::fold(FoldAdaptor adaptor) {
  // One branch, let through as it is.
  auto gates = dyn_cast_or_null<SplatElementsAttr>(adaptor.getGates());
  if (getBranches().size() == 1 && gates &&
      getActivation() == GateActivation::None &&
      gates.getSplatValue<APFloat>().isExactlyValue(1.0) &&
      getBranches().front().getType() == getO().getType())
    return getBranches().front();
  return {};
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
  // A fusion has every branch; without one it would be another op.
  if (isa<FusionOp>(op->getParentOp()))
    return rewriter.notifyMatchFailure(op, "the gate belongs to a fusion");
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

  // A splat (of zeros, or no branch were dead) has one value, however large.
  SmallVector<APFloat> kept;
  if (gates.isSplat()) {
    kept.push_back(gates.getSplatValue<APFloat>());
  } else {
    SmallVector<APFloat> all(gates.getValues<APFloat>());
    for (int64_t row = 0, e = all.size(); row < e; row += inputs)
      for (int64_t i : live)
        kept.push_back(all[row + i]);
  }
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
