//===- ExpandStridedCopies.cpp - nsa-expand-strided-copies ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies of strided memory become loops that LLVM can vectorise.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_EXPANDSTRIDEDCOPIES
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// Whether finalize-memref-to-llvm uses memcpy for this side of a copy.
static bool isMemcpyAble(MemRefType type) {
  return type.getLayout().isIdentity() ||
         (type.hasStaticShape() && type.getNumElements() > 0 &&
          memref::isStaticShapeAndContiguousRowMajor(type));
}

/// The longest vector copied at once, in elements.
static constexpr int64_t kMaxLanes = 64;

/// Copies rows as vectors, where both sides are contiguous along a static
/// innermost dimension. A scalar loop would stay one: LLVM does not know that
/// the two do not overlap.
static LogicalResult copyAsVectors(OpBuilder &builder, memref::CopyOp copyOp,
                                   MemRefType source, MemRefType target) {
  int64_t rank = target.getRank();
  if (rank == 0 || !source.isLastDimUnitStride() ||
      !target.isLastDimUnitStride() ||
      !VectorType::isValidElementType(target.getElementType()))
    return failure();
  int64_t width = target.getDimSize(rank - 1);
  if (ShapedType::isDynamic(width) || width != source.getDimSize(rank - 1))
    return failure();
  int64_t lanes = std::min(width, kMaxLanes);
  while (lanes > 1 && width % lanes != 0)
    --lanes;
  if (lanes < 2)
    return failure();

  Location loc = copyOp.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  SmallVector<Value> lower(rank, constant(0)), upper, step(rank, constant(1));
  for (int64_t i = 0; i < rank; ++i)
    upper.push_back(
        builder.createOrFold<memref::DimOp>(loc, copyOp.getTarget(), i));
  step.back() = constant(lanes);
  auto type = VectorType::get({lanes}, target.getElementType());
  scf::buildLoopNest(
      builder, loc, lower, upper, step,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange ivs) {
        Value row = vector::LoadOp::create(nested, nestedLoc, type,
                                           copyOp.getSource(), ivs);
        vector::StoreOp::create(nested, nestedLoc, row, copyOp.getTarget(),
                                ivs);
      });
  return success();
}

namespace {

struct ExpandStridedCopiesPass
    : public nsa::impl::ExpandStridedCopiesBase<ExpandStridedCopiesPass> {
  void runOnOperation() override {
    getOperation().walk([](memref::CopyOp copyOp) {
      auto source = dyn_cast<MemRefType>(copyOp.getSource().getType());
      auto target = dyn_cast<MemRefType>(copyOp.getTarget().getType());
      if (!source || !target || (isMemcpyAble(source) && isMemcpyAble(target)))
        return;
      OpBuilder builder(copyOp);
      if (failed(copyAsVectors(builder, copyOp, source, target)))
        linalg::makeMemRefCopyOp(builder, copyOp.getLoc(), copyOp.getSource(),
                                 copyOp.getTarget());
      copyOp.erase();
    });
  }
};

} // namespace
