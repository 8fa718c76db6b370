// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-parallel-to-openmp))' | FileCheck %s

// CHECK-LABEL: func @loop
// CHECK-SAME:  %[[M:.*]]: memref<4x?xf32>, %[[N:.*]]: index
// One iteration at a time unless there are more than 1024.
// CHECK:       %[[COUNT:.*]] = arith.maxsi %{{.*}}, %{{.*}} : index
// CHECK:       %[[MAX:.*]] = arith.constant 1024 : index
// CHECK:       %[[QUOTIENT:.*]] = arith.divui %[[COUNT]], %[[MAX]]
// CHECK:       %[[CHUNK:.*]] = arith.addi %[[QUOTIENT]], %{{.*}}
// CHECK:       omp.parallel {
// CHECK-NEXT:    omp.wsloop schedule(dynamic = %[[CHUNK]] : index) {
// CHECK-NEXT:      omp.loop_nest (%[[I:.*]], %[[J:.*]]) : index = (%c0, %c0) to (%c4, %[[N]]) step (%c1, %c1) collapse(2) {
// CHECK-NEXT:        memref.store %{{.*}}, %[[M]][%[[I]], %[[J]]]
// CHECK-NEXT:        omp.yield
// CHECK:         omp.terminator
func.func @loop(%m: memref<4x?xf32>, %n: index, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %n) step (%c1, %c1) {
    memref.store %v, %m[%i, %j] : memref<4x?xf32>
    scf.reduce
  }
  return
}

// CHECK-LABEL: func @reduction
// CHECK-NOT:   omp
// CHECK:       scf.parallel
func.func @reduction(%n: index, %v: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%v) -> f32 {
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %t = arith.addf %a, %b : f32
      scf.reduce.return %t : f32
    }
  }
  return %s : f32
}
