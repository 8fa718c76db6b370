//===- TestCUDAToolkit.cpp - The search for a CUDA toolkit, as a pass -----===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints what findCUDAToolkit finds. The places that are looked at last are an
// option, since a test cannot hide the host's.
//
//===----------------------------------------------------------------------===//

#include "TestPipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "nsa/Pipelines/CUDAToolkit.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace {

struct TestFindCUDAToolkitPass
    : public PassWrapper<TestFindCUDAToolkitPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestFindCUDAToolkitPass)

  TestFindCUDAToolkitPass() = default;
  TestFindCUDAToolkitPass(const TestFindCUDAToolkitPass &other)
      : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-find-cuda-toolkit"; }
  StringRef getDescription() const override {
    return "Print the CUDA toolkit that is found";
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    SmallVector<StringRef> places(fallbacks.begin(), fallbacks.end());
    if (defaultFallbacks)
      llvm::append_range(places, nsa::getCUDAToolkitFallbacks());
    nsa::CUDAToolkit found;
    std::string message;
    if (failed(nsa::findCUDAToolkit(toolkit, {ptxas, libdevice}, found, message,
                                    places))) {
      getOperation().emitError() << message;
      return signalPassFailure();
    }
    llvm::outs() << "root: " << found.root << "\nptxas: " << found.ptxas
                 << "\nlibdevice: " << found.libdevice << "\n";
  }

  Option<std::string> toolkit{*this, "toolkit",
                              llvm::cl::desc("The directory to take")};
  Option<bool> ptxas{*this, "ptxas", llvm::cl::desc("Look for ptxas"),
                     llvm::cl::init(false)};
  Option<bool> libdevice{*this, "libdevice",
                         llvm::cl::desc("Look for libdevice"),
                         llvm::cl::init(false)};
  ListOption<std::string> fallbacks{*this, "fallbacks",
                                    llvm::cl::desc("Where to look last")};
  Option<bool> defaultFallbacks{*this, "default-fallbacks",
                                llvm::cl::desc("Look in the usual places too"),
                                llvm::cl::init(false)};
};

} // namespace

void test_nsa::registerTestPipelinePasses() {
  PassRegistration<TestFindCUDAToolkitPass>();
}
