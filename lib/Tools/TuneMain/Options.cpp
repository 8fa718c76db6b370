//===- Options.cpp - The command line of nsa-tune -------------------------===//
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

#include "../RunMain/Options.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::nsa;

/// Tuning may take hours; writing would fail only then.
static LogicalResult checkOutput(const llvm::cl::opt<std::string> &option) {
  if (option.getNumOccurrences() == 0)
    return success();
  const std::string &path = option;
  if (path.empty())
    return fail("--" + option.ArgStr + " is empty, expected a file name");
  if (path == "-")
    return success();
  StringRef directory = llvm::sys::path::parent_path(path);
  if (!directory.empty() && !llvm::sys::fs::is_directory(directory))
    return fail("cannot write " + path + ": there is no directory " +
                directory);
  if (llvm::sys::fs::is_directory(path))
    return fail("cannot write " + path + ": it is a directory");
  if (llvm::sys::fs::access(directory.empty() ? "." : directory,
                            llvm::sys::fs::AccessMode::Write))
    return fail("cannot write " + path + ": the directory is not writable");
  return success();
}

LogicalResult TuneOptions::check() {
  if (rank != "model" && rank != "measure")
    return fail("--rank is '" + rank + "', expected model or measure");
  if (device == "emulator")
    return fail("--device=emulator measures nothing: the emulator counts what "
                "kernels do, and its time is not a GPU's; use --rank=model, or "
                "--device=cuda where there is a GPU");
  if (device != "cuda")
    return fail("unknown device '" + device + "'; --rank=measure runs on cuda");
  // An option that would have no effect is a misunderstanding.
  auto needs = [](const llvm::cl::Option &option, bool isGood,
                  StringRef what) -> LogicalResult {
    if (option.getNumOccurrences() == 0 || isGood)
      return success();
    return fail("--" + option.ArgStr + " needs " + what);
  };
  bool isMeasured = measures(), hasScript = !script.empty();
  if (failed(needs(device, isMeasured, "--rank=measure")) ||
      failed(needs(entry, isMeasured, "--rank=measure")) ||
      failed(needs(inputs, isMeasured, "--rank=measure")) ||
      failed(needs(repeat, isMeasured, "--rank=measure")) ||
      failed(needs(warmup, isMeasured, "--rank=measure")) ||
      failed(needs(toolkit, isMeasured, "--rank=measure")) ||
      failed(needs(knobs, hasScript, "--script")) ||
      failed(needs(limit, hasScript, "--script")) ||
      failed(needs(outputScript, hasScript, "--script")))
    return failure();
  for (const auto *number : {&top, &repeat})
    if (*number == 0)
      return fail("--" + number->ArgStr + " is 0, expected at least 1");
  if (limit == 0)
    return fail("--limit is 0, expected at least 1");
  assumptions = {batch, tokens, unionAgreement};
  if (failed(checkOutput(output)))
    return failure();
  return checkOutput(outputScript);
}

void nsa::removeOptionsClashingWithTune() {
  auto &registered = llvm::cl::getRegisteredOptions();
  for (StringRef name :
       {"batch", "chip", "device", "entry", "input", "knob", "limit", "output",
        "output-script", "rank", "repeat", "script", "tokens", "toolkit", "top",
        "union-agreement", "warmup"}) {
    auto clash = registered.find(name);
    if (clash != registered.end())
      clash->second->removeArgument();
  }
}
