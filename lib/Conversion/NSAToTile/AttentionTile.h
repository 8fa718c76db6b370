//===- AttentionTile.h - One block of an attention kernel -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The skeleton that all tensor-core attention kernels share: which rows a block
// has, which keys it walks, and the online softmax over tiles of keys
// (arXiv 2205.14135). Kernels differ in the iterator and in what they do with
// the result.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOTILE_ATTENTIONTILE_H
#define NSA_LIB_CONVERSION_NSATOTILE_ATTENTIONTILE_H

#include "TileKernelBuilder.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/Schedules.h"
#include <limits>
#include <memory>

namespace mlir::nsa {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLog2E = 1.4426950408889634;
constexpr double kLn2 = 0.6931471805599453;

/// What is known of an attention op at compile time.
struct AttentionSizes {
  int64_t heads;     ///< H
  int64_t kvHeads;   ///< G
  int64_t keySize;   ///< Dk
  int64_t valueSize; ///< Dv
  Type elementType;  ///< f16 or bf16
  int64_t group() const { return heads / kvHeads; }
};
AttentionSizes getAttentionSizes(KeyTraversalOpInterface op);

/// The rows of one block: row `r` is query `r / heads` and head `r mod heads`
/// of the tile; row warp `i` has rows `16 i ..`.
class RowTile {
public:
  /// Blocks that cover `[batches, queries, heads]`.
  static Value buildCount(TileKernelBuilder &host, const TileShape &shape,
                          const AttentionSizes &sizes, Value batches,
                          Value queries);
  /// The rows of block number `block`. Later queries come first: causal rows
  /// that see more keys are longer work.
  RowTile(TileKernelBuilder &tb, const TileShape &shape,
          const AttentionSizes &sizes, Value queries, Value block, Value lane,
          Value warp);

  struct Row {
    Value query;       ///< index
    Value head;        ///< index
    Value queryInTile; ///< i32
    Value exists;      ///< i1
  };
  /// Row number `row` (i32) of the block.
  Row getRow(TileKernelBuilder &tb, Value row) const;
  /// Row number `row` (i32) of this warp, as a row of the block.
  Value toBlockRow(TileKernelBuilder &tb, Value row) const {
    return tb.add(firstRow, row);
  }
  /// The row as an address in `[B, T, H]`.
  RowAddress getAddress(TileKernelBuilder &tb, Value blockRow) const;

  const TileShape shape;
  const int64_t heads;
  Value lane, warp, rowWarp, keyWarp; ///< i32
  Value firstRow;                     ///< i32; of this warp in the block
  Value kvHead;                       ///< index
  QueryTile tile;
};

/// The tiles of keys that a block walks.
class KeyIterator {
public:
  virtual ~KeyIterator() = default;
  /// Tiles; index, the same in the whole block.
  virtual Value getCount() const = 0;
  /// The keys of tile `i`.
  virtual KeyRange buildTile(TileKernelBuilder &tb, Value i) const = 0;
  /// The keys that the row of `query` sees.
  virtual KeyRange buildVisible(TileKernelBuilder &tb, Value query) const = 0;
  /// Null, or an i32 whose bit `q` says whether query `q` of the block's tile
  /// chose tile `i`.
  virtual Value buildChosen(TileKernelBuilder &tb, Value i) const {
    return Value();
  }
};

/// What the op's KeyTraversalOpInterface says.
std::unique_ptr<KeyIterator> createTraversalIterator(TileKernelBuilder &tb,
                                                     KeyTraversalOpInterface op,
                                                     const RowTile &rows);
/// The union of the lists of the tile's queries, at most 32, each without
/// repeats and of static size. `offset` is that of `SharedMemory::unionLists`.
std::unique_ptr<KeyIterator> createUnionIterator(TileKernelBuilder &tb,
                                                 SelectedAttentionOp op,
                                                 const RowTile &rows,
                                                 int64_t offset);

/// The queries of a block in shared memory, and in registers where they fit.
struct QueryOperand {
  Value tiles; ///< `[1, rows, Dk]`
  bool inRegisters = false;
  SmallVector<Value> pending; ///< groups, until the first sweep has waited
  /// After the first sweep: the warp's rows, or what says that `tiles` is
  /// there.
  Value begun;
};

/// The result of a softmax over the keys of one branch, per row of the warp.
struct SoftmaxRows {
  Value max; ///< row of f32: the largest score, unscaled
  Value sum; ///< row of f32: `sum exp(score - max)`
  /// `sum exp(score - max) v`, in as many groups of columns as there are key
  /// warps; after the merge, the one group that begins with `firstColumn`.
  SmallVector<Value> out;
  Value firstColumn; ///< index, or null when `out` has all columns
};

/// Everything that a sweep over the keys reads.
struct SweepOperands {
  const AttentionSizes sizes;
  double scale;
  Value keys, values;         ///< buffers `[B, T, G, D]`
  Value keyTiles, valueTiles; ///< `[stages, keys, D]` in shared memory
};

/// The operands of a sweep whose tiles lie where `memory` says.
SweepOperands makeSweepOperands(TileKernelBuilder &tb, const TileShape &shape,
                                const AttentionSizes &sizes, double scale,
                                Value keys, Value values,
                                const SharedMemory &memory);

/// Issues the copies of the block's queries.
QueryOperand loadQueries(TileKernelBuilder &tb, const RowTile &rows,
                         const AttentionSizes &sizes, Value queries,
                         int64_t offset);

/// The online softmax over all tiles of `keys`.
SoftmaxRows sweepKeys(TileKernelBuilder &tb, const RowTile &rows,
                      const KeyIterator &keys, const SweepOperands &operands,
                      QueryOperand &queries);

/// `[first key, end)` of each row of the warp, two rows of i32; there are fewer
/// than 2^31 keys.
std::pair<Value, Value> buildRowRanges(TileKernelBuilder &tb,
                                       const RowTile &rows,
                                       const KeyIterator &keys);

/// The scores `q . k` of the warp's rows and its keys of the tile in `slot`.
Value buildScores(TileKernelBuilder &tb, const RowTile &rows,
                  const AttentionSizes &sizes, const QueryOperand &queries,
                  Value begun, Value keyTiles, Value slot, Value ready);

/// Scores outside of what the rows see become -inf.
Value maskScores(TileKernelBuilder &tb, const RowTile &rows,
                 const KeyIterator &keys, const std::pair<Value, Value> &ranges,
                 Value i, Value scores);

/// Sums what the key warps have; afterwards each has some columns of all.
/// `offset` is that of the shared memory of keys and values, which is over.
SoftmaxRows mergeKeyWarps(TileKernelBuilder &tb, const RowTile &rows,
                          const AttentionSizes &sizes, double scale,
                          const SoftmaxRows &partial, int64_t offset);

/// `out / sum`, 0 where a row saw no key.
Value normalise(TileKernelBuilder &tb, const SoftmaxRows &rows);
/// `log sum exp(score)`, -inf where a row saw no key.
Value buildLogSumExp(TileKernelBuilder &tb, const SoftmaxRows &rows,
                     double scale);
/// The same in base 2, and +inf where a row saw no key: what makes every
/// probability 0.
Value buildBase2LogSum(TileKernelBuilder &tb, const SoftmaxRows &rows,
                       double scale);
/// `scale * log2(e)`, large enough that -inf times it is not NaN.
double getBase2Scale(double scale);
/// `columns` of the last dimension of `memory` from `first` on.
Value takeColumns(TileKernelBuilder &tb, Value memory, OpFoldResult first,
                  int64_t columns);

/// Stores the warp's columns of `frag` to `[B, T, H, Dv]`.
void storeRows(TileKernelBuilder &tb, const RowTile &rows, Value frag,
               Value firstColumn, Value target);
/// Stores one value per row to `[B, T, H]`.
void storeRowValues(TileKernelBuilder &tb, const RowTile &rows, Value frag,
                    Value target);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOTILE_ATTENTIONTILE_H
