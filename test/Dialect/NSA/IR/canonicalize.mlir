// Folds and canonical forms, each with the cases in which it must not apply.

// RUN: nsa-opt %s --canonicalize | FileCheck %s

//===----------------------------------------------------------------------===//
// compress
//===----------------------------------------------------------------------===//

// A block of one token, of which no two are alike, is the token.
// CHECK-LABEL: func.func @compress_one_token(
// CHECK-SAME: %[[X:.*]]: tensor<
// CHECK-NEXT: return %[[X]]
func.func @compress_one_token(%x: tensor<?x?x2x8xbf16>) -> tensor<?x?x2x8xbf16> {
  %c = nsa.compress mean(%x) {compression_block = 1, compression_stride = 1} : (tensor<?x?x2x8xbf16>) -> tensor<?x?x2x8xbf16>
  return %c : tensor<?x?x2x8xbf16>
}

// Every second token is not every token, nor is a weighted or a moved one.
// CHECK-LABEL: func.func @compress_one_token_not(
// CHECK-COUNT-4: = nsa.compress 
func.func @compress_one_token_not(%x: tensor<1x?x2x8xf32>, %w: tensor<2x1xf32>, %pe: tensor<1x8xf32>)
    -> (tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>) {
  %0 = nsa.compress mean(%x) {compression_block = 1, compression_stride = 2} : (tensor<1x?x2x8xf32>) -> tensor<1x?x2x8xf32>
  %1 = nsa.compress mean(%x) {compression_block = 2, compression_stride = 1} : (tensor<1x?x2x8xf32>) -> tensor<1x?x2x8xf32>
  %2 = nsa.compress mean(%x) pe(%pe) {compression_block = 1, compression_stride = 1} : (tensor<1x?x2x8xf32>, tensor<1x8xf32>) -> tensor<1x?x2x8xf32>
  %3 = nsa.compress weighted(%x) params(%w) {compression_block = 1, compression_stride = 1} : (tensor<1x?x2x8xf32>, tensor<2x1xf32>) -> tensor<1x?x2x8xf32>
  return %0, %1, %2, %3 : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
}

// A position encoding of zeros adds nothing.
// CHECK-LABEL: func.func @compress_zero_pe(
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x64x2x8xf16>, %[[W:[^:]*]]: tensor<2x4xf32>
// CHECK-NEXT: %[[C:.*]] = nsa.compress weighted(%[[X]]) params(%[[W]]) {
// CHECK-NEXT: return %[[C]]
func.func @compress_zero_pe(%x: tensor<1x64x2x8xf16>, %w: tensor<2x4xf32>) -> tensor<1x31x2x8xf16> {
  %pe = arith.constant dense<0.0> : tensor<4x8xf16>
  %c = nsa.compress weighted(%x) pe(%pe) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf16>, tensor<4x8xf16>, tensor<2x4xf32>) -> tensor<1x31x2x8xf16>
  return %c : tensor<1x31x2x8xf16>
}

// CHECK-LABEL: func.func @compress_zero_pe_not(
// CHECK: nsa.compress mean(%{{.*}}) pe(
// CHECK: nsa.compress mean(%{{.*}}) pe(
func.func @compress_zero_pe_not(%x: tensor<1x4x1x2xf32>) -> (tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>) {
  %one = arith.constant dense<1.0> : tensor<2x2xf32>
  %some = arith.constant dense<[[0.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %0 = nsa.compress mean(%x) pe(%one) {compression_block = 2, compression_stride = 2} : (tensor<1x4x1x2xf32>, tensor<2x2xf32>) -> tensor<1x2x1x2xf32>
  %1 = nsa.compress mean(%x) pe(%some) {compression_block = 2, compression_stride = 2} : (tensor<1x4x1x2xf32>, tensor<2x2xf32>) -> tensor<1x2x1x2xf32>
  return %0, %1 : tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>
}

//===----------------------------------------------------------------------===//
// attention
//===----------------------------------------------------------------------===//

// K's encoding goes, V's stays.
// CHECK-LABEL: func.func @attention_zero_pe(
// CHECK-NOT: k_pe
// CHECK: nsa.attention {{.*}} gates(%{{[^)]*}}) v_pe(%{{[^)]*}}) {
// CHECK: nsa.attention {{.*}} gates(%{{[^)]*}}) {
// CHECK-NOT: pe(
// CHECK: return
func.func @attention_zero_pe(%q: tensor<1x64x4x8xf32>, %k: tensor<1x64x2x8xf32>, %g: tensor<1x64x4x3xf32>, %pe: tensor<4x8xf32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>) {
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %0 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) k_pe(%zero) v_pe(%pe)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3}
      : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x4x3xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<1x64x4x8xf32>
  %1 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) k_pe(%zero) v_pe(%zero)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3}
      : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x4x3xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<1x64x4x8xf32>
  return %0, %1 : tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>
}

//===----------------------------------------------------------------------===//
// selected_attention
//===----------------------------------------------------------------------===//

// A list that select_top_n made is without repeats.
// CHECK-LABEL: func.func @selected_unique(
// CHECK: nsa.selected_attention {{.*}} {selection_block = 8 : i64, unique}
func.func @selected_unique(%q: tensor<1x64x4x8xf32>, %k: tensor<1x64x2x8xf32>, %p: tensor<1x64x2x8xf32>, %off: index) -> tensor<1x64x4x8xf32> {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x64x2x8xf32>, index) -> tensor<1x64x2x4xi32>
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x4xi32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4xf32>)
  return %o : tensor<1x64x4x8xf32>
}

// So is one that nsa.attention returned, also through a cast.
// CHECK-LABEL: func.func @selected_unique_aux(
// CHECK-NOT: tensor.cast
// CHECK: nsa.selected_attention {{.*}} {selection_block = 8 : i64, unique}
func.func @selected_unique_aux(%q: tensor<1x64x4x8xf32>, %k: tensor<1x64x2x8xf32>, %g: tensor<1x64x4x3xf32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>) {
  %r:5 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux}
      : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x4x3xf32>)
      -> (tensor<1x64x4x8xf32>, tensor<1x64x4xf32>, tensor<1x64x4xf32>, tensor<1x64x4xf32>, tensor<1x64x2x4xi32>)
  %idx = tensor.cast %r#4 : tensor<1x64x2x4xi32> to tensor<?x?x2x?xi32>
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<?x?x2x?xi32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4xf32>)
  return %o, %r#0 : tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>
}

// A list from elsewhere may have any form.
// CHECK-LABEL: func.func @selected_unique_not(
// CHECK: nsa.selected_attention {{.*}} {selection_block = 8 : i64}
func.func @selected_unique_not(%q: tensor<1x64x4x8xf32>, %k: tensor<1x64x2x8xf32>, %idx: tensor<1x64x2x4xi32>) -> tensor<1x64x4x8xf32> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x4xi32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4xf32>)
  return %o : tensor<1x64x4x8xf32>
}

//===----------------------------------------------------------------------===//
// window_attention
//===----------------------------------------------------------------------===//

// A window beyond the keys is one of all keys.
// CHECK-LABEL: func.func @window_clamped(
// CHECK: nsa.window_attention {{.*}} {window = 64 : i64}
func.func @window_clamped(%q: tensor<1x?x4x8xf32>, %k: tensor<1x64x2x8xf32>) -> tensor<1x?x4x8xf32> {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 65} : (tensor<1x?x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>) -> (tensor<1x?x4x8xf32>, tensor<1x?x4xf32>)
  return %o : tensor<1x?x4x8xf32>
}

// CHECK-LABEL: func.func @window_clamped_both_ways(
// CHECK: nsa.window_attention {{.*}} {causal = false, window = 64 : i64}
func.func @window_clamped_both_ways(%q: tensor<1x64x4x8xf32>, %k: tensor<1x64x2x8xf32>) -> tensor<1x64x4x8xf32> {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 512, causal = false} : (tensor<1x64x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>) -> (tensor<1x64x4x8xf32>, tensor<1x64x4xf32>)
  return %o : tensor<1x64x4x8xf32>
}

// Within the keys; keys of unknown number; no key at all; queries that an
// offset puts anywhere; queries that precede the keys.
// CHECK-LABEL: func.func @window_clamped_not(
// CHECK: {window = 64 : i64}
// CHECK: {window = 512 : i64}
// CHECK: {window = 512 : i64}
// CHECK: {window = 512 : i64}
// CHECK: {causal = false, window = 512 : i64}
// CHECK: {causal = false, window = 512 : i64}
func.func @window_clamped_not(%q: tensor<1x65x4x8xf32>, %k: tensor<1x64x2x8xf32>, %u: tensor<1x?x2x8xf32>, %e: tensor<1x0x2x8xf32>, %d: tensor<1x?x4x8xf32>, %off: index) -> (tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x?x4x8xf32>) {
  %0:2 = nsa.window_attention %q, %k, %k {window = 64} : (tensor<1x65x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>) -> (tensor<1x65x4x8xf32>, tensor<1x65x4xf32>)
  %1:2 = nsa.window_attention %q, %u, %u {window = 512} : (tensor<1x65x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>) -> (tensor<1x65x4x8xf32>, tensor<1x65x4xf32>)
  %2:2 = nsa.window_attention %q, %e, %e {window = 512} : (tensor<1x65x4x8xf32>, tensor<1x0x2x8xf32>, tensor<1x0x2x8xf32>) -> (tensor<1x65x4x8xf32>, tensor<1x65x4xf32>)
  %3:2 = nsa.window_attention %q, %k, %k q_offset(%off) {window = 512} : (tensor<1x65x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>, index) -> (tensor<1x65x4x8xf32>, tensor<1x65x4xf32>)
  %4:2 = nsa.window_attention %q, %k, %k {window = 512, causal = false} : (tensor<1x65x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>) -> (tensor<1x65x4x8xf32>, tensor<1x65x4xf32>)
  %5:2 = nsa.window_attention %d, %k, %k {window = 512, causal = false} : (tensor<1x?x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>) -> (tensor<1x?x4x8xf32>, tensor<1x?x4xf32>)
  return %0#0, %1#0, %2#0, %3#0, %4#0, %5#0 : tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x65x4x8xf32>, tensor<1x?x4x8xf32>
}

//===----------------------------------------------------------------------===//
// gate
//===----------------------------------------------------------------------===//

// A branch whose gates are 0 drops out.
// CHECK-LABEL: func.func @gate_dead_branch(
// CHECK-SAME: %[[A:[^:]*]]: tensor<?x?x2x8xbf16>, %[[B:[^:]*]]: tensor<?x?x2x8xbf16>, %[[C:[^:]*]]: tensor<?x?x2x8xbf16>
// CHECK-DAG: %[[G:.*]] = arith.constant dense<{{\[\[\[}}[5.000000e-01, 1.000000e+00], [1.000000e+00, 2.000000e+00]]]]> : tensor<1x1x2x2xf32>
// CHECK: nsa.gate %[[A]], %[[C]] gates(%[[G]]) :
func.func @gate_dead_branch(%a: tensor<?x?x2x8xbf16>, %b: tensor<?x?x2x8xbf16>, %c: tensor<?x?x2x8xbf16>) -> tensor<?x?x2x8xbf16> {
  %g = arith.constant dense<[[[[0.5, 0.0, 1.0], [1.0, -0.0, 2.0]]]]> : tensor<1x1x2x3xf32>
  %o = nsa.gate %a, %b, %c gates(%g) : (tensor<?x?x2x8xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x2x8xbf16>, tensor<1x1x2x3xf32>) -> tensor<?x?x2x8xbf16>
  return %o : tensor<?x?x2x8xbf16>
}

// Of gates that are all 0, one branch is left to give the result its shape.
// CHECK-LABEL: func.func @gate_all_dead(
// CHECK-SAME: %[[A:[^:]*]]: tensor<1x7x2x8xf32>
// CHECK: %[[G:.*]] = arith.constant dense<0.000000e+00> : tensor<1x7x2x1xf32>
// CHECK: nsa.gate %[[A]] gates(%[[G]])
func.func @gate_all_dead(%a: tensor<1x7x2x8xf32>, %b: tensor<1x7x2x8xf32>) -> tensor<1x7x2x8xf32> {
  %g = arith.constant dense<0.0> : tensor<1x7x2x2xf32>
  %o = nsa.gate %a, %b gates(%g) : (tensor<1x7x2x8xf32>, tensor<1x7x2x8xf32>, tensor<1x7x2x2xf32>) -> tensor<1x7x2x8xf32>
  return %o : tensor<1x7x2x8xf32>
}

// A branch that one row needs stays; sigmoid(0) is not 0; unknown gates count;
// gates of no row say nothing.
// CHECK-LABEL: func.func @gate_dead_branch_not(
// CHECK-COUNT-3: = nsa.gate %{{[a-z0-9]+}}, %{{[a-z0-9]+}} gates
// CHECK: nsa.gate %{{[a-z0-9]+}}, %{{[a-z0-9]+}} gates
func.func @gate_dead_branch_not(%a: tensor<1x1x2x8xf32>, %b: tensor<1x1x2x8xf32>, %h: tensor<1x1x2x2xf32>, %e: tensor<0x1x2x8xf32>) -> (tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<0x1x2x8xf32>) {
  %g = arith.constant dense<[[[[0.5, 0.0], [1.0, 1.0]]]]> : tensor<1x1x2x2xf32>
  %z = arith.constant dense<[[[[0.5, 0.0], [1.0, 0.0]]]]> : tensor<1x1x2x2xf32>
  %n = arith.constant dense<0.0> : tensor<0x1x2x2xf32>
  %0 = nsa.gate %a, %b gates(%g) : (tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x8xf32>
  %1 = nsa.gate %a, %b gates(%z) {activation = #nsa.gate_activation<sigmoid>} : (tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x8xf32>
  %2 = nsa.gate %a, %b gates(%h) : (tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x8xf32>
  %3 = nsa.gate %e, %e gates(%n) : (tensor<0x1x2x8xf32>, tensor<0x1x2x8xf32>, tensor<0x1x2x2xf32>) -> tensor<0x1x2x8xf32>
  return %0, %1, %2, %3 : tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<0x1x2x8xf32>
}

// One branch behind an open gate is the branch; also after the others died.
// CHECK-LABEL: func.func @gate_open(
// CHECK-SAME: %[[A:[^:]*]]: tensor<1x1x1x8xbf16>, %[[B:[^:]*]]: tensor<1x1x1x8xbf16>
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @gate_open(%a: tensor<1x1x1x8xbf16>, %b: tensor<1x1x1x8xbf16>) -> (tensor<1x1x1x8xbf16>, tensor<1x1x1x8xbf16>) {
  %one = arith.constant dense<1.0> : tensor<1x1x1x1xbf16>
  %second = arith.constant dense<[[[[0.0, 1.0]]]]> : tensor<1x1x1x2xf32>
  %0 = nsa.gate %a gates(%one) : (tensor<1x1x1x8xbf16>, tensor<1x1x1x1xbf16>) -> tensor<1x1x1x8xbf16>
  %1 = nsa.gate %a, %b gates(%second) : (tensor<1x1x1x8xbf16>, tensor<1x1x1x8xbf16>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x8xbf16>
  return %0, %1 : tensor<1x1x1x8xbf16>, tensor<1x1x1x8xbf16>
}

// sigmoid(1) is not 1, a half is not one, two branches are not one.
// CHECK-LABEL: func.func @gate_open_not(
// CHECK-COUNT-3: = nsa.gate %
func.func @gate_open_not(%a: tensor<1x1x1x8xf32>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>) {
  %one = arith.constant dense<1.0> : tensor<1x1x1x1xf32>
  %half = arith.constant dense<0.5> : tensor<1x1x1x1xf32>
  %both = arith.constant dense<1.0> : tensor<1x1x1x2xf32>
  %0 = nsa.gate %a gates(%one) {activation = #nsa.gate_activation<sigmoid>} : (tensor<1x1x1x8xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x8xf32>
  %1 = nsa.gate %a gates(%half) : (tensor<1x1x1x8xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x8xf32>
  %2 = nsa.gate %a, %a gates(%both) : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x8xf32>
  return %0, %1, %2 : tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>
}

//===----------------------------------------------------------------------===//
// merge
//===----------------------------------------------------------------------===//

// One key set is what it was.
// CHECK-LABEL: func.func @merge_one(
// CHECK-SAME: %[[O:[^:]*]]: tensor<?x?x4x8xf32>, %[[LSE:[^:]*]]: tensor<?x?x4xf32>
// CHECK-NEXT: return %[[O]], %[[LSE]]
func.func @merge_one(%o: tensor<?x?x4x8xf32>, %lse: tensor<?x?x4xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>) {
  %0:2 = nsa.merge %o lse(%lse) : (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  return %0#0, %0#1 : tensor<?x?x4x8xf32>, tensor<?x?x4xf32>
}

// A sink changes it, and so does the same set a second time.
// CHECK-LABEL: func.func @merge_one_not(
// CHECK-COUNT-2: = nsa.merge 
func.func @merge_one_not(%o: tensor<1x7x4x8xf32>, %lse: tensor<1x7x4xf32>, %sink: tensor<4xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) {
  %0:2 = nsa.merge %o lse(%lse) sink(%sink) : (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<4xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %1:2 = nsa.merge %o, %o lse(%lse, %lse) : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  return %0#0, %1#0 : tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>
}

//===----------------------------------------------------------------------===//
// What is known of shapes
//===----------------------------------------------------------------------===//

// A cast that forgets extents is looked through, and the results say what the
// operands then say.
// CHECK-LABEL: func.func @absorb_casts(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x7x4x8xf32>, %[[K:[^:]*]]: tensor<2x9x2x8xf32>, %[[LEN:[^:]*]]: tensor<2xi32>
// CHECK-NEXT: %[[O:.*]], %[[LSE:.*]] = nsa.window_attention %[[Q]], %[[K]], %[[K]] q_offset(%[[LEN]]) kv_len(%[[LEN]]) {window = 3 : i64} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
// CHECK-DAG: %[[O_CAST:.*]] = tensor.cast %[[O]] : tensor<2x7x4x8xf32> to tensor<?x?x4x8xf32>
// CHECK-DAG: %[[LSE_CAST:.*]] = tensor.cast %[[LSE]] : tensor<2x7x4xf32> to tensor<?x?x4xf32>
// CHECK: return %[[O_CAST]], %[[LSE_CAST]]
func.func @absorb_casts(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %len: tensor<2xi32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>) {
  %0 = tensor.cast %q : tensor<2x7x4x8xf32> to tensor<?x?x4x8xf32>
  %1 = tensor.cast %k : tensor<2x9x2x8xf32> to tensor<?x?x2x8xf32>
  %2 = tensor.cast %len : tensor<2xi32> to tensor<?xi32>
  %o, %lse = nsa.window_attention %0, %1, %1 q_offset(%2) kv_len(%2) {window = 3} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?xi32>, tensor<?xi32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  return %o, %lse : tensor<?x?x4x8xf32>, tensor<?x?x4xf32>
}

// One operand's extents are the other operands' too, where they share a name.
// CHECK-LABEL: func.func @refine_by_name(
// CHECK: nsa.merge {{.*}} -> (tensor<3x7x4x8xf32>, tensor<3x7x4xf32>)
func.func @refine_by_name(%o: tensor<3x?x4x8xf32>, %p: tensor<?x7x4x8xf32>, %lse: tensor<?x?x4xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>) {
  %0:2 = nsa.merge %o, %p lse(%lse, %lse) : (tensor<3x?x4x8xf32>, tensor<?x7x4x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  return %0#0, %0#1 : tensor<?x?x4x8xf32>, tensor<?x?x4xf32>
}

// Through a chain of ops, to extents that only follow: Tc = 255, Ns = 65.
// CHECK-LABEL: func.func @refine_derived(
// CHECK-DAG: %[[KC:.*]] = nsa.compress {{.*}} -> tensor<1x255x2x8xbf16>
// CHECK: %[[LSE:.*]] = nsa.compressed_attention {{.*}}, %[[KC]], %[[KC]] {{.*}} -> (tensor<1x4096x4x8xbf16>, tensor<1x4096x4xf32>)
// CHECK: %[[P:.*]] = nsa.block_scores {{.*}} -> tensor<1x4096x2x65xf32>
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]] {{.*}} -> tensor<1x4096x2x16xi32>
// CHECK: return
func.func @refine_derived(%q: tensor<1x4096x4x8xbf16>, %k: tensor<1x4096x2x8xbf16>, %off: index) -> tensor<?x?x2x16xi32> {
  %max = arith.constant 4097 : index
  %0 = tensor.cast %k : tensor<1x4096x2x8xbf16> to tensor<?x?x2x8xbf16>
  %1 = tensor.cast %q : tensor<1x4096x4x8xbf16> to tensor<?x?x4x8xbf16>
  %kc = nsa.compress mean(%0) {compression_block = 32, compression_stride = 16} : (tensor<?x?x2x8xbf16>) -> tensor<?x?x2x8xbf16>
  %o, %lse = nsa.compressed_attention %1, %kc, %kc q_offset(%off) {compression_block = 32, compression_stride = 16}
      : (tensor<?x?x4x8xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x2x8xbf16>, index) -> (tensor<?x?x4x8xbf16>, tensor<?x?x4xf32>)
  %p = nsa.block_scores %1, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (tensor<?x?x4x8xbf16>, tensor<?x?x2x8xbf16>, tensor<?x?x4xf32>, index, index) -> tensor<?x?x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 16} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x16xi32>
  return %idx : tensor<?x?x2x16xi32>
}

// A cast that adds extents is an assertion: it stays.
// CHECK-LABEL: func.func @absorb_casts_not(
// CHECK: tensor.cast %{{.*}} : tensor<?x?x4x8xf32> to tensor<2x7x4x8xf32>
// CHECK: nsa.window_attention
func.func @absorb_casts_not(%q: tensor<?x?x4x8xf32>, %k: tensor<2x9x2x8xf32>) -> tensor<2x7x4x8xf32> {
  %0 = tensor.cast %q : tensor<?x?x4x8xf32> to tensor<2x7x4x8xf32>
  %o, %lse = nsa.window_attention %0, %k, %k {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return %o : tensor<2x7x4x8xf32>
}

// Nor are casts looked through where the extents behind them disagree: the
// program is wrong, but it is whoever runs it that must say so. The same for a
// result that says another number of compressed tokens than there are.
// CHECK-LABEL: func.func @absorb_casts_contradicting(
// CHECK-COUNT-2: tensor.cast
// CHECK: nsa.window_attention
// CHECK: nsa.compress {{.*}} : (tensor<2x?x2x8xf32>) -> tensor<2x5x2x8xf32>
func.func @absorb_casts_contradicting(%q: tensor<3x7x4x8xf32>, %k: tensor<2x9x2x8xf32>) -> (tensor<?x?x4x8xf32>, tensor<2x5x2x8xf32>) {
  %0 = tensor.cast %q : tensor<3x7x4x8xf32> to tensor<?x?x4x8xf32>
  %1 = tensor.cast %k : tensor<2x9x2x8xf32> to tensor<?x?x2x8xf32>
  %2 = tensor.cast %k : tensor<2x9x2x8xf32> to tensor<2x?x2x8xf32>
  %o, %lse = nsa.window_attention %0, %1, %1 {window = 3} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  %c = nsa.compress mean(%2) {compression_block = 4, compression_stride = 2} : (tensor<2x?x2x8xf32>) -> tensor<2x5x2x8xf32>
  return %o, %c : tensor<?x?x4x8xf32>, tensor<2x5x2x8xf32>
}

// Ops without users go.
// CHECK-LABEL: func.func @unused(
// CHECK-NEXT: return
func.func @unused(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>, %lse: tensor<1x7x4xf32>, %p: tensor<1x7x4x8xf32>, %n: index) {
  %c = nsa.compress mean(%q) {compression_block = 4, compression_stride = 2} : (tensor<1x7x4x8xf32>) -> tensor<1x2x4x8xf32>
  %0:2 = nsa.compressed_attention %q, %c, %c q_offset(%n) {compression_block = 4, compression_stride = 2} : (tensor<1x7x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, index) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %s = nsa.block_scores %q, %c, %lse, %n q_offset(%n) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x7x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x4x?xf32>
  %idx = nsa.select_top_n %p q_offset(%n) {selection_block = 8, top_n = 4} : (tensor<1x7x4x8xf32>, index) -> tensor<1x7x4x4xi32>
  %1:2 = nsa.selected_attention %q, %q, %q, %idx {selection_block = 8} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x4xi32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %2:2 = nsa.window_attention %q, %q, %q {window = 3} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %3 = nsa.gate %q, %q, %q gates(%g) : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
  %4:2 = nsa.merge %q, %q lse(%lse, %lse) : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %5 = nsa.attention %q compressed(%q, %q) selected(%q, %q) window(%q, %q) gates(%g)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3}
      : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
  return
}
