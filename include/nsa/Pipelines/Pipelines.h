//===- Pipelines.h - From NSA to something that runs ------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipelines of the project, each a documented option struct, a builder and
// a name for the command line.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_PIPELINES_H
#define NSA_PIPELINES_PIPELINES_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::nsa {

struct NSAToCPUPipelineOptions
    : public PassPipelineOptions<NSAToCPUPipelineOptions> {
  PassOptions::Option<unsigned> vectorWidth{
      *this, "vector-width",
      llvm::cl::desc("Bits of the target's vector registers: 128, 256 or 512"),
      llvm::cl::init(256)};
  PassOptions::Option<bool> parallel{
      *this, "parallel",
      llvm::cl::desc("Distribute the outermost parallel loops over all cores "
                     "(nsaParallelFor of NSARuntime)"),
      llvm::cl::init(true)};
  PassOptions::Option<bool> stridedInputs{
      *this, "strided-inputs",
      llvm::cl::desc("Accept any strides at function boundaries; otherwise "
                     "tensors are passed contiguous and row-major, which is "
                     "faster"),
      llvm::cl::init(false)};
  PassOptions::Option<bool> checked{
      *this, "checked",
      llvm::cl::desc(
          "Check at run time what verifiers cannot see; a check that "
          "fails calls nsaCheckFailed (nsa-generate-checks, "
          "nsa-lower-checks)"),
      llvm::cl::init(false)};
};

struct LinalgTiling;

/// The tiles of `convert-nsa-to-linalg` that suit vector registers of
/// `vectorWidth` bits: rows enough for eight registers, with which a tile of
/// keys is loaded often enough, and not so many that scores and outputs of a
/// tile leave the nearest caches. Register tiles are up to nsa-vectorize-tiles.
LinalgTiling chooseLinalgTiling(unsigned vectorWidth);

/// From `nsa`, or any tensor level below it, to the LLVM dialect for CPUs. The
/// pipeline runs on a builtin.module.
void buildNSAToCPUPipeline(OpPassManager &pm,
                           const NSAToCPUPipelineOptions &options);

struct NSAToPTXPipelineOptions
    : public PassPipelineOptions<NSAToPTXPipelineOptions> {
  ListOption<std::string> chip{
      *this, "chip",
      llvm::cl::desc(
          "Chips, sm_80 or later (default sm_80); with several, each "
          "has kernels and a host function of its own")};
  PassOptions::Option<std::string> features{
      *this, "features",
      llvm::cl::desc("LLVM's target features; default: PTX 8.0, or the first "
                     "version that has the chip")};
  PassOptions::Option<std::string> format{
      *this, "format",
      llvm::cl::desc("isa: PTX text. bin: cubin, made by ptxas. llvm: LLVM "
                     "bitcode as PTX generation receives it"),
      llvm::cl::init("isa")};
  PassOptions::Option<unsigned> optLevel{
      *this, "opt-level", llvm::cl::desc("LLVM's optimisation level, 0 to 3"),
      llvm::cl::init(3)};
  PassOptions::Option<std::string> toolkit{
      *this, "toolkit",
      llvm::cl::desc("Directory of a CUDA toolkit: bin/ptxas for format=bin, "
                     "nvvm/libdevice for functions that PTX does not have")};
  PassOptions::Option<bool> stridedInputs{
      *this, "strided-inputs",
      llvm::cl::desc("Accept any strides at function boundaries"),
      llvm::cl::init(false)};
  PassOptions::Option<bool> tensorCores{
      *this, "tensor-cores",
      llvm::cl::desc("Kernels for tensor cores, and with 16-byte accesses, "
                     "where they serve an op; otherwise plain ones only"),
      llvm::cl::init(true)};
  PassOptions::Option<bool> fuseSelection{
      *this, "fuse-selection",
      llvm::cl::desc("Compressed attention, its block scores and top-n as one "
                     "kernel (nsa-fuse)"),
      llvm::cl::init(true)};
  PassOptions::Option<bool> fuseGated{
      *this, "fuse-gated",
      llvm::cl::desc("Selected and window attention and their gate as one "
                     "kernel (nsa-fuse)"),
      llvm::cl::init(true)};
  PassOptions::Option<std::string> family{
      *this, "family", llvm::cl::desc("nsa-set-schedule: family of kernels"),
      llvm::cl::init("")};
  PassOptions::Option<int64_t> queries{
      *this, "queries",
      llvm::cl::desc("nsa-set-schedule: queries in a tile (default 0: any)"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> keys{
      *this, "keys",
      llvm::cl::desc("nsa-set-schedule: keys in a tile (default 0: any)"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> rowWarps{
      *this, "row-warps",
      llvm::cl::desc(
          "nsa-set-schedule: warps that share a tile's rows (default 0: any)"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> keyWarps{
      *this, "key-warps",
      llvm::cl::desc(
          "nsa-set-schedule: warps that share a tile's keys (default 0: any)"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> stages{
      *this, "stages",
      llvm::cl::desc(
          "nsa-set-schedule: key tiles in shared memory (default 0: any)"),
      llvm::cl::init(0)};
  PassOptions::Option<std::string> tuning{
      *this, "tuning", llvm::cl::desc("nsa-set-schedule: file with schedules"),
      llvm::cl::init("")};
  PassOptions::Option<int64_t> batch{
      *this, "batch",
      llvm::cl::desc("nsa-set-schedule: batch entries where dynamic"),
      llvm::cl::init(1)};
  PassOptions::Option<int64_t> tokens{
      *this, "tokens", llvm::cl::desc("nsa-set-schedule: tokens where dynamic"),
      llvm::cl::init(32768)};
  PassOptions::Option<double> unionAgreement{
      *this, "union-agreement",
      llvm::cl::desc("nsa-set-schedule: distinct blocks that 4 neighbouring "
                     "queries list, over the blocks of one"),
      llvm::cl::init(1.6)};
  PassOptions::Option<bool> checked{
      *this, "checked",
      llvm::cl::desc(
          "Check at run time what verifiers cannot see; a check that "
          "fails calls nsaCheckFailed (nsa-generate-checks, "
          "nsa-lower-checks)"),
      llvm::cl::init(false)};
};

/// The first part of buildNSAToPTXPipeline: ops decomposed, fused and
/// scheduled. Running it, or all of buildNSAToPTXPipeline, on its own result
/// keeps fusions and schedules: what is between may change them. Options of the
/// second part have no effect.
void buildNSAToScheduledPipeline(OpPassManager &pm,
                                 const NSAToPTXPipelineOptions &options);

/// From `nsa`, or tensors and linalg beside it, to `gpu.binary` and host
/// functions in the LLVM dialect that launch its kernels through MLIR's GPU
/// runtime (mgpuLaunchKernel and so on). All buffers, the arguments and results
/// of the functions included, are memory of the device. The pipeline runs on a
/// builtin.module.
void buildNSAToPTXPipeline(OpPassManager &pm,
                           const NSAToPTXPipelineOptions &options);

/// The part of buildNSAToPTXPipeline between scheduled ops and PTX: to
/// gpu.modules in the NVVM and LLVM dialects, with targets, and the host
/// functions that launch their kernels. Kernels have the locations of their
/// ops. For compilers that choose schedules or generate code from NVVM by
/// themselves; `nsa-serialize-gpu-modules` is what follows. Ops without a
/// schedule get plain kernels. Takes note of `chip`, `features`, `opt-level`,
/// `toolkit`, `strided-inputs` and `tensor-cores`.
void buildNSAScheduledToNVVMPipeline(OpPassManager &pm,
                                     const NSAToPTXPipelineOptions &options);

/// Registers these pipelines by name (--nsa-to-cpu, --nsa-to-ptx,
/// --nsa-to-scheduled, --nsa-scheduled-to-nvvm), and their passes.
void registerNSAPipelines();

/// The upstream dialects that the pipelines read or produce, and the interface
/// implementations (bufferization, deallocation, ...) that their passes need.
void registerNSAPipelineDialects(DialectRegistry &registry);

} // namespace mlir::nsa

#endif // NSA_PIPELINES_PIPELINES_H
