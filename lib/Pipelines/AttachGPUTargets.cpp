//===- AttachGPUTargets.cpp - nsa-attach-gpu-targets ----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "PTXVersions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

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
    if (failed(makeDefaults()) || failed(attach()) || failed(copyHosts()))
      signalPassFailure();
  }

private:
  LogicalResult makeDefaults();
  FailureOr<ArrayAttr> getTargets(gpu::GPUModuleOp kernels);
  LogicalResult attach();
  void addCallers();
  LogicalResult copyHosts();
  LogicalResult copyHost(func::FuncOp host, Attribute target);

  ArrayAttr defaults;
  /// What has a copy for each of several targets, and which. Functions that
  /// call such functions are among them.
  llvm::MapVector<gpu::GPUModuleOp, ArrayAttr> modules;
  llvm::MapVector<func::FuncOp, SetVector<Attribute>> hosts;
};

} // namespace

/// "f_sm_80".
static std::string getCopyName(StringRef name, Attribute target) {
  return (name + "_" + cast<NVVM::NVVMTargetAttr>(target).getChip()).str();
}

LogicalResult AttachGPUTargetsPass::makeDefaults() {
  Location loc = getOperation().getLoc();
  if (optLevel > 3)
    return emitError(loc) << "nsa-attach-gpu-targets: opt-level is "
                          << optLevel.getValue() << ", expected 0 to 3";
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

/// Those of the functions that launch the kernels, of the module around, or the
/// options'.
FailureOr<ArrayAttr>
AttachGPUTargetsPass::getTargets(gpu::GPUModuleOp kernels) {
  SmallVector<Operation *> holders;
  for (auto func : getOperation().getOps<func::FuncOp>()) {
    WalkResult result = func.walk([&](gpu::LaunchFuncOp launch) {
      return launch.getKernelModuleName() == kernels.getNameAttr()
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (result.wasInterrupted())
      holders.push_back(func);
  }
  holders.push_back(getOperation());
  for (Operation *holder : holders) {
    Attribute given = holder->getAttr(nsa::kTargetsAttrName);
    if (!given)
      continue;
    auto targets = dyn_cast<ArrayAttr>(given);
    if (!targets || targets.empty() ||
        !llvm::all_of(targets, llvm::IsaPred<NVVM::NVVMTargetAttr>))
      return emitError(holder->getLoc())
             << "nsa-attach-gpu-targets: " << nsa::kTargetsAttrName
             << " must be an array of #nvvm.target, but is " << given;
    llvm::StringSet<> chips;
    for (Attribute target : targets)
      if (StringRef chip = cast<NVVM::NVVMTargetAttr>(target).getChip();
          !chips.insert(chip).second)
        return emitError(holder->getLoc())
               << "nsa-attach-gpu-targets: " << nsa::kTargetsAttrName
               << " has two targets for " << chip
               << ", whose copies would have one name";
    return targets;
  }
  return defaults;
}

LogicalResult AttachGPUTargetsPass::attach() {
  for (auto kernels : getOperation().getOps<gpu::GPUModuleOp>()) {
    if (kernels.getTargetsAttr())
      continue;
    FailureOr<ArrayAttr> targets = getTargets(kernels);
    if (failed(targets))
      return failure();
    if (targets->size() == 1)
      kernels.setTargetsAttr(*targets);
    else
      modules[kernels] = *targets;
  }
  return success();
}

/// Fills `hosts`: first those that launch, then those that call.
void AttachGPUTargetsPass::addCallers() {
  SymbolTable symbols(getOperation());
  bool changed = true;
  while (changed) {
    changed = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      func.walk([&](Operation *op) {
        ArrayRef<Attribute> needed;
        if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
          auto found = modules.find(
              symbols.lookup<gpu::GPUModuleOp>(launch.getKernelModuleName()));
          if (found != modules.end())
            needed = found->second.getValue();
        } else if (auto call = dyn_cast<func::CallOp>(op)) {
          auto found =
              hosts.find(symbols.lookup<func::FuncOp>(call.getCallee()));
          if (found != hosts.end())
            needed = found->second.getArrayRef();
        }
        // A copy: a function that calls itself would insert what it reads.
        for (Attribute target : SmallVector<Attribute>(needed))
          changed |= hosts[func].insert(target);
      });
  }
}

LogicalResult AttachGPUTargetsPass::copyHost(func::FuncOp host,
                                             Attribute target) {
  OpBuilder b(host);
  auto copy = cast<func::FuncOp>(b.clone(*host));
  copy.setName(getCopyName(host.getName(), target));
  copy->removeAttr(nsa::kTargetsAttrName);
  SymbolTable symbols(getOperation());
  WalkResult result = copy.walk([&](Operation *op) {
    auto fail = [&](StringRef callee) {
      op->emitError("nsa-attach-gpu-targets: @")
          << host.getName() << " has a copy for "
          << cast<NVVM::NVVMTargetAttr>(target).getChip() << ", but @" << callee
          << ", which it uses, has none";
      return WalkResult::interrupt();
    };
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
      StringAttr name = launch.getKernelModuleName();
      auto found = modules.find(symbols.lookup<gpu::GPUModuleOp>(name));
      if (found == modules.end())
        return WalkResult::advance();
      if (!llvm::is_contained(found->second, target))
        return fail(name);
      launch.setKernelAttr(
          SymbolRefAttr::get(b.getStringAttr(getCopyName(name, target)),
                             FlatSymbolRefAttr::get(launch.getKernelName())));
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      auto found = hosts.find(symbols.lookup<func::FuncOp>(call.getCallee()));
      if (found == hosts.end())
        return WalkResult::advance();
      if (!found->second.contains(target))
        return fail(call.getCallee());
      call.setCallee(getCopyName(call.getCallee(), target));
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult AttachGPUTargetsPass::copyHosts() {
  addCallers();
  ModuleOp module = getOperation();
  llvm::StringMap<Operation *> names;
  for (Operation &op : module.getOps())
    if (auto name = SymbolTable::getSymbolName(&op))
      names[name.getValue()] = &op;
  auto take = [&](Operation *op, StringRef name, Attribute target) {
    std::string copy = getCopyName(name, target);
    if (names.try_emplace(copy, op).second)
      return success();
    return LogicalResult(emitError(op->getLoc())
                         << "nsa-attach-gpu-targets: @" << copy
                         << ", the name of the copy of @" << name
                         << " for a target, is taken");
  };
  for (auto &[kernels, targets] : modules)
    for (Attribute target : targets)
      if (failed(take(kernels, kernels.getName(), target)))
        return failure();
  for (auto &[host, targets] : hosts)
    for (Attribute target : targets)
      if (failed(take(host, host.getName(), target)))
        return failure();

  for (auto &[host, targets] : hosts)
    for (Attribute target : targets)
      if (failed(copyHost(host, target)))
        return failure();
  for (auto &[kernels, targets] : modules) {
    OpBuilder b(kernels);
    for (Attribute target : targets) {
      auto copy = cast<gpu::GPUModuleOp>(b.clone(*kernels));
      copy.setName(getCopyName(kernels.getName(), target));
      copy.setTargetsAttr(b.getArrayAttr(target));
    }
  }
  for (auto &entry : hosts)
    entry.first.erase();
  for (auto &entry : modules)
    entry.first.erase();
  // What else names a function does not know which copy it means.
  for (auto &entry : names) {
    if (SymbolTable::lookupSymbolIn(module, entry.first()))
      continue;
    auto uses = SymbolTable::getSymbolUses(
        StringAttr::get(&getContext(), entry.first()), module);
    if (uses && !uses->empty())
      return emitError(uses->begin()->getUser()->getLoc())
             << "nsa-attach-gpu-targets: '"
             << uses->begin()->getUser()->getName() << "' refers to @"
             << entry.first() << ", which has a copy for each target";
  }
  return success();
}
