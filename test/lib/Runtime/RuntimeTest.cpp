//===- RuntimeTest.cpp - Tests of lib/Runtime -----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: nsa-runtime-test LIBRARY_DIR SCRATCH_DIR
//        nsa-runtime-test --write-bundle DIR
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>

using namespace runtimetest;

static std::string libraryDir, scratchDir;
static int failures = 0;

const std::string &runtimetest::getLibraryDir() { return libraryDir; }
const std::string &runtimetest::getScratchDir() { return scratchDir; }
std::string runtimetest::getFakeDriver() {
  return libraryDir + "/libnsa_fake_cuda.so";
}

void runtimetest::reportFailure(const char *file, int line,
                                const std::string &message) {
  ++failures;
  std::printf("%s:%d: %s\n", file, line, message.c_str());
}

void runtimetest::expectEqualText(const char *file, int line,
                                  const std::string &actual,
                                  const std::string &expected) {
  if (actual != expected)
    reportFailure(file, line,
                  "\n  actual:   " + actual + "\n  expected: " + expected);
}

void runtimetest::expectError(const char *file, int line, const Status &status,
                              const std::string &message) {
  if (status.succeeded())
    reportFailure(file, line, "succeeded; expected: " + message);
  else
    expectEqualText(file, line, status.getError().str(), message);
}

/// A function of the fake driver that is no function of CUDA's.
template <typename Function> static Function lookUp(const char *name) {
  static void *handle = dlopen(getFakeDriver().c_str(), RTLD_NOW);
  auto function = handle ? reinterpret_cast<Function>(dlsym(handle, name))
                         : static_cast<Function>(nullptr);
  if (!function) {
    std::printf("%s: no %s\n", getFakeDriver().c_str(), name);
    std::exit(1);
  }
  return function;
}

std::string runtimetest::getLiveObjects() {
  return lookUp<const char *(*)()>("fakeCudaLive")();
}
int runtimetest::getFailableCalls() {
  return lookUp<int (*)()>("fakeCudaFailableCalls")();
}
std::string runtimetest::getLastFailed() {
  return lookUp<const char *(*)()>("fakeCudaLastFailed")();
}
void runtimetest::resetCounts() { lookUp<void (*)()>("fakeCudaResetCounts")(); }

int main(int argc, char **argv) {
  if (argc == 3 && std::strcmp(argv[1], "--write-bundle") == 0) {
    Status status = makeBundle().write(argv[2]);
    if (status.succeeded())
      return 0;
    std::printf("%s\n", status.getError().str().c_str());
    return 1;
  }
  if (argc != 3) {
    std::printf("usage: nsa-runtime-test LIBRARY_DIR SCRATCH_DIR\n"
                "       nsa-runtime-test --write-bundle DIR\n");
    return 2;
  }
  libraryDir = argv[1];
  scratchDir = argv[2];

  size_t count = 0;
  for (const auto &tests :
       {getDriverTests(), getDeviceTests(), getBundleTests()}) {
    for (const Test &test : tests) {
      int before = failures;
      resetCounts();
      test.run();
      expectEqualText(test.name, 0, getLiveObjects(),
                      "contexts 0, current 0, modules 0, streams 0, events 0, "
                      "memory 0, orphans 0");
      std::printf("%s: %s\n", test.name,
                  failures == before ? "passed" : "FAILED");
      ++count;
    }
  }
  std::printf("%zu tests, %d failures\n", count, failures);
  return failures != 0;
}
