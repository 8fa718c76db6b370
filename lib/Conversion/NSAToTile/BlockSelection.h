//===- BlockSelection.h - Top-n lists in a thread block ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The best blocks of each query of a tile, kept in shared memory while scores
// are made: `nsa.select_top_n` for scores that never leave the chip.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOTILE_BLOCKSELECTION_H
#define NSA_LIB_CONVERSION_NSATOTILE_BLOCKSELECTION_H

#include "AttentionTile.h"

namespace mlir::nsa {

/// Lists of `n` entries, sorted by rank, one per query of the tile. Entry `e`
/// belongs to lane `e mod 32` of the warp of its query, which alone touches it;
/// at most kMostSelected. `offset` is that of `SharedMemory::topN`.
class BlockSelection {
public:
  BlockSelection(TileKernelBuilder &tb, const RowTile &rows, SelectTopNOp op,
                 Value numBlocks, int64_t offset);

  /// How many candidates the query of the tile with the most has; index.
  Value buildMostCandidates(TileKernelBuilder &tb);

  using Score =
      function_ref<Value(TileKernelBuilder &, Value query, Value block)>;
  /// Ranks the blocks `first ..` of each query, `numNew` of them, with the f32
  /// that `score` gives for the query in the tile (i32) and the number of the
  /// new block (i32, in [0, numNew)).
  void add(TileKernelBuilder &tb, Value first, int64_t numNew, Score score);

  /// Stores each query's list, ascending, -1 behind it, to `[B, T, Gi, n]`.
  void store(TileKernelBuilder &tb, Value target, Value list);

private:
  using QueryBody = function_ref<void(TileKernelBuilder &, Value query)>;
  /// Runs `body` for each of the warp's queries (i32).
  void forQueries(TileKernelBuilder &tb, QueryBody body);
  /// The lane's entries of a list: ranks, then blocks.
  SmallVector<Value> load(TileKernelBuilder &tb, Value query);
  void storeEntries(TileKernelBuilder &tb, Value query, ValueRange entries);
  /// The entry number of the lane's entry `i`, and whether there is one.
  std::pair<Value, Value> getEntry(TileKernelBuilder &tb, int64_t i);
  /// The entries with a block of rank `rank` put in where it belongs.
  SmallVector<Value> insert(TileKernelBuilder &tb, ValueRange entries,
                            Value rank, Value block);

  const RowTile &rows;
  SelectTopNOp op;
  int64_t n, perLane;
  Value numBlocks, qOffset, kvLen; ///< index
  Value ranks, blocks;             ///< shared `[queries, n]` of i32
};

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOTILE_BLOCKSELECTION_H
