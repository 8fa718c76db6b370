//===- MemRefAddress.cpp - Addresses behind a memref ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemRefAddress.h"

using namespace mlir;
using namespace mlir::nsa;

std::optional<unsigned> mlir::nsa::getAddressSpace(MemRefType type) {
  Attribute space = type.getMemorySpace();
  if (!space)
    return 0;
  if (auto number = dyn_cast<IntegerAttr>(space))
    return number.getInt();
  auto named = dyn_cast<gpu::AddressSpaceAttr>(space);
  if (!named)
    return std::nullopt;
  switch (named.getValue()) {
  case gpu::AddressSpace::Global:
    return unsigned(NVVM::NVVMMemorySpace::Global);
  case gpu::AddressSpace::Workgroup:
    return unsigned(NVVM::NVVMMemorySpace::Shared);
  case gpu::AddressSpace::Private:
    return 0;
  }
  llvm_unreachable("an address space");
}

/// What the conversion of memrefs to LLVM makes of one.
static Type getDescriptorType(MemRefType type, unsigned addressSpace) {
  MLIRContext *context = type.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context, addressSpace);
  Type i64 = IntegerType::get(context, 64);
  SmallVector<Type> fields{pointer, pointer, i64};
  if (type.getRank() > 0)
    fields.append(2, LLVM::LLVMArrayType::get(i64, type.getRank()));
  return LLVM::LLVMStructType::getLiteral(context, fields);
}

MemRefAddress::MemRefAddress(LaneBuilder &lane, Value memref, unsigned generic)
    : lane(lane), type(cast<MemRefType>(memref.getType())) {
  unsigned space = getAddressSpace(type).value_or(0);
  Value descriptor = lane.create<UnrealizedConversionCastOp>(
                             getDescriptorType(type, space), memref)
                         .getResult(0);
  base = lane.create<LLVM::ExtractValueOp>(descriptor, 1);
  if (space == 0 && generic != 0)
    base = lane.create<LLVM::AddrSpaceCastOp>(
        LLVM::LLVMPointerType::get(type.getContext(), generic), base);

  SmallVector<int64_t> staticStrides;
  int64_t staticOffset;
  if (failed(type.getStridesAndOffset(staticStrides, staticOffset)))
    llvm_unreachable("checked before");
  memref::ExtractStridedMetadataOp metadata;
  auto getMetadata = [&] {
    if (!metadata)
      metadata = lane.create<memref::ExtractStridedMetadataOp>(memref);
    return metadata;
  };
  offset = ShapedType::isDynamic(staticOffset) ? getMetadata().getOffset()
                                               : constant(staticOffset);
  for (auto [i, stride] : llvm::enumerate(staticStrides))
    strides.push_back(ShapedType::isDynamic(stride)
                          ? getMetadata().getStrides()[i]
                          : constant(stride));
}

Value MemRefAddress::constant(int64_t value) {
  return lane.create<arith::ConstantIndexOp>(value);
}

Value MemRefAddress::getOffset(ValueRange indices) {
  OpBuilder &builder = lane.builder;
  Value elements = offset;
  for (auto [index, stride] : llvm::zip(indices, strides)) {
    Value part = builder.createOrFold<arith::MulIOp>(lane.loc, index, stride);
    elements = builder.createOrFold<arith::AddIOp>(lane.loc, elements, part);
  }
  Value bytes = builder.createOrFold<arith::MulIOp>(
      lane.loc, elements, constant(type.getElementTypeBitWidth() / 8));
  return lane.create<arith::IndexCastOp>(builder.getI64Type(), bytes);
}
