// RUN: nsa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

!q = tensor<1x128x4x64xf32>
!kv = tensor<1x128x2x64xf32>

func.func @window(%q: !q, %k: !kv) -> !q {
  // expected-note @below {{this target}}
  %0, %1 = nsa.window_attention %q, %k, %k {window = 16} : (!q, !kv, !kv) -> (!q, tensor<1x128x4xf32>)
  return %0 : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %window = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{only nsa.attention can be decomposed, but a target is 'nsa.window_attention'}}
    transform.nsa.decompose %window : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// The target handle is consumed, and with it all handles to the same ops.

!q = tensor<1x128x4x64xf32>
!kv = tensor<1x128x2x64xf32>
!gates = tensor<1x128x4x3xf32>

func.func @consumed(%q: !q, %k: !kv, %gates: !gates) -> !q {
  // expected-note @below {{ancestor payload op}}
  // expected-note @below {{nested payload op}}
  %0 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%gates)
    {compression_block = 16, compression_stride = 16, selection_block = 16, top_n = 4, window = 32}
    : (!q, !kv, !kv, !kv, !kv, !kv, !kv, !gates) -> !q
  return %0 : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %attention = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-note @below {{handle to invalidated ops}}
    %again = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-note @below {{invalidated by this transform op that consumes its operand #0}}
    transform.nsa.decompose %attention : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{op uses a handle invalidated by a previously executed transform op}}
    transform.annotate %again "x" : !transform.any_op
    transform.yield
  }
}
