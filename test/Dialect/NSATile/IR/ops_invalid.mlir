// What the verifiers of the nsa_tile ops refuse; functions are named after the
// constraint of NSATileOps.td that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @tile_c1_rank() {
  // expected-error @below {{'nsa_tile.shared' op tile must be [stages, rows, columns], but is 'memref<64x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.shared at 0 : memref<64x64xbf16, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @tile_c1_empty() {
  // expected-error @below {{'nsa_tile.shared' op tile must be [stages, rows, columns], but is 'memref<0x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.shared at 0 : memref<0x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @tile_c1_space() {
  // expected-error @below {{'nsa_tile.shared' op tile must be in the workgroup's address space, but is 'memref<2x64x64xbf16, #nsa_tile.swizzle<128>>'}}
  %0 = nsa_tile.shared at 0 : memref<2x64x64xbf16, #nsa_tile.swizzle<128>>
  return
}

// -----

func.func @tile_c2() {
  // expected-error @below {{'nsa_tile.shared' op tile must have element type f16 or bf16, but has 'f32'}}
  %0 = nsa_tile.shared at 0 : memref<2x64x64xf32, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
  return
}

// -----

!plain = memref<2x64x64xbf16, #gpu.address_space<workgroup>>

func.func @tile_c3_shared() {
  // expected-error @below {{'nsa_tile.shared' op tile must have a swizzle, but is 'memref<2x64x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.shared at 0 : !plain
  return
}

// -----

!plain = memref<2x64x64xbf16, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @tile_c3_load_async(%s: !source, %t: !plain, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op tile must have a swizzle, but is 'memref<2x64x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !plain
  return %0 : !copy
}

// -----

!plain = memref<2x64x64xbf16, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @tile_c3_load_frag(%t: !plain, %i: i32, %ready: !ready) -> !lhs {
  // expected-error @below {{'nsa_tile.load_frag' op tile must have a swizzle, but is 'memref<2x64x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.load_frag %t[%i, %i, %i] after %ready : !plain -> !lhs
  return %0 : !lhs
}

// -----

!plain = memref<2x64x64xbf16, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @tile_c3_mma_shared(%l: !lhs, %t: !plain, %i: i32, %a: !acc, %ready: !ready) -> !acc {
  // expected-error @below {{'nsa_tile.mma_shared' op tile must have a swizzle, but is 'memref<2x64x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.mma_shared %l, %t[%i, %i, %i] transposed, %a after %ready : !lhs, !plain, !acc
  return %0 : !acc
}

// -----

func.func @tile_c3_bytes() {
  // expected-error @below {{'nsa_tile.shared' op swizzle (128 bytes) must divide a row of the tile (192 bytes)}}
  %0 = nsa_tile.shared at 0 : memref<2x64x96xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @tile_c4_load_async(%s: !source, %t: !tile, %i: index, %e: i1) -> !copy {
  %slot = arith.constant 2 : i32
  // expected-error @below {{'nsa_tile.load_async' op stage 2 is not in the tile, which has 2}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @tile_c4_load_frag(%t: !tile, %i: i32, %ready: !ready) -> !lhs {
  %row = arith.constant 56 : i32
  // expected-error @below {{'nsa_tile.load_frag' op rows 56 to 71 are not in the tile, which has 64}}
  %0 = nsa_tile.load_frag %t[%i, %row, %i] after %ready : !tile -> !lhs
  return %0 : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @tile_c4_negative(%t: !tile, %i: i32, %ready: !ready) -> !lhs {
  %slot = arith.constant -1 : i32
  // expected-error @below {{'nsa_tile.load_frag' op stage -1 is not in the tile, which has 2}}
  %0 = nsa_tile.load_frag %t[%slot, %i, %i] after %ready : !tile -> !lhs
  return %0 : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

// Wherever a product of 128 columns begins, a tile of 64 rows has too few.
func.func @tile_c4_mma_shared(%l: !lhs, %t: !tile, %i: i32, %a: !nsa_tile.frag<16x128xf32, acc>, %ready: !ready) -> !nsa_tile.frag<16x128xf32, acc> {
  // expected-error @below {{'nsa_tile.mma_shared' op rows 0 to 127 are not in the tile, which has 64}}
  %0 = nsa_tile.mma_shared %l, %t[%i, %i, %i] transposed, %a after %ready : !lhs, !tile, !nsa_tile.frag<16x128xf32, acc>
  return %0 : !nsa_tile.frag<16x128xf32, acc>
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @tile_c4_mma_shared_column(%l: !lhs, %t: !tile, %i: i32, %a: !acc, %ready: !ready) -> !acc {
  %column = arith.constant 16 : i32
  // expected-error @below {{'nsa_tile.mma_shared' op columns 16 to 79 are not in the tile, which has 64}}
  %0 = nsa_tile.mma_shared %l, %t[%i, %i, %column], %a after %ready : !lhs, !tile, !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

func.func @shared_c1_multiple() {
  // expected-error @below {{'nsa_tile.shared' op offset (64) must be a multiple of 128 and not negative}}
  %0 = nsa_tile.shared at 64 : !tile
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

func.func @shared_c1_negative() {
  // expected-error @below {{'nsa_tile.shared' op offset (-128) must be a multiple of 128 and not negative}}
  %0 = nsa_tile.shared at -128 : !tile
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!copy = !nsa_tile.copy

func.func @load_async_c1_space(%s: memref<?x64xbf16, #gpu.address_space<workgroup>>, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op source must be in global memory, but is 'memref<?x64xbf16, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?x64xbf16, #gpu.address_space<workgroup>>, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!copy = !nsa_tile.copy

func.func @load_async_c1_element(%s: memref<?x64xf16>, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op source must have element type 'bf16', but has 'f16'}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?x64xf16>, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!copy = !nsa_tile.copy

func.func @load_async_c2_columns(%s: memref<?x128xbf16>, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op last dimension of source (128) must equal the tile's columns (64)}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?x128xbf16>, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!copy = !nsa_tile.copy

func.func @load_async_c2_stride(%s: memref<?x64xbf16, strided<[?, 2]>>, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op source must have a contiguous last dimension, but is 'memref<?x64xbf16, strided<[?, 2]>>'}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?x64xbf16, strided<[?, 2]>>, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @load_async_c3_multiple(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op threads (100) must be a multiple of 32, at most 1024}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 100 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @load_async_c3_most(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op threads (2048) must be a multiple of 32, at most 1024}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 2048 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @load_async_c4_argument(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op address region must take ('i32'), but takes ('index')}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: index):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @load_async_c4_yield(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    // expected-error @below {{'nsa_tile.yield' op address region must yield ('index', 'i1'), but yields ('index', 'index', 'i1')}}
    nsa_tile.yield %i, %i, %e : index, index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!rows = !nsa_tile.frag<16xi32, row>
!copy = !nsa_tile.copy

func.func @load_async_c4_op(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) -> !copy {
  // expected-error @below {{'nsa_tile.load_async' op address region must not contain nsa_tile.iota}}
  %0 = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    %rows = nsa_tile.iota : !rows
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return %0 : !copy
}

// -----

!ready = !nsa_tile.ready

func.func @wait_c1() -> !ready {
  // expected-error @below {{'nsa_tile.wait' op newer (-1) must not be negative}}
  %0 = nsa_tile.wait newer -1
  return %0 : !ready
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!rhs = !nsa_tile.frag<64x64xbf16, rhs>
!ready = !nsa_tile.ready

func.func @load_frag_c1_layout(%t: !tile, %i: i32, %ready: !ready) -> !rhs {
  // expected-error @below {{'nsa_tile.load_frag' op result must have layout lhs, but is '!nsa_tile.frag<64x64xbf16, rhs>'}}
  %0 = nsa_tile.load_frag %t[%i, %i, %i] after %ready : !tile -> !rhs
  return %0 : !rhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!ready = !nsa_tile.ready

func.func @load_frag_c1_element(%t: !tile, %i: i32, %ready: !ready) -> !nsa_tile.frag<16x64xf16, lhs> {
  // expected-error @below {{'nsa_tile.load_frag' op result must have element type 'bf16', but has 'f16'}}
  %0 = nsa_tile.load_frag %t[%i, %i, %i] after %ready : !tile -> !nsa_tile.frag<16x64xf16, lhs>
  return %0 : !nsa_tile.frag<16x64xf16, lhs>
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @load_frag_c2_row(%t: !tile, %i: i32, %ready: !ready) -> !lhs {
  %row = arith.constant 4 : i32
  // expected-error @below {{'nsa_tile.load_frag' op row (4) must be a multiple of 8}}
  %0 = nsa_tile.load_frag %t[%i, %row, %i] after %ready : !tile -> !lhs
  return %0 : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!ready = !nsa_tile.ready

func.func @load_frag_c2_column(%t: !tile, %i: i32, %ready: !ready) -> !nsa_tile.frag<16x16xbf16, lhs> {
  %column = arith.constant 12 : i32
  // expected-error @below {{'nsa_tile.load_frag' op column (12) must be a multiple of 8}}
  %0 = nsa_tile.load_frag %t[%i, %i, %column] after %ready : !tile -> !nsa_tile.frag<16x16xbf16, lhs>
  return %0 : !nsa_tile.frag<16x16xbf16, lhs>
}

// -----

!rhs = !nsa_tile.frag<64x64xbf16, rhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

// Wrong mma operand layout.
func.func @mma_c1_lhs(%a: !rhs, %b: !rhs, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op lhs must have layout lhs, but is '!nsa_tile.frag<64x64xbf16, rhs>'}}
  %0 = nsa_tile.mma %a, %b, %c : !rhs, !rhs, !acc
  return %0 : !acc
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mma_c1_rhs(%a: !lhs, %b: !nsa_tile.frag<64x64xbf16, lhs>, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op rhs must have layout rhs, but is '!nsa_tile.frag<64x64xbf16, lhs>'}}
  %0 = nsa_tile.mma %a, %b, %c : !lhs, !nsa_tile.frag<64x64xbf16, lhs>, !acc
  return %0 : !acc
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!rhs = !nsa_tile.frag<64x64xbf16, rhs>

func.func @mma_c1_acc(%a: !lhs, %b: !rhs, %c: !nsa_tile.frag<16x64xi32, acc>) -> !nsa_tile.frag<16x64xi32, acc> {
  // expected-error @below {{'nsa_tile.mma' op acc must have element type 'f32', but has 'i32'}}
  %0 = nsa_tile.mma %a, %b, %c : !lhs, !rhs, !nsa_tile.frag<16x64xi32, acc>
  return %0 : !nsa_tile.frag<16x64xi32, acc>
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mma_c2(%a: !lhs, %b: !nsa_tile.frag<64x64xf16, rhs>, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op rhs must have element type 'bf16', but has 'f16'}}
  %0 = nsa_tile.mma %a, %b, %c : !lhs, !nsa_tile.frag<64x64xf16, rhs>, !acc
  return %0 : !acc
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mma_c3_k(%a: !lhs, %b: !nsa_tile.frag<32x64xbf16, rhs>, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op rows of rhs (32) must equal columns of lhs (64)}}
  %0 = nsa_tile.mma %a, %b, %c : !lhs, !nsa_tile.frag<32x64xbf16, rhs>, !acc
  return %0 : !acc
}

// -----

!rhs = !nsa_tile.frag<64x64xbf16, rhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mma_c3_m(%a: !nsa_tile.frag<32x64xbf16, lhs>, %b: !rhs, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op rows of acc (16) must equal rows of lhs (32)}}
  %0 = nsa_tile.mma %a, %b, %c : !nsa_tile.frag<32x64xbf16, lhs>, !rhs, !acc
  return %0 : !acc
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mma_c3_n(%a: !lhs, %b: !nsa_tile.frag<64x32xbf16, rhs>, %c: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.mma' op columns of acc (64) must equal columns of rhs (32)}}
  %0 = nsa_tile.mma %a, %b, %c : !lhs, !nsa_tile.frag<64x32xbf16, rhs>, !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!rhs = !nsa_tile.frag<64x64xbf16, rhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @mma_shared_c1_lhs(%a: !rhs, %t: !tile, %i: i32, %c: !acc, %ready: !ready) -> !acc {
  // expected-error @below {{'nsa_tile.mma_shared' op lhs must have layout lhs, but is '!nsa_tile.frag<64x64xbf16, rhs>'}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %i], %c after %ready : !rhs, !tile, !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @mma_shared_c1_acc(%a: !lhs, %t: !tile, %i: i32, %c: !lhs, %ready: !ready) -> !lhs {
  // expected-error @below {{'nsa_tile.mma_shared' op acc must have layout acc, but is '!nsa_tile.frag<16x64xbf16, lhs>'}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %i], %c after %ready : !lhs, !tile, !lhs
  return %0 : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @mma_shared_c2(%a: !nsa_tile.frag<16x64xf16, lhs>, %t: !tile, %i: i32, %c: !acc, %ready: !ready) -> !acc {
  // expected-error @below {{'nsa_tile.mma_shared' op tile must have element type 'f16', but has 'bf16'}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %i], %c after %ready : !nsa_tile.frag<16x64xf16, lhs>, !tile, !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @mma_shared_c3(%a: !lhs, %t: !tile, %i: i32, %c: !nsa_tile.frag<32x64xf32, acc>, %ready: !ready) -> !nsa_tile.frag<32x64xf32, acc> {
  // expected-error @below {{'nsa_tile.mma_shared' op rows of acc (32) must equal rows of lhs (16)}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %i], %c after %ready : !lhs, !tile, !nsa_tile.frag<32x64xf32, acc>
  return %0 : !nsa_tile.frag<32x64xf32, acc>
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @mma_shared_c4_k(%a: !nsa_tile.frag<16x16xbf16, lhs>, %t: !tile, %i: i32, %c: !acc, %ready: !ready) -> !acc {
  %row = arith.constant 8 : i32
  // expected-error @below {{'nsa_tile.mma_shared' op row (8) must be a multiple of 16}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %row, %i], %c after %ready : !nsa_tile.frag<16x16xbf16, lhs>, !tile, !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!ready = !nsa_tile.ready

func.func @mma_shared_c4_n(%a: !lhs, %t: !tile, %i: i32, %c: !nsa_tile.frag<16x8xf32, acc>, %ready: !ready) -> !nsa_tile.frag<16x8xf32, acc> {
  %column = arith.constant 4 : i32
  // expected-error @below {{'nsa_tile.mma_shared' op column (4) must be a multiple of 8}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %column], %c after %ready : !lhs, !tile, !nsa_tile.frag<16x8xf32, acc>
  return %0 : !nsa_tile.frag<16x8xf32, acc>
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @mma_shared_c4_transposed(%a: !nsa_tile.frag<16x16xbf16, lhs>, %t: !tile, %i: i32, %c: !acc, %ready: !ready) -> !acc {
  %column = arith.constant 8 : i32
  // expected-error @below {{'nsa_tile.mma_shared' op column (8) must be a multiple of 16}}
  %0 = nsa_tile.mma_shared %a, %t[%i, %i, %column] transposed, %c after %ready : !nsa_tile.frag<16x16xbf16, lhs>, !tile, !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @fill_c1(%x: f16) -> !acc {
  // expected-error @below {{'nsa_tile.fill' op value must be 'f32', but is 'f16'}}
  %0 = nsa_tile.fill %x : f16 -> !acc
  return %0 : !acc
}

// -----

func.func @iota_c1() -> !nsa_tile.frag<16x8xi32, acc> {
  // expected-error @below {{'nsa_tile.iota' op result must have layout row or col, but is '!nsa_tile.frag<16x8xi32, acc>'}}
  %0 = nsa_tile.iota : !nsa_tile.frag<16x8xi32, acc>
  return %0 : !nsa_tile.frag<16x8xi32, acc>
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @iota_c2() -> !row {
  // expected-error @below {{'nsa_tile.iota' op result must have element type 'i32', but has 'f32'}}
  %0 = nsa_tile.iota : !row
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c1_none(%a: !acc) {
  // expected-error @below {{'nsa_tile.map' op must have a result}}
  "nsa_tile.map"(%a) ({
  ^bb0(%x: f32):
    nsa_tile.yield
  }) : (!acc) -> ()
  return
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>

func.func @map_c1_layout(%a: !lhs) -> !lhs {
  // expected-error @below {{'nsa_tile.map' op works on acc, row and col, not on '!nsa_tile.frag<16x64xbf16, lhs>'}}
  %0 = nsa_tile.map %a : !lhs {
  ^bb0(%x: bf16):
    nsa_tile.yield %x : bf16
  } -> !lhs
  return %0 : !lhs
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @map_c2_layout(%a: !nsa_tile.frag<16xf32, col>) -> !row {
  // expected-error @below {{'nsa_tile.map' op '!nsa_tile.frag<16xf32, row>' and '!nsa_tile.frag<16xf32, col>' must have one layout and size}}
  %0 = nsa_tile.map %a : !nsa_tile.frag<16xf32, col> {
  ^bb0(%x: f32):
    nsa_tile.yield %x : f32
  } -> !row
  return %0 : !row
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @map_c2_size(%a: !row, %b: !nsa_tile.frag<32xf32, row>) -> !row {
  // expected-error @below {{'nsa_tile.map' op '!nsa_tile.frag<32xf32, row>' and '!nsa_tile.frag<16xf32, row>' must have one layout and size}}
  %0 = nsa_tile.map %a, %b : !row, !nsa_tile.frag<32xf32, row> {
  ^bb0(%x: f32, %y: f32):
    nsa_tile.yield %x : f32
  } -> !row
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c3_shape(%a: !acc) -> !nsa_tile.frag<32x64xf32, acc> {
  // expected-error @below {{'nsa_tile.map' op '!nsa_tile.frag<32x64xf32, acc>' and '!nsa_tile.frag<16x64xf32, acc>' must have one shape}}
  %0 = nsa_tile.map %a : !acc {
  ^bb0(%x: f32):
    nsa_tile.yield %x : f32
  } -> !nsa_tile.frag<32x64xf32, acc>
  return %0 : !nsa_tile.frag<32x64xf32, acc>
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!row = !nsa_tile.frag<16xf32, row>

func.func @map_c3_result(%a: !acc) -> !row {
  // expected-error @below {{'nsa_tile.map' op a result beside '!nsa_tile.frag<16x64xf32, acc>' must be acc, but is '!nsa_tile.frag<16xf32, row>'}}
  %0 = nsa_tile.map %a : !acc {
  ^bb0(%x: f32):
    nsa_tile.yield %x : f32
  } -> !row
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c3_row(%a: !acc, %b: !nsa_tile.frag<32xf32, row>) -> !acc {
  // expected-error @below {{'nsa_tile.map' op elements of row (32) must equal rows of acc (16)}}
  %0 = nsa_tile.map %a, %b : !acc, !nsa_tile.frag<32xf32, row> {
  ^bb0(%x: f32, %y: f32):
    nsa_tile.yield %x : f32
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c3_col(%a: !acc, %b: !nsa_tile.frag<16xf32, col>) -> !acc {
  // expected-error @below {{'nsa_tile.map' op elements of col (16) must equal columns of acc (64)}}
  %0 = nsa_tile.map %a, %b : !acc, !nsa_tile.frag<16xf32, col> {
  ^bb0(%x: f32, %y: f32):
    nsa_tile.yield %x : f32
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!row = !nsa_tile.frag<16xf32, row>

func.func @map_c4_arguments(%a: !acc, %b: !row) -> !acc {
  // expected-error @below {{'nsa_tile.map' op body region must take ('f32', 'f32'), but takes ('f32')}}
  %0 = nsa_tile.map %a, %b : !acc, !row {
  ^bb0(%x: f32):
    nsa_tile.yield %x : f32
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c4_yield(%a: !acc, %i: i32) -> !acc {
  %0 = nsa_tile.map %a : !acc {
  ^bb0(%x: f32):
    // expected-error @below {{'nsa_tile.yield' op body region must yield ('f32'), but yields ('i32')}}
    nsa_tile.yield %i : i32
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c4_terminator(%a: !acc, %i: i32) -> !acc {
  // expected-error @below {{'nsa_tile.map' op body region must end with nsa_tile.yield}}
  %0 = nsa_tile.map %a : !acc {
  ^bb0(%x: f32):
    llvm.unreachable
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @map_c5(%a: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.map' op body region must not contain nsa_tile.fill}}
  %0 = nsa_tile.map %a : !acc {
  ^bb0(%x: f32):
    %b = nsa_tile.fill %x : f32 -> !acc
    nsa_tile.yield %x : f32
  } -> !acc
  return %0 : !acc
}

// -----

!row = !nsa_tile.frag<16xf32, row>
!rows = !nsa_tile.frag<16xi32, row>

func.func @mask_c1(%a: !row, %b: !rows, %x: f32) -> !row {
  // expected-error @below {{'nsa_tile.mask' op frag must have layout acc, but is '!nsa_tile.frag<16xf32, row>'}}
  %0 = nsa_tile.mask %a from %b to %b else %x : !row, !rows, f32
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mask_c2_layout(%a: !acc, %b: !nsa_tile.frag<64xi32, col>, %x: f32) -> !acc {
  // expected-error @below {{'nsa_tile.mask' op begin must have layout row, but is '!nsa_tile.frag<64xi32, col>'}}
  %0 = nsa_tile.mask %a from %b to %b else %x : !acc, !nsa_tile.frag<64xi32, col>, f32
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!row = !nsa_tile.frag<16xf32, row>

func.func @mask_c2_element(%a: !acc, %b: !row, %x: f32) -> !acc {
  // expected-error @below {{'nsa_tile.mask' op begin must have element type 'i32', but has 'f32'}}
  %0 = nsa_tile.mask %a from %b to %b else %x : !acc, !row, f32
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @mask_c2_size(%a: !acc, %b: !nsa_tile.frag<32xi32, row>, %x: f32) -> !acc {
  // expected-error @below {{'nsa_tile.mask' op elements of begin (32) must equal rows of frag (16)}}
  %0 = nsa_tile.mask %a from %b to %b else %x : !acc, !nsa_tile.frag<32xi32, row>, f32
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!rows = !nsa_tile.frag<16xi32, row>

func.func @mask_c3(%a: !acc, %b: !rows, %x: i32) -> !acc {
  // expected-error @below {{'nsa_tile.mask' op other must be 'f32', but is 'i32'}}
  %0 = nsa_tile.mask %a from %b to %b else %x : !acc, !rows, i32
  return %0 : !acc
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @reduce_c1_layout(%a: !row) -> !row {
  // expected-error @below {{'nsa_tile.reduce' op frag must have layout acc, but is '!nsa_tile.frag<16xf32, row>'}}
  %0 = nsa_tile.reduce add %a over columns : !row -> !row
  return %0 : !row
}

// -----

!rows = !nsa_tile.frag<16xi32, row>

func.func @reduce_c1_element(%a: !nsa_tile.frag<16x64xi32, acc>) -> !rows {
  // expected-error @below {{'nsa_tile.reduce' op frag must have element type 'f32', but has 'i32'}}
  %0 = nsa_tile.reduce add %a over columns : !nsa_tile.frag<16x64xi32, acc> -> !rows
  return %0 : !rows
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!col = !nsa_tile.frag<64xf32, col>

// Reductions over the wrong dimension.
func.func @reduce_c2_columns(%a: !acc) -> !col {
  // expected-error @below {{'nsa_tile.reduce' op over columns must have a result of layout row, but it is '!nsa_tile.frag<64xf32, col>'}}
  %0 = nsa_tile.reduce max %a over columns : !acc -> !col
  return %0 : !col
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!row = !nsa_tile.frag<16xf32, row>

func.func @reduce_c2_rows(%a: !acc) -> !row {
  // expected-error @below {{'nsa_tile.reduce' op over rows must have a result of layout col, but it is '!nsa_tile.frag<16xf32, row>'}}
  %0 = nsa_tile.reduce add %a over rows : !acc -> !row
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @reduce_c3_size(%a: !acc) -> !nsa_tile.frag<64xf32, row> {
  // expected-error @below {{'nsa_tile.reduce' op elements of the result (64) must equal rows of frag (16)}}
  %0 = nsa_tile.reduce add %a over columns : !acc -> !nsa_tile.frag<64xf32, row>
  return %0 : !nsa_tile.frag<64xf32, row>
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!rows = !nsa_tile.frag<16xi32, row>

func.func @reduce_c3_element(%a: !acc) -> !rows {
  // expected-error @below {{'nsa_tile.reduce' op result must have element type 'f32', but has 'i32'}}
  %0 = nsa_tile.reduce add %a over columns : !acc -> !rows
  return %0 : !rows
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>

func.func @cast_c1(%a: !lhs) -> !lhs {
  // expected-error @below {{'nsa_tile.cast' op frag must have layout acc, but is '!nsa_tile.frag<16x64xbf16, lhs>'}}
  %0 = nsa_tile.cast %a : !lhs -> !lhs
  return %0 : !lhs
}

// -----

!rhs = !nsa_tile.frag<64x64xbf16, rhs>

func.func @cast_c2(%a: !nsa_tile.frag<64x64xf32, acc>) -> !rhs {
  // expected-error @below {{'nsa_tile.cast' op result must have layout lhs, but is '!nsa_tile.frag<64x64xbf16, rhs>'}}
  %0 = nsa_tile.cast %a : !nsa_tile.frag<64x64xf32, acc> -> !rhs
  return %0 : !rhs
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @cast_c3(%a: !acc) -> !nsa_tile.frag<16x32xbf16, lhs> {
  // expected-error @below {{'nsa_tile.cast' op '!nsa_tile.frag<16x64xf32, acc>' and '!nsa_tile.frag<16x32xbf16, lhs>' must have one shape}}
  %0 = nsa_tile.cast %a : !acc -> !nsa_tile.frag<16x32xbf16, lhs>
  return %0 : !nsa_tile.frag<16x32xbf16, lhs>
}

// -----

!col = !nsa_tile.frag<64xf32, col>

func.func @load_c1(%m: memref<?xf32>, %x: f32, %i: index, %e: i1) -> !col {
  // expected-error @below {{'nsa_tile.load' op frag must have layout acc or row, but is '!nsa_tile.frag<64xf32, col>'}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?xf32>, f32 -> !col
  return %0 : !col
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @load_c2(%m: memref<?xi32>, %x: f32, %i: index, %e: i1) -> !row {
  // expected-error @below {{'nsa_tile.load' op an element of source ('i32') must be f32, f16 or bf16 for f32, or i32 for i32, not for 'f32'}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?xi32>, f32 -> !row
  return %0 : !row
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @load_c3_swizzle(%m: !tile, %x: f32, %i: index, %e: i1) -> !acc {
  // expected-error @below {{'nsa_tile.load' op source must have strides, but is 'memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>'}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %i, %e : index, index, i1
  } : !tile, f32 -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @load_c3_stride(%m: memref<8x64xf32, strided<[1, 8]>>, %x: f32, %i: index, %e: i1) -> !acc {
  // expected-error @below {{'nsa_tile.load' op source must have a contiguous last dimension, but is 'memref<8x64xf32, strided<[1, 8]>>'}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<8x64xf32, strided<[1, 8]>>, f32 -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @load_c3_columns(%m: memref<?x72xf32>, %x: f32, %i: index, %e: i1) -> !acc {
  // expected-error @below {{'nsa_tile.load' op last dimension of source (72) must equal the tile's columns (64)}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?x72xf32>, f32 -> !acc
  return %0 : !acc
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @load_c4(%m: memref<?xf16>, %x: f16, %i: index, %e: i1) -> !row {
  // expected-error @below {{'nsa_tile.load' op other must be 'f32', but is 'f16'}}
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : memref<?xf16>, f16 -> !row
  return %0 : !row
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @load_c5(%m: memref<?x64xf32>, %x: f32, %i: index, %e: i1) -> !acc {
  %0 = nsa_tile.load %m else %x {
  ^bb0(%r: i32):
    // expected-error @below {{'nsa_tile.yield' op address region must yield ('index', 'i1'), but yields ('index', 'index', 'i1')}}
    nsa_tile.yield %i, %i, %e : index, index, i1
  } : memref<?x64xf32>, f32 -> !acc
  return %0 : !acc
}

// -----

!lhs = !nsa_tile.frag<16x64xbf16, lhs>

func.func @store_c1(%f: !lhs, %m: memref<?x64xbf16>, %i: index, %e: i1) {
  // expected-error @below {{'nsa_tile.store' op frag must have layout acc or row, but is '!nsa_tile.frag<16x64xbf16, lhs>'}}
  nsa_tile.store %f, %m {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !lhs, memref<?x64xbf16>
  return
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @store_c2(%f: !acc, %m: memref<?x64xi32>, %i: index, %e: i1) {
  // expected-error @below {{'nsa_tile.store' op an element of target ('i32') must be f32, f16 or bf16 for f32, or i32 for i32, not for 'f32'}}
  nsa_tile.store %f, %m {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !acc, memref<?x64xi32>
  return
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>

func.func @store_c3(%f: !acc, %m: memref<?x?xf32>, %i: index, %e: i1) {
  // expected-error @below {{'nsa_tile.store' op last dimension of target (not known) must equal the tile's columns (64)}}
  nsa_tile.store %f, %m {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !acc, memref<?x?xf32>
  return
}

// -----

!row = !nsa_tile.frag<16xf32, row>

func.func @store_c4(%f: !row, %m: memref<?x4xf32>, %i: index, %e: i1) {
  nsa_tile.store %f, %m {
  ^bb0(%r: i32):
    // expected-error @below {{'nsa_tile.yield' op address region must yield ('index', 'index', 'i1'), but yields ('index', 'i1')}}
    nsa_tile.yield %i, %e : index, i1
  } : !row, memref<?x4xf32>
  return
}

// -----

!ready = !nsa_tile.ready

func.func @iterate_c1(%n: index) {
  // expected-error @below {{'nsa_tile.iterate' op stages (1) must be at least 2}}
  nsa_tile.iterate %n stages 1 begin {} load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!ready = !nsa_tile.ready

func.func @iterate_c2(%n: index) {
  // expected-error @below {{'nsa_tile.iterate' op begin region must take ('!nsa_tile.ready'), but takes ()}}
  nsa_tile.iterate %n stages 2 begin {
    nsa_tile.yield
  } load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!ready = !nsa_tile.ready

func.func @iterate_c2_blocks(%n: index) {
  // expected-error @below {{'nsa_tile.iterate' op begin region must have at most one block}}
  nsa_tile.iterate %n stages 2 begin {
  ^bb0(%ready: !ready):
    cf.br ^bb1
  ^bb1:
    nsa_tile.yield
  } load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!ready = !nsa_tile.ready

func.func @iterate_c3_arguments(%n: index) {
  // expected-error @below {{'nsa_tile.iterate' op load region must take ('index', 'i32'), but takes ('index', 'index')}}
  nsa_tile.iterate %n stages 2 begin {} load {
  ^bb0(%i: index, %slot: index):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!ready = !nsa_tile.ready

func.func @iterate_c3_yield(%n: index) {
  nsa_tile.iterate %n stages 2 begin {} load {
  ^bb0(%i: index, %slot: i32):
    // expected-error @below {{'nsa_tile.yield' op load region must yield ('!nsa_tile.copy'), but yields ('index')}}
    nsa_tile.yield %i : index
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @iterate_c4_arguments(%n: index, %a: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.iterate' op compute region must take ('index', 'i32', '!nsa_tile.ready', '!nsa_tile.frag<16x64xf32, acc>'), but takes ('index', 'i32', '!nsa_tile.ready')}}
  %0 = nsa_tile.iterate %n stages 2 init(%a : !acc) begin {} load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield %a : !acc
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @iterate_c4_yield(%n: index, %a: !acc) -> !acc {
  %0 = nsa_tile.iterate %n stages 2 init(%a : !acc) begin {} load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready, %b: !acc):
    // expected-error @below {{'nsa_tile.yield' op compute region must yield ('!nsa_tile.frag<16x64xf32, acc>'), but yields ()}}
    nsa_tile.yield
  } -> !acc
  return %0 : !acc
}

// -----

!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready

func.func @iterate_c5(%n: index, %a: !acc) -> !acc {
  // expected-error @below {{'nsa_tile.iterate' op results must be ('!nsa_tile.frag<16x64xf32, acc>', 'index'), but are ('!nsa_tile.frag<16x64xf32, acc>')}}
  %0 = nsa_tile.iterate %n stages 2 init(%a : !acc) begin {
  ^bb0(%ready: !ready):
    nsa_tile.yield %n : index
  } load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready, %m: index, %b: !acc):
    nsa_tile.yield %b : !acc
  } -> !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!ready = !nsa_tile.ready
!copy = !nsa_tile.copy

// Too few stages.
func.func @iterate_c6(%n: index, %s: !source, %t: !tile, %e: i1) {
  nsa_tile.iterate %n stages 3 begin {} load {
  ^bb0(%i: index, %slot: i32):
    // expected-error @below {{'nsa_tile.load_async' op tile has 2 stages, but the iterate around it has 3}}
    %c = nsa_tile.load_async %s, %t[%slot] threads 128 {
    ^bb0(%r: i32):
      nsa_tile.yield %i, %e : index, i1
    } : !source, !tile
    nsa_tile.yield %c : !copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready):
    nsa_tile.yield
  }
  return
}

// -----

!ready = !nsa_tile.ready

// The number of tiles is a carried value, by operandSegmentSizes.
func.func @iterate_segments(%n: index) {
  // expected-error @below {{'nsa_tile.iterate' op failed to verify that count is one value}}
  %0 = "nsa_tile.iterate"(%n) <{operandSegmentSizes = array<i32: 0, 0, 1>, stages = 2 : i64}> ({
  }, {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  }, {
  ^bb0(%i: index, %slot: i32, %ready: !ready, %m: index):
    nsa_tile.yield %m : index
  }) : (index) -> index
  return
}
