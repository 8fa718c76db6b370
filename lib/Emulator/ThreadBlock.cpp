//===- ThreadBlock.cpp - Scheduling, collectives and barriers -------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads run until they must wait. A collective or barrier is a rendezvous:
// the last to arrive does the work for all. What cannot complete any more,
// because somebody exited or waits elsewhere, is an error at once or when
// nothing else can run.
//
//===----------------------------------------------------------------------===//

#include "ThreadBlock.h"

#include "Op.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <cstring>
#include <map>
#include <thread>
#include <tuple>

using namespace mlir::nsa::emulator;

/// More than any modelled device has, so that a pointer into it is never
/// mistaken for one into something else, with the largest alignment used.
static constexpr uint64_t kSharedAlignment = uint64_t(256) << 10;

// NOLINTNEXTLINE(bugprone-random-generator-seed): each block seeds it anew.
ThreadBlock::ThreadBlock(Launch &launch, StackPool &stacks)
    : launch(launch), stacks(stacks), threads(launch.options.block.size()),
      sharedStorage(nullptr, std::free) {
  uint64_t bytes = llvm::alignTo(launch.sharedBytes + 1, kSharedAlignment);
  shared = static_cast<char *>(std::aligned_alloc(kSharedAlignment, bytes));
  sharedStorage.reset(shared);
  blockCounts.resize(launch.image.blockInstructions.size());
  windows.resize(launch.image.sites.size());
}

void ThreadBlock::reset(uint64_t index) {
  const LaunchOptions &options = launch.options;
  blockIndex = index;
  blockId = {uint32_t(index % options.grid.x),
             uint32_t(index / options.grid.x % options.grid.y),
             uint32_t(index / options.grid.x / options.grid.y)};
  // NaN in every float format.
  std::memset(shared, 0xff, launch.sharedBytes);
  sharedSync.clear();
  if (launch.isFull()) {
    sharedShadow.clear();
    sharedShadow.resize(
        llvm::divideCeil(launch.sharedBytes, ShadowPage::kBytes));
  }
  for (Barrier &barrier : barriers)
    barrier = Barrier();
  random.seed(options.seed * 0x9e3779b97f4a7c15 + index);
  fruitlessYields = 0;
  error.reset();
  numLive = threads.size();
  runnable.assign((numLive + 31) / 32, 0);
  liveLanes.assign(runnable.size(), 0);
  rendezvous.assign(runnable.size(), {});
  activeMaskLanes.assign(runnable.size(), 0);
  alignedBarriers.assign(runnable.size(), {});
  if (options.counters)
    warpAccesses.reset(numLive, launch.image.sites.size());
  ready.reset(numLive);
  for (auto [i, thread] : llvm::enumerate(threads)) {
    thread = Thread();
    thread.parent = this;
    thread.index = i;
    thread.id = {uint32_t(i % options.block.x),
                 uint32_t(i / options.block.x % options.block.y),
                 uint32_t(i / options.block.x / options.block.y)};
    liveLanes[i / 32] |= uint32_t(1) << i % 32;
    thread.fiber.start(stacks.low(i), stacks.size(), runThread, &thread);
    makeReady(thread);
  }
}

std::optional<KernelError> ThreadBlock::run(uint64_t index) {
  getCurrent() = this;
  reset(index);
  // Threads switch among themselves until none can run or one has failed.
  running = current = pickNext();
  scheduler.switchTo(current->fiber);
  if (!error && numLive != 0)
    error = describeDeadlock();
  if (launch.options.counters)
    warpAccesses.flush(counters);
  for (auto [i, count] : llvm::enumerate(blockCounts)) {
    counters.instructions += count * launch.image.blockInstructions[i];
    count = 0;
  }
  getCurrent() = nullptr;
  return std::move(error);
}

void ThreadBlock::runThread(void *argument) {
  auto *thread = static_cast<Thread *>(argument);
  ThreadBlock *block = thread->parent;
  block->launch.image.entry(block->launch.arguments);
  block->exitThread();
}

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

Thread *ThreadBlock::pickNext() {
  if (launch.options.schedule == Schedule::FIFO)
    return ready.popFront();
  if (launch.options.schedule == Schedule::Random)
    std::swap(ready[random() % ready.size()], ready[ready.size() - 1]);
  return ready.popBack();
}

/// Leaves the current thread, which comes back when somebody picks it.
void ThreadBlock::switchToNext() {
  Thread &thread = *running;
  if (ready.empty()) {
    thread.fiber.switchTo(scheduler);
    return;
  }
  running = current = pickNext();
  if (running != &thread)
    thread.fiber.switchTo(running->fiber);
}

void ThreadBlock::makeReady(Thread &thread) {
  thread.wait = Wait::Ready;
  ++runnable[thread.index / 32];
  ready.pushBack(&thread);
}

void ThreadBlock::suspend(Wait wait, uint32_t site) {
  Thread &thread = *current;
  thread.wait = wait;
  thread.site = site;
  --runnable[thread.index / 32];
  resolveActiveMask(thread);
  switchToNext();
}

void ThreadBlock::yield() {
  Thread &thread = *current;
  thread.spins = 0;
  if (++fruitlessYields * 64 > launch.options.spinLimit)
    fail(ErrorClass::Livelock, thread.site, [&](llvm::raw_ostream &os) {
      os << "the block's threads only repeat atomic or volatile accesses: none "
            "reached a barrier, a collective or its end for "
         << launch.options.spinLimit << " of them";
    });
  if (ready.empty()) {
    std::this_thread::yield();
    return;
  }
  // Behind all others, whatever the schedule: those must get on.
  if (launch.options.schedule == Schedule::FIFO)
    ready.pushBack(&thread);
  else
    ready.pushFront(&thread);
  switchToNext();
}

void ThreadBlock::exitThread() {
  Thread &thread = *current;
  unsigned warp = thread.index / 32;
  liveLanes[warp] &= ~(uint32_t(1) << thread.lane());
  --numLive;
  fruitlessYields = 0;
  thread.wait = Wait::Exited;
  thread.groups.clear();
  thread.openGroup.clear();
  for (unsigned lane = 0; lane < 32 && warp * 32 + lane < threads.size();
       ++lane) {
    Thread &other = threads[warp * 32 + lane];
    if (other.wait == Wait::Warp && (other.mask >> thread.lane() & 1))
      fail(
          ErrorClass::DivergentCollective, other.site,
          [&](llvm::raw_ostream &os) {
            os << getSite(other.site).what << " waits for lane "
               << thread.lane() << ", which has exited";
          },
          [&](llvm::raw_ostream &os) {
            os << describe(thread) << " has exited";
          },
          &other);
  }
  // Barriers for the whole block do not wait for threads that have exited.
  for (uint32_t id = 0; id < 16; ++id)
    if (!barriers[id].arrived.empty() && barriers[id].expected == 0 &&
        barriers[id].arrived.size() == numLive)
      completeBarrier(id);
  --runnable[warp];
  resolveActiveMask(thread);
  switchToNext();
  __builtin_unreachable();
}

//===----------------------------------------------------------------------===//
// Warp collectives
//===----------------------------------------------------------------------===//

uint32_t ThreadBlock::getWarpMask(const Thread &thread) const {
  size_t lanes = threads.size() - thread.index / 32 * 32;
  return lanes >= 32 ? ~uint32_t(0) : (uint32_t(1) << lanes) - 1;
}

void ThreadBlock::collective(const Site &site, uint32_t mask, bool aligned,
                             const uint64_t *in, uint64_t *out,
                             WarpFunction compute) {
  Thread &thread = *current;
  uint32_t index = getIndex(site);
  // Lanes that the block does not have take no part.
  mask &= getWarpMask(thread);
  if (!(mask >> thread.lane() & 1))
    fail(ErrorClass::DivergentCollective, index, [&](llvm::raw_ostream &os) {
      os << site.what << " by lane " << thread.lane()
         << ", which is not in its mask 0x" << llvm::utohexstr(mask);
    });
  auto isSame = [&](uint32_t otherMask, uint32_t otherSite) {
    return otherMask == mask &&
           (aligned ? otherSite == index : getSite(otherSite).op == site.op);
  };
  uint32_t arrived = uint32_t(1) << thread.lane();
  // The usual case: whoever came before has looked at everybody else, and lanes
  // that exit look for those that wait for them.
  Rendezvous &common = rendezvous[thread.index / 32];
  if (common.arrived != 0 && isSame(common.mask, common.site)) {
    common.arrived |= arrived;
    if (common.arrived != mask) {
      thread.mask = mask;
      thread.in = in;
      thread.out = out;
      suspend(Wait::Warp, index);
      return;
    }
    common.arrived = 0;
    Lanes lanes;
    lanes.mask = mask;
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
      unsigned lane = llvm::countr_zero(rest);
      Thread &other = getLane(thread, lane);
      lanes.in[lane] = other.in;
      lanes.out[lane] = other.out;
      lanes.threads[lane] = &other;
    }
    lanes.in[thread.lane()] = in;
    lanes.out[thread.lane()] = out;
    completeCollective(site, lanes, compute);
    return;
  }
  Lanes lanes;
  lanes.mask = mask;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1))
      continue;
    Thread &other = getLane(thread, lane);
    if (&other == &thread) {
      lanes.in[lane] = in;
      lanes.out[lane] = out;
      lanes.threads[lane] = &thread;
      continue;
    }
    if (other.wait == Wait::Exited)
      fail(
          ErrorClass::DivergentCollective, index,
          [&](llvm::raw_ostream &os) {
            os << site.what << " waits for lane " << lane
               << ", which has exited";
          },
          [&](llvm::raw_ostream &os) {
            os << describe(other) << " has exited";
          });
    if (other.wait != Wait::Warp)
      continue;
    if (isSame(other.mask, other.site)) {
      arrived |= uint32_t(1) << lane;
      lanes.in[lane] = other.in;
      lanes.out[lane] = other.out;
      lanes.threads[lane] = &other;
      continue;
    }
    // Each waits for the other: no further step can resolve this.
    if (other.mask >> thread.lane() & 1)
      fail(
          ErrorClass::DivergentCollective, index,
          [&](llvm::raw_ostream &os) {
            os << "lanes that wait for each other are at different "
                  "collectives: "
               << site.what << " with mask 0x" << llvm::utohexstr(mask);
          },
          [&](llvm::raw_ostream &os) {
            os << describe(other) << " is at " << getSite(other.site).what
               << " with mask 0x" << llvm::utohexstr(other.mask) << ", "
               << getSite(other.site).location;
          });
  }
  if (arrived == mask) {
    completeCollective(site, lanes, compute);
    return;
  }
  if (common.arrived == 0)
    common = {arrived, mask, index};
  thread.mask = mask;
  thread.in = in;
  thread.out = out;
  suspend(Wait::Warp, index);
}

/// All lanes are there; the others wait, the current thread does not.
void ThreadBlock::completeCollective(const Site &site, const Lanes &lanes,
                                     WarpFunction compute) {
  Thread &thread = *current;
  fruitlessYields = 0;
  thread.site = getIndex(site);
  compute(*this, site, lanes);
  for (uint32_t rest = lanes.mask; rest; rest &= rest - 1) {
    Thread &other = getLane(thread, llvm::countr_zero(rest));
    if (&other != &thread)
      makeReady(other);
  }
}

uint32_t ThreadBlock::activeMask(const Site &site) {
  // The lanes that reach it before any of them has to wait, as if the warp ran
  // in step. The result is left in `mask`.
  ++activeMaskLanes[current->index / 32];
  suspend(Wait::ActiveMask, getIndex(site));
  return current->mask;
}

void ThreadBlock::resolveActiveMask(Thread &thread) {
  unsigned warp = thread.index / 32;
  if (runnable[warp] != 0 || activeMaskLanes[warp] == 0)
    return;
  activeMaskLanes[warp] = 0;
  std::map<uint32_t, llvm::SmallVector<Thread *, 32>> bySite;
  for (unsigned i = warp * 32; i < threads.size() && i < warp * 32 + 32; ++i)
    if (threads[i].wait == Wait::ActiveMask)
      bySite[threads[i].site].push_back(&threads[i]);
  for (auto &[site, group] : bySite) {
    uint32_t mask = 0;
    for (Thread *member : group)
      mask |= uint32_t(1) << member->lane();
    for (Thread *member : group) {
      member->mask = mask;
      makeReady(*member);
    }
  }
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

void ThreadBlock::barrier(const Site &site, uint32_t id, uint32_t count,
                          bool aligned, bool arriveOnly, const uint64_t *in,
                          uint64_t *out, WarpFunction reduce) {
  Thread &thread = *current;
  uint32_t index = getIndex(site);
  if (id >= 16)
    fail(ErrorClass::BarrierDeadlock, index, [&](llvm::raw_ostream &os) {
      os << "there is no barrier " << id << ", only 0 to 15";
    });
  if (count % 32 != 0 || count > threads.size())
    fail(ErrorClass::BarrierDeadlock, index, [&](llvm::raw_ostream &os) {
      os << "barrier " << id << " for " << count
         << " threads: the number must be a multiple of 32 and at most the "
            "block's "
         << threads.size();
    });
  Barrier &barrier = barriers[id];
  if (!barrier.arrived.empty() && barrier.expected != count) {
    fail(
        ErrorClass::BarrierDeadlock, index,
        [&](llvm::raw_ostream &os) {
          os << "barrier " << id << " for " << count
             << " threads, but others wait at it for " << barrier.expected;
        },
        [&](llvm::raw_ostream &os) {
          os << describe(*barrier.arrived.front()) << " arrived at "
             << getSite(barrier.site).location;
        });
  }
  if (thread.arrivedAt >> id & 1)
    fail(ErrorClass::BarrierDeadlock, index, [&](llvm::raw_ostream &os) {
      os << "arrives at barrier " << id
         << " again before that is complete: " << barrier.arrived.size()
         << " of " << (count ? count : numLive) << " arrived";
    });
  if (aligned) {
    // The lanes of a warp execute the same aligned barriers one after another,
    // though here not at the same time.
    auto &history = alignedBarriers[thread.index / 32];
    if (thread.numAlignedBarriers == history.size())
      history.emplace_back(index, thread.index);
    auto [expectedSite, firstThread] = history[thread.numAlignedBarriers++];
    uint32_t expected = expectedSite, other = firstThread;
    if (expected != index)
      fail(
          ErrorClass::DivergentCollective, index,
          [&](llvm::raw_ostream &os) {
            os << "threads of a warp are at different barrier instructions";
          },
          [&](llvm::raw_ostream &os) {
            os << describe(threads[other]) << " was at "
               << getSite(expected).location;
          });
  }
  barrier.expected = count;
  barrier.site = index;
  barrier.reduce = reduce;
  barrier.arrived.push_back(&thread);
  thread.arrivedAt |= uint32_t(1) << id;
  thread.in = in;
  thread.out = out;
  thread.barrier = id;
  bool complete = barrier.arrived.size() == (count ? count : numLive);
  if (!arriveOnly)
    barrier.waiting.push_back(&thread);
  else if (launch.isFull())
    // It goes on, and what it does then is not covered.
    publish(thread);
  if (complete) {
    thread.site = index;
    completeBarrier(id);
    return;
  }
  if (arriveOnly)
    return;
  suspend(Wait::Barrier, index);
}

void ThreadBlock::completeBarrier(uint32_t id) {
  Barrier barrier = std::move(barriers[id]);
  barriers[id] = Barrier();
  fruitlessYields = 0;
  for (Thread *thread : barrier.arrived)
    thread->arrivedAt &= ~(uint32_t(1) << id);
  synchronize(barrier.arrived, barrier.waiting);
  if (barrier.reduce)
    for (Thread *waiting : barrier.waiting)
      for (Thread *other : barrier.waiting) {
        // One at a time; the intermediate result is in the slot.
        Lanes lanes;
        lanes.in[0] = other->in;
        lanes.out[0] = waiting->out;
        lanes.mask = other == barrier.waiting.front();
        barrier.reduce(*this, getSite(barrier.site), lanes);
      }
  for (Thread *thread : barrier.waiting)
    if (thread != current)
      makeReady(*thread);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

std::string ThreadBlock::describe(const Thread &thread) const {
  return "thread (" + llvm::utostr(thread.id.x) + "," +
         llvm::utostr(thread.id.y) + "," + llvm::utostr(thread.id.z) + ")";
}

std::string ThreadBlock::describe(ThreadId id) const {
  std::string text = describe(threads[id.thread]);
  if (id.block == blockIndex)
    return text;
  Dim3 grid = launch.options.grid;
  return text + " of block (" + llvm::utostr(id.block % grid.x) + "," +
         llvm::utostr(id.block / grid.x % grid.y) + "," +
         llvm::utostr(id.block / grid.x / grid.y) + ")";
}

KernelError ThreadBlock::makeError(ErrorClass errorClass, const Thread &thread,
                                   uint32_t site, const llvm::Twine &message) {
  KernelError result;
  result.errorClass = errorClass;
  result.kernel = launch.image.name;
  result.block = blockId;
  result.thread = thread.id;
  if (site < launch.image.sites.size())
    result.location = getSite(site).location;
  result.message = message.str();
  return result;
}

void ThreadBlock::fail(ErrorClass errorClass, uint32_t site, Describe message,
                       Describe note, Thread *culprit) {
  {
    KernelError result =
        makeError(errorClass, culprit ? *culprit : *current, site, "");
    llvm::raw_string_ostream os(result.message);
    message(os);
    if (note) {
      llvm::raw_string_ostream noteStream(result.notes.emplace_back());
      note(noteStream);
    }
    error = std::move(result);
  }
  running->fiber.switchTo(scheduler);
  __builtin_unreachable();
}

std::string
ThreadBlock::describeThreads(llvm::ArrayRef<const Thread *> group) const {
  // Ranges of consecutive threads.
  std::string text = group.size() == 1 ? "thread " : "threads ";
  auto name = [&](uint32_t index) {
    return llvm::StringRef(describe(threads[index])).drop_front(7).str();
  };
  for (size_t i = 0; i < group.size();) {
    size_t j = i;
    while (j + 1 < group.size() && group[j + 1]->index == group[j]->index + 1)
      ++j;
    if (i)
      text += ", ";
    text += name(group[i]->index);
    if (j > i)
      text += (j == i + 1 ? ", " : " to ") + name(group[j]->index);
    i = j + 1;
  }
  return text;
}

KernelError ThreadBlock::describeDeadlock() {
  // Who waits where, in order of the first thread of each group.
  using Key = std::tuple<Wait, uint32_t, uint32_t>;
  std::vector<std::pair<Key, llvm::SmallVector<const Thread *>>> groups;
  const Thread *culprit = nullptr;
  for (const Thread &thread : threads) {
    Key key{thread.wait, thread.wait == Wait::Exited ? 0 : thread.site,
            thread.wait == Wait::Warp ? thread.mask : 0};
    auto it =
        llvm::find_if(groups, [&](auto &group) { return group.first == key; });
    if (it == groups.end())
      it = groups.insert(groups.end(), {key, {}});
    it->second.push_back(&thread);
    if (thread.wait == Wait::Warp && (!culprit || culprit->wait != Wait::Warp))
      culprit = &thread;
    if (!culprit && thread.wait == Wait::Barrier)
      culprit = &thread;
  }
  bool isWarp = culprit->wait == Wait::Warp;
  KernelError result = makeError(
      isWarp ? ErrorClass::DivergentCollective : ErrorClass::BarrierDeadlock,
      *culprit, culprit->site,
      isWarp ? "lanes that " + getSite(culprit->site).what +
                   " waits for are elsewhere, and no thread can run"
             : llvm::Twine("no thread can run"));
  for (auto &[key, group] : groups) {
    auto [wait, site, mask] = key;
    std::string text = describeThreads(group);
    switch (wait) {
    case Wait::Exited:
      text += group.size() == 1 ? " has exited" : " have exited";
      break;
    case Wait::Warp:
      text += " at " + getSite(site).what + " with mask 0x" +
              llvm::utohexstr(mask) + ", " + getSite(site).location;
      break;
    default: {
      uint32_t id = group.front()->barrier;
      const Barrier &barrier = barriers[id];
      text += " at barrier " + llvm::utostr(id) + ", where " +
              llvm::utostr(barrier.arrived.size()) + " of " +
              llvm::utostr(barrier.expected ? barrier.expected : numLive) +
              " arrived, " + getSite(site).location;
      break;
    }
    }
    result.notes.push_back(std::move(text));
  }
  return result;
}
