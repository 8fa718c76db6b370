//===- FileIO.h - Whole files -----------------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Runtime and nsa-run-bundle's tests. Errors name the file.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_RUNTIME_FILEIO_H
#define NSA_LIB_RUNTIME_FILEIO_H

#include "nsa/Runtime/Error.h"

#include <string>
#include <utility>
#include <vector>

namespace mlir::nsa::runtime::detail {

/// "DIRECTORY/FILE".
std::string joinPath(const std::string &directory, const std::string &file);

Expected<std::string> readFile(const std::string &path);

/// Writes the pieces one after another, and sees them on the disk.
Status writeFile(const std::string &path,
                 const std::vector<std::pair<const void *, size_t>> &pieces);

/// "PATH: what failed: No such file or directory", from errno.
Error makeSystemError(const std::string &path, const std::string &what);

} // namespace mlir::nsa::runtime::detail

#endif // NSA_LIB_RUNTIME_FILEIO_H
