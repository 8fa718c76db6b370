// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(nsa-lower-vectors))' | FileCheck %s

// A contraction is rows of FMAs, without horizontal sums.
// CHECK-LABEL: func @contract
// CHECK-NOT:   vector.{{contract|outerproduct|reduction|multi_reduction}}
// CHECK:       vector.fma {{.*}} : vector<8xf32>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract(%a: vector<2x3xf32>, %b: vector<3x8xf32>, %c: vector<2x8xf32>) -> vector<2x8xf32> {
  %r = vector.contract {indexing_maps = [#a, #b, #c],
                        iterator_types = ["parallel", "parallel", "reduction"],
                        kind = #vector.kind<add>} %a, %b, %c
      : vector<2x3xf32>, vector<3x8xf32> into vector<2x8xf32>
  return %r : vector<2x8xf32>
}

// One reduction per row, in order unless the operation says otherwise.
// CHECK-LABEL: func @reduce
// CHECK-NOT:   fastmath
// CHECK-COUNT-2: vector.reduction <add>, {{.*}} : vector<8xf32> into f32
func.func @reduce(%a: vector<2x8xf32>, %b: vector<2xf32>) -> vector<2xf32> {
  %r = vector.multi_reduction <add>, %a, %b [1] : vector<2x8xf32> to vector<2xf32>
  return %r : vector<2xf32>
}

// Transfers in bounds are loads and stores of rows, without a buffer.
// CHECK-LABEL: func @transfer
// CHECK-NOT:   memref.alloca
// CHECK-NOT:   scf.for
// CHECK-COUNT-2: vector.load {{.*}} vector<8xf32>
// CHECK-COUNT-2: vector.store {{.*}} vector<8xf32>
func.func @transfer(%m: memref<?x8xf32>, %i: index, %j: index) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %v = vector.transfer_read %m[%i, %c0], %z {in_bounds = [true, true]} : memref<?x8xf32>, vector<2x8xf32>
  vector.transfer_write %v, %m[%j, %c0] {in_bounds = [true, true]} : vector<2x8xf32>, memref<?x8xf32>
  return
}

// CHECK-LABEL: func @transpose
// CHECK:       vector.shuffle
// CHECK-NOT:   vector.transpose %{{.*}}, [1, 0] : vector<16x16xf32>
// CHECK:       return
func.func @transpose(%v: vector<16x16xf32>) -> vector<16x16xf32> {
  %r = vector.transpose %v, [1, 0] : vector<16x16xf32> to vector<16x16xf32>
  return %r : vector<16x16xf32>
}
