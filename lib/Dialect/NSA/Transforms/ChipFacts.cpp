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
#include "mlir/IR/BuiltinAttributes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nsa;

/// Limits are those of the CUDA programming guide. Rates: sm_90 is an H200, its
/// copies and matrix products measured (790 TFLOP/s by wgmma, of which mma.sync
/// reaches about 60 %); the others are data sheets, bandwidth at 90 %, and L2
/// an estimate everywhere. Boards: A100 80 GB, A40, L40S, H200, B200.
static ArrayRef<ChipFacts> getTable() {
  constexpr int64_t kib = 1024, mib = 1024 * kib;
  static const ChipFacts table[] = {
      {"sm_80", 163 * kib, 164 * kib, 65536, 2048, 108, 40 * mib, 1.84e12,
       4.0e12, 1.41e9, 280e12, 16},
      {"sm_86", 99 * kib, 100 * kib, 65536, 1536, 84, 6 * mib, 0.63e12, 2.2e12,
       1.74e9, 135e12, 16},
      {"sm_89", 99 * kib, 100 * kib, 65536, 1536, 142, 96 * mib, 0.78e12,
       4.5e12, 2.52e9, 325e12, 16},
      {"sm_90", 227 * kib, 228 * kib, 65536, 2048, 132, 50 * mib, 4.3e12,
       5.5e12, 1.755e9, 475e12, 16},
      {"sm_100", 227 * kib, 228 * kib, 65536, 2048, 148, 126 * mib, 7.2e12,
       9.0e12, 1.85e9, 560e12, 16},
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
  StringRef base = chip;
  if (!base.consume_back("a"))
    base.consume_back("f");
  const ChipFacts *found = llvm::find_if(
      getTable(), [&](const ChipFacts &facts) { return facts.name == base; });
  if (found == getTable().end())
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
