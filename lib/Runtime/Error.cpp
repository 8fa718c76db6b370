//===- Error.cpp - Errors as values ---------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How an error reads.
//
//===----------------------------------------------------------------------===//

#include "nsa/Runtime/Error.h"

using namespace mlir::nsa::runtime;

Error Error::driver(const std::string &call, int code, const std::string &name,
                    const std::string &description) {
  Error error(call + " failed: " + name + " (" + description + ")");
  error.name = name;
  error.code = code;
  return error;
}

Error Error::addContext(const std::string &context) && {
  message = context + ": " + message;
  return std::move(*this);
}

Error Error::addAdvice(const std::string &advice) && {
  message += "; " + advice;
  return std::move(*this);
}

Error Error::addLog(const std::string &text) && {
  log += text;
  while (!log.empty() && (log.back() == '\n' || log.back() == '\0'))
    log.pop_back();
  return std::move(*this);
}

std::string Error::str() const {
  return log.empty() ? message : message + "\n" + log;
}
