//===- KeyTileGroups.h - Key tiles of many queries, sorted ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Queries with index lists of their own name many key tiles, some of them the
// same. Sorting (key tile, query) by the tile's position lets one copy of a
// tile serve all queries of a query tile that name it, however they are listed.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOLINALG_KEYTILEGROUPS_H
#define NSA_LIB_CONVERSION_NSATOLINALG_KEYTILEGROUPS_H

#include "TileBuilder.h"

namespace mlir::nsa {

/// One query's visit of one key tile.
struct KeyTileVisit {
  Value query;    ///< index, in the query tile
  KeyRange range; ///< not empty
};

/// The visits of a query tile, in order of `range.begin / keyTile`, and of the
/// query within that; visits of one query keep their order within it.
struct KeyTileGroups {
  Value count;                 ///< index
  Value queries, begins, ends; ///< i32 `[>= count]`

  KeyTileVisit visit(TileBuilder &tb, Value i) const;
};

/// Emits a counting sort of all non-empty key tiles of the queries of `tile`.
KeyTileGroups buildKeyTileGroups(TileBuilder &tb, KeyTraversalOpInterface op,
                                 const QueryTile &tile, int64_t keyTile);

/// Query number `i` of `tile` as a tile of its own.
QueryTile selectQuery(TileBuilder &tb, const QueryTile &tile, Value i);

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOLINALG_KEYTILEGROUPS_H
