// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --canonicalize --cse --split-input-file --allow-unregistered-dialect | FileCheck %s

// Rows g and g + 8 of each 16, with g = lane / 4.
// CHECK-LABEL: func @iota
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : i32
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : i32
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : i32
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : i32
// CHECK-DAG:     %[[C9:.*]] = arith.constant 9 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK-DAG:     %[[C24:.*]] = arith.constant 24 : i32
// CHECK:         %[[ID:.*]] = gpu.thread_id x upper_bound 32
// CHECK:         %[[LANE:.*]] = arith.index_cast %[[ID]]
// CHECK:         %[[G:.*]] = arith.shrui %[[LANE]], %[[C2]]
// CHECK:         %[[G8:.*]] = arith.addi %[[G]], %[[C8]]
// CHECK:         %[[G16:.*]] = arith.addi %[[G]], %[[C16]]
// CHECK:         %[[G24:.*]] = arith.addi %[[G]], %[[C24]]
// CHECK:         %[[C:.*]] = arith.andi %[[LANE]], %[[C3]]
// CHECK:         %[[CC:.*]] = arith.muli %[[C]], %[[C2]]
// CHECK:         %[[CC1:.*]] = arith.addi %[[CC]], %[[C1]]
// CHECK:         %[[CC8:.*]] = arith.addi %[[CC]], %[[C8]]
// CHECK:         %[[CC9:.*]] = arith.addi %[[CC]], %[[C9]]
// Of 16 columns: (g, 2c), (g, 2c+1), (g+8, 2c), (g+8, 2c+1), then columns 8 on; then
// rows 16 on.
// CHECK:         "use"(%[[G]], %[[CC]])
// CHECK:         "use"(%[[G]], %[[CC1]])
// CHECK:         "use"(%[[G8]], %[[CC]])
// CHECK:         "use"(%[[G8]], %[[CC1]])
// CHECK:         "use"(%[[G]], %[[CC8]])
// CHECK:         "use"(%[[G]], %[[CC9]])
// CHECK:         "use"(%[[G8]], %[[CC8]])
// CHECK:         "use"(%[[G8]], %[[CC9]])
// CHECK:         "use"(%[[G16]], %[[CC]])
// CHECK-COUNT-6: "use"
// CHECK:         "use"(%[[G24]], %[[CC9]])
// CHECK-NOT:     "use"
func.func @iota() {
  %r = nsa_tile.iota : !nsa_tile.frag<32xi32, row>
  %c = nsa_tile.iota : !nsa_tile.frag<16xi32, col>
  %m = nsa_tile.map %r, %c : !nsa_tile.frag<32xi32, row>, !nsa_tile.frag<16xi32, col> {
  ^bb0(%i: i32, %j: i32):
    %k = "use"(%i, %j) : (i32, i32) -> i32
    nsa_tile.yield %k : i32
  } -> !nsa_tile.frag<32x16xi32, acc>
  return
}

// -----

// Nothing is done where every column is kept. Limits are relative to the lane's
// first column; a limit below 0 is 0.
// CHECK-LABEL: func @mask
// CHECK-SAME:    %[[X:.*]]: f32, %[[B:.*]]: i32, %[[E:.*]]: i32, %[[O:.*]]: f32
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG:     %[[C9:.*]] = arith.constant 9 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK:         %[[CC:.*]] = arith.muli
// CHECK:         %[[H0:.*]] = arith.cmpi sgt, %[[B]], %[[C0]]
// CHECK:         %[[H1:.*]] = arith.cmpi slt, %[[E]], %[[C16]]
// CHECK:         %[[H:.*]] = arith.ori %{{.*}}, %[[H1]]
// CHECK:         %[[R:.*]]:8 = scf.if %{{.*}} -> ({{.*}}) {
// CHECK:         %[[B0:.*]] = arith.maxsi %[[B]], %[[C0]]
// CHECK:         %[[BEGIN:.*]] = arith.subi %[[B0]], %[[CC]]
// CHECK:         %[[E0:.*]] = arith.maxsi %[[E]], %[[C0]]
// CHECK:         %[[END:.*]] = arith.subi %[[E0]], %[[CC]]
// CHECK:         %[[BEHIND:.*]] = arith.cmpi sle, %[[BEGIN]], %[[C0]]
// CHECK:         %[[BEFORE:.*]] = arith.cmpi sgt, %[[END]], %[[C0]]
// CHECK:         %[[KEPT:.*]] = arith.andi %[[BEHIND]], %[[BEFORE]]
// CHECK:         %[[S:.*]] = arith.select %[[KEPT]], %[[X]], %[[O]]
// CHECK:         arith.cmpi sle, %[[BEGIN]], %[[C9]]
// CHECK:         scf.yield %[[S]],
// CHECK:         } else {
// CHECK:         scf.yield %[[X]], %[[X]],
// CHECK:         "use"(%[[R]]#0)
func.func @mask(%x: f32, %b: i32, %e: i32, %o: f32) {
  %f = nsa_tile.fill %x : f32 -> !nsa_tile.frag<16x16xf32, acc>
  %begin = nsa_tile.fill %b : i32 -> !nsa_tile.frag<16xi32, row>
  %end = nsa_tile.fill %e : i32 -> !nsa_tile.frag<16xi32, row>
  %m = nsa_tile.mask %f from %begin to %end else %o : !nsa_tile.frag<16x16xf32, acc>, !nsa_tile.frag<16xi32, row>, f32
  %u = nsa_tile.map %m : !nsa_tile.frag<16x16xf32, acc> {
  ^bb0(%v: f32):
    %w = "use"(%v) : (f32) -> f32
    nsa_tile.yield %w : f32
  } -> !nsa_tile.frag<16x16xf32, acc>
  return
}

// -----

!acc = !nsa_tile.frag<16x16xf32, acc>

// Pairs of the lane's values first, then the lanes that hold the rest of the row:
// those whose numbers differ in the last two bits.
// CHECK-LABEL: func @columns
// CHECK-DAG:     %[[ALL:.*]] = arith.constant -1 : i32
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : i32
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : i32
// CHECK-DAG:     %[[CLAMP:.*]] = arith.constant 31 : i32
// CHECK-COUNT-8: %[[V:.*]] = "make"
// CHECK:         %[[A:.*]] = arith.addf
// CHECK:         %[[B:.*]] = arith.addf
// CHECK:         %[[S0:.*]] = arith.addf %[[A]], %[[B]]
// CHECK-COUNT-2: arith.addf
// CHECK:         %[[S1:.*]] = arith.addf
// CHECK:         %[[X0:.*]] = nvvm.shfl.sync bfly %[[ALL]], %[[S0]], %[[C1]], %[[CLAMP]] : f32 -> f32
// CHECK:         %[[T0:.*]] = arith.addf %[[S0]], %[[X0]]
// CHECK:         nvvm.shfl.sync bfly %[[ALL]], %[[S1]], %[[C1]]
// CHECK:         nvvm.shfl.sync bfly %[[ALL]], %[[T0]], %[[C2]]
// CHECK:         nvvm.shfl.sync bfly %[[ALL]], %{{.*}}, %[[C2]]
// CHECK-NOT:     nvvm.shfl.sync
func.func @columns() {
  %z = arith.constant 0.0 : f32
  %f = nsa_tile.fill %z : f32 -> !acc
  %x = nsa_tile.map %f : !acc {
  ^bb0(%v: f32):
    %w = "make"() : () -> f32
    nsa_tile.yield %w : f32
  } -> !acc
  %s = nsa_tile.reduce add %x over columns : !acc -> !nsa_tile.frag<16xf32, row>
  return
}

// A column is in lanes that differ in the first three bits.
// CHECK-LABEL: func @rows
// CHECK-DAG:     %[[C4:.*]] = arith.constant 4 : i32
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK-COUNT-4: arith.maximumf
// CHECK-COUNT-4: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %[[C4]]
// CHECK-COUNT-4: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %[[C8]]
// CHECK-COUNT-4: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %[[C16]]
// CHECK:         arith.maximumf
// CHECK-NOT:     nvvm.shfl.sync
func.func @rows() {
  %z = arith.constant 0.0 : f32
  %f = nsa_tile.fill %z : f32 -> !acc
  %x = nsa_tile.map %f : !acc {
  ^bb0(%v: f32):
    %w = "make"() : () -> f32
    nsa_tile.yield %w : f32
  } -> !acc
  %s = nsa_tile.reduce max %x over rows : !acc -> !nsa_tile.frag<16xf32, col>
  %u = nsa_tile.map %s : !nsa_tile.frag<16xf32, col> {
  ^bb0(%v: f32):
    %w = "use"(%v) : (f32) -> f32
    nsa_tile.yield %w : f32
  } -> !nsa_tile.frag<16xf32, col>
  return
}

// -----

// The first element is in the lower half, which is the intrinsic's second operand.
// CHECK-LABEL: func @cast
// CHECK:         %[[A:.*]] = "make"
// CHECK:         %[[B:.*]] = "make"
// CHECK:         %[[C:.*]] = "make"
// CHECK:         %[[D:.*]] = "make"
// CHECK:         %[[AB:.*]] = llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"(%[[B]], %[[A]]) : (f32, f32) -> vector<2xbf16>
// CHECK:         %[[P:.*]] = llvm.bitcast %[[AB]] : vector<2xbf16> to i32
// CHECK:         %[[CD:.*]] = llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"(%[[D]], %[[C]])
// CHECK:         %[[Q:.*]] = llvm.bitcast %[[CD]]
// CHECK:         nvvm.mma.sync A[%[[P]], %[[Q]],
// CHECK:         llvm.call_intrinsic "llvm.nvvm.ff2f16x2.rn"
func.func @cast(%b: bf16) {
  %z = arith.constant 0.0 : f32
  %f = nsa_tile.fill %z : f32 -> !nsa_tile.frag<16x16xf32, acc>
  %x = nsa_tile.map %f : !nsa_tile.frag<16x16xf32, acc> {
  ^bb0(%v: f32):
    %w = "make"() : () -> f32
    nsa_tile.yield %w : f32
  } -> !nsa_tile.frag<16x16xf32, acc>
  %c = nsa_tile.cast %x : !nsa_tile.frag<16x16xf32, acc> -> !nsa_tile.frag<16x16xbf16, lhs>
  %r = nsa_tile.fill %b : bf16 -> !nsa_tile.frag<16x8xbf16, rhs>
  %d = nsa_tile.fill %z : f32 -> !nsa_tile.frag<16x8xf32, acc>
  %m = nsa_tile.mma %c, %r, %d : !nsa_tile.frag<16x16xbf16, lhs>, !nsa_tile.frag<16x8xbf16, rhs>, !nsa_tile.frag<16x8xf32, acc>
  %h = nsa_tile.cast %x : !nsa_tile.frag<16x16xf32, acc> -> !nsa_tile.frag<16x16xf16, lhs>
  return
}
