//===- FakeCall.h - Common to the fake functions ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How a function begins, handles, and work in streams.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TEST_LIB_FAKECUDA_FAKECALL_H
#define NSA_TEST_LIB_FAKECUDA_FAKECALL_H

#include "FakeCuda.h"

// A function that is not defined as lib/Runtime calls it does not compile.
extern "C" {
using namespace mlir::nsa::runtime::cu;
// NOLINTBEGIN(readability-identifier-naming,bugprone-macro-parentheses)
#define NSA_CUDA_DRIVER_FUNCTION(NAME, PARAMETERS) CUresult NAME PARAMETERS;
NSA_CUDA_DRIVER_FUNCTIONS
NSA_CUDA_DRIVER_OPTIONAL_FUNCTIONS
#undef NSA_CUDA_DRIVER_FUNCTION
// NOLINTEND(readability-identifier-naming,bugprone-macro-parentheses)
}

namespace fakecuda {

/// Begins every function: takes the lock, records the call, fails on demand.
class Call {
public:
  enum Kind { Fails, Releases };

  explicit Call(const std::string &name, Kind kind = Fails);
  /// The thread's current context, or null.
  static Context *getContext();

  State &state;
  CUresult failure = CUDA_SUCCESS;

private:
  std::lock_guard<std::recursive_mutex> lock;
};

template <typename T, typename Handle>
T *find(std::map<T *, std::unique_ptr<T>> &objects, Handle handle) {
  auto found = objects.find(reinterpret_cast<T *>(handle));
  return found == objects.end() ? nullptr : found->first;
}

/// Makes an object of the context and its handle.
template <typename T, typename Handle>
T *make(std::map<T *, std::unique_ptr<T>> &objects, Context *context,
        Handle *handle) {
  auto object = std::make_unique<T>();
  T *pointer = object.get();
  pointer->context = context;
  objects.emplace(pointer, std::move(object));
  *handle = reinterpret_cast<Handle>(pointer);
  return pointer;
}

/// Does the work of a stream, or of all streams of a context.
void flush(Stream *stream);
void flushAll(Context *context);

/// The function, or null if its module has been unloaded.
Function *findFunction(State &state, CUfunction handle);

} // namespace fakecuda

#define BEGIN(...)                                                             \
  Call call(__VA_ARGS__);                                                      \
  State &state = call.state;                                                   \
  (void)state;                                                                 \
  if (call.failure != CUDA_SUCCESS)                                            \
    return call.failure;

#define BEGIN_IN_CONTEXT(...)                                                  \
  BEGIN(__VA_ARGS__)                                                           \
  Context *context = Call::getContext();                                       \
  if (!context)                                                                \
    return CUDA_ERROR_INVALID_CONTEXT;

#endif // NSA_TEST_LIB_FAKECUDA_FAKECALL_H
