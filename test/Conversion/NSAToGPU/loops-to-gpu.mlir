// RUN: nsa-opt %s --nsa-loops-to-gpu --canonicalize --split-input-file | FileCheck %s
// RUN: nsa-opt %s --nsa-loops-to-gpu=block-size=1024 --canonicalize --split-input-file | FileCheck %s --check-prefix=BLOCK1024

// A thread per element of the parallel dimensions; the reduction is its loop.

// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[X:.+]]: memref<?x?xf32>, %[[Y:.+]]: memref<?xf32>
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C128:.+]] = arith.constant 128 : index
// CHECK-DAG: %[[ROWS:.+]] = memref.dim %[[X]], %[[C0]]
// CHECK-DAG: %[[COLUMNS:.+]] = memref.dim %[[X]], %[[C1]]
// CHECK: %[[FULL:.+]] = arith.divui %{{.+}}, %[[C128]]
// CHECK: %[[BLOCKS:.+]] = arith.maxsi %[[FULL]], %[[C1]]
// CHECK: gpu.launch blocks(%{{.+}}) in (%{{[^,]+}} = %[[BLOCKS]], %{{[^,]+}} = %[[C1]], %{{[^,]+}} = %[[C1]]) threads(%{{.+}}) in (%{{[^,]+}} = %[[C128]], %{{[^,]+}} = %[[C1]], %{{[^,]+}} = %[[C1]])
// CHECK: scf.if
// CHECK: scf.for %[[J:.+]] = %[[C0]] to %[[COLUMNS]] step %[[C1]]
// CHECK: memref.load %[[X]][%[[I:.+]], %[[J]]]
// CHECK: memref.load %[[Y]][%[[I]]]
// CHECK: arith.addf
// CHECK: memref.store %{{.+}}, %[[Y]][%[[I]]]
// CHECK-NOT: nsa.kernel
// BLOCK1024-LABEL: func.func @rows
// BLOCK1024: %[[C1024:.+]] = arith.constant 1024 : index
// BLOCK1024: gpu.launch blocks(%{{.+}}) threads(%{{.+}}) in (%{{[^,]+}} = %[[C1024]]
func.func @rows(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  }
  return
}

// -----

// No parallel dimension: one thread.

// CHECK-LABEL: func.func @sum
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C32:.+]] = arith.constant 32 : index
// CHECK: gpu.launch blocks(%{{.+}}) in (%{{[^,]+}} = %[[C1]], {{.+}}) threads(%[[THREAD:[^,]+]], {{.+}}) in (%{{[^,]+}} = %[[C32]],
// CHECK: arith.cmpi slt, %[[THREAD]], %[[C1]]
// CHECK: scf.if
// CHECK: scf.for
func.func @sum(%x: memref<?xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%y : memref<f32>) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  }
  return
}

// -----

// Bounds and steps of a parallel loop: begin + i * step.

// CHECK-LABEL: func.func @parallel
// CHECK-SAME: %[[X:.+]]: memref<?x?xf32>, %[[BEGIN:.+]]: index, %[[END:.+]]: index, %[[STEP:.+]]: index
// CHECK: %[[LENGTH:.+]] = arith.subi %[[END]], %[[BEGIN]]
// CHECK: %[[POSITIVE:.+]] = arith.maxsi %[[LENGTH]], %{{.+}}
// CHECK: %[[TRIPS:.+]] = arith.ceildivui %[[POSITIVE]], %[[STEP]]
// CHECK: gpu.launch
// CHECK: arith.remui %{{.+}}, %[[TRIPS]]
// CHECK: %[[SCALED:.+]] = arith.muli %{{.+}}, %[[STEP]]
// CHECK: %[[J:.+]] = arith.addi %[[BEGIN]], %[[SCALED]]
// CHECK: memref.store %{{.+}}, %[[X]][%{{.+}}, %[[J]]]
func.func @parallel(%x: memref<?x?xf32>, %begin: index, %end: index, %step: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %one = arith.constant 1.0 : f32
  scf.parallel (%i, %j) = (%c0, %begin) to (%c3, %end) step (%c1, %step) {
    memref.store %one, %x[%i, %j] : memref<?x?xf32>
    scf.reduce
  }
  return
}

// -----

// What is parallel within a kernel is a loop of the thread.

// CHECK-LABEL: func.func @nested
// CHECK-COUNT-1: gpu.launch
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.store
// CHECK-NOT: gpu.launch
// CHECK-NOT: scf.forall
// CHECK-NOT: scf.parallel
func.func @nested(%x: memref<64x8x4xf32>) {
  %one = arith.constant 1.0 : f32
  scf.forall (%i) in (64) {
    scf.forall (%j) in (8) {
      %row = memref.subview %x[%i, %j, 0] [1, 1, 4] [1, 1, 1] : memref<64x8x4xf32> to memref<4xf32, strided<[1], offset: ?>>
      linalg.fill ins(%one : f32) outs(%row : memref<4xf32, strided<[1], offset: ?>>)
    }
  }
  return
}

// -----

// Copies, clones (which own a buffer without strides), and single elements.

// CHECK-LABEL: func.func @copies
// CHECK-SAME: %[[X:.+]]: memref<?x4xf32, strided<[?, ?], offset: ?>>, %[[Y:.+]]: memref<?x4xf32>, %[[V:.+]]: f32
// CHECK: gpu.launch
// CHECK: memref.load %[[X]]
// CHECK: memref.store %{{.+}}, %[[Y]]
// CHECK: %[[ROWS:.+]] = memref.dim %[[X]]
// CHECK: %[[COPY:.+]] = memref.alloc(%[[ROWS]]) : memref<?x4xf32>
// CHECK: gpu.launch
// CHECK: memref.load %[[X]]
// CHECK: memref.store %{{.+}}, %[[COPY]]
// CHECK: %[[CAST:.+]] = memref.cast %[[COPY]] : memref<?x4xf32> to memref<?x4xf32, strided<[?, ?], offset: ?>>
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK-NEXT: memref.store %[[V]], %[[Y]]
// CHECK: return %[[CAST]]
func.func @copies(%x: memref<?x4xf32, strided<[?, ?], offset: ?>>, %y: memref<?x4xf32>, %v: f32) -> memref<?x4xf32, strided<[?, ?], offset: ?>> {
  %c0 = arith.constant 0 : index
  memref.copy %x, %y : memref<?x4xf32, strided<[?, ?], offset: ?>> to memref<?x4xf32>
  %z = bufferization.clone %x : memref<?x4xf32, strided<[?, ?], offset: ?>> to memref<?x4xf32, strided<[?, ?], offset: ?>>
  memref.store %v, %y[%c0, %c0] : memref<?x4xf32>
  return %z : memref<?x4xf32, strided<[?, ?], offset: ?>>
}

// -----

// What is in a kernel already stays there.

// CHECK-LABEL: func.func @kernel
// CHECK-COUNT-1: gpu.launch
// CHECK: memref.store
// CHECK: gpu.terminator
// CHECK-NOT: gpu.launch
func.func @kernel(%x: memref<4xf32>, %v: f32) {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    memref.store %v, %x[%tx] : memref<4xf32>
    gpu.terminator
  }
  return
}

// -----

// A kernel cannot launch kernels: around a launch, the host loops.

// CHECK-LABEL: func.func @around
// CHECK: scf.for
// CHECK: scf.for
// CHECK: gpu.launch
// CHECK-NOT: gpu.launch
func.func @around(%x: memref<4xf32>, %v: f32) {
  %c1 = arith.constant 1 : index
  scf.forall (%i, %j) in (4, 2) {
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
        threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
      memref.store %v, %x[%i] : memref<4xf32>
      gpu.terminator
    }
  }
  return
}
