//===- ThreadOps.cpp - Indices, block barriers and fences -----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a thread asks about itself, and where it meets the rest of its block.
//
//===----------------------------------------------------------------------===//

#include "Op.h"
#include "ThreadBlock.h"

using namespace mlir::nsa::emulator;

//===----------------------------------------------------------------------===//
// Special registers
//===----------------------------------------------------------------------===//

static uint32_t getComponent(Dim3 dim, uint32_t axis) {
  return axis == 0 ? dim.x : axis == 1 ? dim.y : dim.z;
}

static void handleThreadId(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = getComponent(thread.id, site.op->param);
}
static void handleBlockDim(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = getComponent(block.getLaunch().options.block, site.op->param);
}
static void handleBlockId(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  out[0] = getComponent(block.getBlockId(), site.op->param);
}
static void handleGridDim(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  out[0] = getComponent(block.getLaunch().options.grid, site.op->param);
}
static void handleWarpSize(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = 32;
}
static void handleLaneId(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  out[0] = thread.lane();
}
static void handleWarpId(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out) {
  out[0] = thread.index / 32;
}

static void handleNumWarps(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = (block.getNumThreads() + 31) / 32;
}

namespace {
enum LaneMask : uint32_t { Equal, Less, LessEqual, Greater, GreaterEqual };
} // namespace

static void handleLaneMask(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  uint32_t bit = uint32_t(1) << thread.lane();
  uint32_t less = bit - 1;
  switch (static_cast<LaneMask>(site.op->param)) {
  case Equal:
    out[0] = bit;
    break;
  case Less:
    out[0] = less;
    break;
  case LessEqual:
    out[0] = less | bit;
    break;
  case Greater:
    out[0] = ~(less | bit);
    break;
  case GreaterEqual:
    out[0] = ~less;
    break;
  }
}

static void handleDynamicSharedSize(ThreadBlock &block, Thread &thread,
                                    const Site &site, const uint64_t *in,
                                    uint64_t *out) {
  out[0] = block.getLaunch().options.dynamicShared;
}

//===----------------------------------------------------------------------===//
// barrier.cta
//===----------------------------------------------------------------------===//

namespace {
enum BarrierFlags : uint32_t { HasCount = 1, Aligned = 2, ArriveOnly = 4 };
enum Fold : uint32_t { And = 8, Or = 16, Count = 32 };
} // namespace

static void fold(ThreadBlock &block, const Site &site, const Lanes &lanes) {
  bool first = lanes.mask != 0;
  bool predicate = lanes.in[0][site.op->param & HasCount ? 2 : 1] & 1;
  uint64_t &result = *lanes.out[0];
  if (site.op->param & And)
    result = (first || result) && predicate;
  else if (site.op->param & Or)
    result = (!first && result) || predicate;
  else
    result = (first ? 0 : result) + predicate;
}

static void handleBarrier(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  uint32_t flags = site.op->param;
  uint32_t count = flags & HasCount ? uint32_t(in[1]) : 0;
  if ((flags & HasCount) && count == 0)
    block.fail(ErrorClass::BarrierDeadlock, block.getIndex(site),
               [&](llvm::raw_ostream &os) { os << "barrier for no threads"; });
  block.barrier(site, in[0], count, flags & Aligned, flags & ArriveOnly, in,
                out, flags & (And | Or | Count) ? fold : nullptr);
}

//===----------------------------------------------------------------------===//
// Fences and others
//===----------------------------------------------------------------------===//

static void handleFence(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  block.fence();
}

static void handleNothing(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {}

static void handleSleep(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  thread.site = block.getIndex(site);
  block.yield();
}

static void handleTrap(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  block.fail(ErrorClass::Trap, block.getIndex(site),
             [&](llvm::raw_ostream &os) { os << "the kernel trapped"; });
}

static void handleIsShared(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = block.isShared(in[0]);
}
static void handleIsLocal(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  out[0] = block.isLocal(in[0]);
}
static void handleIsGlobal(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  out[0] = !block.isShared(in[0]) && !block.isLocal(in[0]);
}

static const Op kOps[] = {
    {"llvm.nvvm.read.ptx.sreg.tid.x", handleThreadId, 0},
    {"llvm.nvvm.read.ptx.sreg.tid.y", handleThreadId, 1},
    {"llvm.nvvm.read.ptx.sreg.tid.z", handleThreadId, 2},
    {"llvm.nvvm.read.ptx.sreg.ntid.x", handleBlockDim, 0},
    {"llvm.nvvm.read.ptx.sreg.ntid.y", handleBlockDim, 1},
    {"llvm.nvvm.read.ptx.sreg.ntid.z", handleBlockDim, 2},
    {"llvm.nvvm.read.ptx.sreg.ctaid.x", handleBlockId, 0},
    {"llvm.nvvm.read.ptx.sreg.ctaid.y", handleBlockId, 1},
    {"llvm.nvvm.read.ptx.sreg.ctaid.z", handleBlockId, 2},
    {"llvm.nvvm.read.ptx.sreg.nctaid.x", handleGridDim, 0},
    {"llvm.nvvm.read.ptx.sreg.nctaid.y", handleGridDim, 1},
    {"llvm.nvvm.read.ptx.sreg.nctaid.z", handleGridDim, 2},
    {"llvm.nvvm.read.ptx.sreg.warpsize", handleWarpSize},
    {"llvm.nvvm.read.ptx.sreg.laneid", handleLaneId},
    {"llvm.nvvm.read.ptx.sreg.warpid", handleWarpId},
    {"llvm.nvvm.read.ptx.sreg.nwarpid", handleNumWarps},
    {"llvm.nvvm.read.ptx.sreg.lanemask.eq", handleLaneMask, Equal},
    {"llvm.nvvm.read.ptx.sreg.lanemask.lt", handleLaneMask, Less},
    {"llvm.nvvm.read.ptx.sreg.lanemask.le", handleLaneMask, LessEqual},
    {"llvm.nvvm.read.ptx.sreg.lanemask.gt", handleLaneMask, Greater},
    {"llvm.nvvm.read.ptx.sreg.lanemask.ge", handleLaneMask, GreaterEqual},
    {"llvm.nvvm.read.ptx.sreg.dynamic_smem_size", handleDynamicSharedSize},
    {"llvm.nvvm.barrier.cta.sync.all", handleBarrier, 0},
    {"llvm.nvvm.barrier.cta.sync.aligned.all", handleBarrier, Aligned},
    {"llvm.nvvm.barrier.cta.sync.count", handleBarrier, HasCount},
    {"llvm.nvvm.barrier.cta.sync.aligned.count", handleBarrier,
     HasCount | Aligned},
    {"llvm.nvvm.barrier.cta.arrive.count", handleBarrier,
     HasCount | ArriveOnly},
    {"llvm.nvvm.barrier.cta.arrive.aligned.count", handleBarrier,
     HasCount | Aligned | ArriveOnly},
    {"llvm.nvvm.barrier.cta.red.and.all", handleBarrier, And},
    {"llvm.nvvm.barrier.cta.red.and.aligned.all", handleBarrier, Aligned | And},
    {"llvm.nvvm.barrier.cta.red.and.count", handleBarrier, HasCount | And},
    {"llvm.nvvm.barrier.cta.red.and.aligned.count", handleBarrier,
     HasCount | Aligned | And},
    {"llvm.nvvm.barrier.cta.red.or.all", handleBarrier, Or},
    {"llvm.nvvm.barrier.cta.red.or.aligned.all", handleBarrier, Aligned | Or},
    {"llvm.nvvm.barrier.cta.red.or.count", handleBarrier, HasCount | Or},
    {"llvm.nvvm.barrier.cta.red.or.aligned.count", handleBarrier,
     HasCount | Aligned | Or},
    {"llvm.nvvm.barrier.cta.red.popc.all", handleBarrier, Count},
    {"llvm.nvvm.barrier.cta.red.popc.aligned.all", handleBarrier,
     Aligned | Count},
    {"llvm.nvvm.barrier.cta.red.popc.count", handleBarrier, HasCount | Count},
    {"llvm.nvvm.barrier.cta.red.popc.aligned.count", handleBarrier,
     HasCount | Aligned | Count},
    {"llvm.nvvm.membar.cta", handleFence},
    {"llvm.nvvm.membar.gl", handleFence},
    {"llvm.nvvm.membar.sys", handleFence},
    {"ptx.fence", handleFence},
    {"ptx.nothing", handleNothing},
    {"llvm.nvvm.nanosleep", handleSleep},
    {"llvm.trap", handleTrap},
    {"__assertfail", handleTrap},
    {"llvm.nvvm.isspacep.shared", handleIsShared},
    {"llvm.nvvm.isspacep.local", handleIsLocal},
    {"llvm.nvvm.isspacep.global", handleIsGlobal},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getThreadOps() { return kOps; }
