//===- HostArray.h - Arrays in host memory ----------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What nsa-run passes to compiled code: contiguous row-major arrays on pages of
// their own, so that parts of them can be made unreadable.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_HOSTARRAY_H
#define NSA_EXECUTION_HOSTARRAY_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace mlir::nsa {

/// Bytes of one element of `type` in memory, or 0 if nsa-run has no arrays of
/// that type. Booleans take one byte, `index` takes eight.
unsigned getElementBytes(Type type);

/// The type as MLIR prints it; diagnostics would put it in quotes.
std::string formatType(Type type);

/// "1x128x4x64xf32"; "f32" for an array of rank 0.
std::string formatShape(llvm::ArrayRef<int64_t> shape, Type elementType);

/// The number of elements, or std::nullopt if that or the size in bytes
/// exceeds what fits into memory.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape,
                                     unsigned elementBytes);

/// A dense array that owns its memory.
class HostArray {
public:
  /// All elements zero.
  static llvm::Expected<HostArray> create(Type elementType,
                                          llvm::ArrayRef<int64_t> shape);
  HostArray(HostArray &&other);
  HostArray &operator=(HostArray &&other);
  ~HostArray();

  Type getElementType() const { return elementType; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const { return numElements; }
  size_t getNumBytes() const {
    return numElements * getElementBytes(elementType);
  }
  char *getData() const { return data; }

private:
  HostArray() = default;

  Type elementType;
  llvm::SmallVector<int64_t> shape;
  int64_t numElements = 0;
  char *data = nullptr;
  size_t mappedBytes = 0;
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_HOSTARRAY_H
