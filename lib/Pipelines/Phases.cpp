//===- Phases.cpp - What the pipelines share --------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Phases.h"

#include "nsa/Pipelines/Passes.h"

#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void nsa::addCleanup(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
}

void nsa::addChecks(OpPassManager &pm, bool checked, bool hostOnly) {
  if (!checked)
    return;
  pm.addPass(createGenerateChecks());
  LowerChecksOptions lower;
  lower.hostOnly = hostOnly;
  pm.addPass(createLowerChecks(lower));
}

void nsa::addBufferDeallocation(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  memref::ExpandReallocPassOptions realloc;
  realloc.emitDeallocs = false;
  funcs.addPass(memref::createExpandReallocPass(realloc));
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(bufferization::createOwnershipBasedBufferDeallocationPass());
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(bufferization::createBufferDeallocationSimplificationPass());
}

void nsa::addDeallocationLowering(OpPassManager &pm) {
  pm.addPass(bufferization::createLowerDeallocationsPass());
  pm.addNestedPass<func::FuncOp>(createConvertBufferizationToMemRefPass());
  addCleanup(pm);
}
