//===- PTXVersions.cpp - Which PTX version has what -------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the "PTX ISA Notes" of each instruction in the PTX ISA, and its table of
// releases. LLVM knows the same, but aborts the process where it applies it.
//
//===----------------------------------------------------------------------===//

#include "PTXVersions.h"

#include "nsa/Pipelines/GPUPasses.h"

using namespace mlir;
using namespace mlir::nsa;

namespace {
struct Entry {
  StringLiteral prefix;
  unsigned ptx;
  unsigned chip = 90;
  /// Only on chips whose name ends with a letter.
  bool isSpecific = false;
};
} // namespace

/// NVVM ops, intrinsics (without llvm.nvvm.) and instructions. The longest
/// prefix that ends at a word's end decides. test/Integration/PTX/versions.py
/// compares with LLVM.
static constexpr Entry kEntries[] = {
    {"barrier.cluster", 78},
    {"barrier.cluster.arrive.relaxed", 80},
    {"bmsk", 76, 80},
    {"cluster", 78},
    {"cluster.arrive.relaxed", 80},
    {"clusterlaunchcontrol", 86, 100},
    {"convert.bf16x2.to.f8x2", 86, 100, true},
    {"convert.f16x2.to.f8x2", 78, 89},
    {"convert.f4x2.to.f16x2", 86, 100, true},
    {"convert.f6x2.to.f16x2", 86, 100, true},
    {"convert.f8x2.to.bf16x2", 86, 100, true},
    {"convert.f8x2.to.f16x2", 78, 89},
    {"convert.f32x2.to.f8x2", 78, 89},
    {"convert.f32x2.to.f6x2", 86, 100, true},
    {"convert.f32x2.to.f4x2", 86, 100, true},
    {"convert.f32x4.to.f8x4", 87, 100, true},
    {"convert.f32x4.to.f6x4", 87, 100, true},
    {"convert.f32x4.to.f4x4", 87, 100, true},
    {"cp.async.bulk", 80},
    {"cp.async.bulk.global.to.shared.cta", 86},
    {"cp.async.bulk.shared::cta", 86},
    {"cp.async.bulk.tensor.g2s.cta", 86},
    {"cp.reduce.async.bulk", 80},
    {"elect.sync", 80},
    {"fence.acquire.sync_restrict", 86},
    {"fence.mbarrier_init", 80},
    {"fence.mbarrier.init", 80},
    {"fence.proxy", 80},
    {"fence.proxy.acquire", 83},
    {"fence.proxy.alias", 75, 70},
    {"fence.proxy.async.generic", 86},
    {"fence.proxy.release", 83},
    {"fence.proxy.sync_restrict", 86},
    {"fence.proxy.tensormap", 83},
    {"fence.proxy.tensormap::generic", 83},
    {"fence.proxy.tensormap.generic", 83},
    {"fence.release.sync_restrict", 86},
    {"fence.sc.cluster", 78},
    {"fence.sync_restrict", 86},
    {"getctarank", 78},
    {"griddepcontrol", 78},
    {"isspacep.shared.cluster", 78},
    {"mapa", 78},
    {"mbarrier.arrive.expect_tx", 80},
    {"mbarrier.arrive.expect.tx", 80},
    {"mbarrier.arrive_drop.expect_tx", 80},
    {"mbarrier.arrive.drop.expect.tx", 80},
    {"mbarrier.complete_tx", 80},
    {"mbarrier.complete.tx", 80},
    {"mbarrier.expect_tx", 80},
    {"mbarrier.expect.tx", 80},
    {"mbarrier.try_wait", 78},
    {"mbarrier.try.wait", 78},
    {"mma.block_scale", 87, 120, true},
    {"mma.block.scale", 87, 120, true},
    {"multimem", 81},
    // Of PTX 2.0, but LLVM has them for these.
    {"prefetch", 80},
    {"prefetchu", 80},
    {"read.ptx.sreg.aggr.smem.size", 81},
    {"read.ptx.sreg.cluster", 78},
    {"read.ptx.sreg.clusterid", 78},
    {"read.ptx.sreg.nclusterid", 78},
    {"red.async", 81},
    {"setmaxnreg", 80, 90, true},
    {"setmaxregister", 80, 90, true},
    {"st.async", 81},
    {"st.bulk", 86, 100},
    {"stmatrix", 78},
    {"tcgen05", 86, 100, true},
    {"tensormap.cp_fenceproxy", 83},
    {"tensormap.replace", 83, 90, true},
    {"wgmma", 80, 90, true},
};

Requirement nsa::getRequirement(StringRef name) {
  size_t longest = 0;
  Requirement requirement;
  for (const Entry &entry : kEntries) {
    bool matches =
        name.starts_with(entry.prefix) && (name.size() == entry.prefix.size() ||
                                           name[entry.prefix.size()] == '.');
    if (!matches || entry.prefix.size() <= longest)
      continue;
    longest = entry.prefix.size();
    requirement = {entry.ptx, entry.chip, entry.isSpecific};
  }
  return requirement;
}

unsigned nsa::getChipNumber(StringRef chip) {
  unsigned number = 0;
  chip.consume_front("sm_");
  chip.consumeInteger(10, number);
  return number;
}

unsigned nsa::getLeastPTXVersion(StringRef chip) {
  unsigned number = getChipNumber(chip);
  if (number == 110)
    return 90;
  if (number >= 103 || chip.ends_with("f"))
    return number == 120 && !chip.ends_with("f") ? 87 : 88;
  if (number >= 100)
    return 86;
  if (number >= 90)
    return chip.ends_with("a") ? 80 : 78;
  if (number >= 89)
    return 78;
  if (number >= 88)
    return 90;
  if (number >= 87)
    return 74;
  if (number >= 86)
    return 71;
  return 70;
}

std::string nsa::getDefaultFeatures(StringRef chip) {
  return "+ptx" + std::to_string(std::max(getLeastPTXVersion(chip), 80u));
}

unsigned nsa::getPTXVersion(StringRef chip, StringRef features) {
  unsigned version = 0;
  SmallVector<StringRef> list;
  features.split(list, ',');
  for (StringRef feature : list) {
    unsigned number;
    feature = feature.trim();
    if (feature.consume_front("+ptx") && !feature.getAsInteger(10, number))
      version = std::max(version, number);
  }
  return version ? version : getLeastPTXVersion(chip);
}
