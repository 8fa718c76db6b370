//===- Passes.td - Conversion of nsa to tile kernels -------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATOTILE_PASSES_TD
#define NSA_CONVERSION_NSATOTILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNSAToTile : Pass<"convert-nsa-to-tile"> {
  let summary = "Lower scheduled nsa ops to tensor-core kernels";
  let description = [{
    Every op that carries an `nsa.schedule` other than `plain` becomes a kernel:

    | op | family | kernel |
    |---|---|---|
    | attention ops | `dense`, `query_major`, `union` | a `gpu.launch` whose body is in the `nsa_tile` dialect |
    | `selection` and `gated` fusions | the same | one such kernel for all ops of the fusion |
    | `compress` (mean, weighted), `gate`, `merge` | `vector` | a `gpu.launch` with 16-byte accesses |

    Where the op stands, an `scf.if` decides at run time: operands whose rows are
    contiguous and begin at multiples of 16 bytes, with fewer than 2^31 tokens,
    go to the kernel; for others the op remains, without its schedule, and
    `convert-nsa-to-gpu` makes plain kernels of it. Kernels are emitted on
    buffers, as those of `convert-nsa-to-gpu` are.

    A block's dynamic shared memory is the launch's; `nsa-set-schedule` sees to
    it that the chip has it. docs/Kernels.md describes the kernels.

    A remark `convert-nsa-to-tile` is emitted per kernel.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::nsa_tile::NSATileDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // NSA_CONVERSION_NSATOTILE_PASSES_TD
