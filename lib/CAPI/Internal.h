//===- Internal.h - What the C API's handles are ----------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_LIB_CAPI_INTERNAL_H
#define NSA_LIB_CAPI_INTERNAL_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "nsa-c/Compiler.h"

#include <memory>
#include <string>

struct NSAString {
  std::string text;
};

namespace mlir::nsa {

/// What a context and its modules share, so that they may be destroyed in any
/// order.
class SharedContext {
public:
  explicit SharedContext(const DialectRegistry &registry);

  MLIRContext *get() { return &context; }

  void setHandler(NSADiagnosticHandler handler, void *userData) {
    this->handler = handler;
    this->userData = userData;
  }

  /// Tells the handler of an error that is at no place in a file.
  void report(const Twine &message);

private:
  void handle(Diagnostic &diagnostic);

  MLIRContext context;
  NSADiagnosticHandler handler = nullptr;
  void *userData = nullptr;
};

/// Registers, once for the process, every pass of the project. False if another
/// copy of the project has done so: LLVM would end the process.
bool registerPassesOnce();

} // namespace mlir::nsa

struct NSAContext {
  std::shared_ptr<mlir::nsa::SharedContext> shared;
};

struct NSAModule {
  // The module goes first.
  std::shared_ptr<mlir::nsa::SharedContext> shared;
  mlir::OwningOpRef<mlir::ModuleOp> module;

  mlir::ModuleOp get() const {
    return const_cast<mlir::OwningOpRef<mlir::ModuleOp> &>(module).get();
  }
};

#endif // NSA_LIB_CAPI_INTERNAL_H
