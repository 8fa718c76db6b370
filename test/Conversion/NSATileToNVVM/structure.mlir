// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm | FileCheck %s

!acc = !nsa_tile.frag<16x8xf32, acc>
!row = !nsa_tile.frag<16xi32, row>
!tile = memref<1x16x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

// A module without nsa_tile is left alone, casts included.
// CHECK-LABEL: func @nothing
// CHECK:         builtin.unrealized_conversion_cast
func.func @nothing(%x: i32) -> index {
  %y = builtin.unrealized_conversion_cast %x : i32 to index
  return %y : index
}

// A loop carries a frag's values, and no token; a scalar beside them that a region
// captures is the new loop's.
// CHECK-LABEL: func @for
// CHECK:         %[[LOOP:.*]]:5 = scf.for {{.*}} iter_args(%[[A0:.*]] = %{{.*}}, %[[A1:.*]] = %{{.*}}, %[[A2:.*]] = %{{.*}}, %[[A3:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}}) -> (f32, f32, f32, f32, f32)
// CHECK:           nvvm.cp.async.wait.group 0
// CHECK:           %[[B0:.*]] = arith.addf %[[A0]], %[[S]]
// CHECK:           %[[B3:.*]] = arith.addf %[[A3]], %[[S]]
// CHECK:           scf.yield %[[B0]], %{{.*}}, %{{.*}}, %[[B3]], %{{.*}} : f32, f32, f32, f32, f32
// CHECK:         return %[[LOOP]]#4
func.func @for(%n: index, %x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = nsa_tile.fill %x : f32 -> !acc
  %n0 = nsa_tile.no_copy
  %g0 = nsa_tile.commit %n0
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%b = %a, %g = %g0, %s = %x) -> (!acc, !nsa_tile.group, f32) {
    %ready = nsa_tile.wait %g newer 0
    %c = nsa_tile.map %b : !acc {
    ^bb0(%v: f32):
      %w = arith.addf %v, %s : f32
      nsa_tile.yield %w : f32
    } -> !acc
    %t = arith.mulf %s, %s : f32
    %nothing = nsa_tile.no_copy
    %h = nsa_tile.commit %nothing
    scf.yield %c, %h, %t : !acc, !nsa_tile.group, f32
  }
  nsa_tile.drop %r#1
  return %r#2 : f32
}

// CHECK-LABEL: func @if
// CHECK:         %[[IF:.*]]:2 = scf.if {{.*}} -> (i32, i32)
// CHECK-NOT:     nsa_tile
// CHECK:         arith.addi %[[IF]]#0
// CHECK:         arith.addi %[[IF]]#1
func.func @if(%c: i1, %x: i32) {
  %r, %copy = scf.if %c -> (!row, !nsa_tile.copy) {
    %a = nsa_tile.iota : !row
    %n = nsa_tile.no_copy
    scf.yield %a, %n : !row, !nsa_tile.copy
  } else {
    %a = nsa_tile.fill %x : i32 -> !row
    %n = nsa_tile.no_copy
    scf.yield %a, %n : !row, !nsa_tile.copy
  }
  %g = nsa_tile.commit %copy
  %b = nsa_tile.map %r : !row {
  ^bb0(%v: i32):
    %w = arith.addi %v, %v : i32
    nsa_tile.yield %w : i32
  } -> !row
  return
}

// CHECK-LABEL: func @while
// CHECK:         scf.while (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : (i32, i32) -> (i32, i32)
func.func @while(%x: i32, %c: i1) {
  %a = nsa_tile.fill %x : i32 -> !row
  %r = scf.while (%b = %a) : (!row) -> !row {
    scf.condition(%c) %b : !row
  } do {
  ^bb0(%b: !row):
    %d = nsa_tile.map %b : !row {
    ^bb0(%v: i32):
      %w = arith.addi %v, %v : i32
      nsa_tile.yield %w : i32
    } -> !row
    scf.yield %d : !row
  }
  return
}

// CHECK-LABEL: func @select
// CHECK-COUNT-4: arith.select {{.*}} : f32
// CHECK:         arith.select {{.*}} : !llvm.ptr<3>
// CHECK-COUNT-2: ub.poison : i32
func.func @select(%c: i1, %x: f32, %y: f32) {
  %a = nsa_tile.fill %x : f32 -> !acc
  %b = nsa_tile.fill %y : f32 -> !acc
  %n = nsa_tile.no_copy
  %g = nsa_tile.commit %n
  %h = nsa_tile.commit %n
  %s = arith.select %c, %a, %b : !acc
  %k = arith.select %c, %g, %h : !nsa_tile.group
  %t = nsa_tile.shared at 0 : !tile
  %u = nsa_tile.shared at 2048 : !tile
  %tile = arith.select %c, %t, %u : !tile
  %p = ub.poison : !row
  return
}

// Locations are those of the ops.
// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC
// LOC-LABEL: func @iota
// LOC:         gpu.thread_id x upper_bound 32 loc("{{.*}}structure.mlir":[[#@LINE+2]]:8)
func.func @iota() {
  %a = nsa_tile.iota : !row
  return
}
