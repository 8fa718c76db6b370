//===- AttentionToGPU.cpp - Key traversals to plain kernels -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for every op that implements KeyTraversalOpInterface: a warp
// computes a row (query, head), its lanes share the head's dimensions. A lane
// holds dimensions lane, lane + 32, ... of the query and of the output in
// registers. Keys come four at a time: the lanes' products for four keys are
// summed together, in 6 exchanges instead of 20, after which eight lanes each
// hold the score of one key. The online softmax (arXiv 2205.14135) is in base
// 2, which the hardware computes.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/IR/Remarks.h"
#include <limits>

using namespace mlir;
using namespace mlir::nsa;

/// Most keys of a tile where the op does not say. A tile costs nothing here.
static constexpr int64_t kKeyTile = 1 << 16;

/// Keys of a step, and lanes that hold the score of one.
static constexpr int64_t kStep = 4;
static constexpr int64_t kLanesPerKey = kWarpSize / kStep;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kLn2 = 0.6931471805599453;

namespace {

/// The dimensions of one lane.
struct LaneDims {
  LaneDims(KernelBuilder &kb, Value lane, int64_t size) {
    for (int64_t first = 0; first < size; first += kWarpSize) {
      Value dim = kb.add(lane, first);
      if (first + kWarpSize <= size) {
        dims.push_back(dim);
        exists.push_back(Value());
        continue;
      }
      // Lanes beyond the head read its last dimension and do not use it.
      exists.push_back(
          kb.compare(arith::CmpIPredicate::slt, dim, kb.index(size)));
      dims.push_back(kb.min(dim, kb.index(size - 1)));
    }
  }

  /// This lane's elements of row `position` as f32; 0 beyond the head.
  SmallVector<Value> load(KernelBuilder &kb, Value buffer,
                          ArrayRef<Value> position) const {
    SmallVector<Value> values, indices(position);
    indices.push_back(Value());
    for (auto [dim, known] : llvm::zip_equal(dims, exists)) {
      indices.back() = dim;
      Value value = kb.loadF32(buffer, indices);
      values.push_back(known ? kb.select(known, value, kb.f32(0)) : value);
    }
    return values;
  }

  void store(KernelBuilder &kb, ValueRange values, Value buffer,
             ArrayRef<Value> position) const {
    SmallVector<Value> indices(position);
    indices.push_back(Value());
    for (auto [dim, known, value] : llvm::zip_equal(dims, exists, values)) {
      indices.back() = dim;
      Value element = value;
      if (known)
        kb.onlyIf(known, [&](KernelBuilder &inner) {
          inner.storeF32(element, buffer, indices);
        });
      else
        kb.storeF32(element, buffer, indices);
    }
  }

  SmallVector<Value> dims;
  /// Null where all lanes have the dimension.
  SmallVector<Value> exists;
};

struct LowerKeyTraversal
    : public OpInterfaceRewritePattern<KeyTraversalOpInterface> {
  LowerKeyTraversal(MLIRContext *context, int64_t blockSize)
      : OpInterfaceRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(KeyTraversalOpInterface op,
                                PatternRewriter &rewriter) const override;

  int64_t blockSize;
};

/// What the loop over keys carries: the row's maximum in base 2; the sum of the
/// keys whose scores this lane has held; the lane's dimensions of the output.
using Softmax = SmallVector<Value>;

} // namespace

/// The values of the lanes `lane ^ offset`.
static Value exchange(KernelBuilder &kb, Value value, int64_t offset) {
  return gpu::ShuffleOp::create(kb.b, kb.loc, value, kb.i32(offset),
                                kb.i32(kWarpSize), gpu::ShuffleMode::XOR)
      .getShuffleResult();
}

/// The value of one lane.
static Value broadcast(KernelBuilder &kb, Value value, int64_t lane) {
  return gpu::ShuffleOp::create(kb.b, kb.loc, value, kb.i32(lane),
                                kb.i32(kWarpSize), gpu::ShuffleMode::IDX)
      .getShuffleResult();
}

/// Sums each of the four `values` over the lanes; lane l gets the sum of value
/// `l / kLanesPerKey`. Each of the first two steps halves the values: a lane
/// keeps those of its half and gives away the others.
static Value sumFour(KernelBuilder &kb, Value lane, ArrayRef<Value> values) {
  SmallVector<Value> left(values);
  for (int64_t offset = kWarpSize / 2; offset > 0; offset /= 2) {
    size_t half = left.size() / 2;
    if (half == 0) {
      left[0] = kb.addF(left[0], exchange(kb, left[0], offset));
      continue;
    }
    Value bit = arith::AndIOp::create(kb.b, kb.loc, lane, kb.index(offset));
    Value isUpper = kb.compare(arith::CmpIPredicate::ne, bit, kb.index(0));
    for (size_t i = 0; i < half; ++i) {
      Value kept = kb.select(isUpper, left[half + i], left[i]);
      Value given = kb.select(isUpper, left[i], left[half + i]);
      left[i] = kb.addF(kept, exchange(kb, given, offset));
    }
    left.truncate(half);
  }
  return left[0];
}

/// One step of the online softmax, over four keys: `score` (in base 2) of the
/// lane's key, `values` of all of them.
static Softmax addKeys(KernelBuilder &kb, ValueRange carried, Value score,
                       ArrayRef<SmallVector<Value>> values) {
  Value max = score;
  for (int64_t offset = kLanesPerKey; offset < kWarpSize; offset *= 2)
    max = kb.maxF(max, exchange(kb, max, offset));
  max = kb.maxF(carried[0], max);
  // Only scores of -inf leave the maximum at -inf, and -inf - -inf is NaN.
  Value reference =
      kb.select(kb.isEqual(max, kb.f32(-kInfinity)), kb.f32(0), max);
  Value correction = kb.exp2(kb.subF(carried[0], reference));
  Value p = kb.exp2(kb.subF(score, reference));
  Softmax next{max, kb.mulAdd(carried[1], correction, p)};
  for (Value out : carried.drop_front(2))
    next.push_back(kb.mulF(out, correction));
  for (int64_t i = 0; i < kStep; ++i) {
    Value weight = broadcast(kb, p, i * kLanesPerKey);
    for (auto [out, value] :
         llvm::zip_equal(MutableArrayRef<Value>(next).drop_front(2), values[i]))
      out = kb.mulAdd(weight, value, out);
  }
  return next;
}

LogicalResult
LowerKeyTraversal::matchAndRewrite(KeyTraversalOpInterface op,
                                   PatternRewriter &rewriter) const {
  // Lists whose entries may repeat are normalised first (ListsToGPU.cpp).
  if (auto selected = dyn_cast<SelectedAttentionOp>(op.getOperation());
      selected && !selected.getUnique())
    return rewriter.notifyMatchFailure(op, "lists are not normalised");
  Location loc = op.getLoc();
  KernelBuilder host(rewriter, op);
  auto q = op.getQueries(), k = op.getKeys(), v = op.getValues();
  int64_t heads = q.getType().getDimSize(2);
  int64_t group = heads / k.getType().getDimSize(2);
  int64_t dk = q.getType().getDimSize(3), dv = v.getType().getDimSize(3);
  TraversalBlocking blocking = op.getTraversalBlocking();
  int64_t keyTile = blocking.maxKeys ? blocking.maxKeys : kKeyTile;
  double scale = op.getScoreScale() * kLog2E;

  SmallVector<Value> extents{host.dim(q, 0), host.dim(q, 1), host.index(heads)};
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(extents);
  Value lse = host.alloc(sizes, rewriter.getF32Type());
  sizes.push_back(rewriter.getIndexAttr(dv));
  Value o = host.alloc(sizes, q.getType().getElementType());
  Value qs = host.buffer(q), ks = host.buffer(k), vs = host.buffer(v);

  host.launchWarps(
      extents, blockSize, [&](KernelBuilder &kb, ValueRange point, Value lane) {
        Value batch = point[0], query = point[1], head = point[2];
        Value kvHead = kb.div(head, group);
        QueryTile tile{batch, query,         kb.index(1),
                       head,  /*queries=*/1, /*heads=*/1};
        SmallVector<Value> state = op.buildTraversalState(kb.b, loc, tile);
        Value numTiles = op.buildKeyTileCount(kb.b, loc, tile, state, keyTile);
        KeyRange visible = op.buildVisibleKeys(kb.b, loc, tile, state, query);
        LaneDims keyDims(kb, lane, dk), valueDims(kb, lane, dv);
        SmallVector<Value> queryDims =
            keyDims.load(kb, qs, {batch, query, head});

        Softmax init(valueDims.dims.size() + 2, kb.f32(0));
        init[0] = kb.f32(-kInfinity);
        Value ownKey = kb.div(lane, kLanesPerKey);
        auto visitKeys = [&](KernelBuilder &kb, Value first, Value end,
                             ValueRange carried) {
          // Beyond the end the last key stands in, with a score of -inf.
          Value last = kb.add(end, -1);
          SmallVector<Value> products;
          SmallVector<SmallVector<Value>> values;
          for (int64_t i = 0; i < kStep; ++i) {
            Value key = kb.min(kb.add(first, i), last);
            SmallVector<Value> keyRow =
                keyDims.load(kb, ks, {batch, key, kvHead});
            values.push_back(valueDims.load(kb, vs, {batch, key, kvHead}));
            Value product = kb.f32(0);
            for (auto [left, right] : llvm::zip_equal(queryDims, keyRow))
              product = kb.mulAdd(left, right, product);
            products.push_back(product);
          }
          Value score = kb.mulF(sumFour(kb, lane, products), kb.f32(scale));
          Value exists =
              kb.compare(arith::CmpIPredicate::slt, kb.add(first, ownKey), end);
          return addKeys(kb, carried,
                         kb.select(exists, score, kb.f32(-kInfinity)), values);
        };
        Softmax row = kb.loop(
            kb.index(0), numTiles, init,
            [&](KernelBuilder &kb, Value i, ValueRange carried) {
              KeyRange range =
                  op.buildKeyTile(kb.b, loc, tile, state, keyTile, i);
              Value begin = kb.max(range.begin, visible.begin);
              Value end = kb.min(range.end, visible.end);
              return kb.loop(
                  begin, end, carried,
                  [&](KernelBuilder &kb, Value key, ValueRange carried) {
                    return visitKeys(kb, key, end, carried);
                  },
                  kStep);
            });
        for (int64_t offset = kLanesPerKey; offset < kWarpSize; offset *= 2)
          row[1] = kb.addF(row[1], exchange(kb, row[1], offset));

        // A row that saw no key has sum 0.
        Value max = row[0], sum = row[1];
        Value none = kb.isEqual(sum, kb.f32(0));
        Value inverse = kb.select(none, kb.f32(0), kb.divF(kb.f32(1), sum));
        SmallVector<Value> out;
        for (Value value : ArrayRef<Value>(row).drop_front(2))
          out.push_back(kb.mulF(value, inverse));
        valueDims.store(kb, out, o, {batch, query, head});
        Value first = kb.compare(arith::CmpIPredicate::eq, lane, kb.index(0));
        kb.onlyIf(first, [&](KernelBuilder &kb) {
          Value sumOfExp = kb.mulF(kb.addF(max, kb.log2(sum)), kb.f32(kLn2));
          kb.storeF32(kb.select(none, kb.f32(-kInfinity), sumOfExp), lse,
                      {batch, query, head});
        });
      });

  remark::analysis(
      loc, remark::RemarkOpts::name("plain").category("convert-nsa-to-gpu"))
      << remark::add("{0} becomes a plain kernel with a warp per row",
                     op->getName().getStringRef())
      << remark::metric("threads", blockSize);
  rewriter.replaceOp(op, {host.toTensor(o, op->getResult(0).getType()),
                          host.toTensor(lse, op->getResult(1).getType())});
  return success();
}

void mlir::nsa::populateAttentionToGPUPatterns(RewritePatternSet &patterns,
                                               int64_t blockSize) {
  patterns.add<LowerKeyTraversal>(patterns.getContext(), blockSize);
}
