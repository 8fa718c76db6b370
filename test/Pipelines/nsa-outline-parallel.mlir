// RUN: nsa-opt %s --split-input-file --nsa-outline-parallel --verify-diagnostics | FileCheck %s

// CHECK:       func.func private @nsaParallelFor(index, index, !llvm.ptr, !llvm.ptr)
// CHECK-LABEL: func.func @loop
// CHECK-SAME:  %[[M:.*]]: memref<4x?xf32>, %[[N:.*]]: index, %[[V:.*]]: f32
// What the body uses, in a struct on the stack.
// CHECK:       %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(f32, struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>, i64)>
// One iteration at a time unless there are more than 1024.
// CHECK:       %[[COLUMNS:.*]] = arith.maxsi %[[N]], %{{.*}} : index
// CHECK:       %[[COUNT:.*]] = arith.muli %[[COLUMNS]], %c4
// CHECK:       %[[QUOTIENT:.*]] = arith.divui %[[COUNT]], %c1024
// CHECK:       %[[CHUNK:.*]] = arith.addi %[[QUOTIENT]], %c1
// CHECK:       llvm.store %[[V]]
// CHECK:       %[[F:.*]] = constant @loop_parallel
// CHECK:       %[[POINTER:.*]] = builtin.unrealized_conversion_cast %[[F]]
// CHECK:       call @nsaParallelFor(%[[COUNT]], %[[CHUNK]], %[[POINTER]], %[[CONTEXT]])
// CHECK-NEXT:  return
// The iterations are counted row by row. Constants are repeated.
// CHECK-LABEL: func.func private @loop_parallel
// CHECK-SAME:  (%[[C:.*]]: !llvm.ptr {llvm.noalias}, %[[BEGIN:.*]]: index, %[[END:.*]]: index)
// CHECK:       %[[TWO:.*]] = arith.constant 2 : index
// CHECK:       %[[V2:.*]] = llvm.load %{{.*}} -> f32
// CHECK:       %[[M2:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<4x?xf32>
// CHECK:       %[[EXTENT:.*]] = builtin.unrealized_conversion_cast %{{.*}} : i64 to index
// CHECK:       scf.for %[[X:.*]] = %[[BEGIN]] to %[[END]] step
// CHECK:         %[[J:.*]] = arith.remui %[[X]], %[[EXTENT]]
// CHECK:         %[[I:.*]] = arith.divui %[[X]], %[[EXTENT]]
// CHECK:         %[[K:.*]] = arith.muli %[[J]], %[[TWO]]
// CHECK:         memref.store %[[V2]], %[[M2]][%[[I]], %[[K]]]
func.func @loop(%m: memref<4x?xf32>, %n: index, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %n) step (%c1, %c1) {
    %k = arith.muli %j, %c2 : index
    memref.store %v, %m[%i, %k] : memref<4x?xf32>
    scf.reduce
  }
  return
}

// Lower bounds and steps; two loops have two functions. What is inside a loop
// stays a loop.
// CHECK-LABEL: func.func @bounds
// CHECK:       arith.subi
// CHECK:       arith.ceildivsi
// CHECK:       call @nsaParallelFor
// CHECK:       call @nsaParallelFor
// CHECK-LABEL: func.func private @bounds_parallel
// CHECK-LABEL: func.func private @bounds_parallel
// CHECK:       scf.for
// CHECK:         arith.muli
// CHECK:         arith.addi
// CHECK:         scf.parallel
func.func @bounds(%m: memref<?xf32>, %a: index, %b: index, %s: index, %v: f32) {
  scf.parallel (%i) = (%a) to (%b) step (%s) {
    scf.parallel (%j) = (%i) to (%b) step (%s) {
      memref.store %v, %m[%j] : memref<?xf32>
      scf.reduce
    }
    scf.reduce
  }
  scf.parallel (%i) = (%a) to (%b) step (%s) {
    memref.store %v, %m[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// CHECK-LABEL: func @reduction
// CHECK-NOT:   nsaParallelFor
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

// -----

// The module may declare the function itself.
// CHECK:     func.func private @nsaParallelFor(index, index, !llvm.ptr, !llvm.ptr)
// CHECK-NOT: func.func private @nsaParallelFor
// CHECK:     call @nsaParallelFor
func.func private @nsaParallelFor(index, index, !llvm.ptr, !llvm.ptr)
func.func @declared(%n: index, %m: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%j) = (%c0) to (%n) step (%c1) {
    memref.store %j, %m[%j] : memref<?xindex>
    scf.reduce
  }
  return
}

// -----

// expected-error @+1 {{'nsaParallelFor' is the runtime's function for parallel loops, of type '(index, index, !llvm.ptr, !llvm.ptr) -> ()'; rename this one}}
func.func private @nsaParallelFor(index)
func.func @taken(%n: index, %m: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%j) = (%c0) to (%n) step (%c1) {
    memref.store %j, %m[%j] : memref<?xindex>
    scf.reduce
  }
  return
}

// -----

func.func @tensor(%n: index, %t: tensor<4xindex>, %m: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{nsa-outline-parallel: the body uses a value of type 'tensor<4xindex>', which cannot be passed to another thread; lower it before}}
  scf.parallel (%j) = (%c0) to (%n) step (%c1) {
    %x = tensor.extract %t[%j] : tensor<4xindex>
    memref.store %x, %m[%j] : memref<?xindex>
    scf.reduce
  }
  return
}
