//===- NSATileToNVVM.cpp - Conversion of nsa_tile to NVVM -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass, how types are converted, and the ops of other dialects that may
// carry such types.
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/NSATileToNVVM/NSATileToNVVM.h"

#include "Patterns.h"

#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "nsa/Dialect/NSATile/IR/NSATile.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_CONVERTNSATILETONVVM
#include "nsa/Conversion/NSATileToNVVM/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;
using namespace mlir::nsa;
using namespace mlir::nsa_tile;

void mlir::nsa::populateNSATileTypeConversions(TypeConverter &converter) {
  converter.addConversion([](Type type) { return type; });
  converter.addConversion([](MemRefType type) -> std::optional<Type> {
    if (!isa<SwizzleAttr>(type.getLayout()))
      return std::nullopt;
    return LLVM::LLVMPointerType::get(type.getContext(),
                                      unsigned(NVVM::NVVMMemorySpace::Shared));
  });
  converter.addConversion([](FragType type, SmallVectorImpl<Type> &results) {
    bool isPacked =
        type.getLayout() == Layout::Lhs || type.getLayout() == Layout::Rhs;
    results.append(type.getNumValues(),
                   isPacked ? IntegerType::get(type.getContext(), 32)
                            : type.getElementType());
    return success();
  });
  auto toNothing = [](Type, SmallVectorImpl<Type> &) { return success(); };
  converter.addConversion([=](CopyType type, SmallVectorImpl<Type> &results) {
    return toNothing(type, results);
  });
  converter.addConversion([=](GroupType type, SmallVectorImpl<Type> &results) {
    return toNothing(type, results);
  });
  converter.addConversion([=](ReadyType type, SmallVectorImpl<Type> &results) {
    return toNothing(type, results);
  });
}

namespace {

/// What `scf.if` without ops becomes.
struct LowerSelect : public OpConversionPattern<arith::SelectOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::SelectOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> values;
    for (auto [a, b] :
         llvm::zip(adaptor.getTrueValue(), adaptor.getFalseValue()))
      values.push_back(arith::SelectOp::create(
          rewriter, op.getLoc(), adaptor.getCondition().front(), a, b));
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

/// What a loop that is never left becomes.
struct LowerPoison : public OpConversionPattern<ub::PoisonOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ub::PoisonOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertType(op.getType(), types)))
      return failure();
    SmallVector<Value> values;
    for (Type type : types)
      values.push_back(ub::PoisonOp::create(rewriter, op.getLoc(), type));
    rewriter.replaceOpWithMultiple(op, {ValueRange(values)});
    return success();
  }
};

/// Lets ptxas give each thread all the registers that it can address. Left
/// alone, it spills a few of them where one more block would then fit into the
/// registers of a multiprocessor, although shared memory rarely has the room.
void allowAllRegisters(gpu::GPUFuncOp kernel) {
  constexpr int64_t kRegistersPerSM = 65536, kRegistersPerThread = 256;
  DenseI32ArrayAttr size = kernel.getKnownBlockSizeAttr();
  if (!size || kernel->hasAttr(NVVM::NVVMDialect::getMinctasmAttrName()))
    return;
  int64_t threads = 1;
  for (int32_t extent : size.asArrayRef())
    threads *= extent;
  int64_t blocks =
      std::max<int64_t>(1, kRegistersPerSM / (threads * kRegistersPerThread));
  kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                  Builder(kernel).getI32IntegerAttr(blocks));
}

struct ConvertNSATileToNVVM
    : public nsa::impl::ConvertNSATileToNVVMBase<ConvertNSATileToNVVM> {
  void runOnOperation() override {
    bool isNeeded = false;
    llvm::SetVector<gpu::GPUFuncOp> kernels;
    WalkResult expanded = getOperation()->walk([&](Operation *op) {
      if (isa<NSATileDialect>(op->getDialect())) {
        isNeeded = true;
        if (auto kernel = op->getParentOfType<gpu::GPUFuncOp>())
          kernels.insert(kernel);
      }
      if (!isa<IterateOp>(op))
        return WalkResult::advance();
      op->emitOpError("convert-nsa-tile-to-nvvm: is not expanded; run "
                      "nsa-tile-pipeline before");
      return WalkResult::interrupt();
    });
    if (expanded.wasInterrupted())
      return signalPassFailure();
    if (!isNeeded)
      return;
    llvm::for_each(kernels, allowAllRegisters);

    TypeConverter converter;
    populateNSATileTypeConversions(converter);
    RewritePatternSet patterns(&getContext());
    populateNSATileToNVVMPatterns(converter, patterns);
    patterns.add<LowerSelect, LowerPoison>(converter, &getContext());
    ConversionTarget target(getContext());
    target.addIllegalDialect<NSATileDialect>();
    // Ends a region that goes with its op.
    target.addLegalOp<nsa_tile::YieldOp>();
    target.addDynamicallyLegalOp<arith::SelectOp, ub::PoisonOp>(
        [&](Operation *op) { return converter.isLegal(op); });
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void mlir::nsa::populateNSATileToNVVMPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns) {
  populateCopiesToNVVMPatterns(converter, patterns);
  populateMemoryToNVVMPatterns(converter, patterns);
  populateProductsToNVVMPatterns(converter, patterns);
  populateRegistersToNVVMPatterns(converter, patterns);
}
