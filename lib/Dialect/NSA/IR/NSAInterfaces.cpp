//===- NSAInterfaces.cpp - Op interfaces of the nsa dialect -----*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the interfaces verify for every op that implements them.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/IR/NSAInterfaces.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::nsa;

#include "nsa/Dialect/NSA/IR/NSAInterfaces.cpp.inc"

/// "[B, Tq, H, Dk]"
static std::string describeDims(ArrayRef<NamedDim> dims) {
  std::string text = "[";
  for (const NamedDim &dim : dims) {
    if (text.size() > 1)
      text += ", ";
    text += dim.name;
  }
  return text + "]";
}

/// Ranks, and that dimensions of one name agree where they are static.
static LogicalResult verifyShapes(Operation *op, ArrayRef<NamedShape> shapes) {
  struct Binding {
    int64_t extent;
    std::string where;
  };
  llvm::StringMap<Binding> bindings;
  for (const NamedShape &shape : shapes) {
    auto type = dyn_cast<RankedTensorType>(shape.value.getType());
    if (!type)
      return op->emitOpError()
             << "'" << shape.name << "' must be a ranked tensor, but is "
             << shape.value.getType();
    // An encoding changes what storage means; nothing here knows how.
    if (type.getEncoding())
      return op->emitOpError()
             << "'" << shape.name << "' must have no encoding, but is " << type;
    if (type.getRank() != static_cast<int64_t>(shape.dims.size()))
      return op->emitOpError()
             << "'" << shape.name << "' must have rank " << shape.dims.size()
             << " " << describeDims(shape.dims) << ", but has rank "
             << type.getRank() << " (" << type << ")";
    for (auto [i, dim] : llvm::enumerate(shape.dims)) {
      int64_t extent = type.getDimSize(i);
      if (ShapedType::isDynamic(extent))
        continue;
      if (!ShapedType::isDynamic(dim.extent)) {
        if (extent != dim.extent)
          return op->emitOpError()
                 << "dimension " << i << " of '" << shape.name << "' ("
                 << extent << ") must be " << dim.name << " = " << dim.extent;
        continue;
      }
      std::string where =
          "dimension " + std::to_string(i) + " of '" + shape.name + "'";
      auto [it, inserted] =
          bindings.try_emplace(dim.name, Binding{extent, where});
      if (!inserted && it->second.extent != extent)
        return op->emitOpError()
               << where << " (" << extent << ") must equal " << it->second.where
               << " (" << it->second.extent << "): both are " << dim.name;
    }
  }
  return success();
}

LogicalResult mlir::nsa::detail::verifyNamedDims(Operation *op) {
  return verifyShapes(op, cast<NamedDimsOpInterface>(op).getNamedShapes());
}

SmallVector<NamedShape> mlir::nsa::getNamedShapes(Operation *op) {
  if (auto named = dyn_cast<NamedDimsOpInterface>(op))
    return named.getNamedShapes();
  auto traversal = dyn_cast<KeyTraversalOpInterface>(op);
  if (!traversal)
    return {};
  return {{traversal.getQueries(), "queries", {"B", "Tq", "H", "Dk"}},
          {traversal.getKeys(), "keys", {"B", "Tk", "G", "Dk"}},
          {traversal.getValues(), "values", {"B", "Tk", "G", "Dv"}},
          {op->getResult(0), "o", {"B", "Tq", "H", "Dv"}},
          {op->getResult(1), "lse", {"B", "Tq", "H"}}};
}

LogicalResult mlir::nsa::detail::verifyKeyTraversal(Operation *op) {
  auto traversal = cast<KeyTraversalOpInterface>(op);
  if (op->getNumResults() != 2)
    return op->emitOpError("must have two results, o and lse");
  // The ops of this dialect say the same in their own words.
  if (!isa<NamedDimsOpInterface>(op) &&
      failed(verifyShapes(op, getNamedShapes(op))))
    return failure();
  RankedTensorType q = traversal.getQueries().getType();
  RankedTensorType k = traversal.getKeys().getType();
  RankedTensorType v = traversal.getValues().getType();
  auto o = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  auto lse = dyn_cast<RankedTensorType>(op->getResult(1).getType());
  if (!o || !lse || q.getRank() != 4 || k.getRank() != 4 || v.getRank() != 4 ||
      o.getRank() != 4 || lse.getRank() != 3)
    return op->emitOpError("queries, keys, values and o must have rank 4, lse "
                           "rank 3");
  Type element = q.getElementType();
  if (!isa<Float32Type, Float16Type, BFloat16Type>(element))
    return op->emitOpError("element type must be f32, f16 or bf16, but is ")
           << element;
  if (k.getElementType() != element || v.getElementType() != element)
    return op->emitOpError(
               "queries, keys and values must have one element type, but have ")
           << element << ", " << k.getElementType() << " and "
           << v.getElementType();
  if (o.getElementType() != element)
    return op->emitOpError("'o' must have element type ")
           << element << ", but has " << o.getElementType();
  if (!lse.getElementType().isF32())
    return op->emitOpError("'lse' must have element type 'f32', but has ")
           << lse.getElementType();
  // Heads and head sizes; a dynamic extent is negative.
  for (auto [type, dims] : {std::pair(q, StringRef("H and Dk")),
                            {k, "G and Dk"},
                            {v, "G and Dv"},
                            {o, "H and Dv"},
                            {lse, "H"}})
    if (llvm::any_of(type.getShape().drop_front(2),
                     [](int64_t extent) { return extent < 1; }))
      return op->emitOpError()
             << dims << " must be static and at least 1 in " << type;
  int64_t heads = q.getDimSize(2), kvHeads = k.getDimSize(2);
  if (heads % kvHeads != 0)
    return op->emitOpError("query heads H (")
           << heads << ") must be a multiple of key/value heads G (" << kvHeads
           << ")";
  return success();
}
