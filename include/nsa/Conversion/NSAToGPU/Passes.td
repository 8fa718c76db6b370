//===- Passes.td - Conversion of nsa to GPU kernels --------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATOGPU_PASSES_TD
#define NSA_CONVERSION_NSATOGPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNSAToGPU : Pass<"convert-nsa-to-gpu"> {
  let summary = "Lower the nsa ops to plain GPU kernels";
  let description = [{
    Lowers every nsa op (`nsa.attention` must have been decomposed, see
    `nsa-decompose`) to `gpu.launch`: the plain path, which takes every element
    type, head size and block size. Tensor-core kernels are another path.

    | op | one warp computes | one thread computes |
    |---|---|---|
    | attention ops, and any op that implements `KeyTraversalOpInterface` | a row of `o` and `lse` | |
    | `block_scores` | | an element of `p` |
    | `select_top_n` | | a list |
    | `compress`, `gate`, `merge` | | an element |

    A warp's lanes share a row's dimensions, which stay in registers: keys are
    read once per row, coalesced, four at a time, in an online softmax. Nothing of size
    `Tq x Tk` exists and no shared memory is used.

    Kernels are emitted where the op stands, on buffers: operands through
    `bufferization.to_buffer`, results as fresh `memref.alloc`. What an op's
    interface emits inside a kernel is bufferized with the rest of the function.
    `selected_attention` without `unique` is preceded by two kernels that sort
    the lists and drop what does not count.

    Exponentials and logarithms carry `fastmath<afn>`, which
    `nsa-lower-gpu-math` turns into the hardware's approximations.
  }];
  let options = [
    Option<"blockSize", "block-size", "int64_t", "128",
           "Threads of a block: a multiple of 32, at most 1024.">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NormaliseLists : Pass<"nsa-normalise-lists"> {
  let summary = "Make the lists of selected_attention unique, with two kernels";
  let description = [{
    Kernels for tensor cores want lists that are ascending, without repeats, -1
    behind them. For each `selected_attention` without `unique`, one kernel marks
    negative entries and repeats and one sorts; the op gets the result and
    `unique`. `convert-nsa-to-gpu` does the same for what comes to it without.
  }];
  let options = [
    Option<"blockSize", "block-size", "int64_t", "128",
           "Threads of a block: a multiple of 32, at most 1024.">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def LoopsToGPU : Pass<"nsa-loops-to-gpu", "func::FuncOp"> {
  let summary = "Parallel loops and linalg ops on buffers to GPU kernels";
  let description = [{
    What stands beside the nsa ops must run on the device as well, where the
    buffers are. Outside of `gpu.launch`, linalg ops, copies and clones become
    parallel loops, and each outermost parallel loop (`scf.parallel`,
    `scf.forall`) a kernel with one thread per iteration; unlike upstream's
    mapping, the grid has one dimension, so that no extent is limited to 65535. A
    store of a single element, or an op without a parallel dimension, becomes a
    kernel of one thread. Inside of `gpu.launch` all of these become sequential
    loops; so does a parallel loop around a `gpu.launch`, on the host.

    A parallel loop with a reduction is an error.
  }];
  let options = [
    Option<"blockSize", "block-size", "int64_t", "128",
           "Threads of a block: a multiple of 32, at most 1024.">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

#endif // NSA_CONVERSION_NSATOGPU_PASSES_TD
