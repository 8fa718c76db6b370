//===- Script.cpp - Applying transform scripts ----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Through upstream's interpreter, as --transform-interpreter does.
//
//===----------------------------------------------------------------------===//

#include "Script.h"

#include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.h"
#include "mlir/Dialect/Transform/Transforms/TransformInterpreterUtils.h"

using namespace mlir;
using namespace mlir::nsa;

FailureOr<Script> Script::read(StringRef path, MLIRContext *context) {
  Script script;
  if (failed(transform::detail::parseTransformModuleFromFile(context, path,
                                                             script.module)) ||
      !script.module)
    return failure();
  if (!transform::detail::findTransformEntryPoint(*script.module, ModuleOp()))
    return failure();
  FailureOr<KnobSpace> knobs = KnobSpace::collect(*script.module);
  if (failed(knobs))
    return failure();
  script.knobs = std::move(*knobs);
  return script;
}

LogicalResult Script::apply(ModuleOp payload, ArrayRef<Attribute> choice) {
  // The interpreter may change the script: it links libraries into it.
  OwningOpRef<ModuleOp> copy = module->clone();
  knobs.select(*copy, choice);
  transform::TransformOpInterface entry =
      transform::detail::findTransformEntryPoint(*copy, ModuleOp());
  return transform::applyTransformNamedSequence(payload, entry, ModuleOp(),
                                                transform::TransformOptions());
}

std::string Script::format(ArrayRef<Attribute> choice) {
  OwningOpRef<ModuleOp> copy = module->clone();
  knobs.select(*copy, choice);
  std::string text;
  llvm::raw_string_ostream os(text);
  copy->print(os);
  os << "\n";
  return text;
}
