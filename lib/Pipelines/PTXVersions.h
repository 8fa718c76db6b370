//===- PTXVersions.h - Which PTX version has what ---------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_PIPELINES_PTXVERSIONS_H
#define NSA_LIB_PIPELINES_PTXVERSIONS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::nsa {

/// What an instruction needs.
struct Requirement {
  /// 10 * major + minor; 0 where every version that we target has it.
  unsigned ptx = 0;
  unsigned chip = 0;
  /// Only chips whose name ends with a letter, such as sm_90a.
  bool isSpecific = false;
};

/// `name` is a mnemonic of PTX, or the name of an NVVM op or intrinsic without
/// its dialect, such as "wgmma.mma_async".
Requirement getRequirement(llvm::StringRef name);

/// The least PTX version that has `chip` ("sm_90a") as a target.
unsigned getLeastPTXVersion(llvm::StringRef chip);

/// "sm_90a" is 90.
unsigned getChipNumber(llvm::StringRef chip);

} // namespace mlir::nsa

#endif // NSA_LIB_PIPELINES_PTXVERSIONS_H
