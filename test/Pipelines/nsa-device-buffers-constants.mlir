// RUN: nsa-opt %s --nsa-device-buffers=constants=true --split-input-file | FileCheck %s

// Before deallocation: only what must be freed too, copies of constants and what
// was on the host's stack.

// CHECK-LABEL: func.func @buffers
// CHECK: memref.alloc(%{{.+}}) : memref<?xf32>
// CHECK: %[[STACK:.+]] = memref.alloc() : memref<4xf32>
// CHECK: memref.copy %{{.+}}, %[[STACK]]
// CHECK: %[[GLOBAL:.+]] = memref.get_global @values : memref<4xf32>
// CHECK: %[[COPY:.+]] = memref.alloc() : memref<4xf32>
// CHECK: gpu.memcpy %[[COPY]], %[[GLOBAL]]
// CHECK: gpu.launch
// CHECK: memref.load %[[COPY]]
// CHECK: memref.dealloc
// CHECK-NOT: gpu.alloc
memref.global "private" constant @values : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
func.func @buffers(%x: memref<4xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %a = memref.alloc(%n) : memref<?xf32>
  %stack = memref.alloca() : memref<4xf32>
  memref.copy %x, %stack : memref<4xf32> to memref<4xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %g = memref.get_global @values : memref<4xf32>
    %v = memref.load %g[%tx] : memref<4xf32>
    memref.store %v, %a[%tx] : memref<?xf32>
    %local = memref.alloca() : memref<4xf32>
    memref.store %v, %local[%tx] : memref<4xf32>
    gpu.terminator
  }
  memref.dealloc %a : memref<?xf32>
  return
}

// -----

// A constant that the host uses as a whole.

// CHECK-LABEL: func.func @constant
// CHECK: %[[GLOBAL:.+]] = memref.get_global
// CHECK-NEXT: %[[COPY:.+]] = memref.alloc() : memref<4xf32>
// CHECK-NEXT: gpu.memcpy %[[COPY]], %[[GLOBAL]]
// CHECK-NEXT: return %[[COPY]]
memref.global "private" constant @values : memref<4xf32> = dense<1.0>
func.func @constant() -> memref<4xf32> {
  %g = memref.get_global @values : memref<4xf32>
  return %g : memref<4xf32>
}

// -----

// The host reads the one element of a buffer from a copy of its own.

// CHECK-LABEL: func.func @scalar
// CHECK-SAME: %[[X:.+]]: memref<i32>
// CHECK: %[[COPY:.+]] = memref.alloc() : memref<i32>
// CHECK: gpu.memcpy  %[[COPY]], %[[X]] : memref<i32>, memref<i32>
// CHECK: memref.load %[[COPY]][] : memref<i32>
func.func @scalar(%x: memref<i32>) -> i32 {
  %v = memref.load %x[] : memref<i32>
  return %v : i32
}
