//===- ThreadBlock.h - One block of threads while it runs -------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A host thread runs one block after another. The block schedules its threads,
// brings them together at collectives and barriers, owns shared memory and its
// shadow, and turns every wrong step into an error.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_THREADBLOCK_H
#define NSA_LIB_EMULATOR_THREADBLOCK_H

#include "Fiber.h"
#include "Launch.h"
#include "WarpAccesses.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>
#include <random>

namespace mlir::nsa::emulator {

class ThreadBlock;

/// Why a thread does not run.
enum class Wait : uint8_t { Ready, Warp, Barrier, ActiveMask, Exited };

struct AsyncCopy {
  uint64_t destination, source;
  /// Bytes taken from the source; the rest of the destination becomes zero.
  uint32_t size, sourceSize;
  uint32_t site;
};

struct Thread {
  Fiber fiber;
  ThreadBlock *parent = nullptr;
  uint32_t index = 0;
  Dim3 id{0, 0, 0};
  Wait wait = Wait::Ready;
  /// Where it waits, for which lanes or at which barrier, and with what.
  uint32_t site = 0;
  uint32_t mask = 0;
  uint32_t barrier = 0;
  const uint64_t *in = nullptr;
  uint64_t *out = nullptr;
  /// What it knows of others, and its own time.
  ClockRef known;
  uint32_t time = 1;
  /// Fences: what later relaxed atomics publish, and what earlier ones learnt.
  ClockRef fenceRelease, fenceAcquire;
  /// Asynchronous copies: committed groups, oldest first, and the open one.
  std::deque<std::vector<AsyncCopy>> groups;
  std::vector<AsyncCopy> openGroup;
  size_t numAlignedBarriers = 0;
  /// A bit for each barrier at which it arrived and that is not complete.
  uint32_t arrivedAt = 0;
  /// Atomic and volatile accesses since the last yield.
  uint32_t spins = 0;

  unsigned lane() const { return index % 32; }
};

/// The lanes that take part in a collective; pointers of others are null.
struct Lanes {
  uint32_t mask = 0;
  const uint64_t *in[32] = {};
  uint64_t *out[32] = {};
  Thread *threads[32] = {};
};

/// A collective that some lanes of a warp wait in: enough for the others to
/// join it without looking at every lane.
struct Rendezvous {
  uint32_t arrived = 0; ///< 0: there is none
  uint32_t mask = 0;
  uint32_t site = 0;
};

/// The threads that can run; each is in it at most once.
class ReadyList {
public:
  void reset(unsigned numThreads) {
    ring.resize(llvm::PowerOf2Ceil(numThreads));
    first = count = 0;
  }
  bool empty() const { return count == 0; }
  unsigned size() const { return count; }
  Thread *&operator[](unsigned i) {
    return ring[(first + i) & (ring.size() - 1)];
  }
  void pushBack(Thread *thread) { (*this)[count++] = thread; }
  void pushFront(Thread *thread) {
    --first;
    ++count;
    (*this)[0] = thread;
  }
  Thread *popBack() { return (*this)[--count]; }
  Thread *popFront() {
    Thread *thread = (*this)[0];
    ++first;
    --count;
    return thread;
  }

private:
  std::vector<Thread *> ring;
  unsigned first = 0, count = 0;
};

/// Computes all lanes' results; `current` is the thread that arrived last.
using WarpFunction = void (*)(ThreadBlock &block, const Site &site,
                              const Lanes &lanes);

class ThreadBlock {
public:
  ThreadBlock(Launch &launch, StackPool &stacks);

  /// Runs block `index` to its end or first error.
  std::optional<KernelError> run(uint64_t index);

  /// The block that the calling host thread runs.
  static ThreadBlock *&getCurrent() {
    static thread_local ThreadBlock *block = nullptr;
    return block;
  }

  // For compiled code and handlers; all on the current thread's fiber. ------

  Thread &getThread() { return *current; }
  Thread *const *getThreadPointer() const { return &current; }
  const Site &getSite(uint32_t index) const {
    return launch.image.sites[index];
  }
  Launch &getLaunch() { return launch; }
  Dim3 getBlockId() const { return blockId; }
  Counters &getCounters() { return counters; }
  Window *getWindows() { return windows.data(); }
  uint64_t *getBlockCounts() { return blockCounts.data(); }
  ByteSet &getBytesRead() { return bytesRead; }
  ByteSet &getBytesWritten() { return bytesWritten; }
  unsigned getNumThreads() const { return threads.size(); }

  /// Ends the block with an error of the current thread, or of `culprit`. It
  /// does not come back, not even to clean up: what a message needs is made and
  /// dropped within the function that prints it.
  using Describe = llvm::function_ref<void(llvm::raw_ostream &)>;
  [[noreturn]] void fail(ErrorClass errorClass, uint32_t site, Describe message,
                         Describe note = {}, Thread *culprit = nullptr);
  uint32_t getIndex(const Site &site) const {
    return &site - launch.image.sites.data();
  }

  /// Brings together the lanes of `mask`. An aligned collective must be the
  /// same instruction for all; others must be the same operation.
  void collective(const Site &site, uint32_t mask, bool aligned,
                  const uint64_t *in, uint64_t *out, WarpFunction compute);
  /// Barrier `id` for `count` threads, 0 meaning all of the block.
  void barrier(const Site &site, uint32_t id, uint32_t count, bool aligned,
               bool arriveOnly, const uint64_t *in, uint64_t *out,
               WarpFunction reduce);
  uint32_t activeMask(const Site &site);
  /// Lanes of the thread's warp that exist.
  uint32_t getWarpMask(const Thread &thread) const;
  Thread &getLane(const Thread &thread, unsigned lane) {
    return threads[thread.index / 32 * 32 + lane];
  }
  /// Lets others run.
  void yield();

  /// Checks an access, records it, and returns where the bytes are.
  void *access(uint32_t site, Space space, uint64_t address, uint64_t size,
               uint32_t align, bool reads, bool writes);
  /// The same, described by the site.
  void *access(uint64_t address, uint32_t site);
  /// The same in the name of another lane.
  void *accessAs(Thread &thread, uint32_t site, Space space, uint64_t address,
                 uint64_t size, uint32_t align, bool reads, bool writes) {
    current = &thread;
    void *result = access(site, space, address, size, align, reads, writes);
    current = running;
    return result;
  }
  /// After an atomic access.
  void acquire(uint64_t address, uint32_t site);
  void fence();
  /// The accesses of all threads of `participants` so far happen before what
  /// those in `learners` do later.
  void synchronize(llvm::ArrayRef<Thread *> participants,
                   llvm::ArrayRef<Thread *> learners);

  void issueCopy(const Site &site, uint64_t destination, uint64_t source,
                 uint32_t size, uint32_t sourceSize);
  void commitCopies();
  /// Completes all but the newest `pending` groups; `all`: the open one too.
  void waitCopies(const Site &site, uint64_t pending, bool all);

  void *toGeneric(uint64_t offset) { return shared + offset; }
  uint64_t toShared(void *pointer) {
    return static_cast<char *>(pointer) - shared;
  }
  bool isShared(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(shared) < launch.sharedBytes;
  }
  bool isLocal(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(stacks.low(current->index)) <
           stacks.size();
  }

  /// "thread (1,0,0)" of this block, "thread (1,0,0) of block (2,0,0)" else.
  std::string describe(ThreadId id) const;
  std::string describe(const Thread &thread) const;

private:
  struct Barrier {
    uint32_t expected = 0;
    uint32_t site = 0;
    WarpFunction reduce = nullptr;
    llvm::SmallVector<Thread *> arrived;
    llvm::SmallVector<Thread *> waiting;
  };

  static void runThread(void *argument);
  void switchToNext();
  void reset(uint64_t index);
  void exitThread();
  Thread *pickNext();
  void makeReady(Thread &thread);
  void suspend(Wait wait, uint32_t site);
  void completeCollective(const Site &site, const Lanes &lanes,
                          WarpFunction compute);
  void resolveActiveMask(Thread &thread);
  void completeBarrier(uint32_t id);
  KernelError describeDeadlock();
  KernelError makeError(ErrorClass errorClass, const Thread &thread,
                        uint32_t site, const llvm::Twine &message);
  std::string describeThreads(llvm::ArrayRef<const Thread *> group) const;
  std::string describeAccess(const Conflict &conflict) const;

  uint64_t resolve(uint32_t site, Space &space, uint64_t address, uint64_t size,
                   uint32_t align, bool writes);
  void recordShared(uint32_t site, uint64_t offset, uint64_t size, bool reads,
                    bool writes);
  /// Calls `function(cell, offset)` for the cells of these bytes.
  template <typename Function>
  void forEachShared(uint64_t offset, uint64_t size, Function function);
  void recordGlobal(uint32_t site, uint64_t address, uint64_t size, bool reads,
                    bool writes);
  /// After a good access, at `host`, by compiled code.
  void openWindow(uint64_t address, uint32_t site, uint64_t host);
  Access makeAccess(uint32_t site) const;
  ClockRef publish(Thread &thread);
  /// `allocation` is null for shared memory.
  [[noreturn]] void failRace(uint32_t site, const Conflict &conflict,
                             bool writes, const Allocation *allocation);
  void countAccess(uint32_t site, Space space, uint64_t address, uint64_t size,
                   bool reads, bool writes);

  Launch &launch;
  StackPool &stacks;
  std::vector<Thread> threads;
  /// The thread whose fiber runs, and the one in whose name: a collective acts
  /// for all of its lanes.
  Thread *running = nullptr;
  Thread *current = nullptr;
  /// The host thread's own flow of control.
  Fiber scheduler;
  ReadyList ready;
  std::mt19937_64 random; ///< seeded anew for each block
  uint64_t blockIndex = 0;
  Dim3 blockId;
  unsigned numLive = 0;
  /// Threads of each warp that can run.
  std::vector<unsigned> runnable;
  std::vector<uint32_t> liveLanes;
  std::vector<Rendezvous> rendezvous;
  /// Of each warp, lanes that wait in activemask.
  std::vector<unsigned> activeMaskLanes;
  /// Per warp: the aligned barriers that its lanes execute, and who came first.
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> alignedBarriers;
  Barrier barriers[16];
  uint64_t fruitlessYields = 0;
  std::optional<KernelError> error;

  std::unique_ptr<char, void (*)(void *)> sharedStorage;
  char *shared = nullptr;
  std::vector<ShadowPage> sharedShadow;
  SyncObjects sharedSync;
  const Allocation *lastAllocation = nullptr;
  std::vector<Window> windows;

  Counters counters;
  std::vector<uint64_t> blockCounts;
  WarpAccesses warpAccesses;
  ByteSet bytesRead, bytesWritten;
};

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_THREADBLOCK_H
