// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --convert-nsa-to-gpu=block-size=256 --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=BLOCK256
// RUN: nsa-opt %s --convert-nsa-to-gpu --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// One thread per element, the last dimension fastest; one block where there is
// no element. Sizes that are known stay constants.

// CHECK-LABEL: func.func @none
// CHECK-SAME: %[[O0:.+]]: tensor<?x?x8x64xbf16>, %[[O1:.+]]: tensor<?x?x8x64xbf16>, %[[GATES:.+]]: tensor<?x?x8x2xf32>
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C8:.+]] = arith.constant 8 : index
// CHECK-DAG: %[[C64:.+]] = arith.constant 64 : index
// CHECK-DAG: %[[C127:.+]] = arith.constant 127 : index
// CHECK-DAG: %[[C128:.+]] = arith.constant 128 : index
// CHECK-DAG: %[[C512:.+]] = arith.constant 512 : index
// CHECK: %[[B:.+]] = tensor.dim %[[O0]], %[[C0]]
// CHECK: %[[T:.+]] = tensor.dim %[[O0]], %[[C1]]
// CHECK: %[[OUT:.+]] = memref.alloc(%[[B]], %[[T]]) : memref<?x?x8x64xbf16>
// CHECK: %[[ROWS:.+]] = arith.muli %[[B]], %[[T]]
// CHECK: %[[POINTS:.+]] = arith.muli %[[ROWS]], %[[C512]]
// CHECK: %[[UP:.+]] = arith.addi %[[POINTS]], %[[C127]]
// CHECK: %[[FULL:.+]] = arith.divui %[[UP]], %[[C128]]
// CHECK: %[[BLOCKS:.+]] = arith.maxsi %[[FULL]], %[[C1]]
// CHECK: gpu.launch blocks(%[[BLOCK:[^,]+]], %{{[^,]+}}, %{{[^,]+}}) in (%{{[^,]+}} = %[[BLOCKS]], %{{[^,]+}} = %[[C1]], %{{[^,]+}} = %[[C1]])
// CHECK-SAME: threads(%[[THREAD:[^,]+]], %{{.+}}, %{{.+}}) in (%{{.+}} = %[[C128]], %{{.+}} = %[[C1]], %{{.+}} = %[[C1]])
// CHECK: %[[FIRST:.+]] = arith.muli %[[BLOCK]], %[[C128]]
// CHECK: %[[POINT:.+]] = arith.addi %[[FIRST]], %[[THREAD]]
// CHECK: %[[EXISTS:.+]] = arith.cmpi slt, %[[POINT]], %[[POINTS]]
// CHECK: scf.if %[[EXISTS]] {
// CHECK: %[[D:.+]] = arith.remui %[[POINT]], %[[C64]]
// CHECK: %[[REST0:.+]] = arith.divui %[[POINT]], %[[C64]]
// CHECK: %[[H:.+]] = arith.remui %[[REST0]], %[[C8]]
// CHECK: %[[REST1:.+]] = arith.divui %[[REST0]], %[[C8]]
// CHECK: %[[QUERY:.+]] = arith.remui %[[REST1]], %[[T]]
// CHECK: %[[BATCH:.+]] = arith.divui %[[REST1]], %[[T]]
// CHECK: %[[G0:.+]] = tensor.extract %[[GATES]][%[[BATCH]], %[[QUERY]], %[[H]], %[[C0]]]
// CHECK: %[[E0:.+]] = tensor.extract %[[O0]][%[[BATCH]], %[[QUERY]], %[[H]], %[[D]]]
// CHECK: %[[X0:.+]] = arith.extf %[[E0]] : bf16 to f32
// CHECK: %[[P0:.+]] = arith.mulf %[[G0]], %[[X0]] fastmath<contract>
// CHECK: %[[S0:.+]] = arith.addf %[[P0]], %[[ZERO]] fastmath<contract>
// CHECK: %[[G1:.+]] = tensor.extract %[[GATES]][%[[BATCH]], %[[QUERY]], %[[H]], %[[C1]]]
// CHECK: %[[E1:.+]] = tensor.extract %[[O1]][%[[BATCH]], %[[QUERY]], %[[H]], %[[D]]]
// CHECK: %[[X1:.+]] = arith.extf %[[E1]] : bf16 to f32
// CHECK: %[[P1:.+]] = arith.mulf %[[G1]], %[[X1]] fastmath<contract>
// CHECK: %[[S1:.+]] = arith.addf %[[S0]], %[[P1]] fastmath<contract>
// CHECK: %[[ROUNDED:.+]] = arith.truncf %[[S1]] : f32 to bf16
// CHECK-NEXT: memref.store %[[ROUNDED]], %[[OUT]][%[[BATCH]], %[[QUERY]], %[[H]], %[[D]]]
// CHECK-NEXT: }
// CHECK-NEXT: gpu.terminator
// CHECK-NEXT: } {nsa.kernel = "gate"}
// CHECK: bufferization.to_tensor %[[OUT]] restrict writable

// BLOCK256-LABEL: func.func @none
// BLOCK256: %[[C256:.+]] = arith.constant 256 : index
// BLOCK256: gpu.launch blocks({{.*}}) threads({{.*}}) in (%{{.+}} = %[[C256]],

// LOC-LABEL: func.func @none
// LOC: gpu.launch
// LOC: arith.truncf {{.*}} loc({{.*}}gate_merge.mlir":[[#@LINE+2]]:{{[0-9]+}})
func.func @none(%o0: tensor<?x?x8x64xbf16>, %o1: tensor<?x?x8x64xbf16>, %g: tensor<?x?x8x2xf32>) -> tensor<?x?x8x64xbf16> {
  %o = nsa.gate %o0, %o1 gates(%g)
      : (tensor<?x?x8x64xbf16>, tensor<?x?x8x64xbf16>, tensor<?x?x8x2xf32>) -> tensor<?x?x8x64xbf16>
  return %o : tensor<?x?x8x64xbf16>
}

// -----

// Static: 2400 elements are 19 blocks. The sigmoid is computed in f32.

// CHECK-LABEL: func.func @sigmoid
// CHECK-SAME: %[[O:.+]]: tensor<2x5x4x60xf16>, %[[GATES:.+]]: tensor<2x5x4x1xf16>
// CHECK-DAG: %[[ONE:.+]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[C19:.+]] = arith.constant 19 : index
// CHECK-DAG: %[[C2400:.+]] = arith.constant 2400 : index
// CHECK-NOT: tensor.dim
// CHECK: %[[OUT:.+]] = memref.alloc() : memref<2x5x4x60xf16>
// CHECK: gpu.launch blocks({{.*}}) in (%{{.+}} = %[[C19]],
// CHECK: arith.cmpi slt, %{{.+}}, %[[C2400]]
// CHECK: %[[RAW:.+]] = tensor.extract %[[GATES]]
// CHECK: %[[GATE:.+]] = arith.extf %[[RAW]] : f16 to f32
// CHECK: %[[NEGATED:.+]] = arith.negf %[[GATE]] : f32
// CHECK: %[[EXP:.+]] = math.exp %[[NEGATED]] fastmath<afn> : f32
// CHECK: %[[SUM:.+]] = arith.addf %[[EXP]], %[[ONE]] : f32
// CHECK: %[[SIGMOID:.+]] = arith.divf %[[ONE]], %[[SUM]] : f32
// CHECK: arith.mulf %[[SIGMOID]]
// CHECK: arith.truncf %{{.+}} : f32 to f16
func.func @sigmoid(%o0: tensor<2x5x4x60xf16>, %g: tensor<2x5x4x1xf16>) -> tensor<2x5x4x60xf16> {
  %o = nsa.gate %o0 gates(%g) {activation = #nsa.gate_activation<sigmoid>}
      : (tensor<2x5x4x60xf16>, tensor<2x5x4x1xf16>) -> tensor<2x5x4x60xf16>
  return %o : tensor<2x5x4x60xf16>
}

// -----

// Only differences of lse are exponentiated; a part without weight does not
// count, whatever it holds; the thread of the first dimension writes lse.

// CHECK-LABEL: func.func @merge
// CHECK-SAME: %[[O0:[a-z0-9]+]]: tensor<?x?x8x64xf32>, %[[LSE0:[a-z0-9]+]]: tensor<?x?x8xf32>, %[[O1:[a-z0-9]+]]: tensor<?x?x8x64xf32>, %[[LSE1:[a-z0-9]+]]: tensor<?x?x8xf32>, %[[SINKS:[a-z0-9]+]]: tensor<8xf32>
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[NONE:.+]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[OUT:.+]] = memref.alloc(%{{.+}}, %{{.+}}) : memref<?x?x8x64xf32>
// CHECK-DAG: %[[OUT_LSE:.+]] = memref.alloc(%{{.+}}, %{{.+}}) : memref<?x?x8xf32>
// CHECK: gpu.launch
// CHECK: %[[L0:.+]] = tensor.extract %[[LSE0]][%[[B:.+]], %[[T:.+]], %[[H:.+]]] : tensor<?x?x8xf32>
// CHECK: %[[L1:.+]] = tensor.extract %[[LSE1]][%[[B]], %[[T]], %[[H]]] : tensor<?x?x8xf32>
// CHECK: %[[SINK:.+]] = tensor.extract %[[SINKS]][%[[H]]] : tensor<8xf32>
// CHECK: %[[M0:.+]] = arith.maximumf %[[L0]], %[[L1]] : f32
// CHECK: %[[M1:.+]] = arith.maximumf %[[M0]], %[[SINK]] : f32
// CHECK: %[[EMPTY:.+]] = arith.cmpf oeq, %[[M1]], %[[NONE]] : f32
// CHECK: %[[MAX:.+]] = arith.select %[[EMPTY]], %[[ZERO]], %[[M1]] : f32
// CHECK: %[[D0:.+]] = arith.subf %[[L0]], %[[MAX]] : f32
// CHECK: %[[W0:.+]] = math.exp %[[D0]] fastmath<afn> : f32
// CHECK: %[[E0:.+]] = tensor.extract %[[O0]][%[[B]], %[[T]], %[[H]], %[[D:.+]]]
// CHECK: %[[P0:.+]] = arith.mulf %[[W0]], %[[E0]] : f32
// CHECK: %[[NO_WEIGHT:.+]] = arith.cmpf oeq, %[[W0]], %[[ZERO]] : f32
// CHECK: arith.select %[[NO_WEIGHT]], %[[ZERO]], %[[P0]] : f32
// CHECK: %[[D1:.+]] = arith.subf %[[L1]], %[[MAX]] : f32
// CHECK: math.exp %[[D1]]
// CHECK: %[[DS:.+]] = arith.subf %[[SINK]], %[[MAX]] : f32
// CHECK: %[[WS:.+]] = math.exp %[[DS]]
// CHECK: %[[SUM:.+]] = arith.addf %{{.+}}, %[[WS]] : f32
// CHECK-NOT: tensor.extract
// CHECK: memref.store %{{.+}}, %[[OUT]][%[[B]], %[[T]], %[[H]], %[[D]]]
// CHECK: %[[FIRST:.+]] = arith.cmpi eq, %[[D]], %[[C0]] : index
// CHECK: scf.if %[[FIRST]] {
// CHECK: %[[LOG:.+]] = math.log %[[SUM]] fastmath<afn> : f32
// CHECK: %[[JOINT:.+]] = arith.addf %[[MAX]], %[[LOG]] : f32
// CHECK: %[[LSE:.+]] = arith.select %{{.+}}, %[[NONE]], %[[JOINT]] : f32
// CHECK: memref.store %[[LSE]], %[[OUT_LSE]][%[[B]], %[[T]], %[[H]]]
// CHECK: } {nsa.kernel = "merge"}
func.func @merge(%o0: tensor<?x?x8x64xf32>, %lse0: tensor<?x?x8xf32>,
                 %o1: tensor<?x?x8x64xf32>, %lse1: tensor<?x?x8xf32>,
                 %sink: tensor<8xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.merge %o0, %o1 lse(%lse0, %lse1) sink(%sink)
      : (tensor<?x?x8x64xf32>, tensor<?x?x8x64xf32>, tensor<?x?x8xf32>,
         tensor<?x?x8xf32>, tensor<8xf32>)
      -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x64xf32>, tensor<?x?x8xf32>
}

// -----

// Without a sink there is one exponential per part.

// CHECK-LABEL: func.func @no_sink
// CHECK-COUNT-1: math.exp
// CHECK-NOT: math.exp
// CHECK: arith.truncf %{{.+}} : f32 to bf16
func.func @no_sink(%o: tensor<1x2x3x4xbf16>, %lse: tensor<1x2x3xf32>) -> (tensor<1x2x3x4xbf16>, tensor<1x2x3xf32>) {
  %r, %l = nsa.merge %o lse(%lse)
      : (tensor<1x2x3x4xbf16>, tensor<1x2x3xf32>) -> (tensor<1x2x3x4xbf16>, tensor<1x2x3xf32>)
  return %r, %l : tensor<1x2x3x4xbf16>, tensor<1x2x3xf32>
}
