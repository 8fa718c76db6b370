//===- CPUTarget.cpp - The CPU that code is compiled for ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM accepts an unknown CPU name with a warning and compiles for a default;
// here it is an error.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/CPUTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir::nsa;
using llvm::Expected;
using llvm::StringRef;

/// The names that look most like `name`, best first.
static llvm::SmallVector<StringRef>
getSimilarCPUs(const llvm::MCSubtargetInfo &subtarget, StringRef name) {
  llvm::SmallVector<std::pair<unsigned, StringRef>> ranked;
  for (const auto &cpu : subtarget.getAllProcessorDescriptions())
    ranked.push_back({name.edit_distance_insensitive(cpu.Key), cpu.Key});
  llvm::sort(ranked);
  llvm::SmallVector<StringRef> names;
  for (auto [distance, cpu] : llvm::ArrayRef(ranked).take_front(5))
    names.push_back(cpu);
  return names;
}

/// The instruction sets that LLVM chooses by itself, as opposed to those that
/// only intrinsics or the operating system use.
static bool isUsedByCodeGeneration(StringRef feature) {
  static constexpr StringRef kPrefixes[] = {"sse",  "ssse",  "avx",   "fma",
                                            "f16c", "bmi",   "lzcnt", "popcnt",
                                            "gfni", "movbe", "xop",   "tbm"};
  return llvm::any_of(
      kPrefixes, [&](StringRef prefix) { return feature.starts_with(prefix); });
}

Expected<CPUTarget> mlir::nsa::getCPUTarget(StringRef name) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();

  Expected<llvm::orc::JITTargetMachineBuilder> host =
      llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!host)
    return host.takeError();
  const llvm::Triple triple = host->getTargetTriple();
  CPUTarget result{*host, 128};
  if (!name.empty() && name != "host")
    result.machine =
        llvm::orc::JITTargetMachineBuilder(triple).setCPU(name.str());

  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError(message);
  // Created for no CPU first: LLVM prints a warning for names that it does not
  // know.
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget->isCPUStringValid(result.machine.getCPU())) {
    if (name.empty() || name == "host")
      result.machine.setCPU("");
    else
      return llvm::createStringError(
          "LLVM knows no " + triple.getArchName() + " CPU '" + name +
          "'; similar names: " +
          llvm::join(getSimilarCPUs(*subtarget, name), ", ") +
          "; `llc -mcpu=help` lists all; without --cpu the code is compiled "
          "for this machine");
  }
  subtarget.reset(
      target->createMCSubtargetInfo(triple, result.machine.getCPU(),
                                    result.machine.getFeatures().getString()));

  for (const auto &[feature, available] : llvm::sys::getHostCPUFeatures())
    if (!available && isUsedByCodeGeneration(feature) &&
        subtarget->checkFeatures(("+" + feature).str()))
      return llvm::createStringError("this machine has no " + feature +
                                     ", which code for '" + name +
                                     "' would use");

  if (triple.isX86()) {
    if (subtarget->checkFeatures("+avx512f"))
      result.vectorWidth = 512;
    else if (subtarget->checkFeatures("+avx"))
      result.vectorWidth = 256;
  }
  return result;
}
