//===- ShapeCheck.cpp - Checks of shapes known at run time ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An abstract interpreter of shapes: tensors are known by their extents, index
// values by their value where it follows from extents and constants.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/ShapeCheck.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nsa/Dialect/NSA/IR/NSA.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
class ShapeInterpreter {
public:
  LogicalResult run(func::FuncOp entry,
                    ArrayRef<SmallVector<int64_t>> argShapes) {
    for (auto [argument, shape] : llvm::zip(entry.getArguments(), argShapes))
      if (isa<RankedTensorType>(argument.getType()))
        shapes[argument] = shape;
    // Straight-line code only: what loops compute has shapes of its own.
    for (Operation &op : entry.front())
      if (failed(visit(&op)))
        return failure();
    return success();
  }

private:
  LogicalResult visit(Operation *op) {
    if (auto named = dyn_cast<NamedDimsOpInterface>(op))
      return visitNamed(named);
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      auto it = shapes.find(dim.getSource());
      std::optional<int64_t> i = dim.getConstantIndex();
      if (it != shapes.end() && i && *i < int64_t(it->second.size()))
        indices[dim.getResult()] = it->second[*i];
      return success();
    }
    if (auto cast = dyn_cast<tensor::CastOp>(op)) {
      auto it = shapes.find(cast.getSource());
      if (it != shapes.end()) {
        SmallVector<int64_t> shape = it->second;
        shapes[cast.getResult()] = shape;
      }
      return success();
    }
    foldIndices(op);
    return success();
  }

  /// Index arithmetic, by the ops' own folders.
  void foldIndices(Operation *op) {
    if (op->getNumResults() != 1 || !op->getResult(0).getType().isIndex() ||
        op->getNumRegions())
      return;
    Builder b(op->getContext());
    SmallVector<Attribute> operands;
    for (Value operand : op->getOperands()) {
      auto it = indices.find(operand);
      operands.push_back(it == indices.end()
                             ? Attribute()
                             : Attribute(b.getIndexAttr(it->second)));
    }
    SmallVector<OpFoldResult> results;
    if (failed(op->fold(operands, results)) || results.size() != 1)
      return;
    if (auto value = dyn_cast<Value>(results[0])) {
      auto it = indices.find(value);
      if (it != indices.end())
        indices[op->getResult(0)] = int64_t(it->second);
    } else if (auto attr = dyn_cast<IntegerAttr>(cast<Attribute>(results[0]))) {
      indices[op->getResult(0)] = attr.getInt();
    }
  }

  LogicalResult visitNamed(NamedDimsOpInterface op) {
    llvm::StringMap<int64_t> extents;
    llvm::StringMap<std::string> where;
    SmallVector<NamedShape> named = op.getNamedShapes();
    for (const NamedShape &shape : named) {
      auto it = shapes.find(shape.value);
      if (it == shapes.end())
        continue;
      for (auto [i, dim] : llvm::enumerate(shape.dims)) {
        int64_t extent = it->second[i];
        if (!ShapedType::isDynamic(dim.extent)) {
          if (extent != dim.extent)
            return op.emitOpError()
                   << "dimension " << i << " of '" << shape.name << "' ("
                   << extent << ") must be " << dim.name << " = " << dim.extent;
          continue;
        }
        auto [bound, inserted] = extents.try_emplace(dim.name, extent);
        std::string place =
            "dimension " + std::to_string(i) + " of '" + shape.name + "'";
        if (inserted)
          where[dim.name] = place;
        else if (bound->second != extent)
          return op.emitOpError() << place << " (" << extent << ") must equal "
                                  << where[dim.name] << " (" << bound->second
                                  << "): both are " << dim.name;
      }
    }
    // The results, as far as their names are bound.
    for (const NamedShape &shape : named) {
      if (shape.value.getDefiningOp() != op.getOperation())
        continue;
      auto type = cast<RankedTensorType>(shape.value.getType());
      SmallVector<int64_t> result;
      for (auto [i, dim] : llvm::enumerate(shape.dims)) {
        std::optional<int64_t> extent;
        if (!ShapedType::isDynamic(dim.extent))
          extent = dim.extent;
        else if (auto it = extents.find(dim.name); it != extents.end())
          extent = it->second;
        else
          extent = op.getDerivedExtent(dim.name, extents);
        if (!extent && !type.isDynamicDim(i))
          extent = type.getDimSize(i);
        if (!extent)
          break;
        if (!type.isDynamicDim(i) && type.getDimSize(i) != *extent)
          return op.emitOpError()
                 << "result '" << shape.name << "' says dimension " << i
                 << " is " << type.getDimSize(i) << ", but it is " << *extent
                 << " for these inputs";
        result.push_back(*extent);
      }
      if (result.size() == shape.dims.size())
        shapes[shape.value] = result;
    }
    return success();
  }

  DenseMap<Value, SmallVector<int64_t>> shapes;
  DenseMap<Value, int64_t> indices;
};
} // namespace

LogicalResult
mlir::nsa::checkEntryShapes(func::FuncOp entry,
                            ArrayRef<SmallVector<int64_t>> argShapes) {
  if (entry.isExternal())
    return success();
  return ShapeInterpreter().run(entry, argShapes);
}
