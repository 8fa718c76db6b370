// Every op, operand and attribute goes through the pretty form, the generic form
// and bytecode, and comes back the same.

// RUN: nsa-opt %s | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --mlir-print-op-generic | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --emit-bytecode | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --verify-roundtrip -o %t

//===----------------------------------------------------------------------===//
// compress
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @compress_mean(
// CHECK: %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x100x4x64xf32>) -> tensor<2x5x4x64xf32>
func.func @compress_mean(%x: tensor<2x100x4x64xf32>) -> tensor<2x5x4x64xf32> {
  %c = nsa.compress mean(%x) {compression_block = 32, compression_stride = 16}
      : (tensor<2x100x4x64xf32>) -> tensor<2x5x4x64xf32>
  return %c : tensor<2x5x4x64xf32>
}

// CHECK-LABEL: func.func @compress_dynamic(
// CHECK: %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16>
func.func @compress_dynamic(%x: tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16> {
  %c = nsa.compress mean(%x) {compression_block = 32 : i64, compression_stride = 16 : i64}
      : (tensor<?x?x4x192xbf16>) -> tensor<?x?x4x192xbf16>
  return %c : tensor<?x?x4x192xbf16>
}

// CHECK-LABEL: func.func @compress_mean_pe(
// CHECK: %0 = nsa.compress mean(%arg0) pe(%arg1) {compression_block = 4 : i64, compression_stride = 2 : i64} : (tensor<1x64x2x8xf16>, tensor<4x8xf32>) -> tensor<1x31x2x8xf16>
func.func @compress_mean_pe(%x: tensor<1x64x2x8xf16>, %pe: tensor<4x8xf32>) -> tensor<1x31x2x8xf16> {
  %c = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2}
      : (tensor<1x64x2x8xf16>, tensor<4x8xf32>) -> tensor<1x31x2x8xf16>
  return %c : tensor<1x31x2x8xf16>
}

// CHECK-LABEL: func.func @compress_weighted(
// CHECK: %0 = nsa.compress weighted(%arg0) params(%arg1) {compression_block = 4 : i64, compression_stride = 4 : i64} : (tensor<1x64x2x8xbf16>, tensor<2x4xbf16>) -> tensor<1x16x2x8xbf16>
func.func @compress_weighted(%x: tensor<1x64x2x8xbf16>, %w: tensor<2x4xbf16>) -> tensor<1x16x2x8xbf16> {
  %c = nsa.compress weighted(%x) params(%w) {compression_block = 4, compression_stride = 4}
      : (tensor<1x64x2x8xbf16>, tensor<2x4xbf16>) -> tensor<1x16x2x8xbf16>
  return %c : tensor<1x16x2x8xbf16>
}

// CHECK-LABEL: func.func @compress_linear(
// CHECK: %0 = nsa.compress linear(%arg0) pe(%arg1) params(%arg2) {compression_block = 4 : i64, compression_stride = 4 : i64} : (tensor<1x64x2x8xf32>, tensor<4x8xf32>, tensor<2x32x8xf32>) -> tensor<1x16x2x8xf32>
func.func @compress_linear(%x: tensor<1x64x2x8xf32>, %pe: tensor<4x8xf32>, %w: tensor<2x32x8xf32>) -> tensor<1x16x2x8xf32> {
  %c = nsa.compress linear(%x) pe(%pe) params(%w) {compression_block = 4, compression_stride = 4}
      : (tensor<1x64x2x8xf32>, tensor<4x8xf32>, tensor<2x32x8xf32>) -> tensor<1x16x2x8xf32>
  return %c : tensor<1x16x2x8xf32>
}

// CHECK-LABEL: func.func @compress_mlp(
// CHECK: %0 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
// CHECK: %1 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
// CHECK: %2 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) activation silu {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
// CHECK: %3 = nsa.compress mlp(%arg0) params(%arg1, %arg2, %arg3, %arg4) activation relu {compression_block = 4 : i64, compression_stride = 3 : i64} : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
func.func @compress_mlp(%x: tensor<1x?x2x8xf16>, %w1: tensor<32x5xf16>, %b1: tensor<5xf32>, %w2: tensor<5x8xf32>, %b2: tensor<8xf16>) -> tensor<1x?x2x8xf16> {
  %gelu = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 3}
      : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
  %default = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) activation gelu {compression_block = 4, compression_stride = 3}
      : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
  %silu = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) activation silu {compression_block = 4, compression_stride = 3}
      : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
  %relu = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) activation relu {compression_block = 4, compression_stride = 3}
      : (tensor<1x?x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf32>, tensor<8xf16>) -> tensor<1x?x2x8xf16>
  return %relu : tensor<1x?x2x8xf16>
}

// Fewer tokens than a block make no compressed token; as many make one.
// CHECK-LABEL: func.func @compress_short(
// CHECK: %0 = nsa.compress mean(%arg0) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<1x31x1x8xf32>) -> tensor<1x0x1x8xf32>
// CHECK: %1 = nsa.compress mean(%arg1) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<0x0x1x8xf32>) -> tensor<0x0x1x8xf32>
// CHECK: %2 = nsa.compress mean(%arg2) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<1x32x1x8xf32>) -> tensor<1x1x1x8xf32>
func.func @compress_short(%none: tensor<1x31x1x8xf32>, %empty: tensor<0x0x1x8xf32>, %one: tensor<1x32x1x8xf32>)
    -> (tensor<1x0x1x8xf32>, tensor<0x0x1x8xf32>, tensor<1x1x1x8xf32>) {
  %0 = nsa.compress mean(%none) {compression_block = 32, compression_stride = 16} : (tensor<1x31x1x8xf32>) -> tensor<1x0x1x8xf32>
  %1 = nsa.compress mean(%empty) {compression_block = 32, compression_stride = 16} : (tensor<0x0x1x8xf32>) -> tensor<0x0x1x8xf32>
  %2 = nsa.compress mean(%one) {compression_block = 32, compression_stride = 16} : (tensor<1x32x1x8xf32>) -> tensor<1x1x1x8xf32>
  return %0, %1, %2 : tensor<1x0x1x8xf32>, tensor<0x0x1x8xf32>, tensor<1x1x1x8xf32>
}

//===----------------------------------------------------------------------===//
// compressed_attention
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @compressed_attention(
// CHECK: %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
func.func @compressed_attention(%q: tensor<?x?x64x192xbf16>, %kc: tensor<?x?x4x192xbf16>, %vc: tensor<?x?x4x128xbf16>, %off: index)
    -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
  %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 32, compression_stride = 16}
      : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @compressed_attention_all(
// CHECK: %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 q_offset(%arg3) kv_len(%arg4) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64, scale = 1.250000e-01 : f64} : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x3x2x6xf16>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
func.func @compressed_attention_all(%q: tensor<2x7x4x8xf16>, %kc: tensor<2x3x2x8xf16>, %vc: tensor<2x3x2x6xf16>, %off: tensor<2xi32>, %len: tensor<2xi32>)
    -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>) {
  %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len)
      {compression_block = 32, compression_stride = 16, causal = false, scale = 0.125}
      : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x3x2x6xf16>, tensor<2xi32>, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
  return %o, %lse : tensor<2x7x4x6xf16>, tensor<2x7x4xf32>
}

// Not causal, nothing is needed; causal, kv_len may be left out, and vice versa.
// CHECK-LABEL: func.func @compressed_attention_positions(
// CHECK: %o, %lse = nsa.compressed_attention %arg0, %arg1, %arg2 {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
// CHECK: %o_0, %lse_1 = nsa.compressed_attention %arg0, %arg1, %arg2 kv_len(%arg3) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64} : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
func.func @compressed_attention_positions(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x0x2x8xf32>, %vc: tensor<2x0x2x6xf32>, %len: index) {
  %0:2 = nsa.compressed_attention %q, %kc, %vc {compression_block = 32, compression_stride = 16, causal = false}
      : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  %1:2 = nsa.compressed_attention %q, %kc, %vc kv_len(%len) {compression_block = 32, compression_stride = 16, causal = false}
      : (tensor<2x7x4x8xf32>, tensor<2x0x2x8xf32>, tensor<2x0x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

//===----------------------------------------------------------------------===//
// block_scores
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @block_scores(
// CHECK: %0 = nsa.block_scores %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x?xf32>
func.func @block_scores(%q: tensor<?x?x64x192xbf16>, %kc: tensor<?x?x4x192xbf16>, %lse: tensor<?x?x64xf32>, %max: index, %off: index) -> tensor<?x?x4x?xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x64xf32>, index, index) -> tensor<?x?x4x?xf32>
  return %p : tensor<?x?x4x?xf32>
}

// CHECK-LABEL: func.func @block_scores_all(
// CHECK: %0 = nsa.block_scores %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) kv_len(%arg5) {causal = false, compression_block = 32 : i64, compression_stride = 16 : i64, list_heads = #nsa.list_heads<query>, scale = 2.500000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 64 : i64} : (tensor<2x7x4x8xf32>, tensor<2x3x2x8xf32>, tensor<2x7x4xf32>, index, tensor<2xi32>, index) -> tensor<2x7x4x5xf32>
func.func @block_scores_all(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x3x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: tensor<2xi32>, %len: index) -> tensor<2x7x4x5xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) kv_len(%len)
      {compression_block = 32, compression_stride = 16, selection_block = 64, score_map = #nsa.score_map<max>, list_heads = #nsa.list_heads<query>, causal = false, scale = 2.5e-01 : f64}
      : (tensor<2x7x4x8xf32>, tensor<2x3x2x8xf32>, tensor<2x7x4xf32>, index, tensor<2xi32>, index) -> tensor<2x7x4x5xf32>
  return %p : tensor<2x7x4x5xf32>
}

// CHECK-LABEL: func.func @block_scores_constant(
// CHECK: %0 = nsa.block_scores %arg0, %arg1, %arg2, %c65 q_offset(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64} : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x2xf32>
func.func @block_scores_constant(%q: tensor<2x7x4x8xf16>, %kc: tensor<2x3x2x8xf16>, %lse: tensor<2x7x4xf32>, %off: index) -> tensor<2x7x2x2xf32> {
  %max = arith.constant 65 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off)
      {compression_block = 32, compression_stride = 16, selection_block = 64, score_map = #nsa.score_map<overlap>, list_heads = #nsa.list_heads<kv>, causal = true}
      : (tensor<2x7x4x8xf16>, tensor<2x3x2x8xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x2xf32>
  return %p : tensor<2x7x2x2xf32>
}

//===----------------------------------------------------------------------===//
// select_top_n
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @select_top_n(
// CHECK: %0 = nsa.select_top_n %arg0 q_offset(%arg1) {selection_block = 64 : i64, top_n = 16 : i64} : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
func.func @select_top_n(%p: tensor<?x?x4x?xf32>, %off: index) -> tensor<?x?x4x16xi32> {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 16, initial = 1, local = 2}
      : (tensor<?x?x4x?xf32>, index) -> tensor<?x?x4x16xi32>
  return %idx : tensor<?x?x4x16xi32>
}

// CHECK-LABEL: func.func @select_top_n_all(
// CHECK: %0 = nsa.select_top_n %arg0 q_offset(%arg1) kv_len(%arg2) {causal = false, initial = 2 : i64, local = 1 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<2x7x1x9xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x7x1x4xi32>
func.func @select_top_n_all(%p: tensor<2x7x1x9xf32>, %off: tensor<2xi32>, %len: tensor<2xi32>) -> tensor<2x7x1x4xi32> {
  %idx = nsa.select_top_n %p q_offset(%off) kv_len(%len) {selection_block = 64, top_n = 4, initial = 2, local = 1, causal = false}
      : (tensor<2x7x1x9xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x7x1x4xi32>
  return %idx : tensor<2x7x1x4xi32>
}

// CHECK-LABEL: func.func @select_top_n_anywhere(
// CHECK: %0 = nsa.select_top_n %arg0 {causal = false, initial = 0 : i64, local = 0 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<2x7x1x0xf32>) -> tensor<2x7x1x4xi32>
func.func @select_top_n_anywhere(%p: tensor<2x7x1x0xf32>) -> tensor<2x7x1x4xi32> {
  %idx = nsa.select_top_n %p {selection_block = 64, top_n = 4, initial = 0, local = 0, causal = false}
      : (tensor<2x7x1x0xf32>) -> tensor<2x7x1x4xi32>
  return %idx : tensor<2x7x1x4xi32>
}

//===----------------------------------------------------------------------===//
// selected_attention
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @selected_attention(
// CHECK: %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 {selection_block = 64 : i64, unique} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
func.func @selected_attention(%q: tensor<?x?x64x192xbf16>, %k: tensor<?x?x4x192xbf16>, %v: tensor<?x?x4x128xbf16>, %idx: tensor<?x?x4x16xi32>)
    -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 64, unique}
      : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @selected_attention_all(
// CHECK: %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) kv_len(%arg5) {causal = false, scale = 1.250000e-01 : f64, selection_block = 64 : i64} : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x1x?xi32>, index, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
func.func @selected_attention_all(%q: tensor<2x7x4x8xf16>, %k: tensor<2x65x2x8xf16>, %v: tensor<2x65x2x6xf16>, %idx: tensor<2x7x1x?xi32>, %off: index, %len: tensor<2xi32>)
    -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 64, causal = false, scale = 0.125}
      : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x1x?xi32>, index, tensor<2xi32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
  return %o, %lse : tensor<2x7x4x6xf16>, tensor<2x7x4xf32>
}

// One list per query head, of width 0; q_offset alone.
// CHECK-LABEL: func.func @selected_attention_heads(
// CHECK: %o, %lse = nsa.selected_attention %arg0, %arg1, %arg2, %arg3 q_offset(%arg4) {selection_block = 1 : i64} : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x8xf32>, tensor<2x7x4x0xi32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
func.func @selected_attention_heads(%q: tensor<2x7x4x8xf32>, %k: tensor<2x65x2x8xf32>, %v: tensor<2x65x2x8xf32>, %idx: tensor<2x7x4x0xi32>, %off: index)
    -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) {selection_block = 1}
      : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x8xf32>, tensor<2x7x4x0xi32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return %o, %lse : tensor<2x7x4x8xf32>, tensor<2x7x4xf32>
}

//===----------------------------------------------------------------------===//
// window_attention
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @window_attention(
// CHECK: %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 {window = 512 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
func.func @window_attention(%q: tensor<?x?x64x192xbf16>, %k: tensor<?x?x4x192xbf16>, %v: tensor<?x?x4x128xbf16>)
    -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 512}
      : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
  return %o, %lse : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @window_attention_all(
// CHECK: %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 q_offset(%arg3) kv_len(%arg4) {causal = false, scale = 1.000000e+00 : f64, window = 1 : i64} : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x6xf32>, tensor<2xi32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
func.func @window_attention_all(%q: tensor<2x7x4x8xf32>, %k: tensor<2x65x2x8xf32>, %v: tensor<2x65x2x6xf32>, %off: tensor<2xi32>, %len: index)
    -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 1, causal = false, scale = 1.0}
      : (tensor<2x7x4x8xf32>, tensor<2x65x2x8xf32>, tensor<2x65x2x6xf32>, tensor<2xi32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return %o, %lse : tensor<2x7x4x6xf32>, tensor<2x7x4xf32>
}

// Batch sizes and token counts may be known in one place and not in another,
// and a result may know less than its operands.
// CHECK-LABEL: func.func @window_attention_mixed(
// CHECK: %o, %lse = nsa.window_attention %arg0, %arg1, %arg2 q_offset(%arg3) {window = 3 : i64} : (tensor<?x7x4x8xf16>, tensor<2x?x2x8xf16>, tensor<?x65x2x8xf16>, tensor<?xi32>) -> (tensor<?x?x4x8xf16>, tensor<2x7x4xf32>)
func.func @window_attention_mixed(%q: tensor<?x7x4x8xf16>, %k: tensor<2x?x2x8xf16>, %v: tensor<?x65x2x8xf16>, %off: tensor<?xi32>)
    -> (tensor<?x?x4x8xf16>, tensor<2x7x4xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v q_offset(%off) {window = 3}
      : (tensor<?x7x4x8xf16>, tensor<2x?x2x8xf16>, tensor<?x65x2x8xf16>, tensor<?xi32>) -> (tensor<?x?x4x8xf16>, tensor<2x7x4xf32>)
  return %o, %lse : tensor<?x?x4x8xf16>, tensor<2x7x4xf32>
}

// Empty inputs are legal.
// CHECK-LABEL: func.func @window_attention_empty(
// CHECK: %o, %lse = nsa.window_attention %arg0, %arg1, %arg1 {window = 3 : i64} : (tensor<0x0x4x8xf16>, tensor<0x0x2x8xf16>, tensor<0x0x2x8xf16>) -> (tensor<0x0x4x8xf16>, tensor<0x0x4xf32>)
func.func @window_attention_empty(%q: tensor<0x0x4x8xf16>, %k: tensor<0x0x2x8xf16>) {
  %0:2 = nsa.window_attention %q, %k, %k {window = 3}
      : (tensor<0x0x4x8xf16>, tensor<0x0x2x8xf16>, tensor<0x0x2x8xf16>) -> (tensor<0x0x4x8xf16>, tensor<0x0x4xf32>)
  return
}

//===----------------------------------------------------------------------===//
// gate
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @gate(
// CHECK: %0 = nsa.gate %arg0, %arg0, %arg0 gates(%arg1) {activation = #nsa.gate_activation<sigmoid>} : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
func.func @gate(%o: tensor<?x?x64x128xbf16>, %g: tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16> {
  %0 = nsa.gate %o, %o, %o gates(%g) {activation = #nsa.gate_activation<sigmoid>}
      : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
  return %0 : tensor<?x?x64x128xbf16>
}

// CHECK-LABEL: func.func @gate_one(
// CHECK: %0 = nsa.gate %arg0 gates(%arg1) : (tensor<2x7x4x8xf16>, tensor<2x7x4x1xf16>) -> tensor<2x7x4x8xf16>
func.func @gate_one(%o: tensor<2x7x4x8xf16>, %g: tensor<2x7x4x1xf16>) -> tensor<2x7x4x8xf16> {
  %0 = nsa.gate %o gates(%g) {activation = #nsa.gate_activation<none>} : (tensor<2x7x4x8xf16>, tensor<2x7x4x1xf16>) -> tensor<2x7x4x8xf16>
  return %0 : tensor<2x7x4x8xf16>
}

//===----------------------------------------------------------------------===//
// merge
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @merge(
// CHECK: %o, %lse = nsa.merge %arg0, %arg0 lse(%arg1, %arg1) sink(%arg2) : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
func.func @merge(%o: tensor<?x?x8x64xf32>, %lse: tensor<?x?x8xf32>, %sink: tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>) {
  %0:2 = nsa.merge %o, %o lse(%lse, %lse) sink(%sink)
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
  return %0#0, %0#1 : tensor<?x?x8x64xf32>, tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @merge_one(
// CHECK: %o, %lse = nsa.merge %arg0 lse(%arg1) : (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>)
func.func @merge_one(%o: tensor<2x7x4x8xbf16>, %lse: tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>) {
  %0:2 = nsa.merge %o lse(%lse) : (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>)
  return %0#0, %0#1 : tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>
}

//===----------------------------------------------------------------------===//
// attention
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @attention(
// CHECK: %o = nsa.attention %arg0 compressed(%arg1, %arg2) selected(%arg1, %arg2) window(%arg1, %arg2) gates(%arg3) {compression_block = 32 : i64, compression_stride = 16 : i64, selection_block = 64 : i64, top_n = 16 : i64, window = 512 : i64} : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
func.func @attention(%q: tensor<?x?x64x192xbf16>, %k: tensor<?x?x4x192xbf16>, %v: tensor<?x?x4x128xbf16>, %g: tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16> {
  %o = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%g)
      {compression_block = 32, compression_stride = 16, selection_block = 64, top_n = 16, window = 512}
      : (tensor<?x?x64x192xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x192xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
  return %o : tensor<?x?x64x128xbf16>
}

// Every operand, every attribute, every result.
// CHECK-LABEL: func.func @attention_all(
// CHECK: %o, %aux:4 = nsa.attention %arg0 compressed(%arg1, %arg2) selected(%arg1, %arg2) window(%arg1, %arg2) gates(%arg3) q_offset(%arg4) kv_len(%arg5) k_pe(%arg6) k_params(%arg7) v_pe(%arg8) v_params(%arg9, %arg10, %arg11, %arg12) {causal = false, compression_block = 4 : i64, compression_stride = 2 : i64, gate_activation = #nsa.gate_activation<sigmoid>, initial = 0 : i64, k_activation = #nsa.activation<relu>, k_phi = #nsa.phi<linear>, list_heads = #nsa.list_heads<query>, local = 1 : i64, return_aux, scale = 5.000000e-01 : f64, score_map = #nsa.score_map<max>, selection_block = 8 : i64, top_n = 5 : i64, v_activation = #nsa.activation<silu>, v_phi = #nsa.phi<mlp>, window = 9 : i64} : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x4x3xf16>, tensor<2xi32>, index, tensor<4x8xf16>, tensor<2x32x8xf16>, tensor<4x6xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<5x6xf32>, tensor<6xf32>) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>)
func.func @attention_all(%q: tensor<2x7x4x8xf16>, %k: tensor<2x65x2x8xf16>, %v: tensor<2x65x2x6xf16>, %g: tensor<2x7x4x3xf16>,
                         %off: tensor<2xi32>, %len: index,
                         %k_pe: tensor<4x8xf16>, %k_w: tensor<2x32x8xf16>, %v_pe: tensor<4x6xf32>,
                         %w1: tensor<24x5xf32>, %b1: tensor<5xf32>, %w2: tensor<5x6xf32>, %b2: tensor<6xf32>) -> tensor<2x7x4x5xi32> {
  %r:5 = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%g) q_offset(%off) kv_len(%len)
      k_pe(%k_pe) k_params(%k_w) v_pe(%v_pe) v_params(%w1, %b1, %w2, %b2)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9, initial = 0, local = 1,
       k_phi = #nsa.phi<linear>, v_phi = #nsa.phi<mlp>, k_activation = #nsa.activation<relu>, v_activation = #nsa.activation<silu>,
       gate_activation = #nsa.gate_activation<sigmoid>, score_map = #nsa.score_map<max>, list_heads = #nsa.list_heads<query>,
       causal = false, return_aux, scale = 0.5}
      : (tensor<2x7x4x8xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x65x2x8xf16>, tensor<2x65x2x6xf16>, tensor<2x7x4x3xf16>, tensor<2xi32>, index, tensor<4x8xf16>, tensor<2x32x8xf16>, tensor<4x6xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<5x6xf32>, tensor<6xf32>)
      -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x5xi32>)
  return %r#4 : tensor<2x7x4x5xi32>
}

// Each optional operand alone, and lists per key/value head.
// CHECK-LABEL: func.func @attention_some(
// CHECK: %o = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) q_offset(%arg3) {compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 5 : i64, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, index) -> tensor<1x7x4x8xf32>
// CHECK: %o_0 = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) v_params(%arg4) {compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 5 : i64, v_phi = #nsa.phi<weighted>, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<2x4xf32>) -> tensor<1x7x4x8xf32>
// CHECK: %o_1, %aux:4 = nsa.attention %arg0 compressed(%arg1, %arg1) selected(%arg1, %arg1) window(%arg1, %arg1) gates(%arg2) v_pe(%arg5) {compression_block = 4 : i64, compression_stride = 2 : i64, return_aux, selection_block = 8 : i64, top_n = 5 : i64, window = 9 : i64} : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x2x5xi32>)
func.func @attention_some(%q: tensor<1x7x4x8xf32>, %k: tensor<1x65x2x8xf32>, %g: tensor<1x7x4x3xf32>, %off: index, %w: tensor<2x4xf32>, %pe: tensor<4x8xf32>) {
  %0 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) q_offset(%off)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9}
      : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, index) -> tensor<1x7x4x8xf32>
  %1 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) v_params(%w)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9, v_phi = #nsa.phi<weighted>}
      : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<2x4xf32>) -> tensor<1x7x4x8xf32>
  %2:5 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) v_pe(%pe)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 5, window = 9, return_aux}
      : (tensor<1x7x4x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x65x2x8xf32>, tensor<1x7x4x3xf32>, tensor<4x8xf32>)
      -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x4xf32>, tensor<1x7x2x5xi32>)
  return
}

//===----------------------------------------------------------------------===//
// generic form
//===----------------------------------------------------------------------===//

// What is left out has its default; attributes may stand where properties do.
// CHECK-LABEL: func.func @generic(
// CHECK: %0 = nsa.select_top_n %arg0 q_offset(%arg1) {selection_block = 64 : i64, top_n = 4 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
// CHECK: %1 = nsa.select_top_n %arg0 q_offset(%arg1) {local = 3 : i64, selection_block = 64 : i64, top_n = 4 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
// CHECK: %2 = nsa.gate %arg2 gates(%arg3) {note = "kept"} : (tensor<1x7x2x8xf32>, tensor<1x7x2x1xf32>) -> tensor<1x7x2x8xf32>
func.func @generic(%p: tensor<1x7x2x9xf32>, %off: index, %o: tensor<1x7x2x8xf32>, %g: tensor<1x7x2x1xf32>) {
  %0 = "nsa.select_top_n"(%p, %off) <{selection_block = 64 : i64, top_n = 4 : i64, operandSegmentSizes = array<i32: 1, 1, 0>}> : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
  %1 = "nsa.select_top_n"(%p, %off) {selection_block = 64 : i64, top_n = 4 : i64, local = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x4xi32>
  %2 = "nsa.gate"(%o, %g) {note = "kept"} : (tensor<1x7x2x8xf32>, tensor<1x7x2x1xf32>) -> tensor<1x7x2x8xf32>
  return
}

//===----------------------------------------------------------------------===//
// limits
//===----------------------------------------------------------------------===//

// The largest sizes, and sizes that may be equal: l = d = s, n = initial + local.
// CHECK-LABEL: func.func @limits(
// CHECK: %o, %lse = nsa.window_attention %arg0, %arg0, %arg0 {window = 2147483647 : i64} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
// CHECK: %0 = nsa.compress mean(%arg0) {compression_block = 2147483647 : i64, compression_stride = 2147483647 : i64} : (tensor<1x7x4x8xf32>) -> tensor<1x0x4x8xf32>
// CHECK: %1 = nsa.block_scores %arg0, %arg0, %arg1, %arg3 q_offset(%arg3) {compression_block = 2147483647 : i64, compression_stride = 2147483647 : i64, selection_block = 2147483647 : i64} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x4x?xf32>
// CHECK: %2 = nsa.select_top_n %arg2 q_offset(%arg3) {initial = 2147483647 : i64, local = 0 : i64, selection_block = 2147483647 : i64, top_n = 2147483647 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x2147483647xi32>
// CHECK: %3 = nsa.select_top_n %arg2 q_offset(%arg3) {selection_block = 1 : i64, top_n = 3 : i64} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x3xi32>
func.func @limits(%q: tensor<1x7x4x8xf32>, %lse: tensor<1x7x4xf32>, %p: tensor<1x7x2x9xf32>, %n: index) {
  %0:2 = nsa.window_attention %q, %q, %q {window = 2147483647} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  %1 = nsa.compress mean(%q) {compression_block = 2147483647, compression_stride = 2147483647} : (tensor<1x7x4x8xf32>) -> tensor<1x0x4x8xf32>
  %2 = nsa.block_scores %q, %q, %lse, %n q_offset(%n) {compression_block = 2147483647, compression_stride = 2147483647, selection_block = 2147483647} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x4x?xf32>
  %3 = nsa.select_top_n %p q_offset(%n) {selection_block = 2147483647, top_n = 2147483647, initial = 2147483647, local = 0} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x2147483647xi32>
  %4 = nsa.select_top_n %p q_offset(%n) {selection_block = 1, top_n = 3} : (tensor<1x7x2x9xf32>, index) -> tensor<1x7x2x3xi32>
  return
}
