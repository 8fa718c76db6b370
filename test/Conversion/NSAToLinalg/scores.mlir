// RUN: nsa-opt %s --split-input-file --convert-nsa-to-linalg --canonicalize --cse | FileCheck %s

// 16 selection blocks at a time need 16*4 + 1 compressed keys, padded to 72;
// neighbouring tiles overlap by l/d - 1 = 1.
// CHECK-LABEL: func @overlap(
// CHECK-DAG:     %[[WEIGHTS:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 2.000000e+00, 2.000000e+00, 1.000000e+00]> : tensor<5xf32>
// CHECK:         scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}}, 2, %{{.*}})
// CHECK:           scf.for {{.*}} step %c16
// CHECK:             arith.addi %{{.*}}, %c-1
// A whole tile that all rows see: keys where they lie, no mask.
// CHECK:             scf.if {{.*}} -> (tensor<72x64xf32>) {
// CHECK:               tensor.extract_slice {{.*}} : tensor<?x?x2x64xf32> to tensor<72x64xf32>
// CHECK-NOT:           arith.cmpi
// CHECK:             } else {
// CHECK:               tensor.insert_slice {{.*}} into tensor<72x64xf32>
// CHECK:               arith.cmpi ult
// CHECK:             }
// 2^x by arithmetic.
// CHECK:             arith.shli
// The sum over the list's heads comes before the map.
// CHECK:             tensor.expand_shape {{.*}} : tensor<72x64xf32> into tensor<72x4x16xf32>
// CHECK:             linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]{{.*}} ins(%{{.*}} : tensor<72x4x16xf32>)
// CHECK:             linalg.generic {{.*}} ins(%{{.*}}, %[[WEIGHTS]] : tensor<72x16xf32>, tensor<5xf32>)
// CHECK:               arith.mulf
// CHECK:               arith.addf
func.func @overlap(%q: tensor<?x?x8x64xf32>, %kc: tensor<?x?x2x64xf32>, %lse: tensor<?x?x8xf32>, %max: index, %off: index) -> tensor<?x?x2x?xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x8xf32>, index, index) -> tensor<?x?x2x?xf32>
  return %p : tensor<?x?x2x?xf32>
}

// -----

// CHECK-LABEL: func @maximum(
// CHECK:         scf.forall
// CHECK:           arith.maximumf
func.func @maximum(%q: tensor<1x9x4x16xf32>, %kc: tensor<1x5x2x16xf32>, %lse: tensor<1x9x4xf32>) -> tensor<1x9x4x6xf32> {
  %max = arith.constant 48 : index
  %p = nsa.block_scores %q, %kc, %lse, %max {compression_block = 8, compression_stride = 8, selection_block = 8, causal = false, score_map = #nsa.score_map<max>, list_heads = #nsa.list_heads<query>} : (tensor<1x9x4x16xf32>, tensor<1x5x2x16xf32>, tensor<1x9x4xf32>, index) -> tensor<1x9x4x6xf32>
  return %p : tensor<1x9x4x6xf32>
}

// -----

// One pass over the candidates, a ranking of n + 1 entries, scores compared as
// integers.
// CHECK-LABEL: func @top_n(
// CHECK-DAG:     %[[FORCED:.*]] = arith.constant 2147483647 : i32
// CHECK-DAG:     %[[NAN:.*]] = arith.constant -2147483647 : i32
// CHECK-DAG:     %[[EMPTY:.*]] = arith.constant -2147483648 : i32
// CHECK:         scf.forall
// CHECK:           scf.for
// CHECK:             scf.for {{.*}} -> (tensor<5xi32>, tensor<5xi32>, index)
// CHECK:               arith.bitcast
// CHECK:               arith.cmpf uno
// CHECK:               arith.select %{{.*}}, %[[NAN]]
// CHECK:               arith.cmpf oeq
// CHECK:               arith.select %{{.*}}, %[[EMPTY]]
// CHECK:               arith.select %{{.*}}, %[[FORCED]]
// CHECK:               arith.cmpi sgt
// CHECK:               scf.if
func.func @top_n(%p: tensor<?x?x2x?xf32>, %off: index) -> tensor<?x?x2x4xi32> {
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 4} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x4xi32>
  return %idx : tensor<?x?x2x4xi32>
}

// -----

// Without a compressed key, or without a block, there is nothing to compute.
// CHECK-LABEL: func @no_keys(
// CHECK:         %[[ZERO:.*]] = arith.constant 0.0
// CHECK:         %[[P:.*]] = tensor.empty(%{{.*}}, %{{.*}}) : tensor<1x?x2x?xf32>
// CHECK-NEXT:    linalg.fill ins(%[[ZERO]] : f32) outs(%[[P]]
// CHECK-NOT:     scf.
// CHECK-LABEL: func @no_blocks(
// CHECK:         linalg.fill {{.*}} -> tensor<1x5x2x0xf32>
// CHECK-NOT:     scf.
func.func @no_keys(%q: tensor<1x?x8x64xf32>, %kc: tensor<1x0x2x64xf32>, %lse: tensor<1x?x8xf32>, %max: index, %off: index) -> tensor<1x?x2x?xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<1x?x8x64xf32>, tensor<1x0x2x64xf32>, tensor<1x?x8xf32>, index, index) -> tensor<1x?x2x?xf32>
  return %p : tensor<1x?x2x?xf32>
}
func.func @no_blocks(%q: tensor<1x5x8x64xf32>, %kc: tensor<1x?x2x64xf32>, %lse: tensor<1x5x8xf32>, %off: index) -> tensor<1x5x2x0xf32> {
  %max = arith.constant 0 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (tensor<1x5x8x64xf32>, tensor<1x?x2x64xf32>, tensor<1x5x8xf32>, index, index) -> tensor<1x5x2x0xf32>
  return %p : tensor<1x5x2x0xf32>
}

// -----

// Nothing is scored when kv_max is 0, also where the result type does not say.
// CHECK-LABEL: func @no_tokens(
// CHECK-NOT:     scf.forall
// CHECK:         linalg.fill
func.func @no_tokens(%q: tensor<1x9x4x16xf32>, %kc: tensor<1x5x2x16xf32>, %lse: tensor<1x9x4xf32>, %off: index) -> tensor<1x9x2x?xf32> {
  %max = arith.constant 0 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 8, compression_stride = 8, selection_block = 8} : (tensor<1x9x4x16xf32>, tensor<1x5x2x16xf32>, tensor<1x9x4xf32>, index, index) -> tensor<1x9x2x?xf32>
  return %p : tensor<1x9x2x?xf32>
}
