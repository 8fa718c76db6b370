// RUN: nsa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

// What cannot be fused, with the reason that nsa-fuse gives in a remark.

!p = tensor<1x128x1x8xf32>
!idx = tensor<1x128x1x4xi32>

func.func @no_producer(%p: !p, %n: index) -> !idx {
  // expected-note @below {{this target}}
  %idx = nsa.select_top_n %p q_offset(%n) kv_len(%n) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  return %idx : !idx
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %selects = transform.structured.match ops{["nsa.select_top_n"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.select_top_n is not part of a selection fusion: no nsa.block_scores of this function makes its scores; call nsa.block_scores in the same function}}
    transform.nsa.fuse selection %selects : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// Suppressed where the script says so.

!o = tensor<1x128x16x64xbf16>
!gates = tensor<1x128x16x2xf32>

func.func @suppressed(%o: !o, %gates: !gates) -> !o {
  %g = nsa.gate %o, %o gates(%gates) : (!o, !o, !gates) -> !o
  return %g : !o
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    transform.sequence %module : !transform.any_op failures(suppress) {
    ^bb0(%root: !transform.any_op):
      %gates = transform.structured.match ops{["nsa.gate"]} in %root : (!transform.any_op) -> !transform.any_op
      transform.nsa.fuse gated %gates : (!transform.any_op) -> !transform.any_op
    }
    transform.yield
  }
}

// -----

!o = tensor<1x128x16x64xbf16>
!gates = tensor<1x128x16x2xf32>

func.func @branches(%o: !o, %gates: !gates) -> !o {
  // expected-note @below {{this target}}
  %g = nsa.gate %o, %o gates(%gates) : (!o, !o, !gates) -> !o
  return %g : !o
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %gates = transform.structured.match ops{["nsa.gate"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.gate is not part of a gated fusion: it has 2 branches, not 3}}
    transform.nsa.fuse gated %gates : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// No target is at the end of the chain.

!o = tensor<1x128x16x64xbf16>
!gates = tensor<1x128x16x2xf32>

func.func @kind(%o: !o, %gates: !gates) -> !o {
  // expected-note @below {{this target}}
  %g = nsa.gate %o, %o gates(%gates) : (!o, !o, !gates) -> !o
  return %g : !o
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %gates = transform.structured.match ops{["nsa.gate"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{a selection fusion ends in nsa.select_top_n, but no target is one; the first is 'nsa.gate'}}
    transform.nsa.fuse selection %gates : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

// A target that is no member; a second fusion of the same ops; ops that have
// schedules of their own.

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>
!idx = tensor<1x128x1x4xi32>
!gates = tensor<1x128x16x3xf32>

func.func @member(%q: !q, %k: !kv, %idx: !idx, %gates: !gates) -> (!q, !q) {
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  %g = nsa.gate %q, %s, %w gates(%gates) : (!q, !q, !q, !gates) -> !q
  // expected-note @below {{this target}}
  %other, %other_lse = nsa.window_attention %q, %k, %k {window = 16} : (!q, !kv, !kv) -> (!q, !lse)
  return %g, %other : !q, !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %ops = transform.structured.match ops{["nsa.gate", "nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{'nsa.window_attention' is not part of the gated fusions of the other targets}}
    transform.nsa.fuse gated %ops : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>
!idx = tensor<1x128x1x4xi32>
!gates = tensor<1x128x16x3xf32>

func.func @twice(%q: !q, %k: !kv, %idx: !idx, %gates: !gates) -> !q {
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  // expected-note @below {{this target}}
  %g = nsa.gate %q, %s, %w gates(%gates) : (!q, !q, !q, !gates) -> !q
  return %g : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %gates = transform.structured.match ops{["nsa.gate"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.nsa.fuse gated %gates : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.gate is part of a fusion already}}
    transform.nsa.fuse gated %gates : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>
!idx = tensor<1x128x1x4xi32>
!gates = tensor<1x128x16x3xf32>

func.func @scheduled(%q: !q, %k: !kv, %idx: !idx, %gates: !gates) -> !q {
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  // expected-note @below {{this target}}
  %g = nsa.gate %q, %s, %w gates(%gates) : (!q, !q, !q, !gates) -> !q
  return %g : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %ops = transform.structured.match ops{["nsa.selected_attention", "nsa.window_attention", "nsa.gate"]} in %module : (!transform.any_op) -> !transform.any_op
    transform.nsa.set_schedule %ops : !transform.any_op
    // expected-error @below {{nsa.gate is not part of a gated fusion: nsa.selected_attention has a schedule of its own already; fuse before schedules are set}}
    transform.nsa.fuse gated %ops : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    // expected-error @below {{expected selection or gated, but found 'both'}}
    transform.nsa.fuse both %module : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
