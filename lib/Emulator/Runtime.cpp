//===- Runtime.cpp - What compiled kernels call ---------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thin: each finds the block that its host thread runs, and delegates.
//
//===----------------------------------------------------------------------===//

#include "Runtime.h"

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include <cstring>

using namespace mlir::nsa::emulator;

static void runOp(uint32_t siteIndex, const uint64_t *in, uint64_t *out) {
  ThreadBlock &block = *ThreadBlock::getCurrent();
  const Site &site = block.getSite(siteIndex);
  site.op->handler(block, block.getThread(), site, in, out);
}

static void *access(uint64_t address, uint32_t site) {
  return ThreadBlock::getCurrent()->access(address, site);
}

static void acquire(uint64_t address, uint32_t site) {
  ThreadBlock::getCurrent()->acquire(address, site);
}

static void *accessLocal(uint64_t address, uint64_t base, uint64_t size,
                         uint32_t siteIndex) {
  ThreadBlock &block = *ThreadBlock::getCurrent();
  const Site &site = block.getSite(siteIndex);
  uint64_t offset = address - base;
  if (offset > size || site.size > size - offset)
    block.fail(ErrorClass::OutOfBounds, siteIndex,
               site.what + " of " + llvm::Twine(site.size) + " bytes at byte " +
                   llvm::Twine(int64_t(offset)) +
                   " of a local variable, which has " + llvm::Twine(size));
  if (address % site.align != 0)
    block.fail(ErrorClass::Misaligned, siteIndex,
               site.what + " at byte " + llvm::Twine(offset) +
                   " of a local variable, which is not a multiple of " +
                   llvm::Twine(site.align));
  return reinterpret_cast<void *>(address);
}

static void copy(uint64_t destination, uint64_t source, uint64_t size,
                 uint32_t siteIndex) {
  ThreadBlock &block = *ThreadBlock::getCurrent();
  const Site &site = block.getSite(siteIndex);
  void *from = block.access(siteIndex, site.sourceSpace, source, size, 1,
                            /*reads=*/true, /*writes=*/false);
  void *to = block.access(siteIndex, site.space, destination, size, 1,
                          /*reads=*/false, /*writes=*/true);
  std::memmove(to, from, size);
}

static void fill(uint64_t destination, uint8_t value, uint64_t size,
                 uint32_t siteIndex) {
  ThreadBlock &block = *ThreadBlock::getCurrent();
  void *to = block.access(siteIndex, block.getSite(siteIndex).space,
                          destination, size, 1, /*reads=*/false,
                          /*writes=*/true);
  std::memset(to, value, size);
}

static uint64_t toGeneric(uint64_t offset) {
  return reinterpret_cast<uint64_t>(
      ThreadBlock::getCurrent()->toGeneric(offset));
}

static uint64_t toShared(uint64_t address) {
  return ThreadBlock::getCurrent()->toShared(reinterpret_cast<void *>(address));
}

static uint64_t *getCounts() {
  return ThreadBlock::getCurrent()->getBlockCounts();
}

static void countExp(uint64_t elements) {
  ThreadBlock::getCurrent()->getCounters().exp += elements;
}

static uint16_t truncateFloat(float value) { return floatToBf16(value); }

llvm::ArrayRef<std::pair<llvm::StringRef, void *>>
mlir::nsa::emulator::getRuntimeFunctions() {
#define FUNCTION(name, function)                                               \
  {                                                                            \
    name, reinterpret_cast<void *>(function)                                   \
  }
  static const std::pair<llvm::StringRef, void *> functions[] = {
      FUNCTION("nsa_emu_op", runOp),
      FUNCTION("nsa_emu_access", access),
      FUNCTION("nsa_emu_acquire", acquire),
      FUNCTION("nsa_emu_local", accessLocal),
      FUNCTION("nsa_emu_copy", copy),
      FUNCTION("nsa_emu_fill", fill),
      FUNCTION("nsa_emu_to_generic", toGeneric),
      FUNCTION("nsa_emu_to_shared", toShared),
      FUNCTION("nsa_emu_counts", getCounts),
      FUNCTION("nsa_emu_count_exp", countExp),
      FUNCTION("nsa_emu_f32_to_bf16", truncateFloat),
      FUNCTION("nsa_emu_f64_to_bf16", doubleToBf16),
  };
#undef FUNCTION
  return functions;
}
