//===- TestNSA.cpp - An attention op outside lib ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Definition, interface methods, registration: all that a new key pattern
// needs. There is no pattern and no loop here.
//
//===----------------------------------------------------------------------===//

#include "TestNSA.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;
using namespace test_nsa;

#include "TestNSADialect.cpp.inc"
#define GET_OP_CLASSES
#include "TestNSAOps.cpp.inc"

void TestNSADialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "TestNSAOps.cpp.inc"
      >();
}

void test_nsa::registerTestNSADialect(DialectRegistry &registry) {
  registry.insert<TestNSADialect>();
}

TypedValue<RankedTensorType> StridedAttentionOp::getQueries() { return getQ(); }
TypedValue<RankedTensorType> StridedAttentionOp::getKeys() { return getK(); }
TypedValue<RankedTensorType> StridedAttentionOp::getValues() { return getV(); }

double StridedAttentionOp::getScoreScale() {
  return 1.0 / std::sqrt(double(getQ().getType().getDimSize(3)));
}

// A key tile is a block, or a part of one.
TraversalBlocking StridedAttentionOp::getTraversalBlocking() {
  TraversalBlocking blocking;
  blocking.maxKeys = getBlock();
  return blocking;
}

// State: the position of query 0, and the end of the keys that the tile sees.
SmallVector<Value>
StridedAttentionOp::buildTraversalState(OpBuilder &b, Location loc,
                                        const QueryTile &tile) {
  Value offset = buildQueryOffset(b, loc, Value(), tile.batch, getQ(), getK());
  Value end = arith::AddIOp::create(b, loc, tile.firstQuery, tile.numQueries);
  end = arith::AddIOp::create(b, loc, end, offset);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  return {offset, arith::MaxSIOp::create(b, loc, end, zero)};
}

static Value partsPerBlock(OpBuilder &b, Location loc, int64_t block,
                           int64_t keyTile) {
  return arith::ConstantIndexOp::create(b, loc,
                                        llvm::divideCeil(block, keyTile));
}

Value StridedAttentionOp::buildKeyTileCount(OpBuilder &b, Location loc,
                                            const QueryTile &tile,
                                            ValueRange state, int64_t keyTile) {
  Value period =
      arith::ConstantIndexOp::create(b, loc, getBlock() * getStride());
  Value blocks = buildCeilDiv(b, loc, state[1], period);
  return arith::MulIOp::create(b, loc, blocks,
                               partsPerBlock(b, loc, getBlock(), keyTile));
}

KeyRange StridedAttentionOp::buildKeyTile(OpBuilder &b, Location loc,
                                          const QueryTile &tile,
                                          ValueRange state, int64_t keyTile,
                                          Value i) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value parts = partsPerBlock(b, loc, getBlock(), keyTile);
  Value block = arith::DivUIOp::create(b, loc, i, parts);
  Value part = arith::RemUIOp::create(b, loc, i, parts);
  Value first =
      arith::MulIOp::create(b, loc, block, constant(getBlock() * getStride()));
  Value blockEnd = arith::AddIOp::create(b, loc, first, constant(getBlock()));
  Value skipped = arith::MulIOp::create(b, loc, part, constant(keyTile));
  Value begin = arith::AddIOp::create(b, loc, first, skipped);
  Value end = arith::AddIOp::create(b, loc, begin, constant(keyTile));
  end = arith::MinSIOp::create(b, loc, end, blockEnd);
  return {begin, arith::MinSIOp::create(b, loc, end, state[1])};
}

KeyRange StridedAttentionOp::buildVisibleKeys(OpBuilder &b, Location loc,
                                              const QueryTile &tile,
                                              ValueRange state, Value query) {
  Value position = arith::AddIOp::create(b, loc, query, state[0]);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  return {arith::ConstantIndexOp::create(b, loc, 0),
          arith::AddIOp::create(b, loc, position, one)};
}
