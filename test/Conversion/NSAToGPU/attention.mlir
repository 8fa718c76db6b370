// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file | FileCheck %s --implicit-check-not=memory_space --implicit-check-not=workgroup
// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file --remarks-filter="convert-nsa-to-gpu" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A warp per row: 4 rows a block of 128 threads, heads fastest. What is visible
// is computed once; keys beyond the range are never read; memory of the size of
// the results is all there is.

// REMARK: attention.mlir:[[#]]:{{[0-9]+}}: remark: {{.*}}Category:convert-nsa-to-gpu | Remark="nsa.window_attention becomes a plain kernel with a warp per row", threads=128

// CHECK-LABEL: func.func @window
// CHECK-SAME: %[[Q:.+]]: tensor<?x?x8x60xf32>, %[[K:.+]]: tensor<?x?x2x60xf32>, %[[V:.+]]: tensor<?x?x2x32xf32>
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[NONE:.+]] = arith.constant 0xFF800000 : f32
// log2(e) / sqrt(60)
// CHECK-DAG: %[[SCALE:.+]] = arith.constant 0.186251134 : f32
// CHECK-DAG: %[[LN2:.+]] = arith.constant 0.693147182 : f32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK-DAG: %[[C32:.+]] = arith.constant 32 : index
// CHECK-DAG: %[[C59:.+]] = arith.constant 59 : index
// CHECK-DAG: %[[C60:.+]] = arith.constant 60 : index
// CHECK-DAG: %[[CM511:.+]] = arith.constant -511 : index
// CHECK-DAG: %[[B:.+]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[T:.+]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[O:.+]] = memref.alloc(%[[B]], %[[T]]) : memref<?x?x8x32xf32>
// CHECK-DAG: %[[LSE:.+]] = memref.alloc(%[[B]], %[[T]]) : memref<?x?x8xf32>
// CHECK-NOT: memref.alloc
// CHECK: %[[ROWS:.+]] = arith.muli %{{.+}}, %[[C8]]
// CHECK: %[[FULL:.+]] = arith.divui %{{.+}}, %[[C4]]
// CHECK: %[[BLOCKS:.+]] = arith.maxsi %[[FULL]], %[[C1]]
// CHECK: gpu.launch blocks(%[[BLOCK:[^,]+]], %{{.+}}) in (%{{[^,]+}} = %[[BLOCKS]], %{{[^,]+}} = %[[C1]], %{{[^,]+}} = %[[C1]])
// CHECK-SAME: threads(%[[LANE:[^,]+]], %[[WARP:[^,]+]], %{{[^,]+}}) in (%{{[^,]+}} = %[[C32]], %{{[^,]+}} = %[[C4]], %{{[^,]+}} = %[[C1]])
// CHECK: %[[FIRST:.+]] = arith.muli %[[BLOCK]], %[[C4]]
// CHECK: %[[ROW:.+]] = arith.addi %[[FIRST]], %[[WARP]]
// CHECK: %[[EXISTS:.+]] = arith.cmpi slt, %[[ROW]], %[[ROWS]]
// CHECK: scf.if %[[EXISTS]] {
// CHECK: %[[H:.+]] = arith.remui %[[ROW]], %[[C8]]
// CHECK: %[[QUERY:.+]] = arith.remui %{{.+}}, %[[T]]
// CHECK: %[[BATCH:.+]] = arith.divui %{{.+}}, %[[T]]
// CHECK: %[[G:.+]] = arith.divui %[[H]], %[[C4]]
// The last query stands at the last key; keys pos - 511 .. pos.
// CHECK: %[[TK:.+]] = tensor.dim %[[K]], %[[C1]]
// CHECK: %[[OFFSET:.+]] = arith.subi %[[TK]], %[[T]]
// CHECK: %[[POS:.+]] = arith.addi %[[QUERY]], %[[OFFSET]]
// CHECK: arith.addi %[[POS]], %[[CM511]]
// CHECK: %[[NEXT:.+]] = arith.addi %[[POS]], %[[C1]]
// CHECK: arith.minsi %[[NEXT]], %[[TK]]
// Lanes hold dimensions lane and lane + 32, of which the head has 28 only.
// CHECK-DAG: %[[SECOND:.+]] = arith.addi %[[LANE]], %[[C32]]
// CHECK-DAG: %[[INSIDE:.+]] = arith.cmpi slt, %[[SECOND]], %[[C60]]
// CHECK-DAG: %[[CLAMPED:.+]] = arith.minsi %[[SECOND]], %[[C59]]
// CHECK: tensor.extract %[[Q]][%[[BATCH]], %[[QUERY]], %[[H]], %[[LANE]]]
// CHECK: %[[Q1:.+]] = tensor.extract %[[Q]][%[[BATCH]], %[[QUERY]], %[[H]], %[[CLAMPED]]]
// CHECK: arith.select %[[INSIDE]], %[[Q1]], %[[ZERO]]
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tensor.extract %[[K]][%[[BATCH]], %[[KEY:.+]], %[[G]], %[[LANE]]]
// CHECK: %[[K1:.+]] = tensor.extract %[[K]][%[[BATCH]], %[[KEY]], %[[G]], %[[CLAMPED]]]
// CHECK: arith.select %[[INSIDE]], %[[K1]], %[[ZERO]]
// CHECK: gpu.shuffle xor
// CHECK: arith.mulf %{{.+}}, %[[SCALE]]
// CHECK: math.exp2 %{{.+}} fastmath<afn>
// A row without keys: o = 0, lse = -inf.
// CHECK: %[[EMPTY:.+]] = arith.cmpf oeq, %[[SUM:.+]], %[[ZERO]]
// CHECK: %[[INVERSE:.+]] = arith.divf %{{.+}}, %[[SUM]]
// CHECK: arith.select %[[EMPTY]], %[[ZERO]], %[[INVERSE]]
// CHECK: memref.store %{{.+}}, %[[O]][%[[BATCH]], %[[QUERY]], %[[H]], %[[LANE]]]
// CHECK: %[[IS_FIRST:.+]] = arith.cmpi eq, %[[LANE]], %[[C0]]
// CHECK: scf.if %[[IS_FIRST]] {
// CHECK: %[[LOG:.+]] = math.log2 %[[SUM]] fastmath<afn>
// CHECK: arith.mulf %{{.+}}, %[[LN2]]
// CHECK: %[[ROW_LSE:.+]] = arith.select %[[EMPTY]], %[[NONE]]
// CHECK: memref.store %[[ROW_LSE]], %[[LSE]][%[[BATCH]], %[[QUERY]], %[[H]]]
// CHECK: } {nsa.kernel = "window_attention"}
func.func @window(%q: tensor<?x?x8x60xf32>, %k: tensor<?x?x2x60xf32>, %v: tensor<?x?x2x32xf32>) -> (tensor<?x?x8x32xf32>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 512}
      : (tensor<?x?x8x60xf32>, tensor<?x?x2x60xf32>, tensor<?x?x2x32xf32>) -> (tensor<?x?x8x32xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x32xf32>, tensor<?x?x8xf32>
}

// -----

// Static sizes, positions per batch entry, not causal: |u - pos| < 4.

// CHECK-LABEL: func.func @window_positions
// CHECK-SAME: %[[OFFSETS:[a-z0-9]+]]: tensor<2xi32>, %[[LENGTHS:[a-z0-9]+]]: tensor<2xi32>
// CHECK-DAG: %[[CM3:.+]] = arith.constant -3 : index
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : index
// CHECK: gpu.launch
// CHECK: %[[OFFSET32:.+]] = tensor.extract %[[OFFSETS]][%[[BATCH:.+]]] : tensor<2xi32>
// CHECK: %[[OFFSET:.+]] = arith.index_cast %[[OFFSET32]]
// CHECK: %[[LENGTH32:.+]] = tensor.extract %[[LENGTHS]][%[[BATCH]]] : tensor<2xi32>
// CHECK: arith.index_cast %[[LENGTH32]]
// CHECK: %[[POS:.+]] = arith.addi %{{.+}}, %[[OFFSET]]
// CHECK-DAG: arith.addi %[[POS]], %[[CM3]]
// CHECK-DAG: arith.addi %[[POS]], %[[C4]]
// CHECK: arith.truncf %{{.+}} : f32 to bf16
func.func @window_positions(%q: tensor<2x3x1x32xbf16>, %k: tensor<2x5x1x32xbf16>, %v: tensor<2x5x1x32xbf16>, %offset: tensor<2xi32>, %len: tensor<2xi32>) -> (tensor<2x3x1x32xbf16>, tensor<2x3x1xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v q_offset(%offset) kv_len(%len) {window = 4, causal = false}
      : (tensor<2x3x1x32xbf16>, tensor<2x5x1x32xbf16>, tensor<2x5x1x32xbf16>, tensor<2xi32>, tensor<2xi32>)
      -> (tensor<2x3x1x32xbf16>, tensor<2x3x1xf32>)
  return %o, %lse : tensor<2x3x1x32xbf16>, tensor<2x3x1xf32>
}

// -----

// (limit - 16) / 8 compressed keys are visible.

// CHECK-LABEL: func.func @compressed
// CHECK-SAME: %[[KC:[a-z0-9]+]]: tensor<?x?x1x32xf16>, %[[VC:[a-z0-9]+]]: tensor<?x?x1x8xf16>, %[[OFFSET:[a-z0-9]+]]: index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK-DAG: %[[CM8:.+]] = arith.constant -8 : index
// CHECK: gpu.launch
// CHECK: arith.addi %{{.+}}, %[[OFFSET]]
// CHECK: arith.addi %{{.+}}, %[[CM8]]
// CHECK: arith.divui %{{.+}}, %[[C8]]
// CHECK: tensor.extract %[[KC]]
// CHECK: tensor.extract %[[VC]]
// CHECK: } {nsa.kernel = "compressed_attention"}
func.func @compressed(%q: tensor<?x?x2x32xf16>, %kc: tensor<?x?x1x32xf16>, %vc: tensor<?x?x1x8xf16>, %offset: index) -> (tensor<?x?x2x8xf16>, tensor<?x?x2xf32>) {
  %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%offset) {compression_block = 16, compression_stride = 8}
      : (tensor<?x?x2x32xf16>, tensor<?x?x1x32xf16>, tensor<?x?x1x8xf16>, index) -> (tensor<?x?x2x8xf16>, tensor<?x?x2xf32>)
  return %o, %lse : tensor<?x?x2x8xf16>, tensor<?x?x2xf32>
}

// -----

// The list of the head, one entry after the other; Dv = 8: the other lanes store
// nothing.

// CHECK-LABEL: func.func @selected
// CHECK-SAME: %[[IDX:[a-z0-9]+]]: tensor<?x?x2x3xi32>
// CHECK-DAG: %[[C2:.+]] = arith.constant 2 : index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK: gpu.launch blocks(%{{.+}}) threads(%[[LANE:[^,]+]],
// CHECK: %[[LIST_OF_HEAD:.+]] = arith.divui %{{.+}}, %[[C2]]
// CHECK: %[[LIST:.+]] = tensor.extract_slice %[[IDX]][%{{.+}}, %{{.+}}, %[[LIST_OF_HEAD]], 0] [1, 1, 1, 3]
// CHECK: %[[HAS:.+]] = arith.cmpi slt, %[[LANE]], %[[C8]]
// CHECK: scf.for
// CHECK: tensor.extract %[[LIST]][%{{.+}}] : tensor<3xi32>
// CHECK: scf.if %[[HAS]] {
// CHECK-NEXT: memref.store
// CHECK-NEXT: }
// CHECK: } {nsa.kernel = "selected_attention"}
func.func @selected(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, %v: tensor<?x?x2x8xf32>, %idx: tensor<?x?x2x3xi32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 16, unique}
      : (tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x3xi32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4xf32>)
  return %o, %lse : tensor<?x?x4x8xf32>, tensor<?x?x4xf32>
}
