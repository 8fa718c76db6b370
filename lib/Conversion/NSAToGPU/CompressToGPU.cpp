//===- CompressToGPU.cpp - nsa.compress to plain kernels --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread computes one element of the compressed tokens, in f32. The hidden
// layer of an mlp is a kernel, and a buffer of f32, of its own.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
class CompressKernels {
public:
  CompressKernels(CompressOp op, int64_t blockSize, PatternRewriter &rewriter,
                  ArrayRef<OpFoldResult> shape)
      : op(op), blockSize(blockSize), host(rewriter, op), shape(shape),
        block(op.getCompressionBlock()), stride(op.getCompressionStride()) {
    headSize = cast<RankedTensorType>(op.getC().getType()).getDimSize(3);
    tokens = host.buffer(op.getX());
    if (op.getPe())
      pe = host.buffer(op.getPe());
    for (Value param : op.getParams())
      params.push_back(host.buffer(param));
  }

  Value build();

private:
  /// The element of token `j` of the block at `point`, position encoding added.
  Value loadToken(KernelBuilder &kb, ValueRange point, Value j, Value d) {
    Value token = kb.add(kb.mul(point[1], stride), j);
    Value x = kb.loadF32(tokens, {point[0], token, point[2], d});
    return pe ? kb.addF(x, kb.loadF32(pe, {j, d})) : x;
  }
  Value reduceTokens(KernelBuilder &kb, ValueRange point);
  /// `bias + sum over j, d of the block's elements * weight(j * D + d)`.
  Value multiplyTokens(KernelBuilder &kb, ValueRange point, Value bias,
                       function_ref<Value(KernelBuilder &, Value row)> weight);
  /// Launches a thread per (batch, block, head, column) that stores what `body`
  /// returns.
  Value launch(int64_t columns, Type elementType,
               function_ref<Value(KernelBuilder &, ValueRange)> body);

  CompressOp op;
  int64_t blockSize;
  KernelBuilder host;
  ArrayRef<OpFoldResult> shape;
  int64_t block, stride, headSize;
  Value tokens, pe;
  SmallVector<Value> params;
};

struct LowerCompress : public OpRewritePattern<CompressOp> {
  LowerCompress(MLIRContext *context, int64_t blockSize)
      : OpRewritePattern(context), blockSize(blockSize) {}

  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return rewriter.notifyMatchFailure(op, "result shape is not known");
    CompressKernels kernels(op, blockSize, rewriter, shapes[0]);
    rewriter.replaceOp(op, kernels.build());
    return success();
  }

  int64_t blockSize;
};
} // namespace

Value CompressKernels::launch(
    int64_t columns, Type elementType,
    function_ref<Value(KernelBuilder &, ValueRange)> body) {
  SmallVector<OpFoldResult> sizes(shape);
  sizes[3] = host.b.getIndexAttr(columns);
  SmallVector<Value> extents;
  for (OpFoldResult size : sizes)
    extents.push_back(getValueOrCreateConstantIndexOp(host.b, host.loc, size));
  Value result = host.alloc(sizes, elementType);
  host.launchThreads(extents, blockSize,
                     [&](KernelBuilder &kb, ValueRange point) {
                       kb.storeF32(body(kb, point), result, point);
                     });
  return result;
}

/// mean and weighted.
Value CompressKernels::reduceTokens(KernelBuilder &kb, ValueRange point) {
  bool weighted = op.getPhi() == Phi::Weighted;
  Value sum = kb.reduce(kb.index(0), kb.index(block), kb.f32(0),
                        [&](KernelBuilder &kb, Value j, Value sum) -> Value {
                          Value x = loadToken(kb, point, j, point[3]);
                          if (!weighted)
                            return kb.addF(sum, x);
                          return kb.mulAdd(
                              x, kb.loadF32(params[0], {point[2], j}), sum);
                        });
  return weighted ? sum : kb.divF(sum, kb.f32(block));
}

Value CompressKernels::multiplyTokens(
    KernelBuilder &kb, ValueRange point, Value bias,
    function_ref<Value(KernelBuilder &, Value row)> weight) {
  return kb.reduce(kb.index(0), kb.index(block), bias,
                   [&](KernelBuilder &kb, Value j, Value sum) -> Value {
                     return kb.reduce(
                         kb.index(0), kb.index(headSize), sum,
                         [&](KernelBuilder &kb, Value d, Value sum) -> Value {
                           Value row = kb.add(kb.mul(j, headSize), d);
                           return kb.mulAdd(loadToken(kb, point, j, d),
                                            weight(kb, row), sum);
                         });
                   });
}

Value CompressKernels::build() {
  auto type = cast<RankedTensorType>(op.getC().getType());
  Type element = type.getElementType();
  Value result;
  switch (op.getPhi()) {
  case Phi::Mean:
  case Phi::Weighted:
    result = launch(headSize, element, [&](KernelBuilder &kb, ValueRange at) {
      return reduceTokens(kb, at);
    });
    break;
  case Phi::Linear:
    result = launch(headSize, element, [&](KernelBuilder &kb, ValueRange at) {
      return multiplyTokens(kb, at, kb.f32(0),
                            [&](KernelBuilder &kb, Value row) {
                              return kb.loadF32(params[0], {at[2], row, at[3]});
                            });
    });
    break;
  case Phi::MLP: {
    int64_t hiddenSize = cast<ShapedType>(params[1].getType()).getDimSize(0);
    Value hidden = launch(
        hiddenSize, host.b.getF32Type(), [&](KernelBuilder &kb, ValueRange at) {
          Value sum =
              multiplyTokens(kb, at, kb.loadF32(params[1], at[3]),
                             [&](KernelBuilder &kb, Value row) {
                               return kb.loadF32(params[0], {row, at[3]});
                             });
          return kb.activate(op.getActivation(), sum);
        });
    result = launch(headSize, element, [&](KernelBuilder &kb, ValueRange at) {
      return kb.reduce(
          kb.index(0), kb.index(hiddenSize), kb.loadF32(params[3], at[3]),
          [&](KernelBuilder &kb, Value m, Value sum) -> Value {
            Value h = kb.loadF32(hidden, {at[0], at[1], at[2], m});
            return kb.mulAdd(h, kb.loadF32(params[2], {m, at[3]}), sum);
          });
    });
    break;
  }
  }
  return host.toTensor(result, type);
}

void mlir::nsa::populateCompressToGPUPatterns(RewritePatternSet &patterns,
                                              int64_t blockSize) {
  patterns.add<LowerCompress>(patterns.getContext(), blockSize);
}
