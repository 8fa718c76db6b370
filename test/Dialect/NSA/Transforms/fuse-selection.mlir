// block_scores moves into the loop over tiles of select_top_n.

// RUN: nsa-opt %s --nsa-fuse-selection --allow-unregistered-dialect | FileCheck %s
// RUN: nsa-opt %s --nsa-fuse-selection=query-tile=8 --allow-unregistered-dialect | FileCheck %s --check-prefix=TILE8
// RUN: nsa-opt %s --nsa-fuse-selection --allow-unregistered-dialect --remarks-filter=".*" 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark:
// RUN: nsa-opt %s --nsa-fuse-selection --allow-unregistered-dialect --mlir-print-debuginfo --mlir-print-local-scope \
// RUN:   | FileCheck %s --check-prefix=LOC
// RUN: nsa-opt %s --pass-pipeline="builtin.module(builtin.module(func.func(nsa-fuse-selection)))" --allow-unregistered-dialect \
// RUN:   | FileCheck %s --check-prefix=INNER

// One tile is one list of one batch entry and 32 queries, or what is left of
// them; the offset moves with the first query. No score is made outside.
// CHECK-DAG: #[[$REST:.*]] = affine_map<(d0)[s0] -> (-d0 + s0, 32)>
// CHECK-DAG: #[[$FIRST_HEAD:.*]] = affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: #[[$KV_HEAD:.*]] = affine_map<(d0) -> (d0 floordiv 4)>

// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x64xbf16>, %[[KC:[^:]*]]: tensor<?x?x2x64xbf16>, %[[LSE:[^:]*]]: tensor<?x?x8xf32>, %[[MAX:[^:]*]]: index, %[[OFF:[^:]*]]: index, %[[LEN:[^:]*]]: tensor<?xi32>
// CHECK-NOT: nsa.
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %c0
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK: scf.forall (%[[I:.*]], %[[T:.*]], %[[G:.*]]) = (0, 0, 0) to (%[[B]], %[[TQ]], 2) step (1, 32, 1)
// CHECK-DAG: %[[N:.*]] = affine.min #[[$REST]](%[[T]])[%[[TQ]]]
// CHECK-DAG: %[[H:.*]] = affine.apply #[[$FIRST_HEAD]](%[[G]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[I]], %[[T]], %[[H]], 0] [1, %[[N]], 4, 64]
// CHECK-DAG: %[[TC:.*]] = tensor.dim %[[KC]], %c1
// CHECK-DAG: %[[KCT:.*]] = tensor.extract_slice %[[KC]][%[[I]], 0, %[[G]], 0] [1, %[[TC]], 1, 64]
// CHECK-DAG: %[[LSET:.*]] = tensor.extract_slice %[[LSE]][%[[I]], %[[T]], %[[H]]] [1, %[[N]], 4]
// CHECK-DAG: %[[OFFT:.*]] = arith.addi %[[OFF]], %[[T]]
// CHECK-DAG: %[[LENT:.*]] = tensor.extract_slice %[[LEN]][%[[I]]] [1]
// CHECK: %[[P:.*]] = nsa.block_scores %[[QT]], %[[KCT]], %[[LSET]], %[[MAX]] q_offset(%[[OFFT]]) kv_len(%[[LENT]]) {compression_block = 32 : i64, compression_stride = 16 : i64, scale = 1.250000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 64 : i64}
// CHECK-SAME: -> tensor<1x?x1x?xf32>
// CHECK-DAG: %[[OFFS:.*]] = arith.addi %[[OFF]], %[[T]]
// CHECK-DAG: %[[LENS:.*]] = tensor.extract_slice %[[LEN]][%[[I]]] [1]
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]] q_offset(%[[OFFS]]) kv_len(%[[LENS]]) {initial = 0 : i64, selection_block = 64 : i64, top_n = 16 : i64}
// CHECK: tensor.parallel_insert_slice %[[IDX]] into %{{.*}}[%[[I]], %[[T]], %[[G]], 0] [1, %[[N]], 1, 16]
// CHECK: return

// TILE8-DAG: affine_map<(d0)[s0] -> (-d0 + s0, 8)>
// TILE8-LABEL: func.func @dynamic(
// TILE8: step (1, 8, 1)

// REMARK: model.py:4:5: remark: [Passed] fused | Category:nsa-fuse-selection | Remark="nsa.block_scores is computed tile by tile inside nsa.select_top_n", queries=32

// What stands in the loop is where it was; the loop is the consumer's.
// LOC-LABEL: func.func @dynamic(
// LOC: scf.forall
// LOC: = nsa.block_scores {{.*}} loc("scores"("model.py":3:3))
// LOC: = nsa.select_top_n {{.*}} loc("selection"("model.py":4:5))
// LOC: } loc("selection"("model.py":4:5))
// LOC: return
func.func @dynamic(%q: tensor<?x?x8x64xbf16>, %kc: tensor<?x?x2x64xbf16>, %lse: tensor<?x?x8xf32>, %max: index, %off: index, %len: tensor<?xi32>) -> tensor<?x?x2x16xi32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) kv_len(%len)
      {compression_block = 32, compression_stride = 16, selection_block = 64, score_map = #nsa.score_map<max>, scale = 0.125}
      : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x8xf32>, index, index, tensor<?xi32>) -> tensor<?x?x2x?xf32> loc("scores"("model.py":3:3))
  %idx = nsa.select_top_n %p q_offset(%off) kv_len(%len) {selection_block = 64, top_n = 16, initial = 0} : (tensor<?x?x2x?xf32>, index, tensor<?xi32>) -> tensor<?x?x2x16xi32> loc("selection"("model.py":4:5))
  return %idx : tensor<?x?x2x16xi32>
}

// One list per query head: each takes one head and the key head that it uses.
// A per-batch offset is sliced and moved.
// CHECK-LABEL: func.func @query_heads(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x100x8x64xf32>, %[[KC:[^:]*]]: tensor<2x5x2x64xf32>, %[[LSE:[^:]*]]: tensor<2x100x8xf32>, %[[OFF:[^:]*]]: tensor<2xi32>
// CHECK: scf.forall (%[[I:.*]], %[[T:.*]], %[[H:.*]]) = (0, 0, 0) to (2, 100, 8) step (1, 32, 1)
// CHECK-DAG: %[[N:.*]] = affine.min {{.*}}(%[[T]])
// CHECK-DAG: %[[KV:.*]] = affine.apply #[[$KV_HEAD]](%[[H]])
// CHECK-DAG: tensor.extract_slice %[[Q]][%[[I]], %[[T]], %[[H]], 0] [1, %[[N]], 1, 64]
// CHECK-DAG: tensor.extract_slice %[[KC]][%[[I]], 0, %[[KV]], 0] [1, 5, 1, 64]
// CHECK: %[[OFFB:.*]] = tensor.extract_slice %[[OFF]][%[[I]]] [1]
// CHECK: %[[FIRST:.*]] = arith.index_cast %[[T]] : index to i64
// CHECK: %[[OFFT:.*]] = linalg.generic {{.*}} ins(%[[OFFB]] : tensor<1xi32>)
// An offset near the end of i32 stays beyond all keys: it must not wrap.
// CHECK: %[[SUM:.*]] = arith.addi %{{.*}}, %[[FIRST]] : i64
// CHECK: %[[LOW:.*]] = arith.maxsi %[[SUM]], %c-2147483648_i64 : i64
// CHECK: arith.minsi %[[LOW]], %c2147483647_i64 : i64
// CHECK: nsa.block_scores {{.*}} q_offset(%[[OFFT]]) {compression_block = 32 : i64, compression_stride = 16 : i64, list_heads = #nsa.list_heads<query>, selection_block = 64 : i64}
// CHECK-SAME: -> tensor<1x?x1x2xf32>
// CHECK: nsa.select_top_n {{.*}} : (tensor<1x?x1x2xf32>, tensor<1xi32>) -> tensor<1x?x1x3xi32>
// REMARK: fuse-selection.mlir:[[# @LINE + 5]]:10: remark: [Passed] fused | Category:nsa-fuse-selection | Remark="nsa.block_scores is computed tile by tile inside nsa.select_top_n", queries=32
func.func @query_heads(%q: tensor<2x100x8x64xf32>, %kc: tensor<2x5x2x64xf32>, %lse: tensor<2x100x8xf32>, %off: tensor<2xi32>) -> tensor<2x100x8x3xi32> {
  %max = arith.constant 100 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64, list_heads = #nsa.list_heads<query>}
      : (tensor<2x100x8x64xf32>, tensor<2x5x2x64xf32>, tensor<2x100x8xf32>, index, tensor<2xi32>) -> tensor<2x100x8x2xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 3} : (tensor<2x100x8x2xf32>, tensor<2xi32>) -> tensor<2x100x8x3xi32>
  return %idx : tensor<2x100x8x3xi32>
}

// One list in all, positions that nobody needs, fewer queries than a tile.
// CHECK-LABEL: func.func @one_list(
// CHECK: scf.forall {{.*}} to (1, 7, 1) step (1, 32, 1)
// CHECK-NOT: q_offset
// CHECK: nsa.block_scores {{.*}} {causal = false, {{.*}}} : (tensor<1x?x4x8xf16>, tensor<1x?x1x8xf16>, tensor<1x?x4xf32>, index) -> tensor<1x?x1x?xf32>
// CHECK-NOT: q_offset
// CHECK: nsa.select_top_n {{.*}} {causal = false, initial = 0 : i64, local = 0 : i64, selection_block = 8 : i64, top_n = 3 : i64}
// CHECK: return
// REMARK: fuse-selection.mlir:[[# @LINE + 4]]:10: remark: [Passed] fused
func.func @one_list(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x?x1x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) -> tensor<1x7x1x3xi32> {
  %p = nsa.block_scores %q, %kc, %lse, %max {compression_block = 4, compression_stride = 2, selection_block = 8, causal = false}
      : (tensor<1x7x4x8xf16>, tensor<1x?x1x8xf16>, tensor<1x7x4xf32>, index) -> tensor<1x7x1x?xf32>
  %idx = nsa.select_top_n %p {selection_block = 8, top_n = 3, initial = 0, local = 0, causal = false} : (tensor<1x7x1x?xf32>) -> tensor<1x7x1x3xi32>
  return %idx : tensor<1x7x1x3xi32>
}

// Scores that are returned stay whole, and the remark says what that costs.
// CHECK-LABEL: func.func @shared(
// CHECK-NOT: scf.forall
// CHECK: %[[P:.*]] = nsa.block_scores
// CHECK-NEXT: %[[IDX:.*]] = nsa.select_top_n %[[P]]
// CHECK-NEXT: return %[[P]], %[[IDX]]
// REMARK: fuse-selection.mlir:[[# @LINE + 4]]:10: remark: [Missed] shared-scores | Category:nsa-fuse-selection | Reason="something else reads them too", Remark="nsa.select_top_n reads its scores, of size Tq x Ns, from memory", Suggestion="do not return or reuse the scores, to have them computed tile by tile", uses=2
func.func @shared(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x3x2x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) -> (tensor<1x7x2x?xf32>, tensor<1x7x2x3xi32>) {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8}
      : (tensor<1x7x4x8xf16>, tensor<1x3x2x8xf16>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 3} : (tensor<1x7x2x?xf32>, index) -> tensor<1x7x2x3xi32>
  return %p, %idx : tensor<1x7x2x?xf32>, tensor<1x7x2x3xi32>
}

// Nothing to score by: Tk < l, so that no compressed key exists.
// CHECK-LABEL: func.func @no_scores(
// CHECK-NOT: scf.forall
// CHECK: %[[P:.*]] = nsa.block_scores
// CHECK-NEXT: nsa.select_top_n %[[P]]
// REMARK: fuse-selection.mlir:[[# @LINE + 4]]:10: remark: [Missed] no-scores | Category:nsa-fuse-selection | Reason="no compressed key scores any block: a dimension is 0", Remark="nsa.select_top_n reads its scores from memory", Suggestion="none is needed"
func.func @no_scores(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x0x2x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) -> tensor<1x7x2x3xi32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8}
      : (tensor<1x7x4x8xf16>, tensor<1x0x2x8xf16>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 3} : (tensor<1x7x2x?xf32>, index) -> tensor<1x7x2x3xi32>
  return %idx : tensor<1x7x2x3xi32>
}

// Scores from elsewhere.
// CHECK-LABEL: func.func @no_producer(
// CHECK-NEXT: nsa.select_top_n %arg0
// CHECK-NEXT: return
// REMARK: fuse-selection.mlir:[[# @LINE + 2]]:10: remark: [Missed] no-producer | Category:nsa-fuse-selection | Reason="no nsa.block_scores of this function makes them", Remark="nsa.select_top_n reads its scores from memory", Suggestion="call nsa.block_scores in the same function"
func.func @no_producer(%p: tensor<1x7x2x9xf32>, %off: index) -> tensor<1x7x2x3xi32> {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 3} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x3xi32>
  return %idx : tensor<1x7x2x3xi32>
}

// Scores without a selection, and ops of nobody, are left alone.
// CHECK-LABEL: func.func @others(
// CHECK-NEXT: %[[P:.*]] = nsa.block_scores
// CHECK-NEXT: "foreign.op"(%[[P]])
// CHECK-NEXT: return
func.func @others(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x3x2x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8}
      : (tensor<1x7x4x8xf16>, tensor<1x3x2x8xf16>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x2x?xf32>
  "foreign.op"(%p) : (tensor<1x7x2x?xf32>) -> ()
  return
}

// In nested modules too.
// CHECK-LABEL: module @inner
// CHECK: func.func @in_module(
// CHECK: scf.forall
// INNER-LABEL: func.func @dynamic(
// INNER-NOT: scf.forall
// INNER: module @inner
// INNER: func.func @in_module(
// INNER: scf.forall
// REMARK: fuse-selection.mlir:[[# @LINE + 5]]:12: remark: [Passed] fused
module @inner {
  func.func @in_module(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x3x2x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) -> tensor<1x7x2x3xi32> {
    %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8}
        : (tensor<1x7x4x8xf16>, tensor<1x3x2x8xf16>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x2x?xf32>
    %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 3} : (tensor<1x7x2x?xf32>, index) -> tensor<1x7x2x3xi32>
    return %idx : tensor<1x7x2x3xi32>
  }
}
