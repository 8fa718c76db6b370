// Producers are computed where a tile of them is used; what cannot follow stays
// outside, with a warning.

// RUN: nsa-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// Both branches move into the loop over the gate's tiles, with their own default
// offsets; nothing is left outside.
// CHECK-LABEL: func.func @gate_of_branches(
// CHECK-SAME: %[[Q:.*]]: tensor<1x30x8x16xf32>, %[[K:.*]]: tensor<1x50x2x16xf32>, %[[IDX:.*]]: tensor<1x30x2x4xi32>, %[[G:.*]]: tensor<1x30x8x2xf32>)
// CHECK-NOT: nsa.
// CHECK: scf.for %[[T:.*]] = %c0 to %c30 step %c16
// CHECK: scf.for %[[H:.*]] = %c0 to %c8 step %c4
// CHECK-DAG: %[[OFF:.*]] = arith.addi %[[T]], %c20
// CHECK-DAG: %[[O1:.*]], %{{.*}} = nsa.selected_attention {{.*}} q_offset(%[[OFF]]) {selection_block = 8 : i64, unique} : {{.*}} -> (tensor<1x?x4x16xf32>, tensor<1x?x4xf32>)
// CHECK-DAG: %[[O2:.*]], %{{.*}} = nsa.window_attention {{.*}} q_offset(%[[OFF]]) {window = 20 : i64} : {{.*}} -> (tensor<1x?x4x16xf32>, tensor<1x?x4xf32>)
// CHECK: nsa.gate %[[O1]], %[[O2]] gates(%{{.*}}) : (tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>, tensor<1x?x4x2xf32>)
// CHECK-NOT: nsa.
// CHECK: return
func.func @gate_of_branches(%q: tensor<1x30x8x16xf32>, %k: tensor<1x50x2x16xf32>, %idx: tensor<1x30x2x4xi32>, %g: tensor<1x30x8x2xf32>) -> tensor<1x30x8x16xf32> {
  %o1, %lse1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<1x30x8x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>, tensor<1x30x2x4xi32>) -> (tensor<1x30x8x16xf32>, tensor<1x30x8xf32>)
  %o2, %lse2 = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<1x30x8x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>) -> (tensor<1x30x8x16xf32>, tensor<1x30x8xf32>)
  %o = nsa.gate %o1, %o2 gates(%g) : (tensor<1x30x8x16xf32>, tensor<1x30x8x16xf32>, tensor<1x30x8x2xf32>) -> tensor<1x30x8x16xf32>
  return %o : tensor<1x30x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.gate"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loops:2 = transform.structured.fuse %op tile_sizes [0, 16, 4] {apply_cleanup} : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A second result of a producer is fused by its own position.
// CHECK-LABEL: func.func @scores_of_lse(
// CHECK-NOT: nsa.
// CHECK: scf.forall
// CHECK: %{{.*}}, %[[LSE:.*]] = nsa.compressed_attention {{.*}} -> (tensor<1x?x4x16xf32>, tensor<1x?x4xf32>)
// CHECK: %[[P:.*]] = nsa.block_scores %{{.*}}, %{{.*}}, %[[LSE]]
// CHECK-NOT: nsa.
// CHECK: return
func.func @scores_of_lse(%q: tensor<1x30x8x16xf32>, %kc: tensor<1x11x2x16xf32>, %off: index) -> tensor<1x30x2x7xf32> {
  %max = arith.constant 50 : index
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 8, compression_stride = 4}
      : (tensor<1x30x8x16xf32>, tensor<1x11x2x16xf32>, tensor<1x11x2x16xf32>, index) -> (tensor<1x30x8x16xf32>, tensor<1x30x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 8, compression_stride = 4, selection_block = 8}
      : (tensor<1x30x8x16xf32>, tensor<1x11x2x16xf32>, tensor<1x30x8xf32>, index, index) -> tensor<1x30x2x7xf32>
  return %p : tensor<1x30x2x7xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.block_scores"]} in %root : (!transform.any_op) -> !transform.any_op
    %producer = transform.structured.match ops{["nsa.compressed_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_forall %op tile_sizes [1, 16, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %new = transform.structured.fuse_into_containing_op %producer into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The gate may have any divisor of the heads; the branch may not.
// CHECK-LABEL: func.func @heads_across_groups(
// CHECK: nsa.window_attention
// CHECK: scf.for
// CHECK-NOT: nsa.window_attention
// CHECK: nsa.gate
func.func @heads_across_groups(%q: tensor<1x30x6x16xf32>, %k: tensor<1x50x2x16xf32>, %g: tensor<1x30x6x1xf32>) -> tensor<1x30x6x16xf32> {
  // expected-warning @below {{'nsa.window_attention' op cannot be fused over H (6) by 2: a tile has 1, 3 or 6 (whole groups of 3 heads, or a part that divides one)}}
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<1x30x6x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>) -> (tensor<1x30x6x16xf32>, tensor<1x30x6xf32>)
  %r = nsa.gate %o gates(%g) {activation = #nsa.gate_activation<sigmoid>} : (tensor<1x30x6x16xf32>, tensor<1x30x6x1xf32>) -> tensor<1x30x6x16xf32>
  return %r : tensor<1x30x6x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.gate"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.fuse %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A slice of the value heads is no tile of attention.
// CHECK-LABEL: func.func @value_heads(
// CHECK: nsa.window_attention
// CHECK: scf.for
// CHECK-NOT: nsa.window_attention
func.func @value_heads(%q: tensor<1x30x6x16xf32>, %k: tensor<1x50x2x16xf32>, %init: tensor<1x30x6x16xf32>) -> tensor<1x30x6x16xf32> {
  // expected-warning @below {{'nsa.window_attention' op cannot be fused by a part of dimension 3 (Dv), which stays whole}}
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<1x30x6x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>) -> (tensor<1x30x6x16xf32>, tensor<1x30x6xf32>)
  %r = linalg.exp ins(%o : tensor<1x30x6x16xf32>) outs(%init : tensor<1x30x6x16xf32>) -> tensor<1x30x6x16xf32>
  return %r : tensor<1x30x6x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.fuse %op tile_sizes [0, 0, 0, 8] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
