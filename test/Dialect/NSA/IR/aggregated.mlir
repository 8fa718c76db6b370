// nsa.attention is an aggregated op: upstream's transform makes of it what
// nsa-decompose does, with what the result comes from as its handle. (It takes
// ops of one result only; the interface does not mind.)

// RUN: nsa-opt %s --nsa-decompose -o %t.pass
// RUN: nsa-opt %s --transform-interpreter -o %t.transform 2>%t.remarks
// RUN: diff %t.pass %t.transform
// RUN: FileCheck %s --input-file=%t.transform
// RUN: FileCheck %s --input-file=%t.remarks --check-prefix=HANDLE

// CHECK-LABEL: func.func @attention(
// CHECK-NOT: nsa.attention
// CHECK: nsa.gate
// CHECK: return

// HANDLE: aggregated.mlir:[[# @LINE + 2]]:8: remark: made
func.func @attention(%q: tensor<1x60x8x16xf32>, %k: tensor<1x80x2x16xf32>, %g: tensor<1x60x8x3xf32>) -> tensor<1x60x8x16xf32> {
  %r = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g)
      {compression_block = 8, compression_stride = 4, selection_block = 8, top_n = 4, window = 20}
      : (tensor<1x60x8x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x60x8x3xf32>)
      -> tensor<1x60x8x16xf32>
  return %r : tensor<1x60x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %parts = transform.structured.decompose_interface %op : (!transform.any_op) -> !transform.any_op
    transform.debug.emit_remark_at %parts, "made" : !transform.any_op
    transform.yield
  }
}
