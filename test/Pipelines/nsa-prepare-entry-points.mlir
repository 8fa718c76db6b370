// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-prepare-entry-points))' | FileCheck %s
// Applied twice it changes nothing more.
// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-prepare-entry-points,nsa-prepare-entry-points))' | FileCheck %s

// CHECK: func.func @tensors(%{{.*}}: tensor<?xf32> {bufferization.writable = false}, %{{.*}}: index)
// CHECK-SAME: attributes {llvm.emit_c_interface, nsa.signature = (tensor<?xf32>, index) -> tensor<?xf32>}
func.func @tensors(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// What is there already stays.
// CHECK: func.func @given(%{{.*}}: tensor<4xf32> {bufferization.writable = true}, %{{.*}}: memref<4xf32>)
// CHECK-SAME: nsa.signature = (tensor<4xbf16>) -> ()
func.func @given(%x: tensor<4xf32> {bufferization.writable = true}, %y: memref<4xf32>)
    attributes {nsa.signature = (tensor<4xbf16>) -> ()} {
  return
}

// Private functions and declarations are no entry points.
// CHECK: func.func private @private(%{{.*}}: tensor<?xf32>) {
func.func private @private(%x: tensor<?xf32>) {
  return
}
// CHECK: func.func private @declared(tensor<?xf32>)
// CHECK-NOT: attributes
func.func private @declared(tensor<?xf32>)
