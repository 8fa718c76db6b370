//===- EntryPoint.cpp - The function that nsa-run calls -------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that can be wrong with a call is found, and located, before any
// code is compiled.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/EntryPoint.h"

#include "nsa/Execution/HostArray.h"
#include "nsa/Pipelines/Passes.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nsa;

std::string EntryPoint::describeArgument(unsigned index) const {
  std::string text = "argument " + std::to_string(index);
  if (!argNames[index].empty())
    text += " (" + argNames[index] + ")";
  return text + " of @" + name;
}

/// The type of a function that nsa-run can call, or null.
static FunctionType getPublicFunctionType(Operation &op) {
  if (auto func = dyn_cast<func::FuncOp>(op)) {
    if (!func.isPublic() || func.isExternal())
      return {};
    if (auto signature = func->getAttrOfType<TypeAttr>(nsa::kSignatureAttrName))
      return dyn_cast<FunctionType>(signature.getValue());
    return func.getFunctionType();
  }
  auto func = dyn_cast<LLVM::LLVMFuncOp>(op);
  if (!func || func.isExternal() || func.getName().starts_with("_mlir_ciface_"))
    return {};
  auto signature = func->getAttrOfType<TypeAttr>(nsa::kSignatureAttrName);
  return signature ? dyn_cast<FunctionType>(signature.getValue())
                   : FunctionType();
}

static FailureOr<Operation *> findFunction(ModuleOp module, StringRef name) {
  SmallVector<Operation *> candidates;
  Operation *named = nullptr;
  for (Operation &op : *module.getBody()) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (symbol && !name.empty() && symbol.getName() == name)
      named = &op;
    if (getPublicFunctionType(op))
      candidates.push_back(&op);
  }
  if (name.empty() && candidates.size() == 1)
    return candidates.front();
  if (llvm::is_contained(candidates, named))
    return named;

  Location loc = named ? named->getLoc() : module.getLoc();
  if (isa_and_nonnull<LLVM::LLVMFuncOp>(named))
    return emitError(loc) << "@" << name
                          << " has no nsa.signature; lower it with "
                             "`nsa-opt --nsa-to-cpu`, which records the types "
                             "of its arguments";
  InFlightDiagnostic diag = emitError(loc);
  if (name.empty())
    diag << "--entry is missing";
  else if (named)
    diag << "@" << name << " is not a public function with a body";
  else
    diag << "there is no function @" << name;
  if (candidates.empty())
    return diag << "; the module has no public function";
  diag << "; the public functions are ";
  llvm::interleaveComma(candidates, diag, [&](Operation *op) {
    diag << "@" << cast<SymbolOpInterface>(op).getName();
  });
  return diag;
}

/// Whether values of the type can be passed; ranked arrays and scalars can.
static bool isPassable(Type type) {
  if (isa<RankedTensorType, MemRefType>(type))
    type = cast<ShapedType>(type).getElementType();
  return getElementBytes(type) != 0;
}

FailureOr<EntryPoint>
nsa::findEntryPoint(ModuleOp module, StringRef name,
                    llvm::function_ref<std::string(Location)> getName) {
  FailureOr<Operation *> op = findFunction(module, name);
  if (failed(op))
    return failure();
  EntryPoint entry{*op,
                   (*op)->getLoc(),
                   cast<SymbolOpInterface>(*op).getName().str(),
                   getPublicFunctionType(**op),
                   {},
                   {}};
  auto func = dyn_cast<func::FuncOp>(*op);
  for (unsigned i = 0, e = entry.type.getNumInputs(); i < e; ++i)
    entry.argLocs.push_back(func ? func.getArgument(i).getLoc() : entry.loc);
  for (Location loc : entry.argLocs)
    entry.argNames.push_back(getName(loc));

  for (auto [index, type] : llvm::enumerate(entry.type.getInputs()))
    if (!isPassable(type))
      return emitError(entry.argLocs[index])
             << entry.describeArgument(index) << " is " << formatType(type)
             << ", which nsa-run cannot pass";
  for (auto [index, type] : llvm::enumerate(entry.type.getResults()))
    if (!isPassable(type))
      return emitError(entry.loc)
             << "result " << index << " of @" << entry.name << " is "
             << formatType(type) << ", which nsa-run cannot return";
  return entry;
}

LogicalResult nsa::checkArgument(const EntryPoint &entry, unsigned index,
                                 ArrayRef<int64_t> shape, Type elementType,
                                 StringRef source) {
  Type type = entry.type.getInput(index);
  auto error = [&]() {
    return emitError(entry.argLocs[index])
           << entry.describeArgument(index) << " is " << formatType(type)
           << " but " << source << " is " << formatShape(shape, elementType)
           << ": ";
  };
  auto shaped = cast<ShapedType>(type);
  if (shaped.getElementType() != elementType)
    return error() << "the element type is " << formatType(elementType)
                   << ", expected " << formatType(shaped.getElementType());
  if (shaped.getRank() != static_cast<int64_t>(shape.size()))
    return error() << "the rank is " << shape.size() << ", expected "
                   << shaped.getRank();
  for (auto [dim, sizes] :
       llvm::enumerate(llvm::zip_equal(shape, shaped.getShape()))) {
    auto [actual, expected] = sizes;
    if (!ShapedType::isDynamic(expected) && actual != expected)
      return error() << "dimension " << dim << " is " << actual << ", expected "
                     << expected;
  }
  return success();
}
