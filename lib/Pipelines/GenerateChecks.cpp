//===- GenerateChecks.cpp - nsa-generate-checks ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the ops' own interface generates, with messages for people who run the
// code rather than read the IR.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "nsa/Dialect/NSA/Transforms/RuntimeVerification.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_GENERATECHECKS
#include "nsa/Pipelines/Passes.h.inc"
} // namespace mlir::nsa

using namespace mlir;

/// As the compiler's own errors are; nsa-lower-checks adds the place.
static std::string getMessage(Operation *op, StringRef what) {
  return ("'" + op->getName().getStringRef() + "' op " + what).str();
}

bool nsa::canBeChecked(Operation *op) {
  return isa<RuntimeVerifiableOpInterface, NamedDimsOpInterface,
             KeyTraversalOpInterface>(op);
}

static int64_t countChecks(func::FuncOp func) {
  int64_t count = 0;
  func.walk([&](cf::AssertOp) { ++count; });
  return count;
}

namespace {

struct GenerateChecksPass
    : public nsa::impl::GenerateChecksBase<GenerateChecksPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      // What is emitted is not checked itself.
      SmallVector<Operation *> ops;
      func.walk([&](Operation *op) {
        if (nsa::canBeChecked(op))
          ops.push_back(op);
      });
      int64_t before = countChecks(func);
      OpBuilder b(&getContext());
      for (Operation *op : ops) {
        b.setInsertionPoint(op);
        if (auto verifiable = dyn_cast<RuntimeVerifiableOpInterface>(op))
          verifiable.generateRuntimeVerification(b, op->getLoc(), getMessage);
        else
          nsa::generateDimensionChecks(op, b, op->getLoc(), getMessage);
      }
      if (ops.empty())
        continue;
      remark::passed(func.getLoc(), remark::RemarkOpts::name("checks").category(
                                        "nsa-generate-checks"))
          << remark::add("@{0} checks itself at run time", func.getName())
          << remark::metric("checks", countChecks(func) - before)
          << remark::metric("ops", static_cast<int64_t>(ops.size()));
    }
  }
};

} // namespace
