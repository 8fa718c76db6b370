// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --canonicalize --cse --split-input-file --allow-unregistered-dialect | FileCheck %s

!acc = !nsa_tile.frag<16x16xf32, acc>

// Two adjacent elements at a time, aligned as a pair; a row that does not exist is
// not read. The region is inlined once for each of the lane's rows.
// CHECK-LABEL: func @load
// CHECK-SAME:    %[[SOURCE:.*]]: memref<?x16xf16>, %[[OTHER:.*]]: f32, %[[N:.*]]: i32
// CHECK:         %[[G:.*]] = arith.shrui
// CHECK:         %[[EXISTS:.*]] = arith.cmpi slt, %[[G]], %[[N]]
// CHECK:         %[[ROW:.*]]:4 = scf.if %[[EXISTS]] -> (f32, f32, f32, f32) {
// CHECK:           %[[P:.*]] = llvm.load %[[AT:.*]] {alignment = 4 : i64} : !llvm.ptr -> i32
// CHECK:           %[[H:.*]] = llvm.trunc %[[P]] : i32 to i16
// CHECK:           %[[E:.*]] = llvm.bitcast %[[H]] : i16 to f16
// CHECK:           %[[F0:.*]] = arith.extf %[[E]] : f16 to f32
// CHECK:           %[[F1:.*]] = arith.extf
// CHECK:           %[[NEXT:.*]] = llvm.getelementptr %[[AT]][16]
// CHECK:           llvm.load %[[NEXT]] {alignment = 4 : i64}
// CHECK:           scf.yield %[[F0]], %[[F1]], %{{.*}}, %{{.*}}
// CHECK:         } else {
// CHECK:           scf.yield %[[OTHER]], %[[OTHER]], %[[OTHER]], %[[OTHER]]
// CHECK:         }
// CHECK:         arith.cmpi slt, %{{.*}}, %[[N]]
// CHECK:         scf.if
// CHECK-COUNT-2: llvm.load
// CHECK-NOT:     arith.cmpi
// CHECK-NOT:     llvm.load
func.func @load(%source: memref<?x16xf16>, %other: f32, %n: i32) {
  %a = nsa_tile.load %source else %other {
  ^bb0(%r: i32):
    %exists = arith.cmpi slt, %r, %n : i32
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %exists : index, i1
  } : memref<?x16xf16>, f32 -> !acc
  %u = nsa_tile.map %a : !acc {
  ^bb0(%v: f32):
    %w = "use"(%v) : (f32) -> f32
    nsa_tile.yield %w : f32
  } -> !acc
  return
}

// A row that always exists needs no branch; f32 goes in pairs.
// CHECK-LABEL: func @store
// CHECK-SAME:    %[[X:[a-z0-9]+]]: f32)
// CHECK-NOT:     scf.if
// CHECK:         %[[V0:.*]] = llvm.insertelement %[[X]], %{{.*}}[
// CHECK:         %[[V:.*]] = llvm.insertelement %[[X]], %[[V0]][
// CHECK-COUNT-4: llvm.store %[[V]], %{{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK-NOT:     llvm.store
func.func @store(%target: memref<64x16xf32, #gpu.address_space<workgroup>>, %x: f32) {
  %true = arith.constant true
  %a = nsa_tile.fill %x : f32 -> !acc
  nsa_tile.store %a, %target {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : !acc, memref<64x16xf32, #gpu.address_space<workgroup>>
  return
}

// CHECK-LABEL: func @rounded
// CHECK-SAME:    %[[X:[a-z0-9]+]]: f32)
// CHECK:         %[[P:.*]] = llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"(%[[X]], %[[X]])
// CHECK:         %[[I:.*]] = llvm.bitcast %[[P]] : vector<2xbf16> to i32
// CHECK:         llvm.store %[[I]], %{{.*}} {alignment = 4 : i64} : i32, !llvm.ptr<1>
func.func @rounded(%target: memref<64x16xbf16, #gpu.address_space<global>>, %x: f32) {
  %true = arith.constant true
  %a = nsa_tile.fill %x : f32 -> !acc
  nsa_tile.store %a, %target {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : !acc, memref<64x16xbf16, #gpu.address_space<global>>
  return
}

// -----

!row = !nsa_tile.frag<16xf32, row>
!rowi = !nsa_tile.frag<16xi32, row>

// All four lanes of a row read its value, and one writes it.
// CHECK-LABEL: func @row
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : i32
// CHECK-COUNT-2: llvm.load %{{.*}} {alignment = 2 : i64} : !llvm.ptr -> bf16
// CHECK-COUNT-2: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> i32
// CHECK:         %[[C:.*]] = arith.andi %{{.*}}, %[[C3]]
// CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %[[C]], %[[C0]]
// CHECK:         scf.if %[[FIRST]] {
// CHECK:           %[[H:.*]] = arith.truncf %{{.*}} : f32 to f16
// CHECK:           llvm.store %[[H]], %{{.*}} {alignment = 2 : i64}
// CHECK:         }
// CHECK:         llvm.store %{{.*}}, %{{.*}} {alignment = 4 : i64} : i32
func.func @row(%source: memref<16xbf16>, %target: memref<16xf16>, %numbers: memref<16xi32>, %z: f32, %y: i32) {
  %true = arith.constant true
  %a = nsa_tile.load %source else %z {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : memref<16xbf16>, f32 -> !row
  %b = nsa_tile.load %numbers else %y {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : memref<16xi32>, i32 -> !rowi
  nsa_tile.store %a, %target {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : !row, memref<16xf16>
  nsa_tile.store %b, %numbers {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : !rowi, memref<16xi32>
  return
}
