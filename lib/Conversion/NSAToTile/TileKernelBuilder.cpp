//===- TileKernelBuilder.cpp - Emission of nsa_tile ops ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileKernelBuilder.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

/// Bytes over which 16-byte pieces are exchanged: a row of 64 elements.
static constexpr int64_t kSwizzleBytes = 128;

FragType TileKernelBuilder::frag(ArrayRef<int64_t> shape, Type elementType,
                                 Layout layout) {
  return FragType::get(b.getContext(), shape, elementType, layout);
}

void TileKernelBuilder::launchBlocks(Value blocks, int64_t warps,
                                     int64_t sharedBytes, BlockBody body) {
  Value one = index(1);
  // An empty grid is an error of the driver.
  Value grid = max(blocks, one);
  auto launch = gpu::LaunchOp::create(
      b, loc, grid, one, one, index(kWarpSize), index(warps), one,
      sharedBytes ? i32(static_cast<int32_t>(sharedBytes)) : Value());
  if (!kernelName.empty())
    launch->setAttr(kKernelAttrName, b.getStringAttr(kernelName));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&launch.getBody().front());
  gpu::KernelDim3 thread = launch.getThreadIds();
  Value block = launch.getBlockIds().x;
  Value lane = toI32(thread.x), warp = toI32(thread.y);
  Value exists = compare(arith::CmpIPredicate::slt, block, blocks);
  onlyIf(exists, [&](KernelBuilder &kb) {
    TileKernelBuilder tb(kb.b, kb.loc);
    body(tb, block, lane, warp);
  });
  gpu::TerminatorOp::create(b, loc);
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value TileKernelBuilder::toI32(Value index) {
  return b.createOrFold<arith::IndexCastOp>(loc, b.getI32Type(), index);
}
Value TileKernelBuilder::toIndex(Value i32) {
  return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), i32);
}
Value TileKernelBuilder::andI(Value l, Value r) {
  return b.createOrFold<arith::AndIOp>(loc, l, r);
}
Value TileKernelBuilder::shiftRight(Value value, Value by) {
  return b.createOrFold<arith::ShRUIOp>(loc, value, by);
}
Value TileKernelBuilder::clampToI32(Value value, int64_t most) {
  return toI32(min(max(value, index(0)), index(most)));
}
std::pair<Value, Value> TileKernelBuilder::divideI32(Value value,
                                                     int64_t divisor) {
  Value by = i32(static_cast<int32_t>(divisor));
  return {b.createOrFold<arith::DivUIOp>(loc, value, by),
          b.createOrFold<arith::RemUIOp>(loc, value, by)};
}

//===----------------------------------------------------------------------===//
// Shared memory and copies
//===----------------------------------------------------------------------===//

static Attribute workgroup(MLIRContext *context) {
  return gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Workgroup);
}

Value TileKernelBuilder::sharedTiles(ArrayRef<int64_t> shape, Type elementType,
                                     int64_t offset) {
  MLIRContext *context = b.getContext();
  auto type = MemRefType::get(shape, elementType,
                              SwizzleAttr::get(context, kSwizzleBytes),
                              workgroup(context));
  return SharedOp::create(b, loc, type, offset);
}

Value TileKernelBuilder::sharedArray(ArrayRef<int64_t> shape, Type elementType,
                                     int64_t offset) {
  Attribute space = workgroup(b.getContext());
  auto bytes = MemRefType::get({ShapedType::kDynamic}, b.getI8Type(),
                               MemRefLayoutAttrInterface(), space);
  Value all = gpu::DynamicSharedMemoryOp::create(b, loc, bytes);
  auto type =
      MemRefType::get(shape, elementType, MemRefLayoutAttrInterface(), space);
  return memref::ViewOp::create(b, loc, type, all, index(offset), ValueRange());
}

void TileKernelBuilder::fillRegion(Region &region, TypeRange arguments,
                                   Elements body) {
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Location> locations(arguments.size(), loc);
  Block *block = b.createBlock(&region, region.end(), arguments, locations);
  TileKernelBuilder inner(b, loc);
  SmallVector<Value> values = body(inner, block->getArguments());
  nsa_tile::YieldOp::create(b, loc, values);
}

/// The body of a region that names rows.
static auto yieldAddress(TileKernelBuilder::AddressBody address) {
  return [address](TileKernelBuilder &tb, ValueRange args) {
    RowAddress row = address(tb, args[0]);
    row.indices.push_back(row.exists);
    return row.indices;
  };
}

Value TileKernelBuilder::loadAsync(Value source, Value tiles, Value slot,
                                   int64_t threads, AddressBody address) {
  auto op = LoadAsyncOp::create(b, loc, CopyType::get(b.getContext()), source,
                                tiles, slot, threads);
  fillRegion(op.getAddress(), b.getI32Type(), yieldAddress(address));
  return op.getCopy();
}
Value TileKernelBuilder::commit(ValueRange copies) {
  return CommitOp::create(b, loc, GroupType::get(b.getContext()), copies);
}
Value TileKernelBuilder::wait(ValueRange groups, int64_t newer) {
  return WaitOp::create(b, loc, ReadyType::get(b.getContext()), groups,
                        static_cast<uint32_t>(newer));
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

Value TileKernelBuilder::fill(Value value, FragType type) {
  return FillOp::create(b, loc, type, value);
}
Value TileKernelBuilder::rowNumbers() {
  return IotaOp::create(b, loc, row(b.getI32Type()));
}
SmallVector<Value> TileKernelBuilder::map(ValueRange inputs, TypeRange types,
                                          Elements body) {
  auto op = MapOp::create(b, loc, types, inputs);
  SmallVector<Type> elements;
  for (Value input : inputs)
    elements.push_back(cast<FragType>(input.getType()).getElementType());
  fillRegion(op.getBody(), elements, body);
  return SmallVector<Value>(op.getResults());
}
Value TileKernelBuilder::map1(
    ValueRange inputs, Type type,
    function_ref<Value(TileKernelBuilder &, ValueRange)> body) {
  return map(inputs, type,
             [&](TileKernelBuilder &tb, ValueRange args) -> SmallVector<Value> {
               return {body(tb, args)};
             })[0];
}
Value TileKernelBuilder::mask(Value frag, Value begin, Value end, Value other) {
  return MaskOp::create(b, loc, frag.getType(), frag, begin, end, other);
}
Value TileKernelBuilder::reduceColumns(Reduction kind, Value frag) {
  auto type = cast<FragType>(frag.getType());
  return ReduceOp::create(
      b, loc, this->frag({type.getDim(0)}, type.getElementType(), Layout::Row),
      kind, Dimension::Columns, frag);
}
Value TileKernelBuilder::castToLhs(Value frag, Type elementType) {
  auto type = cast<FragType>(frag.getType());
  return CastOp::create(
      b, loc, this->frag(type.getShape(), elementType, Layout::Lhs), frag);
}
Value TileKernelBuilder::loadLhs(Value tiles, Value slot, Value firstRow,
                                 int64_t firstColumn, FragType type,
                                 Value ready) {
  return LoadFragOp::create(b, loc, type, tiles, slot, firstRow,
                            i32(static_cast<int32_t>(firstColumn)), ready);
}
Value TileKernelBuilder::mmaShared(Value lhs, Value tiles, Value slot,
                                   Value firstRow, int64_t firstColumn,
                                   bool transposed, Value acc, Value ready) {
  return MmaSharedOp::create(b, loc, acc.getType(), lhs, tiles, slot, firstRow,
                             i32(static_cast<int32_t>(firstColumn)), acc, ready,
                             transposed);
}
Value TileKernelBuilder::loadTile(Value source, FragType type, double other,
                                  AddressBody address) {
  auto op = nsa_tile::LoadOp::create(b, loc, type, source, f32(other));
  fillRegion(op.getAddress(), b.getI32Type(), yieldAddress(address));
  return op.getFrag();
}
void TileKernelBuilder::storeTile(Value frag, Value target,
                                  AddressBody address) {
  auto op = nsa_tile::StoreOp::create(b, loc, frag, target);
  fillRegion(op.getAddress(), b.getI32Type(), yieldAddress(address));
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

SmallVector<Value> TileKernelBuilder::iterate(Value count, int64_t stages,
                                              ValueRange pending,
                                              ValueRange inits,
                                              TypeRange begunTypes,
                                              const IterateBodies &bodies) {
  SmallVector<Type> types(inits.getTypes());
  llvm::append_range(types, begunTypes);
  auto op = IterateOp::create(b, loc, types, count, stages, pending, inits);
  Type index = b.getIndexType(), i32 = b.getI32Type();
  Type ready = ReadyType::get(b.getContext());
  if (bodies.begin)
    fillRegion(op.getBegin(), ready,
               [&](TileKernelBuilder &tb, ValueRange args) {
                 return bodies.begin(tb, args[0]);
               });
  fillRegion(op.getLoad(), {index, i32},
             [&](TileKernelBuilder &tb, ValueRange args) {
               return bodies.load(tb, args[0], args[1]);
             });
  SmallVector<Type> arguments{index, i32, ready};
  llvm::append_range(arguments, begunTypes);
  llvm::append_range(arguments, inits.getTypes());
  size_t numBegun = begunTypes.size();
  fillRegion(op.getCompute(), arguments,
             [&](TileKernelBuilder &tb, ValueRange args) {
               return bodies.compute(tb, args[0], args[1], args[2],
                                     args.slice(3, numBegun),
                                     args.drop_front(3 + numBegun));
             });
  return SmallVector<Value>(op.getResults());
}

SmallVector<Value> TileKernelBuilder::branch(Value condition, TypeRange types,
                                             Branch yes, Branch no) {
  auto op = scf::IfOp::create(b, loc, types, condition, /*addThenBlock=*/true,
                              /*addElseBlock=*/true);
  auto fill = [&](Block *block, Branch body) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    TileKernelBuilder tb(b, loc);
    SmallVector<Value> values = body(tb);
    scf::YieldOp::create(b, loc, values);
  };
  fill(op.thenBlock(), yes);
  fill(op.elseBlock(), no);
  return SmallVector<Value>(op.getResults());
}
