//===- AttachGPUTargets.cpp - nsa-attach-gpu-targets ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "PTXVersions.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_ATTACHGPUTARGETS
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct AttachGPUTargetsPass
    : public nsa::impl::AttachGPUTargetsBase<AttachGPUTargetsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(makeDefaults()))
      return signalPassFailure();
    ModuleOp module = getOperation();
    SmallVector<gpu::GPUModuleOp> kernels;
    for (auto kernel : module.getOps<gpu::GPUModuleOp>())
      if (!kernel.getTargetsAttr())
        kernels.push_back(kernel);
    for (gpu::GPUModuleOp kernel : kernels)
      if (failed(attach(kernel)))
        return signalPassFailure();
  }

private:
  LogicalResult makeDefaults();
  FailureOr<ArrayAttr> getTargets(ArrayRef<func::FuncOp> hosts);
  LogicalResult attach(gpu::GPUModuleOp kernels);

  ArrayAttr defaults;
};

} // namespace

LogicalResult AttachGPUTargetsPass::makeDefaults() {
  Location loc = getOperation().getLoc();
  if (optLevel > 3)
    return emitError(loc) << "nsa-attach-gpu-targets: opt-level is " << optLevel
                          << ", expected 0 to 3";
  SmallVector<Attribute> targets;
  SmallVector<std::string> names(chips.begin(), chips.end());
  if (names.empty())
    names.push_back("sm_80");
  for (StringRef chip : names) {
    StringRef number = chip;
    bool isChip = number.consume_front("sm_");
    if (!number.empty() && StringRef("af").contains(number.back()))
      number = number.drop_back();
    if (!isChip || number.empty() || !llvm::all_of(number, llvm::isDigit))
      return emitError(loc) << "nsa-attach-gpu-targets: '" << chip
                            << "' is no chip; expected sm_80, sm_90a, ...";
    if (nsa::getChipNumber(chip) < 80)
      return emitError(loc) << "nsa-attach-gpu-targets: " << chip
                            << " is not supported; the first chip that is, is "
                               "sm_80";
    std::string wanted =
        features.empty() ? nsa::getDefaultFeatures(chip) : features.getValue();
    auto target = NVVM::NVVMTargetAttr::get(
        &getContext(), optLevel, "nvptx64-nvidia-cuda", chip, wanted);
    if (llvm::is_contained(targets, Attribute(target)))
      return emitError(loc)
             << "nsa-attach-gpu-targets: " << chip << " is given twice";
    targets.push_back(target);
  }
  defaults = ArrayAttr::get(&getContext(), targets);
  return success();
}

FailureOr<ArrayAttr>
AttachGPUTargetsPass::getTargets(ArrayRef<func::FuncOp> hosts) {
  SmallVector<Operation *> holders(hosts.begin(), hosts.end());
  holders.push_back(getOperation());
  for (Operation *holder : holders) {
    Attribute given = holder->getAttr(nsa::kTargetsAttrName);
    if (!given)
      continue;
    auto targets = dyn_cast<ArrayAttr>(given);
    if (!targets || targets.empty() ||
        !llvm::all_of(targets, llvm::IsaPred<NVVM::NVVMTargetAttr>))
      return holder->emitError("nsa-attach-gpu-targets: ")
             << nsa::kTargetsAttrName
             << " must be an array of #nvvm.target, but is " << given;
    return targets;
  }
  return defaults;
}

LogicalResult AttachGPUTargetsPass::attach(gpu::GPUModuleOp kernels) {
  SmallVector<func::FuncOp> hosts;
  for (auto func : getOperation().getOps<func::FuncOp>()) {
    bool launches = false;
    func.walk([&](gpu::LaunchFuncOp launch) {
      launches |= launch.getKernelModuleName() == kernels.getNameAttr();
    });
    if (launches)
      hosts.push_back(func);
  }
  FailureOr<ArrayAttr> targets = getTargets(hosts);
  if (failed(targets))
    return failure();
  if (targets->size() == 1) {
    kernels.setTargetsAttr(*targets);
    return success();
  }
  SymbolTable symbols(getOperation());
  auto getCopyName = [&](StringRef name, Attribute target) {
    return (name + "_" + cast<NVVM::NVVMTargetAttr>(target).getChip()).str();
  };
  OpBuilder b(&getContext());
  for (Attribute target : *targets) {
    b.setInsertionPoint(kernels);
    auto copy = cast<gpu::GPUModuleOp>(b.clone(*kernels));
    copy.setName(getCopyName(kernels.getName(), target));
    copy.setTargetsAttr(b.getArrayAttr(target));
    for (func::FuncOp host : hosts) {
      b.setInsertionPoint(host);
      auto hostCopy = cast<func::FuncOp>(b.clone(*host));
      hostCopy.setName(getCopyName(host.getName(), target));
      hostCopy.walk([&](gpu::LaunchFuncOp launch) {
        if (launch.getKernelModuleName() != kernels.getNameAttr())
          return;
        launch.setKernelAttr(
            SymbolRefAttr::get(copy.getNameAttr(),
                               FlatSymbolRefAttr::get(launch.getKernelName())));
      });
      if (symbols.lookup(hostCopy.getName()))
        return host.emitError("nsa-attach-gpu-targets: @")
               << hostCopy.getName() << ", the name of the function's copy for "
               << "a target, is taken";
    }
  }
  for (func::FuncOp host : hosts)
    host.erase();
  kernels.erase();
  return success();
}
