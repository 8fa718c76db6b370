//===- Pipeline.cpp - Pipelines and reports of the C API ------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "nsa/Pipelines/Passes.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace mlir::nsa;

//===----------------------------------------------------------------------===//
// Pipelines
//===----------------------------------------------------------------------===//

/// Reports what upstream's parser of pipelines wrote, at its place in the text.
static void reportPipelineError(SharedContext &shared, StringRef pipeline,
                                StringRef written) {
  MLIRContext *context = shared.get();
  // NAME:LINE:COLUMN: error: MESSAGE, the line, and a caret; else only
  // messages.
  static const llvm::Regex located(":([0-9]+):([0-9]+): error: ([^\n]*)");
  SmallVector<StringRef> groups;
  unsigned line = 0, column = 0;
  if (located.match(written, &groups) && !groups[1].getAsInteger(10, line) &&
      !groups[2].getAsInteger(10, column)) {
    emitError(FileLineColLoc::get(context, "<pipeline>", line, column))
        << groups[3];
    return;
  }
  std::string message;
  for (StringRef part : llvm::split(written.trim(), '\n')) {
    part = part.trim();
    part.consume_front("<Pass-Options-Parser>: ");
    if (!part.empty())
      message += (Twine(message.empty() ? "" : "; ") + part).str();
  }
  if (message.empty())
    message = ("'" + pipeline + "' is not a pipeline").str();
  emitError(FileLineColLoc::get(context, "<pipeline>", 0, 0)) << message;
}

/// The pipeline's passes, for a builtin.module.
static FailureOr<OpPassManager> parsePipeline(StringRef pipeline,
                                              raw_ostream &errors) {
  constexpr StringLiteral anchor = ModuleOp::getOperationName();
  StringRef rest = pipeline.trim();
  // "builtin.module(a),b" is a list in which a module is nested.
  bool isAnchored = rest.consume_front(anchor) &&
                    rest.ltrim().starts_with("(") && rest.ends_with(")");
  if (isAnchored) {
    int depth = 0, least = 1;
    for (char c : rest.ltrim().drop_back()) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      least = std::min(least, depth);
    }
    isAnchored = least == 1;
  }
  OpPassManager passes(anchor);
  if (isAnchored)
    return parsePassPipeline(pipeline, errors);
  if (failed(parsePassPipeline(pipeline, passes, errors)))
    return failure();
  return passes;
}

NSAStatus nsaModuleRunPipeline(NSAModule *module, const char *pipeline) {
  if (!module)
    return NSAStatusInvalidArgument;
  SharedContext &shared = *module->shared;
  if (!pipeline) {
    shared.report("nsaModuleRunPipeline: pipeline is NULL");
    return NSAStatusInvalidArgument;
  }
  std::string written;
  llvm::raw_string_ostream errors(written);
  FailureOr<OpPassManager> passes = parsePipeline(pipeline, errors);
  if (failed(passes)) {
    reportPipelineError(shared, pipeline, written);
    return NSAStatusInvalidArgument;
  }
  PassManager manager(shared.get(), ModuleOp::getOperationName());
  static_cast<OpPassManager &>(manager) = std::move(*passes);
  // Passes may rely on it.
  if (failed(verify(module->get())))
    return NSAStatusFailure;
  OwningOpRef<ModuleOp> copy = module->get().clone();
  if (failed(manager.run(*copy)))
    return NSAStatusFailure;
  module->module = std::move(copy);
  return NSAStatusSuccess;
}

NSAString *nsaModuleGetReport(const NSAModule *module, const char *options) {
  if (!module)
    return nullptr;
  SharedContext &shared = *module->shared;
  auto result = std::make_unique<NSAString>();
  llvm::raw_string_ostream os(result->text);
  std::unique_ptr<Pass> pass = createNSAReportTo(os);
  std::string written;
  auto append = [&](const Twine &message) {
    written += (message + "\n").str();
    return failure();
  };
  if (failed(pass->initializeOptions(options ? options : "", append))) {
    StringRef reason = StringRef(written).trim();
    reason.consume_front("<Pass-Options-Parser>: ");
    shared.report("nsa-report: options '" + Twine(options) + "'" +
                  (reason.empty() ? "" : ": ") + reason);
    return nullptr;
  }
  PassManager manager(shared.get(), ModuleOp::getOperationName());
  manager.addPass(std::move(pass));
  if (failed(verify(module->get())) || failed(manager.run(module->get())))
    return nullptr;
  return result.release();
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
struct NamedPass {
  const char *name;
  std::string summary;
  bool isPipeline;
};
} // namespace

static std::vector<NamedPass> describePasses() {
  // Made by CMake from the TableGen files, in the order of names.
  constexpr const char *passNames[] = {
#include "PassNames.inc"
  };
  constexpr const char *pipelineNames[] = {
      "nsa-scheduled-to-nvvm", "nsa-to-cpu", "nsa-to-ptx", "nsa-to-scheduled"};
  std::vector<NamedPass> passes;
  if (!nsa::registerPassesOnce())
    return passes;
  for (const char *name : passNames)
    if (const PassInfo *info = PassInfo::lookup(name))
      passes.push_back(
          {name, info->getPassDescription().str(), /*isPipeline=*/false});
  for (const char *name : pipelineNames)
    if (const PassPipelineInfo *info = PassPipelineInfo::lookup(name))
      passes.push_back(
          {name, info->getPassDescription().str(), /*isPipeline=*/true});
  return passes;
}

static const std::vector<NamedPass> &getPasses() {
  static const std::vector<NamedPass> passes = describePasses();
  return passes;
}

size_t nsaGetNumPasses(void) { return getPasses().size(); }

NSAStatus nsaGetPassInfo(size_t index, NSAPassInfo *info) {
  if (index >= getPasses().size() || !info)
    return NSAStatusInvalidArgument;
  const NamedPass &pass = getPasses()[index];
  *info = {pass.name, pass.summary.c_str(), pass.isPipeline};
  return NSAStatusSuccess;
}
