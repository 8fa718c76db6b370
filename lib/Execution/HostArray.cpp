//===- HostArray.cpp - Arrays in host memory ------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pages straight from the kernel: zero, and nobody else's data on them.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/HostArray.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::nsa;

unsigned nsa::getElementBytes(Type type) {
  if (isa<IndexType>(type))
    return 8;
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type, IntegerType>(
          type))
    return 0;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
  case 8:
    return 1;
  case 16:
    return 2;
  case 32:
    return 4;
  case 64:
    return 8;
  default:
    return 0;
  }
}

std::string nsa::formatType(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string nsa::formatShape(ArrayRef<int64_t> shape, Type elementType) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      os << '?';
    else
      os << size;
    os << 'x';
  }
  os << elementType;
  return text;
}

std::optional<int64_t> nsa::countElements(ArrayRef<int64_t> shape,
                                          unsigned elementBytes) {
  // An empty dimension makes the array empty however large the others are.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 1, bytes;
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(count, size, count))
      return std::nullopt;
  if (llvm::MulOverflow<int64_t>(count, elementBytes, bytes))
    return std::nullopt;
  return count;
}

llvm::Expected<HostArray> HostArray::create(Type elementType,
                                            ArrayRef<int64_t> shape) {
  unsigned elementBytes = getElementBytes(elementType);
  assert(elementBytes != 0 && "no arrays of this type");
  std::optional<int64_t> count = countElements(shape, elementBytes);
  void *memory = MAP_FAILED;
  HostArray array;
  if (count) {
    array.mappedBytes =
        llvm::alignTo(std::max<uint64_t>(*count * elementBytes, 1),
                      static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
    memory = mmap(nullptr, array.mappedBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (memory == MAP_FAILED)
    return llvm::createStringError("not enough memory for an array of " +
                                   formatShape(shape, elementType));
  array.elementType = elementType;
  array.shape.assign(shape.begin(), shape.end());
  array.numElements = *count;
  array.data = static_cast<char *>(memory);
  return std::move(array);
}

HostArray::HostArray(HostArray &&other) { *this = std::move(other); }

HostArray &HostArray::operator=(HostArray &&other) {
  std::swap(elementType, other.elementType);
  std::swap(shape, other.shape);
  std::swap(numElements, other.numElements);
  std::swap(data, other.data);
  std::swap(mappedBytes, other.mappedBytes);
  return *this;
}

HostArray::~HostArray() {
  if (data)
    munmap(data, mappedBytes);
}
