// RUN: nsa-opt %s --convert-nsa-to-linalg --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --convert-nsa-to-linalg --split-input-file --mlir-print-debuginfo --mlir-print-local-scope \
// RUN:   | FileCheck %s --check-prefix=LOC

// The softmax over the parts is computed once per query and head. Weights are
// relative to the largest lse, the sink counts in the sum and has no output.

// CHECK-LABEL: func.func @sink
// CHECK-SAME: %[[O0:[a-z0-9]+]]: tensor<?x?x8x64xbf16>, %[[O1:[a-z0-9]+]]: tensor<?x?x8x64xbf16>
// CHECK-SAME: %[[L0:[a-z0-9]+]]: tensor<?x?x8xf32>, %[[L1:[a-z0-9]+]]: tensor<?x?x8xf32>, %[[SINK:[a-z0-9]+]]: tensor<8xf32>
// CHECK-DAG: %[[ONE:.+]] = arith.constant 1.0{{.*}} : f32
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.0{{.*}} : f32
// CHECK-DAG: %[[NONE:.+]] = arith.constant 0xFF800000 : f32
// CHECK: scf.forall (%[[BATCH:.+]], %{{.+}}) in {{.+}} shared_outs(%[[OUT:.+]] = %{{.+}}, %[[OUT_LSE:.+]] = %{{.+}})
// CHECK: %[[FILLED:.+]]:2 = scf.for %[[I:.+]] = {{.+}} iter_args(%[[ARG:.+]] = %{{.+}}, %[[ARG_LSE:.+]] = %{{.+}}) -> (tensor<?x8x64xbf16>, tensor<?x8xf32>)
// CHECK: %[[ROW:.+]] = tensor.extract_slice %[[ARG]][%[[I]], 0, 0]
// CHECK: %[[ROW_LSE:.+]] = tensor.extract_slice %[[ARG_LSE]][%[[I]], 0]
// CHECK: %[[P0:.+]] = tensor.extract_slice %[[L0]][%[[BATCH]], %[[QUERY:.+]], 0] [1, 1, 8]
// CHECK: %[[P1:.+]] = tensor.extract_slice %[[L1]][%[[BATCH]], %[[QUERY]], 0] [1, 1, 8]
// CHECK: %[[MAX:.+]] = linalg.generic {{.+}} ins(%[[P0]], %[[P1]], %[[SINK]] : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
// CHECK: arith.maximumf
// CHECK: %[[LARGEST:.+]] = arith.maximumf
// CHECK: %[[EMPTY:.+]] = arith.cmpf oeq, %[[LARGEST]], %[[NONE]]
// CHECK: arith.select %[[EMPTY]], %[[ZERO]], %[[LARGEST]]
// CHECK: %[[W0:.+]] = linalg.generic {{.+}} ins(%[[P0]], %[[MAX]] :
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: %[[W1:.+]] = linalg.generic {{.+}} ins(%[[P1]], %[[MAX]] :
// CHECK: math.exp
// CHECK: %[[W2:.+]] = linalg.generic {{.+}} ins(%[[SINK]], %[[MAX]] :
// CHECK: math.exp
// CHECK: %[[SUM:.+]] = linalg.generic {{.+}} ins(%[[W0]], %[[W1]], %[[W2]] :
// CHECK: %[[INVERSE:.+]] = linalg.generic {{.+}} ins(%[[SUM]] :
// CHECK: ^bb0(%[[S:.+]]: f32, %{{.+}}: f32):
// CHECK: %[[QUOTIENT:.+]] = arith.divf %[[ONE]], %[[S]]
// CHECK: %[[NO_WEIGHT:.+]] = arith.cmpf oeq, %[[S]], %[[ZERO]]
// CHECK: arith.select %[[NO_WEIGHT]], %[[ZERO]], %[[QUOTIENT]]
// CHECK: %[[LSE:.+]] = linalg.generic {{.+}} ins(%[[MAX]], %[[SUM]] : {{.+}}) outs(%[[ROW_LSE]] : tensor<8xf32>)
// CHECK: math.log
// CHECK: %[[NO_KEY:.+]] = arith.cmpf oeq
// CHECK: arith.select %[[NO_KEY]], %[[NONE]]
// CHECK: %[[JOINT:.+]] = linalg.generic {{.+}} iterator_types = ["parallel", "parallel"]} ins(%{{.+}}, %{{.+}}, %[[W0]], %[[W1]], %[[INVERSE]] : {{.+}}) outs(%[[ROW]] : tensor<8x64xbf16>)
// CHECK: ^bb0(%[[E0:.+]]: bf16, %[[E1:.+]]: bf16, %[[F0:.+]]: f32, %[[F1:.+]]: f32, %[[SCALE:.+]]: f32, %{{.+}}: bf16):
// CHECK: %[[X0:.+]] = arith.extf %[[E0]]
// CHECK: %[[T0:.+]] = arith.mulf %[[F0]], %[[X0]]
// CHECK: %[[ZERO0:.+]] = arith.cmpf oeq, %[[F0]], %[[ZERO]]
// CHECK: %[[S0:.+]] = arith.select %[[ZERO0]], %[[ZERO]], %[[T0]]
// CHECK: %[[S1:.+]] = arith.select
// CHECK: %[[TOTAL:.+]] = arith.addf %[[S0]], %[[S1]]
// CHECK: %[[SCALED:.+]] = arith.mulf %[[TOTAL]], %[[SCALE]]
// CHECK: arith.truncf %[[SCALED]]
// CHECK: tensor.insert_slice %[[JOINT]] into %[[ARG]][%[[I]], 0, 0]
// CHECK: tensor.insert_slice %[[LSE]] into %[[ARG_LSE]][%[[I]], 0]
// CHECK: tensor.parallel_insert_slice %[[FILLED]]#0 into %[[OUT]]
// CHECK: tensor.parallel_insert_slice %[[FILLED]]#1 into %[[OUT_LSE]]
// CHECK-NOT: nsa.
func.func @sink(%o0: tensor<?x?x8x64xbf16>, %o1: tensor<?x?x8x64xbf16>, %l0: tensor<?x?x8xf32>, %l1: tensor<?x?x8xf32>, %s: tensor<8xf32>)
    -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>) {
  %o, %l = nsa.merge %o0, %o1 lse(%l0, %l1) sink(%s)
      : (tensor<?x?x8x64xbf16>, tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>)
      -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
  return %o, %l : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>
}

// -----

// CHECK-LABEL: func.func @three
// CHECK: scf.forall {{.+}} in (2)
// CHECK: scf.for
// CHECK: arith.maximumf
// CHECK: arith.maximumf
// CHECK-COUNT-3: math.exp
// CHECK-NOT: math.exp
// CHECK: math.log
// CHECK-NOT: arith.truncf
func.func @three(%o0: tensor<2x16x2x8xf32>, %o1: tensor<2x16x2x8xf32>, %o2: tensor<2x16x2x8xf32>, %l0: tensor<2x16x2xf32>, %l1: tensor<2x16x2xf32>, %l2: tensor<2x16x2xf32>)
    -> (tensor<2x16x2x8xf32>, tensor<2x16x2xf32>) {
  %o, %l = nsa.merge %o0, %o1, %o2 lse(%l0, %l1, %l2)
      : (tensor<2x16x2x8xf32>, tensor<2x16x2x8xf32>, tensor<2x16x2x8xf32>, tensor<2x16x2xf32>, tensor<2x16x2xf32>, tensor<2x16x2xf32>)
      -> (tensor<2x16x2x8xf32>, tensor<2x16x2xf32>)
  return %o, %l : tensor<2x16x2x8xf32>, tensor<2x16x2xf32>
}

// -----

// LOC-LABEL: func.func @locations
// LOC-NEXT: loc("merge")
// LOC: scf.forall
// LOC: scf.for
// LOC: math.exp {{.+}} loc("merge")
// LOC: math.log {{.+}} loc("merge")
// LOC: arith.mulf {{.+}} loc("merge")
// LOC: tensor.parallel_insert_slice {{.+}} loc("merge")
// LOC: tensor.parallel_insert_slice {{.+}} loc("merge")
// LOC-NEXT: } loc("merge")
// LOC-NEXT: } loc("merge")
// LOC-NEXT: return
func.func @locations(%o0: tensor<1x5x2x8xf32>, %l0: tensor<1x5x2xf32>, %s: tensor<2xf32>) -> (tensor<1x5x2x8xf32>, tensor<1x5x2xf32>) {
  %o, %l = nsa.merge %o0 lse(%l0) sink(%s)
      : (tensor<1x5x2x8xf32>, tensor<1x5x2xf32>, tensor<2xf32>) -> (tensor<1x5x2x8xf32>, tensor<1x5x2xf32>) loc("merge")
  return %o, %l : tensor<1x5x2x8xf32>, tensor<1x5x2xf32>
}
