// Result types that follow from the operands: every function declares a result
// that knows nothing, and gets one that knows all there is to know.

// RUN: nsa-opt %s --canonicalize | FileCheck %s

// Tc = T < l ? 0 : (T - l) / d + 1, with l = 32 and d = 16.
// CHECK-LABEL: func.func @compress(
// CHECK: nsa.compress {{.*}} -> tensor<1x0x2x8xf32>
// CHECK: nsa.compress {{.*}} -> tensor<1x0x2x8xf32>
// CHECK: nsa.compress {{.*}} -> tensor<1x1x2x8xf32>
// CHECK: nsa.compress {{.*}} -> tensor<1x1x2x8xf32>
// CHECK: nsa.compress {{.*}} -> tensor<1x2x2x8xf32>
func.func @compress(%none: tensor<1x0x2x8xf32>, %less: tensor<1x31x2x8xf32>, %one: tensor<1x32x2x8xf32>, %ragged: tensor<1x47x2x8xf32>, %two: tensor<1x48x2x8xf32>)
    -> (tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) {
  %0 = nsa.compress mean(%none) {compression_block = 32, compression_stride = 16} : (tensor<1x0x2x8xf32>) -> tensor<?x?x2x8xf32>
  %1 = nsa.compress mean(%less) {compression_block = 32, compression_stride = 16} : (tensor<1x31x2x8xf32>) -> tensor<?x?x2x8xf32>
  %2 = nsa.compress mean(%one) {compression_block = 32, compression_stride = 16} : (tensor<1x32x2x8xf32>) -> tensor<?x?x2x8xf32>
  %3 = nsa.compress mean(%ragged) {compression_block = 32, compression_stride = 16} : (tensor<1x47x2x8xf32>) -> tensor<?x?x2x8xf32>
  %4 = nsa.compress mean(%two) {compression_block = 32, compression_stride = 16} : (tensor<1x48x2x8xf32>) -> tensor<?x?x2x8xf32>
  return %0, %1, %2, %3, %4 : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
}

// A stride longer than the block leaves tokens out; it changes nothing else.
// CHECK-LABEL: func.func @compress_sparse(
// CHECK: nsa.compress {{.*}} -> tensor<?x3x2x8xf32>
func.func @compress_sparse(%x: tensor<?x24x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 10} : (tensor<?x24x2x8xf32>) -> tensor<?x?x2x8xf32>
  return %0 : tensor<?x?x2x8xf32>
}

// Ns = ceil(kv_max / s), with s = 64.
// CHECK-LABEL: func.func @block_scores(
// CHECK: nsa.block_scores {{.*}} -> tensor<1x7x2x0xf32>
// CHECK: nsa.block_scores {{.*}} -> tensor<1x7x2x1xf32>
// CHECK: nsa.block_scores {{.*}} -> tensor<1x7x4x2xf32>
// CHECK: nsa.block_scores {{.*}} -> tensor<1x7x2x?xf32>
func.func @block_scores(%q: tensor<1x7x4x8xf32>, %kc: tensor<1x3x2x8xf32>, %lse: tensor<1x7x4xf32>, %off: index, %n: index)
    -> (tensor<?x?x2x?xf32>, tensor<?x?x2x?xf32>, tensor<?x?x4x?xf32>, tensor<?x?x2x?xf32>) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c65 = arith.constant 65 : index
  %0 = nsa.block_scores %q, %kc, %lse, %c0 q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<1x7x4x8xf32>, tensor<1x3x2x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<?x?x2x?xf32>
  %1 = nsa.block_scores %q, %kc, %lse, %c64 q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<1x7x4x8xf32>, tensor<1x3x2x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<?x?x2x?xf32>
  %2 = nsa.block_scores %q, %kc, %lse, %c65 q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64, list_heads = #nsa.list_heads<query>} : (tensor<1x7x4x8xf32>, tensor<1x3x2x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<?x?x4x?xf32>
  %3 = nsa.block_scores %q, %kc, %lse, %n q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<1x7x4x8xf32>, tensor<1x3x2x8xf32>, tensor<1x7x4xf32>, index, index) -> tensor<?x?x2x?xf32>
  return %0, %1, %2, %3 : tensor<?x?x2x?xf32>, tensor<?x?x2x?xf32>, tensor<?x?x4x?xf32>, tensor<?x?x2x?xf32>
}

// The others take B and Tq from their operands; Dv is v's, not q's.
// CHECK-LABEL: func.func @others(
// CHECK-DAG: nsa.compressed_attention {{.*}} -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
// CHECK-DAG: nsa.select_top_n {{.*}} -> tensor<2x7x2x3xi32>
// CHECK-DAG: nsa.selected_attention {{.*}} -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
// CHECK-DAG: nsa.window_attention {{.*}} -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
// CHECK-DAG: nsa.gate {{.*}} -> tensor<2x7x4x6xf16>
// CHECK-DAG: nsa.merge {{.*}} -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
// CHECK-DAG: nsa.attention {{.*}} -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x2x3xi32>)
// CHECK: return
func.func @others(%q: tensor<2x7x4x8xf16>, %k: tensor<2x9x2x8xf16>, %v: tensor<2x9x2x6xf16>, %p: tensor<2x7x2x5xf32>, %idx: tensor<2x7x2x3xi32>, %o: tensor<2x7x4x6xf16>, %lse: tensor<2x7x4xf32>, %g: tensor<2x7x4x2xf32>, %h: tensor<2x7x4x3xf32>, %off: index)
    -> (tensor<?x?x4x6xf16>, tensor<?x?x2x3xi32>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x2x3xi32>) {
  %0:2 = nsa.compressed_attention %q, %k, %v q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, index) -> (tensor<?x?x4x6xf16>, tensor<?x?x4xf32>)
  %1 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 3} : (tensor<2x7x2x5xf32>, index) -> tensor<?x?x2x3xi32>
  %2:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 8} : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, tensor<2x7x2x3xi32>) -> (tensor<?x?x4x6xf16>, tensor<?x?x4xf32>)
  %3:2 = nsa.window_attention %q, %k, %v {window = 8} : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>) -> (tensor<?x?x4x6xf16>, tensor<?x?x4xf32>)
  %4 = nsa.gate %o, %o gates(%g) : (tensor<2x7x4x6xf16>, tensor<2x7x4x6xf16>, tensor<2x7x4x2xf32>) -> tensor<?x?x4x6xf16>
  %5:2 = nsa.merge %o, %o lse(%lse, %lse) : (tensor<2x7x4x6xf16>, tensor<2x7x4x6xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<?x?x4x6xf16>, tensor<?x?x4xf32>)
  %6:5 = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%h) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 3, window = 9, return_aux}
      : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, tensor<2x7x4x3xf32>)
      -> (tensor<?x?x4x6xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x2x3xi32>)
  return %0#0, %1, %2#0, %3#0, %4, %5#0, %6#4 : tensor<?x?x4x6xf16>, tensor<?x?x2x3xi32>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x4x6xf16>, tensor<?x?x2x3xi32>
}
