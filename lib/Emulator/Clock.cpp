//===- Clock.cpp - What a thread knows to have happened -------------------===//
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

#include "Clock.h"

#include <algorithm>

using namespace mlir::nsa::emulator;

ClockRef Clock::join(const ClockRef &a, const ClockRef &b) {
  if (!a || a == b)
    return b;
  if (!b)
    return a;
  auto result = std::make_shared<Clock>(*a);
  for (const auto &other : b->blocks) {
    auto it =
        std::find_if(result->blocks.begin(), result->blocks.end(),
                     [&](auto &entry) { return entry.first == other.first; });
    const std::shared_ptr<const Times> &times = other.second;
    if (it == result->blocks.end()) {
      result->blocks.push_back(other);
      continue;
    }
    if (it->second == times)
      continue;
    auto merged = std::make_shared<Times>(*it->second);
    for (size_t i = 0, e = merged->size(); i < e; ++i)
      (*merged)[i] = std::max((*merged)[i], (*times)[i]);
    it->second = std::move(merged);
  }
  return result;
}

ClockRef
Clock::advance(const ClockRef &known, uint32_t block, uint32_t numThreads,
               const std::vector<std::pair<uint32_t, uint32_t>> &threadTimes) {
  auto result =
      known ? std::make_shared<Clock>(*known) : std::make_shared<Clock>();
  auto it = std::find_if(result->blocks.begin(), result->blocks.end(),
                         [&](auto &entry) { return entry.first == block; });
  auto times = it == result->blocks.end()
                   ? std::make_shared<Times>(numThreads)
                   : std::make_shared<Times>(*it->second);
  for (auto [thread, time] : threadTimes)
    (*times)[thread] = std::max((*times)[thread], time);
  if (it == result->blocks.end())
    result->blocks.emplace_back(block, std::move(times));
  else
    it->second = std::move(times);
  return result;
}
