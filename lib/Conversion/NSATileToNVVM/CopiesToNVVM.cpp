//===- CopiesToNVVM.cpp - Shared memory and asynchronous copies -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneBuilder.h"
#include "MemRefAddress.h"
#include "Patterns.h"
#include "SharedTile.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

namespace {

struct LowerShared : public OpConversionPattern<SharedOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(SharedOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    auto space =
        gpu::AddressSpaceAttr::get(getContext(), gpu::AddressSpace::Workgroup);
    Value memory = lane.create<gpu::DynamicSharedMemoryOp>(
        MemRefType::get(ShapedType::kDynamic, rewriter.getI8Type(),
                        MemRefLayoutAttrInterface(), space));
    MemRefAddress address(lane, memory);
    rewriter.replaceOp(
        op, lane.advance(address.getBase(), int64_t(op.getOffset())));
    return success();
  }
};

/// A warp's 32 lanes copy rows side by side, in every row as many lanes as the
/// swizzle's period has pieces: 8 rows of a piece are then in different banks,
/// and what is read of global memory is contiguous.
struct LowerLoadAsync : public OpConversionPattern<LoadAsyncOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadAsyncOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    SharedTile tile(op.getTile().getType());
    Value slot = adaptor.getSlot().front();
    int64_t rowsPerPass = op.getThreads() / tile.pieces;
    int64_t periodBytes = tile.pieces * kPieceBytes;

    Value thread = lane.add(lane.getLane(), lane.mul(lane.getWarp(), 32));
    Value firstRow = lane.div(thread, tile.pieces);
    Value pieceOffset = lane.mul(lane.rem(thread, tile.pieces), kPieceBytes);
    Value sourceOffset =
        lane.create<arith::ExtUIOp>(rewriter.getI64Type(), pieceOffset);
    // The swizzle of a lane's rows is one where passes are whole groups of 8.
    auto getStart = [&](Value row) -> Value {
      Value swizzle = lane.mul(tile.getSwizzle(lane, row), kPieceBytes);
      Value inStage = lane.add(lane.mul(row, tile.rowBytes),
                               lane.bitXor(pieceOffset, swizzle));
      Value offset = lane.add(inStage, lane.mul(slot, tile.stageBytes));
      return lane.advance(adaptor.getTile().front(), offset);
    };
    Value start = rowsPerPass % 8 == 0 ? getStart(firstRow) : Value();
    MemRefAddress source(lane, adaptor.getSource().front(),
                         unsigned(NVVM::NVVMMemorySpace::Global));

    for (int64_t pass = 0; pass < tile.rows; pass += rowsPerPass) {
      Value row = lane.add(firstRow, pass);
      OpBuilder::InsertionGuard guard(rewriter);
      if (pass + rowsPerPass > tile.rows) {
        Value isRow = lane.create<arith::CmpIOp>(arith::CmpIPredicate::ult, row,
                                                 lane.constant(tile.rows));
        auto ifOp = lane.create<scf::IfOp>(isRow, /*withElseRegion=*/false);
        rewriter.setInsertionPointToStart(ifOp.thenBlock());
      }
      Value target =
          start ? lane.advance(start, pass * tile.rowBytes) : getStart(row);
      SmallVector<Value> yielded = inlineRegion(rewriter, op.getAddress(), row);
      Value exists = yielded.pop_back_val();
      Value bytes = source.getOffset(yielded);
      Value size;
      if (getConstant(exists) != -1) {
        size = lane.create<arith::SelectOp>(exists, lane.constant(kPieceBytes),
                                            lane.constant(0));
        // Of a row that does not exist not even the address does.
        bytes = lane.create<arith::SelectOp>(
            exists, bytes,
            lane.create<arith::ConstantOp>(rewriter.getI64IntegerAttr(0)));
      }
      Value pointer = lane.advance(source.getPointer(bytes), sourceOffset);
      for (int64_t column = 0; column < tile.rowBytes; column += periodBytes)
        lane.create<NVVM::CpAsyncOp>(lane.advance(target, column),
                                     lane.advance(pointer, column), kPieceBytes,
                                     NVVM::LoadCacheModifierKind::CG, size);
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange()});
    return success();
  }
};

struct LowerCommit : public OpConversionPattern<CommitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(CommitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    NVVM::CpAsyncCommitGroupOp::create(rewriter, op.getLoc());
    rewriter.replaceOpWithMultiple(op, {ValueRange()});
    return success();
  }
};

struct LowerWait : public OpConversionPattern<WaitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(WaitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    NVVM::CpAsyncWaitGroupOp::create(rewriter, op.getLoc(), op.getNewer());
    rewriter.replaceOpWithMultiple(op, {ValueRange()});
    return success();
  }
};

struct LowerNoCopy : public OpConversionPattern<NoCopyOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(NoCopyOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithMultiple(op, {ValueRange()});
    return success();
  }
};

struct LowerDrop : public OpConversionPattern<DropOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(DropOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void mlir::nsa::populateCopiesToNVVMPatterns(const TypeConverter &converter,
                                             RewritePatternSet &patterns) {
  patterns.add<LowerShared, LowerLoadAsync, LowerCommit, LowerWait, LowerNoCopy,
               LowerDrop>(converter, patterns.getContext());
}
