// What nsa-tile-verify refuses; functions are named after the constraint of its
// documentation that they break, and after how.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics -nsa-tile-pipeline -nsa-tile-verify

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>

func.func @copies_c1_copy_never_committed(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) {
  // expected-error @below {{'nsa_tile.load_async' op copy is never committed}}
  %c = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!copy = !nsa_tile.copy

func.func @copies_c1_in_one_branch(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) {
  // expected-error @below {{'scf.if' op copy is never committed}}
  %c = scf.if %e -> !copy {
    %a = nsa_tile.load_async %s, %t[%slot] threads 128 {
    ^bb0(%r: i32):
      nsa_tile.yield %i, %e : index, i1
    } : !source, !tile
    scf.yield %a : !copy
  } else {
    %a = nsa_tile.no_copy
    scf.yield %a : !copy
  }
  return
}

// -----

!group = !nsa_tile.group

func.func @copies_c1_group_never_waited_for(%n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %g = nsa_tile.commit none
  // expected-error @below {{'scf.for' op group is never waited for or dropped}}
  %0 = scf.for %i = %zero to %n step %one iter_args(%f = %g) -> (!group) {
    %ready = nsa_tile.wait %f newer 0
    %h = nsa_tile.commit none
    scf.yield %h : !group
  }
  return
}

// -----

!group = !nsa_tile.group

func.func @copies_c1_group_lost_in_loop(%n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %g = nsa_tile.commit none
  // expected-error @below {{'scf.for' op group in argument 1 is never waited for or dropped}}
  %0 = scf.for %i = %zero to %n step %one iter_args(%f = %g) -> (!group) {
    %h = nsa_tile.commit none
    scf.yield %h : !group
  }
  nsa_tile.drop %0
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>

func.func @copies_c2_token_used_twice(%s: !source, %t: !tile, %slot: i32, %i: index, %e: i1) {
  // expected-error @below {{'nsa_tile.load_async' op copy must be used once, but is used 2 times}}
  %c = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  // expected-note @below {{used here}}
  %a = nsa_tile.commit %c
  // expected-note @below {{used here}}
  %b = nsa_tile.commit %c
  %ready = nsa_tile.wait %a, %b newer 0
  return
}

// -----

func.func @copies_c2_group_waited_for_twice() {
  // expected-error @below {{'nsa_tile.commit' op group must be used once, but is used 2 times}}
  %g = nsa_tile.commit none
  // expected-note @below {{used here}}
  %a = nsa_tile.wait %g newer 0
  // expected-note @below {{used here}}
  %b = nsa_tile.wait %g newer 0
  return
}

// -----

func.func @copies_c3_in_a_loop(%n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // expected-error @below {{'nsa_tile.commit' op group must be used in the block it belongs to, by an op that hands it on or ends it}}
  %g = nsa_tile.commit none
  scf.for %i = %zero to %n step %one {
    // expected-note @below {{used here}}
    %a = nsa_tile.wait %g newer 0
  }
  return
}

// -----

!group = !nsa_tile.group

func.func @copies_c3_by_another_op() -> !group {
  // expected-error @below {{'nsa_tile.commit' op group must be used in the block it belongs to, by an op that hands it on or ends it}}
  %g = nsa_tile.commit none
  // expected-note @below {{used here}}
  return %g : !group
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// Read before wait: the group itself may be in flight behind the wait.
func.func @copies_c4_read_before_wait(%s: !source, %slot: i32, %i: index, %e: i1) -> !lhs {
  %t = nsa_tile.shared at 0 : !tile
  %c = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  %g = nsa_tile.commit %c
  // expected-error @below {{'nsa_tile.wait' op lets 1 newer groups be in flight, but only 0 are committed after a group it waits for, which may be read before it has arrived}}
  %ready = nsa_tile.wait %g newer 1
  gpu.barrier
  %f = nsa_tile.load_frag %t[%slot, %slot, %slot] after %ready : !tile -> !lhs
  return %f : !lhs
}

// -----

// Only one branch commits a newer group.
func.func @copies_c4_branch(%e: i1) {
  %g = nsa_tile.commit none
  scf.if %e {
    %h = nsa_tile.commit none
    nsa_tile.drop %h
  }
  // expected-error @below {{'nsa_tile.wait' op lets 1 newer groups be in flight, but only 0 are committed after a group it waits for, which may be read before it has arrived}}
  %ready = nsa_tile.wait %g newer 1
  return
}

// -----

!group = !nsa_tile.group

// Of two groups that a loop carries, the second is the newest.
func.func @copies_c4_wrong_place_in_loop(%n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %g = nsa_tile.commit none
  %h = nsa_tile.commit none
  %0:2 = scf.for %i = %zero to %n step %one iter_args(%a = %g, %b = %h) -> (!group, !group) {
    // expected-error @below {{'nsa_tile.wait' op lets 1 newer groups be in flight, but only 0 are committed after a group it waits for, which may be read before it has arrived}}
    %ready = nsa_tile.wait %b newer 1
    %c = nsa_tile.commit none
    scf.yield %a, %c : !group, !group
  }
  nsa_tile.drop %0#0, %0#1
  return
}

// -----

!group = !nsa_tile.group

// Groups in the wrong order from the second round on.
func.func @copies_c4_swapped_in_loop(%n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %g = nsa_tile.commit none
  %h = nsa_tile.commit none
  %0:2 = scf.for %i = %zero to %n step %one iter_args(%a = %g, %b = %h) -> (!group, !group) {
    // expected-error @below {{'nsa_tile.wait' op lets 1 newer groups be in flight, but only 0 are committed after a group it waits for, which may be read before it has arrived}}
    %ready = nsa_tile.wait %a newer 1
    %c = nsa_tile.commit none
    scf.yield %c, %b : !group, !group
  }
  nsa_tile.drop %0#0, %0#1
  return
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

func.func @copies_c5_wait_on_a_foreign_group(%s: !source, %slot: i32, %i: index, %e: i1) -> !lhs {
  %k = nsa_tile.shared at 0 : !tile
  %v = nsa_tile.shared at 16384 : !tile
  %c = nsa_tile.load_async %s, %v[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  %g = nsa_tile.commit %c
  %ready = nsa_tile.wait %g newer 0
  gpu.barrier
  // expected-error @below {{'nsa_tile.load_frag' op reads a tile after a wait for other groups: none of them copies to this tile}}
  %f = nsa_tile.load_frag %k[%slot, %slot, %slot] after %ready : !tile -> !lhs
  return %f : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!one = memref<1x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!ready = !nsa_tile.ready
!copy = !nsa_tile.copy

// The tile's ready value is not that of the queries, nor the other way round.
func.func @copies_c5_iterate(%s: !source, %n: index, %init: !acc, %e: i1) -> !acc {
  %c0 = arith.constant 0 : i32
  %q = nsa_tile.shared at 0 : !one
  %k = nsa_tile.shared at 8192 : !tile
  %c = nsa_tile.load_async %s, %q[%c0] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %n, %e : index, i1
  } : !source, !one
  %pending = nsa_tile.commit %c
  %0:2 = nsa_tile.iterate %n stages 2 pending(%pending) init(%init : !acc) begin {
  ^bb0(%ready: !ready):
    nsa_tile.yield %ready : !ready
  } load {
  ^bb0(%i: index, %slot: i32):
    %a = nsa_tile.load_async %s, %k[%slot] threads 128 {
    ^bb0(%r: i32):
      nsa_tile.yield %i, %e : index, i1
    } : !source, !tile
    nsa_tile.yield %a : !copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !ready, %begun: !ready, %acc: !acc):
    // expected-error @below {{'nsa_tile.load_frag' op reads a tile after a wait for other groups: none of them copies to this tile}}
    %f = nsa_tile.load_frag %q[%c0, %c0, %c0] after %ready : !one -> !lhs
    // expected-error @below {{'nsa_tile.mma_shared' op reads a tile after a wait for other groups: none of them copies to this tile}}
    %o = nsa_tile.mma_shared %f, %k[%slot, %c0, %c0], %acc after %begun : !lhs, !tile, !acc
    nsa_tile.yield %o : !acc
  } -> !acc, !ready
  return %0#0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

func.func @copies_c6_no_barrier(%s: !source, %slot: i32, %i: index, %e: i1) -> !lhs {
  %t = nsa_tile.shared at 0 : !tile
  %c = nsa_tile.load_async %s, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !tile
  %g = nsa_tile.commit %c
  %ready = nsa_tile.wait %g newer 0
  scf.if %e {
    gpu.barrier
  }
  // expected-error @below {{'nsa_tile.load_frag' op reads what other threads copied, but there is no gpu.barrier between the wait and the read}}
  %f = nsa_tile.load_frag %t[%slot, %slot, %slot] after %ready : !tile -> !lhs
  return %f : !lhs
}

// -----

!one = memref<1x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// Stage count too small: while the only stage is read, it is written.
func.func @copies_c7_one_stage(%s: !source, %i: index, %e: i1) -> !lhs {
  %c0 = arith.constant 0 : i32
  %t = nsa_tile.shared at 0 : !one
  %c = nsa_tile.load_async %s, %t[%c0] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !one
  %g = nsa_tile.commit %c
  %ready = nsa_tile.wait %g newer 0
  gpu.barrier
  %d = nsa_tile.load_async %s, %t[%c0] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %i, %e : index, i1
  } : !source, !one
  // expected-error @below {{'nsa_tile.load_frag' op tile has 1 stages, but 1 copies to it are in flight while one is read}}
  %f = nsa_tile.load_frag %t[%c0, %c0, %c0] after %ready : !one -> !lhs
  %h = nsa_tile.commit %d
  nsa_tile.drop %h
  return %f : !lhs
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!source = memref<?x64xbf16>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>
!acc = !nsa_tile.frag<16x64xf32, acc>
!group = !nsa_tile.group

// What a pipeline of three stages has in flight is too much for two.
func.func @copies_c7_pipeline(%s: !source, %n: index, %init: !acc, %lhs: !lhs, %e: i1) -> !acc {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %t = nsa_tile.shared at 0 : !tile
  %c = nsa_tile.load_async %s, %t[%c0] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %zero, %e : index, i1
  } : !source, !tile
  %g = nsa_tile.commit %c
  %d = nsa_tile.load_async %s, %t[%c1] threads 128 {
  ^bb0(%r: i32):
    nsa_tile.yield %one, %e : index, i1
  } : !source, !tile
  %h = nsa_tile.commit %d
  %0:4 = scf.for %i = %zero to %n step %one iter_args(%acc = %init, %a = %g, %b = %h, %slot = %c0) -> (!acc, !group, !group, i32) {
    %ready = nsa_tile.wait %a newer 1
    gpu.barrier
    %x = nsa_tile.load_async %s, %t[%slot] threads 128 {
    ^bb0(%r: i32):
      nsa_tile.yield %i, %e : index, i1
    } : !source, !tile
    %y = nsa_tile.commit %x
    // expected-error @below {{'nsa_tile.mma_shared' op tile has 2 stages, but 2 copies to it are in flight while one is read}}
    %o = nsa_tile.mma_shared %lhs, %t[%slot, %c0, %c0], %acc after %ready : !lhs, !tile, !acc
    %next = arith.subi %c1, %slot : i32
    scf.yield %o, %b, %y, %next : !acc, !group, !group, i32
  }
  nsa_tile.drop %0#1, %0#2
  return %0#0 : !acc
}

// -----

!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

func.func @copies_c8_mismatched_swizzle() {
  // expected-note @below {{the other tile}}
  %a = nsa_tile.shared at 0 : !tile
  // expected-error @below {{'nsa_tile.shared' op has #nsa_tile.swizzle<64>, but a tile of its shape that overlaps it has #nsa_tile.swizzle<128>}}
  %b = nsa_tile.shared at 8192 : memref<2x64x64xbf16, #nsa_tile.swizzle<64>, #gpu.address_space<workgroup>>
  return
}
