//===- NSAToPTX.cpp - The pipeline to PTX ---------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One readable list of phases: kernels on buffers, host and device apart,
// device code to a binary, host code to the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#include "nsa/Pipelines/GPUPasses.h"
#include "nsa/Pipelines/Passes.h"
#include "nsa/Pipelines/Pipelines.h"

#include "Phases.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/GPUCommon/GPUCommonPass.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "nsa/Conversion/NSATileToNVVM/NSATileToNVVM.h"
#include "nsa/Conversion/NSAToGPU/NSAToGPU.h"
#include "nsa/Conversion/NSAToTile/NSAToTile.h"
#include "nsa/Dialect/NSA/Transforms/ChipFacts.h"
#include "nsa/Dialect/NSA/Transforms/Passes.h"
#include "nsa/Dialect/NSATile/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nsa;

/// What tensor cores and wide accesses serve is fused and scheduled.
void nsa::addSchedules(OpPassManager &pm,
                       const NSAToPTXPipelineOptions &options) {
  if (!options.tensorCores)
    return;
  NSAFuseOptions fuse;
  fuse.selection = options.fuseSelection;
  fuse.gated = options.fuseGated;
  pm.addNestedPass<func::FuncOp>(createNSAFuse(fuse));
  NSASetScheduleOptions schedule;
  if (std::string chip = getStrictestChip(options.chip); !chip.empty())
    schedule.chip = chip;
  schedule.family = options.family;
  schedule.queries = options.queries;
  schedule.keys = options.keys;
  schedule.rowWarps = options.rowWarps;
  schedule.keyWarps = options.keyWarps;
  schedule.stages = options.stages;
  schedule.tuning = options.tuning;
  schedule.batch = options.batch;
  schedule.tokens = options.tokens;
  schedule.unionAgreement = options.unionAgreement;
  pm.addPass(createNSASetSchedule(schedule));
}

void nsa::addBranchOps(OpPassManager &pm,
                       const NSAToPTXPipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(createPrepareEntryPoints());
  addChecks(pm, options.checked, /*hostOnly=*/true);
  pm.addPass(createNSADecompose());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  // Equal ops become one before fusions hide some of them.
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  if (options.tensorCores)
    pm.addNestedPass<func::FuncOp>(createNormaliseLists());
}

void nsa::buildNSAToScheduledPipeline(OpPassManager &pm,
                                      const NSAToPTXPipelineOptions &options) {
  addBranchOps(pm, options);
  addSchedules(pm, options);
}

/// NSA operations to kernels; everything to buffers.
static void addKernels(OpPassManager &pm,
                       const NSAToPTXPipelineOptions &options) {
  if (options.tensorCores)
    pm.addNestedPass<func::FuncOp>(createConvertNSAToTile());
  pm.addNestedPass<func::FuncOp>(createConvertNSAToGPU());
  // Arithmetic on whole tensors that stands beside.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(
      bufferization::createEmptyTensorEliminationPass());
  BufferizeFunctionsOptions bufferize;
  bufferize.stridedInputs = options.stridedInputs;
  pm.addPass(createBufferizeFunctions(bufferize));
  addCleanup(pm);
  addCleanup(pm);
  pm.addPass(bufferization::createDropEquivalentBufferResultsPass());
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createLoopsToGPU());
  funcs.addPass(createPrivateBuffers());
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
  funcs.addPass(createLoopInvariantCodeMotionPass());
}

/// Kernels to gpu.modules.
static void addOutlining(OpPassManager &pm) {
  pm.addPass(createNameKernels());
  pm.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createGpuKernelOutliningPass());
}

/// Buffers of the host, each freed as early as possible, to the device; kernels
/// to gpu.modules.
static void addDeviceBuffers(OpPassManager &pm) {
  DeviceBuffersOptions constants;
  constants.constants = true;
  pm.addPass(createDeviceBuffers(constants));
  // Deallocation refuses regions and effects that it does not know, as those of
  // nsa_tile: it must not see kernels.
  addOutlining(pm);
  addBufferDeallocation(pm);
  // Deallocation clones what the caller must not free; a `memref.realloc`
  // copies.
  pm.addNestedPass<func::FuncOp>(createLoopsToGPU());
  addDeallocationLowering(pm);
  addOutlining(pm);
}

/// What gpu.modules are compiled for.
static void addTargets(OpPassManager &pm,
                       const NSAToPTXPipelineOptions &options) {
  AttachGPUTargetsOptions targets;
  targets.chips.assign(options.chip.begin(), options.chip.end());
  targets.features = options.features;
  targets.optLevel = options.optLevel;
  pm.addPass(createAttachGPUTargets(targets));
}

/// Device code to NVVM, checked, and to PTX or a cubin.
static void addDeviceLowering(OpPassManager &pm,
                              const NSAToPTXPipelineOptions &options) {
  OpPassManager &device = pm.nest<gpu::GPUModuleOp>();
  // Tensor-core kernels: the loops over tiles.
  device.addPass(nsa_tile::createNSATilePipeline());
  device.addPass(nsa_tile::createNSATileVerify());
  device.addPass(createConvertNSATileToNVVM());
  device.addPass(memref::createExpandStridedMetadataPass());
  device.addPass(createLowerAffinePass());
  device.addPass(createCanonicalizerPass());
  device.addPass(createCSEPass());
  device.addPass(createLoopInvariantCodeMotionPass());
  device.addPass(createSCFToControlFlowPass());
  device.addPass(createLowerGPUMath());
  device.addPass(createDeclareSharedMemory());
  device.addPass(createConvertGpuOpsToNVVMOps());
  device.addPass(createReconcileUnrealizedCastsPass());
  device.addPass(createCanonicalizerPass());
  device.addPass(createCSEPass());
  VerifyGPUModuleOptions verify;
  verify.toolkit = options.toolkit;
  device.addPass(createVerifyGPUModule(verify));
}

void nsa::buildNSAScheduledToNVVMPipeline(
    OpPassManager &pm, const NSAToPTXPipelineOptions &options) {
  addKernels(pm, options);
  addDeviceBuffers(pm);
  addTargets(pm, options);
  addDeviceLowering(pm, options);
  // Host code: one stream, waited for at the end.
  pm.addNestedPass<func::FuncOp>(
      bufferization::createOptimizeAllocationLivenessPass());
  pm.addPass(createDeviceBuffers());
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createGpuAsyncRegionPass());
  funcs.addPass(memref::createExpandStridedMetadataPass());
  funcs.addPass(createLowerAffinePass());
  funcs.addPass(createSCFToControlFlowPass());
  pm.addPass(createGpuToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCanonicalizerPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCSEPass());
  // Lines of the source, for profilers and the emulator; more would switch
  // ptxas' optimisations off.
  pm.addPass(createLocateCalls());
  LLVM::DIScopeForLLVMFuncOpPassOptions lines;
  lines.emissionKind = LLVM::DIEmissionKind::DebugDirectivesOnly;
  pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass(lines));
}

void nsa::buildNSAToPTXPipeline(OpPassManager &pm,
                                const NSAToPTXPipelineOptions &options) {
  buildNSAToScheduledPipeline(pm, options);
  buildNSAScheduledToNVVMPipeline(pm, options);
  SerializeGPUModulesOptions serialize;
  serialize.format = options.format;
  serialize.toolkit = options.toolkit;
  pm.addPass(createSerializeGPUModules(serialize));
}
