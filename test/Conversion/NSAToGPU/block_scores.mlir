// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file | FileCheck %s

// One thread per list, query and block: blocks vary fastest, then queries, so
// that a warp reads the same compressed keys. l = 32, d = 16, s = 64: a block of
// 4 sub-blocks is touched by 5 compressed keys, from 4j - 1.

// CHECK-LABEL: func.func @overlap
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x?x8x64xf16>, %[[KC:[a-z0-9]+]]: tensor<?x?x2x64xf16>, %[[LSE:[a-z0-9]+]]: tensor<?x?x8xf32>, %[[KV_MAX:[a-z0-9]+]]: index, %[[OFFSET:[a-z0-9]+]]: index
// CHECK-DAG: %[[SCALE:.+]] = arith.constant 1.250000e-01 : f32
// CHECK-DAG: %[[NONE:.+]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[CM1:.+]] = arith.constant -1 : index
// CHECK-DAG: %[[CM16:.+]] = arith.constant -16 : index
// CHECK-DAG: %[[C2:.+]] = arith.constant 2 : index
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : index
// CHECK-DAG: %[[C5:.+]] = arith.constant 5 : index
// CHECK-DAG: %[[C16:.+]] = arith.constant 16 : index
// CHECK-DAG: %[[C64:.+]] = arith.constant 64 : index
// CHECK: %[[T:.+]] = tensor.dim %[[Q]], %[[C1]]
// Ns = ceil(kv_max / 64)
// CHECK: %[[TOKENS:.+]] = arith.maxsi %[[KV_MAX]], %[[C0]]
// CHECK: %[[NS:.+]] = arith.divui %{{.+}}, %[[C64]]
// CHECK: %[[P:.+]] = memref.alloc(%{{.+}}, %[[T]], %[[NS]]) : memref<?x?x2x?xf32>
// CHECK: %[[TC:.+]] = tensor.dim %[[KC]], %[[C1]]
// CHECK: gpu.launch
// CHECK: %[[BLOCK:.+]] = arith.remui %{{.+}}, %[[NS]]
// CHECK: %[[QUERY:.+]] = arith.remui %{{.+}}, %[[T]]
// CHECK: %[[LIST:.+]] = arith.remui %[[REST:.+]], %[[C2]]
// CHECK: %[[BATCH:.+]] = arith.divui %[[REST]], %[[C2]]
// CHECK: %[[FIRST_HEAD:.+]] = arith.muli %[[LIST]], %[[C4]]
// CHECK: %[[KV_HEAD:.+]] = arith.divui %[[FIRST_HEAD]], %[[C4]]
// limit = min(kv_max, t + q_offset + 1); (limit - 16) / 16 keys are visible.
// CHECK: %[[POS:.+]] = arith.addi %[[QUERY]], %[[OFFSET]]
// CHECK: %[[NEXT:.+]] = arith.addi %[[POS]], %[[C1]]
// CHECK: %[[LIMIT:.+]] = arith.minsi %[[TOKENS]], %[[NEXT]]
// CHECK: arith.addi %[[LIMIT]], %[[CM16]]
// CHECK: %[[VISIBLE:.+]] = arith.minsi %{{.+}}, %[[TC]]
// CHECK: %[[START:.+]] = arith.muli %[[BLOCK]], %[[C4]]
// CHECK: %[[FIRST:.+]] = arith.addi %[[START]], %[[CM1]]
// CHECK: %[[LEFT:.+]] = arith.subi %[[VISIBLE]], %[[FIRST]]
// CHECK: %[[END:.+]] = arith.minsi %[[LEFT]], %[[C5]]
// CHECK: %[[SCORE:.+]] = scf.for %[[O:.+]] = %{{.+}} to %[[END]] step %[[C1]] iter_args(%{{.+}} = %[[ZERO]])
// CHECK: %[[KEY:.+]] = arith.addi %[[FIRST]], %[[O]]
// CHECK: %[[SUM:.+]] = scf.for %[[HEAD_I:.+]] = %[[C0]] to %[[C4]]
// CHECK: %[[HEAD:.+]] = arith.addi %[[FIRST_HEAD]], %[[HEAD_I]]
// CHECK: %[[DOT:.+]] = scf.for %[[D:.+]] = %[[C0]] to %[[C64]]
// CHECK: tensor.extract %[[Q]][%[[BATCH]], %[[QUERY]], %[[HEAD]], %[[D]]]
// CHECK: tensor.extract %[[KC]][%[[BATCH]], %[[KEY]], %[[KV_HEAD]], %[[D]]]
// CHECK: %[[ROW_LSE:.+]] = tensor.extract %[[LSE]][%[[BATCH]], %[[QUERY]], %[[HEAD]]]
// CHECK-DAG: %[[NO_KEY:.+]] = arith.cmpf oeq, %[[ROW_LSE]], %[[NONE]]
// CHECK-DAG: %[[SCALED:.+]] = arith.mulf %[[DOT]], %[[SCALE]]
// CHECK: %[[DIFF:.+]] = arith.subf %[[SCALED]], %[[ROW_LSE]]
// CHECK: %[[EXP:.+]] = math.exp %[[DIFF]] fastmath<afn>
// CHECK: arith.select %[[NO_KEY]], %[[ZERO]], %[[EXP]]
// overlap = min(o + 1, 4) - max(o - 1, 0)
// CHECK: %[[UPPER0:.+]] = arith.addi %[[O]], %[[C1]]
// CHECK: %[[UPPER:.+]] = arith.minsi %[[UPPER0]], %[[C4]]
// CHECK: %[[LOWER0:.+]] = arith.addi %[[O]], %[[CM1]]
// CHECK: %[[LOWER:.+]] = arith.maxsi %[[LOWER0]], %[[C0]]
// CHECK: %[[SHARED:.+]] = arith.subi %[[UPPER]], %[[LOWER]]
// CHECK: arith.mulf %{{.+}}, %[[SUM]] fastmath<contract>
// CHECK: memref.store %[[SCORE]], %[[P]][%[[BATCH]], %[[QUERY]], %[[LIST]], %[[BLOCK]]]
// CHECK: } {nsa.kernel = "block_scores"}
func.func @overlap(%q: tensor<?x?x8x64xf16>, %kc: tensor<?x?x2x64xf16>, %lse: tensor<?x?x8xf32>, %tokens: index, %offset: index) -> tensor<?x?x2x?xf32> {
  %p = nsa.block_scores %q, %kc, %lse, %tokens q_offset(%offset)
      {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (tensor<?x?x8x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x8xf32>, index, index) -> tensor<?x?x2x?xf32>
  return %p : tensor<?x?x2x?xf32>
}

// -----

// A list per query head: no loop over heads is left, and the key/value head is
// that of the query head. The largest probability counts. Positions per entry.

// CHECK-LABEL: func.func @max_query
// CHECK-SAME: %[[OFFSETS:[a-z0-9]+]]: tensor<2xi32>, %[[LENGTHS:[a-z0-9]+]]: tensor<2xi32>
// CHECK-DAG: %[[C2:.+]] = arith.constant 2 : index
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : index
// CHECK-DAG: %[[FAR:.+]] = arith.constant 4611686018427387904 : index
// CHECK: gpu.launch
// CHECK: %[[LIST:.+]] = arith.remui %[[REST:.+]], %[[C4]]
// CHECK: %[[BATCH:.+]] = arith.divui %[[REST]], %[[C4]]
// CHECK: %[[KV_HEAD:.+]] = arith.divui %[[LIST]], %[[C2]]
// CHECK: tensor.extract %[[OFFSETS]][%[[BATCH]]]
// CHECK: tensor.extract %[[LENGTHS]][%[[BATCH]]]
// CHECK: scf.for
// CHECK: tensor.extract %{{.+}}[%[[BATCH]], %{{.+}}, %[[LIST]], %{{.+}}] : tensor<2x3x4x16xf32>
// CHECK: tensor.extract %{{.+}}[%[[BATCH]], %{{.+}}, %[[KV_HEAD]], %{{.+}}] : tensor<2x7x2x16xf32>
// CHECK: arith.maximumf
// CHECK-NOT: arith.sitofp
// CHECK: memref.store
func.func @max_query(%q: tensor<2x3x4x16xf32>, %kc: tensor<2x7x2x16xf32>, %lse: tensor<2x3x4xf32>, %offset: tensor<2xi32>, %len: tensor<2xi32>) -> tensor<2x3x4x5xf32> {
  %tokens = arith.constant 40 : index
  %p = nsa.block_scores %q, %kc, %lse, %tokens q_offset(%offset) kv_len(%len)
      {compression_block = 8, compression_stride = 4, selection_block = 8,
       score_map = #nsa.score_map<max>, list_heads = #nsa.list_heads<query>}
      : (tensor<2x3x4x16xf32>, tensor<2x7x2x16xf32>, tensor<2x3x4xf32>, index, tensor<2xi32>, tensor<2xi32>) -> tensor<2x3x4x5xf32>
  return %p : tensor<2x3x4x5xf32>
}

// -----

// Not causal: what is visible does not depend on the query.

// CHECK-LABEL: func.func @not_causal
// CHECK: %[[C3:.+]] = arith.constant 3 : index
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK-NOT: arith.minsi %{{.+}}, %{{.+}} : index
// CHECK: scf.for
func.func @not_causal(%q: tensor<1x3x1x4xf32>, %kc: tensor<1x3x1x4xf32>, %lse: tensor<1x3x1xf32>) -> tensor<1x3x1x1xf32> {
  %tokens = arith.constant 8 : index
  %p = nsa.block_scores %q, %kc, %lse, %tokens
      {compression_block = 4, compression_stride = 2, selection_block = 8, causal = false}
      : (tensor<1x3x1x4xf32>, tensor<1x3x1x4xf32>, tensor<1x3x1xf32>, index) -> tensor<1x3x1x1xf32>
  return %p : tensor<1x3x1x1xf32>
}
