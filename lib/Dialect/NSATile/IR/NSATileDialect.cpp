//===- NSATileDialect.cpp - The nsa_tile dialect ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration, and the types and attributes of the dialect.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSATile/IR/NSATile.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nsa_tile;

#include "nsa/Dialect/NSATile/IR/NSATileDialect.cpp.inc"

#include "nsa/Dialect/NSATile/IR/NSATileEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "nsa/Dialect/NSATile/IR/NSATileTypes.cpp.inc"

void NSATileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nsa/Dialect/NSATile/IR/NSATileAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "nsa/Dialect/NSATile/IR/NSATileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nsa/Dialect/NSATile/IR/NSATileOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// SwizzleAttr
//===----------------------------------------------------------------------===//

LogicalResult SwizzleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t bytes) {
  // swizzle_c1
  if (bytes != 32 && bytes != 64 && bytes != 128)
    return emitError() << "swizzle bytes (" << bytes
                       << ") must be 32, 64 or 128";
  return success();
}

AffineMap SwizzleAttr::getAffineMap() const {
  return AffineMap::getMultiDimIdentityMap(3, getContext());
}
LogicalResult
SwizzleAttr::verifyLayout(ArrayRef<int64_t> shape,
                          function_ref<InFlightDiagnostic()> emitError) const {
  // swizzle_c2
  if (shape.size() != 3)
    return emitError() << "a swizzle is for [stage, row, column], not for rank "
                       << shape.size();
  return success();
}
bool SwizzleAttr::isIdentity() const { return false; }
LogicalResult
SwizzleAttr::getStridesAndOffset(ArrayRef<int64_t> shape,
                                 SmallVectorImpl<int64_t> &strides,
                                 int64_t &offset) const {
  return failure();
}

//===----------------------------------------------------------------------===//
// FragType
//===----------------------------------------------------------------------===//

int64_t FragType::getNumValues() const {
  int64_t elements = 1;
  for (int64_t size : getShape())
    elements *= size;
  switch (getLayout()) {
  case Layout::Acc:
    return elements / 32;
  case Layout::Lhs:
  case Layout::Rhs:
    return elements / 64;
  case Layout::Row:
    return elements / 8;
  case Layout::Col:
    return elements / 4;
  }
  llvm_unreachable("a layout");
}

Type FragType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  StringRef keyword;
  SMLoc loc;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(elementType) || parser.parseComma() ||
      parser.getCurrentLocation(&loc) || parser.parseKeyword(&keyword) ||
      parser.parseGreater())
    return {};
  std::optional<Layout> layout = symbolizeLayout(keyword);
  if (!layout) {
    parser.emitError(loc) << "expected acc, lhs, rhs, row or col, not '"
                          << keyword << "'";
    return {};
  }
  return FragType::getChecked(
      [&] { return parser.emitError(parser.getNameLoc()); },
      parser.getContext(), shape, elementType, *layout);
}

void FragType::print(AsmPrinter &printer) const {
  printer << "<";
  for (int64_t size : getShape())
    printer << size << "x";
  printer << getElementType() << ", " << stringifyLayout(getLayout()) << ">";
}

LogicalResult FragType::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> shape, Type elementType,
                               Layout layout) {
  StringRef name = stringifyLayout(layout);
  SmallVector<int64_t> multiples;
  bool isPacked = false, mayBeIndex = false;
  switch (layout) {
  case Layout::Acc:
    multiples = {16, 8};
    break;
  case Layout::Lhs:
    multiples = {16, 16};
    isPacked = true;
    break;
  case Layout::Rhs:
    multiples = {16, 8};
    isPacked = true;
    break;
  case Layout::Row:
    multiples = {16};
    mayBeIndex = true;
    break;
  case Layout::Col:
    multiples = {8};
    mayBeIndex = true;
    break;
  }
  // frag_c1
  if (shape.size() != multiples.size())
    return emitError() << name << " must have rank " << multiples.size()
                       << ", but has " << shape.size();
  // frag_c2
  for (auto [size, multiple] : llvm::zip(shape, multiples))
    if (size < 1 || size % multiple)
      return emitError() << "size (" << size << ") of " << name
                         << " must be a positive multiple of " << multiple;
  // frag_c3
  if (isPacked && !isa<Float16Type, BFloat16Type>(elementType))
    return emitError() << "elements of " << name
                       << " must be f16 or bf16, but are " << elementType;
  bool isElement = elementType.isF32() || elementType.isInteger(32) ||
                   elementType.isInteger(1) ||
                   (mayBeIndex && elementType.isIndex());
  if (!isPacked && !isElement)
    return emitError() << "elements of " << name << " must be f32, i32"
                       << (mayBeIndex ? ", i1 or index" : " or i1")
                       << ", but are " << elementType;
  return success();
}
