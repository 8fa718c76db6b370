//===- Ptxas.cpp - Assembling PTX, and what ptxas says of it --------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ptxas -v prints, kernel by kernel and not in the order of the PTX:
//
//   ptxas info    : Compiling entry function 'f' for 'sm_80'
//   ptxas info    : Function properties for f
//       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
//   ptxas info    : Used 8 registers, used 1 barriers, 128 bytes smem, ...
//   ptxas info    : Function properties for helper
//       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
//
// The last two lines are of a device function that f calls.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Ptxas.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;
using nsa::KernelResources;
using nsa::PtxasResult;

//===----------------------------------------------------------------------===//
// The log
//===----------------------------------------------------------------------===//

/// Takes "N bytes <what>" off the item; "<what>" may have more behind it.
static bool readBytes(StringRef item, StringRef what, uint64_t &bytes) {
  uint64_t value;
  item = item.trim();
  if (item.consumeInteger(10, value) || !item.consume_front(" bytes ") ||
      !item.starts_with(what))
    return false;
  bytes += value;
  return true;
}

/// The names of the kernels that `ptx` defines.
static SmallVector<StringRef> getEntries(StringRef ptx) {
  SmallVector<StringRef> names;
  for (StringRef line : split(ptx, '\n')) {
    line = line.take_front(line.find("//"));
    while (true) {
      line = line.split(".entry").second;
      if (line.empty())
        break;
      StringRef name = line.ltrim().take_while([](char c) {
        return isAlnum(c) || c == '_' || c == '$' || c == '%';
      });
      // Otherwise ".entry" is part of something longer.
      if (line.front() == ' ' || line.front() == '\t')
        names.push_back(name);
    }
  }
  return names;
}

/// A line of the log that a user should see although ptxas succeeded, without
/// what is the same or accidental in each.
static std::optional<std::string> getNotice(StringRef line) {
  static const Regex numbered("\\(C[0-9]+\\)");
  if (!line.consume_front("ptxas"))
    return std::nullopt;
  bool isWarning = line.contains("warning :");
  if (!isWarning && !numbered.match(line))
    return std::nullopt;
  // "ptxas FILE, line N; warning : text", "ptxas warning : text",
  // "ptxas info    : (C7510) text".
  StringRef where = line.split(';').first;
  size_t number = where.rfind(", line ");
  std::string notice;
  if (isWarning && number != StringRef::npos)
    notice = (where.drop_front(number + 2) + ": ").str();
  notice += line.split(" : ").second.trim();
  return notice;
}

LogicalResult nsa::parsePtxasLog(StringRef log, StringRef ptx,
                                 PtxasResult &result, std::string &message) {
  result.functions.clear();
  result.notices.clear();
  auto get = [&](StringRef name) -> KernelResources & {
    for (KernelResources &function : result.functions)
      if (function.name == name)
        return function;
    result.functions.emplace_back().name = name.str();
    return result.functions.back();
  };

  // Of which function the next properties, and the next registers, are.
  std::string function, kernel;
  StringSet<> measured;
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines) {
    line = line.rtrim();
    if (std::optional<std::string> notice = getNotice(line)) {
      result.notices.push_back(std::move(*notice));
      continue;
    }
    StringRef text = line;
    if (text.starts_with("ptxas"))
      text = text.split(" : ").second.ltrim();
    if (text.consume_front("Compiling entry function '")) {
      kernel = text.split('\'').first.str();
      get(kernel);
    } else if (text.consume_front("Function properties for ")) {
      function = text.trim().trim('\'').str();
    } else if (text.contains("bytes stack frame") && !function.empty()) {
      uint64_t stack = 0, stores = 0, loads = 0;
      unsigned items = 0;
      for (StringRef item : split(text, ','))
        items += readBytes(item, "stack frame", stack) ||
                 readBytes(item, "spill stores", stores) ||
                 readBytes(item, "spill loads", loads);
      if (items == 3)
        measured.insert(function);
      // A function that several kernels call is described with each.
      KernelResources &resources = get(function);
      resources.stackBytes = std::max(resources.stackBytes, stack);
      resources.spillStoreBytes = std::max(resources.spillStoreBytes, stores);
      resources.spillLoadBytes = std::max(resources.spillLoadBytes, loads);
      function.clear();
    } else if (text.consume_front("Used ") && !kernel.empty()) {
      KernelResources &resources = get(kernel);
      uint64_t registers;
      if (!text.consumeInteger(10, registers) && text.starts_with(" registers"))
        resources.registers = registers;
      for (StringRef item : split(text, ','))
        (void)(readBytes(item, "smem", resources.sharedBytes) ||
               readBytes(item, "cmem", resources.constantBytes));
      kernel.clear();
    }
  }

  SmallVector<StringRef> entries = getEntries(ptx);
  for (StringRef entry : entries) {
    if (measured.contains(entry) && get(entry).isKernel())
      continue;
    message = ("ptxas did not say, in words known here, what kernel '" + entry +
               "' needs. It printed\n" + log.rtrim())
                  .str();
    return failure();
  }
  // Kernels as the PTX has them, then device functions.
  std::vector<KernelResources> ordered;
  for (StringRef entry : entries)
    ordered.push_back(get(entry));
  for (const KernelResources &resources : result.functions)
    if (!is_contained(entries, resources.name))
      ordered.push_back(resources);
  result.functions = std::move(ordered);
  return success();
}

//===----------------------------------------------------------------------===//
// Running it
//===----------------------------------------------------------------------===//

namespace {
/// A file of its own that disappears with this object, unless kept.
class TemporaryFile {
public:
  explicit TemporaryFile(StringRef suffix) {
    error = sys::fs::createTemporaryFile("nsa", suffix, path);
    if (!error)
      remover.setFile(path);
  }
  StringRef getPath() const { return path; }
  std::error_code getError() const { return error; }
  void keep() { remover.releaseFile(); }

  std::error_code write(StringRef text) const {
    std::error_code status;
    raw_fd_ostream stream(path, status);
    if (status)
      return status;
    stream << text;
    stream.close();
    status = stream.error();
    stream.clear_error();
    return status;
  }

  /// Empty when it cannot be read.
  std::string read() const {
    ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
        MemoryBuffer::getFile(path, /*IsText=*/false,
                              /*RequiresNullTerminator=*/false);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

private:
  SmallString<128> path;
  FileRemover remover;
  std::error_code error;
};
} // namespace

/// The log, with the line of the PTX below each message that names one.
static std::string quoteLines(StringRef log, StringRef ptx) {
  static const Regex line(", line ([0-9]+);");
  SmallVector<StringRef> code;
  ptx.split(code, '\n');
  std::string text;
  for (StringRef message : split(log.rtrim(), '\n')) {
    text += ("\n" + message).str();
    SmallVector<StringRef> match;
    size_t number;
    if (line.match(message, &match) && !match[1].getAsInteger(10, number) &&
        number >= 1 && number <= code.size())
      text += ("\n    " + code[number - 1].trim()).str();
  }
  return text;
}

LogicalResult nsa::runPtxas(StringRef ptx, StringRef chip, StringRef ptxas,
                            ArrayRef<std::string> options, PtxasResult &result,
                            std::string &message) {
  // Upstream's serializer ends PTX with a null character; ptxas refuses it.
  ptx = ptx.rtrim('\0');
  TemporaryFile input("ptx"), output("cubin"), log("log");
  for (const TemporaryFile *file : {&input, &output, &log})
    if (std::error_code error = file->getError()) {
      message = "cannot make a temporary file: " + error.message();
      return failure();
    }
  if (std::error_code error = input.write(ptx)) {
    message =
        ("cannot write " + input.getPath() + ": " + error.message()).str();
    return failure();
  }

  SmallVector<StringRef> command = {ptxas, "-v", "--gpu-name", chip};
  command.append(options.begin(), options.end());
  command.append({input.getPath(), "-o", output.getPath()});
  std::optional<StringRef> redirects[] = {StringRef(""), log.getPath(),
                                          log.getPath()};
  std::string reason;
  int status = sys::ExecuteAndWait(ptxas, command, /*Env=*/std::nullopt,
                                   redirects, /*SecondsToWait=*/0,
                                   /*MemoryLimit=*/0, &reason);
  std::string text = log.read();
  if (status == 0) {
    result.cubin = output.read();
    if (!result.cubin.empty())
      return parsePtxasLog(text, ptx, result, message);
    reason = "it wrote no cubin";
  }

  input.keep();
  command.back() = "/dev/null";
  message = (Twine(ptxas) + " failed for " + chip + " (" +
             (reason.empty() ? "exit status " + Twine(status) : Twine(reason)) +
             ")" + quoteLines(text, ptx) +
             "\nThe PTX was kept; to repeat: " + join(command, " "))
                .str();
  return failure();
}

std::string nsa::getPtxasVersion(StringRef ptxas) {
  TemporaryFile log("log");
  if (log.getError())
    return "unknown";
  std::optional<StringRef> redirects[] = {StringRef(""), log.getPath(),
                                          StringRef("")};
  sys::ExecuteAndWait(ptxas, {ptxas, "--version"}, /*Env=*/std::nullopt,
                      redirects);
  // "Cuda compilation tools, release 13.0, V13.0.88"
  static const Regex release(", V([0-9.]+)");
  SmallVector<StringRef> match;
  std::string text = log.read();
  return release.match(text, &match) ? match[1].str() : "unknown";
}
