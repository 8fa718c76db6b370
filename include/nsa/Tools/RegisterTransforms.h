//===- RegisterTransforms.h - The transform dialect of nsa-opt --*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transform scripts over nsa: upstream's dialect, the extensions that concern
// what nsa is tiled, fused and lowered to, and the passes that interpret them.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_TOOLS_REGISTERTRANSFORMS_H
#define NSA_TOOLS_REGISTERTRANSFORMS_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::nsa {

/// Upstream's transform dialect, with its extensions for affine, bufferization,
/// func, gpu, linalg, memref, scf, tensor and vector, and those of its own
/// (debug, loop, tune); and the passes `transform-interpreter`,
/// `transform-preload-library` and their kin.
void registerTransformDialect(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_TOOLS_REGISTERTRANSFORMS_H
