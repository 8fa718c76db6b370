// RUN: nsa-opt %s --nsa-loops-to-gpu --split-input-file --verify-diagnostics
// RUN: not nsa-opt %s --nsa-loops-to-gpu=block-size=33 --split-input-file 2>&1 | FileCheck %s --check-prefix=BLOCK33
// RUN: not nsa-opt %s --nsa-loops-to-gpu=block-size=1056 --split-input-file 2>&1 | FileCheck %s --check-prefix=BLOCK1056

// BLOCK33: loops-to-gpu_invalid.mlir:[[#@LINE+4]]:1: error: nsa-loops-to-gpu: block-size (33) must be a multiple of 32 from 32 to 1024
// BLOCK1056: error: nsa-loops-to-gpu: block-size (1056) must be

// A reduction of a parallel loop is ordered by nothing.
func.func @reduction(%x: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{nsa-loops-to-gpu: a parallel loop with a reduction has no kernel; write the reduction as linalg.generic or as scf.for}}
  %r = scf.parallel (%i) = (%c0) to (%c4) step (%c1) init (%zero) -> f32 {
    %v = memref.load %x[%i] : memref<4xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  return %r : f32
}

// -----

// On tensors there is nothing to store into.
func.func @tensors(%x: tensor<4xf32>, %v: f32) -> tensor<4xf32> {
  // expected-error@+1 {{nsa-loops-to-gpu: 'linalg.fill' is on tensors; bufferize it before}}
  %r = linalg.fill ins(%v : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
