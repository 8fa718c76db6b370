//===- SoftmaxTile.h - Online softmax over tiles of keys --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arithmetic of attention on one tile of rows (query, head) and keys, in
// one of two orientations, so that the innermost dimension fills vectors:
//
// * many rows: rows are innermost. Scores are S[key, row], outputs O[dim, row];
//   maxima and sums over keys are elementwise in the rows, keys and values are
//   read as they lie in memory, and only the queries and the final output are
//   transposed;
// * few rows: keys are innermost. Scores are S[row, key], outputs O[row, dim];
//   keys come transposed, [dk, key].
//
// Scores are in units of log2(e), so that probabilities are powers of 2.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOLINALG_SOFTMAXTILE_H
#define NSA_LIB_CONVERSION_NSATOLINALG_SOFTMAXTILE_H

#include "TileBuilder.h"

namespace mlir::nsa {

/// The static sizes of a tile.
struct TileSizes {
  int64_t queries, heads, keys, dk, dv;
  /// The orientation: keys innermost, or rows.
  bool keysInner;
  int64_t rows() const { return queries * heads; }
  /// Iterators of a two-dimensional tile (scores, output).
  int64_t rowIterator() const { return keysInner ? 0 : 1; }
  int64_t otherIterator() const { return 1 - rowIterator(); }
  /// The shape of a tile of `rows` by `other`.
  SmallVector<int64_t> shape(int64_t other) const {
    return keysInner ? SmallVector<int64_t>{rows(), other}
                     : SmallVector<int64_t>{other, rows()};
  }
};

/// What is known of each row after some keys.
struct Softmax {
  Value max; ///< [rows]; -inf before the first visible key
  Value sum; ///< [rows], of 2^(score - max)
  Value out; ///< [rows, dv] or [dv, rows], not yet divided by the sum
  SmallVector<Value> values() const { return {max, sum, out}; }
  static Softmax of(ValueRange values) {
    return {values[0], values[1], values[2]};
  }
};

/// The factor on queries that gives scores their unit.
double getQueryFactor(double scoreScale);

/// The softmax of `rows` rows that have seen no key.
Softmax buildInitialSoftmax(TileBuilder &tb, const TileSizes &sizes);

/// Queries `[rows, dk]` (or `[dk, rows]`) times keys `[keys, dk]` (or
/// `[dk, keys]`), in `dest` of the shape of scores.
Value buildScores(TileBuilder &tb, const TileSizes &sizes, Value queries,
                  Value keys, Value dest);

/// `scores` with -inf for what a row does not see: keys of the tile, which
/// begins with key `range.begin`, outside `range` or outside the row's
/// `[begins, ends)`, both i32 `[rows]`.
Value buildMaskedScores(TileBuilder &tb, const TileSizes &sizes, Value scores,
                        Value begins, Value ends, KeyRange range);

/// One step over a tile of keys. `addValues` adds probabilities times values to
/// an output.
Softmax buildSoftmaxStep(
    TileBuilder &tb, const TileSizes &sizes, Value scores,
    const Softmax &carried,
    function_ref<Value(TileBuilder &, Value probabilities, Value out)>
        addValues);

/// `out + probabilities x values`, the values `[keys, dv]`.
Value buildWeightedSum(TileBuilder &tb, const TileSizes &sizes,
                       Value probabilities, Value values, Value out);

/// The attention output `[rows, dv]` in f32 and lse `[rows]`; 0 and -inf where
/// no key was seen. `rows` is the number of rows of `softmax`.
std::pair<Value, Value> buildNormalised(TileBuilder &tb, const TileSizes &sizes,
                                        const Softmax &softmax);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOLINALG_SOFTMAXTILE_H
