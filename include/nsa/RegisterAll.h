//===- RegisterAll.h - Everything of the project by name --------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a compiler that takes nsa in calls before it makes a context. Declared
// here and defined in a library, so that a client does not compile the headers
// of every dialect.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_REGISTERALL_H
#define NSA_REGISTERALL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::nsa {

/// The dialects `nsa` and `nsa_tile`.
void registerAllDialects(DialectRegistry &registry);

/// What the project adds to dialects that are not its own, and the dialects and
/// interface implementations of upstream that its pipelines read or produce.
void registerAllExtensions(DialectRegistry &registry);

/// Every pass and pipeline of the project. Upstream's passes are not among
/// them.
void registerAllPasses();

/// The passes and pipelines of upstream that one reaches for beside those of
/// the project: transforms, linalg, scf, arith, bufferization, memref, shard.
void registerUpstreamPasses();

} // namespace mlir::nsa

#endif // NSA_REGISTERALL_H
