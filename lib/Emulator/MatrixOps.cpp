//===- MatrixOps.cpp - mma.sync and ldmatrix ------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fragment layouts as the PTX ISA gives them, section by section. Accumulation
// is in f32, in order of k: the ISA promises at least single precision and no
// order.
//
//===----------------------------------------------------------------------===//

#include "Bits.h"
#include "Op.h"
#include "ThreadBlock.h"

#include "llvm/ADT/bit.h"

using namespace mlir::nsa::emulator;

static constexpr uint32_t kAllLanes = ~uint32_t(0);

static void requireFullWarp(ThreadBlock &block, Thread &thread,
                            const Site &site) {
  if (block.getWarpMask(thread) != kAllLanes)
    block.fail(ErrorClass::DivergentCollective, block.getIndex(site),
               [&](llvm::raw_ostream &os) {
                 os << site.what << " in a warp of fewer than 32 threads";
               });
}

//===----------------------------------------------------------------------===//
// mma.sync.aligned.m16n8k16.row.col.f32.{f16,bf16}.{f16,bf16}.f32
//===----------------------------------------------------------------------===//

template <float (*convert)(uint16_t)>
static void computeMma(ThreadBlock &block, const Site &site,
                       const Lanes &lanes) {
  // PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type":
  // lane = 4 * group + member.
  float a[16][16], b[16][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const uint64_t *in = lanes.in[lane];
    unsigned group = lane / 4, member = lane % 4;
    for (unsigned i = 0; i < 8; ++i) {
      // a0,a1 | a2,a3 | a4,a5 | a6,a7 in one register each.
      uint16_t bits = in[i / 2] >> (16 * (i % 2));
      unsigned row = i < 2 || (i >= 4 && i < 6) ? group : group + 8;
      unsigned column = member * 2 + (i & 1) + (i >= 4 ? 8 : 0);
      a[row][column] = convert(bits);
    }
    for (unsigned i = 0; i < 4; ++i) {
      uint16_t bits = in[4 + i / 2] >> (16 * (i % 2));
      unsigned row = member * 2 + (i & 1) + (i >= 2 ? 8 : 0);
      b[row][group] = convert(bits);
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = lane / 4 + (i < 2 ? 0 : 8);
      unsigned column = lane % 4 * 2 + (i & 1);
      float sum = asFloat(lanes.in[lane][6 + i]);
      for (unsigned k = 0; k < 16; ++k)
        sum += a[row][k] * b[k][column];
      lanes.out[lane][i] = asSlot(sum);
    }
  ++block.getCounters().mma;
}

template <float (*convert)(uint16_t)>
static void handleMma(ThreadBlock &block, Thread &thread, const Site &site,
                      const uint64_t *in, uint64_t *out) {
  requireFullWarp(block, thread, site);
  block.collective(site, kAllLanes, /*aligned=*/true, in, out,
                   computeMma<convert>);
}

//===----------------------------------------------------------------------===//
// ldmatrix.sync.aligned.m8n8.x{1,2,4}[.trans].shared.b16
//===----------------------------------------------------------------------===//

static constexpr uint32_t kTranspose = 8;

static void computeLdmatrix(ThreadBlock &block, const Site &site,
                            const Lanes &lanes) {
  unsigned matrices = site.op->param & 7;
  bool transpose = site.op->param & kTranspose;
  // Lane 8 * matrix + row holds the address of that row.
  const uint16_t *rows[32];
  uint32_t offsets[32];
  uint32_t site32 = block.getIndex(site);
  for (unsigned lane = 0; lane < 8 * matrices; ++lane) {
    uint64_t address = lanes.in[lane][0];
    rows[lane] = static_cast<const uint16_t *>(
        block.accessAs(*lanes.threads[lane], site32, site.space, address, 16,
                       16, /*reads=*/true, /*writes=*/false));
    offsets[lane] = block.toShared(const_cast<uint16_t *>(rows[lane]));
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned matrix = 0; matrix < matrices; ++matrix) {
      uint32_t value = 0;
      for (unsigned i = 0; i < 2; ++i) {
        unsigned row = lane / 4, column = lane % 4 * 2 + i;
        if (transpose)
          std::swap(row, column);
        value |= uint32_t(rows[matrix * 8 + row][column]) << (16 * i);
      }
      lanes.out[lane][matrix] = value;
    }
  if (!block.getLaunch().options.counters)
    return;
  ++block.getCounters().sharedAccesses;
  // 16 bytes a row: the quarters are the matrices.
  uint32_t mask = matrices == 4 ? kAllLanes : (1u << 8 * matrices) - 1;
  block.getCounters().bankConflicts += countBankConflicts(offsets, mask, 16);
}

static void handleLdmatrix(ThreadBlock &block, Thread &thread, const Site &site,
                           const uint64_t *in, uint64_t *out) {
  requireFullWarp(block, thread, site);
  block.collective(site, kAllLanes, /*aligned=*/true, in, out, computeLdmatrix);
}

static const Op kOps[] = {
    {"llvm.nvvm.mma.m16n8k16.row.col.bf16", handleMma<bf16ToFloat>},
    {"llvm.nvvm.mma.m16n8k16.row.col.f32.f32", handleMma<f16ToFloat>},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.b16", handleLdmatrix, 1},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.b16", handleLdmatrix, 2},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16", handleLdmatrix, 4},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.trans.b16", handleLdmatrix,
     1 | kTranspose},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16", handleLdmatrix,
     2 | kTranspose},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16", handleLdmatrix,
     4 | kTranspose},
};

llvm::ArrayRef<Op> mlir::nsa::emulator::getMatrixOps() { return kOps; }
