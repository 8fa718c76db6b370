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
  if (bytes != 32 && bytes != 64 && bytes != 128)
    return emitError() << "swizzle bytes (" << bytes
                       << ") must be 32, 64 or 128";
  return success();
}

AffineMap SwizzleAttr::getAffineMap() const {
  return AffineMap::getMultiDimIdentityMap(3, getContext());
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
  return success();
}
