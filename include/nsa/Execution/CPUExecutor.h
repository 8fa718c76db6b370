//===- CPUExecutor.h - Compile a function and call it -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A just-in-time compiler for the entry points of a module at any level from
// tensors down to the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_CPUEXECUTOR_H
#define NSA_EXECUTION_CPUEXECUTOR_H

#include "nsa/Execution/EntryPoint.h"
#include "nsa/Execution/HostArray.h"

#include "mlir/IR/DialectRegistry.h"

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::nsa {

struct CPUExecutorOptions {
  /// An LLVM CPU name; empty for the host.
  std::string cpu;
  /// LLVM's optimisation level, 0 to 3.
  unsigned optLevel = 3;
  /// Distribute parallel loops over threads.
  bool parallel = true;
};

/// One argument of a call: an array, or the bits of a scalar.
struct CallArgument {
  const HostArray *array = nullptr;
  uint64_t scalarBits = 0;
};

/// One result of a call: a view of memory that the results own, or a scalar
/// (rank 0).
struct CallResult {
  Type elementType;
  bool isScalar;
  llvm::SmallVector<int64_t> shape;
  /// In elements.
  llvm::SmallVector<int64_t> strides;
  const char *data;

  bool isContiguous() const;
};

/// The results of one call. Frees their memory.
class CallResults {
public:
  CallResults() = default;
  CallResults(CallResults &&other) = default;
  CallResults &operator=(CallResults &&other);
  ~CallResults();

  llvm::ArrayRef<CallResult> get() const { return results; }

private:
  friend class CPUExecutor;
  void release();

  /// The raw results; scalars are read from here.
  std::unique_ptr<char[]> storage;
  llvm::SmallVector<CallResult> results;
  llvm::SmallVector<void *> allocations;
};

class CPUExecutor {
public:
  /// Compiles `entry` and what it calls. Lowers `module` in place. Errors are
  /// reported as diagnostics.
  static FailureOr<std::unique_ptr<CPUExecutor>>
  compile(ModuleOp module, const EntryPoint &entry,
          const CPUExecutorOptions &options);
  ~CPUExecutor();

  /// Calls the function. The arguments must have passed checkArgument. Scalar
  /// results apart, the results are in memory that the compiled code allocated
  /// (Allocations.h), never in an argument's.
  CallResults call(llvm::ArrayRef<CallArgument> arguments);

private:
  CPUExecutor() = default;

  FunctionType type;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*function)(void **) = nullptr;
  /// Where the results lie in the memory that the function fills.
  size_t resultBytes = 0;
  llvm::SmallVector<size_t> resultOffsets;
};

/// Sets the number of threads of parallel loops; the default is one per core.
llvm::Error setNumThreads(unsigned numThreads);

/// Everything that CPUExecutor needs registered: dialects, interfaces,
/// translations to LLVM IR.
void registerCPUExecution(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_CPUEXECUTOR_H
