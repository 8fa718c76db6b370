//===- PrepareEntryPoints.cpp - nsa-prepare-entry-points ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a runner must know about a public function is written down before the
// first lowering step, while the function still has its tensor types.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_PREPAREENTRYPOINTS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct PrepareEntryPointsPass
    : public nsa::impl::PrepareEntryPointsBase<PrepareEntryPointsPass> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!func.isPublic() || func.isExternal())
      return;
    Builder builder(&getContext());
    func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                  builder.getUnitAttr());
    // Kept when present: the function may be bufferized already.
    if (!func->hasAttr(nsa::kSignatureAttrName))
      func->setAttr(nsa::kSignatureAttrName,
                    TypeAttr::get(func.getFunctionType()));
    StringRef writable = bufferization::BufferizationDialect::kWritableAttrName;
    for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
      if (isa<TensorType>(type) && !func.getArgAttr(index, writable))
        func.setArgAttr(index, writable, builder.getBoolAttr(false));
  }
};

} // namespace
