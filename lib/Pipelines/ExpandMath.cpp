//===- ExpandMath.cpp - nsa-expand-math -----------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of one f32 as arithmetic that vectorises.
//
//===----------------------------------------------------------------------===//

#include "nsa/Conversion/Utils/Exp2.h"
#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_EXPANDMATH
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

/// Builds scalar or vector arithmetic of the shape of `type`.
class ArithBuilder {
public:
  ArithBuilder(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type),
        intType(cloneWith(builder.getI32Type())) {}

  Value constant(float value) {
    return splat(type, builder.getF32FloatAttr(value));
  }
  Value intConstant(int32_t value) {
    return splat(intType, builder.getI32IntegerAttr(value));
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(builder, loc, a, b);
  }
  /// a * b + c, fused where the target can.
  Value mulAdd(Value a, Value b, Value c) {
    auto contract = arith::FastMathFlags::contract;
    Value product = arith::MulFOp::create(builder, loc, a, b, contract);
    return arith::AddFOp::create(builder, loc, product, c, contract);
  }
  Value select(arith::CmpFPredicate predicate, Value a, Value b, Value ifTrue,
               Value ifFalse) {
    Value condition = arith::CmpFOp::create(builder, loc, predicate, a, b);
    return arith::SelectOp::create(builder, loc, condition, ifTrue, ifFalse);
  }
  Value toBits(Value value) {
    return arith::BitcastOp::create(builder, loc, intType, value);
  }
  Value fromBits(Value value) {
    return arith::BitcastOp::create(builder, loc, type, value);
  }
  Value addInt(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value shiftLeft(Value a, Value b) {
    return arith::ShLIOp::create(builder, loc, a, b);
  }

private:
  Type cloneWith(Type elementType) {
    if (auto vectorType = dyn_cast<VectorType>(type))
      return vectorType.clone(elementType);
    return elementType;
  }
  Value splat(Type valueType, TypedAttr attr) {
    if (auto shaped = dyn_cast<ShapedType>(valueType))
      attr = DenseElementsAttr::get(shaped, cast<Attribute>(attr));
    return arith::ConstantOp::create(builder, loc, attr);
  }

  OpBuilder &builder;
  Location loc;
  Type type, intType;
};

/// exp2(x) = 2^n * 2^f with n = round(x) and |f| <= 1/2: the reduction is
/// exact, a polynomial of degree 6 approximates 2^f to 1e-7.
struct ExpandExp2 : public OpRewritePattern<math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    auto vectorType = dyn_cast<VectorType>(type);
    if (!getElementTypeOrSelf(type).isF32() ||
        (vectorType && vectorType.isScalable()) || isa<TensorType>(type))
      return failure();
    ArithBuilder b(rewriter, op.getLoc(), type);
    Value x = op.getOperand();

    // Adding 1.5 * 2^23 leaves round(x) in the low bits of the mantissa.
    Value magic = b.constant(12582912.0f);
    Value shifted = b.add(x, magic);
    Value fraction = b.sub(x, b.sub(shifted, magic));
    Value power = b.constant(static_cast<float>(nsa::kExp2Coefficients.back()));
    for (double coefficient :
         llvm::reverse(llvm::drop_end(nsa::kExp2Coefficients)))
      power = b.mulAdd(power, fraction,
                       b.constant(static_cast<float>(coefficient)));

    // Adding n to the exponent of 2^f is exact for -126 <= x < 128; the shift
    // drops all of the magic number.
    Value exponent = b.shiftLeft(b.toBits(shifted), b.intConstant(23));
    Value result = b.fromBits(b.addInt(b.toBits(power), exponent));
    using Predicate = arith::CmpFPredicate;
    result = b.select(Predicate::OLT, x, b.constant(-126.0f), b.constant(0.0f),
                      result);
    result =
        b.select(Predicate::OGE, x, b.constant(128.0f),
                 b.constant(std::numeric_limits<float>::infinity()), result);
    result = b.select(Predicate::UNO, x, x, x, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct ExpandMathPass : public nsa::impl::ExpandMathBase<ExpandMathPass> {
  void runOnOperation() override {
    llvm::DenseSet<Operation *> exactFmas;
    getOperation()->walk([&](math::FmaOp op) { exactFmas.insert(op); });

    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp2>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
          {"math.exp", "math.expm1", "math.erf", "math.tanh"}, name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();

    // The approximations do not depend on single rounding, and a target without
    // FMA would call a library function for each lane of math.fma.
    getOperation()->walk([&](math::FmaOp op) {
      if (exactFmas.contains(op))
        return;
      OpBuilder builder(op);
      ArithBuilder b(builder, op.getLoc(), op.getType());
      op.replaceAllUsesWith(b.mulAdd(op.getA(), op.getB(), op.getC()));
      op.erase();
    });

    // convert-arith-to-llvm would leave them on the LLVM operation as an
    // attribute of the arith dialect.
    getOperation()->walk([](Operation *op) {
      if (isa<arith::ExtFOp, arith::TruncFOp>(op))
        op->removeAttr("fastmath");
    });
  }
};

} // namespace
