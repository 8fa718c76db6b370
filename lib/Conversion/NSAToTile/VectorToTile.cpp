//===- VectorToTile.cpp - Kernels that stream rows --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// compress (mean, weighted), gate and merge: bound by memory, so all that
// counts is that each thread reads and writes 16 bytes at a time. Neighbouring
// threads have neighbouring pieces of a row.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/IR/Schedule.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

static constexpr int64_t kAccessBytes = 16;
static constexpr int64_t kBlockSize = 128;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

namespace {
/// Pieces of rows, as vectors of f32.
class Pieces {
public:
  explicit Pieces(Type elementType)
      : elementType(elementType),
        width(8 * kAccessBytes / elementType.getIntOrFloatBitWidth()) {}

  VectorType getType() const {
    return VectorType::get(width, Float32Type::get(elementType.getContext()));
  }
  Value splat(KernelBuilder &kb, Value scalar) const {
    return vector::BroadcastOp::create(kb.b, kb.loc, getType(), scalar);
  }
  /// The piece that begins with element `at`.
  Value load(KernelBuilder &kb, Value buffer, ArrayRef<Value> at) const {
    Value piece = vector::LoadOp::create(
        kb.b, kb.loc, VectorType::get(width, elementType), buffer, at,
        /*nontemporal=*/false, llvm::MaybeAlign(kAccessBytes));
    if (elementType.isF32())
      return piece;
    return arith::ExtFOp::create(kb.b, kb.loc, getType(), piece);
  }
  /// The same of a parameter, which has any type and alignment.
  Value loadElements(KernelBuilder &kb, Value buffer,
                     ArrayRef<Value> at) const {
    SmallVector<Value> indices(at), elements;
    for (int64_t i = 0; i < width; ++i) {
      indices.back() = kb.add(at.back(), i);
      elements.push_back(kb.loadF32(buffer, indices));
    }
    return vector::FromElementsOp::create(kb.b, kb.loc, getType(), elements);
  }
  void store(KernelBuilder &kb, Value piece, Value buffer,
             ArrayRef<Value> at) const {
    if (!elementType.isF32())
      piece = arith::TruncFOp::create(
          kb.b, kb.loc, VectorType::get(width, elementType), piece);
    vector::StoreOp::create(kb.b, kb.loc, piece, buffer, at,
                            /*nontemporal=*/false,
                            llvm::MaybeAlign(kAccessBytes));
  }

  using Body = function_ref<void(KernelBuilder &, ArrayRef<Value> at)>;
  /// A thread for each piece of `extents`, whose last is that of a row; `at` is
  /// the piece's first element.
  void launch(KernelBuilder &host, ArrayRef<Value> extents, Body body) const {
    SmallVector<Value> pieces(extents);
    pieces.back() = host.div(pieces.back(), width);
    host.launchThreads(pieces, kBlockSize,
                       [&](KernelBuilder &kb, ValueRange point) {
                         SmallVector<Value> at(point);
                         at.back() = kb.mul(at.back(), width);
                         body(kb, at);
                       });
  }

  const Type elementType;
  const int64_t width;
};
} // namespace

static SmallVector<Value> getExtents(KernelBuilder &host, Value buffer) {
  SmallVector<Value> extents;
  for (int64_t i = 0; i < 4; ++i)
    extents.push_back(host.dim(buffer, i));
  return extents;
}

//===----------------------------------------------------------------------===//
// gate
//===----------------------------------------------------------------------===//

static SmallVector<Value> getRows(GateOp op) { return op.getBranches(); }

static SmallVector<Value> emit(TileKernelBuilder &host, GateOp op,
                               ValueRange branches) {
  auto type = cast<RankedTensorType>(op.getO().getType());
  Pieces pieces(type.getElementType());
  SmallVector<Value> extents = getExtents(host, branches.front());
  Value o = host.alloc(getAsOpFoldResult(extents), type.getElementType());
  Value gates = host.buffer(op.getGates());
  pieces.launch(host, extents, [&](KernelBuilder &kb, ArrayRef<Value> at) {
    Value sum = pieces.splat(kb, kb.f32(0));
    for (auto [i, branch] : llvm::enumerate(branches)) {
      Value gate = kb.loadF32(gates, {at[0], at[1], at[2], kb.index(i)});
      if (op.getActivation() == GateActivation::Sigmoid)
        gate = kb.sigmoid(gate);
      sum = kb.mulAdd(pieces.splat(kb, gate), pieces.load(kb, branch, at), sum);
    }
    pieces.store(kb, sum, o, at);
  });
  return {host.toTensor(o, type)};
}

//===----------------------------------------------------------------------===//
// merge
//===----------------------------------------------------------------------===//

static SmallVector<Value> getRows(MergeOp op) { return op.getOs(); }

static SmallVector<Value> emit(TileKernelBuilder &host, MergeOp op,
                               ValueRange parts) {
  auto type = cast<RankedTensorType>(op.getO().getType());
  Pieces pieces(type.getElementType());
  SmallVector<Value> extents = getExtents(host, parts.front());
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(extents);
  Value o = host.alloc(sizes, type.getElementType());
  sizes.pop_back();
  Value lse = host.alloc(sizes, host.b.getF32Type());
  SmallVector<Value> lses;
  for (Value tensor : op.getLses())
    lses.push_back(host.buffer(tensor));
  Value sink = op.getSink() ? host.buffer(op.getSink()) : Value();
  pieces.launch(host, extents, [&](KernelBuilder &kb, ArrayRef<Value> at) {
    SmallVector<Value> terms;
    for (Value buffer : lses)
      terms.push_back(kb.load(buffer, at.drop_back()));
    if (sink)
      terms.push_back(kb.load(sink, at[2]));
    Value largest = terms[0];
    for (Value term : ArrayRef<Value>(terms).drop_front())
      largest = kb.maxF(largest, term);
    // 0 where every term is -inf: nothing is then subtracted from -inf.
    largest =
        kb.select(kb.isEqual(largest, kb.f32(-kInfinity)), kb.f32(0), largest);
    // Weights relative to the maximum, not to the joint lse, stay exact where
    // lse is large.
    Value zero = kb.f32(0), sum = zero;
    Value none = pieces.splat(kb, zero), joint = none;
    for (auto [i, term] : llvm::enumerate(terms)) {
      Value weight = kb.exp(kb.subF(term, largest));
      sum = kb.addF(sum, weight);
      if (i == parts.size())
        continue; // The sink has no output.
      // A part without weight contributes nothing, whatever its output holds.
      Value part = kb.select(kb.isEqual(weight, zero), none,
                             pieces.load(kb, parts[i], at));
      joint = kb.mulAdd(pieces.splat(kb, weight), part, joint);
    }
    Value isEmpty = kb.isEqual(sum, zero);
    Value inverse = kb.select(isEmpty, zero, kb.divF(kb.f32(1), sum));
    pieces.store(kb, kb.mulF(joint, pieces.splat(kb, inverse)), o, at);
    Value first = kb.compare(arith::CmpIPredicate::eq, at[3], kb.index(0));
    kb.onlyIf(first, [&](KernelBuilder &kb) {
      Value sumOfExp = kb.addF(largest, kb.log(sum));
      kb.store(kb.select(isEmpty, kb.f32(-kInfinity), sumOfExp), lse,
               at.drop_back());
    });
  });
  return {host.toTensor(o, type), host.toTensor(lse, op.getLse().getType())};
}

//===----------------------------------------------------------------------===//
// compress
//===----------------------------------------------------------------------===//

static SmallVector<Value> getRows(CompressOp op) { return {op.getX()}; }

static SmallVector<Value> emit(TileKernelBuilder &host, CompressOp op,
                               ValueRange buffers) {
  auto type = cast<RankedTensorType>(op.getC().getType());
  Pieces pieces(type.getElementType());
  Value tokens = buffers.front();
  SmallVector<Value> extents = getExtents(host, tokens);
  // Blocks that fit; the division rounds towards zero, so 0 comes first.
  int64_t block = op.getCompressionBlock(), stride = op.getCompressionStride();
  Value beyond = host.add(extents[1], stride - block);
  extents[1] = host.div(host.max(beyond, host.index(0)), stride);
  SmallVector<OpFoldResult> sizes;
  for (auto [i, extent] : llvm::enumerate(extents))
    sizes.push_back(type.isDynamicDim(i) ? OpFoldResult(extent)
                                         : OpFoldResult(host.b.getIndexAttr(
                                               type.getDimSize(i))));
  Value c = host.alloc(sizes, type.getElementType());
  Value pe = op.getPe() ? host.buffer(op.getPe()) : Value();
  bool isWeighted = op.getPhi() == Phi::Weighted;
  Value weights = isWeighted ? host.buffer(op.getParams()[0]) : Value();
  pieces.launch(host, extents, [&](KernelBuilder &kb, ArrayRef<Value> at) {
    Value first = kb.mul(at[1], stride);
    Value sum =
        kb.reduce(kb.index(0), kb.index(block), pieces.splat(kb, kb.f32(0)),
                  [&](KernelBuilder &kb, Value j, Value sum) -> Value {
                    Value x = pieces.load(
                        kb, tokens, {at[0], kb.add(first, j), at[2], at[3]});
                    if (pe)
                      x = kb.addF(x, pieces.loadElements(kb, pe, {j, at[3]}));
                    if (!isWeighted)
                      return kb.addF(sum, x);
                    Value weight = kb.loadF32(weights, {at[2], j});
                    return kb.mulAdd(x, pieces.splat(kb, weight), sum);
                  });
    if (!isWeighted)
      sum = kb.divF(sum, pieces.splat(kb, kb.f32(static_cast<double>(block))));
    pieces.store(kb, sum, c, at);
  });
  return {host.toTensor(c, type)};
}

namespace {
template <typename OpT> struct LowerVector : public OpRewritePattern<OpT> {
  using OpRewritePattern<OpT>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpT op,
                                PatternRewriter &rewriter) const override {
    ScheduleAttr schedule = getSchedule(op);
    if (!schedule || schedule.getFamily() != ScheduleFamily::Vector)
      return rewriter.notifyMatchFailure(op, "not scheduled as vectors");
    emitVersions(rewriter, op, getRows(op),
                 [&](TileKernelBuilder &host, ValueRange buffers) {
                   return emit(host, op, buffers);
                 });
    return success();
  }
};
} // namespace

void mlir::nsa::populateVectorToTilePatterns(RewritePatternSet &patterns) {
  patterns
      .add<LowerVector<CompressOp>, LowerVector<GateOp>, LowerVector<MergeOp>>(
          patterns.getContext());
}
