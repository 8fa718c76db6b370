// RUN: nsa-opt %s --transform-interpreter | FileCheck %s

// The assembly round trips, also through the generic form and bytecode.
// RUN: nsa-opt %s | FileCheck %s --check-prefix=ROUND
// RUN: nsa-opt %s --mlir-print-op-generic | nsa-opt | FileCheck %s --check-prefix=ROUND
// RUN: nsa-opt %s --emit-bytecode | nsa-opt | FileCheck %s --check-prefix=ROUND

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!lse = tensor<1x128x16xf32>
!idx = tensor<1x128x1x4xi32>

// CHECK-LABEL: func.func @written
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 32, row_warps = 4, key_warps = 1, stages = 3>
func.func @written(%q: !q, %k: !kv) -> !q {
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

// From knobs: the selected values.
// CHECK-LABEL: func.func @knobs
// CHECK: nsa.selected_attention {{.*}}nsa.schedule = #nsa.schedule<union, queries = 4, keys = 32, row_warps = 4, key_warps = 2, stages = 2>
func.func @knobs(%q: !q, %k: !kv, %idx: !idx) -> !q {
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 32, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  return %s : !q
}

// A parameter with a value for each target; a schedule that was there is
// replaced.
// CHECK-LABEL: func.func @each
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 16, row_warps = 4, key_warps = 1, stages = 2>
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 48, row_warps = 4, key_warps = 1, stages = 2>
func.func @each(%q: !q, %k: !kv) -> (!q, !q) {
  %a, %a_lse = nsa.window_attention %q, %k, %k {window = 32, nsa.schedule = #nsa.schedule<plain>} : (!q, !kv, !kv) -> (!q, !lse)
  %b, %b_lse = nsa.window_attention %q, %k, %k {window = 64} : (!q, !kv, !kv) -> (!q, !lse)
  return %a, %b : !q, !q
}

// The cost model chooses what is left out: what nsa-set-schedule does with the
// same options.
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 keys=16" | FileCheck %s --check-prefix=PASS
// CHECK-LABEL: func.func @partly
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 1, keys = 16, row_warps = 1, key_warps = 1, stages = 4>
// PASS-LABEL: func.func @partly
// PASS: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 1, keys = 16, row_warps = 1, key_warps = 1, stages = 4>
func.func @partly(%q: !q, %k: !kv) -> !q {
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

// Everything is left out; ops that have only plain kernels get those.
// CHECK-LABEL: func.func @nothing
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense,
// CHECK: nsa.select_top_n {{.*}}nsa.schedule = #nsa.schedule<plain>
func.func @nothing(%q: !q, %k: !kv, %p: tensor<1x128x1x8xf32>, %n: index) -> (!q, !idx) {
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  %idx = nsa.select_top_n %p q_offset(%n) kv_len(%n) {selection_block = 16, top_n = 4} : (tensor<1x128x1x8xf32>, index, index) -> !idx
  return %w, %idx : !q, !idx
}

// The targets that nsa.targets names count, not the attribute chip: this has
// room on sm_90 alone.
// CHECK-LABEL: func.func @targets
// CHECK: nsa.window_attention {{.*}}keys = 384
func.func @targets(%q: !q, %k: !kv) -> !q attributes {nsa.targets = [#nvvm.target<chip = "sm_90">]} {
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  return %w : !q
}

module attributes {transform.with_named_sequence} {
  // ROUND-LABEL: transform.named_sequence @__transform_main
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %written = transform.structured.match ops{["func.func"]} attributes{sym_name = "written"} in %module : (!transform.any_op) -> !transform.any_op
    %0 = transform.structured.match ops{["nsa.window_attention"]} in %written : (!transform.any_op) -> !transform.any_op
    // ROUND: transform.nsa.set_schedule %{{.*}} <dense, queries = 4, keys = 32, row_warps = 4, key_warps = 1, stages = 3> : !transform.any_op
    transform.nsa.set_schedule %0 <stages = 3, dense, queries = 4, keys = 32, row_warps = 4, key_warps = 1> : !transform.any_op

    %knobs = transform.structured.match ops{["func.func"]} attributes{sym_name = "knobs"} in %module : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.match ops{["nsa.selected_attention"]} in %knobs : (!transform.any_op) -> !transform.any_op
    %family = transform.tune.knob<"family"> = "union" from options = ["query_major", "union"] -> !transform.any_param
    %queries = transform.tune.knob<"queries"> = 4 from options = [2, 4] -> !transform.param<i64>
    %keys = transform.tune.knob<"keys"> = 32 from options = [16, 32] -> !transform.any_param
    %rows = transform.tune.knob<"row_warps"> = 4 : i8 from options = [1 : i8, 4 : i8] -> !transform.param<i8>
    %shared = transform.tune.knob<"two"> = 2 from options = [2] -> !transform.param<i64>
    // ROUND: transform.nsa.set_schedule %{{.*}} <%[[F:.*]], queries = %{{.*}}, keys = %{{.*}}, row_warps = %{{.*}}, key_warps = %[[TWO:.*]], stages = %[[TWO]]> {chip = "sm_90"} : !transform.any_op, !transform.any_param, !transform.param<i64>, !transform.any_param, !transform.param<i8>, !transform.param<i64>, !transform.param<i64>
    transform.nsa.set_schedule %1 <%family, queries = %queries, keys = %keys, row_warps = %rows, key_warps = %shared, stages = %shared> {chip = "sm_90"}
        : !transform.any_op, !transform.any_param, !transform.param<i64>, !transform.any_param, !transform.param<i8>, !transform.param<i64>, !transform.param<i64>

    %each = transform.structured.match ops{["func.func"]} attributes{sym_name = "each"} in %module : (!transform.any_op) -> !transform.any_op
    %2 = transform.structured.match ops{["nsa.window_attention"]} in %each : (!transform.any_op) -> !transform.any_op
    %16 = transform.param.constant 16 : i64 -> !transform.param<i64>
    %48 = transform.param.constant 48 : i64 -> !transform.param<i64>
    %both = transform.merge_handles %16, %48 : !transform.param<i64>
    transform.nsa.set_schedule %2 <dense, queries = 4, keys = %both, row_warps = 4, key_warps = 1, stages = 2> : !transform.any_op, !transform.param<i64>

    %partly = transform.structured.match ops{["func.func"]} attributes{sym_name = "partly"} in %module : (!transform.any_op) -> !transform.any_op
    %3 = transform.structured.match ops{["nsa.window_attention"]} in %partly : (!transform.any_op) -> !transform.any_op
    // ROUND: transform.nsa.set_schedule %{{.*}} <keys = 16> {chip = "sm_90"} : !transform.any_op
    transform.nsa.set_schedule %3 <keys = 16> {chip = "sm_90"} : !transform.any_op

    %nothing = transform.structured.match ops{["func.func"]} attributes{sym_name = "nothing"} in %module : (!transform.any_op) -> !transform.any_op
    %4 = transform.structured.match ops{["nsa.window_attention", "nsa.select_top_n"]} in %nothing : (!transform.any_op) -> !transform.any_op
    // ROUND: transform.nsa.set_schedule %{{[^ ]*}} {batch = 2 : i64, tokens = 512 : i64, union_agreement = 2.000000e+00 : f64} : !transform.any_op
    transform.nsa.set_schedule %4 {batch = 2 : i64, tokens = 512 : i64, union_agreement = 2.0 : f64} : !transform.any_op

    %targets = transform.structured.match ops{["func.func"]} attributes{sym_name = "targets"} in %module : (!transform.any_op) -> !transform.any_op
    %5 = transform.structured.match ops{["nsa.window_attention"]} in %targets : (!transform.any_op) -> !transform.any_op
    transform.nsa.set_schedule %5 <dense, queries = 1, keys = 384, row_warps = 1, key_warps = 4, stages = 2> {chip = "sm_80"} : !transform.any_op
    transform.yield
  }
}
