// compress, gate and merge: a thread has 8 elements of a row, one access each.

// RUN: nsa-opt %s --convert-nsa-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @compress(
// CHECK: scf.if
// CHECK: gpu.launch
// CHECK: scf.for
// CHECK: %[[X:.*]] = vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xbf16>
// CHECK: arith.extf %[[X]] : vector<8xbf16> to vector<8xf32>
// CHECK: tensor.extract %{{.*}} : tensor<32x128xf32>
// CHECK: vector.from_elements
// CHECK: vector.store %{{.*}} {alignment = 16 : i64}
// CHECK: nsa.compress mean
func.func @compress(%x: tensor<?x?x4x128xbf16>, %pe: tensor<32x128xf32>) -> tensor<?x?x4x128xbf16> {
  %c = nsa.compress mean(%x) pe(%pe) {compression_block = 32, compression_stride = 16, nsa.schedule = #nsa.schedule<vector>}
      : (tensor<?x?x4x128xbf16>, tensor<32x128xf32>) -> tensor<?x?x4x128xbf16>
  return %c : tensor<?x?x4x128xbf16>
}

// -----

// CHECK-LABEL: func.func @gate(
// CHECK: gpu.launch
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK: vector.store
func.func @gate(%a: tensor<1x?x4x64xf16>, %b: tensor<1x?x4x64xf16>, %g: tensor<1x?x4x2xf16>) -> tensor<1x?x4x64xf16> {
  %o = nsa.gate %a, %b gates(%g) {activation = #nsa.gate_activation<sigmoid>, nsa.schedule = #nsa.schedule<vector>}
      : (tensor<1x?x4x64xf16>, tensor<1x?x4x64xf16>, tensor<1x?x4x2xf16>) -> tensor<1x?x4x64xf16>
  return %o : tensor<1x?x4x64xf16>
}

// -----

// One thread of a row stores its lse.
// CHECK-LABEL: func.func @merge(
// CHECK: gpu.launch
// CHECK-COUNT-2: vector.load
// CHECK: vector.store
// CHECK: scf.if
// CHECK: memref.store %{{.*}} : memref<1x?x4xf32>
func.func @merge(%a: tensor<1x?x4x64xf16>, %b: tensor<1x?x4x64xf16>, %x: tensor<1x?x4xf32>, %y: tensor<1x?x4xf32>) -> (tensor<1x?x4x64xf16>, tensor<1x?x4xf32>) {
  %o, %l = nsa.merge %a, %b lse(%x, %y) {nsa.schedule = #nsa.schedule<vector>}
      : (tensor<1x?x4x64xf16>, tensor<1x?x4x64xf16>, tensor<1x?x4xf32>, tensor<1x?x4xf32>) -> (tensor<1x?x4x64xf16>, tensor<1x?x4xf32>)
  return %o, %l : tensor<1x?x4x64xf16>, tensor<1x?x4xf32>
}
