//===- WriteFile.cpp - Whole files, or none -------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's atomic output, with errors of the stream reported: its destructor
// would end the process.
//
//===----------------------------------------------------------------------===//

#include "nsa/Support/WriteFile.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

llvm::Error nsa::writeFile(llvm::StringRef path, llvm::StringRef text) {
  // Not a file: LLVM gives another kind of stream, on which all succeeds.
  if (path == "/dev/null")
    return llvm::Error::success();
  llvm::Error error =
      llvm::writeToOutput(path, [&](llvm::raw_ostream &os) -> llvm::Error {
        os << text;
        os.flush();
        auto &file = static_cast<llvm::raw_fd_ostream &>(os);
        std::error_code failed = file.error();
        file.clear_error();
        return llvm::errorCodeToError(failed);
      });
  if (!error)
    return error;
  return llvm::createStringError("cannot write " + path + ": " +
                                 llvm::toString(std::move(error)));
}
