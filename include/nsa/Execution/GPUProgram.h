//===- GPUProgram.h - The kernels of a lowered module -----------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a lowered module says of its kernels and the host's code does not tell
// the device: names of images, types of parameters.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_EXECUTION_GPUPROGRAM_H
#define NSA_EXECUTION_GPUPROGRAM_H

#include "mlir/IR/BuiltinOps.h"

#include <map>
#include <string>
#include <vector>

namespace mlir::nsa {

struct KernelParameter {
  unsigned bytes;
  bool isPointer;
  bool isFloat;

  bool operator==(const KernelParameter &other) const {
    return bytes == other.bytes && isPointer == other.isPointer &&
           isFloat == other.isFloat;
  }
};
using KernelSignature = std::vector<KernelParameter>;

struct GPUImage {
  std::string name;
  /// The chip that it was made for, or empty.
  std::string chip;
  std::string content;
};

struct GPUProgram {
  std::vector<GPUImage> images;
  /// By the name of the image and that of the kernel.
  std::map<std::pair<std::string, std::string>, KernelSignature> kernels;

  /// Reads the gpu.binary and gpu.launch_func operations of a lowered module.
  /// Of several objects of a gpu.binary, that for `chip` stays. Reports errors.
  static FailureOr<GPUProgram> create(ModuleOp module, llvm::StringRef chip);
};

} // namespace mlir::nsa

#endif // NSA_EXECUTION_GPUPROGRAM_H
