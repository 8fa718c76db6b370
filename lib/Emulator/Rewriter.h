//===- Rewriter.h - Steps of rewriting a kernel -----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First every instruction of interest gets its site, while the module still
// reads as it was given (CollectSites.cpp); then the instructions are replaced
// one by one (Rewrite.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_REWRITER_H
#define NSA_LIB_EMULATOR_REWRITER_H

#include "InlinePTX.h"
#include "Op.h"
#include "Rewrite.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

namespace llvm {
class ModuleSlotTracker;
} // namespace llvm

namespace mlir::nsa::emulator {

// MLIR has classes of these names too.
using llvm::FixedVectorType;
using llvm::FunctionType;
using llvm::Type;
using llvm::Value;

class Rewriter {
public:
  Rewriter(llvm::Module &module, llvm::Function &kernel)
      : module(module), kernel(kernel), layout(module.getDataLayout()),
        context(module.getContext()) {}

  llvm::Expected<Image> run();

private:
  // Preparation.
  void collectReachable();
  llvm::Error layOutShared();
  void stripAttributes();
  // Sites.
  llvm::Error collectSites(llvm::Function &function,
                           llvm::ModuleSlotTracker &slots);
  llvm::Error classify(llvm::Instruction &inst, llvm::ModuleSlotTracker &slots);
  llvm::Error classifyCall(llvm::CallBase &call,
                           llvm::ModuleSlotTracker &slots);
  unsigned addSite(llvm::Instruction &inst, llvm::ModuleSlotTracker &slots,
                   llvm::StringRef what);
  llvm::Error describeAccess(Site &site, llvm::Value *pointer, llvm::Type *type,
                             llvm::Align align, llvm::StringRef what);
  llvm::Error unsupported(llvm::Instruction &inst, const llvm::Twine &what,
                          llvm::ModuleSlotTracker &slots);
  // Replacement.
  void countInstructions(llvm::ArrayRef<llvm::BasicBlock *> basicBlocks,
                         llvm::CallInst *block, unsigned firstCounter);
  void rewriteFunction(llvm::Function &function);
  llvm::Error rewrite(llvm::Instruction &inst, unsigned site);
  llvm::Error rewriteOp(llvm::CallBase &call, unsigned site);
  void rewriteAccess(llvm::Instruction &inst, unsigned site,
                     llvm::Value *pointer);
  llvm::Value *checkAccess(llvm::Instruction &inst, unsigned site,
                           llvm::Value *address);
  void rewriteMemoryIntrinsic(llvm::MemIntrinsic &inst, unsigned site);
  void rewriteCast(llvm::AddrSpaceCastInst &cast);
  void rewriteTruncation(llvm::FPTruncInst &inst);
  void addEntry();

  /// Calls a function of the runtime, whose first parameter is the thread
  /// block.
  llvm::CallInst *callRuntime(llvm::IRBuilder<> &builder, llvm::StringRef name,
                              llvm::Type *result,
                              llvm::ArrayRef<llvm::Value *> arguments);
  /// Calls the handler of the site's instruction.
  void callHandler(llvm::IRBuilder<> &builder, unsigned site);
  llvm::Value *toSlot(llvm::IRBuilder<> &builder, llvm::Value *value);
  llvm::Value *fromSlot(llvm::IRBuilder<> &builder, llvm::Value *slots,
                        unsigned index, llvm::Type *type);
  static bool fitsSlot(llvm::Type *type, const llvm::DataLayout &layout) {
    return type->isPointerTy() ||
           (type->isSized() && type->isSingleValueType() &&
            layout.getTypeSizeInBits(type) <= 64);
  }

  llvm::Module &module;
  llvm::Function &kernel;
  const llvm::DataLayout &layout;
  llvm::LLVMContext &context;
  Image image;
  llvm::SetVector<llvm::Function *> reachable;
  std::vector<llvm::GlobalVariable *> sharedVariables;
  llvm::DenseMap<llvm::GlobalVariable *, uint64_t> sharedOffsets;
  /// What to replace, with its site, or ~0 where none is needed.
  std::vector<std::pair<llvm::Instruction *, unsigned>> work;
  llvm::DenseMap<const llvm::Instruction *, InlinePTX> assembly;
  /// Slots for operands and results in the function that is being rewritten.
  llvm::AllocaInst *in = nullptr, *out = nullptr;
  /// The thread block there.
  llvm::CallInst *block = nullptr;
  /// Its windows.
  llvm::CallInst *windows = nullptr;
  /// Where it says which thread runs.
  llvm::CallInst *thread = nullptr;
};

inline constexpr unsigned kNoSite = ~0u;

/// The variable on the stack that is accessed, if it is known.
llvm::AllocaInst *getLocalVariable(llvm::Value *pointer);

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_REWRITER_H
