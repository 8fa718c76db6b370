//===- Mutants.cpp - Kernels without one of their calls -------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Emulator/Mutants.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/DebugLoc.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace mlir::nsa;

/// A function's name or the text of inline PTX; empty for an indirect call.
static StringRef getCalledText(const CallInst &call) {
  if (auto *code = dyn_cast<InlineAsm>(call.getCalledOperand()))
    return code->getAsmString();
  const Function *callee = call.getCalledFunction();
  return callee ? callee->getName() : StringRef();
}

Error emulator::forEachDeletion(
    const Module &module, StringRef kernel, StringRef prefixes,
    function_ref<Error(Module &mutant, StringRef what)> visit) {
  const Function *original = module.getFunction(kernel);
  if (!original)
    return createStringError("there is no kernel '" + kernel + "'");
  SmallVector<StringRef> beginnings;
  prefixes.split(beginnings, ',');
  for (const auto &[index, inst] : enumerate(instructions(*original))) {
    auto *call = dyn_cast<CallInst>(&inst);
    if (!call || !call->getType()->isVoidTy() ||
        none_of(beginnings, [&](StringRef beginning) {
          return getCalledText(*call).starts_with(beginning);
        }))
      continue;
    std::string what = getCalledText(*call).str();
    if (call->getDebugLoc())
      what += " at line " + utostr(call->getDebugLoc().getLine());
    std::unique_ptr<Module> mutant = CloneModule(module);
    Instruction *victim =
        &*std::next(inst_begin(*mutant->getFunction(kernel)), index);
    victim->eraseFromParent();
    if (Error error = visit(*mutant, what))
      return error;
  }
  return Error::success();
}
