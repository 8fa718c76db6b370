//===- HostExecutor.h - Compile a function and call it ----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A just-in-time compiler for the entry points of a module at any level from
// tensors down to the LLVM dialect. What it compiles runs on the host and does
// the work there, or has a GPUDevice do it.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_HOSTEXECUTOR_H
#define NSA_EXECUTION_HOSTEXECUTOR_H

#include "nsa/Execution/EntryPoint.h"
#include "nsa/Execution/GPUDevice.h"
#include "nsa/Execution/GPULowering.h"
#include "nsa/Execution/HostArray.h"

#include "mlir/IR/DialectRegistry.h"

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::nsa {

struct HostExecutorOptions {
  /// An LLVM CPU name; empty for the host.
  std::string cpu;
  /// LLVM's optimisation level, 0 to 3.
  unsigned optLevel = 3;
  /// Distribute parallel loops over threads.
  bool parallel = true;
  /// Check at run time what verifiers cannot see. A check that fails is printed
  /// to standard error and ends the process with exit code 1.
  bool checked = false;
  /// Where kernels run and arrays lie; null to do the work on the host. Must
  /// outlive the executor and the results.
  GPUDevice *device = nullptr;
  /// How kernels are compiled for it.
  GPULoweringOptions gpu;
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
  /// In the device's memory, for an array on a device before `fetch`.
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

  /// Copies arrays to the host, in whose memory `data` points from then on.
  /// Does nothing for results of work on the host.
  llvm::Error fetch();

private:
  friend class HostExecutor;
  void release();

  /// The raw results; scalars are read from here.
  std::unique_ptr<char[]> storage;
  llvm::SmallVector<CallResult> results;
  /// Of the compiled code; the device's where there is one.
  llvm::SmallVector<void *> allocations;
  GPUDevice *device = nullptr;
  llvm::SmallVector<std::unique_ptr<char[]>> copies;
};

class HostExecutor {
public:
  /// Compiles `entry` and what it calls. Lowers `module` in place. Errors are
  /// reported as diagnostics.
  static FailureOr<std::unique_ptr<HostExecutor>>
  compile(ModuleOp module, const EntryPoint &entry,
          const HostExecutorOptions &options);
  ~HostExecutor();

  /// Copies arrays to the device, if there is one. Each `call` takes the same
  /// arguments then. Errors are the device's.
  void upload(const EntryPoint &entry, llvm::ArrayRef<CallArgument> arguments);

  /// Calls the function. The arguments must have passed checkArgument. Where
  /// there is a device, its getError says whether that worked. Scalar
  /// results apart, the results are in memory that the compiled code allocated
  /// (Allocations.h), never in an argument's.
  CallResults call(llvm::ArrayRef<CallArgument> arguments);

private:
  HostExecutor() = default;

  FunctionType type;
  GPUDevice *device = nullptr;
  /// Where `upload` has put each argument; 0 for scalars.
  llvm::SmallVector<DeviceAddress> uploaded;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*function)(void **) = nullptr;
  /// Where the results lie in the memory that the function fills.
  size_t resultBytes = 0;
  llvm::SmallVector<size_t> resultOffsets;
};

/// Everything that HostExecutor needs registered: dialects, interfaces,
/// translations to LLVM IR.
void registerExecution(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_HOSTEXECUTOR_H
