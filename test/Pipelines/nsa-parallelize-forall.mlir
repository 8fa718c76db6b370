// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-parallelize-forall))' --split-input-file --verify-diagnostics | FileCheck %s
// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-parallelize-forall{parallel=false}))' --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=SEQUENTIAL --implicit-check-not='scf.parallel (%{{.*}}) = (%{{.*}}) to (%{{.*}}) step (%{{.*}}) {'

// Only the outermost loop is parallel; two side by side both are.
// CHECK-LABEL: func @nested
// CHECK:       scf.parallel (%{{.*}}, %{{.*}}) =
// CHECK-NOT:   scf.parallel
// CHECK:         scf.for
// CHECK-NOT:   scf.parallel
// CHECK:           scf.for
// CHECK-NOT:   scf.parallel
// CHECK:             scf.for
// CHECK-NOT:   scf.parallel
// CHECK:               memref.store
// CHECK:       scf.for
// CHECK:         scf.parallel
// CHECK-NOT:   scf.forall
// CHECK:       return
// SEQUENTIAL-LABEL: func @nested
// SEQUENTIAL-NOT:   scf.{{forall|parallel}}
// SEQUENTIAL:       return
func.func @nested(%m: memref<4x4xf32>, %v: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%i, %j) in (4, %n) {
    scf.for %k = %c0 to %n step %c1 {
      scf.forall (%l) in (4) {
        scf.parallel (%o) = (%c0) to (%n) step (%c1) {
          memref.store %v, %m[%i, %l] : memref<4x4xf32>
          scf.reduce
        }
      }
    }
  }
  scf.for %k = %c0 to %n step %c1 {
    scf.forall (%i) in (4) {
      memref.store %v, %m[%i, %k] : memref<4x4xf32>
    }
  }
  return
}

// A nested reduction stays for convert-scf-to-cf.
// CHECK-LABEL: func @reduction
// CHECK:       scf.parallel
// CHECK:         scf.parallel {{.*}} init
// SEQUENTIAL-LABEL: func @reduction
// SEQUENTIAL:       scf.for
// SEQUENTIAL:         scf.parallel {{.*}} init
func.func @reduction(%m: memref<4xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.forall (%i) in (4) {
    %s = scf.parallel (%j) = (%c0) to (%c4) step (%c1) init (%v) -> f32 {
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %t = arith.addf %a, %b : f32
        scf.reduce.return %t : f32
      }
    }
    memref.store %s, %m[%i] : memref<4xf32>
  }
  return
}

// -----

func.func @tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'scf.forall' op still has tensor results; bufferize before this pass}}
  %r = scf.forall (%i) in (4) shared_outs(%o = %x) -> tensor<4xf32> {
    %s = tensor.extract_slice %o[%i] [1] [1] : tensor<4xf32> to tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i] [1] [1] : tensor<1xf32> into tensor<4xf32>
    }
  }
  return %r : tensor<4xf32>
}
