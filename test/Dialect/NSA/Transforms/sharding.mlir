// One operand is annotated; the passes of the shard dialect do the rest.
// test/Integration/Shard runs every op in shards.

// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(sharding-propagation,shard-partition),canonicalize)' | FileCheck %s
// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(sharding-propagation))' --remarks-filter=nsa-sharding 2>&1 | FileCheck %s --check-prefix=REMARK

shard.grid @grid(shape = 2x3)
!Q = tensor<6x12x6x8xf32>
!K = tensor<6x16x6x8xf32>
!L = tensor<6x12x6xf32>

// CHECK-LABEL: func.func @batch(
// CHECK-SAME: %{{.*}}: tensor<3x12x6x8xf32>, %{{.*}}: tensor<3x16x6x8xf32>, %{{.*}}: tensor<3x16x6x8xf32>, %{{.*}}: index, %{{.*}}: tensor<3xi32>) -> (tensor<3x12x6x8xf32>, tensor<3x12x6xf32>)
// CHECK-NOT: shard.
// CHECK: nsa.window_attention {{.*}} -> (tensor<3x12x6x8xf32>, tensor<3x12x6xf32>)
func.func @batch(%q: !Q, %k: !K, %v: !K, %off: index, %len: tensor<6xi32>) -> (!Q, !L) {
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %qs = shard.shard %q to %s : !Q
  %o, %lse = nsa.window_attention %qs, %k, %v q_offset(%off) kv_len(%len) {window = 5} : (!Q, !K, !K, index, tensor<6xi32>) -> (!Q, !L)
  return %o, %lse : !Q, !L
}

// From a result, backwards.
// CHECK-LABEL: func.func @heads(
// CHECK-SAME: %{{.*}}: tensor<6x12x2x8xf32>, %{{.*}}: tensor<6x16x2x8xf32>, %{{.*}}: tensor<6x16x2x8xf32>) -> tensor<6x12x2x8xf32>
// CHECK: nsa.window_attention {{.*}} -> (tensor<6x12x2x8xf32>, tensor<6x12x2xf32>)
func.func @heads(%q: !Q, %k: !K, %v: !K) -> !Q {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %s = shard.sharding @grid split_axes = [[], [], [1]] : !shard.sharding
  %os = shard.shard %o to %s : !Q
  return %os : !Q
}

// What all heads share stays whole: one key/value head, one list.
// CHECK-LABEL: func.func @shared(
// CHECK-SAME: %{{.*}}: tensor<6x12x2x8xf32>, %{{.*}}: tensor<6x16x1x8xf32>, %{{.*}}: tensor<6x12x1x4xi32>)
// CHECK: nsa.selected_attention
func.func @shared(%q: !Q, %k: tensor<6x16x1x8xf32>, %idx: tensor<6x12x1x4xi32>) -> !Q {
  %s = shard.sharding @grid split_axes = [[], [], [1]] : !shard.sharding
  %qs = shard.shard %q to %s : !Q
  %o, %lse = nsa.selected_attention %qs, %k, %k, %idx {selection_block = 4} : (!Q, tensor<6x16x1x8xf32>, tensor<6x16x1x8xf32>, tensor<6x12x1x4xi32>) -> (!Q, !L)
  return %o : !Q
}

// Queries: q_offset is Tk - Tq of the whole, plus what stands before the shard.
// Keys that are split in the same way are gathered.
// CHECK-LABEL: func.func @queries(
// CHECK-SAME: %[[Q:.*]]: tensor<6x6x6x8xf32>, %[[K:.*]]: tensor<6x8x6x8xf32>, %[[V:.*]]: tensor<6x16x6x8xf32>)
// CHECK-DAG: %[[ALL:.*]] = shard.all_gather %[[K]] on @grid grid_axes = [0] gather_axis = 1 : tensor<6x8x6x8xf32> -> tensor<6x16x6x8xf32>
// CHECK-DAG: %[[I:.*]] = shard.process_multi_index on @grid axes = [0] : index
// CHECK-DAG: %[[BEFORE:.*]] = arith.muli %[[I]], %c6 : index
// CHECK-DAG: %[[OFF:.*]] = arith.addi %[[BEFORE]], %c4 : index
// CHECK: nsa.window_attention %[[Q]], %[[ALL]], %[[V]] q_offset(%[[OFF]])
func.func @queries(%q: !Q, %k: !K, %v: !K) -> !Q {
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %qs = shard.shard %q to %s : !Q
  %ks = shard.shard %k to %s : !K
  %o, %lse = nsa.window_attention %qs, %ks, %v {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  return %o : !Q
}
// REMARK: sharding.mlir:[[# @LINE - 3]]:14: remark: [Missed] sharding | Category:nsa-sharding | Reason="dimension 1 of 'k' (Tk) cannot be split along grid axes [0]: every shard needs all of it; gather it before", Remark="nsa.window_attention is not sharded in this way"

// Along two axes, of dynamic extents.
// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME: %[[Q:.*]]: tensor<?x?x6x8xf32>, %[[K:.*]]: tensor<?x?x6x8xf32>)
// CHECK-DAG: %[[I:.*]]:2 = shard.process_multi_index on @grid axes = [0, 1] : index, index
// CHECK-DAG: %[[ROW:.*]] = arith.muli %[[I]]#0, %c3 : index
// CHECK-DAG: %[[N:.*]] = arith.addi %[[ROW]], %[[I]]#1 : index
// CHECK-DAG: %[[LOCAL:.*]] = tensor.dim %[[Q]], %c1
// CHECK-DAG: %[[TQ:.*]] = arith.muli %[[LOCAL]], %c6 : index
// CHECK-DAG: %[[TK:.*]] = tensor.dim %[[K]], %c1
// CHECK-DAG: %[[FIRST:.*]] = arith.subi %[[TK]], %[[TQ]] : index
// CHECK-DAG: %[[BEFORE:.*]] = arith.muli %[[N]], %[[LOCAL]] : index
// CHECK-DAG: %[[OFF:.*]] = arith.addi %[[FIRST]], %[[BEFORE]] : index
// CHECK: nsa.window_attention %[[Q]], %[[K]], %[[K]] q_offset(%[[OFF]])
func.func @dynamic(%q: tensor<?x?x6x8xf32>, %k: tensor<?x?x6x8xf32>) -> tensor<?x?x6x8xf32> {
  %s = shard.sharding @grid split_axes = [[], [0, 1]] : !shard.sharding
  %qs = shard.shard %q to %s : tensor<?x?x6x8xf32>
  %o, %lse = nsa.window_attention %qs, %k, %k {window = 5} : (tensor<?x?x6x8xf32>, tensor<?x?x6x8xf32>, tensor<?x?x6x8xf32>) -> (tensor<?x?x6x8xf32>, tensor<?x?x6xf32>)
  return %o : tensor<?x?x6x8xf32>
}

// A q_offset per batch entry does not wrap.
// CHECK-LABEL: func.func @per_entry(
// CHECK: %[[I:.*]] = shard.process_multi_index on @grid axes = [1] : index
// CHECK: %[[BEFORE:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<3xi32>)
// CHECK: %[[SUM:.*]] = arith.addi %{{.*}}, %[[BEFORE]] : i64
// CHECK: arith.maxsi %[[SUM]], %c-2147483648_i64 : i64
// CHECK: arith.minsi %{{.*}}, %c2147483647_i64 : i64
func.func @per_entry(%p: tensor<6x12x6x8xf32>, %off: tensor<6xi32>) -> tensor<6x12x6x4xi32> {
  %s = shard.sharding @grid split_axes = [[0], [1]] : !shard.sharding
  %ps = shard.shard %p to %s : tensor<6x12x6x8xf32>
  %idx = nsa.select_top_n %ps q_offset(%off) {selection_block = 4, top_n = 4} : (tensor<6x12x6x8xf32>, tensor<6xi32>) -> tensor<6x12x6x4xi32>
  return %idx : tensor<6x12x6x4xi32>
}

// An op that nobody asks for positions gets none.
// CHECK-LABEL: func.func @no_position(
// CHECK-NOT: q_offset
// CHECK: return
func.func @no_position(%q: !Q, %kc: !K) -> !Q {
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %qs = shard.shard %q to %s : !Q
  %o, %lse = nsa.compressed_attention %qs, %kc, %kc {compression_block = 4, compression_stride = 2, causal = false} : (!Q, !K, !K) -> (!Q, !L)
  return %o : !Q
}

// A chain, to its last op.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %{{.*}}: tensor<6x12x2x8xf32>, %{{.*}}: tensor<6x16x2x8xf32>, %{{.*}}: tensor<6x12x2x2xf32>, %{{.*}}: tensor<2xf32>)
// CHECK-NOT: shard.all
// CHECK: nsa.compress mean({{.*}} -> tensor<6x7x2x8xf32>
// CHECK: nsa.compressed_attention {{.*}} -> (tensor<6x12x2x8xf32>, tensor<6x12x2xf32>)
// CHECK: nsa.merge {{.*}} -> (tensor<6x12x2x8xf32>, tensor<6x12x2xf32>)
// CHECK: nsa.gate {{.*}} -> tensor<6x12x2x8xf32>
func.func @chain(%q: !Q, %k: !K, %g: tensor<6x12x6x2xf32>, %sink: tensor<6xf32>) -> !Q {
  %off = arith.constant 4 : index
  %s = shard.sharding @grid split_axes = [[], [], [1]] : !shard.sharding
  %ks = shard.shard %k to %s : !K
  %kc = nsa.compress mean(%ks) {compression_block = 4, compression_stride = 2} : (!K) -> tensor<6x7x6x8xf32>
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (!Q, tensor<6x7x6x8xf32>, tensor<6x7x6x8xf32>, index) -> (!Q, !L)
  %m, %l = nsa.merge %o lse(%lse) sink(%sink) : (!Q, !L, tensor<6xf32>) -> (!Q, !L)
  %r = nsa.gate %m, %m gates(%g) : (!Q, !Q, tensor<6x12x6x2xf32>) -> !Q
  return %r : !Q
}

// What cannot be followed, but need not be, is gathered: keys, and heads where
// one list is made of the scores of all.
// CHECK-LABEL: func.func @gathered_keys(
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<2x8x4x16xf32>, %[[K:[a-z0-9]*]]: tensor<2x20x2x16xf32>
// CHECK: %[[ALL:.*]] = shard.all_gather %[[K]] on @grid grid_axes = [0] gather_axis = 1 : tensor<2x20x2x16xf32> -> tensor<2x40x2x16xf32>
// CHECK: nsa.window_attention %[[Q]], %[[ALL]], %[[ALL]] {window = 9 : i64}
func.func @gathered_keys(%q: tensor<2x8x4x16xf32>, %k: tensor<2x40x2x16xf32>) -> tensor<2x8x4x16xf32> {
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %ks = shard.shard %k to %s : tensor<2x40x2x16xf32>
  %o, %lse = nsa.window_attention %q, %ks, %ks {window = 9} : (tensor<2x8x4x16xf32>, tensor<2x40x2x16xf32>, tensor<2x40x2x16xf32>) -> (tensor<2x8x4x16xf32>, tensor<2x8x4xf32>)
  return %o : tensor<2x8x4x16xf32>
}

// CHECK-LABEL: func.func @gathered_heads(
// CHECK: %[[ALL:.*]] = shard.all_gather %{{.*}} on @grid grid_axes = [0] gather_axis = 2 : tensor<2x8x2x16xf32> -> tensor<2x8x4x16xf32>
// CHECK: nsa.block_scores %[[ALL]]
func.func @gathered_heads(%q: tensor<2x8x4x16xf32>, %kc: tensor<2x9x1x16xf32>, %lse: tensor<2x8x4xf32>, %n: index, %off: index) -> tensor<2x8x1x?xf32> {
  %s = shard.sharding @grid split_axes = [[], [], [0]] : !shard.sharding
  %qs = shard.shard %q to %s : tensor<2x8x4x16xf32>
  %p = nsa.block_scores %qs, %kc, %lse, %n q_offset(%off) {compression_block = 8, compression_stride = 4, selection_block = 8}
      : (tensor<2x8x4x16xf32>, tensor<2x9x1x16xf32>, tensor<2x8x4xf32>, index, index) -> tensor<2x8x1x?xf32>
  return %p : tensor<2x8x1x?xf32>
}
