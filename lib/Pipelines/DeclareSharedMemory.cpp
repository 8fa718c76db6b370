//===- DeclareSharedMemory.cpp - nsa-declare-shared-memory ------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_DECLARESHAREDMEMORY
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// The only alignment that convert-gpu-to-nvvm looks for.
static constexpr uint64_t kAlignment = 16;

namespace {
struct DeclareSharedMemoryPass
    : public nsa::impl::DeclareSharedMemoryBase<DeclareSharedMemoryPass> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    Operation *user = nullptr;
    module.walk([&](gpu::DynamicSharedMemoryOp op) {
      user = op;
      return WalkResult::interrupt();
    });
    if (!user)
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
    auto variable = LLVM::GlobalOp::create(
        builder, user->getLoc(), type, /*isConstant=*/false,
        LLVM::Linkage::External, "dynamic_shared_memory", Attribute(),
        kAlignment, unsigned(NVVM::NVVMMemorySpace::Shared));
    // Renamed where a kernel has the name.
    SymbolTable(module).insert(variable);
  }
};
} // namespace
