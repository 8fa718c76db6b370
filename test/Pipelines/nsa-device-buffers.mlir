// RUN: nsa-opt %s --nsa-device-buffers --split-input-file | FileCheck %s

// Buffers of the host function; not those of a kernel's thread.

// CHECK-LABEL: func.func @buffers
// CHECK-SAME: %[[N:[a-z0-9]+]]: index
// CHECK: %[[A:.+]] = gpu.alloc  (%[[N]]) : memref<?xf32>
// CHECK-NOT: memref.alloc(
// CHECK: gpu.dealloc  %[[A]] : memref<?xf32>
// CHECK-NOT: memref.dealloc
func.func @buffers(%x: memref<4xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %a = memref.alloc(%n) : memref<?xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %v = memref.load %x[%tx] : memref<4xf32>
    memref.store %v, %a[%tx] : memref<?xf32>
    %local = memref.alloca() : memref<4xf32>
    memref.store %v, %local[%tx] : memref<4xf32>
    gpu.terminator
  }
  memref.dealloc %a : memref<?xf32>
  return
}

// -----

// The arrays in which addresses of buffers are compared, as lowered
// bufferization.dealloc has them: those whose elements the host accesses, itself
// or through a cast or in the function that it calls.

// CHECK-LABEL: func.func @addresses
// CHECK: gpu.alloc  () : memref<4xf32>
// CHECK: %[[ADDRESSES:.+]] = memref.alloc() : memref<1xindex>
// CHECK: %[[RESULTS:.+]] = memref.alloc() : memref<1xi1>
// CHECK: %[[CAST:.+]] = memref.alloc() : memref<2xi1>
// CHECK: memref.dealloc %[[ADDRESSES]]
// CHECK: memref.dealloc %[[RESULTS]]
// CHECK: memref.dealloc %[[CAST]]
// CHECK: gpu.dealloc
func.func @addresses() {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  %a = memref.alloc() : memref<4xf32>
  %address = memref.extract_aligned_pointer_as_index %a : memref<4xf32> -> index
  %addresses = memref.alloc() : memref<1xindex>
  %results = memref.alloc() : memref<1xi1>
  %cast_only = memref.alloc() : memref<2xi1>
  memref.store %address, %addresses[%c0] : memref<1xindex>
  %dynamic = memref.cast %results : memref<1xi1> to memref<?xi1>
  %other = memref.cast %cast_only : memref<2xi1> to memref<?xi1>
  memref.store %true, %other[%c0] : memref<?xi1>
  call @helper(%dynamic) : (memref<?xi1>) -> ()
  memref.dealloc %addresses : memref<1xindex>
  memref.dealloc %results : memref<1xi1>
  memref.dealloc %cast_only : memref<2xi1>
  memref.dealloc %a : memref<4xf32>
  return
}
func.func private @helper(%x: memref<?xi1>) {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  memref.store %true, %x[%c0] : memref<?xi1>
  return
}

// -----

// What a function that accesses nothing gets is on the device, as are buffers
// that only kernels access.

// CHECK-LABEL: func.func @call
// CHECK: gpu.alloc  () : memref<4xi1>
// CHECK: gpu.dealloc
func.func @call() {
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4xi1>
  call @nothing(%a) : (memref<4xi1>) -> ()
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %v = memref.load %a[%tx] : memref<4xi1>
    memref.store %v, %a[%ty] : memref<4xi1>
    gpu.terminator
  }
  memref.dealloc %a : memref<4xi1>
  return
}
func.func private @nothing(%x: memref<4xi1>) {
  return
}
