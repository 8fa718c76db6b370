//===- Fusion.cpp - Ops that become one kernel ------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What may stand in an nsa.fusion, its shapes, and taking it apart. A check
// carries the label of its constraint in docs/Spec.md.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/Fusion.h"

#include "NSAOpsDetail.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nsa;
using mlir::nsa::detail::extentOf;

Value mlir::nsa::lookThroughCasts(Value value) {
  while (auto cast = value.getDefiningOp<tensor::CastOp>())
    value = cast.getSource();
  return value;
}

//===----------------------------------------------------------------------===//
// Agreement
//===----------------------------------------------------------------------===//

namespace {
/// What ops of one kernel must have in common; absent where an op has none.
struct Common {
  std::optional<Value> queries, qOffset, kvLen;
  std::optional<StringRef> causal;
  std::optional<double> scale;
  std::optional<int64_t> kvHeads, compressionBlock, compressionStride,
      selectionBlock;
};
} // namespace

static Common getCommon(Operation *op) {
  Common common;
  auto addMask = [&](auto attention) {
    common.qOffset = attention.getQOffset();
    common.kvLen = attention.getKvLen();
    common.causal = attention.getCausal() ? "true" : "false";
  };
  auto addBranch = [&](auto branch) {
    addMask(branch);
    common.queries = lookThroughCasts(branch.getQueries());
    common.scale = branch.getScoreScale();
    common.kvHeads = extentOf(branch.getKeys(), 2);
  };
  if (auto compressed = dyn_cast<CompressedAttentionOp>(op)) {
    addBranch(compressed);
    common.compressionBlock = compressed.getCompressionBlock();
    common.compressionStride = compressed.getCompressionStride();
  } else if (auto scores = dyn_cast<BlockScoresOp>(op)) {
    addMask(scores);
    common.queries = lookThroughCasts(scores.getQ());
    common.scale = scores.getScoreScale();
    common.kvHeads = extentOf(scores.getKc(), 2);
    common.compressionBlock = scores.getCompressionBlock();
    common.compressionStride = scores.getCompressionStride();
    common.selectionBlock = scores.getSelectionBlock();
  } else if (auto select = dyn_cast<SelectTopNOp>(op)) {
    addMask(select);
    common.selectionBlock = select.getSelectionBlock();
  } else if (auto selected = dyn_cast<SelectedAttentionOp>(op)) {
    addBranch(selected);
    common.selectionBlock = selected.getSelectionBlock();
  } else if (auto window = dyn_cast<WindowAttentionOp>(op)) {
    addBranch(window);
  }
  return common;
}

std::string mlir::nsa::describeDisagreement(Operation *first,
                                            Operation *second) {
  Common a = getCommon(first), b = getCommon(second);
  std::string text;
  llvm::raw_string_ostream os(text);
  auto compare = [&](StringRef name, auto left, auto right) {
    if (!text.empty() || !left || !right || *left == *right)
      return;
    os << "they differ in " << name;
    if constexpr (!std::is_same_v<std::decay_t<decltype(*left)>, Value>)
      os << " (" << *left << " and " << *right << ")";
  };
  compare("queries", a.queries, b.queries);
  compare("key/value heads", a.kvHeads, b.kvHeads);
  compare("q_offset", a.qOffset, b.qOffset);
  compare("kv_len", a.kvLen, b.kvLen);
  compare("causal", a.causal, b.causal);
  compare("scale", a.scale, b.scale);
  compare("compression_block", a.compressionBlock, b.compressionBlock);
  compare("compression_stride", a.compressionStride, b.compressionStride);
  compare("selection_block", a.selectionBlock, b.selectionBlock);
  return text;
}

//===----------------------------------------------------------------------===//
// FusionOp
//===----------------------------------------------------------------------===//

/// fusion_c1, for one op of the table.
template <typename OpT> static LogicalResult verifyOnce(FusionOp fusion) {
  auto count = llvm::range_size(fusion.getBody().front().getOps<OpT>());
  if (count == 1)
    return success();
  return fusion.emitOpError()
         << stringifyFusionKind(fusion.getKind()) << " has " << count << " "
         << OpT::getOperationName() << ", expected 1";
}

/// fusion_c1, for everything else.
template <typename... OpTs>
static LogicalResult verifyMembers(FusionOp fusion) {
  for (Operation &op : fusion.getBody().front().without_terminator())
    if (!isa<tensor::CastOp, OpTs...>(op))
      return op.emitOpError() << "cannot be part of a fusion of kind "
                              << stringifyFusionKind(fusion.getKind());
  return success((succeeded(verifyOnce<OpTs>(fusion)) && ...));
}

static LogicalResult verifyAgreement(FusionOp fusion, Operation *first,
                                     Operation *second) {
  std::string reason = describeDisagreement(first, second);
  if (reason.empty())
    return success();
  return fusion.emitOpError()
         << first->getName() << " and " << second->getName()
         << " cannot be one kernel: " << reason;
}

/// fusion_c6
static LogicalResult verifyYield(FusionOp fusion, ArrayRef<Value> expected,
                                 StringRef names) {
  auto yield = cast<YieldOp>(fusion.getBody().front().getTerminator());
  if (yield.getValues().size() != expected.size() ||
      !llvm::all_of(llvm::zip(yield.getValues(), expected), [](auto pair) {
        return lookThroughCasts(std::get<0>(pair)) == std::get<1>(pair);
      }))
    return yield.emitOpError()
           << "of a fusion of kind " << stringifyFusionKind(fusion.getKind())
           << " must yield " << names << " of its ops, in this order";
  return success();
}

static LogicalResult verifySelection(FusionOp fusion) {
  if (failed(verifyMembers<CompressedAttentionOp, BlockScoresOp, SelectTopNOp>(
          fusion)))
    return failure();
  auto compressed = fusion.getMember<CompressedAttentionOp>();
  auto scores = fusion.getMember<BlockScoresOp>();
  auto select = fusion.getMember<SelectTopNOp>();
  // fusion_c2
  if (lookThroughCasts(scores.getQ()) != lookThroughCasts(compressed.getQ()) ||
      lookThroughCasts(scores.getKc()) !=
          lookThroughCasts(compressed.getKc()) ||
      lookThroughCasts(scores.getLse()) != compressed.getLse())
    return scores.emitOpError("must take the queries, the keys and the lse of "
                              "the fusion's nsa.compressed_attention");
  if (lookThroughCasts(select.getP()) != scores.getP())
    return select.emitOpError(
        "must take the scores of the fusion's nsa.block_scores");
  // fusion_c4
  if (failed(verifyAgreement(fusion, compressed, scores)) ||
      failed(verifyAgreement(fusion, scores, select)))
    return failure();
  return verifyYield(fusion,
                     {compressed.getO(), compressed.getLse(), select.getIdx()},
                     "o, lse and idx");
}

static LogicalResult verifyGated(FusionOp fusion) {
  if (failed(verifyMembers<SelectedAttentionOp, WindowAttentionOp, GateOp>(
          fusion)))
    return failure();
  auto selected = fusion.getMember<SelectedAttentionOp>();
  auto window = fusion.getMember<WindowAttentionOp>();
  auto gate = fusion.getMember<GateOp>();
  // fusion_c3
  if (gate.getBranches().size() != 3)
    return gate.emitOpError() << "of a fusion must have 3 branches, but has "
                              << gate.getBranches().size();
  Value first = lookThroughCasts(gate.getBranches()[0]);
  if (fusion.getBody().isAncestor(first.getParentRegion()) ||
      lookThroughCasts(gate.getBranches()[1]) != selected.getO() ||
      lookThroughCasts(gate.getBranches()[2]) != window.getO())
    return gate.emitOpError(
        "must take, in this order, a branch from outside of the fusion, o of "
        "nsa.selected_attention and o of nsa.window_attention");
  // fusion_c4
  if (failed(verifyAgreement(fusion, selected, window)))
    return failure();
  // fusion_c5
  if (!selected.getUnique())
    return selected.emitOpError("of a fusion must have unique lists");
  if (fusion.getNumResults() == 1)
    return verifyYield(fusion, {gate.getO()}, "o, or o, lse_slc and lse_win");
  return verifyYield(fusion, {gate.getO(), selected.getLse(), window.getLse()},
                     "o, or o, lse_slc and lse_win");
}

LogicalResult FusionOp::verifyRegions() {
  auto yield = dyn_cast<YieldOp>(getBody().front().getTerminator());
  if (!yield)
    return emitOpError("must end in nsa.yield");
  if (yield.getValues().getTypes() != getResultTypes())
    return yield.emitOpError()
           << "yields (" << yield.getValues().getTypes()
           << "), but the fusion has the results (" << getResultTypes() << ")";
  return getKind() == FusionKind::Selection ? verifySelection(*this)
                                            : verifyGated(*this);
}

LogicalResult FusionOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  // Batch and queries are q's in every result; the rest is static.
  Value q;
  if (getKind() == FusionKind::Selection)
    q = getMember<CompressedAttentionOp>().getQ();
  else
    q = getMember<SelectedAttentionOp>().getQ();
  q = lookThroughCasts(q);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), q);
  for (Value result : getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<OpFoldResult> &dims = shapes.emplace_back();
    for (auto [i, extent] : llvm::enumerate(type.getShape()))
      dims.push_back(ShapedType::isDynamic(extent)
                         ? sizes[i]
                         : OpFoldResult(builder.getIndexAttr(extent)));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Taking apart
//===----------------------------------------------------------------------===//

void mlir::nsa::inlineFusion(RewriterBase &rewriter, FusionOp fusion) {
  Operation *yield = fusion.getBody().front().getTerminator();
  rewriter.inlineBlockBefore(&fusion.getBody().front(), fusion);
  rewriter.replaceOp(fusion, yield->getOperands());
  rewriter.eraseOp(yield);
}

void mlir::nsa::inlineFusions(Operation *root) {
  IRRewriter rewriter(root->getContext());
  SmallVector<FusionOp> fusions;
  root->walk([&](FusionOp fusion) { fusions.push_back(fusion); });
  for (FusionOp fusion : fusions)
    inlineFusion(rewriter, fusion);
}
