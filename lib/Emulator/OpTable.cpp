//===- OpTable.cpp - Finding modelled instructions by name ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables of intrinsics are beside their handlers; the one of inline PTX
// maps mnemonics to them.
//
//===----------------------------------------------------------------------===//

#include "Op.h"

#include "nsa/Emulator/Emulator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir::nsa::emulator;
namespace emulator = mlir::nsa::emulator;

static void forEachOp(llvm::function_ref<void(const Op &)> function) {
  for (llvm::ArrayRef<Op> ops :
       {getThreadOps(), getWarpOps(), getMatrixOps(), getMathOps(),
        getRoundingOps(), getAsyncCopyOps()})
    for (const Op &op : ops)
      function(op);
}

const Op *emulator::lookupOp(llvm::StringRef name) {
  static const llvm::StringMap<const Op *> table = [] {
    llvm::StringMap<const Op *> map;
    forEachOp([&](const Op &op) {
      bool isNew = map.insert({op.name, &op}).second;
      assert(isNew && "two instructions of one name");
      (void)isNew;
    });
    return map;
  }();
  if (const Op *op = table.lookup(name))
    return op;
  // The address spaces of pointer operands that an intrinsic is overloaded on.
  for (llvm::StringRef suffix : {".p0", ".p1", ".p3"})
    if (name.consume_back(suffix))
      return table.lookup(name);
  return nullptr;
}

static const PTXOp kPTXOps[] = {
    {"ex2.approx.f32", "llvm.nvvm.ex2.approx.f32", 1},
    {"ex2.approx.ftz.f32", "llvm.nvvm.ex2.approx.ftz.f32", 1},
    {"lg2.approx.f32", "llvm.nvvm.lg2.approx.f", 1},
    {"lg2.approx.ftz.f32", "llvm.nvvm.lg2.approx.ftz.f", 1},
    {"rcp.approx.f32", "ptx.rcp.approx.f32", 1},
    {"rcp.approx.ftz.f32", "llvm.nvvm.rcp.approx.ftz.f", 1},
    {"rsqrt.approx.f32", "llvm.nvvm.rsqrt.approx.f", 1},
    {"rsqrt.approx.ftz.f32", "llvm.nvvm.rsqrt.approx.ftz.f", 1},
    {"sqrt.approx.f32", "llvm.nvvm.sqrt.approx.f", 1},
    {"sqrt.approx.ftz.f32", "llvm.nvvm.sqrt.approx.ftz.f", 1},
    {"tanh.approx.f32", "ptx.tanh.approx.f32", 1},
    {"fma.rn.f32", "llvm.nvvm.fma.rn.f", 1},
    {"fma.rn.ftz.f32", "llvm.nvvm.fma.rn.ftz.f", 1},
    {"cvt.rn.bf16x2.f32", "llvm.nvvm.ff2bf16x2.rn", 1},
    {"cvt.rn.f16x2.f32", "llvm.nvvm.ff2f16x2.rn", 1},
    {"cvt.rn.bf16.f32", "llvm.nvvm.f2bf16.rn", 1},
    {"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32",
     "llvm.nvvm.mma.m16n8k16.row.col.bf16", 4},
    {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32",
     "llvm.nvvm.mma.m16n8k16.row.col.f32.f32", 4},
    {"ldmatrix.sync.aligned.m8n8.x1.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.b16", 1},
    {"ldmatrix.sync.aligned.m8n8.x2.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.b16", 2},
    {"ldmatrix.sync.aligned.m8n8.x4.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16", 4},
    {"ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.trans.b16", 1},
    {"ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16", 2},
    {"ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16",
     "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16", 4},
    {"cp.async.ca.shared.global", "ptx.cp.async.ca", 0, "", 3},
    {"cp.async.cg.shared.global", "ptx.cp.async.cg", 0, "", 3},
    {"cp.async.ca.shared.global", "ptx.cp.async.ca.s", 0, "", 4},
    {"cp.async.cg.shared.global", "ptx.cp.async.cg.s", 0, "", 4},
    {"cp.async.commit_group", "llvm.nvvm.cp.async.commit.group", 0},
    {"cp.async.wait_group", "llvm.nvvm.cp.async.wait.group", 0},
    {"cp.async.wait_all", "llvm.nvvm.cp.async.wait.all", 0},
    {"bar.sync", "llvm.nvvm.barrier.cta.sync.aligned.all", 0, "", 1},
    {"bar.sync", "llvm.nvvm.barrier.cta.sync.aligned.count", 0, "", 2},
    {"bar.arrive", "llvm.nvvm.barrier.cta.arrive.aligned.count", 0},
    {"barrier.sync", "llvm.nvvm.barrier.cta.sync.all", 0, "", 1},
    {"barrier.sync", "llvm.nvvm.barrier.cta.sync.count", 0, "", 2},
    {"barrier.arrive", "llvm.nvvm.barrier.cta.arrive.count", 0},
    {"bar.warp.sync", "llvm.nvvm.bar.warp.sync", 0},
    // shfl.sync d, a, b, c, membermask; the intrinsic has the mask first.
    {"shfl.sync.up.b32", "llvm.nvvm.shfl.sync.up.i32", 1, "3012"},
    {"shfl.sync.down.b32", "llvm.nvvm.shfl.sync.down.i32", 1, "3012"},
    {"shfl.sync.bfly.b32", "llvm.nvvm.shfl.sync.bfly.i32", 1, "3012"},
    {"shfl.sync.idx.b32", "llvm.nvvm.shfl.sync.idx.i32", 1, "3012"},
    {"activemask.b32", "llvm.nvvm.activemask", 1},
    {"membar.cta", "ptx.fence", 0},
    {"membar.gl", "ptx.fence", 0},
    {"membar.sys", "ptx.fence", 0},
    {"fence.acq_rel.cta", "ptx.fence", 0},
    {"fence.acq_rel.gpu", "ptx.fence", 0},
    {"fence.sc.cta", "ptx.fence", 0},
    {"fence.sc.gpu", "ptx.fence", 0},
    {"trap", "llvm.trap", 0},
    {"sub.rn.f32", "ptx.sub.rn.f32", 1},
    {"rsqrt.approx.ftz.f64", "ptx.rsqrt.approx.ftz.f64", 1},
    {"libdevice.mad64", "libdevice.mad64", 2},
    {"libdevice.mul128", "libdevice.mul128", 2},
    {"libdevice.mad128", "libdevice.mad128", 2},
    {"libdevice.add128", "libdevice.add128", 2},
    {"libdevice.sub128", "libdevice.sub128", 2},
    {"libdevice.select_equal", "libdevice.select_equal", 1},
};

const PTXOp *emulator::lookupPTXOp(llvm::StringRef mnemonic,
                                   unsigned numSources) {
  for (const PTXOp &op : kPTXOps)
    if (op.mnemonic == mnemonic &&
        (op.numSources < 0 || op.numSources == int(numSources)))
      return &op;
  return nullptr;
}

std::vector<std::string> emulator::getModelledInstructions() {
  std::vector<std::string> names;
  forEachOp([&](const Op &op) {
    // Others are the emulator's own names of what inline PTX says.
    if (llvm::StringRef(op.name).starts_with("llvm."))
      names.push_back(op.name.str());
  });
  for (const PTXOp &op : kPTXOps)
    names.push_back(op.mnemonic.str());
  llvm::append_range(names, getLibraryFunctions());
  llvm::sort(names);
  names.erase(llvm::unique(names), names.end());
  return names;
}
