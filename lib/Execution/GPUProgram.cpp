//===- GPUProgram.cpp - The kernels of a lowered module -------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch passes pointers to its arguments without their types. These stand
// in the operands of the launches, and are the same for PTX, cubins and LLVM
// bitcode.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/GPUProgram.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nsa;

static FailureOr<KernelSignature> getSignature(gpu::LaunchFuncOp launch) {
  DataLayout layout = DataLayout::closest(launch);
  KernelSignature signature;
  for (Type type : launch.getKernelOperands().getTypes()) {
    if (!LLVM::isCompatibleType(type))
      return launch.emitError()
             << "the argument of type " << type << " is not lowered";
    signature.push_back({static_cast<unsigned>(layout.getTypeSize(type)),
                         isa<LLVM::LLVMPointerType>(type),
                         isa<FloatType>(type)});
  }
  return signature;
}

/// The chip that an object is for, or "".
static StringRef getChip(gpu::ObjectAttr object) {
  auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
  return target ? target.getChip() : "";
}

/// Leaves the object for `chip` where there are several.
static LogicalResult selectObject(gpu::BinaryOp binary, StringRef chip) {
  ArrayRef<Attribute> objects = binary.getObjects().getValue();
  if (objects.size() == 1)
    return success();
  SmallVector<StringRef> chips;
  for (Attribute attr : objects) {
    auto object = cast<gpu::ObjectAttr>(attr);
    if (getChip(object) == chip) {
      MLIRContext *context = binary.getContext();
      binary.setObjectsAttr(ArrayAttr::get(context, object));
      // One that was asked for by its number may be another.
      binary.setOffloadingHandlerAttr(
          gpu::SelectObjectAttr::get(context, /*target=*/Attribute()));
      return success();
    }
    chips.push_back(getChip(object));
  }
  llvm::erase(chips, "");
  // Not of the op, which would print all of the objects.
  InFlightDiagnostic diag = emitError(binary.getLoc());
  diag << "@" << binary.getName() << " has " << objects.size()
       << " objects, none of which is for " << chip;
  if (!chips.empty())
    diag << "; choose one with --chip: " << llvm::join(chips, ", ");
  return diag;
}

FailureOr<GPUProgram> GPUProgram::create(ModuleOp module, StringRef chip) {
  GPUProgram program;
  for (auto binary : module.getOps<gpu::BinaryOp>()) {
    GPUImage image;
    image.name = binary.getName().str();
    if (failed(selectObject(binary, chip)))
      return failure();
    auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
    image.content = object.getObject().str();
    image.chip = getChip(object).str();
    program.images.push_back(std::move(image));
  }
  WalkResult result = module.walk([&](gpu::LaunchFuncOp launch) {
    FailureOr<KernelSignature> signature = getSignature(launch);
    if (failed(signature))
      return WalkResult::interrupt();
    std::pair<std::string, std::string> key = {
        launch.getKernelModuleName().str(), launch.getKernelName().str()};
    auto [it, isNew] = program.kernels.try_emplace(key, *signature);
    if (!isNew && it->second != *signature) {
      launch.emitError() << "kernel @" << key.second
                         << " is launched with arguments of different types";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return program;
}
