//===- CollectSites.cpp - What the runtime must know of a kernel ----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides for each instruction of a kernel what becomes of it, and refuses what
// is not modelled.
//
//===----------------------------------------------------------------------===//

#include "Rewriter.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

//===----------------------------------------------------------------------===//
// Preparation
//===----------------------------------------------------------------------===//

void Rewriter::collectReachable() {
  for (StringRef name : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *variable = module.getNamedGlobal(name))
      variable->eraseFromParent();
  SetVector<const Value *> seen;
  SmallVector<const Value *> worklist = {&kernel};
  auto push = [&](const Value *value) {
    if (isa<Constant>(value) && seen.insert(value))
      worklist.push_back(value);
  };
  seen.insert(&kernel);
  while (!worklist.empty()) {
    const Value *value = worklist.pop_back_val();
    if (auto *function = dyn_cast<Function>(value)) {
      if (!function->isDeclaration())
        reachable.insert(const_cast<Function *>(function));
      for (const Instruction &inst : instructions(*function))
        for (const Use &operand : inst.operands())
          push(operand.get());
      continue;
    }
    for (const Use &operand : cast<Constant>(value)->operands())
      push(operand.get());
  }
  // In the order of the module, so that results do not depend on addresses.
  for (GlobalVariable &variable : module.globals())
    if (seen.contains(&variable) &&
        variable.getAddressSpace() == unsigned(Space::Shared))
      sharedVariables.push_back(&variable);
  for (Function &function : module)
    if (!function.isDeclaration() && !reachable.contains(&function))
      function.deleteBody();
  for (Function &function : make_early_inc_range(module))
    if (function.isDeclaration() && function.use_empty())
      function.eraseFromParent();
}

Error Rewriter::layOutShared() {
  uint64_t offset = 0;
  Align dynamicAlign(16);
  SmallVector<GlobalVariable *> dynamic;
  for (GlobalVariable *variable : sharedVariables) {
    uint64_t size = layout.getTypeAllocSize(variable->getValueType());
    Align align = variable->getAlign().value_or(
        layout.getPrefTypeAlign(variable->getValueType()));
    if (size == 0) {
      dynamic.push_back(variable);
      dynamicAlign = std::max(dynamicAlign, align);
      continue;
    }
    offset = alignTo(offset, align);
    sharedOffsets[variable] = offset;
    offset += size;
  }
  image.staticShared = offset;
  image.dynamicSharedOffset = alignTo(offset, dynamicAlign);
  for (GlobalVariable *variable : dynamic)
    sharedOffsets[variable] = image.dynamicSharedOffset;
  SmallVector<Constant *> constants(sharedVariables.begin(),
                                    sharedVariables.end());
  convertUsersOfConstantsToInstructions(constants);
  return Error::success();
}

/// What attributes say was true of the device: memory effects, for example, do
/// not hold for the calls that are put in.
void Rewriter::stripAttributes() {
  auto keepABI = [&](AttributeList old, unsigned numArguments) {
    AttributeList result;
    for (unsigned i = 0; i < numArguments; ++i) {
      if (Type *type = old.getParamByValType(i)) {
        AttrBuilder builder(context);
        builder.addByValAttr(type);
        builder.addAlignmentAttr(old.getParamAlignment(i));
        result = result.addParamAttributes(context, i, builder);
      }
      if (Type *type = old.getParamStructRetType(i)) {
        AttrBuilder builder(context);
        builder.addStructRetAttr(type);
        result = result.addParamAttributes(context, i, builder);
      }
    }
    return result;
  };
  for (Function *function : reachable) {
    function->setAttributes(
        keepABI(function->getAttributes(), function->arg_size()));
    function->setCallingConv(CallingConv::C);
    function->setLinkage(GlobalValue::InternalLinkage);
    function->setVisibility(GlobalValue::DefaultVisibility);
    function->setComdat(nullptr);
    for (Instruction &inst : instructions(*function)) {
      auto *call = dyn_cast<CallBase>(&inst);
      if (!call || isa<IntrinsicInst>(call))
        continue;
      call->setAttributes(keepABI(call->getAttributes(), call->arg_size()));
      call->setCallingConv(CallingConv::C);
      if (auto *plain = dyn_cast<CallInst>(call))
        plain->setTailCallKind(CallInst::TCK_None);
    }
  }
}

//===----------------------------------------------------------------------===//
// Sites
//===----------------------------------------------------------------------===//

static std::string describeLocation(const Instruction &inst,
                                    ModuleSlotTracker &slots) {
  std::string text;
  raw_string_ostream os(text);
  if (const DILocation *location = inst.getDebugLoc().get()) {
    for (bool first = true; location;
         location = location->getInlinedAt(), first = false) {
      if (!first)
        os << ", inlined at ";
      os << location->getFilename() << ":" << location->getLine();
      if (location->getColumn())
        os << ":" << location->getColumn();
    }
    return text;
  }
  inst.print(os, slots);
  return "'" + StringRef(text).trim().str() + "' in @" +
         inst.getFunction()->getName().str();
}

unsigned Rewriter::addSite(Instruction &inst, ModuleSlotTracker &slots,
                           StringRef what) {
  Site site;
  site.location = describeLocation(inst, slots);
  site.what = what.str();
  image.sites.push_back(std::move(site));
  work.emplace_back(&inst, image.sites.size() - 1);
  return image.sites.size() - 1;
}

Error Rewriter::unsupported(Instruction &inst, const Twine &what,
                            ModuleSlotTracker &slots) {
  return createStringError("kernel '" + image.name + "': " + what +
                           " is not modelled (" +
                           describeLocation(inst, slots) + ")");
}

static std::optional<Space> getSpace(const Value *pointer) {
  switch (unsigned number = pointer->getType()->getPointerAddressSpace()) {
  case 0:
  case 1:
  case 3:
  case 4:
  case 5:
    return static_cast<Space>(number);
  default:
    return std::nullopt;
  }
}

Error Rewriter::describeAccess(Site &site, Value *pointer, Type *type,
                               Align align, StringRef what) {
  std::optional<Space> space = getSpace(pointer);
  if (!space)
    return createStringError(
        "kernel '" + image.name + "': address space " +
        Twine(pointer->getType()->getPointerAddressSpace()) +
        " is not modelled (" + site.location + ")");
  site.space = *space;
  site.what = what.str();
  if (type) {
    site.size = layout.getTypeStoreSize(type);
    site.align = align.value();
  }
  auto *variable = dyn_cast<GlobalVariable>(getUnderlyingObject(pointer));
  auto it = sharedOffsets.find(variable);
  if (it != sharedOffsets.end())
    if (uint64_t size = layout.getTypeAllocSize(variable->getValueType())) {
      site.variableBegin = it->second;
      site.variableEnd = it->second + size;
      site.variable = variable->getName().str();
    }
  return Error::success();
}

static Ordering getOrdering(AtomicOrdering ordering) {
  switch (ordering) {
  case AtomicOrdering::NotAtomic:
    return Ordering::None;
  case AtomicOrdering::Unordered:
  case AtomicOrdering::Monotonic:
    return Ordering::Relaxed;
  case AtomicOrdering::Acquire:
    return Ordering::Acquire;
  case AtomicOrdering::Release:
    return Ordering::Release;
  case AtomicOrdering::AcquireRelease:
  case AtomicOrdering::SequentiallyConsistent:
    return Ordering::AcquireRelease;
  }
  llvm_unreachable("covered");
}

AllocaInst *emulator::getLocalVariable(Value *pointer) {
  return dyn_cast<AllocaInst>(getUnderlyingObject(pointer));
}

/// Whether the access stays within its variable, whatever happens.
static bool isWithinVariable(AllocaInst *variable, Value *pointer,
                             uint64_t size, const DataLayout &layout) {
  APInt offset(64, 0);
  if (pointer->stripAndAccumulateConstantOffsets(layout, offset, true) !=
      variable)
    return false;
  std::optional<TypeSize> total = variable->getAllocationSize(layout);
  return total && offset.isNonNegative() &&
         offset.getZExtValue() + size <= total->getFixedValue();
}

static bool isInLoop(const Instruction &inst) {
  SmallVector<const BasicBlock *> worklist = {inst.getParent()};
  SmallPtrSet<const BasicBlock *, 16> seen;
  while (!worklist.empty())
    for (const BasicBlock *next : successors(worklist.pop_back_val())) {
      if (next == inst.getParent())
        return true;
      if (seen.insert(next).second)
        worklist.push_back(next);
    }
  return false;
}

Error Rewriter::classify(Instruction &inst, ModuleSlotTracker &slots) {
  auto addAccess = [&](Value *pointer, Type *type, Align align,
                       AtomicOrdering ordering, bool isVolatile, bool reads,
                       bool writes, StringRef what) -> Error {
    if (AllocaInst *variable = getLocalVariable(pointer))
      if (isWithinVariable(variable, pointer, layout.getTypeStoreSize(type),
                           layout))
        return Error::success();
    Site &site = image.sites[addSite(inst, slots, what)];
    site.ordering = getOrdering(ordering);
    site.isVolatile = isVolatile;
    site.reads = reads;
    site.writes = writes;
    return describeAccess(site, pointer, type, align, what);
  };
  if (auto *load = dyn_cast<LoadInst>(&inst))
    return addAccess(load->getPointerOperand(), load->getType(),
                     load->getAlign(), load->getOrdering(), load->isVolatile(),
                     true, false, "load");
  if (auto *store = dyn_cast<StoreInst>(&inst))
    return addAccess(store->getPointerOperand(),
                     store->getValueOperand()->getType(), store->getAlign(),
                     store->getOrdering(), store->isVolatile(), false, true,
                     "store");
  if (auto *rmw = dyn_cast<AtomicRMWInst>(&inst))
    return addAccess(rmw->getPointerOperand(), rmw->getType(), rmw->getAlign(),
                     rmw->getOrdering(), rmw->isVolatile(), true, true,
                     "atomicrmw");
  if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&inst))
    return addAccess(exchange->getPointerOperand(),
                     exchange->getCompareOperand()->getType(),
                     exchange->getAlign(), exchange->getMergedOrdering(),
                     exchange->isVolatile(), true, true, "cmpxchg");
  if (isa<FenceInst>(inst)) {
    image.sites[addSite(inst, slots, "fence")].op = lookupOp("ptx.fence");
    return Error::success();
  }
  if (isa<UnreachableInst>(inst)) {
    image.sites[addSite(inst, slots, "unreachable")].op = lookupOp("llvm.trap");
    return Error::success();
  }
  if (auto *variable = dyn_cast<AllocaInst>(&inst);
      variable && (!variable->getAllocationSize(layout) || isInLoop(inst)))
    return unsupported(inst, "a local variable of varying size or in a loop",
                       slots);
  if (isa<AddrSpaceCastInst>(inst) || isa<AllocaInst>(inst)) {
    work.emplace_back(&inst, kNoSite);
    return Error::success();
  }
  if (auto *truncation = dyn_cast<FPTruncInst>(&inst)) {
    if (truncation->getType()->getScalarType()->isBFloatTy())
      work.emplace_back(&inst, kNoSite);
    return Error::success();
  }
  if (isa<InvokeInst, CallBrInst, VAArgInst>(inst))
    return unsupported(inst, inst.getOpcodeName(), slots);
  if (auto *call = dyn_cast<CallInst>(&inst))
    return classifyCall(*call, slots);
  return Error::success();
}

/// Whether the function calls itself, if through others. A thread's stack is
/// small, and no kernel of note does it.
static bool isRecursive(const Function &function) {
  SmallVector<const Function *> worklist = {&function};
  SmallPtrSet<const Function *, 8> seen;
  while (!worklist.empty())
    for (const Instruction &inst : instructions(*worklist.pop_back_val())) {
      auto *call = dyn_cast<CallBase>(&inst);
      const Function *callee = call ? call->getCalledFunction() : nullptr;
      if (callee == &function)
        return true;
      if (callee && seen.insert(callee).second)
        worklist.push_back(callee);
    }
  return false;
}

Error Rewriter::classifyCall(CallBase &call, ModuleSlotTracker &slots) {
  if (auto *code = dyn_cast<InlineAsm>(call.getCalledOperand())) {
    Expected<InlinePTX> parsed = parseInlinePTX(*code);
    if (!parsed)
      return createStringError("kernel '" + image.name +
                               "': " + toString(parsed.takeError()) + " (" +
                               describeLocation(call, slots) + ")");
    if (!parsed->op && !call.getType()->isVoidTy())
      return unsupported(call, "empty assembly with results", slots);
    unsigned index = addSite(call, slots, code->getAsmString());
    image.sites[index].op = parsed->op ? parsed->op : lookupOp("ptx.nothing");
    image.sites[index].space = Space::Shared;
    assembly[&call] = std::move(*parsed);
    return Error::success();
  }
  Function *callee = call.getCalledFunction();
  if (!callee)
    return unsupported(call, "an indirect call", slots);
  StringRef name = callee->getName();
  if (auto *memory = dyn_cast<MemIntrinsic>(&call)) {
    Site &site = image.sites[addSite(call, slots, name)];
    site.writes = true;
    if (Error error =
            describeAccess(site, memory->getRawDest(), nullptr, Align(1), name))
      return error;
    if (auto *transfer = dyn_cast<MemTransferInst>(memory)) {
      std::optional<Space> source = getSpace(transfer->getRawSource());
      if (!source)
        return unsupported(call, "an address space of its source", slots);
      site.sourceSpace = *source;
      // Bounds of a variable would be the destination's.
      site.variableEnd = 0;
    }
    return Error::success();
  }
  // A function of the module may be called what it likes.
  const Op *op = callee->isDeclaration() ? lookupOp(name) : nullptr;
  if (op) {
    for (Value *argument : call.args())
      if (!fitsSlot(argument->getType(), layout))
        return unsupported(call, name, slots);
    Site &site = image.sites[addSite(call, slots, name)];
    site.op = op;
    if (call.arg_size() && call.getArgOperand(0)->getType()->isPointerTy())
      if (std::optional<Space> space = getSpace(call.getArgOperand(0)))
        site.space = *space;
    return Error::success();
  }
  if (name.starts_with("llvm.nvvm."))
    return unsupported(call, name, slots);
  if (callee->isIntrinsic()) {
    switch (callee->getIntrinsicID()) {
    case Intrinsic::lifetime_start:
    case Intrinsic::lifetime_end:
    case Intrinsic::assume:
    case Intrinsic::experimental_noalias_scope_decl:
    case Intrinsic::invariant_start:
    case Intrinsic::prefetch:
    case Intrinsic::exp:
    case Intrinsic::exp2:
    case Intrinsic::exp10:
      work.emplace_back(&call, kNoSite);
      return Error::success();
    default:
      if (isa<DbgInfoIntrinsic>(call) || callee->doesNotAccessMemory())
        return Error::success();
      return unsupported(call, name, slots);
    }
  }
  if (callee->isDeclaration() && !lookupLibraryFunction(name))
    return unsupported(call, "the function '" + name + "'", slots);
  if (isRecursive(*callee))
    return unsupported(call, "recursion of '" + name + "'", slots);
  return Error::success();
}

Error Rewriter::collectSites(Function &function, ModuleSlotTracker &slots) {
  slots.incorporateFunction(function);
  for (BasicBlock &block : function)
    for (Instruction &inst : block)
      if (Error error = classify(inst, slots))
        return error;
  for (Instruction &inst : instructions(function))
    if (auto *variable = dyn_cast<AllocaInst>(&inst))
      if (std::optional<TypeSize> size = variable->getAllocationSize(layout))
        image.localBytes += alignTo(size->getFixedValue(), 16);
  return Error::success();
}
