// RUN: nsa-opt %s --transform-interpreter | FileCheck %s
// RUN: nsa-opt %s | nsa-opt --mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// GENERIC: "transform.nsa.fuse"(%{{.*}}) <{kind = #nsa.fusion_kind<selection>}> : (!transform.any_op) -> !transform.any_op

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!kc = tensor<1x8x1x64xbf16>
!lse = tensor<1x128x16xf32>
!p = tensor<1x128x1x8xf32>
!idx = tensor<1x128x1x4xi32>
!gates = tensor<1x128x16x3xf32>

// Handles to members stay valid: the ops are moved.
// CHECK-LABEL: func.func @f
// CHECK: %[[S:.*]]:3 = nsa.fusion selection {selection} : {{.*}} {
// CHECK-NEXT: nsa.compressed_attention
// CHECK-NEXT: nsa.block_scores
// CHECK-NEXT: nsa.select_top_n {{.*}}select
// CHECK: %[[G:.*]] = nsa.fusion gated {gated} : {{.*}} {
// CHECK-NEXT: nsa.selected_attention %{{.*}}, %{{.*}}, %{{.*}}, %[[S]]#2 {{.*}}member
// CHECK-NEXT: nsa.window_attention {{.*}}member
// CHECK-NEXT: nsa.gate %[[S]]#0, {{.*}}member
// CHECK: return %[[G]]
func.func @f(%q: !q, %k: !kv, %kc: !kc, %gates: !gates, %n: index) -> !q {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%c0) kv_len(%c128) {compression_block = 16, compression_stride = 16}
    : (!q, !kc, !kc, index, index) -> (!q, !lse)
  %p = nsa.block_scores %q, %kc, %lse, %c128 q_offset(%c0) kv_len(%c128)
    {compression_block = 16, compression_stride = 16, selection_block = 16}
    : (!q, !kc, !lse, index, index, index) -> !p
  %idx = nsa.select_top_n %p q_offset(%c0) kv_len(%c128) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  %g = nsa.gate %o, %s, %w gates(%gates) : (!q, !q, !q, !gates) -> !q
  return %g : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %selects = transform.structured.match ops{["nsa.select_top_n"]} in %module : (!transform.any_op) -> !transform.any_op
    %selections = transform.nsa.fuse selection %selects : (!transform.any_op) -> !transform.any_op
    transform.annotate %selections "selection" : !transform.any_op
    transform.annotate %selects "select" : !transform.any_op
    // All members at once.
    %members = transform.structured.match ops{["nsa.gate", "nsa.selected_attention", "nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    %gated = transform.nsa.fuse gated %members : (!transform.any_op) -> !transform.any_op
    transform.annotate %gated "gated" : !transform.any_op
    transform.annotate %members "member" : !transform.any_op
    // None.
    %merges = transform.structured.match ops{["nsa.merge"]} in %module : (!transform.any_op) -> !transform.any_op
    %none = transform.nsa.fuse gated %merges : (!transform.any_op) -> !transform.any_op
    transform.annotate %none "never" : !transform.any_op
    transform.yield
  }
}
// CHECK-NOT: {never}
