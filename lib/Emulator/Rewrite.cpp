//===- Rewrite.cpp - From device code to host code ------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First every instruction of interest gets its site, while the module still
// reads as it was given; then the instructions are replaced one by one.
//
//===----------------------------------------------------------------------===//

#include "Rewrite.h"

#include "InlinePTX.h"
#include "Op.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

bool emulator::isKernel(const Function &function) {
  return function.getCallingConv() == CallingConv::PTX_Kernel &&
         !function.isDeclaration();
}

namespace {
class Rewriter {
public:
  Rewriter(Module &module, Function &kernel)
      : module(module), kernel(kernel), layout(module.getDataLayout()),
        context(module.getContext()) {}

  Expected<Image> run();

private:
  // Preparation.
  void collectReachable();
  Error layOutShared();
  void stripAttributes();
  // Sites.
  Error collectSites(Function &function, ModuleSlotTracker &slots);
  Error classify(Instruction &inst, ModuleSlotTracker &slots);
  Error classifyCall(CallBase &call, ModuleSlotTracker &slots);
  unsigned addSite(Instruction &inst, ModuleSlotTracker &slots, StringRef what);
  Error describeAccess(Site &site, Value *pointer, Type *type, Align align,
                       StringRef what);
  Error unsupported(Instruction &inst, const Twine &what,
                    ModuleSlotTracker &slots);
  // Replacement.
  void countInstructions(Function &function, ArrayRef<uint32_t> counts,
                         unsigned firstCounter);
  void rewriteFunction(Function &function);
  Error rewrite(Instruction &inst, unsigned site);
  Error rewriteOp(CallBase &call, unsigned site);
  void rewriteAccess(Instruction &inst, unsigned site, Value *pointer);
  void rewriteMemoryIntrinsic(MemIntrinsic &inst, unsigned site);
  void rewriteCast(AddrSpaceCastInst &cast);
  void rewriteTruncation(FPTruncInst &inst);
  void addEntry();

  FunctionCallee runtime(StringRef name, Type *result, ArrayRef<Type *> types) {
    return module.getOrInsertFunction(
        name, FunctionType::get(result, types, /*isVarArg=*/false));
  }
  Value *toSlot(IRBuilder<> &builder, Value *value);
  Value *fromSlot(IRBuilder<> &builder, Value *slots, unsigned index,
                  Type *type);
  static bool fitsSlot(Type *type, const DataLayout &layout) {
    return type->isPointerTy() ||
           (type->isSized() && type->isSingleValueType() &&
            layout.getTypeSizeInBits(type) <= 64);
  }

  Module &module;
  Function &kernel;
  const DataLayout &layout;
  LLVMContext &context;
  Image image;
  SetVector<Function *> reachable;
  std::vector<GlobalVariable *> sharedVariables;
  DenseMap<GlobalVariable *, uint64_t> sharedOffsets;
  /// What to replace, with its site, or ~0 where none is needed.
  std::vector<std::pair<Instruction *, unsigned>> work;
  DenseMap<const Instruction *, InlinePTX> assembly;
  /// Slots for operands and results in the function that is being rewritten.
  AllocaInst *in = nullptr, *out = nullptr;
};
} // namespace

static constexpr unsigned kNoSite = ~0u;
static constexpr unsigned kNumSlots = 64;

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

/// The variable on the stack that is accessed, if it is known.
static AllocaInst *getLocalVariable(Value *pointer) {
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
    image.sites[addSite(inst, slots, "fence")].op = lookupOp("fence");
    return Error::success();
  }
  if (isa<UnreachableInst>(inst)) {
    image.sites[addSite(inst, slots, "unreachable")].op = lookupOp("llvm.trap");
    return Error::success();
  }
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
    image.sites[index].op = parsed->op ? parsed->op : lookupOp("nothing");
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
  if (const Op *op = lookupOp(name)) {
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
      work.emplace_back(&call, kNoSite);
      return Error::success();
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
  return Error::success();
}

Error Rewriter::collectSites(Function &function, ModuleSlotTracker &slots) {
  slots.incorporateFunction(function);
  for (BasicBlock &block : function)
    for (Instruction &inst : block)
      if (Error error = classify(inst, slots))
        return error;
  for (Instruction &inst : function.getEntryBlock())
    if (auto *variable = dyn_cast<AllocaInst>(&inst))
      if (std::optional<TypeSize> size = variable->getAllocationSize(layout))
        image.localBytes += alignTo(size->getFixedValue(), 16);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Replacement
//===----------------------------------------------------------------------===//

Value *Rewriter::toSlot(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  if (type->isPointerTy())
    return builder.CreatePtrToInt(value, builder.getInt64Ty());
  if (!type->isIntegerTy())
    value = builder.CreateBitCast(
        value, builder.getIntNTy(layout.getTypeSizeInBits(type)));
  return builder.CreateZExt(value, builder.getInt64Ty());
}

Value *Rewriter::fromSlot(IRBuilder<> &builder, Value *slots, unsigned index,
                          Type *type) {
  Value *slot = builder.CreateLoad(
      builder.getInt64Ty(),
      builder.CreateConstGEP1_32(builder.getInt64Ty(), slots, index));
  if (type->isPointerTy())
    return builder.CreateIntToPtr(slot, type);
  unsigned bits = layout.getTypeSizeInBits(type);
  slot = builder.CreateTrunc(slot, builder.getIntNTy(bits));
  return builder.CreateBitCast(slot, type);
}

Error Rewriter::rewriteOp(CallBase &call, unsigned siteIndex) {
  IRBuilder<> builder(&call);
  auto store = [&](unsigned index, Value *value) {
    builder.CreateStore(
        value, builder.CreateConstGEP1_32(builder.getInt64Ty(), in, index));
  };
  auto it = assembly.find(&call);
  unsigned numOperands =
      it != assembly.end() ? it->second.sources.size() : call.arg_size();
  assert(numOperands <= kNumSlots && "operands are counted by the tables");
  for (unsigned i = 0; i < numOperands; ++i) {
    if (it == assembly.end()) {
      store(i, toSlot(builder, call.getArgOperand(i)));
      continue;
    }
    const InlinePTX::Operand &operand = it->second.sources[i];
    if (operand.argument < 0) {
      store(i, builder.getInt64(operand.literal));
      continue;
    }
    Value *argument = call.getArgOperand(operand.argument);
    if (!fitsSlot(argument->getType(), layout))
      return createStringError("an operand of '" + image.sites[siteIndex].what +
                               "' has more than 64 bits");
    store(i, builder.CreateAdd(toSlot(builder, argument),
                               builder.getInt64(operand.offset)));
  }
  builder.CreateCall(
      runtime("nsa_emu_op", builder.getVoidTy(),
              {builder.getInt32Ty(), builder.getPtrTy(), builder.getPtrTy()}),
      {builder.getInt32(siteIndex), in, out});
  Type *type = call.getType();
  if (!type->isVoidTy()) {
    Value *result;
    if (auto *structType = dyn_cast<StructType>(type)) {
      result = PoisonValue::get(type);
      for (unsigned i = 0; i < structType->getNumElements(); ++i) {
        unsigned field = it == assembly.end() ? i : it->second.results[i];
        result = builder.CreateInsertValue(
            result,
            fromSlot(builder, out, i, structType->getElementType(field)),
            field);
      }
    } else {
      result = fromSlot(builder, out, 0, type);
    }
    call.replaceAllUsesWith(result);
  }
  call.eraseFromParent();
  return Error::success();
}

void Rewriter::rewriteAccess(Instruction &inst, unsigned siteIndex,
                             Value *pointer) {
  IRBuilder<> builder(&inst);
  Site &site = image.sites[siteIndex];
  Type *i64 = builder.getInt64Ty();
  Value *address = builder.CreatePtrToInt(pointer, i64);
  Value *host;
  AllocaInst *variable = getLocalVariable(pointer);
  std::optional<TypeSize> size =
      variable ? variable->getAllocationSize(layout) : std::nullopt;
  if (size) {
    host = builder.CreateCall(runtime("nsa_emu_local", builder.getPtrTy(),
                                      {i64, i64, i64, builder.getInt32Ty()}),
                              {address, builder.CreatePtrToInt(variable, i64),
                               builder.getInt64(size->getFixedValue()),
                               builder.getInt32(siteIndex)});
  } else {
    host = builder.CreateCall(runtime("nsa_emu_access", builder.getPtrTy(),
                                      {i64, builder.getInt32Ty()}),
                              {address, builder.getInt32(siteIndex)});
  }
  // The same access, through a pointer of the host.
  Instruction *access = inst.clone();
  access->dropUnknownNonDebugMetadata();
  for (Use &operand : access->operands())
    if (operand.get() == pointer &&
        operand.getOperandNo() == (isa<StoreInst>(inst) ? 1u : 0u))
      operand.set(host);
  if (auto *load = dyn_cast<LoadInst>(access); load && load->isAtomic())
    load->setSyncScopeID(SyncScope::System);
  if (auto *store = dyn_cast<StoreInst>(access); store && store->isAtomic())
    store->setSyncScopeID(SyncScope::System);
  if (auto *rmw = dyn_cast<AtomicRMWInst>(access))
    rmw->setSyncScopeID(SyncScope::System);
  if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(access))
    exchange->setSyncScopeID(SyncScope::System);
  builder.Insert(access);
  if (site.ordering != Ordering::None && !size)
    builder.CreateCall(runtime("nsa_emu_acquire", builder.getVoidTy(),
                               {i64, builder.getInt32Ty()}),
                       {address, builder.getInt32(siteIndex)});
  inst.replaceAllUsesWith(access);
  access->takeName(&inst);
  inst.eraseFromParent();
}

void Rewriter::rewriteMemoryIntrinsic(MemIntrinsic &inst, unsigned site) {
  IRBuilder<> builder(&inst);
  Type *i64 = builder.getInt64Ty();
  Value *destination = builder.CreatePtrToInt(inst.getRawDest(), i64);
  Value *length = builder.CreateZExtOrTrunc(inst.getLength(), i64);
  Value *index = builder.getInt32(site);
  if (auto *transfer = dyn_cast<MemTransferInst>(&inst))
    builder.CreateCall(runtime("nsa_emu_copy", builder.getVoidTy(),
                               {i64, i64, i64, builder.getInt32Ty()}),
                       {destination,
                        builder.CreatePtrToInt(transfer->getRawSource(), i64),
                        length, index});
  else
    builder.CreateCall(
        runtime("nsa_emu_fill", builder.getVoidTy(),
                {i64, builder.getInt8Ty(), i64, builder.getInt32Ty()}),
        {destination, cast<MemSetInst>(inst).getValue(), length, index});
  inst.eraseFromParent();
}

void Rewriter::rewriteCast(AddrSpaceCastInst &cast) {
  constexpr unsigned kShared = unsigned(Space::Shared);
  unsigned from = cast.getSrcAddressSpace(), to = cast.getDestAddressSpace();
  if ((from == kShared) == (to == kShared))
    return;
  IRBuilder<> builder(&cast);
  Type *i64 = builder.getInt64Ty();
  Value *value = builder.CreatePtrToInt(cast.getPointerOperand(), i64);
  value = builder.CreateCall(
      runtime(from == kShared ? "nsa_emu_to_generic" : "nsa_emu_to_shared", i64,
              {i64}),
      {value});
  value = builder.CreateIntToPtr(value, cast.getType());
  cast.replaceAllUsesWith(value);
  cast.eraseFromParent();
}

/// Hosts differ in what their bf16 instructions do with subnormal numbers.
void Rewriter::rewriteTruncation(FPTruncInst &inst) {
  IRBuilder<> builder(&inst);
  auto truncate = [&](Value *value) -> Value * {
    if (value->getType()->isHalfTy())
      value = builder.CreateFPExt(value, builder.getFloatTy());
    bool isFloat = value->getType()->isFloatTy();
    Value *bits = builder.CreateCall(
        runtime(isFloat ? "nsa_emu_f32_to_bf16" : "nsa_emu_f64_to_bf16",
                builder.getInt16Ty(), {value->getType()}),
        {value});
    return builder.CreateBitCast(bits, builder.getBFloatTy());
  };
  Value *source = inst.getOperand(0);
  Value *result;
  if (auto *vector = dyn_cast<FixedVectorType>(inst.getType())) {
    result = PoisonValue::get(vector);
    for (unsigned i = 0; i < vector->getNumElements(); ++i)
      result = builder.CreateInsertElement(
          result, truncate(builder.CreateExtractElement(source, i)), i);
  } else {
    result = truncate(source);
  }
  inst.replaceAllUsesWith(result);
  inst.eraseFromParent();
}

Error Rewriter::rewrite(Instruction &inst, unsigned site) {
  if (auto *memory = dyn_cast<MemIntrinsic>(&inst)) {
    rewriteMemoryIntrinsic(*memory, site);
    return Error::success();
  }
  if (site == kNoSite) {
    if (auto *addressCast = dyn_cast<AddrSpaceCastInst>(&inst)) {
      rewriteCast(*addressCast);
    } else if (auto *truncation = dyn_cast<FPTruncInst>(&inst)) {
      rewriteTruncation(*truncation);
    } else if (auto *variable = dyn_cast<AllocaInst>(&inst)) {
      if (variable->getAddressSpace() != 0) {
        IRBuilder<> builder(variable);
        AllocaInst *host = builder.CreateAlloca(variable->getAllocatedType(),
                                                0u, variable->getArraySize());
        host->setAlignment(variable->getAlign());
        variable->replaceAllUsesWith(
            builder.CreateAddrSpaceCast(host, variable->getType()));
        variable->eraseFromParent();
      }
    } else if (auto *intrinsic = dyn_cast<IntrinsicInst>(&inst)) {
      switch (intrinsic->getIntrinsicID()) {
      case Intrinsic::exp:
      case Intrinsic::exp2:
      case Intrinsic::exp10: {
        IRBuilder<> builder(intrinsic);
        auto *vector = dyn_cast<FixedVectorType>(intrinsic->getType());
        builder.CreateCall(
            runtime("nsa_emu_count_exp", builder.getVoidTy(),
                    {builder.getInt64Ty()}),
            {builder.getInt64(vector ? vector->getNumElements() : 1)});
        break;
      }
      default:
        if (!intrinsic->getType()->isVoidTy())
          intrinsic->replaceAllUsesWith(PoisonValue::get(intrinsic->getType()));
        intrinsic->eraseFromParent();
      }
    }
    return Error::success();
  }
  if (isa<FenceInst, UnreachableInst>(inst)) {
    IRBuilder<> builder(&inst);
    builder.CreateCall(
        runtime("nsa_emu_op", builder.getVoidTy(),
                {builder.getInt32Ty(), builder.getPtrTy(), builder.getPtrTy()}),
        {builder.getInt32(site), in, out});
    if (auto *fence = dyn_cast<FenceInst>(&inst))
      fence->setSyncScopeID(SyncScope::System);
    return Error::success();
  }
  if (auto *call = dyn_cast<CallBase>(&inst))
    return rewriteOp(*call, site);
  Value *pointer = inst.getOperand(isa<StoreInst>(inst) ? 1 : 0);
  rewriteAccess(inst, site, pointer);
  return Error::success();
}

void Rewriter::countInstructions(Function &function, ArrayRef<uint32_t> counts,
                                 unsigned firstCounter) {
  IRBuilder<> builder(&function.getEntryBlock(),
                      function.getEntryBlock().getFirstInsertionPt());
  Type *i64 = builder.getInt64Ty();
  Value *table =
      builder.CreateCall(runtime("nsa_emu_counts", builder.getPtrTy(), {}), {});
  unsigned index = firstCounter;
  for (BasicBlock &block : function) {
    if (&block == &function.getEntryBlock())
      builder.SetInsertPoint(cast<Instruction>(table)->getNextNode());
    else
      builder.SetInsertPoint(&block, block.getFirstInsertionPt());
    Value *slot = builder.CreateConstGEP1_32(i64, table, index++);
    builder.CreateStore(
        builder.CreateAdd(builder.CreateLoad(i64, slot), builder.getInt64(1)),
        slot);
  }
}

/// `void entry(ptr arguments)`, like cuLaunchKernel: each argument is behind a
/// pointer.
void Rewriter::addEntry() {
  Type *pointer = PointerType::getUnqual(context);
  auto *entry = Function::Create(
      FunctionType::get(Type::getVoidTy(context), {pointer}, false),
      GlobalValue::ExternalLinkage, kEntryName, module);
  IRBuilder<> builder(BasicBlock::Create(context, "entry", entry));
  SmallVector<Value *> arguments;
  for (Argument &parameter : kernel.args()) {
    Value *slot = builder.CreateLoad(
        pointer, builder.CreateConstGEP1_32(pointer, entry->getArg(0),
                                            parameter.getArgNo()));
    arguments.push_back(
        parameter.hasByValAttr()
            ? slot
            : builder.CreateAlignedLoad(parameter.getType(), slot, Align(1)));
  }
  CallInst *call = builder.CreateCall(&kernel, arguments);
  call->setAttributes(kernel.getAttributes());
  builder.CreateRetVoid();
}

Expected<Image> Rewriter::run() {
  image.name = kernel.getName().str();
  auto readDims = [&](StringRef name, uint32_t *dims) {
    SmallVector<StringRef> fields;
    kernel.getFnAttribute(name).getValueAsString().split(fields, ',', -1,
                                                         false);
    for (unsigned i = 0; i < fields.size() && i < 3; ++i)
      fields[i].trim().getAsInteger(10, dims[i]);
    for (unsigned i = fields.size(); i < 3 && !fields.empty(); ++i)
      dims[i] = 1;
  };
  readDims("nvvm.reqntid", image.requiredBlock);
  uint32_t maximum[3] = {0, 0, 0};
  readDims("nvvm.maxntid", maximum);
  if (maximum[0])
    image.maxThreads = maximum[0] * maximum[1] * maximum[2];
  for (Argument &parameter : kernel.args())
    image.parameterBytes.push_back(layout.getTypeStoreSize(
        parameter.hasByValAttr() ? parameter.getParamByValType()
                                 : parameter.getType()));

  collectReachable();
  if (Error error = layOutShared())
    return std::move(error);
  {
    ModuleSlotTracker slots(&module);
    for (Function *function : reachable)
      if (Error error = collectSites(*function, slots))
        return std::move(error);
  }
  stripAttributes();
  StripDebugInfo(module);

  // Count before anything is added.
  std::vector<std::pair<Function *, unsigned>> counters;
  for (Function *function : reachable) {
    counters.emplace_back(function, image.blockInstructions.size());
    for (BasicBlock &block : *function)
      image.blockInstructions.push_back(count_if(block, [](Instruction &inst) {
        return !isa<DbgInfoIntrinsic>(inst);
      }));
  }

  size_t next = 0;
  for (Function *function : reachable) {
    IRBuilder<> builder(&function->getEntryBlock(),
                        function->getEntryBlock().begin());
    Type *slots = ArrayType::get(builder.getInt64Ty(), kNumSlots);
    in = builder.CreateAlloca(slots, nullptr, "emu.in");
    out = builder.CreateAlloca(slots, nullptr, "emu.out");
    for (; next < work.size() && work[next].first->getFunction() == function;
         ++next)
      if (Error error = rewrite(*work[next].first, work[next].second))
        return std::move(error);
  }
  for (auto [function, first] : counters)
    countInstructions(*function, {}, first);
  for (auto &[variable, offset] : sharedOffsets) {
    Constant *address = ConstantExpr::getIntToPtr(
        ConstantInt::get(Type::getInt64Ty(context), offset),
        variable->getType());
    variable->replaceAllUsesWith(address);
    variable->eraseFromParent();
  }
  // Variables in global memory live in a module of their own.
  for (GlobalVariable &variable : make_early_inc_range(module.globals())) {
    variable.removeDeadConstantUsers();
    if (variable.use_empty()) {
      variable.eraseFromParent();
      continue;
    }
    variable.setInitializer(nullptr);
    variable.setLinkage(GlobalValue::ExternalLinkage);
    variable.setComdat(nullptr);
  }
  addEntry();
  std::string message;
  raw_string_ostream os(message);
  if (verifyModule(module, &os))
    return createStringError("kernel '" + image.name +
                             "' was rewritten to invalid code: " + message);
  return std::move(image);
}

Expected<Image> emulator::rewriteKernel(Module &module, Function &kernel) {
  return Rewriter(module, kernel).run();
}
