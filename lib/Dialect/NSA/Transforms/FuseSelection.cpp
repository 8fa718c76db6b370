//===- FuseSelection.cpp - Scores produced where they are consumed -*- C++
//-*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles select_top_n and pulls block_scores into the loop, through
// TilingInterface and SCF's tile-and-fuse.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/Passes.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/Remarks.h"
#include "nsa/Dialect/NSA/IR/Fusion.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NSAFUSESELECTION
#include "nsa/Dialect/NSA/Transforms/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

static remark::RemarkOpts remarkNamed(StringRef name) {
  return remark::RemarkOpts::name(name).category("nsa-fuse-selection");
}

static LogicalResult fuse(SelectTopNOp select, BlockScoresOp scores,
                          int64_t queryTile, IRRewriter &rewriter) {
  rewriter.setInsertionPoint(select);
  scf::SCFTilingOptions tiling;
  tiling.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  // One list at a time: that tile of scores is a legal op of its own.
  tiling.setTileSizes({rewriter.getIndexAttr(1),
                       rewriter.getIndexAttr(queryTile),
                       rewriter.getIndexAttr(1)});
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(tiling);
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult producer,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        if (producer.getOwner() != scores)
          return std::nullopt;
        return scf::SCFTileAndFuseOptions::ControlFnResult{};
      });
  FailureOr<scf::SCFTileAndFuseResult> result =
      scf::tileConsumerAndFuseProducersUsingSCF(
          rewriter, cast<TilingInterface>(select.getOperation()), options);
  if (failed(result))
    return failure();
  rewriter.replaceOp(select, result->replacements.lookup(select.getIdx()));
  // What is left of the untiled scores: a slice that nobody reads any more, and
  // their size.
  rewriter.setInsertionPoint(scores);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(scores.reifyResultShapes(rewriter, shapes)))
    return failure();
  for (Operation *user : llvm::make_early_inc_range(scores->getUsers()))
    if (isOpTriviallyDead(user))
      rewriter.eraseOp(user);
    else if (auto dim = dyn_cast<tensor::DimOp>(user))
      if (std::optional<int64_t> i = dim.getConstantIndex())
        rewriter.replaceOp(dim, getValueOrCreateConstantIndexOp(
                                    rewriter, dim.getLoc(), shapes[0][*i]));
  if (scores->use_empty())
    rewriter.eraseOp(scores);
  return success();
}

static bool isEmpty(Value tensor) {
  return llvm::is_contained(cast<RankedTensorType>(tensor.getType()).getShape(),
                            0);
}

namespace {
struct FuseSelection : public nsa::impl::NSAFuseSelectionBase<FuseSelection> {
  using Base::Base;

  void runOnOperation() override {
    // The upper bound is larger than any tile need be, and far from overflow.
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    int64_t tile = queryTile;
    if (tile < 1 || tile > most) {
      emitError(getOperation()->getLoc())
          << "nsa-fuse-selection: query-tile (" << tile
          << ") must be at least 1 and at most " << most;
      return signalPassFailure();
    }
    // Tiles belong to ops, not to kernels of several.
    inlineFusions(getOperation());
    IRRewriter rewriter(&getContext());
    SmallVector<SelectTopNOp> selects;
    getOperation()->walk([&](SelectTopNOp op) {
      // A tile of a parallel loop is small, and parallel, already.
      if (!op->getParentOfType<scf::ForallOp>() &&
          !op->getParentOfType<scf::ParallelOp>())
        selects.push_back(op);
    });
    for (SelectTopNOp select : selects) {
      Location loc = select.getLoc();
      auto scores = select.getP().getDefiningOp<BlockScoresOp>();
      if (!scores) {
        remark::missed(loc, remarkNamed("no-producer"))
            << remark::add("nsa.select_top_n reads its scores from memory")
            << remark::reason("no nsa.block_scores of this function makes them")
            << remark::suggest("call nsa.block_scores in the same function");
        continue;
      }
      if (!scores.getP().hasOneUse()) {
        remark::missed(loc, remarkNamed("shared-scores"))
            << remark::add(
                   "nsa.select_top_n reads its scores, of size Tq x Ns, "
                   "from memory")
            << remark::reason("something else reads them too")
            << remark::suggest("do not return or reuse the scores, to have "
                               "them computed tile by tile")
            << remark::metric("uses",
                              llvm::range_size(scores.getP().getUses()));
        continue;
      }
      // A slice of a dimension known to be empty would have no valid offset.
      if (isEmpty(scores.getKc()) || isEmpty(scores.getP())) {
        remark::missed(loc, remarkNamed("no-scores"))
            << remark::add("nsa.select_top_n reads its scores from memory")
            << remark::reason("no compressed key scores any block: a dimension "
                              "is 0")
            << remark::suggest("none is needed");
        continue;
      }
      if (failed(fuse(select, scores, tile, rewriter))) {
        emitError(loc) << "nsa-fuse-selection: cannot tile select_top_n";
        return signalPassFailure();
      }
      remark::passed(loc, remarkNamed("fused"))
          << remark::add("nsa.block_scores is computed tile by tile inside "
                         "nsa.select_top_n")
          << remark::metric("queries", tile);
    }
  }
};
} // namespace
