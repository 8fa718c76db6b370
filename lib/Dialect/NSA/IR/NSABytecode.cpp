//===- NSABytecode.cpp - The version of the dialect in bytecode -*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes and reads the version of the dialect. Attributes are left to MLIR,
// which encodes them by their text: there are few of them in a file, each once,
// and the text of an enumeration outlives a new order of its cases.
//
//===----------------------------------------------------------------------===//

#include "NSAOpsDetail.h"

#include "mlir/Bytecode/BytecodeImplementation.h"

using namespace mlir;
using namespace mlir::nsa;
using mlir::nsa::detail::kBytecodeVersion;

namespace {

struct NSABytecodeVersion : public DialectVersion {
  explicit NSABytecodeVersion(uint64_t number) : number(number) {}

  uint64_t number;
};

struct NSABytecodeInterface : public BytecodeDialectInterface {
  explicit NSABytecodeInterface(Dialect *dialect)
      : BytecodeDialectInterface(dialect) {}

  void writeVersion(DialectBytecodeWriter &writer) const override {
    writer.writeVarInt(kBytecodeVersion);
  }

  std::unique_ptr<DialectVersion>
  readVersion(DialectBytecodeReader &reader) const override {
    uint64_t number;
    if (failed(reader.readVarInt(number)))
      return nullptr;
    if (number == 0 || number > kBytecodeVersion) {
      reader.emitError()
          << "the file has version " << number
          << " of the dialect 'nsa', but this program reads versions up to "
          << kBytecodeVersion
          << "; write the file again, or read it with a newer program";
      return nullptr;
    }
    return std::make_unique<NSABytecodeVersion>(number);
  }

  LogicalResult
  upgradeFromVersion(Operation * /*topLevelOp*/,
                     const DialectVersion & /*version*/) const override {
    // Version 1 is the first.
    return success();
  }
};

} // namespace

void mlir::nsa::detail::addBytecodeInterface(NSADialect *dialect) {
  dialect->addInterfaces<NSABytecodeInterface>();
}
