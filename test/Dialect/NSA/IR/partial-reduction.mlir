// The keys in parts: each part an op of its own, o and lse of the parts in a new
// first dimension, joined by nsa.merge.

// RUN: nsa-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s

// Keys begin at k0: they stand k0 tokens nearer to the queries, and k0 fewer of
// them exist. 50 keys in 4 parts of 13, the last of 11.
// CHECK-DAG: #[[$SIZE:.*]] = affine_map<(d0) -> (d0 * -13 + 50, 13)>
// CHECK-DAG: #[[$FIRST:.*]] = affine_map<(d0) -> (50, d0 * 13)>
// CHECK-LABEL: func.func @window(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x30x8x16xbf16>, %[[K:[^:]*]]: tensor<2x50x2x16xbf16>, %[[V:[^:]*]]: tensor<2x50x2x8xbf16>, %[[OFF:[^:]*]]: index, %[[LEN:[^:]*]]: index)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : bf16
// CHECK-DAG: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[O0:.*]] = linalg.fill ins(%[[ZERO]] : bf16) outs(%{{.*}} : tensor<4x2x30x8x8xbf16>)
// CHECK-DAG: %[[LSE0:.*]] = linalg.fill ins(%[[INF]] : f32) outs(%{{.*}} : tensor<4x2x30x8xf32>)
// CHECK: %[[R:.*]]:2 = scf.forall (%[[I:.*]]) in (4) shared_outs(%[[OS:.*]] = %[[O0]], %[[LSES:.*]] = %[[LSE0]])
// CHECK: %[[N:.*]] = affine.min #[[$SIZE]](%[[I]])
// CHECK: %[[K0:.*]] = affine.min #[[$FIRST]](%[[I]])
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][0, %[[K0]], 0, 0] [2, %[[N]], 2, 16]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][0, %[[K0]], 0, 0] [2, %[[N]], 2, 8]
// CHECK-DAG: %[[BACK:.*]] = affine.apply {{.*}}(%[[K0]])
// CHECK-DAG: %[[OFFT:.*]] = arith.addi %[[OFF]], %[[BACK]]
// CHECK-DAG: %[[LEFT:.*]] = arith.addi %[[LEN]], %[[BACK]]
// CHECK-DAG: %[[LENT:.*]] = arith.maxsi %[[LEFT]], %c0
// CHECK: %[[O:.*]], %[[LSE:.*]] = nsa.window_attention %[[Q]], %[[KT]], %[[VT]] q_offset(%[[OFFT]]) kv_len(%[[LENT]]) {window = 20 : i64}
// CHECK-DAG: tensor.parallel_insert_slice %[[O]] into %[[OS]][%[[I]], 0, 0, 0, 0] [1, 2, 30, 8, 8]
// CHECK-DAG: tensor.parallel_insert_slice %[[LSE]] into %[[LSES]][%[[I]], 0, 0, 0] [1, 2, 30, 8]
// CHECK-DAG: %[[P0:.*]] = tensor.extract_slice %[[R]]#0[0, 0, 0, 0, 0] [1, 2, 30, 8, 8] {{.*}} to tensor<2x30x8x8xbf16>
// CHECK-DAG: %[[P3:.*]] = tensor.extract_slice %[[R]]#0[3, 0, 0, 0, 0] [1, 2, 30, 8, 8] {{.*}} to tensor<2x30x8x8xbf16>
// CHECK-DAG: %[[L3:.*]] = tensor.extract_slice %[[R]]#1[3, 0, 0, 0] [1, 2, 30, 8] {{.*}} to tensor<2x30x8xf32>
// CHECK: %[[M:.*]], %[[MLSE:.*]] = nsa.merge %[[P0]], %{{.*}}, %{{.*}}, %[[P3]] lse(%{{.*}}, %{{.*}}, %{{.*}}, %[[L3]])
// CHECK: return %[[M]], %[[MLSE]]
func.func @window(%q: tensor<2x30x8x16xbf16>, %k: tensor<2x50x2x16xbf16>, %v: tensor<2x50x2x8xbf16>, %off: index, %len: index) -> (tensor<2x30x8x8xbf16>, tensor<2x30x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 20}
      : (tensor<2x30x8x16xbf16>, tensor<2x50x2x16xbf16>, tensor<2x50x2x8xbf16>, index, index) -> (tensor<2x30x8x8xbf16>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xbf16>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A default offset is materialised, for it is that of all keys.
// CHECK-LABEL: func.func @default_offset(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x16xf32>, %[[K:[^:]*]]: tensor<?x?x2x16xf32>)
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK-DAG: %[[TK:.*]] = tensor.dim %[[K]], %c1
// CHECK: scf.forall (%[[I:.*]]) in (2)
// CHECK: %[[WHOLE:.*]] = arith.subi %[[TK]], %[[TQ]]
// CHECK: %[[OFF:.*]] = arith.addi %[[WHOLE]], %{{.*}}
// CHECK: nsa.window_attention %[[Q]], %{{.*}}, %{{.*}} q_offset(%[[OFF]]) {window = 20 : i64}
func.func @default_offset(%q: tensor<?x?x8x16xf32>, %k: tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<?x?x8x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x16xf32>, tensor<?x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A compressed key begins every 4 tokens; a position per batch entry does not
// wrap.
// CHECK-DAG: #[[$TOKENS:.*]] = affine_map<(d0) -> (d0 * -4)>
// CHECK-LABEL: func.func @compressed(
// CHECK-SAME: %[[OFF:[^:]*]]: tensor<2xi32>, %[[LEN:[^:]*]]: tensor<2xi32>)
// CHECK-DAG: %[[LEAST:.*]] = arith.constant -2147483648 : i64
// CHECK-DAG: %[[MOST:.*]] = arith.constant 2147483647 : i64
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0 : i64
// CHECK: scf.forall
// CHECK: %[[BACK:.*]] = affine.apply #[[$TOKENS]](%{{.*}})
// CHECK: %[[BACK64:.*]] = arith.index_cast %[[BACK]] : index to i64
// CHECK: linalg.generic {{.*}} ins(%[[OFF]] : tensor<2xi32>)
// CHECK: %[[WIDE:.*]] = arith.extsi
// CHECK: %[[SUM:.*]] = arith.addi %[[WIDE]], %[[BACK64]]
// CHECK: %[[LOW:.*]] = arith.maxsi %[[SUM]], %[[LEAST]]
// CHECK: %[[HIGH:.*]] = arith.minsi %[[LOW]], %[[MOST]]
// CHECK: arith.trunci %[[HIGH]] : i64 to i32
// CHECK: linalg.generic {{.*}} ins(%[[LEN]] : tensor<2xi32>)
// CHECK: arith.maxsi %{{.*}}, %[[NONE]]
// CHECK: nsa.compressed_attention
func.func @compressed(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %off: tensor<2xi32>, %len: tensor<2xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>) {
  %o, %lse = nsa.compressed_attention %q, %k, %k q_offset(%off) kv_len(%len) {compression_block = 8, compression_stride = 4}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x16xf32>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x16xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.compressed_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Lists are split, keys are not: positions stay.
// CHECK-LABEL: func.func @selected(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x30x8x16xf32>, %[[K:[^:]*]]: tensor<2x50x2x16xf32>, %[[IDX:[^:]*]]: tensor<2x30x2x6xi32>)
// CHECK: scf.forall (%{{.*}}) = (0) to (6) step (2)
// CHECK: %[[IDXT:.*]] = tensor.extract_slice %[[IDX]][0, 0, 0, %{{.*}}] [2, 30, 2, 2]
// CHECK: nsa.selected_attention %[[Q]], %[[K]], %[[K]], %[[IDXT]] {selection_block = 8 : i64, unique}
// CHECK: nsa.merge %{{.*}}, %{{.*}}, %{{.*}} lse(
func.func @selected(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %idx: tensor<2x30x2x6xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x16xf32>, tensor<2x30x2x6xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x16xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.selected_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by tile_sizes = [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
