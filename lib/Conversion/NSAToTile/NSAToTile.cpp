//===- NSAToTile.cpp - Conversion of nsa to tile kernels --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass, and the choice at run time between kernel and plain path.
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/NSAToTile/NSAToTile.h"

#include "Patterns.h"

#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "nsa/Dialect/NSA/Transforms/Schedules.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_CONVERTNSATOTILE
#include "nsa/Conversion/NSAToTile/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;

/// The buffer with its last stride known to be 1. Not a memref.cast, which
/// upstream's folders take away from vector.load although it needs the stride.
static Value withContiguousRows(TileKernelBuilder &host, Value buffer) {
  OpBuilder &b = host.b;
  auto type = cast<MemRefType>(buffer.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(b, host.loc, buffer);
  SmallVector<OpFoldResult> sizes = metadata.getConstifiedMixedSizes(),
                            strides = metadata.getConstifiedMixedStrides();
  strides.back() = b.getIndexAttr(1);
  auto [typeStrides, typeOffset] = type.getStridesAndOffset();
  typeStrides.back() = 1;
  auto layout = StridedLayoutAttr::get(b.getContext(), typeOffset, typeStrides);
  auto contiguous = MemRefType::get(type.getShape(), type.getElementType(),
                                    layout, type.getMemorySpace());
  return memref::ReinterpretCastOp::create(
      b, host.loc, contiguous, metadata.getBaseBuffer(),
      metadata.getConstifiedMixedOffset(), sizes, strides);
}

/// Whether a type shows that there is nothing to compute, or nothing to compute
/// it from. Kernels take views of parts, which such types cannot have.
static bool isKnownToBeEmpty(Operation *op) {
  auto isEmpty = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && llvm::is_contained(tensor.getShape(), 0);
  };
  return llvm::any_of(op->getOperandTypes(), isEmpty) ||
         llvm::any_of(op->getResultTypes(), isEmpty);
}

static Operation *clonePlain(PatternRewriter &rewriter, Operation *op) {
  Operation *plain = rewriter.clone(*op);
  plain->removeAttr(kScheduleAttrName);
  return plain;
}

void mlir::nsa::emitVersions(
    PatternRewriter &rewriter, Operation *op, ValueRange operands,
    function_ref<SmallVector<Value>(TileKernelBuilder &, ValueRange buffers)>
        emit) {
  if (isKnownToBeEmpty(op)) {
    rewriter.replaceOp(op, clonePlain(rewriter, op));
    return;
  }
  TileKernelBuilder host(rewriter, op);
  SmallVector<Value> buffers;
  for (Value operand : operands)
    buffers.push_back(host.buffer(operand));
  // Kernels number keys with 32 bits.
  Value served = host.areRowsAligned(buffers);
  for (Value buffer : buffers) {
    Value few = host.compare(arith::CmpIPredicate::sle, host.dim(buffer, 1),
                             host.index(std::numeric_limits<int32_t>::max()));
    served = host.andI(served, few);
  }
  SmallVector<Value> results = host.branch(
      served, op->getResultTypes(),
      [&](TileKernelBuilder &) {
        TileKernelBuilder inside(rewriter, op);
        SmallVector<Value> contiguous;
        for (Value buffer : buffers)
          contiguous.push_back(withContiguousRows(inside, buffer));
        return emit(inside, contiguous);
      },
      [&](TileKernelBuilder &) {
        return SmallVector<Value>(clonePlain(rewriter, op)->getResults());
      });
  remark::passed(op->getLoc(), remark::RemarkOpts::name("tile").category(
                                   "convert-nsa-to-tile"))
      << remark::add("{0} becomes a kernel by {1}",
                     op->getName().getStringRef(), Attribute(getSchedule(op)));
  rewriter.replaceOp(op, results);
}

void mlir::nsa::hoistCasts(PatternRewriter &rewriter, FusionOp fusion) {
  Region &body = fusion.getBody();
  for (auto cast : llvm::make_early_inc_range(body.getOps<tensor::CastOp>()))
    if (!body.isAncestor(cast.getSource().getParentRegion()))
      rewriter.moveOpBefore(cast, fusion);
}

namespace {
struct ConvertNSAToTile
    : public nsa::impl::ConvertNSAToTileBase<ConvertNSAToTile> {
  using Base::Base;

  void runOnOperation() override {
    // Whoever wrote the schedule: kernels of what is not legal would be wrong.
    bool isLegal = true;
    getOperation()->walk([&](Operation *op) {
      ScheduleAttr schedule = getSchedule(op);
      std::string why =
          schedule ? describeIllegalSchedule(op, schedule) : std::string();
      if (why.empty())
        return;
      isLegal = false;
      emitError(op->getLoc())
          << "convert-nsa-to-tile: " << op->getName() << " has no kernel by "
          << schedule << ": " << why;
    });
    if (!isLegal)
      return signalPassFailure();
    ScheduleSource schedules = [](Operation *op) -> std::optional<TileShape> {
      ScheduleAttr schedule = getSchedule(op);
      if (!schedule || !schedule.hasTiles())
        return std::nullopt;
      return TileShape{schedule.getQueries(), schedule.getKeys(),
                       schedule.getRowWarps(), schedule.getKeyWarps(),
                       schedule.getStages()};
    };
    RewritePatternSet patterns(&getContext());
    populateAttentionToTilePatterns(patterns, schedules);
    populateGatedToTilePatterns(patterns, schedules);
    populateSelectionToTilePatterns(patterns, schedules);
    populateVectorToTilePatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
