//===- CUDAToolkit.cpp - Where ptxas and libdevice are --------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/CUDAToolkit.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;

static constexpr StringLiteral kPtxas = "bin/ptxas";
static constexpr StringLiteral kLibdevice = "nvvm/libdevice/libdevice.10.bc";

static std::string join(StringRef directory, StringRef file) {
  SmallString<256> path(directory);
  sys::path::append(path, file);
  return std::string(path);
}

/// The toolkit at `root`, with the files that it has.
static nsa::CUDAToolkit inspect(StringRef root) {
  nsa::CUDAToolkit toolkit{root.str(), join(root, kPtxas),
                           join(root, kLibdevice)};
  if (!sys::fs::can_execute(toolkit.ptxas) ||
      sys::fs::is_directory(toolkit.ptxas))
    toolkit.ptxas.clear();
  if (!sys::fs::is_regular_file(toolkit.libdevice))
    toolkit.libdevice.clear();
  return toolkit;
}

/// What `toolkit` lacks of `needs`, as text; empty when that is nothing.
static std::string describeMissing(const nsa::CUDAToolkit &toolkit,
                                   nsa::CUDAToolkitNeeds needs) {
  if (!sys::fs::is_directory(toolkit.root))
    return "no such directory";
  bool ptxas = needs.ptxas && toolkit.ptxas.empty();
  bool libdevice = needs.libdevice && toolkit.libdevice.empty();
  std::string missing;
  if (ptxas)
    missing = ("no executable " + kPtxas).str();
  if (libdevice)
    missing += (Twine(ptxas ? ", " : "") + "no " + kLibdevice).str();
  return missing;
}

static std::string describe(nsa::CUDAToolkitNeeds needs) {
  std::string text;
  if (needs.ptxas)
    text = kPtxas.str();
  if (needs.libdevice)
    text += (Twine(needs.ptxas ? " and " : "") + kLibdevice).str();
  return text;
}

/// Sentences that say where a toolkit comes from.
static std::string getRemedy() {
  return "Two files of a CUDA toolkit are enough, and no GPU is needed: `pip "
         "install nvidia-cuda-nvcc nvidia-nvvm` puts them in "
         "site-packages/nvidia/cu13 (utils/setup.sh does so in build/venv). Or "
         "install NVIDIA's toolkit. If it is elsewhere, name its directory "
         "with "
         "the option toolkit=DIR or in CUDA_HOME.";
}

/// The toolkit of the ptxas on PATH: of the file itself, or of what a link
/// points to.
static nsa::CUDAToolkit inspectPath(nsa::CUDAToolkitNeeds needs,
                                    StringRef ptxas) {
  SmallString<256> target;
  if (sys::fs::real_path(ptxas, target))
    target = ptxas;
  for (StringRef file : {ptxas, target.str()}) {
    StringRef bin = sys::path::parent_path(file);
    if (sys::path::filename(bin) != "bin")
      continue;
    nsa::CUDAToolkit toolkit = inspect(sys::path::parent_path(bin));
    if (describeMissing(toolkit, needs).empty())
      return toolkit;
  }
  return {"", ptxas.str(), ""};
}

ArrayRef<StringRef> nsa::getCUDAToolkitFallbacks() {
  static constexpr StringLiteral built = NSA_CUDA_TOOLKIT;
  static const StringRef directories[] = {built, "/usr/local/cuda"};
  return ArrayRef(directories).drop_front(built.empty() ? 1 : 0);
}

LogicalResult nsa::findCUDAToolkit(StringRef toolkit, CUDAToolkitNeeds needs,
                                   CUDAToolkit &found, std::string &message,
                                   ArrayRef<StringRef> fallbacks) {
  message.clear();
  raw_string_ostream text(message);
  if (!toolkit.empty()) {
    found = inspect(toolkit);
    std::string missing = describeMissing(found, needs);
    if (missing.empty())
      return success();
    text << "toolkit=" << toolkit << " is not a CUDA toolkit with "
         << describe(needs) << ": " << missing << ". " << getRemedy();
    return failure();
  }

  text << "found no CUDA toolkit with " << describe(needs) << "; looked at\n";
  for (StringRef name : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"}) {
    std::optional<std::string> directory = sys::Process::GetEnv(name);
    if (!directory || directory->empty()) {
      text << "  " << name << ": not set\n";
      continue;
    }
    found = inspect(*directory);
    std::string missing = describeMissing(found, needs);
    if (missing.empty())
      return success();
    text << "  " << name << "=" << *directory << ": " << missing << "\n";
  }
  if (ErrorOr<std::string> ptxas = sys::findProgramByName("ptxas")) {
    found = inspectPath(needs, *ptxas);
    if (!needs.libdevice || !found.libdevice.empty())
      return success();
    text << "  PATH: " << *ptxas << " is not in a toolkit with " << kLibdevice
         << "\n";
  } else {
    text << "  PATH: no ptxas\n";
  }
  for (StringRef directory : fallbacks) {
    found = inspect(directory);
    std::string missing = describeMissing(found, needs);
    if (missing.empty())
      return success();
    text << "  " << directory << ": " << missing << "\n";
  }
  text << getRemedy();
  found = {};
  return failure();
}

LogicalResult nsa::findToolkitDirectory(StringRef toolkit, bool needsPtxas,
                                        bool needsLibdevice,
                                        std::string &directory,
                                        std::string &message) {
  CUDAToolkit found;
  if (failed(findCUDAToolkit(toolkit, {needsPtxas, needsLibdevice}, found,
                             message)))
    return failure();
  directory = found.root;
  return success();
}

LogicalResult nsa::checkLibdevice(StringRef toolkit, std::string &message) {
  CUDAToolkit found;
  return findCUDAToolkit(toolkit, {/*ptxas=*/false, /*libdevice=*/true}, found,
                         message);
}
