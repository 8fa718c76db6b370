//===- Progress.cpp - Progress on a terminal ------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread redraws the bar; the work itself only counts.
//
//===----------------------------------------------------------------------===//

#include "Progress.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::nsa;

static constexpr std::chrono::milliseconds kQuietTime(1000);
static constexpr std::chrono::milliseconds kRedrawTime(200);
static constexpr unsigned kBarWidth = 30;

Progress::Progress() : begin(std::chrono::steady_clock::now()) {
  if (llvm::sys::Process::StandardErrIsDisplayed())
    watcher = std::thread([this] { watch(); });
}

Progress::~Progress() {
  {
    std::lock_guard lock(mutex);
    isFinished = true;
  }
  changed.notify_all();
  if (watcher.joinable())
    watcher.join();
  clear();
}

void Progress::start(std::string newPhase, unsigned newTotal) {
  std::lock_guard lock(mutex);
  phase = std::move(newPhase);
  total = newTotal;
  done = 0;
}

void Progress::step() {
  std::lock_guard lock(mutex);
  ++done;
}

void Progress::clear() {
  std::lock_guard lock(mutex);
  total = 0;
  if (!isVisible)
    return;
  llvm::errs() << "\r\033[K";
  isVisible = false;
}

void Progress::draw() {
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  unsigned filled = total ? done * kBarWidth / total : 0;
  llvm::errs() << "\r\033[K[" << std::string(filled, '#')
               << std::string(kBarWidth - filled, ' ') << "] " << phase;
  if (total > 1)
    llvm::errs() << ' ' << done << '/' << total;
  llvm::errs() << llvm::format("  %.0f s", seconds);
  isVisible = true;
}

void Progress::watch() {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, kQuietTime, [&] { return isFinished; });
  while (!isFinished) {
    if (total != 0)
      draw();
    changed.wait_for(lock, kRedrawTime, [&] { return isFinished; });
  }
}
