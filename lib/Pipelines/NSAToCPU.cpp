//===- NSAToCPU.cpp - The pipeline to the LLVM dialect for CPUs -----------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One readable list of phases. Passes are nested on func.func wherever they
// can be, so that other operations of the module stay as they are.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/Passes.h"
#include "nsa/Pipelines/Pipelines.h"

#include "Phases.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Dialect/NSA/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nsa;

LinalgTiling nsa::chooseLinalgTiling(unsigned vectorWidth) {
  LinalgTiling tiling;
  int64_t lanes = std::max<int64_t>(vectorWidth / 32, 1);
  tiling.rows = std::min<int64_t>(8 * lanes, 64);
  tiling.rowMultiple = std::max<int64_t>(lanes, 16);
  return tiling;
}

/// NSA operations to scf, linalg, tensor, arith, math and vector on tensors.
static void addNSALowering(OpPassManager &pm,
                           const NSAToCPUPipelineOptions &options) {
  pm.addPass(createNSADecompose());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addPass(createNSAFuseQueries());
  pm.addPass(createNSAFuseSelection());
  LinalgTiling tiling = chooseLinalgTiling(options.vectorWidth);
  ConvertNSAToLinalgOptions convert;
  convert.rows = tiling.rows;
  convert.rowMultiple = tiling.rowMultiple;
  convert.keyTile = tiling.keyTile;
  convert.groupedRows = tiling.groupedRows;
  pm.addPass(createConvertNSAToLinalg(convert));
  pm.addNestedPass<func::FuncOp>(createKeepBranchBuffers());
  // Arithmetic on whole tensors that stands beside.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  VectorizeTilesOptions vectorize;
  vectorize.vectorWidth = options.vectorWidth;
  pm.addNestedPass<func::FuncOp>(createVectorizeTiles(vectorize));
}

/// Tensors to buffers, each allocated once and freed as early as possible.
static void addBufferization(OpPassManager &pm,
                             const NSAToCPUPipelineOptions &options) {
  // Decide in tensor form what would otherwise become a copy or an allocation.
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createReuseLoopBuffers());
  pm.addNestedPass<func::FuncOp>(
      bufferization::createEmptyTensorEliminationPass());

  BufferizeFunctionsOptions bufferize;
  bufferize.stridedInputs = options.stridedInputs;
  pm.addPass(createBufferizeFunctions(bufferize));
  // Twice: only after CSE are the two sides of a self-copy the same value.
  addCleanup(pm);
  addCleanup(pm);
  pm.addPass(bufferization::createDropEquivalentBufferResultsPass());

  // Temporaries of a loop body are allocated before the loop (never before a
  // parallel one), freed right after their last use.
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createHoistConditionalBuffers());
  funcs.addPass(bufferization::createBufferLoopHoistingPass());
  addBufferDeallocation(pm);
  addDeallocationLowering(pm);
  pm.addNestedPass<func::FuncOp>(
      bufferization::createOptimizeAllocationLivenessPass());
}

/// Loops over buffers: parallel ones to functions for the thread pool, the rest
/// to branches.
static void addLoopLowering(OpPassManager &pm,
                            const NSAToCPUPipelineOptions &options) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  ParallelizeForallOptions parallelize;
  parallelize.parallel = options.parallel;
  funcs.addPass(createParallelizeForall(parallelize));
  funcs.addPass(createExpandStridedCopies());
  funcs.addPass(createConvertLinalgToLoopsPass());
  // Address arithmetic becomes visible to loop-invariant code motion.
  funcs.addPass(memref::createFoldMemRefAliasOpsPass());
  funcs.addPass(vector::createLowerVectorMaskPass());
  funcs.addPass(createLowerVectors());
  funcs.addPass(memref::createExpandStridedMetadataPass());
  funcs.addPass(createLowerAffinePass());
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
  funcs.addPass(createLoopInvariantCodeMotionPass());
  funcs.addPass(createScopeStackAllocations());
  if (options.parallel)
    pm.addPass(createOutlineParallel());
}

/// Arithmetic that the target lacks to arithmetic that it has.
static void addArithmeticExpansion(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  // Below AVX512-BF16 LLVM would convert bf16 by a library function that
  // Debian's libgcc does not have: compute in f32, convert by integer
  // operations.
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"bf16"};
  emulate.targetTypeStr = "f32";
  funcs.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  math::MathExtendToSupportedTypesOptions extend;
  extend.targetTypeStr = "f32";
  funcs.addPass(math::createMathExtendToSupportedTypes(extend));
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  funcs.addPass(createExpandMath());
  funcs.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(createStoreBF16AsI16());
  addCleanup(pm);
}

/// Everything to the LLVM dialect.
static void addLLVMConversion(OpPassManager &pm,
                              const NSAToCPUPipelineOptions &options) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createSCFToControlFlowPass());
  // Reductions stay in order: whoever allows another one says so on the
  // operation.
  ConvertVectorToLLVMPassOptions vectors;
  vectors.reassociateFPReductions = false;
  funcs.addPass(createConvertVectorToLLVMPass(vectors));
  ConvertMathToLLVMPassOptions math;
  math.approximateLog1p = false;
  funcs.addPass(createConvertMathToLLVMPass(math));
  pm.addPass(createConvertToLLVM());
  OpPassManager &lowered = pm.nest<LLVM::LLVMFuncOp>();
  lowered.addPass(createReconcileUnrealizedCastsPass());
  lowered.addPass(createHoistStackAllocations());
  lowered.addPass(createCanonicalizerPass());
  lowered.addPass(createCSEPass());
}

void nsa::buildNSAToCPUPipeline(OpPassManager &pm,
                                const NSAToCPUPipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(createPrepareEntryPoints());
  addChecks(pm, options.checked, /*hostOnly=*/false);
  addNSALowering(pm, options);
  addBufferization(pm, options);
  addLoopLowering(pm, options);
  addArithmeticExpansion(pm);
  addLLVMConversion(pm, options);
}
