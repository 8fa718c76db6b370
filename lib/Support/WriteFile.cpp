//===- WriteFile.cpp - Whole files, or none -------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A regular file, or none, is replaced by a temporary one. What is something
// else (a pipe, a device, a link; /dev/stdout is one) is never replaced but
// written to.
//
//===----------------------------------------------------------------------===//

#include "nsa/Support/WriteFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

/// Writes to an open file, which stays open.
static std::error_code writeTo(int fd, llvm::StringRef text) {
  llvm::raw_fd_ostream os(fd, /*shouldClose=*/false);
  os << text;
  os.flush();
  std::error_code error = os.error();
  // The destructor would end the process.
  os.clear_error();
  return error;
}

static llvm::Error replaceFile(llvm::StringRef path, llvm::StringRef text) {
  llvm::Expected<llvm::sys::fs::TempFile> temporary =
      llvm::sys::fs::TempFile::create(
          path + ".%%%%%%%%.tmp",
          llvm::sys::fs::all_read | llvm::sys::fs::owner_write |
              llvm::sys::fs::group_write | llvm::sys::fs::others_write);
  if (!temporary)
    return temporary.takeError();
  if (std::error_code error = writeTo(temporary->FD, text)) {
    llvm::consumeError(temporary->discard());
    return llvm::errorCodeToError(error);
  }
  return temporary->keep(path);
}

static llvm::Error writeInPlace(llvm::StringRef path, llvm::StringRef text) {
  int fd = -1;
  if (std::error_code error = llvm::sys::fs::openFileForWrite(
          path, fd, llvm::sys::fs::CD_OpenExisting))
    return llvm::errorCodeToError(error);
  std::error_code error = writeTo(fd, text);
  std::error_code closed = llvm::sys::Process::SafelyCloseFileDescriptor(fd);
  return llvm::errorCodeToError(error ? error : closed);
}

llvm::Error nsa::writeFile(llvm::StringRef path, llvm::StringRef text) {
  llvm::Error error = llvm::Error::success();
  llvm::sys::fs::file_status status;
  if (path == "-")
    error = llvm::errorCodeToError(writeTo(/*stdout*/ 1, text));
  else if (llvm::sys::fs::status(path, status, /*follow=*/false) ||
           llvm::sys::fs::is_regular_file(status))
    error = replaceFile(path, text);
  else
    error = writeInPlace(path, text);
  if (!error)
    return error;
  return llvm::createStringError("cannot write " + path + ": " +
                                 llvm::toString(std::move(error)));
}
