//===- Npy.h - Reading and writing .npy files -------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The NumPy format, versions 1 to 3, little-endian and row-major. bf16 has no
// name in it and is stored as raw 16 bits ('<u2', or void 'V2').
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_NPY_H
#define NSA_EXECUTION_NPY_H

#include "nsa/Execution/HostArray.h"

#include "llvm/Support/raw_ostream.h"

namespace mlir::nsa {

/// Reads the file as an array of `elementType`. The error names the file and
/// says what is wrong with it.
llvm::Expected<HostArray> readNpy(llvm::StringRef path, Type elementType);

/// The header of a file with this content; the elements follow it.
std::string makeNpyHeader(Type elementType, llvm::ArrayRef<int64_t> shape);

} // namespace mlir::nsa

#endif // NSA_EXECUTION_NPY_H
