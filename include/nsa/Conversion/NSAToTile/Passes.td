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
    Every op that carries an `nsa.schedule` other than `plain` becomes a
    `gpu.launch` whose body is in the `nsa_tile` dialect. Where it stands, the
    host decides at run time: operands whose rows begin at multiples of 16 bytes
    and are contiguous go to the kernel, others to the plain path
    (`convert-nsa-to-gpu` lowers what remains).
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
