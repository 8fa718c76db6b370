// RUN: nsa-opt %s -split-input-file -allow-unregistered-dialect -nsa-tile-pipeline | FileCheck %s
// RUN: nsa-opt %s -split-input-file -allow-unregistered-dialect -nsa-tile-pipeline -canonicalize -cse | FileCheck %s --check-prefix=CLEAN
// RUN: nsa-opt %s -split-input-file -allow-unregistered-dialect -nsa-tile-pipeline -remarks-filter=nsa.* 2>&1 | FileCheck %s --check-prefix=REMARK

// Three stages: two tiles are copied ahead, and two groups are carried.

!tile = memref<3x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// REMARK: remark: [Passed] expanded | Category:nsa-tile-pipeline | Remark="a pipelined loop over tiles", stages=3

// CHECK-LABEL: gpu.func @three_stages(
// CHECK-SAME:    %[[SRC:.+]]: memref<?x64xbf16>, %[[COUNT:.+]]: index, %[[LHS:.+]]: !nsa_tile.frag<16x64xbf16, lhs>, %[[INIT:.+]]: !nsa_tile.frag<16x64xf32, acc>
gpu.module @m {
  gpu.func @three_stages(%src: memref<?x64xbf16>, %count: index, %lhs: !lhs, %init: !acc, %out: memref<16x64xf32>) kernel {
    %c0 = arith.constant 0 : i32
    %zero = arith.constant 0 : index
    // CHECK:      %[[K:.+]] = nsa_tile.shared at 0
    // CHECK:      %[[V:.+]] = nsa_tile.shared at 24576
    %k = nsa_tile.shared at 0 : !tile
    %v = nsa_tile.shared at 24576 : !tile

    // CHECK-DAG:  %[[I0:.+]] = arith.constant 0 : index
    // CHECK-DAG:  %[[S0:.+]] = arith.constant 0 : i32
    // CHECK-DAG:  %[[I1:.+]] = arith.constant 1 : index
    // CHECK-DAG:  %[[S1:.+]] = arith.constant 1 : i32
    // CHECK-DAG:  %[[I2:.+]] = arith.constant 2 : index
    // CHECK-DAG:  %[[S2:.+]] = arith.constant 2 : i32
    // CHECK-DAG:  %[[DOWN:.+]] = arith.constant -1 : i32
    // CHECK:      %[[IF0:.+]] = arith.cmpi slt, %[[I0]], %[[COUNT]]
    // CHECK-NEXT: %[[COPY0:.+]]:2 = scf.if %[[IF0]] -> (!nsa_tile.copy, !nsa_tile.copy) {
    // CHECK-NEXT:   %[[A:.+]] = nsa_tile.load_async %[[SRC]], %[[K]][%[[S0]]] threads 128 {
    // CHECK:          nsa_tile.yield %[[I0]], %{{.+}} : index, i1
    // CHECK:        %[[B:.+]] = nsa_tile.load_async %[[SRC]], %[[V]][%[[S0]]] threads 128 {
    // CHECK:        scf.yield %[[A]], %[[B]]
    // CHECK-NEXT: } else {
    // CHECK-NEXT:   %[[A:.+]] = nsa_tile.no_copy
    // CHECK-NEXT:   %[[B:.+]] = nsa_tile.no_copy
    // CHECK-NEXT:   scf.yield %[[A]], %[[B]]
    // CHECK-NEXT: }
    // CHECK-NEXT: %[[G0:.+]] = nsa_tile.commit %[[COPY0]]#0, %[[COPY0]]#1
    // CHECK-NEXT: %[[IF1:.+]] = arith.cmpi slt, %[[I1]], %[[COUNT]]
    // CHECK-NEXT: %[[COPY1:.+]]:2 = scf.if %[[IF1]]
    // CHECK:          nsa_tile.load_async %[[SRC]], %[[K]][%[[S1]]]
    // CHECK:      %[[G1:.+]] = nsa_tile.commit %[[COPY1]]#0, %[[COPY1]]#1
    // CHECK-NOT:  nsa_tile.wait

    // CHECK:      %[[LOOP:.+]]:5 = scf.for %[[I:.+]] = %[[I0]] to %[[COUNT]] step %[[I1]]
    // CHECK-SAME:   iter_args(%[[ACC:.+]] = %[[INIT]], %[[L:.+]] = %[[LHS]], %[[F0:.+]] = %[[G0]], %[[F1:.+]] = %[[G1]], %[[SLOT:.+]] = %[[S0]])
    // CHECK-NEXT:   %[[READY:.+]] = nsa_tile.wait %[[F0]] newer 1
    // CHECK-NEXT:   gpu.barrier
    // CHECK-NEXT:   %[[AHEAD:.+]] = arith.addi %[[I]], %[[I2]] : index
    // CHECK-NEXT:   %[[WRAP:.+]] = arith.cmpi eq, %[[SLOT]], %[[S0]] : i32
    // CHECK-NEXT:   %[[BEFORE:.+]] = arith.addi %[[SLOT]], %[[DOWN]] : i32
    // CHECK-NEXT:   %[[TO:.+]] = arith.select %[[WRAP]], %[[S2]], %[[BEFORE]] : i32
    // CHECK-NEXT:   %[[IF:.+]] = arith.cmpi slt, %[[AHEAD]], %[[COUNT]] : index
    // CHECK-NEXT:   %[[COPY:.+]]:2 = scf.if %[[IF]]
    // CHECK:          nsa_tile.load_async %[[SRC]], %[[K]][%[[TO]]]
    // CHECK:            nsa_tile.yield %[[AHEAD]],
    // CHECK:          nsa_tile.load_async %[[SRC]], %[[V]][%[[TO]]]
    // CHECK:        %[[G:.+]] = nsa_tile.commit %[[COPY]]#0, %[[COPY]]#1
    // CHECK-NEXT:   %[[N:.+]] = nsa_tile.mma_shared %[[L]], %[[K]][%[[SLOT]], %{{.+}}, %{{.+}}] transposed, %[[ACC]] after %[[READY]]
    // CHECK-NEXT:   %[[WRAP:.+]] = arith.cmpi eq, %[[SLOT]], %[[S2]] : i32
    // CHECK-NEXT:   %[[AFTER:.+]] = arith.addi %[[SLOT]], %[[S1]] : i32
    // CHECK-NEXT:   %[[NEXT:.+]] = arith.select %[[WRAP]], %[[S0]], %[[AFTER]] : i32
    // CHECK-NEXT:   scf.yield %[[N]], %[[L]], %[[F1]], %[[G]], %[[NEXT]]
    // CHECK-NEXT: }
    // CHECK-NEXT: nsa_tile.drop %[[LOOP]]#2, %[[LOOP]]#3
    // CHECK-NEXT: nsa_tile.store %[[LOOP]]#0

    // An unchanged value needs no loop to carry it; every copy stays.
    // CLEAN-LABEL: gpu.func @three_stages(
    // CLEAN-COUNT-6: nsa_tile.load_async
    // CLEAN-NOT:   nsa_tile.load_async
    // CLEAN:       gpu.return
    %r:2 = nsa_tile.iterate %count stages 3 init(%init, %lhs : !acc, !lhs) begin {} load {
    ^bb0(%i: index, %slot: i32):
      %a = nsa_tile.load_async %src, %k[%slot] threads 128 {
      ^bb0(%row: i32):
        %true = arith.constant true
        nsa_tile.yield %i, %true : index, i1
      } : memref<?x64xbf16>, !tile
      %b = nsa_tile.load_async %src, %v[%slot] threads 128 {
      ^bb0(%row: i32):
        %true = arith.constant true
        nsa_tile.yield %i, %true : index, i1
      } : memref<?x64xbf16>, !tile
      nsa_tile.yield %a, %b : !nsa_tile.copy, !nsa_tile.copy
    } compute {
    ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %acc: !acc, %l: !lhs):
      %n = nsa_tile.mma_shared %l, %k[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile, !acc
      nsa_tile.yield %n, %l : !acc, !lhs
    } -> !acc, !lhs
    nsa_tile.store %r#0, %out {
    ^bb0(%row: i32):
      %true = arith.constant true
      nsa_tile.yield %zero, %true : index, i1
    } : !acc, memref<16x64xf32>
    gpu.return
  }
}

// -----

// Queries are waited for by `begin`, when the first tile is in flight.

!q = memref<1x16x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!tile = memref<2x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!acc = !nsa_tile.frag<16x64xf32, acc>
!lhs = !nsa_tile.frag<16x64xbf16, lhs>

// CHECK-LABEL: func.func @begin(
func.func @begin(%src: memref<?x64xbf16>, %count: index, %init: !acc) -> (!acc, !lhs) {
  %c0 = arith.constant 0 : i32
  %q = nsa_tile.shared at 0 : !q
  %k = nsa_tile.shared at 2048 : !tile
  %copy = nsa_tile.load_async %src, %q[%c0] threads 128 {
  ^bb0(%row: i32):
    %true = arith.constant true
    %r = arith.index_cast %row : i32 to index
    nsa_tile.yield %r, %true : index, i1
  } : memref<?x64xbf16>, !q
  // CHECK:      %[[PENDING:.+]] = nsa_tile.commit
  // CHECK:      %[[G:.+]] = nsa_tile.commit
  // CHECK-NEXT: %[[READY:.+]] = nsa_tile.wait %[[PENDING]] newer 1
  // CHECK-NEXT: gpu.barrier
  // CHECK-NEXT: %[[Q:.+]] = nsa_tile.load_frag {{.+}} after %[[READY]]
  // CHECK-NEXT: %{{.+}}:3 = scf.for {{.+}} iter_args(%{{.+}} = %{{.+}}, %[[F:.+]] = %[[G]], %[[SLOT:.+]] = %{{.+}})
  // CHECK-NEXT:   nsa_tile.wait %[[F]] newer 0
  // CHECK-NEXT:   gpu.barrier
  // CHECK:        nsa_tile.mma_shared %[[Q]], %{{.+}}[%[[SLOT]],
  // CHECK:      return %{{.+}}, %[[Q]]
  %pending = nsa_tile.commit %copy
  %0:2 = nsa_tile.iterate %count stages 2 pending(%pending) init(%init : !acc) begin {
  ^bb0(%ready: !nsa_tile.ready):
    %f = nsa_tile.load_frag %q[%c0, %c0, %c0] after %ready : !q -> !lhs
    nsa_tile.yield %f : !lhs
  } load {
  ^bb0(%i: index, %slot: i32):
    %c = nsa_tile.load_async %src, %k[%slot] threads 128 {
    ^bb0(%row: i32):
      %true = arith.constant true
      nsa_tile.yield %i, %true : index, i1
    } : memref<?x64xbf16>, !tile
    nsa_tile.yield %c : !nsa_tile.copy
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready, %f: !lhs, %acc: !acc):
    %n = nsa_tile.mma_shared %f, %k[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile, !acc
    nsa_tile.yield %n : !acc
  } -> !acc, !lhs
  return %0#0, %0#1 : !acc, !lhs
}

// -----

// Without `begin`, pending groups are waited for all the same.

// CHECK-LABEL: func.func @pending(
// CHECK:         %[[PENDING:.+]] = nsa_tile.commit
// CHECK:         nsa_tile.wait %[[PENDING]] newer 3
// CHECK-NEXT:    scf.for
// CHECK-NEXT:      nsa_tile.wait %{{.+}} newer 2
// CHECK:           scf.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    nsa_tile.drop %{{.+}}#0, %{{.+}}#1, %{{.+}}#2
// CHECK-NEXT:    return
func.func @pending(%count: index) {
  %pending = nsa_tile.commit none
  nsa_tile.iterate %count stages 4 pending(%pending) begin {} load {
  ^bb0(%i: index, %slot: i32):
    nsa_tile.yield
  } compute {
  ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready):
    nsa_tile.yield
  }
  return
}

// -----

// One behind the other, and one inside the other, in a launch and a loop.

// CHECK-LABEL: func.func @several(
// CHECK:         gpu.launch
// CHECK:           scf.for
// CHECK-NOT:         nsa_tile.iterate
// CHECK:             scf.for
// CHECK:               nsa_tile.wait
// CHECK:               "test.first"
// CHECK:             nsa_tile.drop
// CHECK-NEXT:        gpu.barrier
// CHECK:             scf.for
// CHECK:               nsa_tile.wait
// CHECK:               scf.for
// CHECK:                 nsa_tile.wait
// CHECK:                 "test.inner"
// CHECK:               nsa_tile.drop
// CHECK:             nsa_tile.drop
// CHECK-NOT:         nsa_tile.iterate
// CHECK:           gpu.terminator
func.func @several(%n: index) {
  %one = arith.constant 1 : index
  %zero = arith.constant 0 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%nx = %one, %ny = %one, %nz = %one) {
    scf.for %j = %zero to %n step %one {
      nsa_tile.iterate %n stages 2 begin {} load {
      ^bb0(%i: index, %slot: i32):
        nsa_tile.yield
      } compute {
      ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready):
        "test.first"(%i) : (index) -> ()
        nsa_tile.yield
      }
      gpu.barrier
      nsa_tile.iterate %j stages 2 begin {} load {
      ^bb0(%i: index, %slot: i32):
        nsa_tile.yield
      } compute {
      ^bb0(%i: index, %slot: i32, %ready: !nsa_tile.ready):
        nsa_tile.iterate %i stages 2 begin {} load {
        ^bb0(%k: index, %inner_slot: i32):
          nsa_tile.yield
        } compute {
        ^bb0(%k: index, %inner_slot: i32, %inner_ready: !nsa_tile.ready):
          "test.inner"(%i, %k) : (index, index) -> ()
          nsa_tile.yield
        }
        nsa_tile.yield
      }
    }
    gpu.terminator
  }
  return
}

// -----

// Other ops stay.

// CHECK-LABEL: func.func @nothing(
// CHECK-NEXT:    return
func.func @nothing() {
  return
}
