//===- SerializeGPUModules.cpp - nsa-serialize-gpu-modules ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "nsa/Pipelines/CUDAToolkit.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_SERIALIZEGPUMODULES
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct SerializeGPUModulesPass
    : public nsa::impl::SerializeGPUModulesBase<SerializeGPUModulesPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(serialize()))
      signalPassFailure();
  }

private:
  LogicalResult serialize();
  LogicalResult checkCalls(gpu::BinaryOp binary);
};

} // namespace

LogicalResult SerializeGPUModulesPass::serialize() {
  ModuleOp module = getOperation();
  if (format != "isa" && format != "bin" && format != "llvm")
    return module.emitError("nsa-serialize-gpu-modules: format is '")
           << format << "', expected isa, bin or llvm";
  // Upstream asks for a directory, and for none where nothing needs one.
  bool needsLibdevice = false;
  module.walk([&](LLVM::LLVMFuncOp function) {
    needsLibdevice |= function.isExternal() &&
                      function.getName().starts_with("__nv_") &&
                      function->getParentOfType<gpu::GPUModuleOp>();
  });
  std::string directory, message;
  if (needsLibdevice || format == "bin") {
    if (failed(nsa::findToolkitDirectory(toolkit,
                                         /*needsPtxas=*/format == "bin",
                                         needsLibdevice, directory, message)))
      return module.emitError("nsa-serialize-gpu-modules: ") << message;
  }
  GpuModuleToBinaryPassOptions options;
  options.compilationTarget = format;
  options.toolkitPath = directory;
  OpPassManager pm(ModuleOp::getOperationName());
  pm.addPass(createGpuModuleToBinaryPass(options));
  if (failed(runPipeline(pm, module)))
    return failure();
  if (format == "isa")
    for (auto binary : module.getOps<gpu::BinaryOp>())
      if (failed(checkCalls(binary)))
        return failure();
  return success();
}

/// PTX that declares a function which it does not define cannot be loaded.
LogicalResult SerializeGPUModulesPass::checkCalls(gpu::BinaryOp binary) {
  for (Attribute attr : binary.getObjects()) {
    StringRef ptx = cast<gpu::ObjectAttr>(attr).getObject().getValue();
    size_t at = ptx.find(".extern .func");
    if (at == StringRef::npos)
      continue;
    StringRef declaration =
        ptx.substr(at).take_until([](char c) { return c == ';'; });
    // The name is the last word before the parameters.
    StringRef head = declaration;
    if (size_t result = head.find(')'); head.contains(") "))
      head = head.substr(result + 1);
    StringRef name = head.take_until([](char c) { return c == '\n'; }).trim();
    return binary.emitError("nsa-serialize-gpu-modules: the PTX calls '")
           << name << "', which nothing defines";
  }
  return success();
}
