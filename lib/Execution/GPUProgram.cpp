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

FailureOr<GPUProgram> GPUProgram::create(ModuleOp module) {
  GPUProgram program;
  for (auto binary : module.getOps<gpu::BinaryOp>()) {
    GPUImage image;
    image.name = binary.getName().str();
    if (binary.getObjects().size() != 1)
      return binary.emitError()
             << "@" << image.name << " has " << binary.getObjects().size()
             << " objects, expected one";
    auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
    image.content = object.getObject().str();
    if (auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget()))
      image.chip = target.getChip().str();
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
