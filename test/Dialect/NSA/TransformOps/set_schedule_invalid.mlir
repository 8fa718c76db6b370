// RUN: split-file %s %t
// RUN: nsa-opt %t/verify.mlir --split-input-file --verify-diagnostics
// RUN: nsa-opt %t/apply.mlir --transform-interpreter --split-input-file --verify-diagnostics

//--- verify.mlir

module attributes {transform.with_named_sequence} {
  transform.named_sequence @a(%op: !transform.any_op {transform.readonly}) {
    // expected-error @below {{unknown family 'fast', expected plain, dense, query_major, union or vector}}
    transform.nsa.set_schedule %op <fast> : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @b(%op: !transform.any_op {transform.readonly}) {
    // expected-error @below {{keys is given twice}}
    transform.nsa.set_schedule %op <keys = 16, keys = 32> : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @c(%op: !transform.any_op {transform.readonly}) {
    // expected-error @below {{family is given twice}}
    transform.nsa.set_schedule %op <dense, union> : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @d(%op: !transform.any_op {transform.readonly}) {
    // expected-error @below {{stages (0) must be at least 1}}
    transform.nsa.set_schedule %op <dense, stages = 0> : !transform.any_op
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @e(%op: !transform.any_op {transform.readonly}, %p: !transform.param<i64> {transform.readonly}) {
    // expected-error @below {{queries is both written and taken from a parameter}}
    "transform.nsa.set_schedule"(%op, %p) <{operandSegmentSizes = array<i32: 1, 0, 1, 0, 0, 0, 0>, queries = 4 : i64}> : (!transform.any_op, !transform.param<i64>) -> ()
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @f(%op: !transform.any_op {transform.readonly}) {
    // expected-error @below {{unknown family 'slow', expected plain, dense, query_major, union or vector}}
    "transform.nsa.set_schedule"(%op) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0>, family = "slow"}> : (!transform.any_op) -> ()
    transform.yield
  }
}

//--- apply.mlir

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>

func.func @numbers(%q: !q, %k: !kv) -> !q {
  // expected-note @below {{this target}}
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

// What no schedule can be.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.window_attention: keys (72) must be a multiple of 16 * key_warps (16)}}
    transform.nsa.set_schedule %0 <dense, queries = 4, keys = 72, row_warps = 4, key_warps = 1, stages = 2> : !transform.any_op
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>

// No schedule is set, not even on the target that could have it.
func.func @shared(%q: !q, %k: !kv) -> (!q, !q) {
  %a, %a_lse = nsa.window_attention %q, %k, %k {window = 32, nsa.schedule = #nsa.schedule<plain>} : (!q, !kv, !kv) -> (!q, !lse)
  // expected-note @below {{this target}}
  %b, %b_lse = nsa.window_attention %q, %k, %k {window = 64} : (!q, !kv, !kv) -> (!q, !lse)
  return %a, %b : !q, !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    %16 = transform.param.constant 16 : i64 -> !transform.param<i64>
    %512 = transform.param.constant 512 : i64 -> !transform.param<i64>
    %keys = transform.merge_handles %16, %512 : !transform.param<i64>
    // expected-error @below {{nsa.window_attention: #nsa.schedule<dense, queries = 1, keys = 512, row_warps = 1, key_warps = 1, stages = 2>: shared memory (264192 bytes) is more than a block may have on sm_90 (232448): queries 2048, stages 262144}}
    transform.nsa.set_schedule %0 <dense, queries = 1, keys = %keys, row_warps = 1, key_warps = 1, stages = 2> {chip = "sm_90"} : !transform.any_op, !transform.param<i64>
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>

func.func @family(%q: !q, %k: !kv) -> !q {
  // expected-note @below {{this target}}
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.window_attention has no kernels of family union; it has plain, dense}}
    transform.nsa.set_schedule %0 <union> : !transform.any_op
    transform.yield
  }
}

// -----

!p = tensor<1x128x1x8xf32>
!idx = tensor<1x128x1x4xi32>

// An op that has plain kernels only, and numbers without a family.
func.func @plain(%p: !p, %n: index) -> !idx {
  // expected-note @below {{this target}}
  %idx = nsa.select_top_n %p q_offset(%n) kv_len(%n) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  return %idx : !idx
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.select_top_n"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.select_top_n: a schedule of family plain has no numbers: it has no tiles}}
    transform.nsa.set_schedule %0 <queries = 4> : !transform.any_op
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>

func.func @chip(%q: !q, %k: !kv) -> !q {
  // expected-note @below {{this target}}
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{nsa.window_attention: nothing is known of chip 'sm_75'; known are sm_80}}
    transform.nsa.set_schedule %0 {chip = "sm_75"} : !transform.any_op
    transform.yield
  }
}

// -----

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>

func.func @tokens(%q: !q, %k: !kv) -> !q {
  // expected-note @below {{this target}}
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{tokens (0) must be 1 to 2147483647}}
    transform.nsa.set_schedule %0 {tokens = 0 : i64} : !transform.any_op
    transform.yield
  }
}

// -----

func.func @other(%x: index) {
  // expected-note @below {{this target}}
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["func.return"]} in %module : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{func.return: cannot have nsa.schedule: no kernel is made of it}}
    transform.nsa.set_schedule %0 <plain> : !transform.any_op
    transform.yield
  }
}

// -----

// Parameters.

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.param.constant 0 : i64 -> !transform.any_param
    // expected-error @below {{the parameter for keys is 0 : i64, which must be at least 1}}
    transform.nsa.set_schedule %module <keys = %0> : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.param.constant "64" -> !transform.any_param
    // expected-error @below {{the parameter for keys is "64", expected an integer}}
    transform.nsa.set_schedule %module <keys = %0> : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.param.constant 1 : i64 -> !transform.any_param
    // expected-error @below {{the parameter for family is 1 : i64, expected a string}}
    transform.nsa.set_schedule %module <%0> : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.param.constant "fast" -> !transform.any_param
    // expected-error @below {{unknown family 'fast', expected plain, dense, query_major, union or vector}}
    transform.nsa.set_schedule %module <%0> : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %0 = transform.param.constant 16 : i64 -> !transform.any_param
    %1 = transform.merge_handles %0, %0 : !transform.any_param
    // expected-error @below {{the parameter for stages has 2 values, but there are 1 targets}}
    transform.nsa.set_schedule %module <stages = %1> : !transform.any_op, !transform.any_param
    transform.yield
  }
}

// -----

// A knob without a selected value is no number yet.

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    // expected-error @below {{non-deterministic choice "keys" is only resolved through providing a `selected` attr}}
    %0 = transform.tune.knob<"keys"> options = [16, 32] -> !transform.any_param
    transform.nsa.set_schedule %module <keys = %0> : !transform.any_op, !transform.any_param
    transform.yield
  }
}
