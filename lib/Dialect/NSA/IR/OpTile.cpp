//===- OpTile.cpp - The part of an op that a tile asks for ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A part of an op is the same op on slices. Three things need thought: heads
// and key/value heads are cut together and stay static; a position moves with
// the first query and the first key of the part; and q_offset, where absent,
// is counted from the end of the whole op, not of the part.
//
//===----------------------------------------------------------------------===//

#include "OpTile.h"

#include "NSAOpsDetail.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "nsa/Dialect/NSA/IR/Positions.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa::detail;

//===----------------------------------------------------------------------===//
// Loops and dimensions
//===----------------------------------------------------------------------===//

SmallVector<OpLoop> mlir::nsa::detail::getLoops(Operation *op) {
  constexpr auto parallel = utils::IteratorType::parallel;
  constexpr auto reduction = utils::IteratorType::reduction;
  auto loops = [&](StringRef tokens, StringRef heads, StringRef keys = "") {
    SmallVector<OpLoop> all{
        {"B", parallel}, {tokens.str(), parallel}, {heads.str(), parallel}};
    if (!keys.empty())
      all.push_back({keys.str(), reduction});
    return all;
  };
  return TypeSwitch<Operation *, SmallVector<OpLoop>>(op)
      .Case<CompressOp>([&](auto) { return loops("Tc", "G"); })
      .Case<CompressedAttentionOp>([&](auto) { return loops("Tq", "H", "Tc"); })
      .Case<BlockScoresOp>([&](BlockScoresOp scores) {
        return loops("Tq",
                     scores.getListHeads() == ListHeads::Query ? "H" : "G");
      })
      .Case<SelectTopNOp>([&](auto) { return loops("Tq", "Gi"); })
      .Case<SelectedAttentionOp>([&](auto) { return loops("Tq", "H", "N"); })
      .Case<WindowAttentionOp>([&](auto) { return loops("Tq", "H", "Tk"); })
      .Default([&](Operation *) { return loops("Tq", "H"); });
}

static SmallVector<NamedShape> getShapes(Operation *op) {
  return cast<NamedDimsOpInterface>(op).getNamedShapes();
}

/// The extent of a dimension where some type shows it.
static int64_t getStaticExtent(ArrayRef<NamedShape> shapes, StringRef dim) {
  for (const NamedShape &shape : shapes)
    for (auto [i, own] : llvm::enumerate(shape.dims))
      if (own.name == dim &&
          !ShapedType::isDynamic(extentOf(shape.value, int64_t(i))))
        return extentOf(shape.value, int64_t(i));
  return ShapedType::kDynamic;
}

OpFoldResult mlir::nsa::detail::getExtent(Operation *op, OpBuilder &b,
                                          StringRef dim) {
  SmallVector<NamedShape> shapes = getShapes(op);
  int64_t extent = getStaticExtent(shapes, dim);
  if (!ShapedType::isDynamic(extent))
    return b.getIndexAttr(extent);
  for (const NamedShape &shape : shapes)
    for (auto [i, own] : llvm::enumerate(shape.dims))
      if (own.name == dim && shape.value.getDefiningOp() != op)
        return tensor::getMixedSize(b, op->getLoc(), shape.value, int64_t(i));
  // Only the number of compressed keys follows from other dimensions.
  auto compress = cast<CompressOp>(op);
  Value tokens =
      getValueOrCreateConstantIndexOp(b, op->getLoc(), getExtent(op, b, "T"));
  return getAsOpFoldResult(buildVisibleBlocks(b, op->getLoc(), tokens,
                                              compress.getCompressionBlock(),
                                              compress.getCompressionStride()));
}

SmallVector<SmallVector<NamedDim>>
mlir::nsa::detail::getOperandDims(Operation *op) {
  SmallVector<NamedShape> shapes = getShapes(op);
  SmallVector<SmallVector<NamedDim>> dims;
  // A value may be several operands, of different names.
  SmallVector<bool> taken(shapes.size());
  for (Value operand : op->getOperands()) {
    dims.emplace_back();
    for (auto [i, shape] : llvm::enumerate(shapes)) {
      if (taken[i] || shape.value != operand)
        continue;
      taken[i] = true;
      dims.back() = shape.dims;
      break;
    }
  }
  return dims;
}

SmallVector<NamedDim> mlir::nsa::detail::getResultDims(Operation *op,
                                                       unsigned result) {
  for (const NamedShape &shape : getShapes(op))
    if (shape.value == op->getResult(result))
      return shape.dims;
  return {};
}

namespace {
/// Remembers what a builder made.
struct Recorder : public OpBuilder::Listener {
  SmallVector<Operation *> made;
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    made.push_back(op);
  }
};
} // namespace

/// Whether `size` is what the extent of an operand folds to.
static bool isFoldedExtent(Operation *op, Value operand, int64_t dim,
                           Value size) {
  Recorder recorder;
  OpBuilder scratch(op, &recorder);
  OpFoldResult extent =
      tensor::getMixedSize(scratch, op->getLoc(), operand, dim);
  bool same = extent == OpFoldResult(size);
  for (Operation *made : llvm::reverse(recorder.made))
    made->erase();
  return same;
}

/// Whether two values are the same, also as results of an op and of its copy:
/// upstream tiles copies.
static bool isSame(Value a, Value b) {
  if (a == b)
    return true;
  auto x = dyn_cast<OpResult>(a), y = dyn_cast<OpResult>(b);
  return x && y && x.getResultNumber() == y.getResultNumber() &&
         OperationEquivalence::isEquivalentTo(
             x.getOwner(), y.getOwner(), OperationEquivalence::IgnoreLocations);
}

bool mlir::nsa::detail::isWhole(Operation *op, StringRef dim,
                                const DimRange &range) {
  if (!isConstantIntValue(range.offset, 0))
    return false;
  SmallVector<NamedShape> shapes = getShapes(op);
  int64_t extent = getStaticExtent(shapes, dim);
  if (!ShapedType::isDynamic(extent))
    return isConstantIntValue(range.size, extent);
  auto size = dyn_cast<Value>(range.size);
  if (!size)
    return false;
  auto sizeOf = size.getDefiningOp<tensor::DimOp>();
  for (const NamedShape &shape : shapes)
    for (auto [i, own] : llvm::enumerate(shape.dims)) {
      if (own.name != dim)
        continue;
      if (sizeOf && isSame(sizeOf.getSource(), shape.value) &&
          sizeOf.getConstantIndex() == int64_t(i))
        return true;
      if (shape.value.getDefiningOp() != op &&
          isFoldedExtent(op, shape.value, int64_t(i), size))
        return true;
    }
  return false;
}

//===----------------------------------------------------------------------===//
// Heads
//===----------------------------------------------------------------------===//

namespace {
/// How a dimension whose extent must be static may be cut.
struct HeadCut {
  int64_t extent;
  /// Neighbours that belong together: heads of one key/value head.
  int64_t group = 1;
  /// Whether a tile may have a part of a group.
  bool parts = true;

  bool isLegal(int64_t size) const {
    if (size < 1 || size > extent)
      return false;
    return size % group == 0 || (parts && group % size == 0);
  }
  /// What the offset of a tile must be a multiple of.
  int64_t getUnit(int64_t size) const {
    return size % group == 0 ? group : size;
  }
};
} // namespace

static std::optional<HeadCut> getHeadCut(Operation *op, StringRef dim) {
  if (dim != "H" && dim != "G" && dim != "Gi")
    return std::nullopt;
  SmallVector<NamedShape> shapes = getShapes(op);
  HeadCut cut{getStaticExtent(shapes, dim)};
  int64_t groups = getStaticExtent(shapes, "G");
  if (dim == "H" && !ShapedType::isDynamic(groups))
    cut.group = cut.extent / groups;
  // Scores of a list are summed over all heads of its group.
  if (auto attention = dyn_cast<AttentionOp>(op))
    cut.parts = attention.getListHeads() == ListHeads::Query;
  return cut;
}

static bool isMultipleOf(OpFoldResult value, int64_t unit) {
  if (unit == 1)
    return true;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % unit == 0;
  auto dynamic = cast<Value>(value);
  if (auto argument = dyn_cast<BlockArgument>(dynamic)) {
    auto loop = dyn_cast_or_null<LoopLikeOpInterface>(
        argument.getOwner()->getParentOp());
    if (!loop)
      return false;
    auto variables = loop.getLoopInductionVars();
    auto begins = loop.getLoopLowerBounds(), steps = loop.getLoopSteps();
    if (!variables || !begins || !steps)
      return false;
    for (auto [variable, begin, step] : llvm::zip(*variables, *begins, *steps))
      if (variable == argument)
        return isMultipleOf(begin, unit) && isMultipleOf(step, unit);
    return false;
  }
  auto apply = dynamic.getDefiningOp<affine::AffineApplyOp>();
  if (!apply)
    return false;
  AffineMap map = apply.getAffineMap();
  SmallVector<AffineExpr> dims, symbols;
  for (auto [i, operand] : llvm::enumerate(apply.getMapOperands())) {
    bool isDim = i < map.getNumDims();
    AffineExpr expr =
        isDim ? getAffineDimExpr(i, map.getContext())
              : getAffineSymbolExpr(i - map.getNumDims(), map.getContext());
    if (isMultipleOf(getAsOpFoldResult(operand), unit))
      expr = expr * unit;
    (isDim ? dims : symbols).push_back(expr);
  }
  return map.getResult(0)
      .replaceDimsAndSymbols(dims, symbols)
      .isMultipleOf(unit);
}

bool mlir::nsa::detail::isLegalHeadTile(Operation *op, StringRef dim,
                                        const DimRange &range, int64_t scale) {
  std::optional<HeadCut> cut = getHeadCut(op, dim);
  if (!cut)
    return true;
  std::optional<int64_t> size = getConstantIntValue(range.size);
  if (!size || !cut->isLegal(*size * scale))
    return false;
  int64_t unit = cut->getUnit(*size * scale);
  return unit % scale != 0 || isMultipleOf(range.offset, unit / scale);
}

/// Heads, groups and lists stay static, and whole groups together.
static LogicalResult checkHeads(Operation *op, StringRef dim,
                                const DimRange &range, Refuse refuse) {
  std::optional<HeadCut> cut = getHeadCut(op, dim);
  if (!cut)
    return success();
  std::optional<int64_t> size = getConstantIntValue(range.size);
  std::string legal;
  llvm::raw_string_ostream os(legal);
  SmallVector<int64_t> sizes;
  for (int64_t i = 1; i <= cut->extent; ++i)
    if (cut->extent % i == 0 && cut->isLegal(i))
      sizes.push_back(i);
  llvm::interleave(
      sizes, [&](int64_t i) { os << i; },
      [&, i = size_t(1)]() mutable {
        os << (++i == sizes.size() ? " or " : ", ");
      });
  if (cut->group > 1 && cut->parts)
    os << " (whole groups of " << cut->group
       << " heads, or a part that divides one)";
  else if (cut->group > 1)
    os << " (whole groups of " << cut->group
       << " heads, whose scores choose their blocks)";
  if (!size || !cut->isLegal(*size)) {
    FailureOr<int64_t> bound =
        size ? FailureOr<int64_t>(*size)
             : ValueBoundsConstraintSet::computeConstantBound(
                   presburger::BoundType::UB, range.size, nullptr, true);
    InFlightDiagnostic diag = refuse();
    diag << "over " << dim << " (" << cut->extent << ") by ";
    if (succeeded(bound))
      diag << *bound;
    else
      diag << "a number that is not constant";
    diag << ": a tile has " << legal;
    return failure();
  }
  int64_t unit = cut->getUnit(*size);
  if (isMultipleOf(range.offset, unit))
    return success();
  refuse() << "over " << dim << " (" << cut->extent << ") by " << *size
           << " from an offset that is not known to be a multiple of " << unit;
  return failure();
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

FailureOr<OpTile> mlir::nsa::detail::getOpTile(Operation *op, OpBuilder &b,
                                               ArrayRef<OpFoldResult> offsets,
                                               ArrayRef<OpFoldResult> sizes,
                                               Refuse refuse, bool partial) {
  Location loc = op->getLoc();
  if (isa<FusionOp>(op->getParentOp())) {
    refuse() << "in an nsa.fusion, which holds whole ops: tile before nsa-fuse";
    return failure();
  }
  OpTile tile;
  tile.keyTokens = b.getIndexAttr(0);
  AffineExpr d0 = b.getAffineDimExpr(0), s0 = b.getAffineSymbolExpr(0);
  auto apply = [&](AffineExpr expr, OpFoldResult value) {
    return affine::makeComposedFoldedAffineApply(b, loc, expr, value);
  };
  for (auto [loop, offset, size] : llvm::zip(getLoops(op), offsets, sizes)) {
    DimRange range{offset, size};
    if (isWhole(op, loop.dim, range))
      continue;
    if (loop.type == utils::IteratorType::reduction) {
      if (!partial) {
        refuse() << "over " << loop.dim
                 << ", which it sums over: the parts need to be merged, as "
                    "transform.structured.tile_reduction_using_forall does";
        return failure();
      }
      // A part after the last key is empty, and begins there.
      range.offset = affine::makeComposedFoldedAffineMin(
          b, loc, AffineMap::get(1, 1, {d0, s0}, b.getContext()),
          {offset, getExtent(op, b, loop.dim)});
    }
    if (failed(checkHeads(op, loop.dim, range, refuse)))
      return failure();
    tile.dims[loop.dim] = range;
  }

  // What follows from heads.
  SmallVector<NamedShape> shapes = getShapes(op);
  int64_t heads = getStaticExtent(shapes, "H");
  int64_t groups = getStaticExtent(shapes, "G");
  bool grouped =
      !ShapedType::isDynamic(heads) && !ShapedType::isDynamic(groups);
  int64_t perGroup = grouped ? heads / groups : 1;
  if (auto cut = tile.dims.find("H"); cut != tile.dims.end() && grouped) {
    int64_t size = *getConstantIntValue(cut->second.size);
    DimRange groupRange{apply(d0.floorDiv(perGroup), cut->second.offset),
                        b.getIndexAttr(llvm::divideCeil(size, perGroup))};
    tile.dims["G"] = groupRange;
  } else if (auto cut = tile.dims.find("G");
             cut != tile.dims.end() && grouped) {
    int64_t size = *getConstantIntValue(cut->second.size);
    DimRange headRange{apply(d0 * perGroup, cut->second.offset),
                       b.getIndexAttr(size * perGroup)};
    tile.dims["H"] = headRange;
  }
  if (isa<SelectedAttentionOp>(op) && tile.dims.contains("H")) {
    int64_t lists = getStaticExtent(shapes, "Gi");
    if (lists != 1)
      tile.dims["Gi"] = DimRange(tile.dims[lists == groups ? "G" : "H"]);
  }

  // What follows from compressed keys.
  auto keys = tile.dims.find("Tc");
  if (keys == tile.dims.end()) {
    if (auto tokens = tile.dims.find("Tk"); tokens != tile.dims.end())
      tile.keyTokens = tokens->second.offset;
    return tile;
  }
  if (auto attention = dyn_cast<CompressedAttentionOp>(op))
    tile.keyTokens =
        apply(d0 * attention.getCompressionStride(), keys->second.offset);
  if (auto compress = dyn_cast<CompressOp>(op)) {
    int64_t block = compress.getCompressionBlock();
    int64_t stride = compress.getCompressionStride();
    OpFoldResult tokens =
        apply(d0 * stride + (block - stride), keys->second.size);
    // No block has no token, even of blocks that are longer than the stride.
    if (auto size = dyn_cast<Value>(keys->second.size)) {
      Value zero = arith::ConstantIndexOp::create(b, loc, 0);
      Value none =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size, zero);
      tokens = arith::SelectOp::create(b, loc, none, zero, cast<Value>(tokens))
                   .getResult();
    } else if (isConstantIntValue(keys->second.size, 0)) {
      tokens = b.getIndexAttr(0);
    }
    DimRange range{apply(d0 * stride, keys->second.offset), tokens};
    tile.dims["T"] = range;
  }
  return tile;
}

LogicalResult mlir::nsa::detail::checkNotEmpty(Operation *op,
                                               const OpTile &tile,
                                               Refuse refuse) {
  for (OpResult result : op->getResults())
    for (auto [i, dim] :
         llvm::enumerate(getResultDims(op, result.getResultNumber())))
      if (extentOf(result, int64_t(i)) == 0 && !tile.dims.contains(dim.name)) {
        refuse() << "while " << dim.name
                 << " is 0: there is nothing to compute";
        return failure();
      }
  return success();
}

LogicalResult
mlir::nsa::detail::getResultRanges(Operation *op, OpBuilder &b, unsigned result,
                                   const OpTile &tile,
                                   SmallVectorImpl<OpFoldResult> &offsets,
                                   SmallVectorImpl<OpFoldResult> &sizes) {
  auto type = cast<RankedTensorType>(op->getResult(result).getType());
  offsets.clear();
  sizes.clear();
  ReifiedRankedShapedTypeDims reified;
  for (auto [i, dim] : llvm::enumerate(getResultDims(op, result))) {
    auto range = tile.dims.find(dim.name);
    if (range != tile.dims.end()) {
      offsets.push_back(range->second.offset);
      sizes.push_back(range->second.size);
      continue;
    }
    offsets.push_back(b.getIndexAttr(0));
    if (!type.isDynamicDim(i)) {
      sizes.push_back(b.getIndexAttr(type.getDimSize(i)));
      continue;
    }
    if (reified.empty() &&
        failed(cast<ReifyRankedShapedTypeOpInterface>(op).reifyResultShapes(
            b, reified)))
      return failure();
    sizes.push_back(reified[result][i]);
  }
  return success();
}

Value mlir::nsa::detail::buildSlice(OpBuilder &b, Location loc, Value source,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes,
                                    RankedTensorType type,
                                    SmallVectorImpl<Operation *> &slices) {
  // A slice of a dimension known to be empty would have no valid offset.
  if (llvm::is_contained(cast<RankedTensorType>(source.getType()).getShape(),
                         0)) {
    SmallVector<OpFoldResult> kept(sizes.take_back(type.getRank()));
    return tensor::EmptyOp::create(b, loc, kept, type.getElementType());
  }
  SmallVector<OpFoldResult> ones(offsets.size(), b.getIndexAttr(1));
  auto slice = tensor::ExtractSliceOp::create(b, loc, type, source, offsets,
                                              sizes, ones);
  slices.push_back(slice);
  return slice;
}

/// `type` with the extents that `sizes` show.
static RankedTensorType withSizes(RankedTensorType type,
                                  ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes)
    shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, type.getElementType());
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// Gives `tile`, a copy of `op` on slices, the positions of the slices.
template <typename OpT>
static void movePositions(OpBuilder &b, OpT op, OpT tile, const OpTile &part) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(tile);
  Location loc = op.getLoc();
  auto queries = part.dims.find("Tq");
  bool cutQueries = queries != part.dims.end();
  AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
  OpFoldResult shift = affine::makeComposedFoldedAffineApply(
      b, loc, d0 - d1,
      {cutQueries ? queries->second.offset : b.getIndexAttr(0),
       part.keyTokens});
  if (Value offset = tile.getQOffset()) {
    tile.getQOffsetMutable().assign(buildMovedPosition(b, loc, offset, shift));
  } else if constexpr (!llvm::is_one_of<OpT, CompressedAttentionOp,
                                        BlockScoresOp, SelectTopNOp>::value) {
    // Tk - Tq of the whole op.
    if (cutQueries || part.dims.contains("Tk")) {
      auto extent = [&](StringRef dim) {
        return getValueOrCreateConstantIndexOp(b, loc, getExtent(op, b, dim));
      };
      Value whole =
          b.createOrFold<arith::SubIOp>(loc, extent("Tk"), extent("Tq"));
      tile.getQOffsetMutable().assign(buildMovedPosition(b, loc, whole, shift));
    }
  }
  if (Value length = tile.getKvLen()) {
    OpFoldResult before =
        affine::makeComposedFoldedAffineApply(b, loc, -d0, part.keyTokens);
    tile.getKvLenMutable().assign(
        buildMovedPosition(b, loc, length, before, 0));
  }
}

FailureOr<TilingResult> mlir::nsa::detail::buildOpTile(Operation *op,
                                                       OpBuilder &b,
                                                       const OpTile &tile) {
  Location loc = op->getLoc();
  SmallVector<Operation *> slices;
  SmallVector<Value> operands;
  for (auto [operand, dims] :
       llvm::zip(op->getOperands(), getOperandDims(op))) {
    bool isCut = llvm::any_of(dims, [&](const NamedDim &dim) {
      return tile.dims.contains(dim.name);
    });
    if (!isCut) {
      operands.push_back(operand);
      continue;
    }
    SmallVector<OpFoldResult> offsets, sizes;
    for (auto [i, dim] : llvm::enumerate(dims)) {
      auto range = tile.dims.find(dim.name);
      bool whole = range == tile.dims.end();
      offsets.push_back(whole ? b.getIndexAttr(0) : range->second.offset);
      sizes.push_back(whole ? tensor::getMixedSize(b, loc, operand, int64_t(i))
                            : range->second.size);
    }
    auto type = cast<RankedTensorType>(operand.getType());
    operands.push_back(buildSlice(b, loc, operand, offsets, sizes,
                                  withSizes(type, sizes), slices));
  }
  SmallVector<Type> types;
  for (OpResult result : op->getResults()) {
    SmallVector<OpFoldResult> offsets, sizes;
    if (failed(getResultRanges(op, b, result.getResultNumber(), tile, offsets,
                               sizes)))
      return failure();
    types.push_back(withSizes(cast<RankedTensorType>(result.getType()), sizes));
  }
  Operation *tiled = clone(b, op, types, operands);
  TypeSwitch<Operation *>(op)
      .Case<CompressedAttentionOp, BlockScoresOp, SelectTopNOp,
            SelectedAttentionOp, WindowAttentionOp, AttentionOp>(
          [&](auto whole) {
            movePositions(b, whole, cast<decltype(whole)>(tiled), tile);
          });
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}
