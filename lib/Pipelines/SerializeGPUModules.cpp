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
#include "llvm/ADT/StringExtras.h"

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
           << format.getValue() << "', expected isa, bin or llvm";
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

/// PTX that declares a function which neither it nor the driver defines cannot
/// be loaded.
LogicalResult SerializeGPUModulesPass::checkCalls(gpu::BinaryOp binary) {
  // CUDA C++ programming guide, "System calls".
  constexpr StringLiteral systemCalls[] = {"__assertfail", "free", "malloc",
                                           "vprintf"};
  for (Attribute attr : binary.getObjects()) {
    StringRef rest = cast<gpu::ObjectAttr>(attr).getObject().getValue();
    constexpr StringLiteral keyword(".extern .func");
    for (size_t at = rest.find(keyword); at != StringRef::npos;
         at = rest.find(keyword)) {
      rest = rest.drop_front(at + keyword.size()).ltrim();
      // The name follows the result, if there is one.
      if (rest.starts_with("("))
        rest = rest.drop_front(std::min(rest.find(')'), rest.size() - 1) + 1)
                   .ltrim();
      StringRef name = rest.take_until(
          [](char c) { return llvm::isSpace(c) || c == '(' || c == ';'; });
      if (llvm::is_contained(systemCalls, name))
        continue;
      // Not of the op, which would print all of the PTX.
      return emitError(binary.getLoc())
             << "nsa-serialize-gpu-modules: the PTX of @" << binary.getName()
             << " calls '" << name << "', which nothing defines";
    }
  }
  return success();
}
