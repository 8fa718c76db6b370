//===- Op.h - The table of modelled instructions ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A modelled instruction has a name (an intrinsic's, or one of our own that
// inline PTX is mapped to) and a handler. Operands arrive, and results leave,
// in slots of 64 bits, zero-extended; pointers as integers, those into shared
// memory as offsets.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_EMULATOR_OP_H
#define NSA_LIB_EMULATOR_OP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>
#include <vector>

namespace mlir::nsa::emulator {

class ThreadBlock;
struct Thread;
struct Site;

using Handler = void (*)(ThreadBlock &block, Thread &thread, const Site &site,
                         const uint64_t *in, uint64_t *out);

struct Op {
  llvm::StringLiteral name;
  Handler handler;
  /// Distinguishes variants that share a handler.
  uint32_t param = 0;
};

/// An instruction of PTX as inline assembly writes it. `order` gives, for each
/// operand of the modelled instruction, the source of the PTX instruction;
/// empty where they agree.
struct PTXOp {
  llvm::StringLiteral mnemonic;
  llvm::StringLiteral name;
  unsigned numResults;
  llvm::StringLiteral order = "";
  /// The number of sources, when the mnemonic alone does not tell.
  int numSources = -1;
};

/// The tables, one per file of handlers.
llvm::ArrayRef<Op> getThreadOps();
llvm::ArrayRef<Op> getWarpOps();
llvm::ArrayRef<Op> getMatrixOps();
llvm::ArrayRef<Op> getMathOps();
llvm::ArrayRef<Op> getRoundingOps();
llvm::ArrayRef<Op> getAsyncCopyOps();

/// Null if there is none of that name.
const Op *lookupOp(llvm::StringRef name);

/// Null if there is none.
const PTXOp *lookupPTXOp(llvm::StringRef mnemonic, unsigned numSources);

/// Functions that kernels call by name: libdevice. Null if unknown.
void *lookupLibraryFunction(llvm::StringRef name);
std::vector<std::string> getLibraryFunctions();

} // namespace mlir::nsa::emulator

#endif // NSA_LIB_EMULATOR_OP_H
