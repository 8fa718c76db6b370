//===- FileIO.cpp - Whole files -------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plain C streams: their errors can be told, which those of C++ cannot.
//
//===----------------------------------------------------------------------===//

#include "FileIO.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>

using namespace mlir::nsa::runtime;

Error detail::makeSystemError(const std::string &path,
                              const std::string &what) {
  return Error(path + ": " + what + ": " + std::strerror(errno));
}

std::string detail::joinPath(const std::string &directory,
                             const std::string &file) {
  std::string path = directory;
  path += "/";
  path += file;
  return path;
}

Expected<std::string> detail::readFile(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return makeSystemError(path, "cannot open");
  // fopen opens directories; reading then fails with a text that misleads.
  if (!S_ISREG(info.st_mode))
    return Error(path + ": is no regular file");
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return makeSystemError(path, "cannot open");
  std::string content(size_t(info.st_size), '\0');
  size_t got = std::fread(content.data(), 1, content.size(), file);
  bool failed = std::ferror(file);
  std::fclose(file);
  if (failed)
    return makeSystemError(path, "cannot read");
  content.resize(got);
  return content;
}

Status
detail::writeFile(const std::string &path,
                  const std::vector<std::pair<const void *, size_t>> &pieces) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file)
    return makeSystemError(path, "cannot write");
  for (auto [data, size] : pieces) {
    if (size != 0 && std::fwrite(data, 1, size, file) != size) {
      Error error = makeSystemError(path, "cannot write");
      std::fclose(file);
      std::remove(path.c_str());
      return error;
    }
  }
  // A full disk may show only here.
  if (std::fclose(file) != 0) {
    Error error = makeSystemError(path, "cannot write");
    std::remove(path.c_str());
    return error;
  }
  return Status::success();
}
