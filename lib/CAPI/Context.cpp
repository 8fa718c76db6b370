//===- Context.cpp - Contexts and diagnostics of the C API ----------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassRegistry.h"
#include "nsa/RegisterAll.h"
#include "nsa/Tools/OptMain.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

namespace {
/// The strings of a diagnostic and of its notes.
struct Strings {
  explicit Strings(Diagnostic &diagnostic) : message(diagnostic.str()) {
    Location loc = diagnostic.getLocation();
    llvm::raw_string_ostream(location) << loc;
    if (auto place = loc->findInstanceOf<FileLineColLoc>()) {
      file = place.getFilename().str();
      line = place.getLine();
      column = place.getColumn();
    }
    for (Diagnostic &note : diagnostic.getNotes())
      notes.emplace_back(note);
  }

  std::string message, location;
  std::optional<std::string> file;
  unsigned line = 0, column = 0;
  std::vector<Strings> notes;
};
} // namespace

static NSASeverity getSeverity(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return NSASeverityError;
  case DiagnosticSeverity::Warning:
    return NSASeverityWarning;
  case DiagnosticSeverity::Note:
    return NSASeverityNote;
  case DiagnosticSeverity::Remark:
    return NSASeverityRemark;
  }
  return NSASeverityError;
}

static NSADiagnostic describe(const Strings &strings, NSASeverity severity) {
  return {severity,
          strings.message.c_str(),
          strings.file ? strings.file->c_str() : nullptr,
          strings.line,
          strings.column,
          strings.location.c_str(),
          0,
          nullptr};
}

void SharedContext::handle(Diagnostic &diagnostic) {
  if (!handler)
    return;
  Strings strings(diagnostic);
  // Notes have no notes.
  std::vector<NSADiagnostic> notes;
  notes.reserve(strings.notes.size());
  for (const Strings &note : strings.notes)
    notes.push_back(describe(note, NSASeverityNote));
  NSADiagnostic described =
      describe(strings, getSeverity(diagnostic.getSeverity()));
  described.numNotes = notes.size();
  described.notes = notes.empty() ? nullptr : notes.data();
  handler(&described, userData);
}

void SharedContext::report(const Twine &message) {
  emitError(UnknownLoc::get(&context), message);
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

SharedContext::SharedContext(const DialectRegistry &registry)
    : context(registry) {
  // Every op here comes from a text or a bytecode, which has its location.
  context.printOpOnDiagnostic(false);
  // In front of all others, so that nothing reaches standard error.
  context.getDiagEngine().registerHandler(
      [this](Diagnostic &diagnostic) { handle(diagnostic); });
}

bool nsa::registerPassesOnce() {
  static const bool registered = [] {
    if (PassPipelineInfo::lookup("nsa-to-cpu"))
      return false;
    nsa::registerAllPasses();
    return true;
  }();
  return registered;
}

/// What nsa-opt knows, and with it the passes of upstream.
static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  nsa::registerOptDialects(registry);
  nsa::registerUpstreamPasses();
  return registry;
}

NSAContext *nsaContextCreate(void) {
  if (!nsa::registerPassesOnce())
    return nullptr;
  static const DialectRegistry registry = makeRegistry();
  return new NSAContext{std::make_shared<SharedContext>(registry)};
}

void nsaContextDestroy(NSAContext *context) { delete context; }

void nsaContextSetMultithreading(NSAContext *context, bool enable) {
  if (context)
    context->shared->get()->disableMultithreading(!enable);
}

void nsaContextSetDiagnosticHandler(NSAContext *context,
                                    NSADiagnosticHandler handler,
                                    void *userData) {
  if (context)
    context->shared->setHandler(handler, userData);
}

NSAStatus nsaContextSetRemarks(NSAContext *context, const char *filter) {
  if (!context)
    return NSAStatusInvalidArgument;
  MLIRContext *mlirContext = context->shared->get();
  if (!filter) {
    mlirContext->setRemarkEngine(nullptr);
    return NSAStatusSuccess;
  }
  std::string message;
  if (!llvm::Regex(filter).isValid(message)) {
    context->shared->report("the filter of remarks '" + Twine(filter) +
                            "' is not a regular expression: " + message);
    return NSAStatusInvalidArgument;
  }
  remark::RemarkCategories categories{filter, filter, filter, filter, filter};
  if (failed(remark::enableOptimizationRemarks(
          *mlirContext, /*streamer=*/nullptr,
          std::make_unique<remark::RemarkEmittingPolicyAll>(), categories,
          /*printAsEmitRemarks=*/true)))
    return NSAStatusFailure;
  return NSAStatusSuccess;
}
