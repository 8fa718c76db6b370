// RUN: nsa-opt %s --convert-nsa-to-gpu --canonicalize --cse --split-input-file | FileCheck %s

// One thread per element of c; Tc = T < l ? 0 : (T - l) / d + 1.

// CHECK-LABEL: func.func @mean
// CHECK-SAME: %[[X:.+]]: tensor<?x?x2x64xbf16>, %[[PE:.+]]: tensor<32x64xf32>
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[COUNT:.+]] = arith.constant 3.200000e+01 : f32
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C16:.+]] = arith.constant 16 : index
// CHECK-DAG: %[[C32:.+]] = arith.constant 32 : index
// CHECK: %[[T:.+]] = tensor.dim %[[X]], %[[C1]]
// CHECK: gpu.launch
// CHECK: %[[SUM:.+]] = scf.for %[[J:.+]] = %[[C0]] to %[[C32]] step %[[C1]] iter_args(%[[ACC:.+]] = %[[ZERO]]) -> (f32)
// CHECK: %[[START:.+]] = arith.muli %[[BLOCK:.+]], %[[C16]]
// CHECK: %[[TOKEN:.+]] = arith.addi %[[START]], %[[J]]
// CHECK: %[[E:.+]] = tensor.extract %[[X]][%[[B:.+]], %[[TOKEN]], %[[G:.+]], %[[D:.+]]]
// CHECK: %[[XJ:.+]] = arith.extf %[[E]] : bf16 to f32
// CHECK: %[[PEJ:.+]] = tensor.extract %[[PE]][%[[J]], %[[D]]]
// CHECK: %[[POSITIONED:.+]] = arith.addf %[[XJ]], %[[PEJ]]
// CHECK: arith.addf %[[ACC]], %[[POSITIONED]]
// CHECK: arith.divf %[[SUM]], %[[COUNT]]
// CHECK: arith.truncf %{{.+}} : f32 to bf16
// CHECK: memref.store %{{.+}}, %{{.+}}[%[[B]], %[[BLOCK]], %[[G]], %[[D]]] : memref<?x?x2x64xbf16>
// CHECK: } {nsa.kernel = "compress"}
func.func @mean(%x: tensor<?x?x2x64xbf16>, %pe: tensor<32x64xf32>) -> tensor<?x?x2x64xbf16> {
  %c = nsa.compress mean(%x) pe(%pe) {compression_block = 32, compression_stride = 16}
      : (tensor<?x?x2x64xbf16>, tensor<32x64xf32>) -> tensor<?x?x2x64xbf16>
  return %c : tensor<?x?x2x64xbf16>
}

// -----

// Weights of the head; one rounding, of the result.

// CHECK-LABEL: func.func @weighted
// CHECK-SAME: %[[X:.+]]: tensor<1x20x3x5xf16>, %[[W:.+]]: tensor<3x4xf16>
// CHECK: memref.alloc() : memref<1x9x3x5xf16>
// CHECK: %[[SUM:.+]] = scf.for %[[J:.+]] = {{.*}} iter_args(%[[ACC:.+]] = %{{.+}}) -> (f32)
// CHECK: tensor.extract %[[X]][%{{.+}}, %{{.+}}, %[[G:.+]], %{{.+}}]
// CHECK: tensor.extract %[[W]][%[[G]], %[[J]]]
// CHECK: %[[PRODUCT:.+]] = arith.mulf %{{.+}} fastmath<contract> : f32
// CHECK: arith.addf %[[ACC]], %[[PRODUCT]] fastmath<contract> : f32
// CHECK-NOT: arith.divf
// CHECK: arith.truncf %[[SUM]] : f32 to f16
func.func @weighted(%x: tensor<1x20x3x5xf16>, %w: tensor<3x4xf16>) -> tensor<1x9x3x5xf16> {
  %c = nsa.compress weighted(%x) params(%w) {compression_block = 4, compression_stride = 2}
      : (tensor<1x20x3x5xf16>, tensor<3x4xf16>) -> tensor<1x9x3x5xf16>
  return %c : tensor<1x9x3x5xf16>
}

// -----

// Element e of token j meets row j * D + e of the head's matrix.

// CHECK-LABEL: func.func @linear
// CHECK-SAME: %[[X:.+]]: tensor<?x20x3x5xf32>, %[[W:.+]]: tensor<3x20x5xf32>
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.+]] = arith.constant 1 : index
// CHECK-DAG: %[[C4:.+]] = arith.constant 4 : index
// CHECK-DAG: %[[C5:.+]] = arith.constant 5 : index
// CHECK: scf.for %[[J:.+]] = %[[C0]] to %[[C4]] step %[[C1]]
// CHECK: scf.for %[[E:.+]] = %[[C0]] to %[[C5]] step %[[C1]]
// CHECK-DAG: tensor.extract %[[X]][%{{.+}}, %{{.+}}, %[[G:.+]], %[[E]]]
// CHECK-DAG: %[[ROW0:.+]] = arith.muli %[[J]], %[[C5]]
// CHECK-DAG: %[[ROW:.+]] = arith.addi %[[ROW0]], %[[E]]
// CHECK: tensor.extract %[[W]][%[[G]], %[[ROW]], %[[COLUMN:.+]]]
// CHECK: memref.store %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %[[G]], %[[COLUMN]]]
func.func @linear(%x: tensor<?x20x3x5xf32>, %w: tensor<3x20x5xf32>) -> tensor<?x9x3x5xf32> {
  %c = nsa.compress linear(%x) params(%w) {compression_block = 4, compression_stride = 2}
      : (tensor<?x20x3x5xf32>, tensor<3x20x5xf32>) -> tensor<?x9x3x5xf32>
  return %c : tensor<?x9x3x5xf32>
}

// -----

// The hidden layer, in f32, is a kernel of its own.

// CHECK-LABEL: func.func @mlp
// CHECK-SAME: %[[W1:[a-z0-9]+]]: tensor<20x7xf32>, %[[B1:[a-z0-9]+]]: tensor<7xf32>, %[[W2:[a-z0-9]+]]: tensor<7x5xf32>, %[[B2:[a-z0-9]+]]: tensor<5xf32>
// CHECK: %[[HIDDEN:.+]] = memref.alloc() : memref<1x9x3x7xf32>
// CHECK: gpu.launch
// CHECK: %[[BIAS1:.+]] = tensor.extract %[[B1]][%[[M:.+]]]
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %[[BIAS1]])
// CHECK: tensor.extract %[[W1]][%{{.+}}, %[[M]]]
// CHECK: math.erf
// CHECK: memref.store %{{.+}}, %[[HIDDEN]][
// CHECK: } {nsa.kernel = "compress"}
// CHECK: %[[C:.+]] = memref.alloc() : memref<1x9x3x5xf32>
// CHECK: gpu.launch
// CHECK: %[[BIAS2:.+]] = tensor.extract %[[B2]][%[[D:.+]]]
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %[[BIAS2]])
// CHECK: memref.load %[[HIDDEN]][
// CHECK: tensor.extract %[[W2]][%{{.+}}, %[[D]]]
// CHECK: memref.store %{{.+}}, %[[C]][
// CHECK: } {nsa.kernel = "compress"}
func.func @mlp(%x: tensor<1x20x3x5xf32>, %w1: tensor<20x7xf32>, %b1: tensor<7xf32>, %w2: tensor<7x5xf32>, %b2: tensor<5xf32>) -> tensor<1x9x3x5xf32> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2}
      : (tensor<1x20x3x5xf32>, tensor<20x7xf32>, tensor<7xf32>, tensor<7x5xf32>, tensor<5xf32>) -> tensor<1x9x3x5xf32>
  return %c : tensor<1x9x3x5xf32>
}

// -----

// CHECK-LABEL: func.func @silu
// CHECK: math.exp %{{.+}} fastmath<afn>
// CHECK-LABEL: func.func @relu
// CHECK: arith.maximumf
// CHECK-NOT: math.
func.func @silu(%x: tensor<1x4x1x1xf32>, %w1: tensor<4x1xf32>, %b1: tensor<1xf32>, %w2: tensor<1x1xf32>, %b2: tensor<1xf32>) -> tensor<1x1x1x1xf32> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2, activation = #nsa.activation<silu>}
      : (tensor<1x4x1x1xf32>, tensor<4x1xf32>, tensor<1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %c : tensor<1x1x1x1xf32>
}
func.func @relu(%x: tensor<1x4x1x1xf32>, %w1: tensor<4x1xf32>, %b1: tensor<1xf32>, %w2: tensor<1x1xf32>, %b2: tensor<1xf32>) -> tensor<1x1x1x1xf32> {
  %c = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2, activation = #nsa.activation<relu>}
      : (tensor<1x4x1x1xf32>, tensor<4x1xf32>, tensor<1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %c : tensor<1x1x1x1xf32>
}
