//===- nsa-cpu-peak.cpp - A CPU's multiply-adds per second ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What docs/performance/cpu.md compares with: how many f32 operations a second
// the cores do when nothing holds them up. Rounds of equal work; the best is
// the peak, the median says how quiet the machine is.
//
//===----------------------------------------------------------------------===//

#include "PeakKernels.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

using namespace mlir::nsa;
using Clock = std::chrono::steady_clock;

static constexpr char kUsage[] = R"(usage: nsa-cpu-peak [option...]

Measures the CPU's peak: independent f32 multiply-adds in registers.

  --threads=N         threads, each with a loop of its own (default 1)
  --seconds=S         how long to measure, 0.01 to 600 (default 1)
  --vector-width=W    bits of a vector: 128, 256 or 512; otherwise the widest
                      that this CPU has
  --json              print JSON
  --help              print this
)";

static constexpr unsigned kRounds = 10;

namespace {
struct Options {
  unsigned threads = 1;
  double seconds = 1;
  unsigned vectorBits = 0;
  bool json = false;
};
} // namespace

/// Returns the text behind `name` and "=", or null.
static const char *matchOption(const char *argument, const char *name) {
  size_t length = std::strlen(name);
  if (std::strncmp(argument, name, length) != 0 || argument[length] != '=')
    return nullptr;
  return argument + length + 1;
}

/// An error message, or an empty string.
static std::string parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i != argc; ++i) {
    const char *argument = argv[i];
    char *end = nullptr;
    if (const char *value = matchOption(argument, "--threads")) {
      long number = std::strtol(value, &end, 10);
      if (*value < '0' || *value > '9' || *end || number < 1 || number > 4096)
        return std::string("--threads wants a number from 1 to 4096, not '") +
               value + "'";
      options.threads = unsigned(number);
    } else if (const char *value = matchOption(argument, "--seconds")) {
      options.seconds = std::strtod(value, &end);
      if (end == value || *end ||
          !(options.seconds >= 0.01 && options.seconds <= 600))
        return std::string("--seconds wants a number from 0.01 to 600, not '") +
               value + "'";
    } else if (const char *value = matchOption(argument, "--vector-width")) {
      std::string text = value;
      if (text != "128" && text != "256" && text != "512")
        return "--vector-width wants 128, 256 or 512, not '" + text + "'";
      options.vectorBits = unsigned(std::strtoul(value, nullptr, 10));
    } else if (std::strcmp(argument, "--json") == 0) {
      options.json = true;
    } else if (argument[0] == '-') {
      return std::string("there is no option ") + argument + "; see --help";
    } else {
      return std::string("nothing but options, not '") + argument + "'";
    }
  }
  return "";
}

/// The kernel of a width, or the widest; null and a message if there is none.
static const PeakKernel *chooseKernel(unsigned vectorBits, std::string &error) {
  unsigned count = 0;
  const PeakKernel *kernels = getPeakKernels(count);
  unsigned widest = 0;
  for (const PeakKernel *kernel = kernels; kernel != kernels + count;
       ++kernel) {
    if (!kernel->isSupported)
      continue;
    if (!vectorBits || kernel->vectorBits == vectorBits)
      return kernel;
    widest = std::max(widest, kernel->vectorBits);
  }
  error = "this CPU has no multiply-add on vectors of " +
          std::to_string(vectorBits) + " bits; its widest have " +
          std::to_string(widest);
  return nullptr;
}

/// Seconds until every thread has done the iterations.
static double timeRound(const PeakKernel &kernel, unsigned threads,
                        uint64_t iterations) {
  static std::atomic<float> sink;
  std::atomic<unsigned> waiting{threads};
  std::atomic<bool> isStarted{false};
  auto work = [&] {
    // Everything goes to addend / (1 - factor) and stays normal.
    sink = kernel.run(iterations, 0.999F, 0.001F);
  };
  std::vector<std::thread> others;
  others.reserve(threads - 1);
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back([&] {
      --waiting;
      while (!isStarted)
        std::this_thread::yield();
      work();
    });
  --waiting;
  while (waiting != 0)
    std::this_thread::yield();
  Clock::time_point begin = Clock::now();
  isStarted = true;
  work();
  for (std::thread &other : others)
    other.join();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

int main(int argc, char **argv) {
  for (int i = 1; i != argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0) {
      std::fputs(kUsage, stdout);
      return 0;
    }
  }
  Options options;
  std::string error = parseOptions(argc, argv, options);
  const PeakKernel *kernel =
      error.empty() ? chooseKernel(options.vectorBits, error) : nullptr;
  if (!kernel) {
    std::fprintf(stderr, "nsa-cpu-peak: error: %s\n", error.c_str());
    return 1;
  }

  // Also wakes the cores up.
  double wanted = options.seconds / kRounds;
  uint64_t iterations = 1000;
  while (timeRound(*kernel, 1, iterations) < wanted / 2)
    iterations *= 2;

  std::vector<double> rates;
  for (unsigned round = 0; round != kRounds; ++round) {
    double seconds = timeRound(*kernel, options.threads, iterations);
    rates.push_back(kernel->getFlops(iterations) * options.threads / seconds /
                    1e9);
  }
  std::sort(rates.begin(), rates.end());
  double best = rates.back();
  double median = (rates[kRounds / 2 - 1] + rates[kRounds / 2]) / 2;
  const char *kind = kernel->isFused ? "FMA" : "multiply and add";
  if (options.json)
    std::printf("{\"threads\": %u, \"gflops\": %.3f, \"median_gflops\": %.3f, "
                "\"rounds\": %u, \"vector_bits\": %u, \"fma\": %s, "
                "\"accumulators\": %u}\n",
                options.threads, best, median, kRounds, kernel->vectorBits,
                kernel->isFused ? "true" : "false", kernel->accumulators);
  else
    std::printf("%u thread%s: %.1f GFLOP/s (median of %u rounds %.1f), %u-bit "
                "%s, %u accumulators\n",
                options.threads, options.threads == 1 ? "" : "s", best, kRounds,
                median, kernel->vectorBits, kind, kernel->accumulators);
  return 0;
}
