// Branches move into one loop over tiles of queries.

// RUN: nsa-opt %s --nsa-fuse-queries --canonicalize --cse --allow-unregistered-dialect --split-input-file | FileCheck %s
// RUN: nsa-opt %s --nsa-fuse-queries=query-tile=8 --allow-unregistered-dialect --split-input-file | FileCheck %s --check-prefix=TILE8
// RUN: nsa-opt %s --nsa-fuse-queries --allow-unregistered-dialect --split-input-file --remarks-filter=".*" 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark:
// RUN: nsa-opt %s --nsa-fuse-queries --nsa-fuse-selection --allow-unregistered-dialect --split-input-file --remarks-filter="nsa-fuse-selection" 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=SELECTION --implicit-check-not=remark:

!q = tensor<?x?x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x8xf32>

// All of attention: keys and values are compressed before the loop, and each op
// is in it once, with the tiles of the others: compressed_attention too, whose
// two results have different readers.
// CHECK-DAG: #[[$REST:.*]] = affine_map<(d0)[s0] -> (-d0 + s0, 128)>
// CHECK-DAG: #[[$KV_HEAD:.*]] = affine_map<(d0) -> (d0 floordiv 4)>

// CHECK-LABEL: func.func @all_branches(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x64xf32>, %[[K:[^:]*]]: tensor<?x?x2x64xf32>, %[[V:[^:]*]]: tensor<?x?x2x64xf32>, %[[GATES:[^:]*]]: tensor<?x?x8x3xf32>, %[[OFF:[^:]*]]: tensor<?xi32>, %[[LEN:[^:]*]]: tensor<?xi32>)
// CHECK: %[[KC:.*]] = nsa.compress mean(%[[K]])
// CHECK: %[[VC:.*]] = nsa.compress mean(%[[V]])
// CHECK-NOT: nsa.
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %c0
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK: %[[EMPTY:.*]] = tensor.empty(%[[B]], %[[TQ]]) : tensor<?x?x8x64xf32>
// CHECK: %[[O:.*]] = scf.forall (%[[I:.*]], %[[T:.*]], %[[H:.*]]) = (0, 0, 0) to (%[[B]], %[[TQ]], 8) step (1, 128, 4) shared_outs(%[[OUT:.*]] = %[[EMPTY]])
// CHECK-DAG: %[[N:.*]] = affine.min #[[$REST]](%[[T]])[%[[TQ]]]
// CHECK-DAG: %[[G:.*]] = affine.apply #[[$KV_HEAD]](%[[H]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[I]], %[[T]], %[[H]], 0] [1, %[[N]], 4, 64]
// CHECK-DAG: %[[KCT:.*]] = tensor.extract_slice %[[KC]][%[[I]], 0, %[[G]], 0] [1, %{{.*}}, 1, 64]
// CHECK-DAG: %[[VCT:.*]] = tensor.extract_slice %[[VC]][%[[I]], 0, %[[G]], 0] [1, %{{.*}}, 1, 64]
// CHECK-DAG: tensor.extract_slice %[[OFF]][%[[I]]] [1]
// CHECK-DAG: tensor.extract_slice %[[LEN]][%[[I]]] [1]
// CHECK: %[[O1:.*]], %[[LSE1:.*]] = nsa.compressed_attention %[[QT]], %[[KCT]], %[[VCT]] q_offset(%{{.*}}) kv_len(%{{.*}}) {{.*}} -> (tensor<1x?x4x64xf32>, tensor<1x?x4xf32>)
// CHECK: %[[P:.*]] = nsa.block_scores %{{.*}}, %[[KCT]], %[[LSE1]], %{{.*}} -> tensor<1x?x1x?xf32>
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]] {{.*}} -> tensor<1x?x1x16xi32>
// CHECK: %[[O2:.*]], %{{.*}} = nsa.selected_attention %[[QT]], %{{.*}}, %{{.*}}, %[[IDX]] q_offset
// CHECK: %[[O3:.*]], %{{.*}} = nsa.window_attention %[[QT]], {{.*}} q_offset
// CHECK: %[[GT:.*]] = tensor.extract_slice %[[GATES]][%[[I]], %[[T]], %[[H]], 0] [1, %[[N]], 4, 3]
// CHECK: %[[OT:.*]] = nsa.gate %[[O1]], %[[O2]], %[[O3]] gates(%[[GT]])
// CHECK-NOT: nsa.
// CHECK: tensor.parallel_insert_slice %[[OT]] into %[[OUT]][%[[I]], %[[T]], %[[H]], 0] [1, %[[N]], 4, 64]
// CHECK-NOT: nsa.
// CHECK: return %[[O]]

// TILE8-LABEL: func.func @all_branches(
// TILE8: scf.forall {{.*}} step (1, 8, 4)

// REMARK: model.py:7:5: remark: [Passed] fused | Category:nsa-fuse-queries | Remark="nsa.gate and what makes its operands are computed tile by tile of queries", heads=4, ops=6, queries=128
func.func @all_branches(%q: !q, %k: !kv, %v: !kv, %g: tensor<?x?x8x3xf32>, %off: tensor<?xi32>, %len: tensor<?xi32>) -> !q {
  %c1 = arith.constant 1 : index
  %max = tensor.dim %k, %c1 : !kv
  %kc = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16} : (!kv) -> !kv
  %vc = nsa.compress mean(%v) {compression_block = 32, compression_stride = 16} : (!kv) -> !kv
  %o1, %lse1 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16}
      : (!q, !kv, !kv, tensor<?xi32>, tensor<?xi32>) -> (!q, !lse)
  %p = nsa.block_scores %q, %kc, %lse1, %max q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (!q, !kv, !lse, index, tensor<?xi32>, tensor<?xi32>) -> tensor<?x?x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) kv_len(%len) {selection_block = 64, top_n = 16} : (tensor<?x?x2x?xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x?x2x16xi32>
  %o2, %lse2 = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 64, unique}
      : (!q, !kv, !kv, tensor<?x?x2x16xi32>, tensor<?xi32>, tensor<?xi32>) -> (!q, !lse)
  %o3, %lse3 = nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 512} : (!q, !kv, !kv, tensor<?xi32>, tensor<?xi32>) -> (!q, !lse)
  %o = nsa.gate %o1, %o2, %o3 gates(%g) : (!q, !q, !q, tensor<?x?x8x3xf32>) -> !q loc("model.py":7:5)
  return %o : !q
}

// -----

// What is returned as well is a result of the loop: nothing is computed twice.
// Sizes of what no longer exists come from the queries.
// CHECK-LABEL: func.func @returned(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x200x4x16xf32>
// CHECK-NOT: nsa.
// CHECK: %[[ALL:.*]]:3 = scf.forall (%[[I:.*]], %[[T:.*]]) = (0, 0) to (2, 200) step (1, 128) shared_outs(%[[IDX_OUT:.*]] = %{{.*}}, %[[LSE_OUT:.*]] = %{{.*}}, %[[O_OUT:.*]] = %{{.*}}) -> (tensor<2x200x1x3xi32>, tensor<2x200x4xf32>, tensor<2x200x4x16xf32>)
// CHECK: %[[IDX:.*]] = nsa.select_top_n
// CHECK: %[[O1:.*]], %[[LSE:.*]] = nsa.selected_attention {{.*}}, %[[IDX]]
// CHECK: %[[O:.*]] = nsa.gate %[[O1]]
// CHECK-DAG: tensor.parallel_insert_slice %[[IDX]] into %[[IDX_OUT]][%[[I]], %[[T]], 0, 0] [1, %{{.*}}, 1, 3]
// CHECK-DAG: tensor.parallel_insert_slice %[[LSE]] into %[[LSE_OUT]][%[[I]], %[[T]], 0] [1, %{{.*}}, 4]
// CHECK-DAG: tensor.parallel_insert_slice %[[O]] into %[[O_OUT]][%[[I]], %[[T]], 0, 0] [1, %{{.*}}, 4, 16]
// CHECK-NOT: nsa.
// CHECK: return %[[ALL]]#2, %[[ALL]]#1, %[[ALL]]#0, %c200
// TILE8-LABEL: func.func @returned(
// TILE8: scf.forall {{.*}} step (1, 8)
// REMARK: remark: [Passed] fused | {{.*}}, heads=4, ops=3, queries=128
func.func @returned(%q: tensor<2x200x4x16xf32>, %k: tensor<2x90x2x16xf32>, %p: tensor<2x200x1x12xf32>, %g: tensor<2x200x4x1xf32>, %off: index)
    -> (tensor<2x200x4x16xf32>, tensor<2x200x4xf32>, tensor<2x200x1x3xi32>, index) {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 3} : (tensor<2x200x1x12xf32>, index) -> tensor<2x200x1x3xi32>
  %o1, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<2x200x4x16xf32>, tensor<2x90x2x16xf32>, tensor<2x90x2x16xf32>, tensor<2x200x1x3xi32>) -> (tensor<2x200x4x16xf32>, tensor<2x200x4xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<2x200x4x16xf32>, tensor<2x200x4x1xf32>) -> tensor<2x200x4x16xf32>
  %c1 = arith.constant 1 : index
  %size = tensor.dim %o1, %c1 : tensor<2x200x4x16xf32>
  return %o, %lse, %idx, %size : tensor<2x200x4x16xf32>, tensor<2x200x4xf32>, tensor<2x200x1x3xi32>, index
}

// -----

// Something reads a branch before the gate: that branch stays whole, and so
// does what makes its operands; the others do not.
// CHECK-LABEL: func.func @early_reader(
// CHECK: %[[IDX:.*]] = nsa.select_top_n
// CHECK: %[[O1:.*]], %{{.*}} = nsa.selected_attention {{.*}} -> (tensor<1x300x4x16xf32>, tensor<1x300x4xf32>)
// CHECK: "foreign.op"(%[[O1]])
// CHECK: scf.forall
// CHECK: %[[O2:.*]], %{{.*}} = nsa.window_attention
// CHECK: %[[O1T:.*]] = tensor.extract_slice %[[O1]]
// CHECK: nsa.gate %[[O1T]], %[[O2]]
// TILE8-LABEL: func.func @early_reader(
// REMARK: fuse-queries.mlir:[[# @LINE + 6]]:15: remark: [Missed] early-reader | Category:nsa-fuse-queries | Reason="foreign.op reads them before nsa.gate, and is not part of its loop", Remark="nsa.selected_attention is computed for all queries at once, and its results are in memory", Suggestion="read them after it, or not at all"
// REMARK: fuse-queries.mlir:[[# @LINE + 9]]:8: remark: [Passed] fused | {{.*}}, heads=2, ops=2, queries=256
// The selection is for nsa-fuse-selection.
// SELECTION: fuse-queries.mlir:[[# @LINE + 2]]:10: remark: [Missed] no-producer
func.func @early_reader(%q: tensor<1x300x4x16xf32>, %k: tensor<1x90x2x16xf32>, %p: tensor<1x300x1x12xf32>, %g: tensor<1x300x4x2xf32>, %off: index) -> tensor<1x300x4x16xf32> {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 3} : (tensor<1x300x1x12xf32>, index) -> tensor<1x300x1x3xi32>
  %o1, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<1x300x4x16xf32>, tensor<1x90x2x16xf32>, tensor<1x90x2x16xf32>, tensor<1x300x1x3xi32>) -> (tensor<1x300x4x16xf32>, tensor<1x300x4xf32>)
  "foreign.op"(%o1) : (tensor<1x300x4x16xf32>) -> ()
  %o2, %lse2 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<1x300x4x16xf32>, tensor<1x90x2x16xf32>, tensor<1x90x2x16xf32>) -> (tensor<1x300x4x16xf32>, tensor<1x300x4xf32>)
  %o = nsa.gate %o1, %o2 gates(%g) : (tensor<1x300x4x16xf32>, tensor<1x300x4x16xf32>, tensor<1x300x4x2xf32>) -> tensor<1x300x4x16xf32>
  return %o : tensor<1x300x4x16xf32>
}

// -----

// Branches of 2 and of 4 key/value heads: 4 heads are whole groups of both.
// CHECK-LABEL: func.func @kv_heads(
// CHECK: scf.forall {{.*}} to (%{{.*}}, %{{.*}}, 8) step (1, 128, 4)
// CHECK: nsa.window_attention {{.*}} : (tensor<1x?x4x64xf32>, tensor<1x?x1x64xf32>, tensor<1x?x1x64xf32>, index)
// CHECK: nsa.window_attention {{.*}} : (tensor<1x?x4x64xf32>, tensor<1x?x2x64xf32>, tensor<1x?x2x64xf32>, index)
// CHECK: nsa.gate
// TILE8-LABEL: func.func @kv_heads(
// REMARK: remark: [Passed] fused | {{.*}}, heads=4, ops=3, queries=128

// With 3 and with 2 only all heads are. A sixth of 512 is 85; 80 is a
// multiple of 16.
// CHECK-LABEL: func.func @kv_heads_of_6(
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, %{{.*}}) step (1, 80)
// CHECK: nsa.window_attention {{.*}} : (tensor<1x?x6x8xf32>, tensor<1x?x3x8xf32>, tensor<1x?x3x8xf32>, index)
// CHECK: nsa.window_attention {{.*}} : (tensor<1x?x6x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, index)
// REMARK: remark: [Passed] fused | {{.*}}, heads=6, ops=3, queries=80
!q = tensor<?x?x8x64xf32>
!lse = tensor<?x?x8xf32>
func.func @kv_heads(%q: !q, %k2: tensor<?x?x2x64xf32>, %k4: tensor<?x?x4x64xf32>, %g: tensor<?x?x8x2xf32>) -> !q {
  %o1, %lse1 = nsa.window_attention %q, %k2, %k2 {window = 8} : (!q, tensor<?x?x2x64xf32>, tensor<?x?x2x64xf32>) -> (!q, !lse)
  %o2, %lse2 = nsa.window_attention %q, %k4, %k4 {window = 8} : (!q, tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>) -> (!q, !lse)
  %o = nsa.gate %o1, %o2 gates(%g) : (!q, !q, tensor<?x?x8x2xf32>) -> !q
  return %o : !q
}
!q6 = tensor<?x?x6x8xf32>
!lse6 = tensor<?x?x6xf32>
func.func @kv_heads_of_6(%q: !q6, %k3: tensor<?x?x3x8xf32>, %k2: tensor<?x?x2x8xf32>, %g: tensor<?x?x6x2xf32>) -> !q6 {
  %o1, %lse1 = nsa.window_attention %q, %k3, %k3 {window = 8} : (!q6, tensor<?x?x3x8xf32>, tensor<?x?x3x8xf32>) -> (!q6, !lse6)
  %o2, %lse2 = nsa.window_attention %q, %k2, %k2 {window = 8} : (!q6, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> (!q6, !lse6)
  %o = nsa.gate %o1, %o2 gates(%g) : (!q6, !q6, tensor<?x?x6x2xf32>) -> !q6
  return %o : !q6
}

// -----

// One list per query head: a tile still has whole groups, and their lists.
// CHECK-LABEL: func.func @query_lists(
// CHECK: scf.forall {{.*}} to (%{{.*}}, %{{.*}}, 8) step (1, 128, 4)
// CHECK: %[[P:.*]] = nsa.block_scores {{.*}}list_heads = #nsa.list_heads<query>{{.*}} -> tensor<1x?x4x?xf32>
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]] {{.*}} -> tensor<1x?x4x3xi32>
// CHECK: nsa.selected_attention %{{.*}}, %{{.*}}, %{{.*}}, %[[IDX]]
// CHECK: nsa.gate
// TILE8-LABEL: func.func @query_lists(
// REMARK: remark: [Passed] fused | {{.*}}, heads=4, ops=4, queries=128
!q = tensor<?x?x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x8xf32>
func.func @query_lists(%q: !q, %k: !kv, %kc: !kv, %lse: !lse, %g: tensor<?x?x8x1xf32>, %off: index, %max: index) -> !q {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64, list_heads = #nsa.list_heads<query>}
      : (!q, !kv, !lse, index, index) -> tensor<?x?x8x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 3} : (tensor<?x?x8x?xf32>, index) -> tensor<?x?x8x3xi32>
  %o1, %lse1 = nsa.selected_attention %q, %k, %k, %idx q_offset(%off) {selection_block = 64, unique} : (!q, !kv, !kv, tensor<?x?x8x3xi32>, index) -> (!q, !lse)
  %o = nsa.gate %o1 gates(%g) : (!q, tensor<?x?x8x1xf32>) -> !q
  return %o : !q
}

// -----

// A merge, of which both results are used, and a sink. An lse is read later.
// CHECK-LABEL: func.func @merge(
// CHECK-SAME: %[[SINK:[^:]*]]: tensor<8xf32>
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %[[H:.*]]) = {{.*}} step (1, 128, 4) {{.*}} -> (tensor<?x?x8xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
// CHECK: %[[O1:.*]], %[[LSE1:.*]] = nsa.window_attention
// CHECK: %[[O2:.*]], %[[LSE2:.*]] = nsa.selected_attention
// CHECK: %[[S:.*]] = tensor.extract_slice %[[SINK]][%[[H]]] [4]
// CHECK: nsa.merge %[[O1]], %[[O2]] lse(%[[LSE1]], %[[LSE2]]) sink(%[[S]])
// TILE8-LABEL: func.func @merge(
// REMARK: remark: [Passed] fused | Category:nsa-fuse-queries | Remark="nsa.merge and what makes its operands are computed tile by tile of queries", heads=4, ops=3, queries=128
!q = tensor<?x?x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x8xf32>
func.func @merge(%q: !q, %k: !kv, %idx: tensor<?x?x1x4xi32>, %sink: tensor<8xf32>) -> (!q, !lse, !lse) {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (!q, !kv, !kv) -> (!q, !lse)
  %o2, %lse2 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (!q, !kv, !kv, tensor<?x?x1x4xi32>) -> (!q, !lse)
  %o, %lse = nsa.merge %o1, %o2 lse(%lse1, %lse2) sink(%sink) : (!q, !q, !lse, !lse, tensor<8xf32>) -> (!q, !lse)
  return %o, %lse, %lse2 : !q, !lse, !lse
}

// -----

// One query: no loop over queries.
// CHECK-LABEL: func.func @decode(
// CHECK: scf.forall (%[[I:.*]], %[[H:.*]]) = (0, 0) to (%{{.*}}, 8) step (1, 4)
// CHECK: nsa.window_attention {{.*}} -> (tensor<1x1x4x64xf32>, tensor<1x1x4xf32>)
// CHECK: nsa.gate
// TILE8-LABEL: func.func @decode(
// TILE8: scf.forall {{.*}} step (1, 4)
// REMARK: remark: [Passed] fused | {{.*}}, heads=4, ops=2, queries=1
func.func @decode(%q: tensor<?x1x8x64xf32>, %k: tensor<?x?x2x64xf32>, %g: tensor<?x1x8x1xf32>) -> tensor<?x1x8x64xf32> {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<?x1x8x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x2x64xf32>) -> (tensor<?x1x8x64xf32>, tensor<?x1x8xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<?x1x8x64xf32>, tensor<?x1x8x1xf32>) -> tensor<?x1x8x64xf32>
  return %o : tensor<?x1x8x64xf32>
}

// All of it is one tile: nothing is gained, and the ops' own loops are parallel.
// CHECK-LABEL: func.func @one_tile(
// CHECK-NOT: scf.forall
// CHECK: nsa.window_attention
// CHECK-NEXT: nsa.gate
// TILE8-LABEL: func.func @one_tile(
// TILE8: scf.forall {{.*}} = (0) to (20) step (8)
// REMARK: remark: [Missed] one-tile | Category:nsa-fuse-queries | Reason="all of it would be one tile", Remark="nsa.gate and what makes its operands stay one after the other, each with parallel loops of its own", Suggestion="none is needed, unless query-tile was given", heads=8, queries=20
func.func @one_tile(%q: tensor<1x20x8x64xf32>, %k: tensor<1x?x1x64xf32>, %g: tensor<1x20x8x1xf32>) -> tensor<1x20x8x64xf32> {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<1x20x8x64xf32>, tensor<1x?x1x64xf32>, tensor<1x?x1x64xf32>) -> (tensor<1x20x8x64xf32>, tensor<1x20x8xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<1x20x8x64xf32>, tensor<1x20x8x1xf32>) -> tensor<1x20x8x64xf32>
  return %o : tensor<1x20x8x64xf32>
}

// At least 16 queries, however many heads share a key. They divide the queries,
// so that every tile has static sizes.
// CHECK-LABEL: func.func @many_heads(
// CHECK: scf.forall {{.*}} = (0) to (1600) step (16)
// CHECK: nsa.window_attention {{.*}} -> (tensor<1x16x64x16xf32>, tensor<1x16x64xf32>)
// TILE8-LABEL: func.func @many_heads(
// REMARK: remark: [Passed] fused | {{.*}}, heads=64, ops=2, queries=16
func.func @many_heads(%q: tensor<1x1600x64x16xf32>, %k: tensor<1x?x1x16xf32>, %g: tensor<1x1600x64x1xf32>) -> tensor<1x1600x64x16xf32> {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<1x1600x64x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>) -> (tensor<1x1600x64x16xf32>, tensor<1x1600x64xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<1x1600x64x16xf32>, tensor<1x1600x64x1xf32>) -> tensor<1x1600x64x16xf32>
  return %o : tensor<1x1600x64x16xf32>
}

// -----

// A gate of a gate is part of its loop; a branch that two gates share is computed
// in the first one's.
// CHECK-LABEL: func.func @gate_of_gate(
// CHECK: scf.forall
// CHECK: %[[O1:.*]], %{{.*}} = nsa.window_attention
// CHECK: %[[INNER:.*]] = nsa.gate %[[O1]]
// CHECK: nsa.gate %[[INNER]], %[[O1]]
// CHECK-NOT: nsa.
// CHECK: return
// TILE8-LABEL: func.func @gate_of_gate(
// REMARK: fuse-queries.mlir:[[# @LINE + 22]]:8: remark: [Passed] fused | {{.*}}, ops=3

// CHECK-LABEL: func.func @two_gates(
// CHECK: %[[ALL:.*]]:2 = scf.forall
// CHECK: %[[O1:.*]], %{{.*}} = nsa.window_attention
// CHECK: %[[G1:.*]] = nsa.gate %[[O1]]
// CHECK-DAG: parallel_insert_slice %[[O1]]
// CHECK-DAG: parallel_insert_slice %[[G1]]
// CHECK: scf.forall
// CHECK: %[[O2:.*]], %{{.*}} = nsa.window_attention
// CHECK: %[[O1T:.*]] = tensor.extract_slice %[[ALL]]#0
// CHECK: nsa.gate %[[O1T]], %[[O2]]
// CHECK-NOT: nsa.
// REMARK: fuse-queries.mlir:[[# @LINE + 13]]:16: remark: [Missed] early-reader | {{.*}}Reason="nsa.gate reads them before nsa.gate, and is not part of its loop"
// REMARK: fuse-queries.mlir:[[# @LINE + 15]]:9: remark: [Passed] fused | {{.*}}, ops=2
// REMARK: fuse-queries.mlir:[[# @LINE + 12]]:9: remark: [Passed] fused | {{.*}}, ops=2
!q = tensor<?x?x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x8xf32>
func.func @gate_of_gate(%q: !q, %k: !kv, %g: tensor<?x?x8x1xf32>, %g2: tensor<?x?x8x2xf32>) -> !q {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (!q, !kv, !kv) -> (!q, !lse)
  %i = nsa.gate %o1 gates(%g) : (!q, tensor<?x?x8x1xf32>) -> !q
  %o = nsa.gate %i, %o1 gates(%g2) : (!q, !q, tensor<?x?x8x2xf32>) -> !q
  return %o : !q
}
func.func @two_gates(%q: !q, %k: !kv, %g: tensor<?x?x8x1xf32>, %g2: tensor<?x?x8x2xf32>) -> (!q, !q) {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (!q, !kv, !kv) -> (!q, !lse)
  %r1 = nsa.gate %o1 gates(%g) : (!q, tensor<?x?x8x1xf32>) -> !q
  %o2, %lse2 = nsa.window_attention %q, %k, %k {window = 16} : (!q, !kv, !kv) -> (!q, !lse)
  %r2 = nsa.gate %o1, %o2 gates(%g2) : (!q, !q, tensor<?x?x8x2xf32>) -> !q
  return %r1, %r2 : !q, !q
}

// -----

// Branches from elsewhere, empty ones, and ops in a parallel loop are left alone,
// by nsa-fuse-selection too.
// CHECK-LABEL: func.func @no_producers(
// CHECK-NEXT: nsa.gate
// CHECK-NEXT: return
// TILE8-LABEL: func.func @no_producers(
// REMARK: remark: [Missed] no-producers | Category:nsa-fuse-queries | Reason="no op can be computed in its loop", Remark="nsa.gate reads its operands from memory", Suggestion="call the ops of the branches in the same block"
func.func @no_producers(%o1: tensor<?x?x8x64xf32>, %g: tensor<?x?x8x1xf32>) -> tensor<?x?x8x64xf32> {
  %o = nsa.gate %o1 gates(%g) : (tensor<?x?x8x64xf32>, tensor<?x?x8x1xf32>) -> tensor<?x?x8x64xf32>
  return %o : tensor<?x?x8x64xf32>
}

// CHECK-LABEL: func.func @empty(
// CHECK-NOT: scf.forall
// CHECK: return
// TILE8-LABEL: func.func @empty(
func.func @empty(%q: tensor<?x0x8x64xf32>, %k: tensor<?x?x2x64xf32>, %g: tensor<?x0x8x1xf32>) -> tensor<?x0x8x64xf32> {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<?x0x8x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x2x64xf32>) -> (tensor<?x0x8x64xf32>, tensor<?x0x8xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<?x0x8x64xf32>, tensor<?x0x8x1xf32>) -> tensor<?x0x8x64xf32>
  return %o : tensor<?x0x8x64xf32>
}

// CHECK-LABEL: func.func @in_parallel(
// CHECK: scf.forall
// CHECK-NEXT: nsa.block_scores
// CHECK-NEXT: nsa.select_top_n
// CHECK-NEXT: nsa.selected_attention
// CHECK-NEXT: nsa.gate
// TILE8-LABEL: func.func @in_parallel(
func.func @in_parallel(%q: tensor<1x64x4x16xf32>, %kc: tensor<1x9x2x16xf32>, %lse: tensor<1x64x4xf32>, %k: tensor<1x?x2x16xf32>, %g: tensor<1x64x4x1xf32>, %max: index, %off: index, %all: tensor<3x64x4x16xf32>) -> tensor<3x64x4x16xf32> {
  %r = scf.forall (%i) in (3) shared_outs(%out = %all) -> (tensor<3x64x4x16xf32>) {
    %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64}
        : (tensor<1x64x4x16xf32>, tensor<1x9x2x16xf32>, tensor<1x64x4xf32>, index, index) -> tensor<1x64x2x?xf32>
    %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 3} : (tensor<1x64x2x?xf32>, index) -> tensor<1x64x2x3xi32>
    %o1, %lse1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique} : (tensor<1x64x4x16xf32>, tensor<1x?x2x16xf32>, tensor<1x?x2x16xf32>, tensor<1x64x2x3xi32>) -> (tensor<1x64x4x16xf32>, tensor<1x64x4xf32>)
    %o = nsa.gate %o1 gates(%g) : (tensor<1x64x4x16xf32>, tensor<1x64x4x1xf32>) -> tensor<1x64x4x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o into %out[%i, 0, 0, 0] [1, 64, 4, 16] [1, 1, 1, 1] : tensor<1x64x4x16xf32> into tensor<3x64x4x16xf32>
    }
  }
  return %r : tensor<3x64x4x16xf32>
}
