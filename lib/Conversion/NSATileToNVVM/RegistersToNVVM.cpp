//===- RegistersToNVVM.cpp - Register tiles, value by value -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneBuilder.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

namespace {

/// Where value `i` of an `acc` with `columns` columns is, in the numbers of the
/// `row` and the `col` that belong to it.
struct AccPlace {
  AccPlace(int64_t i, int64_t columns)
      : row(i / (columns / 2) * 2 + i % 4 / 2),
        column(i % (columns / 2) / 4 * 2 + i % 2) {}
  int64_t row, column;
};

struct LowerFill : public OpConversionPattern<FillOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(FillOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    Value value = adaptor.getValue().front();
    if (type.getLayout() == Layout::Lhs || type.getLayout() == Layout::Rhs) {
      Value bits = lane.create<arith::BitcastOp>(rewriter.getI16Type(), value);
      Value low = lane.create<arith::ExtUIOp>(rewriter.getI32Type(), bits);
      value = lane.create<arith::OrIOp>(low, lane.mul(low, 1 << 16));
    }
    SmallVector<Value> values(type.getNumValues(), value);
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

struct LowerIota : public OpConversionPattern<IotaOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(IotaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    bool isRow = type.getLayout() == Layout::Row;
    Value first = isRow ? lane.getGroup() : lane.getFirstColumn();
    SmallVector<Value> values;
    for (int64_t i = 0; i < type.getNumValues(); ++i)
      values.push_back(lane.add(first, isRow ? i * 8 : i / 2 * 8 + i % 2));
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

struct LowerMap : public OpConversionPattern<MapOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    // What all elements are numbered by.
    FragType domain;
    SmallVector<Type> types(op->getOperandTypes());
    llvm::append_range(types, op->getResultTypes());
    for (Type type : types)
      if (!domain || cast<FragType>(type).getLayout() == Layout::Acc)
        domain = cast<FragType>(type);
    bool isAcc = domain && domain.getLayout() == Layout::Acc;

    SmallVector<SmallVector<Value>> results(op.getNumResults());
    for (int64_t i = 0, e = domain ? domain.getNumValues() : 0; i < e; ++i) {
      SmallVector<Value> elements;
      for (auto [type, values] :
           llvm::zip(op.getInputs().getTypes(), adaptor.getInputs())) {
        int64_t place = i;
        Layout layout = cast<FragType>(type).getLayout();
        if (isAcc && layout == Layout::Row)
          place = AccPlace(i, domain.getDim(1)).row;
        else if (isAcc && layout == Layout::Col)
          place = AccPlace(i, domain.getDim(1)).column;
        elements.push_back(values[place]);
      }
      for (auto [result, value] :
           llvm::zip(results, inlineRegion(rewriter, op.getBody(), elements)))
        result.push_back(value);
    }
    rewriter.replaceOpWithMultiple(op, std::move(results));
    return success();
  }
};

struct LowerMask : public OpConversionPattern<MaskOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MaskOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    // Limits in this lane's columns, so that these are constants. Columns are
    // not negative: a limit that is can as well be 0, and then cannot overflow.
    Value firstColumn = lane.getFirstColumn();
    auto getLimits = [&](ValueRange limits) {
      SmallVector<Value> ofLane;
      for (Value limit : limits) {
        Value least = lane.create<arith::MaxSIOp>(limit, lane.constant(0));
        ofLane.push_back(lane.create<arith::SubIOp>(least, firstColumn));
      }
      return ofLane;
    };
    // Most tiles are visible as a whole; then a lane has nothing to do. Lanes
    // may disagree: nothing in the branch is done by a warp together.
    Value hidden;
    auto require = [&](arith::CmpIPredicate predicate, ValueRange limits,
                       int64_t bound) {
      for (Value limit : limits) {
        Value hides =
            lane.create<arith::CmpIOp>(predicate, limit, lane.constant(bound));
        hidden = hidden ? lane.create<arith::OrIOp>(hidden, hides) : hides;
      }
    };
    require(arith::CmpIPredicate::sgt, adaptor.getBegin(), 0);
    require(arith::CmpIPredicate::slt, adaptor.getEnd(), type.getDim(1));

    ValueRange frag = adaptor.getFrag();
    auto ifOp = lane.create<scf::IfOp>(frag.getTypes(), hidden,
                                       /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(ifOp.elseBlock());
    lane.create<scf::YieldOp>(frag);
    rewriter.setInsertionPointToStart(ifOp.thenBlock());
    SmallVector<Value> begin = getLimits(adaptor.getBegin());
    SmallVector<Value> end = getLimits(adaptor.getEnd());
    SmallVector<Value> values;
    for (auto [i, value] : llvm::enumerate(frag)) {
      AccPlace place(i, type.getDim(1));
      Value column = lane.constant(place.column / 2 * 8 + place.column % 2);
      Value isBehind = lane.create<arith::CmpIOp>(arith::CmpIPredicate::sle,
                                                  begin[place.row], column);
      Value isBefore = lane.create<arith::CmpIOp>(arith::CmpIPredicate::sgt,
                                                  end[place.row], column);
      Value isKept = lane.create<arith::AndIOp>(isBehind, isBefore);
      values.push_back(lane.create<arith::SelectOp>(
          isKept, value, adaptor.getOther().front()));
    }
    lane.create<scf::YieldOp>(values);
    rewriter.replaceOpWithMultiple(op, {ValueRange(ifOp.getResults())});
    return success();
  }
};

struct LowerReduce : public OpConversionPattern<ReduceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ReduceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    bool overColumns = op.getOver() == Dimension::Columns;
    auto combine = [&](Value a, Value b) -> Value {
      if (op.getKind() == Reduction::Add)
        return lane.create<arith::AddFOp>(a, b);
      return lane.create<arith::MaximumFOp>(a, b);
    };

    SmallVector<SmallVector<Value>> parts(
        op.getResult().getType().getNumValues());
    for (auto [i, value] : llvm::enumerate(adaptor.getFrag())) {
      AccPlace place(i, type.getDim(1));
      parts[overColumns ? place.row : place.column].push_back(value);
    }
    SmallVector<Value> values;
    for (SmallVector<Value> &part : parts) {
      while (part.size() > 1) {
        SmallVector<Value> sums;
        for (size_t i = 0; i + 1 < part.size(); i += 2)
          sums.push_back(combine(part[i], part[i + 1]));
        if (part.size() % 2 == 1)
          sums.push_back(part.back());
        part = std::move(sums);
      }
      values.push_back(part.front());
    }
    // Among the lanes of a row, or of a column; all values in step, so that
    // their shuffles overlap.
    for (int64_t distance = overColumns ? 1 : 4, end = overColumns ? 4 : 32;
         distance < end; distance *= 2)
      for (Value &value : values) {
        Value other = lane.create<NVVM::ShflOp>(
            value.getType(), lane.constant(-1), value, lane.constant(distance),
            lane.constant(31), NVVM::ShflKind::bfly,
            /*return_value_and_is_valid=*/nullptr);
        value = combine(value, other);
      }
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

struct LowerCast : public OpConversionPattern<CastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(CastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    Type type = op.getResult().getType().getElementType();
    // Two `acc` of 8 columns and one `lhs` of 16 have the same order of pairs.
    SmallVector<Value> values;
    for (size_t i = 0; i < adaptor.getFrag().size(); i += 2)
      values.push_back(
          lane.roundPair(adaptor.getFrag()[i], adaptor.getFrag()[i + 1], type));
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

} // namespace

void mlir::nsa::populateRegistersToNVVMPatterns(const TypeConverter &converter,
                                                RewritePatternSet &patterns) {
  patterns
      .add<LowerFill, LowerIota, LowerMap, LowerMask, LowerReduce, LowerCast>(
          converter, patterns.getContext());
}
