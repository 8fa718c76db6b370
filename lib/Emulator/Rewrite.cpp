//===- Rewrite.cpp - From device code to host code ------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replaces, one by one, the instructions that got a site.
//
//===----------------------------------------------------------------------===//

#include "Rewrite.h"

#include "Rewriter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include <cstddef>

using namespace llvm;
using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

static constexpr unsigned kNumSlots = 64;

bool emulator::isKernel(const Function &function) {
  return function.getCallingConv() == CallingConv::PTX_Kernel &&
         !function.isDeclaration();
}

//===----------------------------------------------------------------------===//
// Replacement
//===----------------------------------------------------------------------===//

CallInst *Rewriter::callRuntime(IRBuilder<> &builder, StringRef name,
                                Type *result, ArrayRef<Value *> arguments) {
  SmallVector<Value *> all = {block};
  llvm::append_range(all, arguments);
  SmallVector<Type *> types;
  for (Value *argument : all)
    types.push_back(argument->getType());
  return builder.CreateCall(
      module.getOrInsertFunction(
          name, FunctionType::get(result, types, /*isVarArg=*/false)),
      all);
}

void Rewriter::callHandler(IRBuilder<> &builder, unsigned siteIndex) {
  // Sites stay where they are from here on.
  const Site &site = image.sites[siteIndex];
  auto constant = [&](const void *address) {
    return ConstantExpr::getIntToPtr(
        builder.getInt64(reinterpret_cast<uint64_t>(address)),
        builder.getPtrTy());
  };
  Type *pointer = builder.getPtrTy();
  builder.CreateCall(
      FunctionType::get(builder.getVoidTy(),
                        {pointer, pointer, pointer, pointer, pointer}, false),
      constant(reinterpret_cast<const void *>(site.op->handler)),
      {block, builder.CreateLoad(pointer, thread), constant(&site), in, out});
}

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
  callHandler(builder, siteIndex);
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

/// The host's address for an access: from the site's window, or else from the
/// runtime.
Value *Rewriter::checkAccess(Instruction &inst, unsigned siteIndex,
                             Value *address) {
  IRBuilder<> builder(&inst);
  const Site &site = image.sites[siteIndex];
  Value *index = builder.getInt32(siteIndex);
  if (site.ordering != Ordering::None || site.isVolatile || site.size == 0)
    return callRuntime(builder, "nsa_emu_access", builder.getPtrTy(),
                       {address, index});
  Type *i64 = builder.getInt64Ty();
  Value *window = builder.CreateConstGEP1_64(
      builder.getInt8Ty(), windows, uint64_t(siteIndex) * sizeof(Window));
  auto field = [&](size_t offset) {
    return builder.CreateLoad(
        i64, builder.CreateConstGEP1_64(builder.getInt8Ty(), window, offset));
  };
  Value *within = builder.CreateICmpULT(
      builder.CreateSub(address, field(offsetof(Window, base))),
      field(offsetof(Window, count)));
  Value *aligned =
      builder.CreateIsNull(builder.CreateAnd(address, site.align - 1));
  Value *known = builder.CreateIntToPtr(
      builder.CreateAdd(address, field(offsetof(Window, delta))),
      builder.getPtrTy());
  Value *isGood = builder.CreateAnd(within, aligned);
  BasicBlock *head = inst.getParent();
  Instruction *ask = SplitBlockAndInsertIfThen(
      builder.CreateNot(isGood), &inst, /*Unreachable=*/false,
      MDBuilder(context).createUnlikelyBranchWeights());
  builder.SetInsertPoint(ask);
  Value *answer = callRuntime(builder, "nsa_emu_access", builder.getPtrTy(),
                              {address, index});
  builder.SetInsertPoint(&inst);
  PHINode *host = builder.CreatePHI(builder.getPtrTy(), 2);
  host->addIncoming(known, head);
  host->addIncoming(answer, ask->getParent());
  return host;
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
    host = callRuntime(builder, "nsa_emu_local", builder.getPtrTy(),
                       {address, builder.CreatePtrToInt(variable, i64),
                        builder.getInt64(size->getFixedValue()),
                        builder.getInt32(siteIndex)});
  } else {
    host = checkAccess(inst, siteIndex, address);
    builder.SetInsertPoint(&inst);
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
    callRuntime(builder, "nsa_emu_acquire", builder.getVoidTy(),
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
    callRuntime(builder, "nsa_emu_copy", builder.getVoidTy(),
                {destination,
                 builder.CreatePtrToInt(transfer->getRawSource(), i64), length,
                 index});
  else
    callRuntime(
        builder, "nsa_emu_fill", builder.getVoidTy(),
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
  value = callRuntime(
      builder, from == kShared ? "nsa_emu_to_generic" : "nsa_emu_to_shared",
      i64, {value});
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
        module.getOrInsertFunction(isFloat ? "nsa_emu_f32_to_bf16"
                                           : "nsa_emu_f64_to_bf16",
                                   builder.getInt16Ty(), value->getType()),
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
        callRuntime(builder, "nsa_emu_count_exp", builder.getVoidTy(),
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
    callHandler(builder, site);
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

void Rewriter::countInstructions(ArrayRef<BasicBlock *> basicBlocks,
                                 CallInst *block, unsigned firstCounter) {
  IRBuilder<> builder(block->getNextNode());
  Type *i64 = builder.getInt64Ty();
  this->block = block;
  Value *table = callRuntime(builder, "nsa_emu_counts", builder.getPtrTy(), {});
  unsigned index = firstCounter;
  for (BasicBlock *basicBlock : basicBlocks) {
    if (basicBlock->isEntryBlock())
      builder.SetInsertPoint(cast<Instruction>(table)->getNextNode());
    else
      builder.SetInsertPoint(basicBlock, basicBlock->getFirstInsertionPt());
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
  std::vector<std::pair<std::vector<BasicBlock *>, unsigned>> counters;
  for (Function *function : reachable) {
    auto &counter = counters.emplace_back();
    counter.second = image.blockInstructions.size();
    for (BasicBlock &block : *function) {
      counter.first.push_back(&block);
      image.blockInstructions.push_back(count_if(block, [](Instruction &inst) {
        return !isa<DbgInfoIntrinsic>(inst);
      }));
    }
  }

  size_t next = 0;
  std::vector<CallInst *> blocks;
  for (Function *function : reachable) {
    IRBuilder<> builder(&function->getEntryBlock(),
                        function->getEntryBlock().begin());
    Type *slots = ArrayType::get(builder.getInt64Ty(), kNumSlots);
    in = builder.CreateAlloca(slots, nullptr, "emu.in");
    out = builder.CreateAlloca(slots, nullptr, "emu.out");
    block = builder.CreateCall(
        module.getOrInsertFunction("nsa_emu_block", builder.getPtrTy()), {},
        "emu.block");
    blocks.push_back(block);
    windows = callRuntime(builder, "nsa_emu_windows", builder.getPtrTy(), {});
    thread = callRuntime(builder, "nsa_emu_thread", builder.getPtrTy(), {});
    for (; next < work.size() && work[next].first->getFunction() == function;
         ++next)
      if (Error error = rewrite(*work[next].first, work[next].second))
        return std::move(error);
  }
  for (auto [counter, functionBlock] : llvm::zip_equal(counters, blocks))
    countInstructions(counter.first, functionBlock, counter.second);
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
