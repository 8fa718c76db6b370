// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-expand-strided-copies))' | FileCheck %s

// What becomes a memcpy stays.
// CHECK-LABEL: func @contiguous
// CHECK-COUNT-3: memref.copy
// CHECK-NOT:   linalg
func.func @contiguous(%a: memref<?x8xf32>, %b: memref<?x8xf32>,
                      %c: memref<4x8xf32, strided<[8, 1], offset: ?>>, %d: memref<4x8xf32>,
                      %e: memref<*xf32>, %f: memref<*xf32>) {
  memref.copy %a, %b : memref<?x8xf32> to memref<?x8xf32>
  memref.copy %c, %d : memref<4x8xf32, strided<[8, 1], offset: ?>> to memref<4x8xf32>
  // Ranks are unknown: the runtime's business.
  memref.copy %e, %f : memref<*xf32> to memref<*xf32>
  return
}

// CHECK-LABEL: func @strided
// CHECK-NOT:   memref.copy
// CHECK:       linalg.generic {{.*}} ins(%{{.*}} : memref<4x?xf32, strided<[?, 1]>>) outs(%{{.*}} : memref<4x?xf32>)
// CHECK:       linalg.generic {{.*}} outs(%{{.*}} : memref<?xf32, strided<[?], offset: ?>>)
func.func @strided(%a: memref<4x?xf32, strided<[?, 1]>>, %b: memref<4x?xf32>,
                   %c: memref<?xf32>, %d: memref<?xf32, strided<[?], offset: ?>>) {
  memref.copy %a, %b : memref<4x?xf32, strided<[?, 1]>> to memref<4x?xf32>
  memref.copy %c, %d : memref<?xf32> to memref<?xf32, strided<[?], offset: ?>>
  return
}
