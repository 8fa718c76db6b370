//===- FakeCuda.h - A CUDA driver for tests, without a device ---*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of the fake driver. See FakeCuda.cpp for what it pretends.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_LIB_FAKECUDA_FAKECUDA_H
#define NSA_TEST_LIB_FAKECUDA_FAKECUDA_H

#include "nsa/Runtime/CUDADriverAPI.h"

#include <array>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace fakecuda {

using namespace mlir::nsa::runtime::cu;

struct Context;

/// A kernel of an image.
struct Function {
  Context *context = nullptr;
  std::string name;
  std::vector<size_t> parameterSizes;
  int registers = 0;
  int staticSharedBytes = 0;
  int localBytes = 0;
  int maxThreads = 1024;
  int maxDynamicSharedBytes = 48 << 10;
};

struct Module {
  Context *context = nullptr;
  std::deque<Function> functions;
};

/// Work that was handed to a stream and runs when somebody waits for it, as
/// late as CUDA allows: code that does not wait sees old data.
struct Stream {
  Context *context = nullptr;
  std::deque<std::function<void()>> work;
};

struct Event {
  Context *context = nullptr;
  Stream *stream = nullptr;
  int pending = 0;
  bool reached = false;
  double milliseconds = 0;
};

struct Allocation {
  Context *context = nullptr;
  std::vector<char> bytes;
};

struct Context {
  int device = 0;
  bool primary = false;
  /// Once a kernel has failed, every call fails with this.
  CUresult sticky = CUDA_SUCCESS;
};

/// A launch as a kernel sees it.
struct Launch {
  std::string kernel;
  std::array<unsigned, 3> grid;
  std::array<unsigned, 3> block;
  unsigned dynamicSharedBytes;
  std::vector<std::vector<char>> arguments;
};

struct State {
  std::recursive_mutex mutex;
  std::map<int, std::pair<std::unique_ptr<Context>, int>> primaries;
  std::map<Context *, std::unique_ptr<Context>> contexts;
  std::map<Module *, std::unique_ptr<Module>> modules;
  std::map<Stream *, std::unique_ptr<Stream>> streams;
  std::map<Event *, std::unique_ptr<Event>> events;
  /// By their addresses, which the host cannot use.
  std::map<CUdeviceptr, Allocation> memory;
  CUdeviceptr nextAddress = 0x700000000000;
  double milliseconds = 0;
  /// Objects that lived when their context was destroyed.
  int orphans = 0;
  std::vector<std::string> calls;
  std::map<std::string, int> callCounts;
  /// Calls that could be made to fail, and the last one that was.
  int failableCalls = 0;
  std::string lastFailed;

  /// The `size` bytes at `address`, or null if they are not all allocated in
  /// the context.
  char *access(Context *context, CUdeviceptr address, size_t size);
};

State &getState();

/// The integer at the start of `text`, or 0.
inline int toInt(const char *text) {
  return int(std::strtol(text, nullptr, 10));
}

/// An integer from the environment.
long long getNumber(const char *variable, long long otherwise);

/// "Compiles" an image into `module`; writes what a compiler would say.
CUresult loadImage(const std::string &image, int computeCapability,
                   Module &module, std::string &info, std::string &errors);

/// Runs one of the kernels that the driver has built in; others do nothing.
CUresult runKernel(State &state, Context *context, const Launch &launch);

} // namespace fakecuda

#endif // NSA_TEST_LIB_FAKECUDA_FAKECUDA_H
