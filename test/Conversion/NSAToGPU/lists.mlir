// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file | FileCheck %s

// One thread per list: min(n, candidates) passes, each of which finds the best
// block below the last one; then one that writes, ascending, and the rest is -1.

// CHECK-LABEL: func.func @select
// CHECK-SAME: %[[P:.+]]: tensor<?x?x2x?xf32>, %[[OFFSET:.+]]: index
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C3:.+]] = arith.constant 3 : index
// CHECK-DAG: %[[N:.+]] = arith.constant 8 : index
// CHECK-DAG: %[[S:.+]] = arith.constant 64 : index
// CHECK-DAG: %[[BEST:.+]] = arith.constant 9223372036854775807 : i64
// CHECK-DAG: %[[WORST:.+]] = arith.constant -9223372036854775808 : i64
// CHECK-DAG: %[[MINUS_ONE:.+]] = arith.constant -1 : i32
// CHECK-DAG: %[[NEVER:.+]] = arith.constant -2147483648 : i32
// CHECK-DAG: %[[IDX:.+]] = memref.alloc(%{{.+}}, %{{.+}}) : memref<?x?x2x8xi32>
// CHECK-DAG: %[[NS:.+]] = tensor.dim %[[P]], %[[C3]]
// CHECK: gpu.launch
// CHECK: arith.addi %{{.+}}, %[[OFFSET]] : index
// CHECK: %[[SEEN:.+]] = arith.divui %{{.+}}, %[[S]]
// CHECK: %[[CANDIDATES:.+]] = arith.minsi %[[NS]], %[[SEEN]]
// CHECK: %[[ROUNDS:.+]] = arith.minsi %[[CANDIDATES]], %[[N]]
// CHECK: %[[LAST:.+]] = scf.for %{{.+}} = %[[C0]] to %[[ROUNDS]] step %[[C1]] iter_args(%[[PREVIOUS:.+]] = %[[BEST]]) -> (i64)
// CHECK: scf.for %[[BLOCK:.+]] = %[[C0]] to %[[CANDIDATES]] step %[[C1]] iter_args(%[[FOUND:.+]] = %[[WORST]]) -> (i64)
// CHECK: tensor.extract %[[P]][%[[B:.+]], %[[T:.+]], %[[LIST:.+]], %[[BLOCK]]]
// CHECK: arith.cmpf uno
// CHECK: %[[NEVER_SELECTED:.+]] = arith.cmpi eq, %{{.+}}, %[[NEVER]] : i32
// CHECK: %[[ORDER:.+]] = arith.select %[[NEVER_SELECTED]], %[[WORST]]
// CHECK: arith.cmpi slt, %[[ORDER]], %[[PREVIOUS]] : i64
// CHECK: arith.cmpi sgt, %[[ORDER]], %[[FOUND]] : i64
// CHECK: %[[COUNT:.+]] = scf.for %[[BLOCK2:.+]] = %[[C0]] to %[[CANDIDATES]] step %[[C1]] iter_args(%[[PLACE:.+]] = %[[C0]]) -> (index)
// CHECK: %[[CHOSEN:.+]] = arith.cmpi sge, %{{.+}}, %[[LAST]] : i64
// CHECK: scf.if %[[CHOSEN]] {
// CHECK: %[[NUMBER:.+]] = arith.index_cast %[[BLOCK2]] : index to i32
// CHECK: memref.store %[[NUMBER]], %[[IDX]][%[[B]], %[[T]], %[[LIST]], %[[PLACE]]]
// CHECK: scf.for %[[I:.+]] = %[[COUNT]] to %[[N]] step %[[C1]] {
// CHECK: memref.store %[[MINUS_ONE]], %[[IDX]][%[[B]], %[[T]], %[[LIST]], %[[I]]]
// CHECK: } {nsa.kernel = "select_top_n"}
func.func @select(%p: tensor<?x?x2x?xf32>, %offset: index) -> tensor<?x?x2x8xi32> {
  %idx = nsa.select_top_n %p q_offset(%offset) {selection_block = 64, top_n = 8}
      : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x8xi32>
  return %idx : tensor<?x?x2x8xi32>
}

// -----

// Neither causal nor local: no position, every block is a candidate.

// CHECK-LABEL: func.func @all
// CHECK-SAME: %[[P:.+]]: tensor<1x2x3x5xf32>
// CHECK-DAG: %[[N:.+]] = arith.constant 2 : index
// CHECK-DAG: %[[NS:.+]] = arith.constant 5 : index
// CHECK: gpu.launch
// CHECK: scf.for {{.*}} to %[[N]]
// CHECK: scf.for {{.*}} to %[[NS]]
func.func @all(%p: tensor<1x2x3x5xf32>) -> tensor<1x2x3x2xi32> {
  %idx = nsa.select_top_n %p {selection_block = 4, top_n = 2, causal = false, initial = 0, local = 0}
      : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x2xi32>
  return %idx : tensor<1x2x3x2xi32>
}

// -----

// Positions of the batch entry.

// CHECK-LABEL: func.func @positions
// CHECK-SAME: %[[P:.+]]: tensor<2x2x1x5xf32>, %[[OFFSETS:.+]]: tensor<2xi32>, %[[LENGTHS:.+]]: tensor<2xi32>
// CHECK: gpu.launch
// CHECK: %[[OFFSET:.+]] = tensor.extract %[[OFFSETS]][%[[B:.+]]] : tensor<2xi32>
// CHECK: arith.index_cast %[[OFFSET]]
// CHECK: %[[LENGTH:.+]] = tensor.extract %[[LENGTHS]][%[[B]]] : tensor<2xi32>
// CHECK: arith.index_cast %[[LENGTH]]
// CHECK: tensor.extract %[[P]][%[[B]],
func.func @positions(%p: tensor<2x2x1x5xf32>, %offset: tensor<2xi32>, %len: tensor<2xi32>) -> tensor<2x2x1x3xi32> {
  %idx = nsa.select_top_n %p q_offset(%offset) kv_len(%len) {selection_block = 4, top_n = 3}
      : (tensor<2x2x1x5xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x2x1x3xi32>
  return %idx : tensor<2x2x1x3xi32>
}

// -----

// Lists that may have repeats: -1 for those and for negative entries, then each
// entry to the place that as many as precede it leave; both in kernels of the
// attention op, with a thread per entry.

// CHECK-LABEL: func.func @not_unique
// CHECK-SAME: %[[GIVEN:[a-z0-9]+]]: tensor<?x?x1x?xi32>
// CHECK-DAG: %[[MINUS_ONE:.+]] = arith.constant -1 : i32
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0 : i32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C3:.+]] = arith.constant 3 : index
// CHECK: %[[WIDTH:.+]] = tensor.dim %[[GIVEN]], %[[C3]]
// CHECK-DAG: %[[MARKED:.+]] = memref.alloc(%{{.+}}, %{{.+}}, %[[WIDTH]]) : memref<?x?x1x?xi32>
// CHECK: gpu.launch
// CHECK: %[[VALUE:.+]] = tensor.extract %[[GIVEN]][%[[B:.+]], %[[T:.+]], %[[LIST:.+]], %[[ENTRY:.+]]]
// CHECK: %[[NEGATIVE:.+]] = arith.cmpi slt, %[[VALUE]], %[[ZERO]]
// CHECK: %[[DROP:.+]] = scf.for %[[I:.+]] = %[[C0]] to %[[ENTRY]] step %[[C1]] iter_args(%{{.+}} = %[[NEGATIVE]]) -> (i1)
// CHECK: %[[OTHER:.+]] = tensor.extract %[[GIVEN]][%[[B]], %[[T]], %[[LIST]], %[[I]]]
// CHECK: arith.cmpi eq, %[[OTHER]], %[[VALUE]]
// CHECK: %[[KEPT:.+]] = arith.select %[[DROP]], %[[MINUS_ONE]], %[[VALUE]]
// CHECK: memref.store %[[KEPT]], %[[BUFFER:.+]][%[[B]], %[[T]], %[[LIST]], %[[ENTRY]]]
// CHECK: } {nsa.kernel = "selected_attention"}
// CHECK: gpu.launch
// CHECK: memref.load %[[BUFFER]]
// CHECK: %[[RANK:.+]] = scf.for %{{.+}} = %[[C0]] to %[[WIDTH]]
// CHECK: memref.store %{{.+}}, %[[SORTED:.+]][%{{.+}}, %{{.+}}, %{{.+}}, %[[RANK]]]
// CHECK: } {nsa.kernel = "selected_attention"}
// CHECK: %[[LISTS:.+]] = bufferization.to_tensor %[[SORTED]] restrict writable
// CHECK: gpu.launch
// CHECK: tensor.extract_slice %[[LISTS]]
// CHECK: } {nsa.kernel = "selected_attention"}
func.func @not_unique(%q: tensor<?x?x2x32xf32>, %k: tensor<?x?x1x32xf32>, %v: tensor<?x?x1x32xf32>, %idx: tensor<?x?x1x?xi32>) -> (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 16}
      : (tensor<?x?x2x32xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x?xi32>)
      -> (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>)
  return %o, %lse : tensor<?x?x2x32xf32>, tensor<?x?x2xf32>
}

// -----

// CHECK-LABEL: func.func @unique
// CHECK-SAME: %[[GIVEN:[a-z0-9]+]]: tensor<?x?x1x?xi32>
// CHECK-COUNT-1: gpu.launch
// CHECK: tensor.extract_slice %[[GIVEN]]
// CHECK-NOT: gpu.launch
func.func @unique(%q: tensor<?x?x2x32xf32>, %k: tensor<?x?x1x32xf32>, %v: tensor<?x?x1x32xf32>, %idx: tensor<?x?x1x?xi32>) -> (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 16, unique}
      : (tensor<?x?x2x32xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x?xi32>)
      -> (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>)
  return %o, %lse : tensor<?x?x2x32xf32>, tensor<?x?x2xf32>
}
