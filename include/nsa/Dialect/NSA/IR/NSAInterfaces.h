//===- NSAInterfaces.h - Op interfaces of the nsa dialect -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interfaces that the ops of the dialect share, and the small structs that
// their methods exchange.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_IR_NSAINTERFACES_H
#define NSA_DIALECT_NSA_IR_NSAINTERFACES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>

namespace mlir::nsa {

/// A dimension with a name ("B", "Tk", "l*D"); `extent` is given where the op's
/// attributes fix it.
struct NamedDim {
  std::string name;
  int64_t extent = ShapedType::kDynamic;

  NamedDim(StringRef name, int64_t extent = ShapedType::kDynamic)
      : name(name), extent(extent) {}
  NamedDim(const char *name) : name(name) {}
};

/// An operand or result, what the op calls it, and the names of its dimensions.
struct NamedShape {
  Value value;
  std::string name;
  SmallVector<NamedDim> dims;
};

/// Rows that walk the keys together: `queries` consecutive queries, of which
/// `numQueries` exist, times `heads` consecutive heads of one key/value head.
struct QueryTile {
  Value batch;      ///< index
  Value firstQuery; ///< index
  Value numQueries; ///< index, in [1, queries]
  Value firstHead;  ///< index
  int64_t queries;
  int64_t heads;
};

/// What rows may share one walk over the keys.
struct TraversalBlocking {
  /// Largest number of neighbouring queries in a tile; 0 when unlimited.
  int64_t maxQueries = 0;
  /// Largest number of heads of a key/value head in a tile; 0 when all may.
  int64_t maxHeads = 0;
  /// Largest useful key tile; 0 when any size is.
  int64_t maxKeys = 0;
};

/// Keys `[begin, end)`; empty unless `begin < end`.
struct KeyRange {
  Value begin; ///< index
  Value end;   ///< index
};

/// What NamedDimsOpInterface says of an op, else what KeyTraversalOpInterface
/// does; nothing of other ops.
SmallVector<NamedShape> getNamedShapes(Operation *op);

namespace detail {
/// Checks ranks, and that dimensions of one name agree where they are static.
LogicalResult verifyNamedDims(Operation *op);
/// Checks the operand and result types that KeyTraversalOpInterface fixes.
LogicalResult verifyKeyTraversal(Operation *op);
} // namespace detail

} // namespace mlir::nsa

#include "nsa/Dialect/NSA/IR/NSAInterfaces.h.inc"

#endif // NSA_DIALECT_NSA_IR_NSAINTERFACES_H
