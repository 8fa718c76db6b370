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
  return earlier.getId() == later.getId() ||
         (known && known->get(earlier.getId()) >= earlier.time);
}

static bool races(const Access &earlier, const Access &later,
                  const Clock *known) {
  return !(earlier.isAtomic && later.isAtomic) &&
         !isOrdered(earlier, later, known);
}

std::optional<Conflict> mlir::nsa::emulator::recordRead(Cell &cell,
                                                        const Access &access,
                                                        const Clock *known,
                                                        unsigned maxReads) {
  if (cell.written && races(cell.write, access, known))
    return Conflict{cell.write, /*earlierIsWrite=*/true, 0};
  // Whatever races with a read that this one is ordered after races with this
  // one too, or was reported. An atomic read does not stand for a plain one.
  auto isCovered = [&](const Access &read) {
    return (read.isAtomic || !access.isAtomic) &&
           isOrdered(read, access, known);
  };
  if (!cell.reads.empty() && isCovered(cell.reads.back())) {
    cell.reads.back() = access;
    return std::nullopt;
  }
  if (cell.reads.size() >= cell.crowded) {
    llvm::erase_if(cell.reads, isCovered);
    if (cell.reads.size() >= maxReads) {
      // Every other one: what stays is from near and far.
      for (size_t i = 0; i < cell.reads.size() / 2; ++i)
        cell.reads[i] = cell.reads[2 * i];
      cell.reads.truncate(cell.reads.size() / 2);
    }
    cell.crowded = std::max<size_t>(4, 2 * cell.reads.size());
  }
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
  cell.crowded = 4;
  cell.write = access;
  cell.written = true;
  return std::nullopt;
}

void ShadowPage::refine(unsigned newShift) {
  std::vector<Cell> finer(kBytes >> newShift);
  for (size_t i = 0; i < finer.size(); ++i)
    finer[i] = cells[i >> (shift - newShift)];
  cells = std::move(finer);
  shift = newShift;
}

std::optional<Conflict> GlobalShadow::record(uint64_t address, uint64_t size,
                                             bool isWrite, const Access &access,
                                             const Clock *known) {
  // Inputs that another launch wrote are not registered as read-only: all
  // blocks may read the same bytes.
  constexpr unsigned kMaxReads = 16;
  std::optional<Conflict> conflict;
  for (uint64_t end = address + size; address < end && !conflict;) {
    uint64_t pageNumber = address / ShadowPage::kBytes;
    uint64_t pageStart = pageNumber * ShadowPage::kBytes;
    uint64_t pageEnd = std::min(end, pageStart + ShadowPage::kBytes);
    Shard &shard = shards[pageNumber % kNumShards];
    std::lock_guard<std::mutex> lock(shard.mutex);
    std::unique_ptr<ShadowPage> &page = shard.pages[pageNumber];
    if (!page)
      page = std::make_unique<ShadowPage>();
    page->forEach(address - pageStart, pageEnd - address,
                  [&](Cell &cell, uint64_t offset) {
                    conflict = isWrite
                                   ? recordWrite(cell, access, known)
                                   : recordRead(cell, access, known, kMaxReads);
                    if (conflict)
                      conflict->address = pageStart + offset;
                    return !conflict;
                  });
    address = pageEnd;
  }
  return conflict;
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
