//===- Fiber.cpp - Stacks and context switches ----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See the header.
//
//===----------------------------------------------------------------------===//

#include "Fiber.h"

#include <boost/context/detail/fcontext.hpp>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::nsa::emulator;
namespace context = boost::context::detail;

StackPool::StackPool(unsigned count, size_t bytes)
    : guard(sysconf(_SC_PAGESIZE)), count(count) {
  this->bytes = (bytes + guard - 1) / guard * guard;
  void *result =
      mmap(nullptr, count * (this->bytes + guard), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (result == MAP_FAILED)
    return;
  memory = static_cast<char *>(result);
  for (unsigned i = 0; i < count; ++i)
    mprotect(low(i) - guard, guard, PROT_NONE);
}

StackPool::~StackPool() {
  if (memory)
    munmap(memory, count * (bytes + guard));
}

namespace mlir::nsa::emulator {
struct FiberEntry {
  static void run(context::transfer_t transfer) {
    auto *from = static_cast<Fiber *>(transfer.data);
    from->context = transfer.fctx;
    Fiber *self = from->target;
    self->function(self->argument);
    __builtin_unreachable();
  }
};
} // namespace mlir::nsa::emulator

void Fiber::start(char *low, size_t bytes, Function function, void *argument) {
  this->function = function;
  this->argument = argument;
  context = context::make_fcontext(low + bytes, bytes, FiberEntry::run);
}

void Fiber::switchTo(Fiber &next) {
  target = &next;
  context::transfer_t transfer = context::jump_fcontext(next.context, this);
  static_cast<Fiber *>(transfer.data)->context = transfer.fctx;
}
