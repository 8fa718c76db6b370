//===- KernelBuilder.cpp - Building blocks of plain kernels -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/Utils/KernelBuilder.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::nsa;

/// Iterations of a reduction that are in flight together.
static constexpr int32_t kUnroll = 4;

Value KernelBuilder::dim(Value shaped, int64_t i) {
  if (isa<MemRefType>(shaped.getType()))
    return b.createOrFold<memref::DimOp>(loc, shaped, i);
  return b.createOrFold<tensor::DimOp>(loc, shaped, i);
}

Value KernelBuilder::buffer(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto layout = StridedLayoutAttr::get(
      b.getContext(), ShapedType::kDynamic,
      SmallVector<int64_t>(type.getRank(), ShapedType::kDynamic));
  auto bufferType =
      MemRefType::get(type.getShape(), type.getElementType(), layout);
  return bufferization::ToBufferOp::create(b, loc, bufferType, tensor,
                                           /*read_only=*/true);
}

Value KernelBuilder::alloc(ArrayRef<OpFoldResult> sizes, Type elementType) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  return memref::AllocOp::create(b, loc, MemRefType::get(shape, elementType),
                                 dynamic);
}

Value KernelBuilder::toTensor(Value buffer, Type type) {
  auto bufferType = cast<MemRefType>(buffer.getType());
  Value tensor = bufferization::ToTensorOp::create(
      b, loc,
      RankedTensorType::get(bufferType.getShape(), bufferType.getElementType()),
      buffer, /*restrict=*/true, /*writable=*/true);
  return b.createOrFold<tensor::CastOp>(loc, type, tensor);
}

/// Every point has `perPoint` threads. The grid has one dimension, which alone
/// may exceed 65535 blocks. Where there is no point, one block does nothing: an
/// empty grid is an error of the driver.
void KernelBuilder::launch(ArrayRef<Value> extents, int64_t blockSize,
                           int64_t perPoint, WarpBody body) {
  Value points = index(1);
  for (Value extent : extents)
    points = mul(points, extent);
  int64_t pointsPerBlock = blockSize / perPoint;
  Value one = index(1);
  Value blocks = max(ceilDiv(points, pointsPerBlock), one);
  auto launch = gpu::LaunchOp::create(
      b, loc, blocks, one, one, index(perPoint == 1 ? blockSize : perPoint),
      index(perPoint == 1 ? 1 : pointsPerBlock), one);
  if (!kernelName.empty())
    launch->setAttr(kKernelAttrName, b.getStringAttr(kernelName));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&launch.getBody().front());
  gpu::KernelDim3 thread = launch.getThreadIds();
  Value first = mul(launch.getBlockIds().x, pointsPerBlock);
  Value point = add(first, perPoint == 1 ? thread.x : thread.y);
  Value exists = compare(arith::CmpIPredicate::slt, point, points);
  onlyIf(exists, [&](KernelBuilder &kb) {
    SmallVector<Value> position(extents.size());
    Value rest = point;
    for (size_t i = extents.size(); i-- > 0;) {
      if (i == 0) {
        position[0] = rest;
        break;
      }
      position[i] = kb.b.createOrFold<arith::RemUIOp>(kb.loc, rest, extents[i]);
      rest = kb.b.createOrFold<arith::DivUIOp>(kb.loc, rest, extents[i]);
    }
    body(kb, position, thread.x);
  });
  gpu::TerminatorOp::create(b, loc);
}

void KernelBuilder::launchThreads(ArrayRef<Value> extents, int64_t blockSize,
                                  ThreadBody body) {
  launch(extents, blockSize, /*perPoint=*/1,
         [&](KernelBuilder &kb, ValueRange point, Value) { body(kb, point); });
}

void KernelBuilder::launchWarps(ArrayRef<Value> extents, int64_t blockSize,
                                WarpBody body) {
  launch(extents, blockSize, kWarpSize, body);
}

Value KernelBuilder::load(Value buffer, ValueRange indices) {
  return memref::LoadOp::create(b, loc, buffer, indices);
}
void KernelBuilder::store(Value value, Value buffer, ValueRange indices) {
  memref::StoreOp::create(b, loc, value, buffer, indices);
}
void KernelBuilder::storeF32(Value value, Value buffer, ValueRange indices) {
  Type type = cast<MemRefType>(buffer.getType()).getElementType();
  store(fromF32(value, type), buffer, indices);
}

SmallVector<Value> KernelBuilder::loop(Value begin, Value end, ValueRange init,
                                       LoopBody body, int64_t step) {
  auto loop = scf::ForOp::create(
      b, loc, begin, end, index(step), init,
      [&](OpBuilder &nested, Location nestedLoc, Value i, ValueRange carried) {
        KernelBuilder kb(nested, nestedLoc);
        scf::YieldOp::create(nested, nestedLoc, body(kb, i, carried));
      });
  return SmallVector<Value>(loop.getResults());
}

Value KernelBuilder::reduce(
    Value begin, Value end, Value init,
    function_ref<Value(KernelBuilder &, Value i, Value carried)> body) {
  Value result = loop(begin, end, init,
                      [&](KernelBuilder &kb, Value i,
                          ValueRange carried) -> SmallVector<Value> {
                        return {body(kb, i, carried[0])};
                      })[0];
  MLIRContext *context = b.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(
      context, /*disable=*/{}, /*count=*/b.getI32IntegerAttr(kUnroll),
      /*runtimeDisable=*/{}, /*full=*/{}, /*followupUnrolled=*/{},
      /*followupRemainder=*/{}, /*followupAll=*/{});
  auto annotation = LLVM::LoopAnnotationAttr::get(
      context, /*disableNonforced=*/{}, /*vectorize=*/{}, /*interleave=*/{},
      unroll, /*unrollAndJam=*/{}, /*licm=*/{}, /*distribute=*/{},
      /*pipeline=*/{}, /*peeled=*/{}, /*unswitch=*/{}, /*mustProgress=*/{},
      /*isVectorized=*/{}, /*startLoc=*/{}, /*endLoc=*/{},
      /*parallelAccesses=*/{});
  result.getDefiningOp()->setAttr("loop_annotation", annotation);
  return result;
}

void KernelBuilder::onlyIf(Value condition,
                           function_ref<void(KernelBuilder &)> body) {
  scf::IfOp::create(b, loc, condition,
                    [&](OpBuilder &nested, Location nestedLoc) {
                      KernelBuilder kb(nested, nestedLoc);
                      body(kb);
                      scf::YieldOp::create(nested, nestedLoc);
                    });
}

Value KernelBuilder::areRowsAligned(ValueRange buffers) {
  constexpr int64_t kAlignment = 16;
  Value aligned =
      arith::ConstantOp::create(b, loc, b.getBoolAttr(true)).getResult();
  auto require = [&](Value value, Value wanted) {
    Value same = compare(arith::CmpIPredicate::eq, value, wanted);
    aligned = b.createOrFold<arith::AndIOp>(loc, aligned, same);
  };
  for (Value buffer : buffers) {
    auto type = cast<MemRefType>(buffer.getType());
    int64_t bytes = type.getElementTypeBitWidth() / 8;
    Value mask = index(kAlignment - 1), zero = index(0);
    auto isMultiple = [&](Value elements) {
      require(b.createOrFold<arith::AndIOp>(loc, mul(elements, bytes), mask),
              zero);
    };
    auto layout = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
    for (Value stride : layout.getStrides().drop_back())
      isMultiple(stride);
    require(layout.getStrides().back(), index(1));
    isMultiple(layout.getOffset());
    Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
    require(b.createOrFold<arith::AndIOp>(loc, base, mask), zero);
  }
  return aligned;
}
