//===- NSATileOps.cpp - Ops of the nsa_tile dialect -------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers. Each check carries the label of the constraint in NSATileOps.td
// that it enforces. What takes more than one op to see is nsa-tile-verify's.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSATile/IR/NSATile.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::nsa_tile;

#define GET_OP_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Checks that several ops share
//===----------------------------------------------------------------------===//

static FragType fragOf(Value value) { return cast<FragType>(value.getType()); }
static MemRefType memRefOf(Value value) {
  return cast<MemRefType>(value.getType());
}

static LogicalResult verifyLayout(Operation *op, StringRef name, Value frag,
                                  Layout layout) {
  FragType type = fragOf(frag);
  if (type.getLayout() == layout)
    return success();
  return op->emitOpError() << name << " must have layout "
                           << stringifyLayout(layout) << ", but is " << type;
}

static LogicalResult verifyElementType(Operation *op, StringRef name, Type type,
                                       Type wanted) {
  if (type == wanted)
    return success();
  return op->emitOpError() << name << " must have element type " << wanted
                           << ", but has " << type;
}

static LogicalResult verifyValueType(Operation *op, StringRef name, Type type,
                                     Type wanted) {
  if (type == wanted)
    return success();
  return op->emitOpError() << name << " must be " << wanted << ", but is "
                           << type;
}

/// `have` and `want` are sizes of what the texts say.
static LogicalResult verifySize(Operation *op, StringRef what, int64_t have,
                                StringRef ofWhat, int64_t want) {
  if (have == want)
    return success();
  InFlightDiagnostic error = op->emitOpError() << what << " (";
  if (ShapedType::isDynamic(have))
    error << "not known";
  else
    error << have;
  return error << ") must equal " << ofWhat << " (" << want << ")";
}

/// tile_c1 to tile_c3: what may be copied to and multiplied with.
static LogicalResult verifyTile(Operation *op, Value tile) {
  MemRefType type = memRefOf(tile);
  // tile_c1
  if (type.getRank() != 3 ||
      llvm::any_of(type.getShape(), [](int64_t size) { return size < 1; }))
    return op->emitOpError()
           << "tile must be [stages, rows, columns], but is " << type;
  if (!gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(type))
    return op->emitOpError()
           << "tile must be in the workgroup's address space, but is " << type;
  // tile_c2
  if (!isa<Float16Type, BFloat16Type>(type.getElementType()))
    return op->emitOpError()
           << "tile must have element type f16 or bf16, but has "
           << type.getElementType();
  // tile_c3
  auto swizzle = dyn_cast<SwizzleAttr>(type.getLayout());
  if (!swizzle)
    return op->emitOpError() << "tile must have a swizzle, but is " << type;
  int64_t rowBytes = type.getDimSize(2) * type.getElementTypeBitWidth() / 8;
  if (rowBytes % swizzle.getBytes())
    return op->emitOpError() << "swizzle (" << swizzle.getBytes()
                             << " bytes) must divide a row of the tile ("
                             << rowBytes << " bytes)";
  return success();
}

/// tile_c4: `size` of the `bound` numbers of a dimension from `position` on,
/// which is a multiple of `multiple`, as far as is known.
static LogicalResult verifyPosition(Operation *op, StringRef name,
                                    Value position, int64_t size, int64_t bound,
                                    int64_t multiple = 1) {
  std::optional<int64_t> constant = getConstantIntValue(position);
  if (constant && *constant % multiple)
    return op->emitOpError() << name << " (" << *constant
                             << ") must be a multiple of " << multiple;
  int64_t first = constant.value_or(0);
  if (first >= 0 && first + size <= bound)
    return success();
  if (size == 1)
    return op->emitOpError() << name << " " << first
                             << " is not in the tile, which has " << bound;
  return op->emitOpError() << name << "s " << first << " to "
                           << first + size - 1
                           << " are not in the tile, which has " << bound;
}

/// The yield of a region, after its arguments and what it yields were checked.
static LogicalResult verifyRegion(Operation *op, StringRef name, Region &region,
                                  TypeRange arguments, TypeRange yielded) {
  if (!region.hasOneBlock())
    return op->emitOpError() << name << " region must have one block";
  Block &block = region.front();
  if (TypeRange(block.getArgumentTypes()) != arguments)
    return op->emitOpError()
           << name << " region must take (" << arguments << "), but takes ("
           << block.getArgumentTypes() << ")";
  auto yield = dyn_cast<nsa_tile::YieldOp>(block.getTerminator());
  if (!yield)
    return op->emitOpError() << name << " region must end with nsa_tile.yield";
  if (TypeRange(yield.getValues().getTypes()) != yielded)
    return yield.emitOpError()
           << name << " region must yield (" << yielded << "), but yields ("
           << yield.getValues().getTypes() << ")";
  return success();
}

/// Regions that are done by each lane for itself hold no op of the dialect.
static LogicalResult verifyScalar(Operation *op, StringRef name,
                                  Region &region) {
  WalkResult result = region.walk([&](Operation *inner) {
    if (isa<nsa_tile::YieldOp>(inner) ||
        !isa_and_nonnull<NSATileDialect>(inner->getDialect()))
      return WalkResult::advance();
    op->emitOpError() << name << " region must not contain "
                      << inner->getName();
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// A region that names rows: `(i32) -> (index..., i1)`.
static LogicalResult verifyAddress(Operation *op, Region &region,
                                   int64_t numIndices) {
  Builder builder(op->getContext());
  SmallVector<Type> yielded(numIndices, builder.getIndexType());
  yielded.push_back(builder.getI1Type());
  if (failed(
          verifyRegion(op, "address", region, builder.getI32Type(), yielded)))
    return failure();
  return verifyScalar(op, "address", region);
}

/// Whether the last dimension has stride 1, as far as is known.
static bool mayBeContiguous(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return type.getRank() > 0 &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         (strides.back() == 1 || ShapedType::isDynamic(strides.back()));
}

/// The rows of `columns` elements in `memory`.
static LogicalResult verifyRows(Operation *op, StringRef name, MemRefType type,
                                int64_t columns) {
  if (!mayBeContiguous(type))
    return op->emitOpError()
           << name << " must have a contiguous last dimension, but is " << type;
  return verifySize(op, ("last dimension of " + name).str(),
                    type.getShape().back(), "the tile's columns", columns);
}

/// What `load` and `store` have in common.
static LogicalResult verifyMemory(Operation *op, Value frag, StringRef name,
                                  Value memory) {
  FragType type = fragOf(frag);
  MemRefType memRef = memRefOf(memory);
  bool isAcc = type.getLayout() == Layout::Acc;
  // load_c1, store_c1
  if (!isAcc && type.getLayout() != Layout::Row)
    return op->emitOpError()
           << "frag must have layout acc or row, but is " << type;
  // load_c2, store_c2
  Type inMemory = memRef.getElementType();
  bool isFloat = type.getElementType().isF32() &&
                 isa<Float32Type, Float16Type, BFloat16Type>(inMemory);
  bool isInteger =
      type.getElementType().isInteger(32) && inMemory.isInteger(32);
  if (!isFloat && !isInteger)
    return op->emitOpError()
           << "an element of " << name << " (" << inMemory
           << ") must be f32, f16 or bf16 for f32, or i32 for i32, not for "
           << type.getElementType();
  // load_c3, store_c3
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memRef.getStridesAndOffset(strides, offset)))
    return op->emitOpError() << name << " must have strides, but is " << memRef;
  return isAcc ? verifyRows(op, name, memRef, type.getDim(1)) : success();
}

//===----------------------------------------------------------------------===//
// Shared memory and copies
//===----------------------------------------------------------------------===//

LogicalResult SharedOp::verify() {
  int64_t offset = getOffset();
  // shared_c1
  if (offset < 0 || offset % 128)
    return emitOpError() << "offset (" << offset
                         << ") must be a multiple of 128 and not negative";
  return verifyTile(*this, getTile());
}

LogicalResult LoadAsyncOp::verify() {
  if (failed(verifyTile(*this, getTile())))
    return failure();
  MemRefType source = memRefOf(getSource()), tile = memRefOf(getTile());
  // load_async_c1
  auto space = dyn_cast_or_null<gpu::AddressSpaceAttr>(source.getMemorySpace());
  if (space && space.getValue() != gpu::AddressSpace::Global)
    return emitOpError() << "source must be in global memory, but is "
                         << source;
  if (failed(verifyElementType(*this, "source", source.getElementType(),
                               tile.getElementType())))
    return failure();
  // load_async_c2
  if (failed(verifyRows(*this, "source", source, tile.getDimSize(2))))
    return failure();
  // load_async_c3
  int64_t threads = getThreads();
  if (threads < 32 || threads > 1024 || threads % 32)
    return emitOpError() << "threads (" << threads
                         << ") must be a multiple of 32, at most 1024";
  return verifyPosition(*this, "stage", getSlot(), 1, tile.getDimSize(0));
}

LogicalResult LoadAsyncOp::verifyRegions() {
  // load_async_c4
  return verifyAddress(*this, getAddress(),
                       memRefOf(getSource()).getRank() - 1);
}

LogicalResult WaitOp::verify() {
  // wait_c1
  auto newer = static_cast<int32_t>(getNewer());
  if (newer < 0)
    return emitOpError() << "newer (" << newer << ") must not be negative";
  return success();
}

LogicalResult LoadFragOp::verify() {
  if (failed(verifyTile(*this, getTile())))
    return failure();
  FragType frag = getFrag().getType();
  MemRefType tile = memRefOf(getTile());
  // load_frag_c1
  if (failed(verifyLayout(*this, "result", getFrag(), Layout::Lhs)) ||
      failed(verifyElementType(*this, "result", frag.getElementType(),
                               tile.getElementType())))
    return failure();
  // load_frag_c2
  if (failed(
          verifyPosition(*this, "stage", getSlot(), 1, tile.getDimSize(0))) ||
      failed(verifyPosition(*this, "row", getRow(), frag.getDim(0),
                            tile.getDimSize(1), 8)))
    return failure();
  return verifyPosition(*this, "column", getColumn(), frag.getDim(1),
                        tile.getDimSize(2), 8);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// What holds sums is an acc of f32.
static LogicalResult verifyAccumulator(Operation *op, StringRef name,
                                       Value acc) {
  if (failed(verifyLayout(op, name, acc, Layout::Acc)))
    return failure();
  return verifyElementType(op, name, fragOf(acc).getElementType(),
                           Float32Type::get(op->getContext()));
}

LogicalResult MmaOp::verify() {
  // mma_c1
  if (failed(verifyLayout(*this, "lhs", getLhs(), Layout::Lhs)) ||
      failed(verifyLayout(*this, "rhs", getRhs(), Layout::Rhs)) ||
      failed(verifyAccumulator(*this, "acc", getAcc())))
    return failure();
  FragType lhs = fragOf(getLhs()), rhs = fragOf(getRhs()),
           acc = fragOf(getAcc());
  // mma_c2
  if (failed(verifyElementType(*this, "rhs", rhs.getElementType(),
                               lhs.getElementType())))
    return failure();
  // mma_c3
  if (failed(verifySize(*this, "rows of rhs", rhs.getDim(0), "columns of lhs",
                        lhs.getDim(1))) ||
      failed(verifySize(*this, "rows of acc", acc.getDim(0), "rows of lhs",
                        lhs.getDim(0))))
    return failure();
  return verifySize(*this, "columns of acc", acc.getDim(1), "columns of rhs",
                    rhs.getDim(1));
}

LogicalResult MmaSharedOp::verify() {
  if (failed(verifyTile(*this, getTile())))
    return failure();
  // mma_shared_c1
  if (failed(verifyLayout(*this, "lhs", getLhs(), Layout::Lhs)) ||
      failed(verifyAccumulator(*this, "acc", getAcc())))
    return failure();
  FragType lhs = fragOf(getLhs()), acc = fragOf(getAcc());
  MemRefType tile = memRefOf(getTile());
  // mma_shared_c2
  if (failed(verifyElementType(*this, "tile", tile.getElementType(),
                               lhs.getElementType())))
    return failure();
  // mma_shared_c3
  if (failed(verifySize(*this, "rows of acc", acc.getDim(0), "rows of lhs",
                        lhs.getDim(0))))
    return failure();
  // mma_shared_c4
  int64_t k = lhs.getDim(1), n = acc.getDim(1);
  bool rowsAreK = !getTransposed();
  if (failed(
          verifyPosition(*this, "stage", getSlot(), 1, tile.getDimSize(0))) ||
      failed(verifyPosition(*this, "row", getRow(), rowsAreK ? k : n,
                            tile.getDimSize(1), rowsAreK ? 16 : 8)))
    return failure();
  return verifyPosition(*this, "column", getColumn(), rowsAreK ? n : k,
                        tile.getDimSize(2), rowsAreK ? 8 : 16);
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

LogicalResult FillOp::verify() {
  // fill_c1
  return verifyValueType(*this, "value", getValue().getType(),
                         getFrag().getType().getElementType());
}

LogicalResult IotaOp::verify() {
  FragType type = getFrag().getType();
  // iota_c1
  if (type.getLayout() != Layout::Row && type.getLayout() != Layout::Col)
    return emitOpError() << "result must have layout row or col, but is "
                         << type;
  // iota_c2
  return verifyElementType(*this, "result", type.getElementType(),
                           IntegerType::get(getContext(), 32));
}

LogicalResult MapOp::verify() {
  SmallVector<std::pair<FragType, bool>> frags; // And whether it is a result.
  for (Value input : getInputs())
    frags.push_back({fragOf(input), false});
  for (Value result : getResults())
    frags.push_back({fragOf(result), true});
  // map_c1
  if (getResults().empty())
    return emitOpError("must have a result");
  FragType acc;
  for (auto [type, isResult] : frags) {
    if (type.getLayout() == Layout::Lhs || type.getLayout() == Layout::Rhs)
      return emitOpError() << "works on acc, row and col, not on " << type;
    if (!acc && type.getLayout() == Layout::Acc)
      acc = type;
  }
  for (auto [type, isResult] : frags) {
    // map_c2
    if (!acc) {
      FragType first = frags.front().first;
      if (type.getLayout() != first.getLayout() ||
          type.getShape() != first.getShape())
        return emitOpError()
               << type << " and " << first << " must have one layout and size";
      continue;
    }
    // map_c3
    if (type.getLayout() == Layout::Acc) {
      if (type.getShape() != acc.getShape())
        return emitOpError()
               << type << " and " << acc << " must have one shape";
      continue;
    }
    if (isResult)
      return emitOpError() << "a result beside " << acc
                           << " must be acc, but is " << type;
    bool isRow = type.getLayout() == Layout::Row;
    if (failed(verifySize(*this, isRow ? "elements of row" : "elements of col",
                          type.getDim(0),
                          isRow ? "rows of acc" : "columns of acc",
                          acc.getDim(isRow ? 0 : 1))))
      return failure();
  }
  return success();
}

LogicalResult MapOp::verifyRegions() {
  auto elementTypes = [](ValueRange frags) {
    return llvm::map_to_vector(
        frags, [](Value frag) { return fragOf(frag).getElementType(); });
  };
  // map_c4
  if (failed(verifyRegion(*this, "body", getBody(), elementTypes(getInputs()),
                          elementTypes(getResults()))))
    return failure();
  // map_c5
  return verifyScalar(*this, "body", getBody());
}

LogicalResult MaskOp::verify() {
  // mask_c1
  if (failed(verifyLayout(*this, "frag", getFrag(), Layout::Acc)))
    return failure();
  FragType frag = fragOf(getFrag()), begin = fragOf(getBegin());
  // mask_c2
  if (failed(verifyLayout(*this, "begin", getBegin(), Layout::Row)) ||
      failed(verifyElementType(*this, "begin", begin.getElementType(),
                               IntegerType::get(getContext(), 32))) ||
      failed(verifySize(*this, "elements of begin", begin.getDim(0),
                        "rows of frag", frag.getDim(0))))
    return failure();
  // mask_c3
  return verifyValueType(*this, "other", getOther().getType(),
                         frag.getElementType());
}

LogicalResult ReduceOp::verify() {
  // reduce_c1
  if (failed(verifyAccumulator(*this, "frag", getFrag())))
    return failure();
  FragType frag = fragOf(getFrag()), result = getResult().getType();
  bool overColumns = getOver() == Dimension::Columns;
  // reduce_c2
  Layout wanted = overColumns ? Layout::Row : Layout::Col;
  if (result.getLayout() != wanted)
    return emitOpError() << "over " << stringifyDimension(getOver())
                         << " must have a result of layout "
                         << stringifyLayout(wanted) << ", but it is " << result;
  // reduce_c3
  if (failed(verifySize(*this, "elements of the result", result.getDim(0),
                        overColumns ? "rows of frag" : "columns of frag",
                        frag.getDim(overColumns ? 0 : 1))))
    return failure();
  return verifyElementType(*this, "result", result.getElementType(),
                           frag.getElementType());
}

LogicalResult CastOp::verify() {
  FragType result = getResult().getType();
  // cast_c1
  if (failed(verifyAccumulator(*this, "frag", getFrag())))
    return failure();
  // cast_c2
  if (failed(verifyLayout(*this, "result", getResult(), Layout::Lhs)))
    return failure();
  // cast_c3
  if (result.getShape() != fragOf(getFrag()).getShape())
    return emitOpError() << getFrag().getType() << " and " << result
                         << " must have one shape";
  return success();
}

LogicalResult LoadOp::verify() {
  if (failed(verifyMemory(*this, getFrag(), "source", getSource())))
    return failure();
  // load_c4
  return verifyValueType(*this, "other", getOther().getType(),
                         getFrag().getType().getElementType());
}

/// load_c5, store_c4
static LogicalResult verifyMemoryAddress(Operation *op, Region &address,
                                         Value frag, Value memory) {
  bool isAcc = fragOf(frag).getLayout() == Layout::Acc;
  return verifyAddress(op, address, memRefOf(memory).getRank() - isAcc);
}
LogicalResult LoadOp::verifyRegions() {
  return verifyMemoryAddress(*this, getAddress(), getFrag(), getSource());
}

LogicalResult StoreOp::verify() {
  return verifyMemory(*this, getFrag(), "target", getTarget());
}
LogicalResult StoreOp::verifyRegions() {
  return verifyMemoryAddress(*this, getAddress(), getFrag(), getTarget());
}

//===----------------------------------------------------------------------===//
// The tile iterator
//===----------------------------------------------------------------------===//

LogicalResult IterateOp::verify() {
  // iterate_c1
  auto stages = static_cast<int64_t>(getStages());
  if (stages < 2)
    return emitOpError() << "stages (" << stages << ") must be at least 2";
  return success();
}

LogicalResult IterateOp::verifyRegions() {
  Builder builder(getContext());
  Type index = builder.getIndexType(), i32 = builder.getI32Type();
  auto ready = ReadyType::get(getContext());
  auto yieldedTypes = [](Region &region) {
    return SmallVector<Type>(region.front().getTerminator()->getOperandTypes());
  };

  // iterate_c2
  SmallVector<Type> begun;
  if (!getBegin().empty()) {
    if (!getBegin().hasOneBlock())
      return emitOpError("begin region must have at most one block");
    begun = yieldedTypes(getBegin());
    if (failed(verifyRegion(*this, "begin", getBegin(), ready, begun)))
      return failure();
  }

  // iterate_c3
  SmallVector<Type> copies = yieldedTypes(getLoad());
  llvm::fill(copies, CopyType::get(getContext()));
  if (failed(verifyRegion(*this, "load", getLoad(), {index, i32}, copies)))
    return failure();

  // iterate_c4
  TypeRange carried = getInits().getTypes();
  SmallVector<Type> arguments{index, i32, ready};
  llvm::append_range(arguments, begun);
  llvm::append_range(arguments, carried);
  if (failed(verifyRegion(*this, "compute", getCompute(), arguments, carried)))
    return failure();

  // iterate_c5
  SmallVector<Type> results(carried);
  llvm::append_range(results, begun);
  if (TypeRange(getResultTypes()) != TypeRange(results))
    return emitOpError() << "results must be (" << results << "), but are ("
                         << getResultTypes() << ")";

  // iterate_c6
  WalkResult walk = getLoad().walk([&](LoadAsyncOp copy) {
    int64_t has = memRefOf(copy.getTile()).getDimSize(0);
    auto stages = static_cast<int64_t>(getStages());
    if (has >= stages)
      return WalkResult::advance();
    copy.emitOpError() << "tile has " << has
                       << " stages, but the iterate around it has " << stages;
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}
