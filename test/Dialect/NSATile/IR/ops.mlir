// Every type, op, operand and attribute goes through the pretty form, the
// generic form and bytecode, and comes back the same.

// RUN: nsa-opt %s | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --mlir-print-op-generic | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --emit-bytecode | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --verify-roundtrip -o %t

!tile = memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x128xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!row = !nsa_tile.frag<16xf32, row>
!col = !nsa_tile.frag<64xf32, col>
!rows = !nsa_tile.frag<16xi32, row>

//===----------------------------------------------------------------------===//
// Types and attributes
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func private @frags(
// CHECK-SAME: !nsa_tile.frag<16x8xf32, acc>, !nsa_tile.frag<32x24xi32, acc>, !nsa_tile.frag<16x8xi1, acc>,
// CHECK-SAME: !nsa_tile.frag<16x16xf16, lhs>, !nsa_tile.frag<32x48xbf16, lhs>,
// CHECK-SAME: !nsa_tile.frag<16x8xf16, rhs>, !nsa_tile.frag<32x24xbf16, rhs>,
// CHECK-SAME: !nsa_tile.frag<16xf32, row>, !nsa_tile.frag<32xi32, row>, !nsa_tile.frag<16xi1, row>, !nsa_tile.frag<16xindex, row>,
// CHECK-SAME: !nsa_tile.frag<8xf32, col>, !nsa_tile.frag<24xi32, col>, !nsa_tile.frag<8xi1, col>, !nsa_tile.frag<8xindex, col>)
func.func private @frags(
    !nsa_tile.frag<16x8xf32, acc>, !nsa_tile.frag<32x24xi32, acc>, !nsa_tile.frag<16x8xi1, acc>,
    !nsa_tile.frag<16x16xf16, lhs>, !nsa_tile.frag<32x48xbf16, lhs>,
    !nsa_tile.frag<16x8xf16, rhs>, !nsa_tile.frag<32x24xbf16, rhs>,
    !nsa_tile.frag<16xf32, row>, !nsa_tile.frag<32xi32, row>, !nsa_tile.frag<16xi1, row>, !nsa_tile.frag<16xindex, row>,
    !nsa_tile.frag<8xf32, col>, !nsa_tile.frag<24xi32, col>, !nsa_tile.frag<8xi1, col>, !nsa_tile.frag<8xindex, col>)

// CHECK-LABEL: func.func private @tokens(!nsa_tile.copy, !nsa_tile.group, !nsa_tile.ready)
func.func private @tokens(!nsa_tile.copy, !nsa_tile.group, !nsa_tile.ready)

// CHECK-LABEL: func.func private @swizzles(
// CHECK-SAME: memref<1x8x16xf16, #nsa_tile.swizzle<32>, #gpu.address_space<workgroup>>,
// CHECK-SAME: memref<1x8x32xf16, #nsa_tile.swizzle<64>, #gpu.address_space<workgroup>>,
// CHECK-SAME: memref<1x8x192xf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>)
func.func private @swizzles(
    memref<1x8x16xf16, #nsa_tile.swizzle<32>, #gpu.address_space<workgroup>>,
    memref<1x8x32xf16, #nsa_tile.swizzle<64>, #gpu.address_space<workgroup>>,
    memref<1x8x192xf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>)

//===----------------------------------------------------------------------===//
// Shared memory and copies
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @copies(
func.func @copies(%source: memref<?x?x4x128xbf16, strided<[?, ?, ?, 1], offset: ?>>, %any: memref<?x128xbf16, strided<[?, ?], offset: ?>>, %slot: i32, %b: index) -> !lhs {
  %c8 = arith.constant 8 : i32
  // CHECK: %[[T:.+]] = nsa_tile.shared at 16384 : memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
  %tile = nsa_tile.shared at 16384 : !tile
  // CHECK: %[[C:.+]] = nsa_tile.load_async %{{.+}}, %[[T]][%{{.+}}] threads 128 {
  // CHECK: ^bb0(%[[R:.+]]: i32):
  // CHECK:   nsa_tile.yield %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : index, index, index, i1
  // CHECK: } : memref<?x?x4x128xbf16, strided<[?, ?, ?, 1], offset: ?>>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
  %copy = nsa_tile.load_async %source, %tile[%slot] threads 128 {
  ^bb0(%row: i32):
    %token = arith.index_cast %row : i32 to index
    %true = arith.constant true
    nsa_tile.yield %b, %token, %b, %true : index, index, index, i1
  } : memref<?x?x4x128xbf16, strided<[?, ?, ?, 1], offset: ?>>, !tile
  // CHECK: } {note} : memref<?x128xbf16, strided<[?, ?], offset: ?>>, memref<
  %other = nsa_tile.load_async %any, %tile[%slot] threads 32 {
  ^bb0(%row: i32):
    %true = arith.constant true
    nsa_tile.yield %b, %true : index, i1
  } {note} : memref<?x128xbf16, strided<[?, ?], offset: ?>>, !tile
  // CHECK: %[[NO:.+]] = nsa_tile.no_copy
  %no = nsa_tile.no_copy
  // CHECK: %[[G0:.+]] = nsa_tile.commit %[[C]], %{{.+}}, %[[NO]]
  // CHECK: %[[G1:.+]] = nsa_tile.commit none{{$}}
  // CHECK: %[[G2:.+]] = nsa_tile.commit none{{$}}
  %g0 = nsa_tile.commit %copy, %other, %no
  %g1 = nsa_tile.commit none
  %g2 = nsa_tile.commit none
  // CHECK: %[[READY:.+]] = nsa_tile.wait %[[G0]], %[[G1]] newer 1
  // CHECK: nsa_tile.wait newer 0
  // CHECK: nsa_tile.drop %[[G2]]
  // CHECK: nsa_tile.drop none{{$}}
  %ready = nsa_tile.wait %g0, %g1 newer 1
  %all = nsa_tile.wait newer 0
  nsa_tile.drop %g2
  nsa_tile.drop none
  // CHECK: nsa_tile.load_frag %[[T]][%{{.+}}, %{{.+}}, %{{.+}}] after %[[READY]] : memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>> -> !nsa_tile.frag<16x128xbf16, lhs>
  %c0 = arith.constant 0 : i32
  %frag = nsa_tile.load_frag %tile[%slot, %c8, %c0] after %ready : !tile -> !lhs
  return %frag : !lhs
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @products(
func.func @products(%tile: !tile, %ready: !nsa_tile.ready, %slot: i32, %q: !lhs, %p: !nsa_tile.frag<16x32xbf16, lhs>,
                    %rhs: !nsa_tile.frag<128x64xbf16, rhs>, %acc: !acc, %out: !nsa_tile.frag<16x128xf32, acc>) -> (!acc, !acc, !nsa_tile.frag<16x128xf32, acc>) {
  // CHECK: nsa_tile.mma %{{.+}}, %{{.+}}, %{{.+}} : !nsa_tile.frag<16x128xbf16, lhs>, !nsa_tile.frag<128x64xbf16, rhs>, !nsa_tile.frag<16x64xf32, acc>
  %0 = nsa_tile.mma %q, %rhs, %acc : !lhs, !nsa_tile.frag<128x64xbf16, rhs>, !acc
  %c0 = arith.constant 0 : i32
  %c32 = arith.constant 32 : i32
  // CHECK: nsa_tile.mma_shared %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}] transposed, %{{.+}} after %{{.+}} : !nsa_tile.frag<16x128xbf16, lhs>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>, !nsa_tile.frag<16x64xf32, acc>
  // CHECK: nsa_tile.mma_shared %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}} after %{{.+}} : !nsa_tile.frag<16x32xbf16, lhs>, memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>, !nsa_tile.frag<16x128xf32, acc>
  %1 = nsa_tile.mma_shared %q, %tile[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile, !acc
  %2 = nsa_tile.mma_shared %p, %tile[%slot, %c32, %c0], %out after %ready : !nsa_tile.frag<16x32xbf16, lhs>, !tile, !nsa_tile.frag<16x128xf32, acc>
  return %0, %1, %2 : !acc, !acc, !nsa_tile.frag<16x128xf32, acc>
}

//===----------------------------------------------------------------------===//
// Register tiles
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @registers(
func.func @registers(%x: f32, %h: bf16, %acc: !acc, %table: memref<?xf32>, %i: index) -> (!row, !col, !nsa_tile.frag<16x64xbf16, lhs>) {
  // CHECK: nsa_tile.fill %{{.+}} : f32 -> !nsa_tile.frag<16x64xf32, acc>
  // CHECK: nsa_tile.fill %{{.+}} : bf16 -> !nsa_tile.frag<16x128xbf16, lhs>
  %zero = nsa_tile.fill %x : f32 -> !acc
  %halves = nsa_tile.fill %h : bf16 -> !lhs
  // CHECK: nsa_tile.iota : !nsa_tile.frag<16xi32, row>
  // CHECK: nsa_tile.iota : !nsa_tile.frag<64xi32, col>
  %rows = nsa_tile.iota : !rows
  %columns = nsa_tile.iota : !nsa_tile.frag<64xi32, col>
  // CHECK: nsa_tile.reduce max %{{.+}} over columns : !nsa_tile.frag<16x64xf32, acc> -> !nsa_tile.frag<16xf32, row>
  // CHECK: nsa_tile.reduce add %{{.+}} over rows : !nsa_tile.frag<16x64xf32, acc> -> !nsa_tile.frag<64xf32, col>
  %max = nsa_tile.reduce max %acc over columns : !acc -> !row
  %sum = nsa_tile.reduce add %acc over rows : !acc -> !col
  // CHECK: nsa_tile.map %{{.+}}, %{{.+}}, %{{.+}} : !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16xf32, row>, !nsa_tile.frag<64xf32, col> {
  // CHECK: ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %[[C:.+]]: f32):
  // CHECK:   nsa_tile.yield %{{.+}}, %[[C]] : f32, f32
  // CHECK: } -> !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16x64xf32, acc>
  %p:2 = nsa_tile.map %acc, %max, %sum : !acc, !row, !col {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    nsa_tile.yield %d, %c : f32, f32
  } -> !acc, !acc
  // Rows and columns alone make an acc; rows alone, rows.
  // CHECK: nsa_tile.map %{{.+}}, %{{.+}} : !nsa_tile.frag<16xf32, row>, !nsa_tile.frag<64xf32, col> {
  // CHECK: } -> !nsa_tile.frag<16x64xf32, acc>
  // CHECK: nsa_tile.map %{{.+}}, %{{.+}} : !nsa_tile.frag<16xf32, row>, !nsa_tile.frag<16xi32, row> {
  // CHECK: } -> !nsa_tile.frag<16xi32, row>, !nsa_tile.frag<16xindex, row>
  %outer = nsa_tile.map %max, %sum : !row, !col {
  ^bb0(%a: f32, %b: f32):
    %load = memref.load %table[%i] : memref<?xf32>
    nsa_tile.yield %load : f32
  } -> !acc
  %begin, %index = nsa_tile.map %max, %rows : !row, !rows {
  ^bb0(%a: f32, %b: i32):
    nsa_tile.yield %b, %i : i32, index
  } -> !rows, !nsa_tile.frag<16xindex, row>
  // CHECK: nsa_tile.mask %{{.+}} from %{{.+}} to %{{.+}} else %{{.+}} : !nsa_tile.frag<16x64xf32, acc>, !nsa_tile.frag<16xi32, row>, f32
  %masked = nsa_tile.mask %p#0 from %begin to %rows else %x : !acc, !rows, f32
  // CHECK: nsa_tile.cast %{{.+}} : !nsa_tile.frag<16x64xf32, acc> -> !nsa_tile.frag<16x64xbf16, lhs>
  %weights = nsa_tile.cast %masked : !acc -> !nsa_tile.frag<16x64xbf16, lhs>
  return %max, %sum, %weights : !row, !col, !nsa_tile.frag<16x64xbf16, lhs>
}

// CHECK-LABEL: func.func @memory(
func.func @memory(%m: memref<4x?x64xf16, strided<[?, ?, ?], offset: ?>>, %lse: memref<?xf32>, %list: memref<?xi32>, %x: f32, %n: i32, %b: index) {
  %true = arith.constant true
  // CHECK: nsa_tile.load %{{.+}} else %{{.+}} {
  // CHECK:   nsa_tile.yield %{{.+}}, %{{.+}}, %{{.+}} : index, index, i1
  // CHECK: } : memref<4x?x64xf16, strided<[?, ?, ?], offset: ?>>, f32 -> !nsa_tile.frag<16x64xf32, acc>
  %acc = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %b, %b, %true : index, index, i1
  } : memref<4x?x64xf16, strided<[?, ?, ?], offset: ?>>, f32 -> !acc
  // CHECK: } : memref<?xf32>, f32 -> !nsa_tile.frag<16xf32, row>
  // CHECK: } : memref<?xi32>, i32 -> !nsa_tile.frag<16xi32, row>
  %row = nsa_tile.load %lse else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %b, %true : index, i1
  } : memref<?xf32>, f32 -> !row
  %ints = nsa_tile.load %list else %n {
  ^bb0(%r: i32):
    nsa_tile.yield %b, %true : index, i1
  } : memref<?xi32>, i32 -> !rows
  // CHECK: nsa_tile.store %{{.+}}, %{{.+}} {
  // CHECK: } : !nsa_tile.frag<16x64xf32, acc>, memref<4x?x64xf16, strided<[?, ?, ?], offset: ?>>
  // CHECK: } : !nsa_tile.frag<16xf32, row>, memref<?xf32>
  nsa_tile.store %acc, %m {
  ^bb0(%i: i32):
    nsa_tile.yield %b, %b, %true : index, index, i1
  } : !acc, memref<4x?x64xf16, strided<[?, ?, ?], offset: ?>>
  nsa_tile.store %row, %lse {
  ^bb0(%i: i32):
    nsa_tile.yield %b, %true : index, i1
  } : !row, memref<?xf32>
  return
}

//===----------------------------------------------------------------------===//
// The tile iterator
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @iterate(
func.func @iterate(%count: index, %source: memref<?x128xbf16>, %q: !lhs, %init: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %tile = nsa_tile.shared at 0 : !tile
  %group = nsa_tile.commit none
  // CHECK: %[[R:.+]]:3 = nsa_tile.iterate %{{.+}} stages 2 pending(%{{.+}}) init(%{{.+}}, %{{.+}} : !nsa_tile.frag<16x64xf32, acc>, index) begin {
  // CHECK: ^bb0(%{{.+}}: !nsa_tile.ready):
  // CHECK:   nsa_tile.yield %{{.+}} : i32
  // CHECK: } load {
  // CHECK: ^bb0(%{{.+}}: index, %{{.+}}: i32):
  // CHECK:   nsa_tile.yield %{{.+}} : !nsa_tile.copy
  // CHECK: } compute {
  // CHECK: ^bb0(%{{.+}}: index, %{{.+}}: i32, %{{.+}}: !nsa_tile.ready, %{{.+}}: i32, %{{.+}}: !nsa_tile.frag<16x64xf32, acc>, %{{.+}}: index):
  // CHECK:   nsa_tile.yield %{{.+}}, %{{.+}} : !nsa_tile.frag<16x64xf32, acc>, index
  // CHECK: } -> !nsa_tile.frag<16x64xf32, acc>, index, i32
  %r:3 = nsa_tile.iterate %count stages 2 pending(%group) init(%init, %count : !acc, index) begin {
  ^bb0(%ready: !nsa_tile.ready):
    nsa_tile.yield %c0 : i32
  } load {
  ^bb0(%i: index, %slot: i32):
    %c = nsa_tile.load_async %source, %tile[%slot] threads 64 {
    ^bb0(%row: i32):
      %true = arith.constant true
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x128xbf16>, !tile
    nsa_tile.yield %c : !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %begun: i32, %acc: !acc, %last: index):
    %s = nsa_tile.mma_shared %q, %tile[%slot, %begun, %c0] transposed, %acc after %ready : !lhs, !tile, !acc
    nsa_tile.yield %s, %i : !acc, index
  } -> !acc, index, i32
  // CHECK: nsa_tile.iterate %{{.+}} stages 3 begin {
  // CHECK-NEXT: } load {
  // CHECK: nsa_tile.yield{{$}}
  nsa_tile.iterate %count stages 3 begin {} load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready):
    nsa_tile.yield
  }
  return %r#0 : !acc
}
