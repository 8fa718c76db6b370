//===- TileKernelBuilder.h - Emission of nsa_tile ops -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// KernelBuilder with the ops of nsa_tile: what tensor-core kernels are made of.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATOTILE_TILEKERNELBUILDER_H
#define NSA_LIB_CONVERSION_NSATOTILE_TILEKERNELBUILDER_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "nsa/Conversion/Utils/KernelBuilder.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"

namespace mlir::nsa {

/// Rows and columns of an mma instruction, and elements of its inner dimension.
constexpr int64_t kMmaRows = 16;
constexpr int64_t kMmaColumns = 8;
constexpr int64_t kMmaDepth = 16;

/// What a thread block works on, and with how many warps. `rowWarps` groups of
/// 16 rows; `keyWarps` share the keys of a tile of `keys`.
struct TileShape {
  int64_t queries;
  int64_t keys;
  int64_t rowWarps;
  int64_t keyWarps;
  int64_t stages;

  int64_t rows() const { return kMmaRows * rowWarps; }
  int64_t warps() const { return rowWarps * keyWarps; }
  int64_t threads() const { return kWarpSize * warps(); }
  /// Keys of a tile that one warp works on.
  int64_t warpKeys() const { return keys / keyWarps; }
};

/// A row that a region of nsa_tile names: indices into memory, and whether it
/// exists.
struct RowAddress {
  SmallVector<Value> indices; ///< index
  Value exists;               ///< i1
};

class TileKernelBuilder : public KernelBuilder {
public:
  TileKernelBuilder(OpBuilder &b, Location loc) : KernelBuilder(b, loc) {}
  TileKernelBuilder(OpBuilder &b, Operation *op) : KernelBuilder(b, op) {}

  using FragType = nsa_tile::FragType;
  using Layout = nsa_tile::Layout;

  // Types.
  FragType frag(ArrayRef<int64_t> shape, Type elementType, Layout layout);
  FragType acc(int64_t rows, int64_t columns) {
    return frag({rows, columns}, b.getF32Type(), Layout::Acc);
  }
  FragType row(Type elementType) {
    return frag({kMmaRows}, elementType, Layout::Row);
  }

  // Host side.
  using BlockBody = function_ref<void(TileKernelBuilder &, Value block,
                                      Value lane, Value warp)>;
  /// A block of `warps` warps with `sharedBytes` of dynamic shared memory for
  /// each of `blocks`; `lane` and `warp` are i32, `block` is index.
  void launchBlocks(Value blocks, int64_t warps, int64_t sharedBytes,
                    BlockBody body);

  // Scalars.
  Value toI32(Value index);
  Value toIndex(Value i32);
  Value andI(Value l, Value r);
  Value shiftRight(Value value, Value by);
  /// `value` clamped to [0, most], as i32.
  Value clampToI32(Value value, int64_t most);
  /// `value / divisor` and `value mod divisor` of a non-negative i32.
  std::pair<Value, Value> divideI32(Value value, int64_t divisor);
  void barrier() { gpu::BarrierOp::create(b, loc); }

  // Shared memory.
  /// Tiles `[stages, rows, columns]` at byte `offset`, for copies and products.
  Value sharedTiles(ArrayRef<int64_t> shape, Type elementType, int64_t offset);
  /// An array without a swizzle at byte `offset`.
  Value sharedArray(ArrayRef<int64_t> shape, Type elementType, int64_t offset);

  // Copies.
  using AddressBody = function_ref<RowAddress(TileKernelBuilder &, Value row)>;
  Value loadAsync(Value source, Value tiles, Value slot, int64_t threads,
                  AddressBody address);
  Value commit(ValueRange copies);
  Value wait(ValueRange groups, int64_t newer);

  // Register tiles.
  using Elements =
      function_ref<SmallVector<Value>(TileKernelBuilder &, ValueRange)>;
  Value fill(Value value, FragType type);
  Value fill(double value, FragType type) { return fill(f32(value), type); }
  /// The numbers of the 16 rows of a warp, i32.
  Value rowNumbers();
  SmallVector<Value> map(ValueRange inputs, TypeRange types, Elements body);
  Value map1(ValueRange inputs, Type type,
             function_ref<Value(TileKernelBuilder &, ValueRange)> body);
  Value mask(Value frag, Value begin, Value end, Value other);
  Value reduceColumns(nsa_tile::Reduction kind, Value frag);
  Value castToLhs(Value frag, Type elementType);
  Value loadLhs(Value tiles, Value slot, Value firstRow, int64_t firstColumn,
                FragType type, Value ready);
  Value mmaShared(Value lhs, Value tiles, Value slot, Value firstRow,
                  int64_t firstColumn, bool transposed, Value acc, Value ready);
  Value loadTile(Value source, FragType type, double other,
                 AddressBody address);
  void storeTile(Value frag, Value target, AddressBody address);

  struct IterateBodies {
    /// Null, or what is computed once the pending groups are there.
    function_ref<SmallVector<Value>(TileKernelBuilder &, Value ready)> begin;
    function_ref<SmallVector<Value>(TileKernelBuilder &, Value i, Value slot)>
        load;
    function_ref<SmallVector<Value>(TileKernelBuilder &, Value i, Value slot,
                                    Value ready, ValueRange begun,
                                    ValueRange carried)>
        compute;
  };
  /// The carried values after the last tile, then what `begin` computed.
  SmallVector<Value> iterate(Value count, int64_t stages, ValueRange pending,
                             ValueRange inits, TypeRange begunTypes,
                             const IterateBodies &bodies);

  /// Values of an `scf.if`.
  using Branch = function_ref<SmallVector<Value>(TileKernelBuilder &)>;
  SmallVector<Value> branch(Value condition, TypeRange types, Branch yes,
                            Branch no);

private:
  /// Fills `region` with one block; `body` returns what it yields.
  void fillRegion(Region &region, TypeRange arguments, Elements body);
};

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATOTILE_TILEKERNELBUILDER_H
