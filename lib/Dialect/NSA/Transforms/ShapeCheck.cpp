//===- ShapeCheck.cpp - Checks of shapes known at run time ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An abstract interpreter of shapes: tensors are known by their extents, as far
// as they follow from the arguments, index and i1 values by their value where
// it follows from extents and constants. Loops, branches and calls are
// followed; what is not known is not checked.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/ShapeCheck.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
/// Extents; kDynamic where unknown.
using Shape = SmallVector<int64_t>;

/// Calls within calls may take exponential time to follow: give up after this
/// many operations.
constexpr int64_t kMostVisits = 1 << 20;

class ShapeInterpreter {
public:
  LogicalResult run(func::FuncOp entry, ArrayRef<Shape> argShapes);

private:
  LogicalResult visit(Block &block);
  LogicalResult visit(Operation *op);
  LogicalResult visit(NamedDimsOpInterface op);
  LogicalResult visit(scf::IfOp op);
  LogicalResult visit(scf::ForOp op);
  LogicalResult visit(scf::ForallOp op);
  LogicalResult visit(FusionOp op);
  LogicalResult visit(func::CallOp op);
  LogicalResult visitFunction(func::FuncOp func, ArrayRef<Shape> argShapes,
                              SmallVectorImpl<Shape> &results);
  bool visitTensorOp(Operation *op);
  void foldIndices(Operation *op);

  Shape shapeOf(Value value) const;
  std::optional<int64_t> extentOf(OpFoldResult size) const;
  std::optional<int64_t> valueOf(Value value) const;
  void setShape(Value value, const Shape &shape);
  InFlightDiagnostic error(Operation *op);

  DenseMap<Value, Shape> shapes;
  DenseMap<Value, int64_t> indices;
  /// The calls that led to the function, and the functions.
  SmallVector<Operation *> callers;
  SmallVector<func::FuncOp> active;
  int64_t visits = 0;
};
} // namespace

/// What is known where either shape may be the one.
static Shape join(const Shape &a, const Shape &b) {
  Shape result(a);
  for (auto [extent, other] : llvm::zip(result, b))
    if (extent != other)
      extent = ShapedType::kDynamic;
  return result;
}

Shape ShapeInterpreter::shapeOf(Value value) const {
  auto it = shapes.find(value);
  if (it != shapes.end())
    return it->second;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? Shape(type.getShape()) : Shape();
}

/// Remembers `shape`, completed by what the type says.
void ShapeInterpreter::setShape(Value value, const Shape &shape) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() != static_cast<int64_t>(shape.size()))
    return;
  Shape known(shape);
  for (auto [extent, stated] : llvm::zip(known, type.getShape()))
    if (ShapedType::isDynamic(extent))
      extent = stated;
  shapes[value] = known;
}

std::optional<int64_t> ShapeInterpreter::valueOf(Value value) const {
  auto it = indices.find(value);
  if (it != indices.end())
    return it->second;
  return getConstantIntValue(value);
}

std::optional<int64_t> ShapeInterpreter::extentOf(OpFoldResult size) const {
  if (auto value = dyn_cast<Value>(size))
    return valueOf(value);
  return getConstantIntValue(size);
}

/// An error at `op`, and how it was reached.
InFlightDiagnostic ShapeInterpreter::error(Operation *op) {
  InFlightDiagnostic diag = op->emitOpError();
  for (Operation *caller : llvm::reverse(callers))
    diag.attachNote(caller->getLoc()) << "called from here";
  return diag;
}

LogicalResult ShapeInterpreter::run(func::FuncOp entry,
                                    ArrayRef<Shape> argShapes) {
  SmallVector<Shape> results;
  return visitFunction(entry, argShapes, results);
}

LogicalResult ShapeInterpreter::visitFunction(func::FuncOp func,
                                              ArrayRef<Shape> argShapes,
                                              SmallVectorImpl<Shape> &results) {
  for (Type type : func.getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    results.push_back(tensor ? Shape(tensor.getShape()) : Shape());
  }
  if (func.isExternal() || llvm::is_contained(active, func))
    return success();
  active.push_back(func);
  for (auto [argument, shape] : llvm::zip(func.getArguments(), argShapes))
    setShape(argument, shape);
  bool returned = false;
  for (Block &block : func.getBody()) {
    if (failed(visit(block)))
      return failure();
    auto back = dyn_cast<func::ReturnOp>(block.getTerminator());
    if (!back)
      continue;
    for (auto [operand, result] : llvm::zip(back.getOperands(), results))
      result = returned ? join(result, shapeOf(operand)) : shapeOf(operand);
    returned = true;
  }
  active.pop_back();
  return success();
}

LogicalResult ShapeInterpreter::visit(Block &block) {
  for (Operation &op : block) {
    // Another visit may know less.
    for (Value result : op.getResults()) {
      shapes.erase(result);
      indices.erase(result);
    }
    if (++visits > kMostVisits)
      return success();
    if (failed(visit(&op)))
      return failure();
  }
  return success();
}

LogicalResult ShapeInterpreter::visit(Operation *op) {
  if (auto named = dyn_cast<NamedDimsOpInterface>(op))
    return visit(named);
  if (auto ifOp = dyn_cast<scf::IfOp>(op))
    return visit(ifOp);
  if (auto forOp = dyn_cast<scf::ForOp>(op))
    return visit(forOp);
  if (auto forallOp = dyn_cast<scf::ForallOp>(op))
    return visit(forallOp);
  if (auto fusion = dyn_cast<FusionOp>(op))
    return visit(fusion);
  if (auto call = dyn_cast<func::CallOp>(op))
    return visit(call);
  if (visitTensorOp(op))
    return success();
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (failed(visit(block)))
        return failure();
  foldIndices(op);
  return success();
}

/// Ops whose result's shape follows from shapes and sizes.
bool ShapeInterpreter::visitTensorOp(Operation *op) {
  auto fromSizes = [&](ArrayRef<OpFoldResult> sizes) {
    return llvm::map_to_vector(sizes, [&](OpFoldResult size) {
      return extentOf(size).value_or(ShapedType::kDynamic);
    });
  };
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> i = valueOf(dim.getIndex());
    Shape shape = shapeOf(dim.getSource());
    if (i && *i >= 0 && *i < static_cast<int64_t>(shape.size()) &&
        !ShapedType::isDynamic(shape[*i]))
      indices[dim.getResult()] = shape[*i];
    return true;
  }
  if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    setShape(cast.getResult(), shapeOf(cast.getSource()));
    return true;
  }
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    setShape(empty.getResult(), fromSizes(empty.getMixedSizes()));
    return true;
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    Shape shape;
    for (auto [i, extent] : llvm::enumerate(fromSizes(slice.getMixedSizes())))
      if (!dropped.test(i))
        shape.push_back(extent);
    setShape(slice.getResult(), shape);
    return true;
  }
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    setShape(insert.getResult(), shapeOf(insert.getDest()));
    return true;
  }
  auto dps = dyn_cast<DestinationStyleOpInterface>(op);
  if (!dps)
    return false;
  for (OpResult result : op->getResults())
    setShape(result, shapeOf(dps.getTiedOpOperand(result)->get()));
  return true;
}

LogicalResult ShapeInterpreter::visit(FusionOp op) {
  if (failed(visit(op.getBody().front())))
    return failure();
  for (auto [result, value] : llvm::zip(op.getResults(), op.getYielded()))
    setShape(result, shapeOf(value));
  return success();
}

/// A condition that follows from shapes chooses a branch; else both count.
LogicalResult ShapeInterpreter::visit(scf::IfOp op) {
  std::optional<int64_t> condition = valueOf(op.getCondition());
  SmallVector<Shape> joined;
  for (Block *block : {op.thenBlock(), op.elseBlock()}) {
    if (!block || (condition && (*condition != 0) != (block == op.thenBlock())))
      continue;
    if (failed(visit(*block)))
      return failure();
    bool first = joined.empty();
    for (auto [i, operand] :
         llvm::enumerate(block->getTerminator()->getOperands()))
      if (first)
        joined.push_back(shapeOf(operand));
      else
        joined[i] = join(joined[i], shapeOf(operand));
  }
  for (auto [result, shape] : llvm::zip(op.getResults(), joined))
    setShape(result, shape);
  return success();
}

/// Follows the first iteration, and again with less knowledge for as long as
/// later ones carry other shapes.
LogicalResult ShapeInterpreter::visit(scf::ForOp op) {
  SmallVector<Shape> carried;
  for (Value init : op.getInitArgs())
    carried.push_back(shapeOf(init));
  std::optional<int64_t> lower = valueOf(op.getLowerBound());
  std::optional<int64_t> upper = valueOf(op.getUpperBound());
  bool changed = !(lower && upper && *lower >= *upper);
  while (changed) {
    for (auto [argument, shape] : llvm::zip(op.getRegionIterArgs(), carried))
      setShape(argument, shape);
    if (failed(visit(*op.getBody())))
      return failure();
    changed = false;
    for (auto [shape, operand] :
         llvm::zip(carried, op.getBody()->getTerminator()->getOperands())) {
      Shape next = join(shape, shapeOf(operand));
      changed |= next != shape;
      shape = next;
    }
  }
  for (auto [result, shape] : llvm::zip(op.getResults(), carried))
    setShape(result, shape);
  return success();
}

LogicalResult ShapeInterpreter::visit(scf::ForallOp op) {
  for (auto [output, argument, result] :
       llvm::zip(op.getOutputs(), op.getRegionIterArgs(), op.getResults())) {
    setShape(argument, shapeOf(output));
    setShape(result, shapeOf(output));
  }
  return visit(*op.getBody());
}

LogicalResult ShapeInterpreter::visit(func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee)
    return success();
  SmallVector<Shape> arguments, results;
  for (Value operand : op.getOperands())
    arguments.push_back(shapeOf(operand));
  callers.push_back(op);
  if (failed(visitFunction(callee, arguments, results)))
    return failure();
  callers.pop_back();
  for (auto [result, shape] : llvm::zip(op.getResults(), results))
    setShape(result, shape);
  return success();
}

/// Index and i1 arithmetic, by the ops' own folders.
void ShapeInterpreter::foldIndices(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions())
    return;
  Type type = op->getResult(0).getType();
  if (!type.isIndex() && !type.isInteger(1))
    return;
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    auto it = indices.find(operand);
    operands.push_back(
        it == indices.end()
            ? Attribute()
            : Attribute(IntegerAttr::get(operand.getType(), it->second)));
  }
  SmallVector<OpFoldResult> results;
  if (failed(op->fold(operands, results)) || results.size() != 1)
    return;
  if (std::optional<int64_t> value = extentOf(results[0]))
    indices[op->getResult(0)] = type.isIndex() ? *value : *value & 1;
}

LogicalResult ShapeInterpreter::visit(NamedDimsOpInterface op) {
  llvm::StringMap<int64_t> extents;
  llvm::StringMap<std::string> where;
  SmallVector<NamedShape> named = op.getNamedShapes();
  auto isResult = [&](const NamedShape &shape) {
    return shape.value.getDefiningOp() == op.getOperation();
  };
  for (const NamedShape &shape : named) {
    if (isResult(shape))
      continue;
    for (auto [i, dim, extent] :
         llvm::enumerate(shape.dims, shapeOf(shape.value))) {
      if (ShapedType::isDynamic(extent))
        continue;
      if (!ShapedType::isDynamic(dim.extent)) {
        if (extent != dim.extent)
          return error(op) << "dimension " << i << " of '" << shape.name
                           << "' (" << extent << ") must be " << dim.name
                           << " = " << dim.extent;
        continue;
      }
      auto [bound, inserted] = extents.try_emplace(dim.name, extent);
      std::string place =
          "dimension " + std::to_string(i) + " of '" + shape.name + "'";
      if (inserted)
        where[dim.name] = place;
      else if (bound->second != extent)
        return error(op) << place << " (" << extent << ") must equal "
                         << where[dim.name] << " (" << bound->second
                         << "): both are " << dim.name;
    }
  }
  // The results, as far as their names are bound.
  for (const NamedShape &shape : named) {
    if (!isResult(shape))
      continue;
    auto type = cast<RankedTensorType>(shape.value.getType());
    Shape result;
    for (auto [i, dim] : llvm::enumerate(shape.dims)) {
      std::optional<int64_t> extent;
      if (!ShapedType::isDynamic(dim.extent))
        extent = dim.extent;
      else if (auto it = extents.find(dim.name); it != extents.end())
        extent = it->second;
      else
        extent = op.getDerivedExtent(dim.name, extents);
      if (extent && !type.isDynamicDim(i) && type.getDimSize(i) != *extent)
        return error(op) << "result '" << shape.name << "' says dimension " << i
                         << " is " << type.getDimSize(i) << ", but it is "
                         << *extent << " for these inputs";
      result.push_back(extent.value_or(ShapedType::kDynamic));
    }
    setShape(shape.value, result);
  }
  return success();
}

LogicalResult
mlir::nsa::checkEntryShapes(func::FuncOp entry,
                            ArrayRef<SmallVector<int64_t>> argShapes) {
  return ShapeInterpreter().run(entry, argShapes);
}
