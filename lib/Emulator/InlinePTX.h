//===- InlinePTX.h - Reading inline PTX -------------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inline PTX reaches the emulator as text. Only what is in the table of
// OpTable.cpp is understood: one unpredicated instruction, whose operands are
// operands of the assembly, literals, or addresses in brackets.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_INLINEPTX_H
#define NSA_LIB_EMULATOR_INLINEPTX_H

#include "Op.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/Support/Error.h"

namespace mlir::nsa::emulator {

struct InlinePTX {
  struct Operand {
    /// Index among the assembly's arguments; -1: a literal.
    int argument = -1;
    int64_t literal = 0;
    /// Added to an address.
    int64_t offset = 0;
  };
  const Op *op = nullptr;
  /// In the order of the modelled instruction.
  llvm::SmallVector<Operand> sources;
  /// For each result of the instruction, which result of the assembly it is.
  llvm::SmallVector<unsigned> results;
};

/// Fails, quoting the text, if it is not in the table. `op` is null for
/// assembly that does nothing.
llvm::Expected<InlinePTX> parseInlinePTX(const llvm::InlineAsm &assembly);

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_INLINEPTX_H
