// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-keep-branch-buffers,cse))' | FileCheck %s

// One that both branches write is not made one with others of its shape; those
// that are written in one place, or in one branch of each of two conditions, are.
// CHECK-LABEL: func @both
// CHECK:         %[[E:.*]] = tensor.empty() : tensor<4xf32>
// CHECK-NOT:     tensor.empty
// CHECK:         %[[B:.*]] = bufferization.alloc_tensor() : tensor<4xf32>
// CHECK-NOT:     tensor.empty
// CHECK:         linalg.fill {{.*}} outs(%[[E]]
// CHECK:         scf.if
// CHECK:           linalg.fill {{.*}} outs(%[[B]]
// CHECK:         } else {
// CHECK:           scf.for
// CHECK:             linalg.fill {{.*}} outs(%[[B]]
// CHECK:         scf.if
// CHECK:           linalg.fill {{.*}} outs(%[[E]]
// CHECK:         scf.if
// CHECK:           linalg.fill {{.*}} outs(%[[E]]
func.func @both(%p: i1, %x: f32, %y: f32, %z: f32, %n: index) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = tensor.empty() : tensor<4xf32>
  %b = tensor.empty() : tensor<4xf32>
  %c = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%x : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  %r = scf.if %p -> tensor<4xf32> {
    %g = linalg.fill ins(%x : f32) outs(%b : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %g : tensor<4xf32>
  } else {
    %l = scf.for %i = %c0 to %n step %c1 iter_args(%t = %f) -> tensor<4xf32> {
      %g = linalg.fill ins(%x : f32) outs(%b : tensor<4xf32>) -> tensor<4xf32>
      scf.yield %g : tensor<4xf32>
    }
    scf.yield %l : tensor<4xf32>
  }
  %s = scf.if %p -> tensor<4xf32> {
    %g = linalg.fill ins(%y : f32) outs(%c : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %g : tensor<4xf32>
  } else {
    scf.yield %f : tensor<4xf32>
  }
  %u = scf.if %p -> tensor<4xf32> {
    %g = linalg.fill ins(%z : f32) outs(%c : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %g : tensor<4xf32>
  } else {
    scf.yield %s : tensor<4xf32>
  }
  return %f, %r, %s, %u : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
