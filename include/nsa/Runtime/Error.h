//===- Error.h - Errors as values -------------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lib/Runtime runs on machines without LLVM and without exceptions; these are
// its errors. A failing function returns one; nobody prints on the way.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_RUNTIME_ERROR_H
#define NSA_RUNTIME_ERROR_H

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mlir::nsa::runtime {

/// What went wrong. For errors of the CUDA driver the parts stay separate, so
/// that a caller can react to `code`.
class Error {
public:
  /// An error of ours.
  explicit Error(std::string message) : message(std::move(message)) {}

  /// An error of the driver: the call with the arguments that matter, its
  /// result as a number, and the driver's own name and text for that.
  static Error driver(const std::string &call, int code,
                      const std::string &name, const std::string &description);

  /// Where it happened, prepended: "manifest.json: ...".
  Error addContext(const std::string &context) &&;
  /// What to know or do about it, after a semicolon.
  Error addAdvice(const std::string &advice) &&;
  /// A log of several lines, shown below the message.
  Error addLog(const std::string &text) &&;

  /// CUresult, or 0 where the driver was not asked.
  int getCode() const { return code; }
  /// "CUDA_ERROR_OUT_OF_MEMORY", or empty.
  const std::string &getName() const { return name; }
  const std::string &getLog() const { return log; }
  /// The whole of it. One line, and the log's lines if there is a log.
  std::string str() const;

private:
  std::string message;
  std::string log;
  std::string name;
  int code = 0;
};

/// Success or an Error.
class [[nodiscard]] Status {
public:
  static Status success() { return Status(); }
  // Implicit, so that a function can return an Error.
  Status(Error error) : error(std::make_unique<Error>(std::move(error))) {}

  bool succeeded() const { return !error; }
  bool failed() const { return error != nullptr; }
  const Error &getError() const { return *error; }
  Error takeError() {
    assert(error && "took the error of a success");
    return std::move(*error);
  }

private:
  Status() = default;
  std::unique_ptr<Error> error;
};

/// A value or an Error.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : value(std::move(value)) {}
  Expected(Error error) : error(std::make_unique<Error>(std::move(error))) {}

  explicit operator bool() const { return value.has_value(); }
  T &operator*() & { return *value; }
  const T &operator*() const & { return *value; }
  T &&operator*() && { return std::move(*value); }
  T *operator->() { return &*value; }
  const T *operator->() const { return &*value; }

  const Error &getError() const { return *error; }
  Error takeError() {
    assert(error && "took the error of a success");
    return std::move(*error);
  }

private:
  std::optional<T> value;
  std::unique_ptr<Error> error;
};

} // namespace mlir::nsa::runtime

#endif // NSA_RUNTIME_ERROR_H
