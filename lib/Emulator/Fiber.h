//===- Fiber.h - Stacks and context switches --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A CUDA thread runs on a fiber. Boost.Context switches; it is used at its
// lowest level because compiled kernels carry no unwind information: after an
// error, fibers are dropped rather than unwound. Nothing on a fiber's stack may
// therefore own anything when it suspends.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_FIBER_H
#define NSA_LIB_EMULATOR_FIBER_H

#include <cstddef>
#include <cstdint>

namespace mlir::nsa::emulator {

/// Equal stacks side by side, each with a page below it that faults. Memory is
/// reserved only; the system provides it page by page.
class StackPool {
public:
  StackPool(unsigned count, size_t bytes);
  ~StackPool();
  StackPool(const StackPool &) = delete;
  StackPool &operator=(const StackPool &) = delete;

  bool isValid() const { return memory != nullptr; }
  char *low(unsigned index) const {
    return memory + index * (bytes + guard) + guard;
  }
  char *high(unsigned index) const { return low(index) + bytes; }
  size_t size() const { return bytes; }

private:
  char *memory = nullptr;
  size_t bytes, guard;
  unsigned count;
};

/// A flow of control. A host thread's own is one too, which needs no start.
class Fiber {
public:
  using Function = void (*)(void *);

  /// Makes the fiber begin with function(argument), which must not return.
  void start(char *low, size_t bytes, Function function, void *argument);
  /// Called on this fiber: runs `next` until something switches back.
  void switchTo(Fiber &next);

private:
  /// Where it goes on, while it does not run.
  void *context = nullptr;
  /// The one that it switched to last: how that knows itself when it begins.
  Fiber *target = nullptr;
  Function function = nullptr;
  void *argument = nullptr;
  friend struct FiberEntry;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_FIBER_H
