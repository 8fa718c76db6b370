//===- Shadow.cpp - Who touched which byte --------------------------------===//
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

#include "Shadow.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace mlir::nsa::emulator;

static bool isOrdered(const Access &earlier, const Access &later,
                      const Clock *known) {
  return earlier.id == later.id ||
         (known && known->get(earlier.id) >= earlier.time);
}

static bool races(const Access &earlier, const Access &later,
                  const Clock *known) {
  return !(earlier.isAtomic && later.isAtomic) &&
         !isOrdered(earlier, later, known);
}

std::optional<Conflict> mlir::nsa::emulator::recordRead(Cell &cell,
                                                        const Access &access,
                                                        const Clock *known) {
  if (cell.written && races(cell.write, access, known))
    return Conflict{cell.write, /*earlierIsWrite=*/true, 0};
  // Whatever races with a read that this one is ordered after races with this
  // one too, or was reported. An atomic read does not stand for a plain one.
  llvm::erase_if(cell.reads, [&](const Access &read) {
    return (read.isAtomic || !access.isAtomic) &&
           isOrdered(read, access, known);
  });
  cell.reads.push_back(access);
  return std::nullopt;
}

std::optional<Conflict> mlir::nsa::emulator::recordWrite(Cell &cell,
                                                         const Access &access,
                                                         const Clock *known) {
  if (cell.written && races(cell.write, access, known))
    return Conflict{cell.write, /*earlierIsWrite=*/true, 0};
  for (const Access &read : cell.reads)
    if (races(read, access, known))
      return Conflict{read, /*earlierIsWrite=*/false, 0};
  // Only the last write is kept: where an atomic write follows a plain one, a
  // third thread's atomic access that is ordered after neither goes unnoticed.
  cell.reads.clear();
  cell.write = access;
  cell.written = true;
  return std::nullopt;
}

std::optional<Conflict> GlobalShadow::record(uint64_t address, uint64_t size,
                                             bool isWrite, const Access &access,
                                             const Clock *known) {
  for (uint64_t end = address + size; address < end;) {
    uint64_t pageNumber = address / kPageBytes;
    uint64_t pageEnd = std::min(end, (pageNumber + 1) * kPageBytes);
    Shard &shard = shards[pageNumber % kNumShards];
    std::lock_guard<std::mutex> lock(shard.mutex);
    std::unique_ptr<Page> &page = shard.pages[pageNumber];
    if (!page)
      page = std::make_unique<Page>();
    for (; address < pageEnd; ++address) {
      Cell &cell = (*page)[address % kPageBytes];
      std::optional<Conflict> conflict = isWrite
                                             ? recordWrite(cell, access, known)
                                             : recordRead(cell, access, known);
      if (conflict) {
        conflict->address = address;
        return conflict;
      }
    }
  }
  return std::nullopt;
}

void SyncObjects::release(uint64_t address, const ClockRef &clock) {
  std::lock_guard<std::mutex> lock(mutex);
  ClockRef &object = objects[address];
  object = Clock::join(object, clock);
}

ClockRef SyncObjects::acquire(uint64_t address) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = objects.find(address);
  return it == objects.end() ? nullptr : it->second;
}
