//===- consumer-opt.cpp - An opt tool with nsa in it ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nsa's dialects, passes and pipelines beside a pass of the consumer's.
//
//===----------------------------------------------------------------------===//

#include "mlir/Pass/Pass.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/RegisterAll.h"

using namespace mlir;

namespace {
/// Makes the windows of a model smaller: a pass on nsa's ops, written outside.
struct CapWindows : PassWrapper<CapWindows, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CapWindows)

  CapWindows() = default;
  CapWindows(const CapWindows &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "consumer-cap-windows"; }
  StringRef getDescription() const final {
    return "Bound the windows of nsa.attention and nsa.window_attention";
  }

  void runOnOperation() final {
    auto cap = [&](auto op) {
      op.setWindow(std::min<uint64_t>(op.getWindow(), most));
    };
    getOperation()->walk([&](nsa::AttentionOp op) { cap(op); });
    getOperation()->walk([&](nsa::WindowAttentionOp op) { cap(op); });
  }

  Option<uint64_t> most{*this, "most", llvm::cl::desc("the largest window"),
                        llvm::cl::init(256)};
};
} // namespace

int main(int argc, char **argv) {
  DialectRegistry registry;
  nsa::registerAllDialects(registry);
  nsa::registerAllExtensions(registry);

  nsa::registerAllPasses();
  PassRegistration<CapWindows>();

  return asMainReturnCode(
      MlirOptMain(argc, argv, "consumer's optimizer driver\n", registry));
}
