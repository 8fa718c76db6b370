//===- Site.h - A place in a kernel -----------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything the runtime needs to know about an instruction is collected when
// the kernel is rewritten; compiled code passes the number of its site only.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_SITE_H
#define NSA_LIB_EMULATOR_SITE_H

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::nsa::emulator {

struct Op;

/// NVPTX address spaces, by number.
enum class Space : uint8_t {
  Generic = 0,
  Global = 1,
  Shared = 3,
  Constant = 4,
  Local = 5
};

enum class Ordering : uint8_t {
  None,
  Relaxed,
  Acquire,
  Release,
  AcquireRelease
};

inline bool isAcquire(Ordering ordering) {
  return ordering == Ordering::Acquire || ordering == Ordering::AcquireRelease;
}
inline bool isRelease(Ordering ordering) {
  return ordering == Ordering::Release || ordering == Ordering::AcquireRelease;
}

struct Site {
  /// Where it is: "file:line:column", or the instruction's text.
  std::string location;
  /// What it is, for messages: "store", "llvm.nvvm.shfl.sync.idx.i32".
  std::string what;
  /// The modelled instruction, if it is one.
  const Op *op = nullptr;
  /// Literal operands of inline PTX sit among the inputs already.
  Space space = Space::Generic;
  /// Of the source, for copies.
  Space sourceSpace = Space::Generic;
  bool reads = false, writes = false;
  /// Not None: an atomic access.
  Ordering ordering = Ordering::None;
  bool isVolatile = false;
  uint32_t size = 0, align = 1;
  /// The shared variable that is accessed, where that is known:
  /// [variableBegin, variableEnd) and its name.
  uint64_t variableBegin = 0, variableEnd = 0;
  std::string variable;
};

/// Where compiled code may go without asking again: an access at `address` is
/// good if address - base < count and it is aligned, and its bytes are at
/// address + delta. One for each site and block; filled where there is nothing
/// to record.
struct Window {
  uint64_t base = 0, count = 0, delta = 0;
};

/// What rewriting a kernel leaves for the runtime.
struct Image {
  std::string name;
  std::vector<Site> sites;
  std::vector<uint64_t> parameterBytes;
  uint64_t staticShared = 0;
  /// Where dynamic shared memory begins.
  uint64_t dynamicSharedOffset = 0;
  /// Bytes of the variables on a thread's stack.
  uint64_t localBytes = 0;
  /// LLVM instructions in each counted basic block.
  std::vector<uint32_t> blockInstructions;
  /// Required block dimensions (nvvm.reqntid), 0 where there is none.
  uint32_t requiredBlock[3] = {0, 0, 0};
  uint32_t maxThreads = 1024;
  /// The compiled entry: takes the array of argument pointers.
  void (*entry)(void *const *) = nullptr;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_SITE_H
