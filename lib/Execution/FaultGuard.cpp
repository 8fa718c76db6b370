//===- FaultGuard.cpp - Crashes of compiled code as errors ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fault may happen in any thread of a parallel loop, so there is no way back
// into nsa-run: the handler prints and ends the process. It uses no function
// that is not async-signal-safe.
//
//===----------------------------------------------------------------------===//

#include "nsa/Execution/FaultGuard.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::nsa;

namespace {

/// One unreadable stretch of memory, within the rows of one batch entry.
struct PageRange {
  uintptr_t begin, end;
};

struct Protection {
  std::string description;
  uintptr_t base;
  int64_t rowBytes, rowsPerBatch, first, last;
  llvm::SmallVector<PageRange> ranges;
};

struct State {
  std::string prefix, hint;
  llvm::SmallVector<Protection> protections;
};

/// Text assembled without allocation.
class Message {
public:
  Message &operator<<(const char *text) {
    while (*text && length < sizeof(buffer))
      buffer[length++] = *text++;
    return *this;
  }
  Message &operator<<(int64_t number) {
    return appendDigits(static_cast<uint64_t>(number), 10);
  }
  Message &appendHex(uintptr_t number) {
    return (*this << "0x").appendDigits(number, 16);
  }
  void print() const {
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, buffer, length);
  }

private:
  Message &appendDigits(uint64_t number, unsigned base) {
    char digits[21];
    char *end = digits + sizeof(digits) - 1, *begin = end;
    *end = 0;
    do
      *--begin = "0123456789abcdef"[number % base];
    while (number /= base);
    return *this << begin;
  }

  char buffer[1024];
  size_t length = 0;
};

} // namespace

static constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
static constexpr size_t kStackBytes = 64 * 1024;

static State *state;
static struct sigaction previousActions[std::size(kSignals)];
static stack_t previousStack;
static char *handlerStack;

static void describeMemoryFault(Message &message, uintptr_t address) {
  for (const Protection &protection : state->protections)
    for (PageRange range : protection.ranges)
      if (address >= range.begin && address < range.end) {
        int64_t row = static_cast<int64_t>(address - protection.base) /
                      protection.rowBytes;
        message << " accessed row " << row % protection.rowsPerBatch
                << " of batch entry " << row / protection.rowsPerBatch << " of "
                << protection.description.c_str() << "; rows "
                << protection.first << " to " << protection.last
                << " are protected\n";
        return;
      }
  message << " accessed invalid memory at ";
  message.appendHex(address) << state->hint.c_str() << "\n";
}

static void handleSignal(int signal, siginfo_t *info, void *) {
  Message message;
  // A progress bar may stand on the line.
  if (isatty(STDERR_FILENO))
    message << "\r\033[K";
  message << state->prefix.c_str();
  switch (signal) {
  case SIGSEGV:
  case SIGBUS:
    describeMemoryFault(message, reinterpret_cast<uintptr_t>(info->si_addr));
    break;
  case SIGILL:
    message << " executed an instruction that this machine does not have; "
               "choose another --cpu\n";
    break;
  case SIGFPE:
    message << " divided an integer by zero or overflowed\n";
    break;
  default:
    message << " gave up (abort)\n";
  }
  message.print();
  _exit(1);
}

/// Finds the whole pages within the rows of every batch entry.
static Protection makeProtection(const ProtectedRows &rows) {
  llvm::ArrayRef<int64_t> shape = rows.array->getShape();
  auto base = reinterpret_cast<uintptr_t>(rows.array->getData());
  int64_t rowBytes = getElementBytes(rows.array->getElementType());
  for (int64_t size : shape.drop_front(2))
    rowBytes *= size;
  Protection protection{rows.description, base,      rowBytes, shape[1],
                        rows.first,       rows.last, {}};
  auto pageBytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  for (int64_t batch = 0; batch < shape[0] && rowBytes != 0; ++batch) {
    uintptr_t begin = base + (batch * shape[1] + rows.first) * rowBytes;
    uintptr_t end = base + (batch * shape[1] + rows.last + 1) * rowBytes;
    begin = llvm::alignTo(begin, pageBytes);
    end = llvm::alignDown(end, pageBytes);
    if (begin < end)
      protection.ranges.push_back({begin, end});
  }
  return protection;
}

static void protect(const Protection &protection, int access) {
  for (PageRange range : protection.ranges)
    mprotect(reinterpret_cast<void *>(range.begin), range.end - range.begin,
             access);
}

FaultGuard::FaultGuard(std::string prefix, llvm::ArrayRef<ProtectedRows> rows,
                       std::string hint) {
  assert(!state && "two guards at a time");
  auto *newState = new State{std::move(prefix), std::move(hint), {}};
  int64_t pageBytes = sysconf(_SC_PAGESIZE);
  for (const ProtectedRows &entry : rows) {
    newState->protections.push_back(makeProtection(entry));
    int64_t pages = 0;
    for (PageRange range : newState->protections.back().ranges)
      pages += static_cast<int64_t>(range.end - range.begin) / pageBytes;
    protectedPages.push_back(pages);
  }
  state = newState;

  // A stack of its own lets the handler report an overflow of the main stack.
  handlerStack = new char[kStackBytes];
  stack_t stack = {};
  stack.ss_sp = handlerStack;
  stack.ss_size = kStackBytes;
  sigaltstack(&stack, &previousStack);
  struct sigaction action = {};
  action.sa_sigaction = handleSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < std::size(kSignals); ++i)
    sigaction(kSignals[i], &action, &previousActions[i]);

  for (const Protection &protection : state->protections)
    protect(protection, PROT_NONE);
}

FaultGuard::~FaultGuard() {
  for (const Protection &protection : state->protections)
    protect(protection, PROT_READ | PROT_WRITE);
  for (size_t i = 0; i < std::size(kSignals); ++i)
    sigaction(kSignals[i], &previousActions[i], nullptr);
  sigaltstack(&previousStack, nullptr);
  delete[] handlerStack;
  delete state;
  state = nullptr;
}
