//===- ThreadPool.cpp - Parallel loops of compiled code ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Workers are started when they are first needed and stay. They wait for the
// next loop actively for some microseconds, as the loops of a program follow
// each other closely, then asleep.
//
// A loop is announced by its number. Workers that find the number changed join
// the loop, if it wants as many, and the caller waits for those that have
// joined. One that comes late finds the loop closed.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace {

/// How long a thread waits actively.
constexpr std::chrono::microseconds kSpinTime(50);

/// A loop that several threads work on.
struct Loop {
  int64_t count;
  int64_t chunk;
  void (*body)(void *, int64_t, int64_t);
  void *context;
};

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Waits actively until `isDone`, but not for long; whether it is.
template <typename Condition> bool spin(Condition isDone) {
  auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 64; ++i) {
      if (isDone())
        return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return isDone();
}

int64_t countCPUs() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(CPU_COUNT(&set), 1);
  return std::max<int64_t>(std::thread::hardware_concurrency(), 1);
}

int64_t getDefaultNumThreads() {
  static const int64_t threads = [] {
    const char *text = std::getenv("NSA_NUM_THREADS");
    if (!text)
      return countCPUs();
    char *end = nullptr;
    errno = 0;
    long long value = std::strtoll(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0 && value >= 1)
      return static_cast<int64_t>(value);
    int64_t cpus = countCPUs();
    std::fprintf(stderr,
                 "nsa: NSA_NUM_THREADS is '%s', expected a number of at least "
                 "1; using %lld\n",
                 text, static_cast<long long>(cpus));
    return cpus;
  }();
  return threads;
}

class Pool {
public:
  /// The pool of this process. Never destroyed: its workers may run until the
  /// process ends. A child of fork has no workers, and so gets another pool.
  static Pool &get() {
    static std::atomic<Pool *> current{nullptr};
    static std::mutex creation;
    Pool *pool = current.load(std::memory_order_acquire);
    if (pool && pool->process == getpid())
      return *pool;
    std::lock_guard<std::mutex> lock(creation);
    pool = current.load(std::memory_order_relaxed);
    if (!pool || pool->process != getpid()) {
      pool = new Pool;
      current.store(pool, std::memory_order_release);
    }
    return *pool;
  }

  /// Runs the loop on at most `threads` threads; false, and nothing done, if
  /// the pool is busy.
  bool run(const Loop &next, int64_t threads);

private:
  Pool() : process(getpid()) {}
  void addWorkers(int64_t wanted);
  void work();
  void takeRanges(const Loop &taken);

  static void *startWorker(void *pool) {
    static_cast<Pool *>(pool)->work();
    return nullptr;
  }

  const pid_t process;
  /// Held by the thread whose loop the pool works on.
  std::mutex busy;
  std::atomic<int64_t> numWorkers{0};
  int64_t numCPUs = countCPUs();

  /// Protects `open`, `joined`, `wanted` and `loop`, and sleep.
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  std::atomic<uint64_t> number{0};
  std::atomic<int64_t> joined{0};
  int64_t wanted = 0;
  bool open = false;
  Loop loop{};

  std::atomic<int64_t> next{0};
};

/// Whether this thread is in a body.
thread_local bool isInBody = false;

} // namespace

void Pool::takeRanges(const Loop &taken) {
  bool wasInBody = isInBody;
  isInBody = true;
  while (true) {
    int64_t begin = next.fetch_add(taken.chunk, std::memory_order_relaxed);
    if (begin >= taken.count)
      break;
    taken.body(taken.context, begin,
               begin + std::min(taken.chunk, taken.count - begin));
  }
  isInBody = wasInBody;
}

void Pool::work() {
  uint64_t seen = 0;
  while (true) {
    auto hasNews = [&] {
      return number.load(std::memory_order_relaxed) != seen;
    };
    // With more threads than CPUs, waiting actively would keep others from
    // working.
    if (numWorkers < numCPUs)
      spin(hasNews);
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait(lock, hasNews);
    seen = number.load(std::memory_order_relaxed);
    if (!open || wanted == 0)
      continue;
    --wanted;
    joined.fetch_add(1, std::memory_order_relaxed);
    Loop taken = loop;
    lock.unlock();

    takeRanges(taken);

    // Release: the caller reads what the bodies wrote.
    if (joined.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      // The caller may be about to sleep.
      std::lock_guard<std::mutex> relock(mutex);
      done.notify_one();
    }
  }
}

void Pool::addWorkers(int64_t wantedWorkers) {
  while (numWorkers < wantedWorkers) {
    pthread_t thread;
    // Without another thread, those that are there do the work.
    if (pthread_create(&thread, nullptr, startWorker, this) != 0)
      return;
    pthread_detach(thread);
    ++numWorkers;
  }
}

bool Pool::run(const Loop &newLoop, int64_t threads) {
  std::unique_lock<std::mutex> owner(busy, std::try_to_lock);
  if (!owner.owns_lock())
    return false;
  {
    std::lock_guard<std::mutex> lock(mutex);
    addWorkers(threads - 1);
    loop = newLoop;
    next.store(0, std::memory_order_relaxed);
    wanted = threads - 1;
    open = true;
    number.fetch_add(1, std::memory_order_relaxed);
  }
  wake.notify_all();
  takeRanges(newLoop);

  {
    std::lock_guard<std::mutex> lock(mutex);
    open = false;
  }
  auto areDone = [&] { return joined.load(std::memory_order_acquire) == 0; };
  if (!spin(areDone)) {
    std::unique_lock<std::mutex> lock(mutex);
    done.wait(lock, areDone);
  }
  return true;
}

static std::atomic<int64_t> numThreads{0};

extern "C" int64_t nsaGetNumThreads(void) {
  int64_t threads = numThreads.load(std::memory_order_relaxed);
  return threads > 0 ? threads : getDefaultNumThreads();
}

extern "C" void nsaSetNumThreads(int64_t threads) {
  numThreads.store(std::max<int64_t>(threads, 0), std::memory_order_relaxed);
}

extern "C" void nsaParallelFor(int64_t count, int64_t chunk,
                               void (*body)(void *, int64_t, int64_t),
                               void *context) {
  if (count <= 0)
    return;
  chunk = std::clamp<int64_t>(chunk, 1, count);
  int64_t ranges = (count - 1) / chunk + 1;
  int64_t threads = std::min(nsaGetNumThreads(), ranges);
  if (threads > 1 && !isInBody &&
      Pool::get().run({count, chunk, body, context}, threads))
    return;
  for (int64_t begin = 0; begin < count; begin += chunk)
    body(context, begin, begin + std::min(chunk, count - begin));
}
