//===- RuntimeTest.h - Tests of lib/Runtime ---------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A test is a function that calls `expect...`; a failing one is printed with
// its line. Every test must leave no object of the fake driver alive.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_LIB_RUNTIME_RUNTIMETEST_H
#define NSA_TEST_LIB_RUNTIME_RUNTIMETEST_H

#include "nsa/Runtime/Bundle.h"
#include "nsa/Runtime/CUDADevice.h"

#include <cstdlib>
#include <string>
#include <vector>

namespace runtimetest {

using namespace mlir::nsa::runtime;

struct Test {
  const char *name;
  void (*run)();
};
std::vector<Test> getDriverTests();
std::vector<Test> getDeviceTests();
std::vector<Test> getBundleTests();

/// The directories of the fake drivers and for temporary files.
const std::string &getLibraryDir();
const std::string &getScratchDir();
std::string getFakeDriver();

void reportFailure(const char *file, int line, const std::string &message);
void expectEqualText(const char *file, int line, const std::string &actual,
                     const std::string &expected);
void expectError(const char *file, int line, const Status &status,
                 const std::string &message);
template <typename T>
void expectError(const char *file, int line, const Expected<T> &value,
                 const std::string &message) {
  if (value)
    reportFailure(file, line, "succeeded; expected: " + message);
  else
    expectEqualText(file, line, value.getError().str(), message);
}

#define EXPECT(CONDITION)                                                      \
  do {                                                                         \
    bool holds = static_cast<bool>(CONDITION);                                 \
    if (!holds)                                                                \
      reportFailure(__FILE__, __LINE__, #CONDITION);                           \
  } while (false)
#define EXPECT_TEXT(ACTUAL, EXPECTED)                                          \
  expectEqualText(__FILE__, __LINE__, ACTUAL, EXPECTED)
#define EXPECT_ERROR(RESULT, MESSAGE)                                          \
  expectError(__FILE__, __LINE__, RESULT, MESSAGE)
#define EXPECT_SUCCESS(STATUS)                                                 \
  do {                                                                         \
    Status expected = (STATUS);                                                \
    if (expected.failed())                                                     \
      reportFailure(__FILE__, __LINE__, expected.getError().str());            \
  } while (false)

/// The value, which must be there: tests do not go on without.
template <typename T> T require(Expected<T> value) {
  if (!value) {
    reportFailure("require", 0, value.getError().str());
    std::exit(1);
  }
  return std::move(*value);
}

/// Sets a variable of the environment while it lives.
class ScopedVariable {
public:
  ScopedVariable(const char *name, const std::string &value) : name(name) {
    setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() { unsetenv(name); }

private:
  const char *name;
};

/// The fake driver's own entry points.
std::string getLiveObjects();
int getFailableCalls();
std::string getLastFailed();
void resetCounts();

/// PTX with the kernels that the fake driver can run.
extern const char kImage[];

/// A bundle: y_out = 2 x + y, through a copy and an axpy, and sum = the sum of
/// x, through dynamic shared memory.
BundleWriter makeBundle();

} // namespace runtimetest

#endif // NSA_TEST_LIB_RUNTIME_RUNTIMETEST_H
