//===- MemRefAddress.h - Addresses behind a memref --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CONVERSION_NSATILETONVVM_MEMREFADDRESS_H
#define NSA_LIB_CONVERSION_NSATILETONVVM_MEMREFADDRESS_H

#include "LaneBuilder.h"

namespace mlir::nsa {

/// The address space in LLVM of a memref's memory space; none if this is not
/// one that device code knows.
std::optional<unsigned> getAddressSpace(MemRefType type);

/// Pointers to elements of `memref`, in its own address space or, if it has
/// none, in `generic`.
class MemRefAddress {
public:
  MemRefAddress(LaneBuilder &lane, Value memref, unsigned generic = 0);

  /// How many bytes the element at `indices` (of the first dimensions; 0 in the
  /// others) is from the start, as i64.
  Value getOffset(ValueRange indices);
  Value getBase() { return base; }
  Value getPointer(Value bytes) { return lane.advance(base, bytes); }

private:
  Value constant(int64_t value);

  LaneBuilder &lane;
  MemRefType type;
  Value base;
  SmallVector<Value> strides;
  Value offset;
};

} // namespace mlir::nsa

#endif // NSA_LIB_CONVERSION_NSATILETONVVM_MEMREFADDRESS_H
