//===- CUDAToolkit.h - Where ptxas and libdevice are ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX is made without a CUDA toolkit. One is needed for functions of libdevice
// and for ptxas, NVIDIA's assembler; of a toolkit, only those two files are:
//
//   DIR/bin/ptxas
//   DIR/nvvm/libdevice/libdevice.10.bc
//
// NVIDIA's installer and its packages on PyPI (site-packages/nvidia/cu13) both
// lay them out like this, and upstream's serializer takes such a directory.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_CUDATOOLKIT_H
#define NSA_PIPELINES_CUDATOOLKIT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <string>

namespace mlir::nsa {

/// What a search found. A file that is not there is the empty string, and so is
/// the root of a ptxas that stands on PATH outside of a toolkit.
struct CUDAToolkit {
  std::string root;
  std::string ptxas;
  std::string libdevice;
};

/// Which of the files a search is for.
struct CUDAToolkitNeeds {
  bool ptxas = false;
  bool libdevice = false;
};

/// Where toolkits are looked for last: the directory that CMake found when this
/// was built (NSA_CUDA_TOOLKIT), and NVIDIA's default.
llvm::ArrayRef<llvm::StringRef> getCUDAToolkitFallbacks();

/// Finds one toolkit that has all of `needs`. If `toolkit` is given, that
/// directory must; else the first one does of those that CUDA_ROOT, CUDA_HOME
/// and CUDA_PATH name, that of the ptxas on PATH, and `fallbacks`. On failure,
/// `message` lists what was looked at, and how to get a toolkit.
llvm::LogicalResult findCUDAToolkit(
    llvm::StringRef toolkit, CUDAToolkitNeeds needs, CUDAToolkit &found,
    std::string &message,
    llvm::ArrayRef<llvm::StringRef> fallbacks = getCUDAToolkitFallbacks());

/// The same, for the directory alone.
llvm::LogicalResult findToolkitDirectory(llvm::StringRef toolkit,
                                         bool needsPtxas, bool needsLibdevice,
                                         std::string &directory,
                                         std::string &message);

/// Whether libdevice is found.
llvm::LogicalResult checkLibdevice(llvm::StringRef toolkit,
                                   std::string &message);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_CUDATOOLKIT_H
