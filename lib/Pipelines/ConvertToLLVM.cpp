//===- ConvertToLLVM.cpp - nsa-convert-to-llvm ----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step: one conversion with upstream's patterns, confined to functions
// and to what belongs to them.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_CONVERTTOLLVM
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct ConvertToLLVMPass
    : public nsa::impl::ConvertToLLVMBase<ConvertToLLVMPass> {
  void runOnOperation() override {
    if (failed(callMathLibrary()) || failed(convert()))
      signalPassFailure();
  }

private:
  SmallVector<Operation *> getOurOperations() {
    SmallVector<Operation *> ours;
    for (Operation &op : *getOperation().getBody())
      if (isa<func::FuncOp, memref::GlobalOp>(op))
        ours.push_back(&op);
    return ours;
  }

  /// Functions for which LLVM has no intrinsic. Adds declarations.
  LogicalResult callMathLibrary() {
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.addIllegalDialect<math::MathDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    return applyPartialConversion(getOurOperations(), target,
                                  std::move(patterns));
  }

  LogicalResult convert() {
    MLIRContext *context = &getContext();
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr(nsa::kSignatureAttrName))
        func->setAttr(nsa::kCPUOnlyAttrName, UnitAttr::get(context));
    // Allocation goes through _mlir_memref_to_llvm_alloc and _free: whoever
    // runs the code provides, and can count, its memory.
    LowerToLLVMOptions options(context);
    options.useGenericFunctions = true;
    options.allocLowering = LowerToLLVMOptions::AllocLowering::AlignedAlloc;
    LLVMTypeConverter converter(context, options);

    SymbolTableCollection symbolTables;
    RewritePatternSet patterns(context);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    cf::populateAssertToLLVMConversionPattern(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns,
                                                   &symbolTables);
    populateFuncToLLVMConversionPatterns(converter, patterns, &symbolTables);
    // Calls of the library take vectors apart.
    populateVectorToLLVMConversionPatterns(converter, patterns);

    LLVMConversionTarget target(*context);
    return applyPartialConversion(getOurOperations(), target,
                                  std::move(patterns));
  }
};

} // namespace
