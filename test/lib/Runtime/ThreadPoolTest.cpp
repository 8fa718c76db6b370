//===- ThreadPoolTest.cpp - Tests of parallel loops -----------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: nsa-thread-pool-test
//
// Every iteration runs exactly once, whatever happens around; prints a line per
// test, and how many threads there are by default.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/ThreadPool.h"

#include <atomic>
#include <cstdio>
#include <limits>
#include <mutex>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

static int failures = 0;

static void expect(bool holds, const char *what) {
  if (holds)
    return;
  std::printf("FAILED: %s\n", what);
  ++failures;
}

namespace {
struct Counts {
  explicit Counts(int64_t count, int64_t most = 1 << 30)
      : runs(count > 0 ? count : 0), most(most) {
    for (std::atomic<int> &run : runs)
      run = 0;
  }
  std::vector<std::atomic<int>> runs;
  int64_t most;
  std::atomic<bool> isRangeWrong{false};

  static void run(void *context, int64_t begin, int64_t end) {
    auto &self = *static_cast<Counts *>(context);
    if (begin >= end || end - begin > self.most)
      self.isRangeWrong = true;
    for (int64_t i = begin; i < end; ++i) {
      // Uneven: the work grows with the position.
      volatile int64_t work = 0;
      for (int64_t j = 0; j < i % 512; ++j)
        work = work + j;
      ++self.runs[i];
    }
  }
  bool areAllOne() const {
    for (const std::atomic<int> &run : runs)
      if (run != 1)
        return false;
    return !isRangeWrong;
  }
};
} // namespace

static bool coversAll(int64_t count, int64_t chunk) {
  Counts counts(count, chunk < 1 ? 1 : chunk);
  nsaParallelFor(count, chunk, Counts::run, &counts);
  return counts.areAllOne();
}

static void testCoverage() {
  for (int64_t threads : {1, 2, 3, 7})
    for (int64_t count : {-3, 0, 1, 2, 5, 64, 1000, 4099})
      for (int64_t chunk : {-1, 0, 1, 2, 7, 5000}) {
        nsaSetNumThreads(threads);
        expect(coversAll(count, chunk), "each iteration runs once");
      }
}

static void testThreads() {
  // Slow enough that every thread gets something to do.
  nsaSetNumThreads(3);
  struct Seen {
    std::mutex mutex;
    std::set<std::thread::id> threads;
  } seen;
  auto body = [](void *context, int64_t, int64_t) {
    auto &seen = *static_cast<Seen *>(context);
    usleep(20000);
    std::lock_guard<std::mutex> lock(seen.mutex);
    seen.threads.insert(std::this_thread::get_id());
  };
  nsaParallelFor(9, 1, body, &seen);
  expect(seen.threads.size() == 3, "three threads work");
  expect(seen.threads.count(std::this_thread::get_id()), "the caller is one");
  seen.threads.clear();
  nsaSetNumThreads(2);
  nsaParallelFor(9, 1, body, &seen);
  expect(seen.threads.size() == 2, "then two");
}

static void testNested() {
  struct Nest {
    std::atomic<int> inner{0};
    std::atomic<bool> hasMoved{false};
  };
  for (int64_t threads : {1, 3}) {
    nsaSetNumThreads(threads);
    Nest nest;
    nsaParallelFor(
        20, 1,
        [](void *context, int64_t, int64_t) {
          // While one thread is in a body, the number of threads may change;
          // what is called there stays on it nevertheless.
          nsaSetNumThreads(3);
          struct Inner {
            Nest *nest;
            std::thread::id thread;
          } inner{static_cast<Nest *>(context), std::this_thread::get_id()};
          nsaParallelFor(
              50, 3,
              [](void *context, int64_t begin, int64_t end) {
                auto &inner = *static_cast<Inner *>(context);
                inner.nest->inner += static_cast<int>(end - begin);
                if (std::this_thread::get_id() != inner.thread)
                  inner.nest->hasMoved = true;
              },
              &inner);
        },
        &nest);
    expect(nest.inner == 1000, "loops in bodies run completely");
    expect(!nest.hasMoved, "and on the thread that calls them");
  }
}

static void testCallers() {
  nsaSetNumThreads(3);
  std::atomic<bool> isWrong{false};
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int j = 0; j < 200; ++j)
        if (!coversAll(97, 2))
          isWrong = true;
    });
  for (std::thread &caller : callers)
    caller.join();
  expect(!isWrong, "several threads may call at once");
}

static void testMany() {
  nsaSetNumThreads(2);
  std::atomic<int64_t> sum{0};
  for (int i = 0; i < 20000; ++i)
    nsaParallelFor(
        4, 1,
        [](void *context, int64_t begin, int64_t) {
          *static_cast<std::atomic<int64_t> *>(context) += begin;
        },
        &sum);
  expect(sum == 20000 * 6, "many short loops");
}

static void testLarge() {
  // The last range ends at the largest number there is.
  nsaSetNumThreads(3);
  std::atomic<int64_t> last{0};
  constexpr int64_t count = std::numeric_limits<int64_t>::max();
  nsaParallelFor(
      count, count / 2,
      [](void *context, int64_t begin, int64_t end) {
        if (begin < 0 || end <= begin)
          _exit(3);
        if (end == count)
          *static_cast<std::atomic<int64_t> *>(context) = end;
      },
      &last);
  expect(last == count, "counts up to the largest");
}

static void testFork() {
  nsaSetNumThreads(3);
  expect(coversAll(100, 1), "before fork");
  pid_t child = fork();
  if (child == 0)
    _exit(coversAll(1000, 1) ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "in a child of fork");
  expect(coversAll(100, 1), "after fork");
}

int main() {
  std::printf("default: %lld\n", static_cast<long long>(nsaGetNumThreads()));
  struct {
    const char *name;
    void (*run)();
  } tests[] = {{"coverage", testCoverage}, {"threads", testThreads},
               {"nested", testNested},     {"callers", testCallers},
               {"many", testMany},         {"large", testLarge},
               {"fork", testFork}};
  for (const auto &test : tests) {
    int before = failures;
    test.run();
    std::printf("%s: %s\n", test.name,
                failures == before ? "passed" : "FAILED");
  }
  std::printf("%d failures\n", failures);
  return failures != 0;
}
