//===- LaneBuilder.cpp - The code of one lane -------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneBuilder.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nsa;

SmallVector<Value> mlir::nsa::inlineRegion(OpBuilder &builder, Region &region,
                                           ValueRange arguments) {
  IRMapping mapping;
  mapping.map(region.getArguments(), arguments);
  for (Operation &op : region.front().without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> yielded;
  for (Value value : region.front().getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

std::optional<int64_t> mlir::nsa::getConstant(Value value) {
  APInt constant;
  if (!matchPattern(value, m_ConstantInt(&constant)))
    return std::nullopt;
  return constant.getSExtValue();
}

Value LaneBuilder::constant(int64_t value) {
  return create<arith::ConstantOp>(builder.getI32IntegerAttr(value));
}
Value LaneBuilder::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}
Value LaneBuilder::add(Value a, int64_t b) {
  return b == 0 ? a : add(a, constant(b));
}
Value LaneBuilder::mul(Value a, int64_t b) {
  if (b == 1)
    return a;
  return builder.createOrFold<arith::MulIOp>(loc, a, constant(b));
}
Value LaneBuilder::bitXor(Value a, Value b) {
  return builder.createOrFold<arith::XOrIOp>(loc, a, b);
}
Value LaneBuilder::bitXor(Value a, int64_t b) {
  return b == 0 ? a : bitXor(a, constant(b));
}
Value LaneBuilder::div(Value a, int64_t b) {
  assert(llvm::isPowerOf2_64(b) && "not a power of two");
  if (b == 1)
    return a;
  return builder.createOrFold<arith::ShRUIOp>(loc, a,
                                              constant(llvm::Log2_64(b)));
}
Value LaneBuilder::rem(Value a, int64_t b) {
  assert(llvm::isPowerOf2_64(b) && "not a power of two");
  return builder.createOrFold<arith::AndIOp>(loc, a, constant(b - 1));
}

Value LaneBuilder::getLane() {
  Value id = create<gpu::ThreadIdOp>(builder.getIndexType(), gpu::Dimension::x,
                                     builder.getIndexAttr(32));
  return create<arith::IndexCastOp>(builder.getI32Type(), id);
}
Value LaneBuilder::getWarp() {
  Value id = create<gpu::ThreadIdOp>(builder.getIndexType(), gpu::Dimension::y,
                                     /*upper_bound=*/nullptr);
  return create<arith::IndexCastOp>(builder.getI32Type(), id);
}

Value LaneBuilder::roundPair(Value first, Value second, Type type) {
  // Not arith.truncf: LLVM would sink it through the phi of a loop, which then
  // carries twice the registers.
  StringRef intrinsic =
      type.isF16() ? "llvm.nvvm.ff2f16x2.rn" : "llvm.nvvm.ff2bf16x2.rn";
  Value pair = create<LLVM::CallIntrinsicOp>(VectorType::get(2, type),
                                             builder.getStringAttr(intrinsic),
                                             ValueRange{second, first})
                   .getResults();
  return create<LLVM::BitcastOp>(builder.getI32Type(), pair);
}

Value LaneBuilder::advance(Value pointer, Value bytes) {
  return create<LLVM::GEPOp>(pointer.getType(), builder.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{bytes});
}
Value LaneBuilder::advance(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return create<LLVM::GEPOp>(pointer.getType(), builder.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{int32_t(bytes)});
}

SmallVector<Value> LaneBuilder::unpack(Value packed, unsigned count) {
  SmallVector<Value> values;
  for (unsigned i = 0; i < count; ++i)
    values.push_back(create<LLVM::ExtractValueOp>(packed, i));
  return values;
}
