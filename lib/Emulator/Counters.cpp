//===- Counters.cpp - What a launch did -----------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See the header.
//
//===----------------------------------------------------------------------===//

#include "nsa/Emulator/Counters.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::nsa::emulator;

namespace {
struct Figure {
  uint64_t Counters::*value;
  const char *key;
  const char *text;
};
} // namespace

static constexpr Figure kFigures[] = {
    {&Counters::instructions, "instructions", "LLVM instructions"},
    {&Counters::mma, "mma", "mma (per warp)"},
    {&Counters::exp, "exp", "exponentials"},
    {&Counters::globalBytesRead, "global_bytes_read", "global bytes read"},
    {&Counters::globalBytesReadDistinct, "global_bytes_read_distinct",
     "  distinct"},
    {&Counters::globalBytesWritten, "global_bytes_written",
     "global bytes written"},
    {&Counters::globalBytesWrittenDistinct, "global_bytes_written_distinct",
     "  distinct"},
    {&Counters::asyncCopyBytes, "async_copy_bytes", "bytes copied async"},
    {&Counters::sharedAccesses, "shared_accesses", "shared accesses (warp)"},
    {&Counters::bankConflicts, "bank_conflicts", "bank conflicts"},
};

void Counters::add(const Counters &other) {
  for (const Figure &figure : kFigures)
    this->*figure.value += other.*figure.value;
}

void Counters::printText(llvm::raw_ostream &os, llvm::StringRef kernel) const {
  os << "kernel " << kernel << ":\n";
  for (const Figure &figure : kFigures)
    os << llvm::formatv("  {0,-24}{1,16}\n", figure.text, this->*figure.value);
}

void Counters::printJSON(llvm::raw_ostream &os, llvm::StringRef kernel) const {
  llvm::json::OStream json(os);
  json.object([&] {
    json.attribute("kernel", kernel);
    for (const Figure &figure : kFigures)
      json.attribute(figure.key, this->*figure.value);
  });
  os << "\n";
}
