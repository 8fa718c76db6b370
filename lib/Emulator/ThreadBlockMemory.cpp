//===- ThreadBlockMemory.cpp - Checked accesses and async copies ----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every load and store of a kernel comes through here.
//
//===----------------------------------------------------------------------===//

#include "ThreadBlock.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include <cstring>

using namespace mlir::nsa::emulator;

const Allocation *Launch::findAllocation(uint64_t address) const {
  auto it = llvm::upper_bound(
      allocations, address,
      [](uint64_t value, const Allocation &a) { return value < a.base; });
  if (it == allocations.begin())
    return nullptr;
  --it;
  // An empty one may share its address with another.
  while (it->size == 0 && it != allocations.begin())
    --it;
  return address - it->base < it->size ? &*it : nullptr;
}

std::string Launch::describeOutside(uint64_t address) const {
  // The closest allocation is most likely meant.
  constexpr uint64_t kFar = uint64_t(1) << 40;
  const Allocation *closest = nullptr;
  uint64_t distance = kFar;
  bool isBefore = false;
  for (const Allocation &allocation : allocations) {
    uint64_t end = allocation.base + allocation.size;
    uint64_t gap = address >= end ? address - end : allocation.base - address;
    if (gap >= distance)
      continue;
    distance = gap;
    closest = &allocation;
    isBefore = address < allocation.base;
  }
  if (!closest)
    return " at 0x" + llvm::utohexstr(address) + ", which is in no allocation";
  return " " + llvm::utostr(distance) +
         (isBefore ? " bytes before '" : " bytes past the end of '") +
         closest->name + "'";
}

static std::string hex(uint64_t value) { return "0x" + llvm::utohexstr(value); }

//===----------------------------------------------------------------------===//
// Where an access goes
//===----------------------------------------------------------------------===//

/// Returns the host address; narrows a generic `space`.
uint64_t ThreadBlock::resolve(uint32_t site, Space &space, uint64_t address,
                              uint64_t size, uint32_t align, bool writes) {
  const Site &info = getSite(site);
  auto describeIt = [&] {
    return info.what + " of " + llvm::utostr(size) + " bytes";
  };
  if (space == Space::Generic) {
    if (isShared(address)) {
      space = Space::Shared;
      address = toShared(reinterpret_cast<void *>(address));
    } else if (isLocal(address)) {
      space = Space::Local;
    } else {
      space = Space::Global;
    }
  }
  if (space == Space::Shared) {
    uint64_t begin = 0, end = launch.sharedBytes;
    if (info.variableEnd != 0) {
      begin = info.variableBegin;
      end = info.variableEnd;
    }
    if (address < begin || address > end || size > end - address) {
      fail(ErrorClass::OutOfBounds, site, [&](llvm::raw_ostream &os) {
        os << describeIt() << " at shared memory offset " << hex(address)
           << ", outside ";
        if (info.variableEnd)
          os << "variable '" << info.variable << "' at [" << hex(begin) << ", "
             << hex(end) << ")";
        else
          os << "the block's " << end << " bytes";
      });
    }
  } else if (space != Space::Local) {
    const Allocation *allocation = lastAllocation;
    if (!allocation || address - allocation->base >= allocation->size)
      allocation = launch.findAllocation(address);
    if (!allocation)
      fail(ErrorClass::OutOfBounds, site, [&](llvm::raw_ostream &os) {
        os << describeIt() << launch.describeOutside(address);
      });
    lastAllocation = allocation;
    uint64_t offset = address - allocation->base;
    if (size > allocation->size - offset)
      fail(ErrorClass::OutOfBounds, site, [&](llvm::raw_ostream &os) {
        os << describeIt() << " at byte " << offset << " of '"
           << allocation->name << "', which has " << allocation->size;
      });
    if (writes && allocation->readOnly)
      fail(ErrorClass::WriteToInput, site, [&](llvm::raw_ostream &os) {
        os << describeIt() << " to byte " << offset << " of the input '"
           << allocation->name << "'";
      });
  }
  if (address % align != 0)
    fail(ErrorClass::Misaligned, site, [&](llvm::raw_ostream &os) {
      os << describeIt() << " at "
         << (space == Space::Shared ? "shared memory offset " : "address ")
         << hex(address) << ", which is not a multiple of " << align;
    });
  return address;
}

void *ThreadBlock::access(uint32_t site, Space space, uint64_t address,
                          uint64_t size, uint32_t align, bool reads,
                          bool writes) {
  if (size == 0)
    return space == Space::Shared ? shared : reinterpret_cast<void *>(address);
  address = resolve(site, space, address, size, align, writes);
  if (launch.isFull()) {
    if (space == Space::Shared)
      recordShared(site, address, size, reads, writes);
    else if (space == Space::Global && !lastAllocation->readOnly)
      recordGlobal(site, address, size, reads, writes);
  }
  countAccess(site, space, address, size, reads, writes);
  return space == Space::Shared ? shared + address
                                : reinterpret_cast<void *>(address);
}

void *ThreadBlock::access(uint64_t address, uint32_t site) {
  const Site &info = getSite(site);
  if (info.ordering != Ordering::None || info.isVolatile) {
    Thread &thread = *current;
    if (++thread.spins >= 64) {
      thread.site = site;
      yield();
    }
    if (launch.isFull() && info.writes && info.ordering != Ordering::None) {
      // Publishes before it happens: whoever sees it may rely on that.
      ClockRef clock =
          isRelease(info.ordering) ? publish(thread) : thread.fenceRelease;
      if (clock) {
        bool inShared = info.space == Space::Shared || isShared(address);
        (inShared ? sharedSync : launch.globalSync)
            .release(info.space == Space::Shared ? address
                     : inShared ? toShared(reinterpret_cast<void *>(address))
                                : address,
                     clock);
      }
    }
  }
  void *host = access(site, info.space, address, info.size, info.align,
                      info.reads, info.writes);
  if (info.ordering == Ordering::None && !info.isVolatile &&
      !launch.options.counters)
    openWindow(address, site, reinterpret_cast<uint64_t>(host));
  return host;
}

void ThreadBlock::openWindow(uint64_t address, uint32_t site, uint64_t host) {
  const Site &info = getSite(site);
  if (isLocal(host))
    return;
  Window window;
  window.delta = host - address;
  uint64_t size;
  if (isShared(host)) {
    if (launch.isFull())
      return;
    bool isVariable = info.variableEnd != 0;
    window.base = reinterpret_cast<uint64_t>(shared) - window.delta +
                  (isVariable ? info.variableBegin : 0);
    size =
        isVariable ? info.variableEnd - info.variableBegin : launch.sharedBytes;
  } else {
    if (launch.isFull() && !lastAllocation->readOnly)
      return;
    window.base = lastAllocation->base;
    size = lastAllocation->size;
  }
  window.count = size - info.size + 1;
  windows[site] = window;
}

void ThreadBlock::countAccess(uint32_t site, Space space, uint64_t address,
                              uint64_t size, bool reads, bool writes) {
  if (!launch.options.counters)
    return;
  if (space == Space::Shared) {
    if (size <= 16 && getSite(site).op == nullptr)
      warpAccesses.record(current->index, site, address, size,
                          liveLanes[current->index / 32], counters);
    return;
  }
  if (space == Space::Local)
    return;
  if (reads) {
    counters.globalBytesRead += size;
    bytesRead.insert(address, size);
  }
  if (writes) {
    counters.globalBytesWritten += size;
    bytesWritten.insert(address, size);
  }
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

Access ThreadBlock::makeAccess(uint32_t site) const {
  const Site &info = getSite(site);
  return Access({uint32_t(blockIndex), current->index}, current->time, site,
                info.ordering != Ordering::None);
}

/// What the thread knows and did until now; later actions are not covered.
ClockRef ThreadBlock::publish(Thread &thread) {
  thread.known = Clock::advance(thread.known, blockIndex, threads.size(),
                                {{thread.index, thread.time++}});
  return thread.known;
}

void ThreadBlock::synchronize(llvm::ArrayRef<Thread *> participants,
                              llvm::ArrayRef<Thread *> learners) {
  if (!launch.isFull())
    return;
  ClockRef known;
  std::vector<std::pair<uint32_t, uint32_t>> times;
  for (Thread *thread : participants) {
    known = Clock::join(known, thread->known);
    // One that only arrived has advanced its time since; what it published is
    // in what it knew then.
    if (participants.size() == learners.size() ||
        llvm::is_contained(learners, thread))
      times.emplace_back(thread->index, thread->time);
  }
  known = Clock::advance(known, blockIndex, threads.size(), times);
  for (Thread *thread : learners) {
    thread->known = known;
    ++thread->time;
  }
}

void ThreadBlock::acquire(uint64_t address, uint32_t site) {
  const Site &info = getSite(site);
  if (!launch.isFull() || !info.reads)
    return;
  ClockRef clock =
      info.space == Space::Shared ? sharedSync.acquire(address)
      : isShared(address)
          ? sharedSync.acquire(toShared(reinterpret_cast<void *>(address)))
          : launch.globalSync.acquire(address);
  if (!clock)
    return;
  ClockRef &target =
      isAcquire(info.ordering) ? current->known : current->fenceAcquire;
  target = Clock::join(target, clock);
}

void ThreadBlock::fence() {
  if (!launch.isFull())
    return;
  current->known = Clock::join(current->known, current->fenceAcquire);
  current->fenceRelease = publish(*current);
}

//===----------------------------------------------------------------------===//
// The sanitiser
//===----------------------------------------------------------------------===//

void ThreadBlock::failRace(uint32_t site, const Conflict &conflict, bool writes,
                           const Allocation *allocation) {
  const Site &info = getSite(site);
  const Site &other = getSite(conflict.earlier.site);
  fail(
      ErrorClass::DataRace, site,
      [&](llvm::raw_ostream &os) {
        os << info.what << (writes ? " writes " : " reads ");
        if (allocation)
          os << "byte " << conflict.address - allocation->base << " of '"
             << allocation->name << "'";
        else
          os << "shared memory offset " << hex(conflict.address);
        os << ", which " << describe(conflict.earlier.getId())
           << (conflict.earlierIsWrite ? " wrote" : " read")
           << "; nothing orders the two";
      },
      [&](llvm::raw_ostream &os) {
        os << "the other access: " << other.what << ", " << other.location;
      });
}

template <typename Function>
void ThreadBlock::forEachShared(uint64_t offset, uint64_t size,
                                Function function) {
  for (uint64_t end = offset + size; offset < end;) {
    uint64_t start = offset / ShadowPage::kBytes * ShadowPage::kBytes;
    uint64_t next = std::min(end, start + ShadowPage::kBytes);
    sharedShadow[start / ShadowPage::kBytes].forEach(
        offset - start, next - offset, [&](Cell &cell, uint64_t inPage) {
          function(cell, start + inPage);
          return true;
        });
    offset = next;
  }
}

void ThreadBlock::recordShared(uint32_t site, uint64_t offset, uint64_t size,
                               bool reads, bool writes) {
  const Site &info = getSite(site);
  Access access = makeAccess(site);
  forEachShared(offset, size, [&](Cell &cell, uint64_t byte) {
    if (cell.inFlight) {
      const Site &copy = getSite(cell.write.site);
      fail(
          ErrorClass::InFlight, site,
          [&](llvm::raw_ostream &os) {
            os << info.what << (writes ? " writes" : " reads")
               << " shared memory offset " << hex(byte)
               << ", the destination of an asynchronous copy that "
               << describe(cell.write.getId()) << " has not waited for";
          },
          [&](llvm::raw_ostream &os) { os << "the copy: " << copy.location; });
    }
    if (reads && !cell.written)
      fail(ErrorClass::UnwrittenShared, site, [&](llvm::raw_ostream &os) {
        os << info.what << " reads shared memory offset " << hex(byte)
           << ", which nobody has written";
      });
    std::optional<Conflict> conflict =
        writes ? recordWrite(cell, access, current->known.get())
               : recordRead(cell, access, current->known.get(),
                            /*maxReads=*/1024);
    if (conflict) {
      conflict->address = byte;
      failRace(site, *conflict, writes, nullptr);
    }
  });
}

void ThreadBlock::recordGlobal(uint32_t site, uint64_t address, uint64_t size,
                               bool reads, bool writes) {
  std::optional<Conflict> conflict = launch.globalShadow.record(
      address, size, writes, makeAccess(site), current->known.get());
  if (conflict)
    failRace(site, *conflict, writes, lastAllocation);
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

void ThreadBlock::issueCopy(const Site &site, uint64_t destination,
                            uint64_t source, uint32_t size,
                            uint32_t sourceSize) {
  uint32_t index = getIndex(site);
  if (sourceSize > size)
    fail(ErrorClass::OutOfBounds, index, [&](llvm::raw_ostream &os) {
      os << site.what << " of " << sourceSize << " source bytes into " << size;
    });
  Space space = Space::Shared;
  resolve(index, space, destination, size, size, /*writes=*/true);
  if (sourceSize != 0) {
    space = Space::Global;
    resolve(index, space, source, sourceSize, size, /*writes=*/false);
    countAccess(index, space, source, sourceSize, /*reads=*/true,
                /*writes=*/false);
  }
  counters.asyncCopyBytes += size;
  if (launch.isFull()) {
    recordShared(index, destination, size, /*reads=*/false, /*writes=*/true);
    forEachShared(destination, size,
                  [](Cell &cell, uint64_t) { cell.inFlight = true; });
  }
  // Nobody may look at it before the wait: make sure that nobody wants to.
  std::memset(shared + destination, 0xff, size);
  current->openGroup.push_back({destination, source, size, sourceSize, index});
}

void ThreadBlock::commitCopies() {
  current->groups.push_back(std::move(current->openGroup));
  current->openGroup.clear();
}

void ThreadBlock::waitCopies(const Site &site, uint64_t pending, bool all) {
  Thread &thread = *current;
  auto complete = [&](llvm::ArrayRef<AsyncCopy> group) {
    for (const AsyncCopy &copy : group) {
      std::memcpy(shared + copy.destination,
                  reinterpret_cast<void *>(copy.source), copy.sourceSize);
      std::memset(shared + copy.destination + copy.sourceSize, 0,
                  copy.size - copy.sourceSize);
      if (!launch.isFull())
        continue;
      forEachShared(copy.destination, copy.size, [&](Cell &cell, uint64_t) {
        // Written by this thread, now.
        cell.inFlight = false;
        cell.write.time = thread.time;
      });
      if (copy.sourceSize == 0)
        continue;
      Space space = Space::Global;
      resolve(copy.site, space, copy.source, copy.sourceSize, 1,
              /*writes=*/false);
      if (!lastAllocation->readOnly)
        recordGlobal(copy.site, copy.source, copy.sourceSize, /*reads=*/true,
                     /*writes=*/false);
    }
  };
  while (thread.groups.size() > pending) {
    complete(thread.groups.front());
    thread.groups.pop_front();
  }
  if (all) {
    complete(thread.openGroup);
    thread.openGroup.clear();
  }
}
