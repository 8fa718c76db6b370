//===- LowerChecks.cpp - nsa-lower-checks ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Comes first in a pipeline: later, what a condition compares may have been
// folded into something else.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_LOWERCHECKS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

static constexpr llvm::StringLiteral kReport("nsaCheckFailed");

namespace {

struct LowerChecksPass : public nsa::impl::LowerChecksBase<LowerChecksPass> {
  using Base::Base;

  void runOnOperation() override;

private:
  LogicalResult checkPlace(cf::AssertOp check);
  void lower(cf::AssertOp check, SymbolTable &symbols);
  LogicalResult declareReport(Location loc, SymbolTable &symbols);
};

} // namespace

LogicalResult LowerChecksPass::checkPlace(cf::AssertOp check) {
  if (!hostOnly)
    return success();
  for (Operation *parent = check->getParentOp(); parent;
       parent = parent->getParentOp()) {
    if (!isa<scf::ForallOp, scf::ParallelOp, gpu::LaunchOp, linalg::LinalgOp>(
            parent))
      continue;
    InFlightDiagnostic diag =
        check.emitError("nsa-lower-checks: a check inside of '")
        << parent->getName()
        << "', which becomes a kernel, cannot be reported; compile for the "
           "CPU, or without checks";
    diag.attachNote() << "the check is: " << check.getMsg();
    return diag;
  }
  return success();
}

/// The function that a failed check calls.
LogicalResult LowerChecksPass::declareReport(Location loc,
                                             SymbolTable &symbols) {
  Builder b(&getContext());
  Type pointer = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = b.getI64Type();
  FunctionType type = b.getFunctionType({pointer, i64, i64, i64}, {});
  if (Operation *existing = symbols.lookup(kReport)) {
    auto func = dyn_cast<func::FuncOp>(existing);
    if (func && func.isExternal() && func.getFunctionType() == type)
      return success();
    return existing->emitError("nsa-lower-checks: the name ")
           << kReport << " is reserved for reports of checks; rename it";
  }
  auto func = func::FuncOp::create(loc, kReport, type);
  func.setPrivate();
  symbols.insert(func);
  return success();
}

/// A compared value as i64; null if it does not fit.
static Value asInt64(OpBuilder &b, Location loc, Value value) {
  Type type = value.getType(), i64 = b.getI64Type();
  if (type.isIndex())
    return arith::IndexCastOp::create(b, loc, i64, value);
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.getWidth() > 64)
    return Value();
  return integer.getWidth() == 64
             ? value
             : Value(arith::ExtSIOp::create(b, loc, i64, value));
}

/// "f.mlir:3:14: error: " and the message.
static std::string getText(cf::AssertOp check) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto file = check.getLoc()->findInstanceOf<FileLineColLoc>())
    os << file.getFilename().getValue() << ":" << file.getLine() << ":"
       << file.getColumn() << ": ";
  os << "error: " << check.getMsg();
  return text;
}

void LowerChecksPass::lower(cf::AssertOp check, SymbolTable &symbols) {
  Location loc = check.getLoc();
  OpBuilder b(check);
  std::string text = getText(check);
  text.push_back('\0');
  OpBuilder top(&getContext());
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(),
                                       static_cast<unsigned>(text.size()));
  auto global = LLVM::GlobalOp::create(top, loc, type, /*isConstant=*/true,
                                       LLVM::Linkage::Internal, "nsa_check",
                                       b.getStringAttr(text));
  symbols.insert(global);

  Value isTrue = arith::ConstantIntOp::create(b, loc, b.getI1Type(), 1);
  Value failed = arith::XOrIOp::create(b, loc, check.getArg(), isTrue);
  scf::IfOp::create(b, loc, failed, [&](OpBuilder &b, Location loc) {
    Value message = LLVM::AddressOfOp::create(b, loc, global);
    Value left, right;
    if (auto compare = check.getArg().getDefiningOp<arith::CmpIOp>()) {
      left = asInt64(b, loc, compare.getLhs());
      right = asInt64(b, loc, compare.getRhs());
    }
    bool hasValues = left && right;
    Value count =
        arith::ConstantIntOp::create(b, loc, b.getI64Type(), hasValues ? 2 : 0);
    if (!hasValues)
      left = right = count;
    func::CallOp::create(b, loc, kReport, TypeRange(),
                         ValueRange{message, count, left, right});
    scf::YieldOp::create(b, loc);
  });
  check.erase();
}

void LowerChecksPass::runOnOperation() {
  SmallVector<cf::AssertOp> checks;
  for (auto func : getOperation().getOps<func::FuncOp>())
    func.walk([&](cf::AssertOp check) { checks.push_back(check); });
  if (checks.empty())
    return;
  SymbolTable symbols(getOperation());
  if (failed(declareReport(checks.front().getLoc(), symbols)))
    return signalPassFailure();
  for (cf::AssertOp check : checks) {
    if (failed(checkPlace(check)))
      return signalPassFailure();
    lower(check, symbols);
  }
}
