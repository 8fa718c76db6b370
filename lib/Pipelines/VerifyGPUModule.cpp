//===- VerifyGPUModule.cpp - nsa-verify-gpu-module --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"

#include "PTXVersions.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "nsa/Pipelines/CUDAToolkit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

namespace mlir::nsa {
#define GEN_PASS_DEF_VERIFYGPUMODULE
#include "nsa/Pipelines/GPUPasses.h.inc"
} // namespace mlir::nsa

using namespace mlir;

namespace {

struct VerifyGPUModulePass
    : public nsa::impl::VerifyGPUModuleBase<VerifyGPUModulePass> {
  using Base::Base;

  void runOnOperation() override;

private:
  LogicalResult verifyTarget(NVVM::NVVMTargetAttr target);
  LogicalResult verifyOp(Operation *op, NVVM::NVVMTargetAttr target);
  LogicalResult verifyRequirement(Operation *op, StringRef what,
                                  const nsa::Requirement &required,
                                  NVVM::NVVMTargetAttr target);
  LogicalResult verifyAssembly(Operation *op, StringRef text,
                               NVVM::NVVMTargetAttr target);
  LogicalResult verifyParameters(LLVM::LLVMFuncOp kernel,
                                 NVVM::NVVMTargetAttr target);
  LogicalResult verifyLibdevice();
  LogicalResult verifyNames();
};

} // namespace

/// "8.6".
static std::string formatVersion(unsigned version) {
  return std::to_string(version / 10) + "." + std::to_string(version % 10);
}

static unsigned getVersion(NVVM::NVVMTargetAttr target) {
  return nsa::getPTXVersion(target.getChip(), target.getFeatures());
}

/// LLVM only warns of a chip or a feature that it does not know, and then
/// compiles for another one.
LogicalResult VerifyGPUModulePass::verifyTarget(NVVM::NVVMTargetAttr target) {
  NVVM::SerializeGPUModuleBase::init();
  std::string message;
  llvm::Triple triple(target.getTriple());
  const llvm::Target *llvmTarget =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!llvmTarget)
    return getOperation().emitError("nsa-verify-gpu-module: ") << message;
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      llvmTarget->createMCSubtargetInfo(triple, "", ""));
  StringRef chip = target.getChip();
  if (!info->isCPUStringValid(chip))
    return getOperation().emitError("nsa-verify-gpu-module: LLVM ")
           << LLVM_VERSION_STRING << " does not know the chip '" << chip << "'";
  if (nsa::getChipNumber(chip) < 80)
    return getOperation().emitError("nsa-verify-gpu-module: ")
           << chip << " is not supported; the first chip that is, is sm_80";
  SmallVector<StringRef> features;
  target.getFeatures().split(features, ',', /*MaxSplit=*/-1,
                             /*KeepEmpty=*/false);
  for (StringRef feature : features) {
    StringRef name = feature.trim();
    // LLVM would take it for the opposite.
    if (!name.consume_front("+") && !name.consume_front("-"))
      return getOperation().emitError("nsa-verify-gpu-module: the feature '")
             << feature << "' must begin with + or -";
    bool isKnown = llvm::any_of(info->getAllProcessorFeatures(),
                                [&](const llvm::SubtargetFeatureKV &known) {
                                  return name == known.Key;
                                });
    if (!isKnown)
      return getOperation().emitError("nsa-verify-gpu-module: LLVM ")
             << LLVM_VERSION_STRING << " does not know the feature '" << feature
             << "'";
  }
  unsigned least = nsa::getLeastPTXVersion(chip);
  if (getVersion(target) < least)
    return getOperation().emitError("nsa-verify-gpu-module: ")
           << chip << " needs PTX " << formatVersion(least)
           << ", but the target's features say "
           << formatVersion(getVersion(target)) << "; use +ptx" << least;
  return success();
}

LogicalResult
VerifyGPUModulePass::verifyRequirement(Operation *op, StringRef what,
                                       const nsa::Requirement &required,
                                       NVVM::NVVMTargetAttr target) {
  StringRef chip = target.getChip();
  if (required.chip > nsa::getChipNumber(chip) ||
      (required.isSpecific && llvm::isDigit(chip.back())))
    return op->emitError("nsa-verify-gpu-module: '")
           << what << "' needs sm_" << required.chip
           << (required.isSpecific ? "a" : "")
           << " or later, but the target is " << chip;
  // Conversions of 8-bit numbers came to the older chip later.
  unsigned ptx = required.ptx;
  if (required.chip == 89 && nsa::getChipNumber(chip) == 89)
    ptx = std::max(ptx, 81u);
  if (ptx <= getVersion(target))
    return success();
  return op->emitError("nsa-verify-gpu-module: '")
         << what << "' needs PTX " << formatVersion(ptx)
         << ", but the target for " << chip << " has "
         << formatVersion(getVersion(target)) << "; give it the feature +ptx"
         << ptx;
}

/// What the op's name does not say.
static nsa::Requirement getRequirement(Operation *op) {
  if (auto fence = dyn_cast<NVVM::FenceProxyOp>(op);
      fence && fence.getKind() == NVVM::ProxyKind::alias)
    return nsa::getRequirement("fence.proxy.alias");
  nsa::Requirement required = nsa::getRequirement(op->getName().stripDialect());
  auto atLeast = [&](unsigned ptx, unsigned chip, bool isSpecific = false) {
    required.ptx = std::max(required.ptx, ptx);
    required.chip = std::max(required.chip, chip);
    required.isSpecific |= isSpecific;
  };
  // Into the block's own memory rather than the cluster's.
  if (auto copy = dyn_cast<NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp>(op);
      copy && copy.getIsCTAOnly())
    atLeast(86, 90);
  if (auto load = dyn_cast<NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp>(op);
      load && load.getMode() != NVVM::TMALoadMode::TILE &&
      load.getMode() != NVVM::TMALoadMode::IM2COL)
    atLeast(86, 100, true);
  if (auto prefetch = dyn_cast<NVVM::CpAsyncBulkTensorPrefetchOp>(op);
      prefetch && prefetch.getMode() != NVVM::TMALoadMode::TILE &&
      prefetch.getMode() != NVVM::TMALoadMode::IM2COL)
    atLeast(86, 100, true);
  if (auto store = dyn_cast<NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp>(op);
      store && store.getMode() == NVVM::TMAStoreMode::TILE_SCATTER4)
    atLeast(86, 100, true);
  if (auto copy = dyn_cast<NVVM::CpAsyncBulkSharedCTAToGlobalOp>(op);
      copy && copy.getByteMask())
    atLeast(86, 100);
  if (auto convert = dyn_cast<NVVM::ConvertF32x2ToF8x2Op>(op);
      convert && isa<Float8E8M0FNUType>(convert.getDstTy()))
    atLeast(86, 100, true);
  if (auto wait = dyn_cast<NVVM::MBarrierTestWaitOp>(op);
      wait && wait.getStateOrPhase().getType().isInteger(32))
    atLeast(71, 80);
  // The other shapes are those of 8-bit and narrower elements.
  if (auto load = dyn_cast<NVVM::LdMatrixOp>(op);
      load && (load.getShape().getM() != 8 || load.getShape().getN() != 8))
    atLeast(86, 100, true);
  if (auto store = dyn_cast<NVVM::StMatrixOp>(op);
      store && (store.getShape().getM() != 8 || store.getShape().getN() != 8))
    atLeast(86, 100, true);
  if (auto redux = dyn_cast<NVVM::ReduxOp>(op);
      redux && redux.getType().isF32())
    atLeast(86, 100, true);
  if (op->getName().stripDialect().starts_with("mbarrier.")) {
    auto scope = op->getAttrOfType<NVVM::MemScopeKindAttr>("scope");
    if (scope && scope.getValue() != NVVM::MemScopeKind::CTA)
      atLeast(80, 90);
    auto relaxed = op->getAttrOfType<BoolAttr>("relaxed");
    if (relaxed && relaxed.getValue())
      atLeast(86, 90);
  }
  return required;
}

/// LLVM passes inline PTX through, whatever it says.
LogicalResult VerifyGPUModulePass::verifyAssembly(Operation *op, StringRef text,
                                                  NVVM::NVVMTargetAttr target) {
  SmallVector<StringRef> statements;
  llvm::SplitString(text, statements, ";{}\n\t");
  for (StringRef statement : statements) {
    statement = statement.ltrim();
    // A label ends with one colon; two are part of a name.
    if (StringRef label = statement.take_until(llvm::isSpace);
        label.ends_with(":"))
      statement = statement.drop_front(label.size()).ltrim();
    if (statement.consume_front("@"))
      statement = statement.drop_until(llvm::isSpace).ltrim();
    StringRef mnemonic = statement.take_until(llvm::isSpace);
    if (failed(verifyRequirement(op, mnemonic, nsa::getRequirement(mnemonic),
                                 target)))
      return failure();
  }
  return success();
}

LogicalResult VerifyGPUModulePass::verifyOp(Operation *op,
                                            NVVM::NVVMTargetAttr target) {
  if (auto assembly = dyn_cast<LLVM::InlineAsmOp>(op))
    return verifyAssembly(op, assembly.getAsmString(), target);
  if (auto assembly = dyn_cast<NVVM::InlinePtxOp>(op))
    return verifyAssembly(op, assembly.getPtxCode(), target);
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op)) {
    StringRef name = call.getIntrin();
    if (!name.consume_front("llvm.nvvm."))
      return success();
    return verifyRequirement(op, call.getIntrin(), nsa::getRequirement(name),
                             target);
  }
  if (isa_and_nonnull<NVVM::NVVMDialect>(op->getDialect()))
    return verifyRequirement(op, op->getName().getStringRef(),
                             getRequirement(op), target);
  return success();
}

LogicalResult
VerifyGPUModulePass::verifyParameters(LLVM::LLVMFuncOp kernel,
                                      NVVM::NVVMTargetAttr target) {
  DataLayout layout(getOperation());
  uint64_t bytes = 0;
  for (Type type : kernel.getArgumentTypes()) {
    bytes = llvm::alignTo(bytes, layout.getTypeABIAlignment(type));
    bytes += layout.getTypeSize(type);
  }
  // PTX ISA, "Kernel Function Parameters".
  uint64_t most = getVersion(target) >= 81 ? 32764 : 4096;
  if (bytes <= most)
    return success();
  InFlightDiagnostic error = kernel.emitError("nsa-verify-gpu-module: kernel '")
                             << kernel.getName() << "' has parameters of "
                             << bytes << " bytes, but PTX "
                             << formatVersion(getVersion(target)) << " allows "
                             << most;
  if (bytes <= 32764)
    error << "; the feature +ptx81 allows 32764";
  return error;
}

/// Functions of libdevice that are not linked would stay calls in the PTX.
LogicalResult VerifyGPUModulePass::verifyLibdevice() {
  for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
    if (!function.isExternal() || !function.getName().starts_with("__nv_"))
      continue;
    std::string message;
    if (succeeded(nsa::checkLibdevice(toolkit, message)))
      return success();
    Operation *user = function;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call.getCallee() != function.getName())
        return WalkResult::advance();
      user = call;
      return WalkResult::interrupt();
    });
    return user->emitError("nsa-verify-gpu-module: '")
           << function.getName() << "' is a function of NVIDIA's libdevice. "
           << message;
  }
  return success();
}

/// PTX ISA, "Identifiers". LLVM renames what only the module sees, and aborts
/// the process, or writes what ptxas refuses, at other names.
LogicalResult VerifyGPUModulePass::verifyNames() {
  auto isFollowing = [](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '$';
  };
  for (Operation &op : *getOperation().getBody()) {
    if (!isa<LLVM::LLVMFuncOp, LLVM::GlobalOp>(op))
      continue;
    StringRef name = SymbolTable::getSymbolName(&op).getValue();
    bool isName = !name.empty() && llvm::all_of(name, isFollowing) &&
                  !llvm::isDigit(name.front()) && name != "_" && name != "$";
    if (!isName)
      return op.emitError("nsa-verify-gpu-module: '")
             << name
             << "' cannot be a name in PTX, which has letters, digits, _ and $";
  }
  return success();
}

void VerifyGPUModulePass::runOnOperation() {
  gpu::GPUModuleOp module = getOperation();
  SmallVector<NVVM::NVVMTargetAttr> targets;
  if (ArrayAttr attached = module.getTargetsAttr())
    for (Attribute target : attached)
      if (auto nvvm = dyn_cast<NVVM::NVVMTargetAttr>(target))
        targets.push_back(nvvm);
  bool failedHere = failed(verifyLibdevice()) || failed(verifyNames());
  for (NVVM::NVVMTargetAttr target : targets) {
    if (failed(verifyTarget(target))) {
      failedHere = true;
      continue;
    }
    module.walk([&](Operation *op) {
      failedHere |= failed(verifyOp(op, target));
      if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
          function &&
          function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
        failedHere |= failed(verifyParameters(function, target));
    });
  }
  if (failedHere)
    signalPassFailure();
}
