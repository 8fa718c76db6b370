// A handle that has an op twice: the interpreter's checks refuse it, and without
// them the op is decomposed once.
// RUN: nsa-opt %s --transform-interpreter=disable-expensive-checks | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK-COUNT-1: nsa.gate
// CHECK-NOT: nsa.gate
// CHECK: return
!q = tensor<1x128x4x64xf32>
!kv = tensor<1x128x2x64xf32>
func.func @f(%q: !q, %k: !kv, %gates: tensor<1x128x4x3xf32>) -> !q {
  %0 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%gates)
    {compression_block = 16, compression_stride = 16, selection_block = 16, top_n = 4, window = 32}
    : (!q, !kv, !kv, !kv, !kv, !kv, !kv, tensor<1x128x4x3xf32>) -> !q
  return %0 : !q
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op) {
    %a = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    %twice = transform.merge_handles %a, %a : !transform.any_op
    %branches = transform.nsa.decompose %twice : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
