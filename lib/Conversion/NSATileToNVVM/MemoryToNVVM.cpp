//===- MemoryToNVVM.cpp - Register tiles from and to memory -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneBuilder.h"
#include "MemRefAddress.h"
#include "Patterns.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

namespace {

/// Calls `access` for each row that a lane holds, with the number of the row's
/// first value and, where the row exists, the address of its first element.
class RowAccess {
public:
  RowAccess(LaneBuilder &lane, FragType type, Value memref, Region &address)
      : lane(lane), type(type), memref(lane, memref), address(address),
        bytes(cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8) {
  }

  struct Row {
    Value exists, offset;
  };
  /// Inlines the region for row value `i` of the lane.
  Row getRow(int64_t i) {
    Value number = lane.add(lane.getGroup(), i * 8);
    SmallVector<Value> yielded = inlineRegion(lane.builder, address, number);
    Value exists = yielded.pop_back_val();
    return {exists, memref.getOffset(yielded)};
  }
  /// The address of the lane's first element in a row.
  Value getPointer(const Row &row) {
    Value pointer = memref.getPointer(row.offset);
    if (type.getLayout() == Layout::Row)
      return pointer;
    Value column = lane.mul(lane.getFirstColumn(), bytes);
    return lane.advance(pointer, lane.create<arith::ExtUIOp>(
                                     lane.builder.getI64Type(), column));
  }

private:
  LaneBuilder &lane;
  FragType type;
  MemRefAddress memref;
  Region &address;

public:
  /// Of an element in memory.
  int64_t bytes;
};

/// The numbers of an `acc`'s values in a row that the lane holds, in pairs of
/// adjacent columns.
SmallVector<int64_t> getPairs(FragType type, int64_t row) {
  SmallVector<int64_t> pairs;
  for (int64_t column = 0; column < type.getDim(1); column += 8)
    pairs.push_back(row / 2 * (type.getDim(1) / 2) + column / 2 + row % 2 * 2);
  return pairs;
}

/// Two adjacent elements in one access, as an integer that is then taken apart:
/// LLVM would split the load of a vector whose elements are all that is used,
/// and the halves have bank conflicts (which PTX generation would only undo by
/// joining them again).
std::pair<Value, Value> loadPair(LaneBuilder &lane, Type elementType,
                                 Value pointer, int64_t bytes) {
  Type half = lane.builder.getIntegerType(8 * bytes);
  Type whole = lane.builder.getIntegerType(16 * bytes);
  Value pair = lane.create<LLVM::LoadOp>(whole, pointer, 2 * bytes);
  Value shift = lane.create<LLVM::ConstantOp>(whole, 8 * bytes);
  Value upper = lane.create<LLVM::LShrOp>(pair, shift);
  auto toElement = [&](Value bits) -> Value {
    return lane.create<LLVM::BitcastOp>(elementType,
                                        lane.create<LLVM::TruncOp>(half, bits));
  };
  return {toElement(pair), toElement(upper)};
}

struct LowerLoad : public OpConversionPattern<LoadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    bool isAcc = type.getLayout() == Layout::Acc;
    Type elementType =
        cast<MemRefType>(op.getSource().getType()).getElementType();
    RowAccess rows(lane, type, adaptor.getSource().front(), op.getAddress());
    Value other = adaptor.getOther().front();
    auto extend = [&](Value value) -> Value {
      if (value.getType() == type.getElementType())
        return value;
      return lane.create<arith::ExtFOp>(type.getElementType(), value);
    };

    SmallVector<Value> values(type.getNumValues());
    for (int64_t i = 0; i < type.getDim(0) / 8; ++i) {
      SmallVector<int64_t> places;
      if (!isAcc)
        places.push_back(i);
      else
        for (int64_t pair : getPairs(type, i))
          places.append({pair, pair + 1});

      RowAccess::Row row = rows.getRow(i);
      SmallVector<Type> types(places.size(), type.getElementType());
      auto ifOp =
          lane.create<scf::IfOp>(types, row.exists, /*withElseRegion=*/true);
      for (auto [place, result] : llvm::zip(places, ifOp.getResults()))
        values[place] = result;
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(ifOp.elseBlock());
      lane.create<scf::YieldOp>(SmallVector<Value>(places.size(), other));
      rewriter.setInsertionPointToStart(ifOp.thenBlock());
      Value pointer = rows.getPointer(row);
      SmallVector<Value> loaded;
      if (!isAcc) {
        loaded.push_back(extend(
            lane.create<LLVM::LoadOp>(elementType, pointer, rows.bytes)));
      } else {
        for (int64_t column = 0; column < type.getDim(1); column += 8) {
          auto [first, second] =
              loadPair(lane, elementType,
                       lane.advance(pointer, column * rows.bytes), rows.bytes);
          loaded.append({extend(first), extend(second)});
        }
      }
      lane.create<scf::YieldOp>(loaded);
    }
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

struct LowerStore : public OpConversionPattern<StoreOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LaneBuilder lane(rewriter, op.getLoc());
    FragType type = op.getFrag().getType();
    bool isAcc = type.getLayout() == Layout::Acc;
    Type elementType =
        cast<MemRefType>(op.getTarget().getType()).getElementType();
    RowAccess rows(lane, type, adaptor.getTarget().front(), op.getAddress());
    ValueRange values = adaptor.getFrag();

    for (int64_t i = 0; i < type.getDim(0) / 8; ++i) {
      RowAccess::Row row = rows.getRow(i);
      if (!isAcc) {
        Value isWriter = lane.create<arith::CmpIOp>(arith::CmpIPredicate::eq,
                                                    lane.rem(lane.getLane(), 4),
                                                    lane.constant(0));
        row.exists = lane.create<arith::AndIOp>(row.exists, isWriter);
      }
      auto ifOp = lane.create<scf::IfOp>(row.exists, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(ifOp.thenBlock());
      Value pointer = rows.getPointer(row);
      if (!isAcc) {
        Value value = values[i];
        if (value.getType() != elementType)
          value = lane.create<arith::TruncFOp>(elementType, value);
        lane.create<LLVM::StoreOp>(value, pointer, rows.bytes);
        continue;
      }
      for (auto [k, place] : llvm::enumerate(getPairs(type, i))) {
        Value pair =
            getPair(lane, values[place], values[place + 1], elementType);
        lane.create<LLVM::StoreOp>(
            pair, lane.advance(pointer, int64_t(k) * 8 * rows.bytes),
            2 * rows.bytes);
      }
    }
    rewriter.eraseOp(op);
    return success();
  }

private:
  static Value getPair(LaneBuilder &lane, Value first, Value second,
                       Type elementType) {
    if (first.getType() != elementType)
      return lane.roundPair(first, second, elementType);
    Value pair = lane.create<LLVM::PoisonOp>(VectorType::get(2, elementType));
    pair = lane.create<LLVM::InsertElementOp>(pair, first, lane.constant(0));
    return lane.create<LLVM::InsertElementOp>(pair, second, lane.constant(1));
  }
};

} // namespace

void mlir::nsa::populateMemoryToNVVMPatterns(const TypeConverter &converter,
                                             RewritePatternSet &patterns) {
  patterns.add<LowerLoad, LowerStore>(converter, patterns.getContext());
}
