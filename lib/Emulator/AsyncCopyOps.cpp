//===- AsyncCopyOps.cpp - cp.async ----------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies are recorded when issued and done when waited for.
//
//===----------------------------------------------------------------------===//

#include "Op.h"
#include "ThreadBlock.h"

using namespace mlir::nsa::emulator;

/// Destination, source and, in the variants that fill with zeros, the number of
/// source bytes.
template <bool hasSourceSize>
static void handleCopy(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  uint32_t size = site.op->param;
  block.issueCopy(site, in[0], in[1], size,
                  hasSourceSize ? uint32_t(in[2]) : size);
}

/// Inline PTX: the size is an operand.
template <bool hasSourceSize>
static void handlePTXCopy(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  bool valid =
      in[2] == 16 || (site.op->param == 4 && (in[2] == 4 || in[2] == 8));
  if (!valid)
    block.fail(ErrorClass::Trap, block.getIndex(site),
               [&](llvm::raw_ostream &os) {
                 os << site.what << " cannot copy " << in[2] << " bytes";
               });
  block.issueCopy(site, in[0], in[1], in[2],
                  hasSourceSize ? uint32_t(in[3]) : uint32_t(in[2]));
}

static void handleCommit(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  block.commitCopies();
}

static void handleWait(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  block.waitCopies(site, in[0], /*all=*/false);
}

static void handleWaitAll(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  block.waitCopies(site, 0, /*all=*/true);
}

static const Op kOps[] = {
    {"llvm.nvvm.cp.async.ca.shared.global.4", handleCopy<false>, 4},
    {"llvm.nvvm.cp.async.ca.shared.global.8", handleCopy<false>, 8},
    {"llvm.nvvm.cp.async.ca.shared.global.16", handleCopy<false>, 16},
    {"llvm.nvvm.cp.async.cg.shared.global.16", handleCopy<false>, 16},
    {"llvm.nvvm.cp.async.ca.shared.global.4.s", handleCopy<true>, 4},
    {"llvm.nvvm.cp.async.ca.shared.global.8.s", handleCopy<true>, 8},
    {"llvm.nvvm.cp.async.ca.shared.global.16.s", handleCopy<true>, 16},
    {"llvm.nvvm.cp.async.cg.shared.global.16.s", handleCopy<true>, 16},
    // The smallest size that the mnemonic allows.
    {"ptx.cp.async.ca", handlePTXCopy<false>, 4},
    {"ptx.cp.async.cg", handlePTXCopy<false>, 16},
    {"ptx.cp.async.ca.s", handlePTXCopy<true>, 4},
    {"ptx.cp.async.cg.s", handlePTXCopy<true>, 16},
    {"llvm.nvvm.cp.async.commit.group", handleCommit},
    {"llvm.nvvm.cp.async.wait.group", handleWait},
    {"llvm.nvvm.cp.async.wait.all", handleWaitAll},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getAsyncCopyOps() { return kOps; }
