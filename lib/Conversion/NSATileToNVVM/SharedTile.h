//===- SharedTile.h - Addresses in a swizzled tile --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATILETONVVM_SHAREDTILE_H
#define NSA_LIB_CONVERSION_NSATILETONVVM_SHAREDTILE_H

#include "LaneBuilder.h"

namespace mlir::nsa {

inline constexpr int64_t kPieceBytes = 16;

/// The numbers of a memref `[stage, row, column]` with a swizzle.
struct SharedTile {
  explicit SharedTile(MemRefType type);

  /// By what a row's piece numbers are xored. `row` may be counted from any
  /// multiple of 8.
  Value getSwizzle(LaneBuilder &lane, Value row) const;

  int64_t rows, elementBytes, rowBytes, stageBytes;
  /// Pieces in the period of the swizzle.
  int64_t pieces;
};

/// Where the lanes of a warp point to for an `ldmatrix`, from the first element
/// that is read: row `row` (of 0 to 31), piece `piece` (below `numPieces`).
struct LanePlace {
  Value row, piece;
  int64_t numPieces;
};

/// Issues the `ldmatrix` of one lane on one part of a tile.
class MatrixReader {
public:
  /// The part begins at stage `slot`, row `row` (a multiple of 8), column
  /// `column` (as well).
  MatrixReader(LaneBuilder &lane, Value pointer, MemRefType type, Value slot,
               Value row, Value column, LanePlace place);

  /// Reads `count` (2 or 4) matrices of 8 x 8, `rows` (a multiple of 8) and
  /// `columns` (as well) behind the part's start.
  SmallVector<Value> read(int64_t rows, int64_t columns, unsigned count,
                          bool transposed);

private:
  Value getPointer(int64_t rows, int64_t columns);

  LaneBuilder &lane;
  SharedTile tile;
  Value pointer, column;
  LanePlace place;
  /// In bytes: of the lane's row, and of its place in a row before the swizzle.
  Value rowOffset, swizzle;
  /// The lane's address for each piece in the swizzle's period.
  DenseMap<int64_t, Value> pointers;
};

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATILETONVVM_SHAREDTILE_H
