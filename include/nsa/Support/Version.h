//===- Version.h - The project's version ------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_SUPPORT_VERSION_H
#define NSA_SUPPORT_VERSION_H

namespace mlir::nsa {

/// "0.1.0", that of the CMake package too.
const char *getVersion();

/// Makes `--version` print it, behind LLVM's.
void addVersionPrinter();

} // namespace mlir::nsa

#endif // NSA_SUPPORT_VERSION_H
