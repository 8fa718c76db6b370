//===- NameKernels.cpp - nsa-name-kernels ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_NAMEKERNELS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct NameKernelsPass : public nsa::impl::NameKernelsBase<NameKernelsPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      name(func, symbols);
  }

private:
  void name(func::FuncOp func, SymbolTable &symbols) {
    SmallVector<gpu::LaunchOp> launches;
    func.walk([&](gpu::LaunchOp launch) {
      if (!launch.getModuleAttr())
        launches.push_back(launch);
    });
    if (launches.empty())
      return;
    // The module exists from now on: outlining adds kernels to it, where it
    // would make one of its own for each.
    OpBuilder b(func);
    std::string wanted = (func.getName() + "_kernels").str();
    auto module = gpu::GPUModuleOp::create(b, func.getLoc(), wanted);
    symbols.insert(module);
    getOperation()->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                            b.getUnitAttr());

    llvm::StringMap<unsigned> taken;
    for (gpu::LaunchOp launch : launches) {
      auto kind = launch->getAttrOfType<StringAttr>(nsa::kKernelAttrName);
      std::string base = kind ? kind.getValue().str() : "loops";
      // What PTX takes for a name; ops may have dots in theirs.
      for (char &c : base)
        if (!llvm::isAlnum(c))
          c = '_';
      if (llvm::isDigit(base.front()))
        base.insert(0, "op_");
      unsigned number = taken[base]++;
      std::string name = number ? base + "_" + std::to_string(number) : base;
      launch.setModuleAttr(FlatSymbolRefAttr::get(module));
      launch.setFunctionAttr(FlatSymbolRefAttr::get(b.getContext(), name));
      launch->removeAttr(nsa::kKernelAttrName);
    }
  }
};

} // namespace
