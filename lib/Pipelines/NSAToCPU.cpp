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

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/OpenMPToLLVM/ConvertOpenMPToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/SCFToOpenMP/SCFToOpenMP.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
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

/// NSA operations to scf, linalg, tensor, arith, math and vector on tensors.
static void addNSALowering(OpPassManager &pm,
                           const NSAToCPUPipelineOptions &options) {
  pm.addPass(createNSADecompose());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addPass(createNSAFuseSelection());
  pm.addPass(createConvertNSAToLinalg());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  VectorizeTilesOptions vectorize;
  vectorize.vectorWidth = options.vectorWidth;
  pm.addNestedPass<func::FuncOp>(createVectorizeTiles(vectorize));
}

static void addCleanup(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
}

/// Tensors to buffers, each allocated once and freed as early as possible.
static void addBufferization(OpPassManager &pm,
                             const NSAToCPUPipelineOptions &options) {
  // Decide in tensor form what would otherwise become a copy or an allocation.
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createReuseLoopBuffers());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());

  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  // ReuseLoopBuffers leaves no such loop among scf.for; scf.while may have one.
  bufferize.allowReturnAllocsFromLoops = true;
  bufferize.functionBoundaryTypeConversion =
      options.stridedInputs
          ? bufferization::LayoutMapOption::FullyDynamicLayoutMap
          : bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  // Twice: only after CSE are the two sides of a self-copy the same value.
  addCleanup(pm);
  addCleanup(pm);
  pm.addPass(bufferization::createDropEquivalentBufferResultsPass());

  // Temporaries of a loop body are allocated before the loop (never before a
  // parallel one), freed right after their last use.
  pm.addNestedPass<func::FuncOp>(createHoistConditionalBuffers());
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
  bufferization::buildBufferDeallocationPipeline(
      pm, bufferization::BufferDeallocationPipelineOptions());
  pm.addPass(createConvertBufferizationToMemRefPass());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(
      bufferization::createOptimizeAllocationLivenessPass());
}

/// Loops over buffers: parallel ones to OpenMP, the rest to branches.
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
  if (options.parallel) {
    pm.addPass(createConvertSCFToOpenMPPass());
    pm.addPass(createScheduleDynamically());
  }
  pm.addPass(createScopeStackAllocations());
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
  // What LLVM has no intrinsic for; adds declarations, hence not nested.
  pm.addPass(createConvertMathToLibmPass());
  // Allocation through _mlir_memref_to_llvm_alloc and _free: whoever runs the
  // code provides, and can count, its memory.
  FinalizeMemRefToLLVMConversionPassOptions memrefs;
  memrefs.useAlignedAlloc = true;
  memrefs.useGenericFunctions = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memrefs));
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createHoistStackAllocations());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCanonicalizerPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCSEPass());
}

void nsa::buildNSAToCPUPipeline(OpPassManager &pm,
                                const NSAToCPUPipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(createPrepareEntryPoints());
  addNSALowering(pm, options);
  addBufferization(pm, options);
  addLoopLowering(pm, options);
  addArithmeticExpansion(pm);
  addLLVMConversion(pm, options);
}

void nsa::registerNSAPipelines() {
  registerNSACPUPasses();
  PassPipelineRegistration<NSAToCPUPipelineOptions>(
      "nsa-to-cpu",
      "From nsa, or any tensor level below it, to the LLVM dialect for CPUs",
      buildNSAToCPUPipeline);
}
