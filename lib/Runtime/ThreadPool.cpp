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
#include <csignal>
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

/// More threads than that are a mistake.
constexpr int64_t kMaxThreads = 4096;

/// A loop that several threads work on. Its ranges are numbered, as that cannot
/// overflow.
struct Loop {
  int64_t count;
  int64_t chunk;
  int64_t ranges;
  void (*body)(void *, int64_t, int64_t);
  void *context;

  void runRange(int64_t range) const {
    int64_t begin = range * chunk;
    body(context, begin, begin + std::min(chunk, count - begin));
  }
};

} // namespace

static void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits actively until `isDone`, but not for long; whether it is.
template <typename Condition> static bool spin(Condition isDone) {
  auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 64; ++i) {
      if (isDone())
        return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return isDone();
}

static int64_t countCPUs() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(CPU_COUNT(&set), 1);
  return std::max<int64_t>(std::thread::hardware_concurrency(), 1);
}

static int64_t readDefaultNumThreads() {
  const char *text = std::getenv("NSA_NUM_THREADS");
  if (!text)
    return std::min(countCPUs(), kMaxThreads);
  char *end = nullptr;
  errno = 0;
  long long value = std::strtoll(text, &end, 10);
  if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
      value >= 1 && value <= kMaxThreads)
    return value;
  int64_t cpus = std::min(countCPUs(), kMaxThreads);
  std::fprintf(stderr,
               "nsa: NSA_NUM_THREADS is '%s', expected a number from 1 to "
               "%lld; using %lld\n",
               text, static_cast<long long>(kMaxThreads),
               static_cast<long long>(cpus));
  return cpus;
}

/// Read once; no lock, as a child of fork might inherit it locked.
static int64_t getDefaultNumThreads() {
  static std::atomic<int64_t> threads{0};
  int64_t known = threads.load(std::memory_order_relaxed);
  if (known == 0) {
    known = readDefaultNumThreads();
    threads.store(known, std::memory_order_relaxed);
  }
  return known;
}

namespace {

class Pool {
public:
  /// The pool of this process. Never destroyed: its workers may run until the
  /// process ends. A child of fork has no workers, and so gets another pool.
  static Pool &get() {
    static std::atomic<Pool *> current{nullptr};
    Pool *pool = current.load(std::memory_order_acquire);
    if (pool && pool->process == getpid())
      return *pool;
    auto *created = new Pool;
    if (current.compare_exchange_strong(pool, created,
                                        std::memory_order_acq_rel))
      return *created;
    delete created;
    return *pool;
  }

  /// Runs the loop on at most `threads` threads; false, and nothing done, if
  /// the pool is busy.
  bool run(const Loop &newLoop, int64_t threads);

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
  int64_t numWorkers = 0;
  bool isRefused = false;
  const int64_t numCPUs = countCPUs();
  /// Whether there is a CPU for every thread of the last loop; else, waiting
  /// actively would keep others from working.
  std::atomic<bool> maySpin{true};

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

class BodyScope {
public:
  BodyScope() : wasInBody(isInBody) { isInBody = true; }
  ~BodyScope() { isInBody = wasInBody; }

private:
  bool wasInBody;
};

} // namespace

void Pool::takeRanges(const Loop &taken) {
  BodyScope scope;
  while (true) {
    int64_t range = next.fetch_add(1, std::memory_order_relaxed);
    if (range >= taken.ranges)
      return;
    taken.runRange(range);
  }
}

void Pool::work() {
  uint64_t seen = 0;
  while (true) {
    auto hasNews = [&] {
      return number.load(std::memory_order_relaxed) != seen;
    };
    if (maySpin.load(std::memory_order_relaxed))
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
  if (numWorkers >= wantedWorkers || isRefused)
    return;
  // Signals are for the threads of the program, but for those that a thread
  // causes itself: a handler of memory faults is to see ours.
  sigset_t all, before;
  sigfillset(&all);
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP})
    sigdelset(&all, signal);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (numWorkers < wantedWorkers && !isRefused) {
    pthread_t thread;
    // Without another thread, those that are there do the work.
    isRefused = pthread_create(&thread, nullptr, startWorker, this) != 0;
    if (isRefused)
      break;
    pthread_detach(thread);
    ++numWorkers;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool Pool::run(const Loop &newLoop, int64_t threads) {
  std::unique_lock<std::mutex> owner(busy, std::try_to_lock);
  if (!owner.owns_lock())
    return false;
  bool spins = threads <= numCPUs;
  addWorkers(threads - 1);
  {
    std::lock_guard<std::mutex> lock(mutex);
    maySpin.store(spins, std::memory_order_relaxed);
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
  if (!spins || !spin(areDone)) {
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
  numThreads.store(std::clamp<int64_t>(threads, 0, kMaxThreads),
                   std::memory_order_relaxed);
}

extern "C" void nsaParallelFor(int64_t count, int64_t chunk,
                               void (*body)(void *, int64_t, int64_t),
                               void *context) {
  if (count <= 0)
    return;
  chunk = std::clamp<int64_t>(chunk, 1, count);
  Loop loop{count, chunk, (count - 1) / chunk + 1, body, context};
  int64_t threads = std::min(nsaGetNumThreads(), loop.ranges);
  if (threads > 1 && !isInBody && Pool::get().run(loop, threads))
    return;
  BodyScope scope;
  for (int64_t range = 0; range < loop.ranges; ++range)
    loop.runRange(range);
}
