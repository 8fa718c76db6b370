//===- ChipFacts.h - What schedules ask of a GPU ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chip's limits and rates: a table for the chips that we know, each number of
// which the module may override by its DLTI target-system specification:
//
//   module attributes {dlti.target_system_spec = #dlti.target_system_spec<
//     "GPU" = #dlti.target_device_spec<"nsa.sms" = 114 : i64,
//                                      "nsa.hbm_bytes_per_s" = 2.0e12 : f64>>}
//
// The keys are those of the fields below. Limits are integers; rates are
// integers or floating-point numbers.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_CHIPFACTS_H
#define NSA_DIALECT_NSA_TRANSFORMS_CHIPFACTS_H

#include "mlir/IR/Operation.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace mlir::nsa {

struct ChipFacts {
  std::string name;
  /// "nsa.shared_memory_per_block": most bytes that a block may have, opted in.
  int64_t sharedMemoryPerBlock;
  /// "nsa.shared_memory_per_sm"
  int64_t sharedMemoryPerSM;
  /// "nsa.registers_per_sm", of 32 bits
  int64_t registersPerSM;
  /// "nsa.threads_per_sm"
  int64_t threadsPerSM;
  /// "nsa.sms"
  int64_t sms;
  /// "nsa.l2_bytes"
  int64_t l2Bytes;
  /// "nsa.hbm_bytes_per_s", what a copy reaches.
  double hbmBytesPerSecond;
  /// "nsa.l2_bytes_per_s", from L2 to the SMs.
  double l2BytesPerSecond;
  /// "nsa.clock_hz"
  double clockHz;
  /// "nsa.mma_flops_per_s", what mma.sync reaches on f16 or bf16 with f32
  /// accumulation.
  double mmaFlopsPerSecond;
  /// "nsa.ex2_per_clock_per_sm"
  double ex2PerClockPerSM;
  /// "nsa.shared_bytes_per_clock_per_sm", read by warps.
  double sharedBytesPerClockPerSM = 128;

  double getEx2PerSecond() const {
    return static_cast<double>(sms) * ex2PerClockPerSM * clockHz;
  }
  double getSharedBytesPerSecond() const {
    return static_cast<double>(sms) * sharedBytesPerClockPerSM * clockHz;
  }
};

/// On a function or module: an array of the targets of its kernels.
inline constexpr llvm::StringLiteral kTargetsAttrName = "nsa.targets";

/// The chips of the targets that `op`, or what is around it, names; empty where
/// nothing does.
SmallVector<std::string> getTargetChips(Operation *op);

/// The one of `chips` whose blocks have the least shared memory: schedules are
/// chosen once for all of them. A chip that the table does not have counts as
/// the smallest that it has. Empty without chips.
std::string getStrictestChip(ArrayRef<std::string> chips);

/// Most bytes of shared memory that a block may have on any chip of the table.
int64_t getMostSharedMemory();

/// The chips of the table: "sm_80, sm_86, ...".
std::string getKnownChips();

/// The facts of the table; none for a chip that it does not have. "sm_90a" is
/// "sm_90".
std::optional<ChipFacts> findChipFacts(StringRef chip);

/// The facts of `chip` ("sm_90a" is "sm_90") with what a specification on `op`
/// or around it overrides. An unknown chip, or a value that is no positive
/// number, is reported.
FailureOr<ChipFacts> getChipFacts(StringRef chip, Operation *op,
                                  function_ref<InFlightDiagnostic()> emitError);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_CHIPFACTS_H
