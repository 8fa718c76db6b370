//===- Emulator.h - Run device code without a GPU ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes the kernels of a device LLVM module (nvptx64, as NVPTX code
// generation receives it) on the host, and checks while it does: bounds,
// alignment, initialisation, asynchronous copies, races, divergence, deadlock.
// docs/Emulator.md says what is modelled and how errors read.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EMULATOR_EMULATOR_H
#define NSA_EMULATOR_EMULATOR_H

#include "nsa/Emulator/Counters.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class Module;
class raw_ostream;
} // namespace llvm

namespace mlir::nsa::emulator {

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t size() const { return uint64_t(x) * y * z; }
};

/// What a kernel can do wrong.
enum class ErrorClass {
  InvalidLaunch,
  OutOfBounds,
  Misaligned,
  WriteToInput,
  UnwrittenShared,
  InFlight,
  DataRace,
  DivergentCollective,
  BarrierDeadlock,
  Livelock,
  Trap,
};

/// The name under which an error is reported, "data-race" for instance.
llvm::StringRef stringifyErrorClass(ErrorClass errorClass);

/// Which of the threads that can run runs next.
enum class Schedule { FIFO, LIFO, Random };

/// Fast: bounds, alignment, poison, deadlock. Full: everything.
enum class Sanitize { Fast, Full };

struct LaunchOptions {
  Dim3 grid, block;
  /// Of the grid's blocks, in the order of their numbers, only these run.
  uint64_t firstBlock = 0, maxBlocks = UINT64_MAX;
  /// Bytes of dynamic shared memory.
  uint64_t dynamicShared = 0;
  /// Most bytes of shared memory that a block may have: see
  /// `getSharedMemoryLimit`.
  uint64_t maxShared = uint64_t(227) << 10;
  Schedule schedule = Schedule::FIFO;
  uint64_t seed = 0;
  Sanitize sanitize = Sanitize::Full;
  /// Count bytes, bank conflicts and so on. Instructions are always counted.
  bool counters = false;
  /// Host threads that run blocks; 0 means one per core.
  unsigned hostThreads = 0;
  /// Bytes of stack per CUDA thread, beyond the kernel's own variables.
  uint64_t stackBytes = uint64_t(64) << 10;
  /// A block whose threads made so many atomic or volatile accesses with no
  /// barrier, collective or exit among them is taken to spin for ever.
  uint64_t spinLimit = uint64_t(1) << 26;
};

/// Most bytes of shared memory that a block of a chip ("sm_80") may opt into,
/// by the CUDA programming guide's table of compute capabilities; that of sm_90
/// for chips that it does not have.
uint64_t getSharedMemoryLimit(llvm::StringRef chip);

/// Why drivers refuse these for any kernel, or "".
std::string checkLaunchSizes(Dim3 grid, Dim3 block);

struct KernelError {
  ErrorClass errorClass;
  std::string kernel;
  /// Of nothing where the launch is invalid.
  Dim3 block, thread;
  /// "file:line:column", or the instruction where there is no debug info.
  std::string location;
  std::string message;
  /// Other threads and places that take part.
  std::vector<std::string> notes;

  void print(llvm::raw_ostream &os) const;
};

struct LaunchResult {
  std::optional<KernelError> error;
  Counters counters;
};

/// What a kernel looks like from outside.
struct KernelInfo {
  std::string name;
  /// Bytes of each parameter.
  std::vector<uint64_t> parameterBytes;
  uint64_t staticShared = 0;
};

/// The intrinsics, instructions of inline PTX and functions that are modelled
/// by name, sorted.
std::vector<std::string> getModelledInstructions();

/// A loaded device module. Kernels are compiled on first use; one compiled
/// kernel serves any number of launches. Launches are not reentrant.
class Emulator {
public:
  /// Reads nothing of `module` later. Fails where the module is not nvptx64.
  static llvm::Expected<std::unique_ptr<Emulator>>
  create(const llvm::Module &module);
  ~Emulator();

  /// Names of the kernels in the module.
  std::vector<std::string> getKernels() const;

  /// Compiles where necessary. An instruction that is not modelled is an error
  /// that names it.
  llvm::Expected<KernelInfo> getKernel(llvm::StringRef name);

  /// Lets kernels access [base, base + size); writing to a read-only
  /// allocation is an error. Allocations may not overlap.
  llvm::Error addAllocation(void *base, uint64_t size, llvm::StringRef name,
                            bool readOnly);
  void removeAllocation(void *base);

  /// Runs kernel `name` to its end or to its first error. `args[i]` points to
  /// the value of parameter i, as in cuLaunchKernel.
  llvm::Expected<LaunchResult> launch(llvm::StringRef name,
                                      const LaunchOptions &options,
                                      llvm::ArrayRef<void *> args);

private:
  struct Impl;
  explicit Emulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace mlir::nsa::emulator

#endif // NSA_EMULATOR_EMULATOR_H
