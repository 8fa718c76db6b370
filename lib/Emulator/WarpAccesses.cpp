//===- WarpAccesses.cpp - Bank conflicts and distinct bytes ---------------===//
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

#include "WarpAccesses.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/bit.h"
#include <algorithm>

using namespace mlir::nsa::emulator;

unsigned mlir::nsa::emulator::countBankConflicts(const uint32_t *addresses,
                                                 uint32_t mask, unsigned size) {
  unsigned phases = size > 8 ? 4 : size > 4 ? 2 : 1;
  unsigned lanes = 32 / phases;
  unsigned conflicts = 0;
  for (unsigned phase = 0; phase < phases; ++phase) {
    // The distinct words that each bank has to deliver.
    std::array<llvm::SmallVector<uint32_t, 4>, 32> banks;
    unsigned wavefronts = 0;
    for (unsigned lane = phase * lanes; lane < (phase + 1) * lanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      for (uint32_t word = addresses[lane] / 4,
                    last = (addresses[lane] + size - 1) / 4;
           word <= last; ++word) {
        auto &words = banks[word % 32];
        if (std::find(words.begin(), words.end(), word) == words.end())
          words.push_back(word);
        wavefronts = std::max<unsigned>(wavefronts, words.size());
      }
    }
    conflicts += wavefronts ? wavefronts - 1 : 0;
  }
  return conflicts;
}

void WarpAccesses::reset(unsigned numThreads, unsigned numSites) {
  this->numSites = numSites;
  executions.assign(size_t(numThreads) * numSites, 0);
  pending.clear();
}

void WarpAccesses::record(unsigned thread, unsigned site, uint32_t address,
                          unsigned size, uint32_t liveLanes,
                          Counters &counters) {
  uint32_t execution = executions[size_t(thread) * numSites + site]++;
  auto it = pending.try_emplace({thread / 32, site, execution}).first;
  Pending &access = it->second;
  access.addresses[thread % 32] = address;
  access.mask |= uint32_t(1) << thread % 32;
  access.size = std::max(access.size, size);
  if ((access.mask & liveLanes) != liveLanes)
    return;
  ++counters.sharedAccesses;
  counters.bankConflicts +=
      countBankConflicts(access.addresses.data(), access.mask, access.size);
  pending.erase(it);
}

void WarpAccesses::flush(Counters &counters) {
  for (auto &[key, access] : pending) {
    ++counters.sharedAccesses;
    counters.bankConflicts +=
        countBankConflicts(access.addresses.data(), access.mask, access.size);
  }
  pending.clear();
}

void ByteSet::insert(uint64_t address, uint64_t size) {
  for (uint64_t end = address + size; address < end;) {
    uint64_t number = address / kPageBytes;
    if (number != lastNumber) {
      std::unique_ptr<Page> &page = pages[number];
      if (!page)
        page = std::make_unique<Page>(Page{});
      lastNumber = number;
      lastPage = page.get();
    }
    // Up to the end of a word of the bitmap at once.
    uint64_t bit = address % 64;
    uint64_t bits = std::min(end - address, 64 - bit);
    uint64_t ones = bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
    (*lastPage)[address % kPageBytes / 64] |= ones << bit;
    address += bits;
  }
}

void ByteSet::merge(const ByteSet &other) {
  for (const auto &[number, otherPage] : other.pages) {
    std::unique_ptr<Page> &page = pages[number];
    if (!page)
      page = std::make_unique<Page>(Page{});
    for (size_t i = 0; i < page->size(); ++i)
      (*page)[i] |= (*otherPage)[i];
  }
}

uint64_t ByteSet::count() const {
  uint64_t total = 0;
  for (const auto &[number, page] : pages)
    for (uint64_t word : *page)
      total += llvm::popcount(word);
  return total;
}
