//===- nsa-opt.cpp - The nsa optimiser driver -------------------*- C++ -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with the nsa dialect, its passes and pipelines.
//
//===----------------------------------------------------------------------===//

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nsa/Conversion/NSAToLinalg/NSAToLinalg.h"
#include "nsa/Dialect/NSA/IR/NSA.h"
#include "nsa/Dialect/NSA/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::nsa::NSADialect, mlir::func::FuncDialect, mlir::affine::AffineDialect, mlir::scf::SCFDialect, mlir::linalg::LinalgDialect, mlir::math::MathDialect, mlir::arith::ArithDialect, mlir::tensor::TensorDialect>();
  mlir::nsa::registerNSAPasses();
  mlir::nsa::registerNSAToLinalgPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Native Sparse Attention optimizer driver\n", registry));
}
