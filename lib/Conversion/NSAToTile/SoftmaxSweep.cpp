//===- SoftmaxSweep.cpp - Online softmax over tiles of keys -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop of every attention kernel: scores of a tile, mask, softmax, weighted
// values. Exponentials are in base 2, with the scale folded in. The weights are
// rounded to the input type where they become the left operand of the second
// product; their sum is of the unrounded ones.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"

using namespace mlir;
using namespace mlir::nsa;
using nsa_tile::Layout;
using nsa_tile::Reduction;

/// Columns of the queries that are read at a time when they stay in shared
/// memory.
static constexpr int64_t kQueryPiece = 64;

double mlir::nsa::getBase2Scale(double scale) {
  return std::max(scale * kLog2E,
                  static_cast<double>(std::numeric_limits<float>::min()));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

SweepOperands mlir::nsa::makeSweepOperands(
    TileKernelBuilder &tb, const TileShape &shape, const AttentionSizes &sizes,
    double scale, Value keys, Value values, const SharedMemory &memory) {
  return {sizes,
          scale,
          keys,
          values,
          tb.sharedTiles({shape.stages, shape.keys, sizes.keySize},
                         sizes.elementType, memory.keys.offset),
          tb.sharedTiles({shape.stages, shape.keys, sizes.valueSize},
                         sizes.elementType, memory.values.offset)};
}

QueryOperand mlir::nsa::loadQueries(TileKernelBuilder &tb, const RowTile &rows,
                                    const AttentionSizes &sizes, Value queries,
                                    int64_t offset) {
  QueryOperand operand;
  const TileShape &shape = rows.shape;
  operand.tiles = tb.sharedTiles({1, shape.rows(), sizes.keySize},
                                 sizes.elementType, offset);
  int64_t registers =
      sizes.keySize / 4 + sizes.valueSize / 2 + shape.warpKeys() * 3 / 4;
  operand.inRegisters = registers <= kTileRegisters;
  Value copy = tb.loadAsync(queries, operand.tiles, tb.i32(0), shape.threads(),
                            [&](TileKernelBuilder &tb, Value row) {
                              return rows.getAddress(tb, row);
                            });
  operand.pending = {tb.commit(copy)};
  return operand;
}

std::pair<Value, Value> mlir::nsa::buildRowRanges(TileKernelBuilder &tb,
                                                  const RowTile &rows,
                                                  const KeyIterator &keys) {
  Type type = tb.row(tb.b.getI32Type());
  int64_t most = std::numeric_limits<int32_t>::max();
  SmallVector<Value> ranges =
      tb.map(tb.rowNumbers(), {type, type},
             [&](TileKernelBuilder &tb, ValueRange args) -> SmallVector<Value> {
               RowTile::Row row = rows.getRow(tb, rows.toBlockRow(tb, args[0]));
               KeyRange range = keys.buildVisible(tb, row.query);
               return {tb.clampToI32(range.begin, most),
                       tb.clampToI32(range.end, most)};
             });
  return {ranges[0], ranges[1]};
}

Value mlir::nsa::buildScores(TileKernelBuilder &tb, const RowTile &rows,
                             const AttentionSizes &sizes,
                             const QueryOperand &queries, Value begun,
                             Value keyTiles, Value slot, Value ready) {
  int64_t columns = rows.shape.warpKeys();
  Value scores = tb.fill(0, tb.acc(kMmaRows, columns));
  Value firstKey = tb.mul(rows.keyWarp, tb.i32(static_cast<int32_t>(columns)));
  if (queries.inRegisters)
    return tb.mmaShared(begun, keyTiles, slot, firstKey, 0,
                        /*transposed=*/true, scores, ready);
  auto piece = tb.frag({kMmaRows, kQueryPiece}, sizes.elementType, Layout::Lhs);
  for (int64_t first = 0; first < sizes.keySize; first += kQueryPiece) {
    Value query = tb.loadLhs(queries.tiles, tb.i32(0), rows.firstRow, first,
                             piece, begun);
    scores = tb.mmaShared(query, keyTiles, slot, firstKey, first,
                          /*transposed=*/true, scores, ready);
  }
  return scores;
}

Value mlir::nsa::maskScores(TileKernelBuilder &tb, const RowTile &rows,
                            const KeyIterator &keys,
                            const std::pair<Value, Value> &ranges, Value i,
                            Value scores) {
  int64_t columns = rows.shape.warpKeys();
  KeyRange tile = keys.buildTile(tb, i);
  Value chosen = keys.buildChosen(tb, i);
  // The key of the warp's first column, and the end of its columns that exist.
  Value firstKey =
      tb.add(tb.toI32(tile.begin),
             tb.mul(rows.keyWarp, tb.i32(static_cast<int32_t>(columns))));
  Value tileEnd = tb.sub(tb.toI32(tile.end), firstKey);
  Type type = tb.row(tb.b.getI32Type());
  SmallVector<Value> inputs{ranges.first, ranges.second};
  if (chosen)
    inputs.push_back(tb.rowNumbers());
  SmallVector<Value> visible =
      tb.map(inputs, {type, type},
             [&](TileKernelBuilder &tb, ValueRange args) -> SmallVector<Value> {
               Value begin = tb.sub(args[0], firstKey);
               Value end = tb.min(tb.sub(args[1], firstKey), tileEnd);
               if (chosen) {
                 Value query =
                     rows.getRow(tb, rows.toBlockRow(tb, args[2])).queryInTile;
                 Value bit = tb.andI(tb.shiftRight(chosen, query), tb.i32(1));
                 Value isChosen =
                     tb.compare(arith::CmpIPredicate::ne, bit, tb.i32(0));
                 end = tb.select(isChosen, end, tb.i32(0));
               }
               return {begin, end};
             });
  return tb.mask(scores, visible[0], visible[1], tb.f32(-kInfinity));
}

//===----------------------------------------------------------------------===//
// The sweep
//===----------------------------------------------------------------------===//

/// A maximum to subtract: -inf - -inf would be NaN.
static Value toReference(TileKernelBuilder &tb, Value max) {
  Value none = tb.isEqual(max, tb.f32(-kInfinity));
  return tb.select(none, tb.f32(0), max);
}

/// The factor by which what was summed under the maximum `from` shrinks under
/// the maximum `to`.
static Value buildCorrection(TileKernelBuilder &tb, Value from, Value to,
                             double scale) {
  double base2 = getBase2Scale(scale);
  return tb.map1({from, to}, tb.row(tb.b.getF32Type()),
                 [&](TileKernelBuilder &tb, ValueRange args) {
                   Value difference =
                       tb.subF(args[0], toReference(tb, args[1]));
                   return tb.exp2(tb.mulF(difference, tb.f32(base2)));
                 });
}

static Value multiplyRows(TileKernelBuilder &tb, Value frag, Value factor) {
  return tb.map1({frag, factor}, frag.getType(),
                 [&](TileKernelBuilder &tb, ValueRange args) {
                   return tb.mulF(args[0], args[1]);
                 });
}

SoftmaxRows mlir::nsa::sweepKeys(TileKernelBuilder &tb, const RowTile &rows,
                                 const KeyIterator &keys,
                                 const SweepOperands &operands,
                                 QueryOperand &queries) {
  const AttentionSizes &sizes = operands.sizes;
  const TileShape &shape = rows.shape;
  double base2 = getBase2Scale(operands.scale);
  Type f32 = tb.b.getF32Type();
  auto rowType = tb.row(f32);
  std::pair<Value, Value> ranges = buildRowRanges(tb, rows, keys);
  int64_t outColumns = sizes.valueSize / shape.keyWarps;
  SmallVector<Value> inits{tb.fill(-kInfinity, rowType), tb.fill(0, rowType)};
  inits.append(shape.keyWarps, tb.fill(0, tb.acc(kMmaRows, outColumns)));

  Value begun = queries.begun;
  Type begunType = queries.inRegisters
                       ? Type(tb.frag({kMmaRows, sizes.keySize},
                                      sizes.elementType, Layout::Lhs))
                       : Type(nsa_tile::ReadyType::get(tb.b.getContext()));
  auto begin = [&](TileKernelBuilder &tb, Value ready) -> SmallVector<Value> {
    if (!queries.inRegisters)
      return {ready};
    return {tb.loadLhs(queries.tiles, tb.i32(0), rows.firstRow, 0,
                       cast<nsa_tile::FragType>(begunType), ready)};
  };
  auto load = [&](TileKernelBuilder &tb, Value i,
                  Value slot) -> SmallVector<Value> {
    KeyRange range = keys.buildTile(tb, i);
    auto address = [&](TileKernelBuilder &tb, Value row) -> RowAddress {
      Value key = tb.add(range.begin, tb.toIndex(row));
      return {{rows.tile.batch, key, rows.kvHead},
              tb.compare(arith::CmpIPredicate::slt, key, range.end)};
    };
    return {tb.loadAsync(operands.keys, operands.keyTiles, slot,
                         shape.threads(), address),
            tb.loadAsync(operands.values, operands.valueTiles, slot,
                         shape.threads(), address)};
  };
  auto compute = [&](TileKernelBuilder &tb, Value i, Value slot, Value ready,
                     ValueRange begunHere,
                     ValueRange carried) -> SmallVector<Value> {
    Value query = begun ? begun : begunHere[0];
    Value scores = buildScores(tb, rows, sizes, queries, query,
                               operands.keyTiles, slot, ready);
    scores = maskScores(tb, rows, keys, ranges, i, scores);
    Value tileMax = tb.reduceColumns(Reduction::Max, scores);
    Value max = tb.map1({carried[0], tileMax}, rowType,
                        [](TileKernelBuilder &tb, ValueRange args) {
                          return tb.maxF(args[0], args[1]);
                        });
    Value correction = buildCorrection(tb, carried[0], max, operands.scale);
    Value negated =
        tb.map1(max, rowType, [&](TileKernelBuilder &tb, ValueRange args) {
          return tb.mulF(toReference(tb, args[0]), tb.f32(-base2));
        });
    Value weights =
        tb.map1({scores, negated}, scores.getType(),
                [&](TileKernelBuilder &tb, ValueRange args) {
                  return tb.exp2(tb.mulAdd(args[0], tb.f32(base2), args[1]));
                });
    Value tileSum = tb.reduceColumns(Reduction::Add, weights);
    Value sum = tb.map1({carried[1], correction, tileSum}, rowType,
                        [](TileKernelBuilder &tb, ValueRange args) {
                          return tb.mulAdd(args[0], args[1], args[2]);
                        });
    SmallVector<Value> next{max, sum};
    Value firstKey =
        tb.mul(rows.keyWarp, tb.i32(static_cast<int32_t>(shape.warpKeys())));
    Value lhs = tb.castToLhs(weights, sizes.elementType);
    for (auto [i, out] : llvm::enumerate(carried.drop_front(2)))
      next.push_back(tb.mmaShared(lhs, operands.valueTiles, slot, firstKey,
                                  i * outColumns, /*transposed=*/false,
                                  multiplyRows(tb, out, correction), ready));
    return next;
  };
  TileKernelBuilder::IterateBodies bodies{nullptr, load, compute};
  SmallVector<Type> begunTypes;
  if (!begun) {
    bodies.begin = begin;
    begunTypes.push_back(begunType);
  }
  SmallVector<Value> results =
      tb.iterate(keys.getCount(), shape.stages, queries.pending, inits,
                 begunTypes, bodies);
  if (!begun)
    queries.begun = results.pop_back_val();
  queries.pending.clear();
  return {results[0], results[1],
          SmallVector<Value>(ArrayRef<Value>(results).drop_front(2)), Value()};
}

//===----------------------------------------------------------------------===//
// After the sweep
//===----------------------------------------------------------------------===//

Value mlir::nsa::takeColumns(TileKernelBuilder &tb, Value memory,
                             OpFoldResult first, int64_t columns) {
  OpBuilder &b = tb.b;
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)),
      strides(rank, b.getIndexAttr(1)),
      sizes = memref::getMixedSizes(b, tb.loc, memory);
  offsets.back() = first;
  sizes.back() = b.getIndexAttr(columns);
  return memref::SubViewOp::create(b, tb.loc, memory, offsets, sizes, strides);
}

SoftmaxRows mlir::nsa::mergeKeyWarps(TileKernelBuilder &tb, const RowTile &rows,
                                     const AttentionSizes &sizes, double scale,
                                     const SoftmaxRows &partial,
                                     int64_t offset) {
  const TileShape &shape = rows.shape;
  if (shape.keyWarps == 1)
    return partial;
  Type f32 = tb.b.getF32Type();
  int64_t warps = shape.keyWarps, columns = sizes.valueSize / warps;
  int64_t statBytes = 4 * warps * shape.rows();
  Value maxima = tb.sharedArray({warps, shape.rows()}, f32, offset);
  Value sums = tb.sharedArray({warps, shape.rows()}, f32, offset + statBytes);
  // The columns that warp j sums, of each warp.
  Value parts = takeColumns(
      tb,
      tb.sharedArray({warps, warps, shape.rows(), columns + kRowPadding}, f32,
                     offset + 2 * statBytes),
      tb.b.getIndexAttr(0), columns);
  Value own = tb.toIndex(rows.keyWarp);
  auto at = [&](SmallVector<Value> leading) {
    return [&rows, leading](TileKernelBuilder &tb, Value row) -> RowAddress {
      RowAddress address{
          leading, tb.compare(arith::CmpIPredicate::eq, tb.i32(0), tb.i32(0))};
      address.indices.push_back(tb.toIndex(rows.toBlockRow(tb, row)));
      return address;
    };
  };
  auto rowType = tb.row(f32);
  // Nobody works on the last tile of keys any more.
  tb.barrier();
  tb.storeTile(partial.max, maxima, at({own}));
  tb.barrier();
  Value max = tb.fill(-kInfinity, rowType);
  for (int64_t warp = 0; warp < warps; ++warp) {
    Value other = tb.loadTile(maxima, rowType, 0, at({tb.index(warp)}));
    max = tb.map1({max, other}, rowType,
                  [](TileKernelBuilder &tb, ValueRange args) {
                    return tb.maxF(args[0], args[1]);
                  });
  }
  Value correction = buildCorrection(tb, partial.max, max, scale);
  tb.storeTile(multiplyRows(tb, partial.sum, correction), sums, at({own}));
  for (auto [i, out] : llvm::enumerate(partial.out))
    tb.storeTile(multiplyRows(tb, out, correction), parts,
                 at({tb.index(i), own}));
  tb.barrier();
  Value sum = tb.fill(0, rowType);
  Value out = tb.fill(0, tb.acc(kMmaRows, columns));
  auto add = [&](Value left, Value right) {
    return tb.map1({left, right}, left.getType(),
                   [](TileKernelBuilder &tb, ValueRange args) {
                     return tb.addF(args[0], args[1]);
                   });
  };
  for (int64_t warp = 0; warp < warps; ++warp) {
    Value from = tb.index(warp);
    sum = add(sum, tb.loadTile(sums, rowType, 0, at({from})));
    out = add(
        out, tb.loadTile(parts, tb.acc(kMmaRows, columns), 0, at({own, from})));
  }
  return {max, sum, {out}, tb.mul(own, columns)};
}

Value mlir::nsa::normalise(TileKernelBuilder &tb, const SoftmaxRows &rows) {
  Value inverse = tb.map1(
      rows.sum, rows.sum.getType(), [](TileKernelBuilder &tb, ValueRange args) {
        Value none = tb.isEqual(args[0], tb.f32(0));
        return tb.select(none, tb.f32(0), tb.divF(tb.f32(1), args[0]));
      });
  return multiplyRows(tb, rows.out.front(), inverse);
}

/// `finish` of the logarithm in base 2; `none` where a row saw no key.
static Value mapLogSum(TileKernelBuilder &tb, const SoftmaxRows &rows,
                       double scale, double none,
                       function_ref<Value(TileKernelBuilder &, Value)> finish) {
  double base2 = getBase2Scale(scale);
  return tb.map1({rows.max, rows.sum}, rows.sum.getType(),
                 [&](TileKernelBuilder &tb, ValueRange args) {
                   Value isNone = tb.isEqual(args[1], tb.f32(0));
                   Value value =
                       tb.mulAdd(args[0], tb.f32(base2), tb.log2(args[1]));
                   return tb.select(isNone, tb.f32(none), finish(tb, value));
                 });
}

Value mlir::nsa::buildLogSumExp(TileKernelBuilder &tb, const SoftmaxRows &rows,
                                double scale) {
  return mapLogSum(tb, rows, scale, -kInfinity,
                   [](TileKernelBuilder &tb, Value value) {
                     return tb.mulF(value, tb.f32(kLn2));
                   });
}

Value mlir::nsa::buildBase2LogSum(TileKernelBuilder &tb,
                                  const SoftmaxRows &rows, double scale) {
  return mapLogSum(tb, rows, scale, kInfinity,
                   [](TileKernelBuilder &, Value value) { return value; });
}

void mlir::nsa::storeRows(TileKernelBuilder &tb, const RowTile &rows,
                          Value frag, Value firstColumn, Value target) {
  if (firstColumn) {
    int64_t columns = cast<nsa_tile::FragType>(frag.getType()).getDim(1);
    target = takeColumns(tb, target, firstColumn, columns);
  }
  tb.storeTile(frag, target, [&](TileKernelBuilder &tb, Value row) {
    return rows.getAddress(tb, rows.toBlockRow(tb, row));
  });
}

void mlir::nsa::storeRowValues(TileKernelBuilder &tb, const RowTile &rows,
                               Value frag, Value target) {
  tb.storeTile(frag, target, [&](TileKernelBuilder &tb, Value row) {
    RowAddress address = rows.getAddress(tb, rows.toBlockRow(tb, row));
    if (rows.shape.keyWarps > 1) {
      Value first =
          tb.compare(arith::CmpIPredicate::eq, rows.keyWarp, tb.i32(0));
      address.exists = tb.andI(address.exists, first);
    }
    return address;
  });
}
