// The extents of results as values, from those of operands.

// RUN: nsa-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize --cse | FileCheck %s

// max(0, T - l + d) / d, which is 0 also for T < l; static extents are constants.
// CHECK-LABEL: func.func @compress(
// CHECK-SAME: %[[X:[^:]*]]: tensor<?x?x4x8xf32>
// CHECK-NOT: nsa.
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[X]], %c0
// CHECK-DAG: %[[T:.*]] = tensor.dim %[[X]], %c1
// CHECK-DAG: %[[SHIFTED:.*]] = arith.addi %[[T]], %c-16
// CHECK-DAG: %[[CLAMPED:.*]] = arith.maxsi %[[SHIFTED]], %c0
// CHECK-DAG: %[[TC:.*]] = arith.divui %[[CLAMPED]], %c16
// CHECK: return %[[B]], %[[TC]], %c4, %c8
func.func @compress(%x: tensor<?x?x4x8xf32>) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c = nsa.compress mean(%x) {compression_block = 32, compression_stride = 16} : (tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32>
  %0 = tensor.dim %c, %c0 : tensor<?x?x4x8xf32>
  %1 = tensor.dim %c, %c1 : tensor<?x?x4x8xf32>
  %2 = tensor.dim %c, %c2 : tensor<?x?x4x8xf32>
  %3 = tensor.dim %c, %c3 : tensor<?x?x4x8xf32>
  return %0, %1, %2, %3 : index, index, index, index
}

// The same on known extents: T < l, T = l.
// CHECK-LABEL: func.func @compress_known(
// CHECK-NOT: nsa.
// CHECK: return %c0, %c1
func.func @compress_known(%less: tensor<1x31x4x8xf32>, %one: tensor<1x32x4x8xf32>) -> (index, index) {
  %c1 = arith.constant 1 : index
  %a = nsa.compress mean(%less) {compression_block = 32, compression_stride = 16} : (tensor<1x31x4x8xf32>) -> tensor<1x?x4x8xf32>
  %b = nsa.compress mean(%one) {compression_block = 32, compression_stride = 16} : (tensor<1x32x4x8xf32>) -> tensor<1x?x4x8xf32>
  %0 = tensor.dim %a, %c1 : tensor<1x?x4x8xf32>
  %1 = tensor.dim %b, %c1 : tensor<1x?x4x8xf32>
  return %0, %1 : index, index
}

// ceil(kv_max / s); a negative kv_max counts as 0.
// CHECK-LABEL: func.func @block_scores(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, {{.*}} %[[MAX:[^:]*]]: index
// CHECK-NOT: nsa.
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %c0
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK-DAG: %[[CLAMPED:.*]] = arith.maxsi %[[MAX]], %c0
// CHECK-DAG: %[[BIASED:.*]] = arith.addi %[[CLAMPED]], %c63
// CHECK-DAG: %[[NS:.*]] = arith.divui %[[BIASED]], %c64
// CHECK: return %[[B]], %[[TQ]], %[[NS]]
func.func @block_scores(%q: tensor<?x?x4x8xf32>, %kc: tensor<?x?x2x8xf32>, %lse: tensor<?x?x4xf32>, %max: index) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %p = nsa.block_scores %q, %kc, %lse, %max {compression_block = 32, compression_stride = 16, selection_block = 64, causal = false} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4xf32>, index) -> tensor<?x?x2x?xf32>
  %0 = tensor.dim %p, %c0 : tensor<?x?x2x?xf32>
  %1 = tensor.dim %p, %c1 : tensor<?x?x2x?xf32>
  %2 = tensor.dim %p, %c3 : tensor<?x?x2x?xf32>
  return %0, %1, %2 : index, index, index
}

// Batch and queries of every other op are those of its first operand.
// CHECK-LABEL: func.func @others(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x4x8xf32>, %[[K:[^:]*]]: tensor<?x?x2x8xf32>, %[[P:[^:]*]]: tensor<?x?x2x5xf32>,
// CHECK-NOT: nsa.
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK-DAG: %[[TP:.*]] = tensor.dim %[[P]], %c1
// CHECK: return %[[TQ]], %[[TP]], %[[TQ]], %[[TQ]], %[[TQ]], %[[TQ]], %[[TQ]], %[[TQ]]
func.func @others(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>, %p: tensor<?x?x2x5xf32>, %idx: tensor<?x?x2x3xi32>, %lse: tensor<?x?x4xf32>, %g: tensor<?x?x4x3xf32>, %off: index)
    -> (index, index, index, index, index, index, index, index) {
  %c1 = arith.constant 1 : index
  %0:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, index) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  %1 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 3} : (tensor<?x?x2x5xf32>, index) -> tensor<?x?x2x3xi32>
  %2:2 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x3xi32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  %3:2 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  %4 = nsa.gate %q, %q, %q gates(%g) : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x3xf32>) -> tensor<?x?x4x8xf32>
  %5:2 = nsa.merge %q, %q lse(%lse, %lse) : (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  %6:5 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 3, window = 9, return_aux}
      : (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x3xf32>)
      -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x2x3xi32>)
  %d0 = tensor.dim %0#1, %c1 : tensor<?x?x4xf32>
  %d1 = tensor.dim %1, %c1 : tensor<?x?x2x3xi32>
  %d2 = tensor.dim %2#0, %c1 : tensor<?x?x4x8xf32>
  %d3 = tensor.dim %3#0, %c1 : tensor<?x?x4x8xf32>
  %d4 = tensor.dim %4, %c1 : tensor<?x?x4x8xf32>
  %d5 = tensor.dim %5#1, %c1 : tensor<?x?x4xf32>
  %d6 = tensor.dim %6#0, %c1 : tensor<?x?x4x8xf32>
  %d7 = tensor.dim %6#4, %c1 : tensor<?x?x2x3xi32>
  return %d0, %d1, %d2, %d3, %d4, %d5, %d6, %d7 : index, index, index, index, index, index, index, index
}
