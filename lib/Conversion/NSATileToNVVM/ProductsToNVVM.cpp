//===- ProductsToNVVM.cpp - Products on tensor cores ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneBuilder.h"
#include "Patterns.h"
#include "SharedTile.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

namespace {

/// One `mma.sync` per 16 x 8 sums and 16 of K.
class Multiplier {
public:
  Multiplier(LaneBuilder &lane, FragType lhsType, ValueRange lhs,
             FragType accType, ValueRange acc)
      : rowTiles(accType.getDim(0) / 16), columnTiles(accType.getDim(1) / 8),
        steps(lhsType.getDim(1) / 16), sums(acc), lane(lane),
        type(lhsType.getElementType()), lhs(lhs) {}

  /// All rows of 8 columns, 16 of K.
  void multiply(int64_t step, int64_t column, Value b0, Value b1) {
    for (int64_t row = 0; row < rowTiles; ++row) {
      ValueRange a = lhs.slice((row * steps + step) * 4, 4);
      MutableArrayRef<Value> d =
          MutableArrayRef(sums).slice((row * columnTiles + column) * 4, 4);
      llvm::copy(multiply(a, {b0, b1}, ValueRange(d)), d.begin());
    }
  }

  int64_t rowTiles, columnTiles, steps;
  SmallVector<Value> sums;

private:
  SmallVector<Value> multiply(ValueRange a, ValueRange b, ValueRange c) {
    MLIRContext *context = lane.builder.getContext();
    // NVVM wants bf16 as i32, but f16 as vectors.
    auto getOperands = [&](ValueRange values) {
      SmallVector<Value> operands;
      for (Value value : values)
        operands.push_back(type.isF16() ? lane.create<LLVM::BitcastOp>(
                                              VectorType::get(2, type), value)
                                        : value);
      return operands;
    };
    NVVM::MMATypes ptxType =
        type.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
    SmallVector<Type> results(4, lane.builder.getF32Type());
    Value d = lane.create<NVVM::MmaOp>(
        LLVM::LLVMStructType::getLiteral(context, results), getOperands(a),
        getOperands(b), c, ArrayRef<int64_t>{16, 8, 16}, std::nullopt,
        std::nullopt, std::array<NVVM::MMATypes, 2>{ptxType, ptxType},
        std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                       NVVM::MMALayout::col});
    return lane.unpack(d, 4);
  }

  LaneBuilder &lane;
  Type type;
  ValueRange lhs;
};

struct LowerMma : public OpConversionPattern<MmaOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    Multiplier product(lane, op.getLhs().getType(), adaptor.getLhs(),
                       op.getAcc().getType(), adaptor.getAcc());
    for (int64_t step = 0; step < product.steps; ++step)
      for (int64_t column = 0; column < product.columnTiles; ++column) {
        int64_t first = (step * product.columnTiles + column) * 2;
        product.multiply(step, column, adaptor.getRhs()[first],
                         adaptor.getRhs()[first + 1]);
      }
    rewriter.replaceOpWithMultiple(op, {ValueRange(product.sums)});
    return success();
  }
};

struct LowerLoadFrag : public OpConversionPattern<LoadFragOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadFragOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    Value id = lane.getLane();
    // Rows 0-7, rows 8-15, then both 8 columns on.
    MatrixReader reader(lane, adaptor.getTile().front(), op.getTile().getType(),
                        adaptor.getSlot().front(), adaptor.getRow().front(),
                        adaptor.getColumn().front(),
                        {lane.rem(id, 16), lane.div(id, 16), 2});
    SmallVector<Value> values;
    for (int64_t row = 0; row < type.getDim(0); row += 16)
      for (int64_t column = 0; column < type.getDim(1); column += 16)
        llvm::append_range(values, reader.read(row, column, 4,
                                               /*transposed=*/false));
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

/// The `ldmatrix` of one kind in a product, and where each of its matrices is
/// needed.
struct Step {
  /// 16 x 16 elements, or 8 columns of up to 32 of K.
  bool isOdd;
  /// In 16 of K, and in 8 columns.
  int64_t step, column;
  unsigned count;
};

struct LowerMmaShared : public OpConversionPattern<MmaSharedOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MmaSharedOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    Multiplier product(lane, op.getLhs().getType(), adaptor.getLhs(),
                       op.getAcc().getType(), adaptor.getAcc());
    bool transposed = op.getTransposed();

    SmallVector<Step> steps;
    for (int64_t step = 0; step < product.steps; ++step) {
      for (int64_t column = 0; column + 1 < product.columnTiles; column += 2)
        steps.push_back({false, step, column, 4});
      if (product.columnTiles % 2 == 1 && step % 2 == 0)
        steps.push_back({true, step, product.columnTiles - 1,
                         step + 1 < product.steps ? 4u : 2u});
    }

    std::array<std::optional<MatrixReader>, 3> readers;
    auto read = [&](const Step &step) {
      std::optional<MatrixReader> &reader =
          readers[step.count == 2 ? 2 : step.isOdd];
      if (!reader)
        reader.emplace(lane, adaptor.getTile().front(), op.getTile().getType(),
                       adaptor.getSlot().front(), adaptor.getRow().front(),
                       adaptor.getColumn().front(),
                       getPlace(lane, step, transposed));
      int64_t inK = step.step * 16, inN = step.column * 8;
      // Rows are of N where the product is with the transpose.
      return transposed ? reader->read(inN, inK, step.count, false)
                        : reader->read(inK, inN, step.count, true);
    };

    // One ahead of the products, so that they need not wait for memory.
    SmallVector<Value> next = read(steps.front());
    for (auto [i, step] : llvm::enumerate(steps)) {
      SmallVector<Value> b = std::move(next);
      if (i + 1 < steps.size())
        next = read(steps[i + 1]);
      for (int64_t half = 0; half < int64_t(step.count / 2); ++half)
        product.multiply(step.isOdd ? step.step + half : step.step,
                         step.isOdd ? step.column : step.column + half,
                         b[half * 2], b[half * 2 + 1]);
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange(product.sums)});
    return success();
  }

private:
  /// Matrices are in the order of the registers of `mma.sync`: first along K,
  /// then along N.
  static LanePlace getPlace(LaneBuilder &lane, const Step &step,
                            bool transposed) {
    Value id = lane.getLane();
    if (transposed) {
      if (step.count == 2)
        return {lane.rem(id, 8), lane.rem(lane.div(id, 8), 2), 2};
      if (step.isOdd)
        return {lane.rem(id, 8), lane.div(id, 8), 4};
      return {lane.add(lane.rem(id, 8), lane.mul(lane.div(id, 16), 8)),
              lane.rem(lane.div(id, 8), 2), 2};
    }
    if (step.count == 2)
      return {lane.rem(id, 16), lane.constant(0), 1};
    if (step.isOdd)
      return {id, lane.constant(0), 1};
    return {lane.rem(id, 16), lane.div(id, 16), 2};
  }
};

} // namespace

void mlir::nsa::populateProductsToNVVMPatterns(const TypeConverter &converter,
                                               RewritePatternSet &patterns) {
  patterns.add<LowerMma, LowerLoadFrag, LowerMmaShared>(converter,
                                                        patterns.getContext());
}
