//===- Options.cpp - The command line of nsa-run --------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that can be wrong with options is found before anything runs.
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "nsa/Execution/CPUTarget.h"
#include "nsa/Runtime/Bundle.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::nsa;

LogicalResult nsa::fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs()) << message << "\n";
  return failure();
}

LogicalResult RunOptions::checkDevice() {
  std::optional<DeviceKind> found =
      llvm::StringSwitch<std::optional<DeviceKind>>(device)
          .Case("cpu", DeviceKind::CPU)
          .Case("emulator", DeviceKind::Emulator)
          .Case("cuda", DeviceKind::CUDA)
          .Default(std::nullopt);
  if (!found)
    return fail("unknown device '" + device +
                "'; the devices are: cpu, emulator, cuda");
  kind = *found;
  if (emitBundle.getNumOccurrences())
    kind = DeviceKind::Bundle;

  // An option that would have no effect is a misunderstanding.
  auto needs = [&](const llvm::cl::Option &option, bool isGood,
                   StringRef what) -> LogicalResult {
    if (option.getNumOccurrences() == 0 || isGood)
      return success();
    return fail("--" + option.ArgStr + " needs " + what);
  };
  bool isEmulator = kind == DeviceKind::Emulator;
  bool isBundle = kind == DeviceKind::Bundle;
  bool isGPU = kind != DeviceKind::CPU;
  StringRef gpu = "--device=emulator, --device=cuda or --emit-bundle";
  if (failed(needs(schedule, isEmulator, "--device=emulator")) ||
      failed(needs(sanitize, isEmulator, "--device=emulator")) ||
      failed(needs(counters, isEmulator, "--device=emulator")) ||
      failed(needs(mutate, isEmulator, "--device=emulator")) ||
      failed(needs(dumpDeviceLLVM, isEmulator, "--device=emulator")) ||
      failed(needs(format, isBundle, "--emit-bundle")) ||
      failed(needs(chip, isGPU, gpu)) || failed(needs(toolkit, isGPU, gpu)) ||
      failed(needs(kernelOptions, isGPU, gpu)) ||
      failed(needs(protect, !isGPU, "--device=cpu")) ||
      failed(needs(threads, !isGPU || isEmulator,
                   "--device=cpu or --device=emulator")))
    return failure();
  auto runs = [&](const llvm::cl::Option &option) -> LogicalResult {
    if (option.getNumOccurrences() == 0 || !isBundle)
      return success();
    return fail("--emit-bundle runs nothing; --" + option.ArgStr +
                " does not go with it");
  };
  if (failed(runs(device)) || failed(runs(checked)) || failed(runs(outputs)) ||
      failed(runs(repeat)) || failed(runs(warmup)) || failed(runs(memory)))
    return failure();

  StringRef order = schedule;
  if (order == "lifo")
    emulator.schedule = emulator::Schedule::LIFO;
  else if (order.consume_front("random:") &&
           !order.getAsInteger(10, emulator.seed))
    emulator.schedule = emulator::Schedule::Random;
  else if (schedule != "fifo")
    return fail("--emulator-schedule is '" + schedule +
                "', expected fifo, lifo or random:SEED");
  if (sanitize != "fast" && sanitize != "full")
    return fail("--sanitize is '" + sanitize + "', expected fast or full");
  if (sanitize == "fast")
    emulator.sanitize = emulator::Sanitize::Fast;
  if (counters.getNumOccurrences() && counters != "text" && counters != "json")
    return fail("--counters is '" + counters + "', expected text or json");
  emulator.counters = counters.getNumOccurrences();
  emulator.hostThreads = threads;
  StringRef number;
  std::tie(emulator.mutate, number) = StringRef(mutate).split(':');
  unsigned mutation = 0;
  if (!number.empty()) {
    if (number.getAsInteger(10, mutation))
      return fail("--emulator-mutate is '" + mutate +
                  "', expected KERNEL or KERNEL:NUMBER");
    emulator.mutation = mutation;
  }
  emulator.keepText = dumpDeviceLLVM.getNumOccurrences();
  if (isBundle && emitBundle.empty())
    return fail("--emit-bundle is empty, expected a directory");
  if (format != "isa" && format != "bin")
    return fail("--format is '" + format + "', expected isa or bin");
  kernelFormat = isEmulator        ? KernelFormat::LLVM
                 : format == "bin" ? KernelFormat::Binary
                                   : KernelFormat::ISA;

  if (chip.getNumOccurrences() == 0)
    return success();
  SmallVector<StringRef> names;
  StringRef(chip).split(names, ',');
  for (StringRef name : names) {
    if (!runtime::parseChip(name.str()))
      return fail("--chip is '" + chip + "', expected a name such as sm_80" +
                  (isBundle ? ", or several with commas between them" : ""));
    if (llvm::is_contained(chips, name))
      return fail("--chip names " + name + " twice");
    chips.push_back(name.str());
  }
  if (chips.size() > 1 && !isBundle)
    return fail("--chip names several chips, which needs --emit-bundle");
  return success();
}

LogicalResult RunOptions::check() {
  if (failed(checkDevice()))
    return failure();
  if (optLevel > 3)
    return fail("--opt-level is " + Twine(optLevel) + ", expected 0 to 3");
  if (repeat == 0)
    return fail("--repeat is 0, expected at least 1");
  if (threads.getNumOccurrences() && (threads == 0 || threads > 4096))
    return fail("--threads is " + Twine(threads) + ", expected 1 to 4096");
  if (llvm::Expected<CPUTarget> target = getCPUTarget(cpu); !target)
    return fail("--cpu: " + llvm::toString(target.takeError()));
  return checkOutputs();
}

LogicalResult RunOptions::checkOutputs() {
  for (auto [index, path] : llvm::enumerate(outputs)) {
    if (path.empty())
      return fail("--output is empty, expected a file name");
    if (llvm::is_contained(ArrayRef<std::string>(outputs).take_front(index),
                           path) &&
        (!llvm::sys::fs::exists(path) || llvm::sys::fs::is_regular_file(path)))
      return fail("--output=" + path + " is given twice");
    // The run may take hours; writeOutputs would find out only then.
    StringRef directory = llvm::sys::path::parent_path(path);
    if (!directory.empty() && !llvm::sys::fs::is_directory(directory))
      return fail("cannot write " + path + ": there is no directory " +
                  directory);
  }
  return success();
}

void nsa::removeClashingOptions() {
  auto &registered = llvm::cl::getRegisteredOptions();
  for (StringRef name : {"checked",
                         "chip",
                         "counters",
                         "cpu",
                         "device",
                         "dump-device-llvm",
                         "emit-bundle",
                         "emulator-mutate",
                         "emulator-schedule",
                         "entry",
                         "format",
                         "input",
                         "kernel-options",
                         "memory",
                         "opt-level",
                         "output",
                         "protect",
                         "remarks-filter",
                         "repeat",
                         "sanitize",
                         "threads",
                         "toolkit",
                         "warmup"}) {
    auto clash = registered.find(name);
    if (clash != registered.end())
      clash->second->removeArgument();
  }
}
