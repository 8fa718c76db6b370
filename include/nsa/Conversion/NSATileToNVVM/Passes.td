//===- Passes.td - Conversion of nsa_tile to NVVM ----------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NSA_CONVERSION_NSATILETONVVM_PASSES_TD
#define NSA_CONVERSION_NSATILETONVVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNSATileToNVVM : Pass<"convert-nsa-tile-to-nvvm"> {
  let summary = "Lower nsa_tile to the code of one lane";
  let description = [{
    Lowers every `nsa_tile` op but `iterate`, which `nsa-tile-pipeline` expands
    before, to `nvvm`, `llvm`, `arith` and `scf` ops as one lane executes them.

    | op | becomes |
    |---|---|
    | `shared` | an address in `gpu.dynamic_shared_memory` |
    | `load_async` | `cp.async.cg` of 16 bytes; the region is inlined once per row that a thread copies |
    | `commit`, `wait` | `cp.async.commit_group`, `cp.async.wait_group` |
    | `load_frag` | `ldmatrix.x4`, one per 16 x 16 elements |
    | `mma_shared` | `ldmatrix.x4` of 16 x 16 elements (8 x 32 at an odd end), each one step ahead of the `mma.sync` that use it |
    | `mma` | `mma.sync.m16n8k16`, all sums of one `k` before the next |
    | `map`, `mask`, `fill`, `iota` | one op per value |
    | `reduce` | a tree over the lane's values, then `shfl.sync.bfly` among the lanes of a row (1, 2) or a column (4, 8, 16) |
    | `cast` | `cvt.rn.f16x2.f32`, `cvt.rn.bf16x2.f32` |
    | `load`, `store` | accesses of two adjacent elements; the region is inlined once per row that a lane holds |

    A frag becomes its values, in the order that its type documents; copies,
    groups and ready values become nothing; a swizzled memref becomes its address.
    `scf` ops, `arith.select` and `ub.poison` may carry all of them.

    In shared memory, a lane computes an address per 16-byte column of the
    swizzle's period; every other `ldmatrix` has a constant distance to one of
    them. Where `column` of `mma_shared` or `load_frag` is no constant, addresses
    are computed one by one.

    `load` and `store` of an `acc` need rows that begin at a multiple of two
    elements. An op that cannot be lowered is an error.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::ub::UBDialect"];
}

#endif // NSA_CONVERSION_NSATILETONVVM_PASSES_TD
