//===- TileBuilder.h - Building blocks of the linalg lowering ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every lowering to linalg emits: loops over tiles of the results, tiles
// read from and written to the ops' tensors, and elementwise and reduction
// linalg.generic ops on f32 tiles.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOLINALG_TILEBUILDER_H
#define NSA_LIB_CONVERSION_NSATOLINALG_TILEBUILDER_H

#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Conversion/Utils/ScalarBuilder.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa {

/// Where a computed tile goes in a result: offsets and sizes with one entry
/// per dimension of the result. The tile may have fewer dimensions (size 1).
struct TileInsertion {
  Value tile;
  SmallVector<OpFoldResult> offsets;
  SmallVector<OpFoldResult> sizes;
};

/// The vocabulary of the lowering. Positions and sizes are `index`; tiles are
/// tensors of f32 unless said otherwise.
class TileBuilder : public ScalarBuilder {
public:
  TileBuilder(OpBuilder &b, Location loc) : ScalarBuilder(b, loc) {}

  /// `min(tile, extent - first)`, the size of the tile at `first`; an attribute
  /// where `extent` is a known multiple of `tile`.
  OpFoldResult tileSize(OpFoldResult extent, Value first, int64_t tile);

  // Tensors.
  OpFoldResult attr(int64_t value) { return b.getIndexAttr(value); }
  Value dim(Value tensor, int64_t i);
  Value empty(ArrayRef<OpFoldResult> sizes, Type element);
  Value empty(ArrayRef<int64_t> sizes, Type element);
  /// A tensor of f32 filled with `value`.
  Value filled(ArrayRef<int64_t> sizes, double value);
  Value fill(Value tensor, double value);
  /// `source[offsets, sizes]` with unit strides, as a tensor of `rank`
  /// dimensions: dimensions of size 1 are dropped from the front on.
  Value slice(Value source, ArrayRef<OpFoldResult> offsets,
              ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> keptDims);
  Value insert(Value tile, Value dest, ArrayRef<OpFoldResult> offsets,
               ArrayRef<OpFoldResult> sizes);
  /// `source` [n, m], static, as `[m, n]` in f32: in `dest` if given.
  Value transposed(Value source, Value dest = Value());
  /// `source` in `dest`, of the same shape.
  Value copied(Value source, Value dest);
  /// `tensor` as a more or less static `type` of the same shape.
  Value castTo(Value tensor, Type type);

  using BodyFn = function_ref<Value(TileBuilder &, ValueRange)>;
  /// linalg.generic with one result; `maps` are of the inputs, then of `init`;
  /// each lists the iterators that index the operand. Iterators that do not
  /// index `init` are reductions. The body gets the operands' elements (the
  /// init's last) and returns what is yielded.
  Value generic(unsigned numIterators, ValueRange inputs, Value init,
                ArrayRef<SmallVector<int64_t>> maps, BodyFn body);
  /// The same with any indexing maps.
  Value generic(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
                BodyFn body);
  /// `linalg.index` as index; only in bodies.
  Value iterator(unsigned i);

  /// `acc[i, j] += sum_k lhs[i, k] * rhs[k, j]`, in f32; `lhsTransposed` when
  /// lhs is stored `[k, i]`.
  Value contract(Value lhs, Value rhs, Value acc, bool lhsTransposed = false);

  using BranchFn = function_ref<Value(TileBuilder &)>;
  /// The one value that `then` or `otherwise` returns.
  Value conditional(Value condition, BranchFn then, BranchFn otherwise);

  using LoopBody = function_ref<SmallVector<TileInsertion>(
      TileBuilder &, ValueRange ivs, ValueRange outs)>;
  /// Loops over `counts` iterations each, in parallel (`scf.forall`) unless
  /// `sequential` (`scf.for`), that fill `outs`; returns the filled tensors.
  /// Tiles of different iterations must be disjoint.
  SmallVector<Value> loops(ArrayRef<Value> counts, ValueRange outs,
                           bool sequential, LoopBody body);
};

/// Whether `op` is inside a parallel loop, so that its own loops should not be.
bool isInParallelLoop(Operation *op);

/// Smallest number of queries (at most `maxQueries` unless that is 0, and at
/// most `Tq` where static) that makes `queries * heads` at least `tiling.rows`
/// and a multiple of `tiling.rowMultiple`.
int64_t chooseQueries(const LinalgTiling &tiling, int64_t heads,
                      int64_t maxQueries, int64_t staticTq);

/// The query tile of loops over batch, head tiles and query tiles (`ivs`) of
/// `q`; the last one may have fewer than `queries` queries.
QueryTile makeQueryTile(TileBuilder &tb, Value q, ValueRange ivs,
                        int64_t queries, int64_t heads);

/// Which of query and head is the outer one in the rows of a tile: row
/// `head * queries + query`, or `query * heads + head`.
enum class RowOrder { Head, Query };

/// Loads `scale * q` of a tile as f32 `[rows, Dk]`; rows of queries that do not
/// exist are 0.
Value packQueries(TileBuilder &tb, Value q, const QueryTile &tile, double scale,
                  RowOrder order);

/// Largest divisor of `value` that is at most `most`.
int64_t largestDivisor(int64_t value, int64_t most);

void populateAttentionPatterns(RewritePatternSet &patterns,
                               const LinalgTiling &tiling);
void populateBlockScoresPatterns(RewritePatternSet &patterns,
                                 const LinalgTiling &tiling);
void populateSelectTopNPatterns(RewritePatternSet &patterns);
void populateCompressPatterns(RewritePatternSet &patterns);
void populateGateAndMergePatterns(RewritePatternSet &patterns);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOLINALG_TILEBUILDER_H
