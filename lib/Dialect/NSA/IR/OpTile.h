//===- OpTile.h - The part of an op that a tile asks for --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to this directory. The ops have names for their dimensions
// (NamedDimsOpInterface); a tile of an op is a range for some of the names.
// What the tiling interfaces ask for follows from that, in the same way for
// every op.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_DIALECT_NSA_IR_OPTILE_H
#define NSA_LIB_DIALECT_NSA_IR_OPTILE_H

#include "mlir/IR/Diagnostics.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

namespace mlir::nsa::detail {

/// Begins a diagnostic that says why a tile cannot be had.
using Refuse = function_ref<InFlightDiagnostic()>;

/// A loop, by the name of the dimension that it goes over.
struct OpLoop {
  std::string dim;
  utils::IteratorType type;
};

/// A part of a dimension.
struct DimRange {
  OpFoldResult offset;
  OpFoldResult size;
};

/// A part of an op. Dimensions that `dims` does not name are whole.
struct OpTile {
  llvm::StringMap<DimRange> dims;
  /// Tokens that stand before the first key of the tile.
  OpFoldResult keyTokens;
};

/// The loops of an op: `B`, `Tq` and `H`, or what it has in their place, and
/// the keys that it sums over.
SmallVector<OpLoop> getLoops(Operation *op);

/// The extent of a dimension of `op`, by name.
OpFoldResult getExtent(Operation *op, OpBuilder &b, StringRef dim);

/// The names of the dimensions of each operand; empty for those that are not
/// tensors.
SmallVector<SmallVector<NamedDim>> getOperandDims(Operation *op);

/// The names of the dimensions of a result.
SmallVector<NamedDim> getResultDims(Operation *op, unsigned result);

/// Whether a range is a whole dimension, as far as can be seen.
bool isWhole(Operation *op, StringRef dim, const DimRange &range);

/// Whether a tile may have a part of a dimension that must be static: heads,
/// groups or lists. `range` counts in units of `scale`.
bool isLegalHeadTile(Operation *op, StringRef dim, const DimRange &range,
                     int64_t scale);

/// The part of `op` that a tile of its loops asks for. A loop over keys must be
/// whole unless `partial`. Emits a diagnostic when there is no such part.
FailureOr<OpTile> getOpTile(Operation *op, OpBuilder &b,
                            ArrayRef<OpFoldResult> offsets,
                            ArrayRef<OpFoldResult> sizes, Refuse refuse,
                            bool partial = false);

/// Emits a diagnostic when a result is known to have no elements, in a
/// dimension that the tile does not cut: there would be no place to put the
/// tile.
LogicalResult checkNotEmpty(Operation *op, const OpTile &tile, Refuse refuse);

/// The position of a tile in a result.
LogicalResult getResultRanges(Operation *op, OpBuilder &b, unsigned result,
                              const OpTile &tile,
                              SmallVectorImpl<OpFoldResult> &offsets,
                              SmallVectorImpl<OpFoldResult> &sizes);

/// Emits `op` on slices of its operands.
FailureOr<TilingResult> buildOpTile(Operation *op, OpBuilder &b,
                                    const OpTile &tile);

/// A slice with unit strides, whose leading dimensions may be dropped from
/// `type`. Appends it to `slices` unless it has no elements for sure.
Value buildSlice(OpBuilder &b, Location loc, Value source,
                 ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                 RankedTensorType type, SmallVectorImpl<Operation *> &slices);

} // namespace mlir::nsa::detail

#endif // NSA_LIB_DIALECT_NSA_IR_OPTILE_H
