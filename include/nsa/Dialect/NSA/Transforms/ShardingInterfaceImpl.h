//===- ShardingInterfaceImpl.h - Ops on several devices ---------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ShardingInterface of the `shard` dialect for the ops of the dialect: which
// dimensions may be split among devices, and what each device then computes.
// docs/Interfaces.md has the rules.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_DIALECT_NSA_TRANSFORMS_SHARDINGINTERFACEIMPL_H
#define NSA_DIALECT_NSA_TRANSFORMS_SHARDINGINTERFACEIMPL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::nsa {

/// Attaches shard::ShardingInterface to the ops of the dialect, once a context
/// has loaded the dialects `nsa` and `shard`.
void registerShardingInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_DIALECT_NSA_TRANSFORMS_SHARDINGINTERFACEIMPL_H
