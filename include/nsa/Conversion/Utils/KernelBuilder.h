//===- KernelBuilder.h - Building blocks of kernels -------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels are made of: buffers on the host, a launch over the points of an
// index space, one thread or one warp each, loops, and loads and stores of
// elements.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_UTILS_KERNELBUILDER_H
#define NSA_CONVERSION_UTILS_KERNELBUILDER_H

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nsa/Conversion/Utils/ScalarBuilder.h"

namespace mlir::nsa {

/// On `gpu.launch`: the name of the op that the kernel computes.
inline constexpr llvm::StringLiteral kKernelAttrName = "nsa.kernel";

/// Lanes of a warp.
constexpr int64_t kWarpSize = 32;

/// The vocabulary of the plain kernels. All positions are `index`, which is 64
/// bits wide on the device: offsets of batches, heads and rows do not wrap.
class KernelBuilder : public ScalarBuilder {
public:
  KernelBuilder(OpBuilder &b, Location loc)
      : ScalarBuilder(b, loc, arith::FastMathFlags::afn) {}
  /// Kernels that this builder launches are named after `op`.
  KernelBuilder(OpBuilder &b, Operation *op) : KernelBuilder(b, op->getLoc()) {
    kernelName = op->getName().stripDialect();
  }

  /// The extent of dimension `i` of a tensor or buffer.
  Value dim(Value shaped, int64_t i);

  // Host side.
  /// The buffer of an operand, with any strides; read only.
  Value buffer(Value tensor);
  /// A new buffer of the type's shape; `sizes` are those of all dimensions.
  Value alloc(ArrayRef<OpFoldResult> sizes, Type elementType);
  /// The tensor that a buffer from `alloc` has become.
  Value toTensor(Value buffer, Type type);

  /// Each operand's buffer has a contiguous last dimension, rows that begin at
  /// multiples of 16 bytes, and a base that does: an i1.
  Value areRowsAligned(ValueRange buffers);

  using ThreadBody = function_ref<void(KernelBuilder &, ValueRange point)>;
  using WarpBody =
      function_ref<void(KernelBuilder &, ValueRange point, Value lane)>;
  /// One thread per point of the space of `extents`; the last one varies
  /// fastest among neighbouring threads.
  void launchThreads(ArrayRef<Value> extents, int64_t blockSize,
                     ThreadBody body);
  /// The same with one warp per point; `lane` is in [0, 32).
  void launchWarps(ArrayRef<Value> extents, int64_t blockSize, WarpBody body);

  // Device side.
  Value load(Value buffer, ValueRange indices);
  /// `load` as f32.
  Value loadF32(Value buffer, ValueRange indices) {
    return toF32(load(buffer, indices));
  }
  void store(Value value, Value buffer, ValueRange indices);
  /// `store` of an f32, rounded to the buffer's element type.
  void storeF32(Value value, Value buffer, ValueRange indices);

  using LoopBody = function_ref<SmallVector<Value>(KernelBuilder &, Value i,
                                                   ValueRange carried)>;
  /// A loop over [begin, end) that carries `init`; returns the final values.
  SmallVector<Value> loop(Value begin, Value end, ValueRange init,
                          LoopBody body, int64_t step = 1);
  /// The same with one value.
  Value
  reduce(Value begin, Value end, Value init,
         function_ref<Value(KernelBuilder &, Value i, Value carried)> body);
  void onlyIf(Value condition, function_ref<void(KernelBuilder &)> body);

protected:
  StringRef kernelName;

private:
  void launch(ArrayRef<Value> extents, int64_t blockSize, int64_t perPoint,
              WarpBody body);
};

} // namespace mlir::nsa

#endif // NSA_CONVERSION_UTILS_KERNELBUILDER_H
