//===- consumer.cpp - From C++ to PTX through nsa -------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: consumer CHIP WINDOW    (sm_90 512)
//
// Builds a module of two functions, compiles it for a GPU and prints the PTX;
// errors on standard error, in the consumer's own words.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/IR/Schedule.h"
#include "nsa/Pipelines/Pipelines.h"
#include "nsa/RegisterAll.h"

using namespace mlir;

/// Adds `name` with arguments of the types given, and the beginning of its body
/// as the place where `builder` goes on.
static func::FuncOp addFunction(OpBuilder &builder, ModuleOp module,
                                StringRef name, TypeRange arguments,
                                TypeRange results) {
  builder.setInsertionPointToEnd(module.getBody());
  auto function =
      func::FuncOp::create(builder, builder.getUnknownLoc(), name,
                           builder.getFunctionType(arguments, results));
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

/// The whole mechanism as one op. 64 query heads share 4 key/value heads; batch
/// and tokens are dynamic.
static void addForward(OpBuilder &builder, ModuleOp module, int64_t window) {
  constexpr int64_t any = ShapedType::kDynamic;
  Type bf16 = builder.getBF16Type();
  Type q = RankedTensorType::get({any, any, 64, 128}, bf16);
  Type kv = RankedTensorType::get({any, any, 4, 128}, bf16);
  Type gates = RankedTensorType::get({any, any, 64, 3}, builder.getF32Type());
  Block &body = addFunction(builder, module, "forward", {q, kv, kv, gates}, {q})
                    .getBody()
                    .front();
  Value k = body.getArgument(1);
  Value v = body.getArgument(2);
  // The place in the model: errors and remarks will name it.
  Location where = FileLineColLoc::get(builder.getContext(), "model.py", 12, 7);
  auto attention = nsa::AttentionOp::create(
      builder, where, body.getArgument(0), k, v, k, v, k, v,
      body.getArgument(3), /*compression_block=*/32, /*compression_stride=*/16,
      /*selection_block=*/64, /*top_n=*/16, window);
  attention.setGateActivation(nsa::GateActivation::Sigmoid);
  func::ReturnOp::create(builder, where, attention.getO());
}

/// One branch, with a schedule of ours instead of the one predicted to be best.
static void addLocal(OpBuilder &builder, ModuleOp module) {
  constexpr int64_t any = ShapedType::kDynamic;
  Type f16 = builder.getF16Type();
  Type q = RankedTensorType::get({any, any, 8, 64}, f16);
  Type kv = RankedTensorType::get({any, any, 2, 64}, f16);
  Block &body =
      addFunction(builder, module, "local", {q, kv, kv}, {q}).getBody().front();
  Location where = FileLineColLoc::get(builder.getContext(), "model.py", 30, 3);
  auto attention = nsa::WindowAttentionOp::create(
      builder, where, body.getArgument(0), body.getArgument(1),
      body.getArgument(2), /*q_offset=*/Value(), /*kv_len=*/Value(),
      /*window=*/256, /*causal=*/true, /*scale=*/FloatAttr());
  attention->setAttr(
      nsa::kScheduleAttrName,
      nsa::ScheduleAttr::get(builder.getContext(), nsa::ScheduleFamily::Dense,
                             /*queries=*/8, /*keys=*/32, /*rowWarps=*/2,
                             /*keyWarps=*/1, /*stages=*/3));
  func::ReturnOp::create(builder, where, attention.getO());
}

/// Runs the pipeline to PTX with options of ours.
static LogicalResult compile(ModuleOp module, StringRef chip) {
  nsa::NSAToPTXPipelineOptions options;
  options.chip = {chip.str()};
  options.tokens = 65536; // What schedules are chosen for.
  PassManager pm(module.getContext());
  nsa::buildNSAToPTXPipeline(pm, options);
  return pm.run(module);
}

/// Prints each gpu.binary's PTX: what a runtime would give to cuModuleLoadData.
static void printPTX(ModuleOp module) {
  module.walk([](gpu::BinaryOp binary) {
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      llvm::outs() << "// " << binary.getName() << "\n"
                   << object.getObject().getValue() << "\n";
    }
  });
}

int main(int argc, char **argv) {
  int64_t window = 0;
  if (argc != 3 || StringRef(argv[2]).getAsInteger(10, window)) {
    llvm::errs() << "usage: consumer CHIP WINDOW\n";
    return 2;
  }

  DialectRegistry registry;
  nsa::registerAllDialects(registry);
  nsa::registerAllExtensions(registry);
  MLIRContext context(registry);
  // A context loads what it parses; what is built must be loaded by name.
  context.loadDialect<func::FuncDialect, nsa::NSADialect>();

  ScopedDiagnosticHandler handler(&context, [](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      llvm::errs() << "consumer: " << diagnostic.getLocation() << ": "
                   << diagnostic << "\n";
    return success();
  });

  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  addForward(builder, *module, window);
  addLocal(builder, *module);
  if (failed(verify(*module)) || failed(compile(*module, argv[1])))
    return 1;
  printPTX(*module);
  return 0;
}
