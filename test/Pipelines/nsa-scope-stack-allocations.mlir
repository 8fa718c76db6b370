// RUN: nsa-opt %s --nsa-scope-stack-allocations | FileCheck %s

// CHECK-LABEL: func @scopes
// An allocation of constant size is moved out of loops later on; a scope of
// such, or of nothing, leaves no trace.
// CHECK-NOT:   memref.alloca_scope
// CHECK-NOT:   stacksave
// CHECK:       memref.alloca() : memref<4xf32>
// CHECK:       %[[V:.*]] = memref.load
func.func @scopes(%n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %r = memref.alloca_scope -> f32 {
    %m = memref.alloca() : memref<4xf32>
    %v = memref.load %m[%c0] : memref<4xf32>
    memref.alloca_scope.return %v : f32
  }
  // CHECK:     %[[S:.*]] = llvm.intr.stacksave
  // CHECK:     memref.alloca(%{{.*}}) : memref<?xf32>
  // CHECK:     llvm.intr.stackrestore %[[S]]
  %s = memref.alloca_scope -> f32 {
    %m = memref.alloca(%n) : memref<?xf32>
    %v = memref.load %m[%c0] : memref<?xf32>
    memref.alloca_scope.return %v : f32
  }
  %t = arith.addf %r, %s : f32
  return %t : f32
}

// Each iteration frees its own.
// CHECK-LABEL: func @loop
// CHECK:       scf.for
// CHECK:         %[[S:.*]] = llvm.intr.stacksave
// CHECK:         memref.alloca
// CHECK:         memref.alloca
// CHECK:         llvm.intr.stackrestore %[[S]]
// CHECK-NEXT:    }
// What the function allocates, the function frees.
// CHECK:       memref.alloca
// CHECK-NOT:   stackrestore
// CHECK:       return
func.func @loop(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloca(%i) : memref<?xf32>
    %b = memref.alloca(%n) : memref<?xf32>
    memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  }
  %c = memref.alloca(%n) : memref<?xf32>
  memref.copy %c, %c : memref<?xf32> to memref<?xf32>
  return
}
