// RUN: nsa-opt %s --transform-interpreter --verify-diagnostics | FileCheck %s
// RUN: nsa-opt %s | nsa-opt --mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// GENERIC: "transform.nsa.decompose"(%{{.*}}) : (!transform.any_op) -> !transform.any_op

!q = tensor<1x128x4x64xf32>
!kv = tensor<1x128x2x64xf32>
!gates = tensor<1x128x4x3xf32>

// The result handle names the branch ops of the first, then of the second.
// CHECK-LABEL: func.func @two
// CHECK: nsa.compress {{.*}}first
// CHECK: nsa.compress
// CHECK: nsa.compressed_attention
// CHECK: nsa.block_scores
// CHECK: nsa.select_top_n
// CHECK: nsa.selected_attention
// CHECK: nsa.window_attention
// CHECK: nsa.gate {{.*}}{gate}
// CHECK-COUNT-2: nsa.compress
// CHECK: nsa.window_attention {{.*}}window = 16
// CHECK: nsa.gate {{.*}}{gate, last}
// CHECK-NOT: nsa.attention %
func.func @two(%q: !q, %k: !kv, %gates: !gates) -> (!q, !q) {
  %0 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%gates)
    {compression_block = 16, compression_stride = 16, selection_block = 16, top_n = 4, window = 32}
    : (!q, !kv, !kv, !kv, !kv, !kv, !kv, !gates) -> !q
  %1 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%gates)
    {compression_block = 16, compression_stride = 16, selection_block = 16, top_n = 4, window = 16}
    : (!q, !kv, !kv, !kv, !kv, !kv, !kv, !gates) -> !q
  return %0, %1 : !q, !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %attention = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    %branches = transform.nsa.decompose %attention : (!transform.any_op) -> !transform.any_op
    %gates = transform.select "nsa.gate" in %branches : (!transform.any_op) -> !transform.any_op
    transform.annotate %gates "gate" : !transform.any_op
    %each:16 = transform.split_handle %branches : (!transform.any_op) -> (
        !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op,
        !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op,
        !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op,
        !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.annotate %each#0 "first" : !transform.any_op
    transform.annotate %each#15 "last" : !transform.any_op
    // Nothing to decompose: nothing is decomposed.
    %none = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.nsa.decompose %none : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
