//===- WarpOps.cpp - Votes, shuffles and other warp collectives -----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shuffles and votes order no memory accesses; bar.warp.sync does.
//
//===----------------------------------------------------------------------===//

#include "Op.h"
#include "ThreadBlock.h"

#include "llvm/ADT/bit.h"
#include <algorithm>

using namespace mlir::nsa::emulator;

//===----------------------------------------------------------------------===//
// shfl.sync
//===----------------------------------------------------------------------===//

namespace {
enum Mode : uint32_t { Up, Down, Butterfly, Index };
} // namespace

template <Mode mode>
static void computeShuffle(ThreadBlock &block, const Site &site,
                           const Lanes &lanes) {
  for (uint32_t rest = lanes.mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    // Operands of the intrinsic: membermask, a, b, c. The pseudocode of the PTX
    // ISA, "shfl.sync":
    unsigned b = lanes.in[lane][2] & 0x1f;
    unsigned clamp = lanes.in[lane][3] & 0x1f;
    unsigned segment = lanes.in[lane][3] >> 8 & 0x1f;
    unsigned maxLane = (lane & segment) | (clamp & ~segment);
    unsigned minLane = lane & segment;
    int source = 0;
    bool valid = false;
    switch (mode) {
    case Up:
      source = int(lane) - int(b);
      valid = source >= int(maxLane);
      break;
    case Down:
      source = lane + b;
      valid = source <= int(maxLane);
      break;
    case Butterfly:
      source = lane ^ b;
      valid = source <= int(maxLane);
      break;
    case Index:
      source = minLane | (b & ~segment);
      valid = source <= int(maxLane);
      break;
    }
    if (!valid)
      source = lane;
    if (!(lanes.mask >> source & 1))
      block.fail(
          ErrorClass::DivergentCollective, block.getIndex(site),
          [&](llvm::raw_ostream &os) {
            os << site.what << " of lane " << lane << " reads lane " << source
               << ", which takes no part";
          },
          {}, lanes.threads[lane]);
    lanes.out[lane][0] = lanes.in[source][1];
    lanes.out[lane][1] = valid;
  }
}

template <Mode mode>
static void handleShuffle(ThreadBlock &block, Thread &thread, const Site &site,
                          const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out,
                   computeShuffle<mode>);
}

//===----------------------------------------------------------------------===//
// vote.sync, match.sync, redux.sync
//===----------------------------------------------------------------------===//

namespace {
enum Vote : uint32_t { All, Any, Uniform, Ballot };
enum Reduction : uint32_t { Add, And, Or, Xor, Min, Max, UMin, UMax };
} // namespace

static void computeVote(ThreadBlock &block, const Site &site,
                        const Lanes &lanes) {
  uint32_t ballot = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes.threads[lane] && (lanes.in[lane][1] & 1))
      ballot |= uint32_t(1) << lane;
  uint64_t result = ballot;
  switch (static_cast<Vote>(site.op->param)) {
  case All:
    result = ballot == lanes.mask;
    break;
  case Any:
    result = ballot != 0;
    break;
  case Uniform:
    result = ballot == 0 || ballot == lanes.mask;
    break;
  case Ballot:
    break;
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes.threads[lane])
      lanes.out[lane][0] = result;
}

static void handleVote(ThreadBlock &block, Thread &thread, const Site &site,
                       const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out, computeVote);
}

static void computeMatchAny(ThreadBlock &block, const Site &site,
                            const Lanes &lanes) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!lanes.threads[lane])
      continue;
    uint32_t result = 0;
    for (unsigned other = 0; other < 32; ++other)
      if (lanes.threads[other] && lanes.in[other][1] == lanes.in[lane][1])
        result |= uint32_t(1) << other;
    lanes.out[lane][0] = result;
  }
}

static void handleMatchAny(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out, computeMatchAny);
}

static void computeMatchAll(ThreadBlock &block, const Site &site,
                            const Lanes &lanes) {
  uint64_t first = lanes.in[llvm::countr_zero(lanes.mask)][1];
  bool same = true;
  for (uint32_t rest = lanes.mask; rest; rest &= rest - 1)
    same &= lanes.in[llvm::countr_zero(rest)][1] == first;
  for (uint32_t rest = lanes.mask; rest; rest &= rest - 1) {
    uint64_t *out = lanes.out[llvm::countr_zero(rest)];
    out[0] = same ? lanes.mask : 0;
    out[1] = same;
  }
}

static void handleMatchAll(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out, computeMatchAll);
}

/// PTX leaves open which lane is elected: here the first.
static void computeElect(ThreadBlock &block, const Site &site,
                         const Lanes &lanes) {
  unsigned leader = llvm::countr_zero(lanes.mask);
  for (uint32_t rest = lanes.mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    lanes.out[lane][0] = leader;
    lanes.out[lane][1] = lane == leader;
  }
}

static void handleElect(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out, computeElect);
}

static void computeRedux(ThreadBlock &block, const Site &site,
                         const Lanes &lanes) {
  bool first = true;
  uint32_t result = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!lanes.threads[lane])
      continue;
    uint32_t value = lanes.in[lane][0];
    if (first) {
      result = value;
      first = false;
      continue;
    }
    switch (static_cast<Reduction>(site.op->param)) {
    case Add:
      result += value;
      break;
    case And:
      result &= value;
      break;
    case Or:
      result |= value;
      break;
    case Xor:
      result ^= value;
      break;
    case Min:
      result = std::min<int32_t>(result, value);
      break;
    case Max:
      result = std::max<int32_t>(result, value);
      break;
    case UMin:
      result = std::min(result, value);
      break;
    case UMax:
      result = std::max(result, value);
      break;
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes.threads[lane])
      lanes.out[lane][0] = result;
}

static void handleRedux(ThreadBlock &block, Thread &thread, const Site &site,
                        const uint64_t *in, uint64_t *out) {
  block.collective(site, in[1], /*aligned=*/false, in, out, computeRedux);
}

//===----------------------------------------------------------------------===//
// bar.warp.sync, activemask
//===----------------------------------------------------------------------===//

static void computeWarpSync(ThreadBlock &block, const Site &site,
                            const Lanes &lanes) {
  llvm::SmallVector<Thread *, 32> threads;
  for (Thread *thread : lanes.threads)
    if (thread)
      threads.push_back(thread);
  block.synchronize(threads, threads);
}

static void handleWarpSync(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  block.collective(site, in[0], /*aligned=*/false, in, out, computeWarpSync);
}

static void handleActiveMask(ThreadBlock &block, Thread &thread,
                             const Site &site, const uint64_t *in,
                             uint64_t *out) {
  out[0] = block.activeMask(site);
}

static const Op kOps[] = {
    {"llvm.nvvm.shfl.sync.up.i32", handleShuffle<Up>},
    {"llvm.nvvm.shfl.sync.up.f32", handleShuffle<Up>},
    {"llvm.nvvm.shfl.sync.up.i32p", handleShuffle<Up>},
    {"llvm.nvvm.shfl.sync.up.f32p", handleShuffle<Up>},
    {"llvm.nvvm.shfl.sync.down.i32", handleShuffle<Down>},
    {"llvm.nvvm.shfl.sync.down.f32", handleShuffle<Down>},
    {"llvm.nvvm.shfl.sync.down.i32p", handleShuffle<Down>},
    {"llvm.nvvm.shfl.sync.down.f32p", handleShuffle<Down>},
    {"llvm.nvvm.shfl.sync.bfly.i32", handleShuffle<Butterfly>},
    {"llvm.nvvm.shfl.sync.bfly.f32", handleShuffle<Butterfly>},
    {"llvm.nvvm.shfl.sync.bfly.i32p", handleShuffle<Butterfly>},
    {"llvm.nvvm.shfl.sync.bfly.f32p", handleShuffle<Butterfly>},
    {"llvm.nvvm.shfl.sync.idx.i32", handleShuffle<Index>},
    {"llvm.nvvm.shfl.sync.idx.f32", handleShuffle<Index>},
    {"llvm.nvvm.shfl.sync.idx.i32p", handleShuffle<Index>},
    {"llvm.nvvm.shfl.sync.idx.f32p", handleShuffle<Index>},
    {"llvm.nvvm.vote.all.sync", handleVote, All},
    {"llvm.nvvm.vote.any.sync", handleVote, Any},
    {"llvm.nvvm.vote.uni.sync", handleVote, Uniform},
    {"llvm.nvvm.vote.ballot.sync", handleVote, Ballot},
    {"llvm.nvvm.match.any.sync.i32", handleMatchAny},
    {"llvm.nvvm.match.any.sync.i64", handleMatchAny},
    {"llvm.nvvm.match.all.sync.i32p", handleMatchAll},
    {"llvm.nvvm.match.all.sync.i64p", handleMatchAll},
    {"llvm.nvvm.elect.sync", handleElect},
    {"llvm.nvvm.redux.sync.add", handleRedux, Add},
    {"llvm.nvvm.redux.sync.and", handleRedux, And},
    {"llvm.nvvm.redux.sync.or", handleRedux, Or},
    {"llvm.nvvm.redux.sync.xor", handleRedux, Xor},
    {"llvm.nvvm.redux.sync.min", handleRedux, Min},
    {"llvm.nvvm.redux.sync.max", handleRedux, Max},
    {"llvm.nvvm.redux.sync.umin", handleRedux, UMin},
    {"llvm.nvvm.redux.sync.umax", handleRedux, UMax},
    {"llvm.nvvm.bar.warp.sync", handleWarpSync},
    {"llvm.nvvm.activemask", handleActiveMask},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getWarpOps() { return kOps; }
