// RUN: nsa-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(nsa-hoist-conditional-buffers))' | FileCheck %s

// The buffer of a branch is allocated before it, also out of two.
// CHECK-LABEL: func @branch(
// CHECK:         scf.for
// CHECK-NEXT:      memref.alloc() : memref<8xf32>
// CHECK-NEXT:      scf.if
// CHECK-NEXT:        scf.if
// CHECK-NEXT:          memref.load
func.func @branch(%n: index, %c: i1, %d: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    scf.if %c {
      scf.if %d {
        %b = memref.alloc() : memref<8xf32>
        %x = memref.load %b[%c0] : memref<8xf32>
        memref.store %x, %b[%c1] : memref<8xf32>
      }
    }
  }
  return
}

// -----

// What leaves the branch, or depends on it, stays.
// CHECK-LABEL: func @escapes(
// CHECK-NEXT:    scf.if
// CHECK-NEXT:      memref.alloc
func.func @escapes(%c: i1, %other: memref<8xf32>) -> memref<8xf32> {
  %r = scf.if %c -> memref<8xf32> {
    %b = memref.alloc() : memref<8xf32>
    scf.yield %b : memref<8xf32>
  } else {
    scf.yield %other : memref<8xf32>
  }
  return %r : memref<8xf32>
}

// -----

// CHECK-LABEL: func @dynamic(
// CHECK:         scf.if
// CHECK-NEXT:      memref.alloc
func.func @dynamic(%c: i1, %n: index) {
  scf.if %c {
    %b = memref.alloc(%n) : memref<?xf32>
    memref.dealloc %b : memref<?xf32>
  }
  return
}
