//===- ChipFacts.cpp - What schedules ask of a GPU --------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table, and its overriding through DLTI.
//
//===----------------------------------------------------------------------===//

#include "nsa/Dialect/NSA/Transforms/ChipFacts.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;

/// Limits are those of the CUDA programming guide. Rates: sm_90 is an H200, its
/// copies and matrix products measured (790 TFLOP/s by wgmma, of which mma.sync
/// reaches about 60 %); the others are data sheets, bandwidth at 90 %, and L2
/// an estimate everywhere. Boards: A100 80 GB, A40, AGX Orin, L40S, H200,
/// B200, B300, RTX PRO 6000.
static ArrayRef<ChipFacts> getTable() {
  constexpr int64_t kib = 1024, mib = 1024 * kib;
  static const ChipFacts table[] = {
      {"sm_80", 163 * kib, 164 * kib, 65536, 2048, 108, 40 * mib, 1.84e12,
       4.0e12, 1.41e9, 280e12, 16},
      {"sm_86", 99 * kib, 100 * kib, 65536, 1536, 84, 6 * mib, 0.63e12, 2.2e12,
       1.74e9, 135e12, 16},
      {"sm_87", 163 * kib, 164 * kib, 65536, 1536, 16, 4 * mib, 0.18e12, 0.4e12,
       1.3e9, 38e12, 16},
      {"sm_89", 99 * kib, 100 * kib, 65536, 1536, 142, 96 * mib, 0.78e12,
       4.5e12, 2.52e9, 325e12, 16},
      {"sm_90", 227 * kib, 228 * kib, 65536, 2048, 132, 50 * mib, 4.3e12,
       5.5e12, 1.755e9, 475e12, 16},
      {"sm_100", 227 * kib, 228 * kib, 65536, 2048, 148, 126 * mib, 7.2e12,
       9.0e12, 1.85e9, 560e12, 16},
      {"sm_103", 227 * kib, 228 * kib, 65536, 2048, 148, 126 * mib, 7.2e12,
       9.0e12, 1.85e9, 560e12, 16},
      {"sm_120", 99 * kib, 100 * kib, 65536, 1536, 188, 128 * mib, 1.6e12,
       6.0e12, 2.4e9, 400e12, 16},
  };
  return table;
}

std::string mlir::nsa::getKnownChips() {
  return llvm::join(llvm::map_range(getTable(),
                                    [](const ChipFacts &facts) -> StringRef {
                                      return facts.name;
                                    }),
                    ", ");
}

std::optional<ChipFacts> mlir::nsa::findChipFacts(StringRef chip) {
  if (!chip.consume_back("a"))
    chip.consume_back("f");
  const ChipFacts *found = llvm::find_if(
      getTable(), [&](const ChipFacts &facts) { return facts.name == chip; });
  if (found == getTable().end())
    return std::nullopt;
  return *found;
}

SmallVector<std::string> mlir::nsa::getTargetChips(Operation *op) {
  SmallVector<std::string> chips;
  for (; op && chips.empty(); op = op->getParentOp())
    // nsa-attach-gpu-targets reports what is no array of targets.
    if (auto targets = op->getAttrOfType<ArrayAttr>(kTargetsAttrName))
      for (auto target : targets.getAsRange<NVVM::NVVMTargetAttr>())
        chips.push_back(target.getChip().str());
  return chips;
}

static const ChipFacts &getSmallest() {
  return *llvm::min_element(
      getTable(), [](const ChipFacts &a, const ChipFacts &b) {
        return a.sharedMemoryPerBlock < b.sharedMemoryPerBlock;
      });
}

std::string mlir::nsa::getStrictestChip(ArrayRef<std::string> chips) {
  std::string strictest;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const std::string &chip : chips) {
    std::optional<ChipFacts> facts = findChipFacts(chip);
    int64_t most = facts.value_or(getSmallest()).sharedMemoryPerBlock;
    if (most >= least)
      continue;
    least = most;
    strictest = facts ? chip : getSmallest().name;
  }
  return strictest;
}

int64_t mlir::nsa::getMostSharedMemory() {
  int64_t most = 0;
  for (const ChipFacts &chip : getTable())
    most = std::max(most, chip.sharedMemoryPerBlock);
  return most;
}

static std::optional<double> toNumber(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return static_cast<double>(integer.getValue().getSExtValue());
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValueAsDouble();
  return std::nullopt;
}

/// Replaces `fact` by what the specification around `op` says, if anything.
template <typename T>
static LogicalResult
overrideFact(StringRef key, T &fact, Operation *op,
             function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<Attribute> given =
      dlti::query(op, ArrayRef<StringRef>{"GPU", key}, /*emitError=*/false);
  if (failed(given))
    return success();
  std::optional<double> number = toNumber(*given);
  if (!number || !std::isfinite(*number) || *number <= 0 ||
      *number != static_cast<double>(static_cast<T>(*number)))
    return emitError() << "target-system specification: '" << key << "' is "
                       << *given << ", expected a positive "
                       << (std::is_integral_v<T> ? "integer" : "number");
  fact = static_cast<T>(*number);
  return success();
}

FailureOr<ChipFacts>
mlir::nsa::getChipFacts(StringRef chip, Operation *op,
                        function_ref<InFlightDiagnostic()> emitError) {
  std::optional<ChipFacts> found = findChipFacts(chip);
  if (!found)
    return emitError() << "nothing is known of chip '" << chip
                       << "'; known are " << getKnownChips()
                       << ", and a target-system specification can override "
                          "what is known of them";
  ChipFacts facts = *found;
  auto over = [&](StringRef key, auto &fact) {
    return overrideFact(key, fact, op, emitError);
  };
  if (failed(over("nsa.shared_memory_per_block", facts.sharedMemoryPerBlock)) ||
      failed(over("nsa.shared_memory_per_sm", facts.sharedMemoryPerSM)) ||
      failed(over("nsa.registers_per_sm", facts.registersPerSM)) ||
      failed(over("nsa.threads_per_sm", facts.threadsPerSM)) ||
      failed(over("nsa.sms", facts.sms)) ||
      failed(over("nsa.l2_bytes", facts.l2Bytes)) ||
      failed(over("nsa.hbm_bytes_per_s", facts.hbmBytesPerSecond)) ||
      failed(over("nsa.l2_bytes_per_s", facts.l2BytesPerSecond)) ||
      failed(over("nsa.clock_hz", facts.clockHz)) ||
      failed(over("nsa.mma_flops_per_s", facts.mmaFlopsPerSecond)) ||
      failed(over("nsa.ex2_per_clock_per_sm", facts.ex2PerClockPerSM)) ||
      failed(over("nsa.shared_bytes_per_clock_per_sm",
                  facts.sharedBytesPerClockPerSM)))
    return failure();
  return facts;
}
