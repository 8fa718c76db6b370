//===- Progress.h - Progress on a terminal ----------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bar for whoever watches; nothing in files and logs, nothing for short runs.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_TOOLS_RUNMAIN_PROGRESS_H
#define NSA_LIB_TOOLS_RUNMAIN_PROGRESS_H

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace mlir::nsa {

class Progress {
public:
  /// Shows nothing unless standard error is a terminal.
  Progress();
  ~Progress();

  /// Begins a phase of `total` steps.
  void start(std::string phase, unsigned total = 1);
  /// One step of the phase is done.
  void step();
  /// Ends the phase and removes the bar, so that something can be printed.
  void clear();

private:
  void draw();
  void watch();

  std::mutex mutex;
  std::condition_variable changed;
  std::thread watcher;
  std::chrono::steady_clock::time_point begin;
  std::string phase;
  unsigned done = 0, total = 0;
  bool isFinished = false, isVisible = false;
};

} // namespace mlir::nsa

#endif // NSA_LIB_TOOLS_RUNMAIN_PROGRESS_H
