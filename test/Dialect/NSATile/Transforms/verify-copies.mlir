// What nsa-tile-verify accepts: pipelines of 2, 3 and 4 stages as
// nsa-tile-pipeline makes them, before and after, and cleaned up.

// RUN: nsa-opt %s -split-input-file -nsa-tile-verify | FileCheck %s
// RUN: nsa-opt %s -split-input-file -nsa-tile-pipeline -nsa-tile-verify | FileCheck %s
// RUN: nsa-opt %s -split-input-file -nsa-tile-pipeline -canonicalize -cse -nsa-tile-verify | FileCheck %s

!q = memref<1x16x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!tile2 = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!tile3 = memref<3x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!tile4 = memref<4x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// Keys and values in two stages; queries are waited for behind the first copies
// and read again in each tile.
// CHECK-LABEL: func.func @two_stages(
func.func @two_stages(%src: memref<?x64xbf16>, %count: index, %init: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %q = nsa_tile.shared at 0 : !q
  %k = nsa_tile.shared at 2048 : !tile2
  %v = nsa_tile.shared at 18432 : !tile2
  %copy = nsa_tile.load_async %src, %q[%c0] threads 128 {
  ^bb0(%row: i32):
    %r = arith.index_cast %row : i32 to index
    nsa_tile.yield %r, %true : index, i1
  } : memref<?x64xbf16>, !q
  %pending = nsa_tile.commit %copy
  %0:2 = nsa_tile.iterate %count stages 2 pending(%pending) init(%init : !acc) begin {
  ^bb0(%ready: !nsa_tile.ready):
    nsa_tile.yield %ready : !nsa_tile.ready
  } load {
  ^bb0(%i: index, %slot: i32):
    %a = nsa_tile.load_async %src, %k[%slot] threads 128 {
    ^bb0(%row: i32):
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile2
    %b = nsa_tile.load_async %src, %v[%slot] threads 128 {
    ^bb0(%row: i32):
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile2
    nsa_tile.yield %a, %b : !nsa_tile.copy, !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %begun: !nsa_tile.ready, %acc: !acc):
    %f = nsa_tile.load_frag %q[%c0, %c0, %c0] after %begun : !q -> !lhs
    %s = nsa_tile.mma_shared %f, %k[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile2, !acc
    %p = nsa_tile.cast %s : !acc -> !lhs
    %o = nsa_tile.mma_shared %p, %v[%slot, %c0, %c0], %acc after %ready : !lhs, !tile2, !acc
    nsa_tile.yield %o : !acc
  } -> !acc, !nsa_tile.ready
  // Queries may be read behind the loop, too.
  %f = nsa_tile.load_frag %q[%c0, %c0, %c0] after %0#1 : !q -> !lhs
  // Another loop over other tiles in the same place.
  gpu.barrier
  %again = nsa_tile.shared at 2048 : !tile3
  %1 = nsa_tile.iterate %count stages 3 init(%0#0 : !acc) begin {} load {
  ^bb0(%i: index, %slot: i32):
    %a = nsa_tile.load_async %src, %again[%slot] threads 128 {
    ^bb0(%row: i32):
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile3
    nsa_tile.yield %a : !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %acc: !acc):
    %o = nsa_tile.mma_shared %f, %again[%slot, %c0, %c0], %acc after %ready : !lhs, !tile3, !acc
    nsa_tile.yield %o : !acc
  } -> !acc
  return %1 : !acc
}

// -----

!tile3 = memref<3x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// In a loop of a launch, where a block may have nothing to do; a copy may come
// from either branch.
// CHECK-LABEL: func.func @three_stages(
func.func @three_stages(%src: memref<?x64xbf16>, %count: index, %lhs: !lhs, %init: !acc, %which: i1, %out: memref<16x64xf32>) {
  %one = arith.constant 1 : index
  %zero = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%nx = %one, %ny = %one, %nz = %one) {
    %k = nsa_tile.shared at 0 : !tile3
    %exists = arith.cmpi slt, %bx, %count : index
    scf.if %exists {
      %1 = scf.for %j = %zero to %count step %one iter_args(%outer = %init) -> (!acc) {
        %0 = nsa_tile.iterate %j stages 3 init(%outer : !acc) begin {} load {
        ^bb0(%i: index, %slot: i32):
          %a = scf.if %which -> !nsa_tile.copy {
            %b = nsa_tile.load_async %src, %k[%slot] threads 128 {
            ^bb0(%row: i32):
              nsa_tile.yield %i, %true : index, i1
            } : memref<?x64xbf16>, !tile3
            scf.yield %b : !nsa_tile.copy
          } else {
            %b = nsa_tile.load_async %src, %k[%slot] threads 128 {
            ^bb0(%row: i32):
              nsa_tile.yield %zero, %true : index, i1
            } : memref<?x64xbf16>, !tile3
            scf.yield %b : !nsa_tile.copy
          }
          nsa_tile.yield %a : !nsa_tile.copy
        } compute {
        ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %acc: !acc):
          %s = nsa_tile.mma_shared %lhs, %k[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile3, !acc
          nsa_tile.yield %s : !acc
        } -> !acc
        gpu.barrier
        scf.yield %0 : !acc
      }
      nsa_tile.store %1, %out {
      ^bb0(%row: i32):
        nsa_tile.yield %zero, %true : index, i1
      } : !acc, memref<16x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

!tile4 = memref<4x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!tile2 = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// One inside the other: the inner loop's groups are newer than the outer's.
// CHECK-LABEL: func.func @four_stages(
func.func @four_stages(%src: memref<?x64xbf16>, %count: index, %lhs: !lhs, %init: !acc) -> !acc {
  %c0 = arith.constant 0 : i32
  %true = arith.constant true
  %k = nsa_tile.shared at 0 : !tile4
  %v = nsa_tile.shared at 32768 : !tile2
  %0 = nsa_tile.iterate %count stages 4 init(%init : !acc) begin {} load {
  ^bb0(%i: index, %slot: i32):
    %a = nsa_tile.load_async %src, %k[%slot] threads 128 {
    ^bb0(%row: i32):
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile4
    nsa_tile.yield %a : !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %acc: !acc):
    %1 = nsa_tile.iterate %i stages 2 init(%acc : !acc) begin {} load {
    ^bb0(%j: index, %inner: i32):
      %b = nsa_tile.load_async %src, %v[%inner] threads 128 {
      ^bb0(%row: i32):
        nsa_tile.yield %j, %true : index, i1
      } : memref<?x64xbf16>, !tile2
      nsa_tile.yield %b : !nsa_tile.copy
    } compute {
    ^bb0(%j: index, %inner: i32, %inner_ready: !nsa_tile.ready, %inner_acc: !acc):
      %s = nsa_tile.mma_shared %lhs, %v[%inner, %c0, %c0] transposed, %inner_acc after %inner_ready : !lhs, !tile2, !acc
      %t = nsa_tile.mma_shared %lhs, %k[%slot, %c0, %c0] transposed, %s after %ready : !lhs, !tile4, !acc
      nsa_tile.yield %t : !acc
    } -> !acc
    gpu.barrier
    nsa_tile.yield %1 : !acc
  } -> !acc
  return %0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// A copy of nothing may be in many groups; of a ready value or a tile that comes
// from elsewhere, nothing is known; a wait for a later group covers earlier ones.
// CHECK-LABEL: func.func @unknown(
func.func @unknown(%src: memref<?x64xbf16>, %ready: !nsa_tile.ready, %tile: !tile, %group: !nsa_tile.group, %which: i1) -> (!lhs, !lhs, !lhs) {
  %c0 = arith.constant 0 : i32
  %zero = arith.constant 0 : index
  %true = arith.constant true
  %no = nsa_tile.no_copy
  %a = nsa_tile.commit %no, %no
  %own = nsa_tile.shared at 0 : !tile
  %copy = nsa_tile.load_async %src, %own[%c0] threads 128 {
  ^bb0(%row: i32):
    nsa_tile.yield %zero, %true : index, i1
  } : memref<?x64xbf16>, !tile
  %b = nsa_tile.commit %copy
  %c = nsa_tile.commit %no
  %last = nsa_tile.wait %c newer 0
  %first = nsa_tile.wait %a, %b newer 2
  gpu.barrier
  %0 = nsa_tile.load_frag %tile[%c0, %c0, %c0] after %ready : !tile -> !lhs
  %1 = nsa_tile.load_frag %own[%c0, %c0, %c0] after %first : !tile -> !lhs
  %either = arith.select %which, %tile, %own : !tile
  %2 = nsa_tile.load_frag %either[%c0, %c0, %c0] after %last : !tile -> !lhs
  nsa_tile.drop %group
  return %0, %1, %2 : !lhs, !lhs, !lhs
}
