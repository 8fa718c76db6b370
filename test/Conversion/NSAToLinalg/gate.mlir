// RUN: nsa-opt %s --convert-nsa-to-linalg --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --convert-nsa-to-linalg --split-input-file --mlir-print-debuginfo --mlir-print-local-scope \
// RUN:   | FileCheck %s --check-prefix=LOC

// A parallel loop over tiles of 16 queries, in it a loop over queries, whose
// sum has a static shape.

// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$HEAD:.+]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func.func @none
// CHECK-SAME: %[[O0:.+]]: tensor<?x?x8x64xbf16>, %[[O1:.+]]: tensor<?x?x8x64xbf16>, %[[GATES:.+]]: tensor<?x?x8x2xf32>
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C16:.+]] = arith.constant 16 : index
// CHECK: %[[B:.+]] = tensor.dim %[[O0]], %[[C0]]
// CHECK: %[[T:.+]] = tensor.dim %[[O0]], %[[C1]]
// CHECK: scf.forall (%[[BATCH:.+]], %[[TILE:.+]]) in (%[[B]], %{{.+}}) shared_outs(%[[OUT:.+]] = %{{.+}})
// CHECK: %[[FIRST:.+]] = arith.muli %[[TILE]], %[[C16]]
// CHECK: %[[REST:.+]] = arith.subi %[[T]], %[[FIRST]]
// CHECK: %[[SIZE:.+]] = arith.minsi %[[REST]], %[[C16]]
// CHECK: %[[OUT_TILE:.+]] = tensor.extract_slice %[[OUT]][%[[BATCH]], %[[FIRST]], 0, 0] [1, %[[SIZE]], 8, 64]
// CHECK: %[[FILLED:.+]] = scf.for %[[I:.+]] = %[[C0]] to %[[SIZE]] step %[[C1]] iter_args(%[[ARG:.+]] = %[[OUT_TILE]])
// CHECK: %[[QUERY:.+]] = arith.addi %[[FIRST]], %[[I]]
// CHECK: %[[ROW:.+]] = tensor.extract_slice %[[ARG]][%[[I]], 0, 0] [1, 8, 64]
// CHECK: %[[ROW0:.+]] = tensor.extract_slice %[[O0]][%[[BATCH]], %[[QUERY]], 0, 0] [1, 1, 8, 64]
// CHECK: %[[ROW1:.+]] = tensor.extract_slice %[[O1]][%[[BATCH]], %[[QUERY]], 0, 0] [1, 1, 8, 64]
// CHECK-DAG: %[[GATE0:.+]] = tensor.extract_slice %{{.+}}0] {{.*}} to tensor<8xf32>
// CHECK-DAG: %[[GATE1:.+]] = tensor.extract_slice %{{.+}}1] {{.*}} to tensor<8xf32>
// CHECK: %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$ROWS]], #[[$ROWS]], #[[$HEAD]], #[[$HEAD]], #[[$ROWS]]], iterator_types = ["parallel", "parallel"]}
// CHECK-SAME: ins(%[[ROW0]], %[[ROW1]], %[[GATE0]], %[[GATE1]] : {{.+}}) outs(%[[ROW]] : tensor<8x64xbf16>)
// CHECK: ^bb0(%[[E0:.+]]: bf16, %[[E1:.+]]: bf16, %[[G0:.+]]: f32, %[[G1:.+]]: f32, %{{.+}}: bf16):
// CHECK: %[[X0:.+]] = arith.extf %[[E0]]
// CHECK: %[[P0:.+]] = arith.mulf %[[G0]], %[[X0]]
// CHECK: %[[X1:.+]] = arith.extf %[[E1]]
// CHECK: %[[P1:.+]] = arith.mulf %[[G1]], %[[X1]]
// CHECK: %[[S:.+]] = arith.addf %[[P0]], %[[P1]]
// CHECK: arith.truncf %[[S]]
// CHECK: tensor.insert_slice %[[SUM]] into %[[ARG]][%[[I]], 0, 0] [1, 8, 64]
// CHECK: tensor.parallel_insert_slice %[[FILLED]] into %[[OUT]][%[[BATCH]], %[[FIRST]], 0, 0] [1, %[[SIZE]], 8, 64]
// CHECK-NOT: math.exp
func.func @none(%o0: tensor<?x?x8x64xbf16>, %o1: tensor<?x?x8x64xbf16>, %g: tensor<?x?x8x2xf32>) -> tensor<?x?x8x64xbf16> {
  %o = nsa.gate %o0, %o1 gates(%g)
      : (tensor<?x?x8x64xbf16>, tensor<?x?x8x64xbf16>, tensor<?x?x8x2xf32>) -> tensor<?x?x8x64xbf16>
  return %o : tensor<?x?x8x64xbf16>
}

// -----

// The sigmoid is computed once per query, head and branch, not per element of
// the head. Tq = 32 makes tiles of a known size.

// CHECK-LABEL: func.func @sigmoid
// CHECK-SAME: %[[GATES:[a-z0-9]+]]: tensor<2x32x4x3xf16>)
// CHECK: scf.forall {{.+}} in (2, 2)
// CHECK: scf.for
// CHECK: %[[RAW:.+]] = tensor.extract_slice %[[GATES]][%{{.+}}, %{{.+}}, 0, 0] [1, 1, 4, 3] {{.+}} to tensor<4x3xf16>
// CHECK: %[[FLAT:.+]] = tensor.collapse_shape %[[RAW]] {{\[\[}}0, 1]] : tensor<4x3xf16> into tensor<12xf16>
// CHECK: %[[ACTIVE:.+]] = linalg.generic {{.+}} iterator_types = ["parallel"]} ins(%[[FLAT]] : tensor<12xf16>) outs(%{{.+}} : tensor<12xf32>)
// CHECK: arith.extf
// CHECK: arith.negf
// CHECK: math.exp
// CHECK: arith.divf
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[ACTIVE]] {{\[\[}}0, 1]] output_shape [4, 3]
// CHECK: %[[G0:.+]] = tensor.extract_slice %[[EXPANDED]][0, 0] [4, 1]
// CHECK: %[[G1:.+]] = tensor.extract_slice %[[EXPANDED]][0, 1] [4, 1]
// CHECK: %[[G2:.+]] = tensor.extract_slice %[[EXPANDED]][0, 2] [4, 1]
// CHECK: linalg.generic {{.+}} ins(%{{.+}}, %{{.+}}, %{{.+}}, %[[G0]], %[[G1]], %[[G2]] : {{.+}}) outs(%{{.+}} : tensor<4x16xf16>)
// CHECK-NOT: math.exp
func.func @sigmoid(%o0: tensor<2x32x4x16xf16>, %o1: tensor<2x32x4x16xf16>, %o2: tensor<2x32x4x16xf16>, %g: tensor<2x32x4x3xf16>) -> tensor<2x32x4x16xf16> {
  %o = nsa.gate %o0, %o1, %o2 gates(%g) {activation = #nsa.gate_activation<sigmoid>}
      : (tensor<2x32x4x16xf16>, tensor<2x32x4x16xf16>, tensor<2x32x4x16xf16>, tensor<2x32x4x3xf16>) -> tensor<2x32x4x16xf16>
  return %o : tensor<2x32x4x16xf16>
}

// -----

// Inside a parallel loop the loops are sequential.

// CHECK-LABEL: func.func @nested
// CHECK: scf.parallel
// CHECK-NOT: scf.forall
// CHECK: scf.for {{.+}} iter_args
// CHECK: scf.for {{.+}} iter_args
// CHECK: return
func.func @nested(%o0: tensor<1x5x4x16xf32>, %g: tensor<1x5x4x1xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    %o = nsa.gate %o0 gates(%g) : (tensor<1x5x4x16xf32>, tensor<1x5x4x1xf32>) -> tensor<1x5x4x16xf32>
    %e = tensor.extract %o[%c0, %c0, %c0, %c0] : tensor<1x5x4x16xf32>
    scf.reduce(%e : f32) {
    ^bb0(%l: f32, %x: f32):
      %s = arith.addf %l, %x : f32
      scf.reduce.return %s : f32
    }
  }
  return %r : f32
}

// -----

// LOC-LABEL: func.func @locations
// LOC-NEXT: loc("gate")
// LOC: scf.forall
// LOC: scf.for
// LOC: math.exp {{.+}} loc("gate")
// LOC: arith.mulf {{.+}} loc("gate")
// LOC: tensor.insert_slice {{.+}} loc("gate")
// LOC: tensor.parallel_insert_slice {{.+}} loc("gate")
// LOC-NEXT: } loc("gate")
// LOC-NEXT: } loc("gate")
// LOC-NEXT: return
func.func @locations(%o0: tensor<1x5x4x16xf32>, %g: tensor<1x5x4x1xf32>) -> tensor<1x5x4x16xf32> {
  %o = nsa.gate %o0 gates(%g) {activation = #nsa.gate_activation<sigmoid>}
      : (tensor<1x5x4x16xf32>, tensor<1x5x4x1xf32>) -> tensor<1x5x4x16xf32> loc("gate")
  return %o : tensor<1x5x4x16xf32>
}
