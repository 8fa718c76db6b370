//===- WriteFile.h - Whole files, or none -----------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that tools make for other tools.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_SUPPORT_WRITEFILE_H
#define NSA_SUPPORT_WRITEFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlir::nsa {

/// Writes the text to the file, or to standard output for "-". A regular file
/// is replaced as a whole or not at all; what is no regular file, such as a
/// device, is written to. The error names the path.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef text);

} // namespace mlir::nsa

#endif // NSA_SUPPORT_WRITEFILE_H
