//===- LowerGPUMath.cpp - nsa-lower-gpu-math ------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_LOWERGPUMATH
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kLn2 = 0.6931471805599453;

namespace {

/// `after * intrinsic(before * x)`; a factor of 1 is left out.
template <typename OpT> struct Approximate : public OpRewritePattern<OpT> {
  Approximate(MLIRContext *context, StringRef intrinsic, double before,
              double after)
      : OpRewritePattern<OpT>(context), intrinsic(intrinsic), before(before),
        after(after) {}

  LogicalResult matchAndRewrite(OpT op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32() ||
        !bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn))
      return rewriter.notifyMatchFailure(op, "exact, or not f32");
    Location loc = op.getLoc();
    auto scale = [&](Value x, double factor) -> Value {
      if (factor == 1)
        return x;
      Value constant = arith::ConstantOp::create(
          rewriter, loc, rewriter.getF32FloatAttr(factor));
      return arith::MulFOp::create(rewriter, loc, x, constant);
    };
    auto call = LLVM::CallIntrinsicOp::create(
        rewriter, loc, op.getType(), rewriter.getStringAttr(intrinsic),
        ValueRange(scale(op.getOperand(), before)));
    rewriter.replaceOp(op, scale(call.getResults(), after));
    return success();
  }

  StringRef intrinsic;
  double before, after;
};

struct LowerGPUMathPass : public nsa::impl::LowerGPUMathBase<LowerGPUMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    constexpr StringLiteral exp2("llvm.nvvm.ex2.approx.ftz");
    constexpr StringLiteral log2("llvm.nvvm.lg2.approx.ftz.f");
    patterns.add<Approximate<math::Exp2Op>>(&getContext(), exp2, 1.0, 1.0);
    patterns.add<Approximate<math::ExpOp>>(&getContext(), exp2, kLog2E, 1.0);
    patterns.add<Approximate<math::Log2Op>>(&getContext(), log2, 1.0, 1.0);
    patterns.add<Approximate<math::LogOp>>(&getContext(), log2, 1.0, kLn2);
    populateMathPolynomialApproximationPatterns(
        patterns, [](StringRef name) { return name == "math.erf"; });
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
