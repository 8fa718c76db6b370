// nsa.attention becomes exactly the ops that docs/Spec.md defines it by.

// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-decompose | FileCheck %s
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-decompose --remarks-filter="nsa-decompose" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-decompose --remarks-filter="another-pass" 2>&1 >/dev/null | count 0
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-decompose --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC
// RUN: nsa-opt %s --allow-unregistered-dialect --pass-pipeline="builtin.module(func.func(nsa-decompose))" -o %t.mlir
// RUN: FileCheck %s --check-prefix=ONLY-FUNCTIONS --input-file=%t.mlir

// A remark for each op that was decomposed, at its place, and no other.
// REMARK: model.py:7:3: remark: [Passed] decomposed | Category:nsa-decompose | Remark="nsa.attention became compress (keys, values), compressed_attention, block_scores, select_top_n, selected_attention, window_attention and gate"
// REMARK-COUNT-5: decompose.mlir:[[#]]:[[#]]: remark: [Passed] decomposed | Category:nsa-decompose | Remark="nsa.attention became compress (keys, values), compressed_attention, block_scores, select_top_n, selected_attention, window_attention and gate"
// REMARK-NOT: remark:

// Every op that is made stands where nsa.attention stood.
// LOC-LABEL: func.func @defaults(
// LOC-COUNT-5: {{ = (arith|tensor).*}} loc("attention"("model.py":7:3))
// LOC-COUNT-8: {{ = nsa.*}} loc("attention"("model.py":7:3))
// LOC-NEXT: return

// Neither offset nor length: query 0 stands at Tk - Tq, and the ops that do not
// see the keys are told both. Each branch has its own keys and values.
// CHECK-LABEL: func.func @defaults(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xbf16>, %[[K_CMP:[^:]*]]: tensor<?x?x2x8xbf16>, %[[V_CMP:[^:]*]]: tensor<?x?x2x6xbf16>,
// CHECK-SAME: %[[K_SLC:[^:]*]]: tensor<?x?x2x8xbf16>, %[[V_SLC:[^:]*]]: tensor<?x?x2x6xbf16>,
// CHECK-SAME: %[[K_WIN:[^:]*]]: tensor<?x?x2x8xbf16>, %[[V_WIN:[^:]*]]: tensor<?x?x2x6xbf16>, %[[G:[^:]*]]: tensor<?x?x4x3xf32>
// CHECK: %[[TK:.*]] = tensor.dim %[[K_SLC]], %c1
// CHECK: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK: %[[OFF:.*]] = arith.subi %[[TK]], %[[TQ]]
// CHECK-NEXT: %[[KC:.*]] = nsa.compress mean(%[[K_CMP]]) {compression_block = 4 : i64, compression_stride = 2 : i64}
// CHECK-NEXT: %[[VC:.*]] = nsa.compress mean(%[[V_CMP]]) {compression_block = 4 : i64, compression_stride = 2 : i64}
// CHECK-NEXT: %[[O_CMP:.*]], %[[LSE_CMP:.*]] = nsa.compressed_attention %[[Q]], %[[KC]], %[[VC]] q_offset(%[[OFF]]) kv_len(%[[TK]]) {compression_block = 4 : i64, compression_stride = 2 : i64}
// CHECK-NEXT: %[[P:.*]] = nsa.block_scores %[[Q]], %[[KC]], %[[LSE_CMP]], %[[TK]] q_offset(%[[OFF]]) kv_len(%[[TK]]) {compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64}
// CHECK-SAME: -> tensor<?x?x2x?xf32>
// CHECK-NEXT: %[[IDX:.*]] = nsa.select_top_n %[[P]] q_offset(%[[OFF]]) kv_len(%[[TK]]) {selection_block = 8 : i64, top_n = 5 : i64}
// CHECK-NEXT: %[[O_SLC:.*]], %{{.*}} = nsa.selected_attention %[[Q]], %[[K_SLC]], %[[V_SLC]], %[[IDX]] {selection_block = 8 : i64, unique}
// CHECK-NEXT: %[[O_WIN:.*]], %{{.*}} = nsa.window_attention %[[Q]], %[[K_WIN]], %[[V_WIN]] {window = 9 : i64}
// CHECK-NEXT: %[[O:.*]] = nsa.gate %[[O_CMP]], %[[O_SLC]], %[[O_WIN]] gates(%[[G]]) :
// CHECK-NEXT: return %[[O]]
func.func @defaults(%q: tensor<?x?x4x8xbf16>, %k_cmp: tensor<?x?x2x8xbf16>, %v_cmp: tensor<?x?x2x6xbf16>,
                    %k_slc: tensor<?x?x2x8xbf16>, %v_slc: tensor<?x?x2x6xbf16>,
                    %k_win: tensor<?x?x2x8xbf16>, %v_win: tensor<?x?x2x6xbf16>, %g: tensor<?x?x4x3xf32>) -> tensor<?x?x4x6xbf16> {
  %o = nsa.attention %q compressed(%k_cmp, %v_cmp) selected(%k_slc, %v_slc) window(%k_win, %v_win) gates(%g)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
      : (tensor<?x?x4x8xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x2x6xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x2x6xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x2x6xbf16>, tensor<?x?x4x3xf32>) -> tensor<?x?x4x6xbf16> loc("attention"("model.py":7:3))
  return %o : tensor<?x?x4x6xbf16>
}

// Every operand and attribute goes where it belongs, every result comes back.
// CHECK-LABEL: func.func @everything(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x7x4x8xf16>, %[[K:[^:]*]]: tensor<2x65x2x8xf16>, %[[V:[^:]*]]: tensor<2x65x2x6xf16>, %[[G:[^:]*]]: tensor<2x7x4x3xf16>, %[[OFF:[^:]*]]: tensor<2xi32>, %[[LEN:[^:]*]]: index,
// CHECK-SAME: %[[K_PE:[^:]*]]: tensor<4x8xf16>, %[[K_W:[^:]*]]: tensor<2x32x8xf16>, %[[V_PE:[^:]*]]: tensor<4x6xf32>, %[[W1:[^:]*]]: tensor<24x5xf32>, %[[B1:[^:]*]]: tensor<5xf32>, %[[W2:[^:]*]]: tensor<5x6xf32>, %[[B2:[^:]*]]: tensor<6xf32>)
// CHECK: %[[TK:.*]] = arith.constant 65 : index
// CHECK-NOT: arith.subi
// CHECK: %[[KC:.*]] = nsa.compress linear(%[[K]]) pe(%[[K_PE]]) params(%[[K_W]]) activation relu {compression_block = 4 : i64, compression_stride = 2 : i64}
// CHECK: %[[VC:.*]] = nsa.compress mlp(%[[V]]) pe(%[[V_PE]]) params(%[[W1]], %[[B1]], %[[W2]], %[[B2]]) activation silu {compression_block = 4 : i64, compression_stride = 2 : i64}
// CHECK: %[[O_CMP:.*]], %[[LSE_CMP:.*]] = nsa.compressed_attention %[[Q]], %[[KC]], %[[VC]] q_offset(%[[OFF]]) kv_len(%[[LEN]]) {causal = false, compression_block = 4 : i64, compression_stride = 2 : i64, scale = 5.000000e-01 : f64}
// CHECK: %[[P:.*]] = nsa.block_scores %[[Q]], %[[KC]], %[[LSE_CMP]], %[[TK]] q_offset(%[[OFF]]) kv_len(%[[LEN]]) {causal = false, compression_block = 4 : i64, compression_stride = 2 : i64, list_heads = #nsa.list_heads<query>, scale = 5.000000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 8 : i64}
// CHECK-SAME: -> tensor<2x7x4x9xf32>
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]] q_offset(%[[OFF]]) kv_len(%[[LEN]]) {causal = false, initial = 0 : i64, local = 3 : i64, selection_block = 8 : i64, top_n = 5 : i64}
// CHECK: %[[O_SLC:.*]], %[[LSE_SLC:.*]] = nsa.selected_attention %[[Q]], %[[K]], %[[V]], %[[IDX]] q_offset(%[[OFF]]) kv_len(%[[LEN]]) {causal = false, scale = 5.000000e-01 : f64, selection_block = 8 : i64, unique}
// CHECK: %[[O_WIN:.*]], %[[LSE_WIN:.*]] = nsa.window_attention %[[Q]], %[[K]], %[[V]] q_offset(%[[OFF]]) kv_len(%[[LEN]]) {causal = false, scale = 5.000000e-01 : f64, window = 9 : i64}
// CHECK: %[[O:.*]] = nsa.gate %[[O_CMP]], %[[O_SLC]], %[[O_WIN]] gates(%[[G]]) {activation = #nsa.gate_activation<sigmoid>}
// CHECK: return %[[O]], %[[LSE_CMP]], %[[LSE_SLC]], %[[LSE_WIN]], %[[IDX]]
func.func @everything(%q: tensor<2x7x4x8xf16>, %k: tensor<2x65x2x8xf16>, %v: tensor<2x65x2x6xf16>, %g: tensor<2x7x4x3xf16>, %off: tensor<2xi32>, %len: index,
                      %k_pe: tensor<4x8xf16>, %k_w: tensor<2x32x8xf16>, %v_pe: tensor<4x6xf32>,
                      %w1: tensor<24x5xf32>, %b1: tensor<5xf32>, %w2: tensor<5x6xf32>, %b2: tensor<6xf32>)
    -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>) {
  %r:5 = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%g) q_offset(%off) kv_len(%len)
      k_pe(%k_pe) k_params(%k_w) v_pe(%v_pe) v_params(%w1, %b1, %w2, %b2)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9, initial = 0, local = 3,
       k_phi = #nsa.phi<linear>, v_phi = #nsa.phi<mlp>, k_activation = #nsa.activation<relu>, v_activation = #nsa.activation<silu>,
       gate_activation = #nsa.gate_activation<sigmoid>, score_map = #nsa.score_map<max>, list_heads = #nsa.list_heads<query>,
       causal = false, return_aux, scale = 0.5}
      : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x4x3xf16>, tensor<2xi32>, index, tensor<4x8xf16>, tensor<2x32x8xf16>, tensor<4x6xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<5x6xf32>, tensor<6xf32>)
      -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>)
  return %r#0, %r#1, %r#2, %r#3, %r#4 : tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>
}

// An offset alone: the ops that see the keys need no length.
// CHECK-LABEL: func.func @offset_alone(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x7x4x8xf32>, %[[K:[^:]*]]: tensor<1x?x2x8xf32>, %[[G:[^:]*]]: tensor<1x7x4x3xf32>, %[[OFF:[^:]*]]: index)
// CHECK: %[[TK:.*]] = tensor.dim %[[K]], %c1
// CHECK: nsa.compressed_attention {{.*}} q_offset(%[[OFF]]) kv_len(%[[TK]])
// CHECK: nsa.selected_attention {{.*}} q_offset(%[[OFF]]) {
// CHECK: nsa.window_attention {{.*}} q_offset(%[[OFF]]) {
func.func @offset_alone(%q: tensor<1x7x4x8xf32>, %k: tensor<1x?x2x8xf32>, %g: tensor<1x7x4x3xf32>, %off: index) -> tensor<1x7x4x8xf32> {
  %o = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) q_offset(%off)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
      : (tensor<1x7x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x7x4x3xf32>, index) -> tensor<1x7x4x8xf32>
  return %o : tensor<1x7x4x8xf32>
}

// Results that know more than the operands are cast; fewer keys than a block
// make no compressed key and still one selection block.
// CHECK-LABEL: func.func @types(
// CHECK: nsa.compress {{.*}} -> tensor<?x0x2x8xf32>
// CHECK: nsa.block_scores {{.*}} -> tensor<?x?x2x1xf32>
// CHECK: %[[O:.*]] = nsa.gate {{.*}} -> tensor<?x?x4x8xf32>
// CHECK: %[[CAST:.*]] = tensor.cast %[[O]] : tensor<?x?x4x8xf32> to tensor<1x7x4x8xf32>
// CHECK: return %[[CAST]]
func.func @types(%q: tensor<?x?x4x8xf32>, %k: tensor<?x3x2x8xf32>, %g: tensor<?x?x4x3xf32>) -> tensor<1x7x4x8xf32> {
  %o = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
      : (tensor<?x?x4x8xf32>, tensor<?x3x2x8xf32>, tensor<?x3x2x8xf32>, tensor<?x3x2x8xf32>, tensor<?x3x2x8xf32>, tensor<?x3x2x8xf32>, tensor<?x3x2x8xf32>, tensor<?x?x4x3xf32>) -> tensor<1x7x4x8xf32>
  return %o : tensor<1x7x4x8xf32>
}

// In a loop, in a nested module, in an op nobody knows: everywhere. Other ops
// are left as they are. A pass on functions finds those that stand directly in
// the module, and no other.
// CHECK-LABEL: func.func @nested(
// CHECK: "foreign.op"() ({
// CHECK: scf.for
// CHECK: nsa.gate
// CHECK: "foreign.use"
// CHECK: module @inner
// CHECK: func.func @in_module(
// CHECK: nsa.gate
// ONLY-FUNCTIONS-LABEL: func.func @nested(
// ONLY-FUNCTIONS: scf.for
// ONLY-FUNCTIONS: nsa.gate
// ONLY-FUNCTIONS: module @inner
// ONLY-FUNCTIONS: nsa.attention
func.func @nested(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  "foreign.op"() ({
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %q) -> tensor<1x7x4x8xf32> {
      %o = nsa.attention %x compressed(%q, %q) selected(%q, %q) window(%q, %q) gates(%g)
          {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
          : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
      scf.yield %o : tensor<1x7x4x8xf32>
    }
    "foreign.use"(%r) : (tensor<1x7x4x8xf32>) -> ()
  }) : () -> ()
  return
}

module @inner {
  func.func @in_module(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32> {
    %o = nsa.attention %q compressed(%q, %q) selected(%q, %q) window(%q, %q) gates(%g)
        {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
        : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
    return %o : tensor<1x7x4x8xf32>
  }
}
