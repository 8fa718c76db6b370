// RUN: nsa-opt %s --nsa-private-buffers --split-input-file --verify-diagnostics | FileCheck %s

// A buffer of a thread is local memory, from the kernel's begin; other buffers
// stay. What frees it goes away, also through a cast.

// CHECK-LABEL: func.func @local
// CHECK: memref.alloc() : memref<8xf32>
// CHECK: gpu.launch
// CHECK-NEXT: %[[INDEX:.+]] = memref.alloca() : memref<4xindex>
// CHECK-NEXT: %[[LOCAL:.+]] = memref.alloca() {alignment = 64 : i64} : memref<4x2xf32>
// CHECK-NOT: memref.alloc()
// CHECK: scf.for
// CHECK: memref.store %{{.+}}, %[[LOCAL]]
// CHECK: memref.cast %[[LOCAL]]
// CHECK-NOT: memref.dealloc
// CHECK: gpu.terminator
// CHECK-NEXT: }
// CHECK-NEXT: memref.dealloc
func.func @local(%v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %shared = memref.alloc() : memref<8xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    scf.for %i = %c0 to %c1 step %c1 {
      %a = memref.alloc() {alignment = 64 : i64} : memref<4x2xf32>
      %b = memref.alloc() : memref<4xindex>
      memref.store %v, %a[%i, %i] : memref<4x2xf32>
      memref.store %i, %b[%i] : memref<4xindex>
      memref.store %v, %shared[%i] : memref<8xf32>
      %cast = memref.cast %a : memref<4x2xf32> to memref<?x?xf32>
      memref.dealloc %cast : memref<?x?xf32>
      memref.dealloc %b : memref<4xindex>
    }
    gpu.terminator
  }
  memref.dealloc %shared : memref<8xf32>
  return
}

// -----

// 64 KiB are allowed: 8192 numbers of 8 bytes.

// CHECK-LABEL: func.func @most
// CHECK: memref.alloca() : memref<8192xindex>
func.func @most() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    %a = memref.alloc() : memref<8192xindex>
    memref.store %tx, %a[%tx] : memref<8192xindex>
    gpu.terminator
  }
  return
}

// -----

func.func @more() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // expected-error@+1 {{nsa-private-buffers: a kernel needs a buffer 'memref<8193xindex>' per thread, 65544 bytes, but 65536 are allowed}}
    %a = memref.alloc() : memref<8193xindex>
    memref.store %tx, %a[%tx] : memref<8193xindex>
    gpu.terminator
  }
  return
}

// -----

// A size that 64 bits do not hold is too large as well.
func.func @most_of_all() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // expected-error@+1 {{per thread, 9223372036854775807 bytes, but 65536 are allowed}}
    %a = memref.alloc() : memref<4611686018427387904xindex>
    memref.store %tx, %a[%tx] : memref<4611686018427387904xindex>
    gpu.terminator
  }
  return
}

// -----

func.func @unknown(%n: index) {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // expected-error@+1 {{nsa-private-buffers: a kernel needs a buffer 'memref<?xf32>' per thread, whose size is not a constant; compute it before, in a buffer that all threads share}}
    %a = memref.alloc(%n) : memref<?xf32>
    gpu.terminator
  }
  return
}

// -----

func.func @frees_shared(%x: memref<4xf32>) {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // expected-error@+1 {{nsa-private-buffers: a kernel frees a buffer that is not its own}}
    memref.dealloc %x : memref<4xf32>
    gpu.terminator
  }
  return
}
