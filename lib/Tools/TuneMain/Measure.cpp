//===- Measure.cpp - Times of modules on a GPU ----------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What nsa-run --device=cuda --repeat does, for one module after another.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nsa/Dialect/NSA/Transforms/ShapeCheck.h"
#include <chrono>

using namespace mlir;
using namespace mlir::nsa;

LogicalResult Measurer::open(ModuleOp module) {
  llvm::Expected<std::unique_ptr<CUDAGPUDevice>> created =
      CUDAGPUDevice::create();
  if (!created)
    return emitError(module.getLoc())
           << "nothing can be measured: " << llvm::toString(created.takeError())
           << "; use --rank=model where there is no GPU";
  device = std::move(*created);
  return success();
}

LogicalResult Measurer::prepare(ModuleOp module) {
  FailureOr<EntryPoint> found = findEntryPoint(
      module, options.entry, [](Location) { return std::string(); });
  if (failed(found))
    return failure();
  entry = std::move(*found);
  FailureOr<Inputs> prepared = prepareInputs(*entry, options.inputs);
  if (failed(prepared))
    return failure();
  inputs = std::move(*prepared);
  auto func = dyn_cast<func::FuncOp>(entry->op);
  return func ? checkEntryShapes(func, inputs.shapes) : success();
}

LogicalResult Measurer::checkDevice() {
  if (!device->getError())
    return success();
  return emitError(entry->loc)
         << "@" << entry->name << ": " << *device->getError();
}

FailureOr<double> Measurer::measure(ModuleOp module) {
  EntryPoint target = *entry;
  target.op = module.lookupSymbol(entry->name);
  HostExecutorOptions compile;
  compile.device = device.get();
  compile.gpu.chip = options.chip;
  compile.gpu.toolkit = options.toolkit;
  FailureOr<std::unique_ptr<HostExecutor>> executor =
      HostExecutor::compile(module, target, compile);
  if (failed(executor))
    return failure();
  (*executor)->upload(*entry, inputs.arguments);
  SmallVector<double> seconds;
  for (unsigned i = 0; i < options.warmup + options.repeat; ++i) {
    auto begin = std::chrono::steady_clock::now();
    CallResults results = (*executor)->call(inputs.arguments);
    auto end = std::chrono::steady_clock::now();
    if (failed(checkDevice()))
      return failure();
    if (i >= options.warmup)
      seconds.push_back(std::chrono::duration<double>(end - begin).count());
  }
  llvm::sort(seconds);
  size_t middle = seconds.size() / 2;
  return seconds.size() % 2 ? seconds[middle]
                            : (seconds[middle - 1] + seconds[middle]) / 2;
}
