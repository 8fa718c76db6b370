// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --canonicalize --cse --split-input-file | FileCheck %s

!tile = memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

// One address per 16-byte column of the swizzle's period; here two, and 128 bytes
// on the first again.
// CHECK-LABEL: func @load_frag
// CHECK-SAME:    %[[SLOT:.*]]: i32, %[[ROW:.*]]: i32
// CHECK-DAG:     %[[C7:.*]] = arith.constant 7 : i32
// CHECK-DAG:     %[[C15:.*]] = arith.constant 15 : i32
// CHECK-DAG:     %[[C4:.*]] = arith.constant 4 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK-DAG:     %[[C256:.*]] = arith.constant 256 : i32
// CHECK-DAG:     %[[STAGE:.*]] = arith.constant 16384 : i32
// CHECK-DAG:     %[[C96:.*]] = arith.constant 96 : i32
// CHECK:         %[[SHARED:.*]] = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
// CHECK:         %[[DESC:.*]] = builtin.unrealized_conversion_cast %[[SHARED]]
// CHECK:         %[[BASE:.*]] = llvm.extractvalue %[[DESC]][1]
// CHECK:         %[[TILE:.*]] = llvm.getelementptr %[[BASE]][1024]
// CHECK:         %[[TID:.*]] = gpu.thread_id x upper_bound 32
// CHECK:         %[[LANE:.*]] = arith.index_cast %[[TID]] : index to i32
// CHECK:         %[[LROW:.*]] = arith.andi %[[LANE]], %[[C15]]
// CHECK:         %[[LPIECE:.*]] = arith.shrui %[[LANE]], %[[C4]]
// CHECK:         %[[S:.*]] = arith.muli %[[SLOT]], %[[STAGE]]
// CHECK:         %[[R:.*]] = arith.muli %[[ROW]], %[[C256]]
// CHECK:         %[[START:.*]] = arith.addi %[[S]], %[[R]]
// CHECK:         %[[LR:.*]] = arith.muli %[[LROW]], %[[C256]]
// CHECK:         %[[OFFSET:.*]] = arith.addi %[[LR]], %[[START]]
// CHECK:         %[[X:.*]] = arith.andi %[[LROW]], %[[C7]]
// CHECK:         %[[X16:.*]] = arith.muli %[[X]], %[[C16]]
// CHECK:         %[[P16:.*]] = arith.muli %[[LPIECE]], %[[C16]]
// CHECK:         %[[SWIZZLED:.*]] = arith.xori %[[P16]], %[[X16]]
// CHECK:         %[[A:.*]] = arith.xori %[[SWIZZLED]], %[[C96]]
// CHECK:         %[[A1:.*]] = arith.addi %[[OFFSET]], %[[A]]
// CHECK:         %[[P1:.*]] = llvm.getelementptr %[[TILE]][%[[A1]]]
// CHECK:         %[[M1:.*]] = nvvm.ldmatrix %[[P1]] {{.*}}layout = #nvvm.mma_layout<row>, num = 4
// CHECK:         %[[A2:.*]] = arith.addi %[[OFFSET]], %[[SWIZZLED]]
// CHECK:         %[[P2:.*]] = llvm.getelementptr %[[TILE]][%[[A2]]]
// CHECK:         %[[P3:.*]] = llvm.getelementptr %[[P2]][128]
// CHECK:         nvvm.ldmatrix %[[P3]]
// CHECK-NOT:     nvvm.ldmatrix
func.func @load_frag(%slot: i32, %row: i32) {
  %c48 = arith.constant 48 : i32
  %t = nsa_tile.shared at 1024 : !tile
  %n = nsa_tile.no_copy
  %g = nsa_tile.commit %n
  %ready = nsa_tile.wait %g newer 1
  %a = nsa_tile.load_frag %t[%slot, %row, %c48] after %ready : !tile -> !nsa_tile.frag<16x32xbf16, lhs>
  return
}

// -----

!tile = memref<2x64x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<32x32xbf16, lhs>
!acc = !nsa_tile.frag<32x16xf32, acc>

// The next matrices are read before the products with these. Sums of one k before
// those of the next.
// CHECK-LABEL: func @transposed
// CHECK-COUNT-4: nvvm.ldmatrix
// CHECK:         %[[B0:.*]] = nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<row>, num = 4
// CHECK:         %[[B00:.*]] = llvm.extractvalue %[[B0]][0]
// CHECK:         %[[B01:.*]] = llvm.extractvalue %[[B0]][1]
// CHECK:         %[[B02:.*]] = llvm.extractvalue %[[B0]][2]
// CHECK:         %[[B03:.*]] = llvm.extractvalue %[[B0]][3]
// CHECK:         %[[B1:.*]] = nvvm.ldmatrix
// CHECK:         %[[B10:.*]] = llvm.extractvalue %[[B1]][0]
// CHECK:         %[[B11:.*]] = llvm.extractvalue %[[B1]][1]
// CHECK:         %[[D0:.*]] = nvvm.mma.sync A[%[[A:.*]], %{{.*}}, %{{.*}}, %{{.*}}] B[%[[B00]], %[[B01]]] C[%[[X:.*]], %[[X]], %[[X]], %[[X]]] {{.*}}bf16{{.*}}m = 16, n = 8, k = 16{{.*}} (i32, i32, f32)
// CHECK:         %[[D00:.*]] = llvm.extractvalue %[[D0]][0]
// CHECK:         nvvm.mma.sync {{.*}} B[%[[B00]], %[[B01]]]
// CHECK:         nvvm.mma.sync {{.*}} B[%[[B02]], %[[B03]]]
// CHECK:         nvvm.mma.sync {{.*}} B[%[[B02]], %[[B03]]]
// CHECK:         nvvm.mma.sync {{.*}} B[%[[B10]], %[[B11]]] C[%[[D00]],
// CHECK-COUNT-3: nvvm.mma.sync
// CHECK-NOT:     nvvm.mma.sync
func.func @transposed(%slot: i32, %x: f32) {
  %c0 = arith.constant 0 : i32
  %t = nsa_tile.shared at 0 : !tile
  %n = nsa_tile.no_copy
  %g = nsa_tile.commit %n
  %ready = nsa_tile.wait %g newer 0
  %a = nsa_tile.load_frag %t[%slot, %c0, %c0] after %ready : !tile -> !lhs
  %acc = nsa_tile.fill %x : f32 -> !acc
  %s = nsa_tile.mma_shared %a, %t[%slot, %c0, %c0] transposed, %acc after %ready : !lhs, !tile, !acc
  return
}

// -----

!tile = memref<1x64x64xf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x48xf16, lhs>

// 24 columns: 16 and 8 of them. Of the latter, 32 of K at once, then 16.
// CHECK-LABEL: func @odd
// CHECK:         nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>, num = 4
// CHECK:         %[[ODD:.*]] = nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>, num = 4
// CHECK:         %[[O2:.*]] = llvm.extractvalue %[[ODD]][2]
// CHECK:         %[[O3:.*]] = llvm.extractvalue %[[ODD]][3]
// CHECK-COUNT-2: nvvm.mma.sync {{.*}} (vector<2xf16>, vector<2xf16>, f32)
// CHECK:         nvvm.ldmatrix
// CHECK-NOT:     nvvm.ldmatrix
// CHECK:         nvvm.mma.sync
// CHECK-DAG:     %[[V2:.*]] = llvm.bitcast %[[O2]] : i32 to vector<2xf16>
// CHECK-DAG:     %[[V3:.*]] = llvm.bitcast %[[O3]] : i32 to vector<2xf16>
// CHECK:         nvvm.mma.sync {{.*}} B[%[[V2]], %[[V3]]]
// CHECK:         nvvm.ldmatrix {{.*}} num = 4
// CHECK:         nvvm.ldmatrix {{.*}} num = 2
// CHECK-NOT:     nvvm.ldmatrix
func.func @odd(%x: f32, %y: f16) {
  %c0 = arith.constant 0 : i32
  %t = nsa_tile.shared at 0 : !tile
  %n = nsa_tile.no_copy
  %g = nsa_tile.commit %n
  %ready = nsa_tile.wait %g newer 0
  %a = nsa_tile.fill %y : f16 -> !lhs
  %acc = nsa_tile.fill %x : f32 -> !nsa_tile.frag<16x24xf32, acc>
  %s = nsa_tile.mma_shared %a, %t[%c0, %c0, %c0], %acc after %ready : !lhs, !tile, !nsa_tile.frag<16x24xf32, acc>
  return
}

// -----

!tile = memref<1x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
!lhs = !nsa_tile.frag<16x16xbf16, lhs>

// The swizzle applies to a column that is no constant.
// CHECK-LABEL: func @dynamic
// CHECK-SAME:    %[[COLUMN:.*]]: i32
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : i32
// CHECK:         %[[BYTES:.*]] = arith.muli %[[COLUMN]], %[[C2]]
// CHECK:         %[[BEHIND:.*]] = arith.addi %[[BYTES]], %{{.*}}
// CHECK:         %[[SWIZZLED:.*]] = arith.xori %[[BEHIND]], %{{.*}}
// CHECK:         %[[OFFSET:.*]] = arith.addi %{{.*}}, %[[SWIZZLED]]
// CHECK:         llvm.getelementptr %{{.*}}[%[[OFFSET]]]
func.func @dynamic(%column: i32) {
  %c0 = arith.constant 0 : i32
  %t = nsa_tile.shared at 0 : !tile
  %n = nsa_tile.no_copy
  %g = nsa_tile.commit %n
  %ready = nsa_tile.wait %g newer 0
  %a = nsa_tile.load_frag %t[%c0, %c0, %column] after %ready : !tile -> !lhs
  return
}

// -----

!lhs = !nsa_tile.frag<16x32xbf16, lhs>
!rhs = !nsa_tile.frag<32x8xbf16, rhs>
!acc = !nsa_tile.frag<16x8xf32, acc>

// Two equal elements in an i32.
// CHECK-LABEL: func @registers
// CHECK-SAME:    %[[X:.*]]: bf16, %[[Y:.*]]: f32
// CHECK-DAG:     %[[HIGH:.*]] = arith.constant 65536 : i32
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[X]] : bf16 to i16
// CHECK:         %[[LOW:.*]] = arith.extui %[[BITS]] : i16 to i32
// CHECK:         %[[SHIFTED:.*]] = arith.muli %[[LOW]], %[[HIGH]]
// CHECK:         %[[P:.*]] = arith.ori %[[LOW]], %[[SHIFTED]]
// CHECK:         %[[D:.*]] = nvvm.mma.sync A[%[[P]], %[[P]], %[[P]], %[[P]]] B[%[[P]], %[[P]]] C[%[[Y]], %[[Y]], %[[Y]], %[[Y]]]
// CHECK:         %[[D0:.*]] = llvm.extractvalue %[[D]][0]
// CHECK:         nvvm.mma.sync {{.*}} C[%[[D0]],
// CHECK-NOT:     nvvm.mma.sync
func.func @registers(%x: bf16, %y: f32) {
  %a = nsa_tile.fill %x : bf16 -> !lhs
  %b = nsa_tile.fill %x : bf16 -> !rhs
  %c = nsa_tile.fill %y : f32 -> !acc
  %d = nsa_tile.mma %a, %b, %c : !lhs, !rhs, !acc
  return
}
