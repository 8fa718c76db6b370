//===- Runtime.cpp - What compiled kernels call ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thin: each delegates to the block, which a function asks for when it begins:
// a thread block never changes its host thread.
//
//===----------------------------------------------------------------------===//

#include "Runtime.h"

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include <cstring>

using namespace mlir::nsa::emulator;

static void *access(ThreadBlock &block, uint64_t address, uint32_t site) {
  return block.access(address, site);
}

static void acquire(ThreadBlock &block, uint64_t address, uint32_t site) {
  block.acquire(address, site);
}

static void *accessLocal(ThreadBlock &block, uint64_t address, uint64_t base,
                         uint64_t size, uint32_t siteIndex) {
  const Site &site = block.getSite(siteIndex);
  uint64_t offset = address - base;
  if (offset > size || site.size > size - offset)
    block.fail(ErrorClass::OutOfBounds, siteIndex, [&](llvm::raw_ostream &os) {
      os << site.what << " of " << site.size << " bytes at byte "
         << int64_t(offset) << " of a local variable, which has " << size;
    });
  if (address % site.align != 0)
    block.fail(ErrorClass::Misaligned, siteIndex, [&](llvm::raw_ostream &os) {
      os << site.what << " at byte " << offset
         << " of a local variable, which is not a multiple of " << site.align;
    });
  return reinterpret_cast<void *>(address);
}

static void copy(ThreadBlock &block, uint64_t destination, uint64_t source,
                 uint64_t size, uint32_t siteIndex) {
  const Site &site = block.getSite(siteIndex);
  void *from = block.access(siteIndex, site.sourceSpace, source, size, 1,
                            /*reads=*/true, /*writes=*/false);
  void *to = block.access(siteIndex, site.space, destination, size, 1,
                          /*reads=*/false, /*writes=*/true);
  std::memmove(to, from, size);
}

static void fill(ThreadBlock &block, uint64_t destination, uint8_t value,
                 uint64_t size, uint32_t siteIndex) {
  void *to = block.access(siteIndex, block.getSite(siteIndex).space,
                          destination, size, 1, /*reads=*/false,
                          /*writes=*/true);
  std::memset(to, value, size);
}

static uint64_t toGeneric(ThreadBlock &block, uint64_t offset) {
  return reinterpret_cast<uint64_t>(block.toGeneric(offset));
}

static uint64_t toShared(ThreadBlock &block, uint64_t address) {
  return block.toShared(reinterpret_cast<void *>(address));
}

static ThreadBlock *getBlock() { return ThreadBlock::getCurrent(); }

static uint64_t *getCounts(ThreadBlock &block) {
  return block.getBlockCounts();
}

static Thread *const *getThread(ThreadBlock &block) {
  return block.getThreadPointer();
}

static Window *getWindows(ThreadBlock &block) { return block.getWindows(); }

static void countExp(ThreadBlock &block, uint64_t elements) {
  block.getCounters().exp += elements;
}

static uint16_t truncateFloat(float value) { return floatToBf16(value); }

/// What code generation calls to round to bf16. A bf16 is returned in the lower
/// half of the register that a float is.
static float truncateFloatInRegister(float value) {
  return asFloat(floatToBf16(value));
}
static float truncateDoubleInRegister(double value) {
  return asFloat(doubleToBf16(value));
}

llvm::ArrayRef<std::pair<llvm::StringRef, void *>>
mlir::nsa::emulator::getRuntimeFunctions() {
#define FUNCTION(name, function)                                               \
  {                                                                            \
    name, reinterpret_cast<void *>(function)                                   \
  }
  static const std::pair<llvm::StringRef, void *> functions[] = {
      FUNCTION("nsa_emu_access", access),
      FUNCTION("nsa_emu_acquire", acquire),
      FUNCTION("nsa_emu_local", accessLocal),
      FUNCTION("nsa_emu_copy", copy),
      FUNCTION("nsa_emu_fill", fill),
      FUNCTION("nsa_emu_to_generic", toGeneric),
      FUNCTION("nsa_emu_to_shared", toShared),
      FUNCTION("nsa_emu_block", getBlock),
      FUNCTION("nsa_emu_counts", getCounts),
      FUNCTION("nsa_emu_thread", getThread),
      FUNCTION("nsa_emu_windows", getWindows),
      FUNCTION("nsa_emu_count_exp", countExp),
      FUNCTION("nsa_emu_f32_to_bf16", truncateFloat),
      FUNCTION("nsa_emu_f64_to_bf16", doubleToBf16),
      FUNCTION("__truncsfbf2", truncateFloatInRegister),
      FUNCTION("__truncdfbf2", truncateDoubleInRegister),
  };
#undef FUNCTION
  return functions;
}
