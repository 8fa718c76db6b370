// RUN: nsa-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(nsa-vectorize-tiles{vector-width=512}))" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: nsa-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(nsa-vectorize-tiles{vector-width=128}))" | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: not nsa-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(nsa-vectorize-tiles{vector-width=384}))" 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: nsa-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(nsa-vectorize-tiles))" --remarks-filter="nsa-vectorize-tiles" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// ERROR: error: nsa-vectorize-tiles: vector-width (384) must be 128, 256 or 512

// Rows of accumulators in registers: 11 of 32 lanes with registers of 512 bits
// (22 of 32 registers; 5 times 11 rows, then 9), 6 of 8 with registers of 128 (12
// of 16; 10 times 6, then 4). Each vector of the right side is read once.
// REMARK: Remark="linalg ops became vector code", ops=1, register_bits=256, vectorised=1
// CHECK-LABEL: func @contraction(
// CHECK-SAME:    %[[A:.*]]: tensor<64x48xf32>, %[[B:.*]]: tensor<48x32xf32>, %[[C:.*]]: tensor<64x32xf32>
// WIDE:          scf.for %{{.*}} = %{{.*}} to %c55{{.*}} step %c11
// WIDE-COUNT-11:   vector.transfer_read %{{.*}} {in_bounds = [true]} : tensor<64x32xf32>, vector<32xf32>
// WIDE:            scf.for %{{.*}} to %c48{{.*}} -> (vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>)
// WIDE-COUNT-1:      vector.transfer_read %[[B]]
// WIDE-COUNT-11:     tensor.extract %[[A]]
// WIDE-COUNT-11:   vector.transfer_write
// WIDE-COUNT-9:    vector.transfer_read %{{.*}} {in_bounds = [true]} : tensor<64x32xf32>, vector<32xf32>
// WIDE:            scf.for %{{.*}} to %c48
// WIDE-COUNT-9:    vector.transfer_write
// NARROW:        scf.for %{{.*}} = %{{.*}} to %c60{{.*}} step %c6
// NARROW:          scf.for %{{.*}} = %{{.*}} to %c32{{.*}} step %c8
// NARROW:            scf.for %{{.*}} to %c48{{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
// NARROW:          scf.for %{{.*}} = %{{.*}} to %c32{{.*}} step %c8
// NARROW:            scf.for %{{.*}} to %c48{{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
func.func @contraction(%a: tensor<64x48xf32>, %b: tensor<48x32xf32>, %c: tensor<64x32xf32>) -> tensor<64x32xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<64x48xf32>, tensor<48x32xf32>) outs(%c : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %r : tensor<64x32xf32>
}

// -----

// A reduction over the rows carries one vector.
// CHECK-LABEL: func @reduction(
// CHECK:         %[[INIT:.*]] = vector.transfer_read %{{.*}} : tensor<32xf32>, vector<32xf32>
// CHECK:         %[[R:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %[[INIT]]) -> (vector<32xf32>)
// CHECK:           arith.maximumf %{{.*}}, %[[ACC]] : vector<32xf32>
// CHECK:         vector.transfer_write %[[R]]
func.func @reduction(%x: tensor<?x32xf32>, %init: tensor<32xf32>) -> tensor<32xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (m)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<?x32xf32>) outs(%init : tensor<32xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %max = arith.maximumf %in, %acc : f32
    linalg.yield %max : f32
  } -> tensor<32xf32>
  return %r : tensor<32xf32>
}

// -----

// Indices: scalar along the loops, a step along the vector. 96 lanes are 64 and
// 32: vectors are powers of two.
// CHECK-LABEL: func @indices(
// CHECK:         scf.for %[[N:.*]] = %c0
// CHECK:           vector.step : vector<64xindex>
// CHECK:           arith.index_cast %[[N]] : index to i32
// CHECK:           vector.transfer_write %{{.*}}[%[[N]], %c0{{.*}}] {{.*}} : vector<64xi32>, tensor<?x96xi32>
// CHECK:           vector.step : vector<32xindex>
// CHECK:           vector.transfer_write %{{.*}}[%[[N]], %c64{{.*}}] {{.*}} : vector<32xi32>, tensor<?x96xi32>
func.func @indices(%init: tensor<?x96xi32>) -> tensor<?x96xi32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, m) -> (n, m)>], iterator_types = ["parallel", "parallel"]} outs(%init : tensor<?x96xi32>) {
  ^bb0(%out: i32):
    %n = linalg.index 0 : index
    %m = linalg.index 1 : index
    %n32 = arith.index_cast %n : index to i32
    %m32 = arith.index_cast %m : index to i32
    %sum = arith.addi %n32, %m32 : i32
    linalg.yield %sum : i32
  } -> tensor<?x96xi32>
  return %r : tensor<?x96xi32>
}

// -----

// Reduced along the lanes; they are combined with the result's element at the
// end.
// CHECK-LABEL: func @across_lanes(
// CHECK-SAME:    %[[X:.*]]: tensor<8x128xf32>
// CHECK:         scf.for %[[N:.*]] = %c0{{.*}} iter_args(%[[OUT:.*]] = %{{.*}}) -> (tensor<8xf32>)
// CHECK:           %[[BEFORE:.*]] = tensor.extract %[[OUT]][%[[N]]]
// CHECK:           %[[LANES:.*]] = scf.for {{.*}} to %c128{{.*}} step %c64{{.*}} -> (vector<64xf32>)
// CHECK:             vector.transfer_read %[[X]]
// CHECK:           %[[LOW:.*]] = vector.extract_strided_slice %[[LANES]] {offsets = [0], sizes = [32]
// CHECK:           %[[HIGH:.*]] = vector.extract_strided_slice %[[LANES]] {offsets = [32], sizes = [32]
// CHECK:           arith.maximumf %[[LOW]], %[[HIGH]] : vector<32xf32>
// CHECK:           arith.maximumf %{{.*}} : vector<1xf32>
// CHECK:           %[[LANE:.*]] = vector.extract %{{.*}}[0] : f32 from vector<1xf32>
// CHECK:           %[[R:.*]] = arith.maximumf %[[LANE]], %[[BEFORE]] : f32
// CHECK:           tensor.insert %[[R]] into %[[OUT]][%[[N]]]
func.func @across_lanes(%x: tensor<8x128xf32>, %init: tensor<8xf32>) -> tensor<8xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x128xf32>) outs(%init : tensor<8xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %max = arith.maximumf %in, %acc : f32
    linalg.yield %max : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// A transposition reads the rows of a square block, interleaves them
// log2(lanes) times, and writes columns. 24 rows take blocks of 8 even where
// registers hold 16.
// CHECK-LABEL: func @transpose(
// WIDE-COUNT-8:  vector.transfer_read %{{.*}} : tensor<24x32xf32>, vector<8xf32>
// WIDE:          vector.shuffle %{{.*}}, %{{.*}} [0, 8, 1, 9, 2, 10, 3, 11] : vector<8xf32>, vector<8xf32>
// WIDE:          vector.shuffle %{{.*}}, %{{.*}} [4, 12, 5, 13, 6, 14, 7, 15]
// WIDE-COUNT-8:  vector.transfer_write %{{.*}} : vector<8xf32>, tensor<32x24xf32>
// NARROW-COUNT-4: vector.transfer_read %{{.*}} : tensor<24x32xf32>, vector<4xf32>
// NARROW-COUNT-8: vector.shuffle
// NARROW-NOT:    vector.shuffle
// NARROW:        vector.transfer_write
func.func @transpose(%x: tensor<24x32xf32>, %init: tensor<32x24xf32>) -> tensor<32x24xf32> {
  %r = linalg.transpose ins(%x : tensor<24x32xf32>) outs(%init : tensor<32x24xf32>) permutation = [1, 0]
  return %r : tensor<32x24xf32>
}

// -----

// What cannot be read as contiguous vectors stays.
// REMARK: remark: [Missed] scalar | Category:nsa-vectorize-tiles | Reason="the innermost dimension of its result, or the one it reduces, is dynamic or below 2, or not innermost in every operand that has it; or elements are not of 1, 2, 4 or 8 bytes", Remark="linalg.generic stays scalar", Suggestion="make it static, and innermost everywhere; use i8 for i1"
// CHECK-LABEL: func @strided(
// CHECK-NEXT:    linalg.generic
func.func @strided(%x: tensor<32x4x8xf32>, %init: tensor<8x32xf32>) -> tensor<8x32xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, m, k) -> (m, k, n)>, affine_map<(n, m, k) -> (n, m)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x : tensor<32x4x8xf32>) outs(%init : tensor<8x32xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %sum = arith.addf %in, %acc : f32
    linalg.yield %sum : f32
  } -> tensor<8x32xf32>
  return %r : tensor<8x32xf32>
}

// -----

// CHECK-LABEL: func @dynamic(
// CHECK-NEXT:    linalg.add
func.func @dynamic(%x: tensor<4x?xf32>, %y: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %r = linalg.add ins(%x, %y : tensor<4x?xf32>, tensor<4x?xf32>) outs(%x : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// -----

// A vector of i1 packs bits, a tensor of i1 has a byte for each: reading the
// one as the other would be wrong from the second element on.
// CHECK-LABEL: func @bits(
// CHECK-NEXT:    linalg.generic
// CHECK-NOT:     vector
func.func @bits(%mask: tensor<16xi1>, %x: tensor<16xf32>) -> tensor<16xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n) -> (n)>, affine_map<(n) -> (n)>], iterator_types = ["parallel"]} ins(%mask : tensor<16xi1>) outs(%x : tensor<16xf32>) {
  ^bb0(%in: i1, %out: f32):
    %zero = arith.constant 0.0 : f32
    %kept = arith.select %in, %out, %zero : f32
    linalg.yield %kept : f32
  } -> tensor<16xf32>
  return %r : tensor<16xf32>
}

// -----

// `x > acc ? x : acc` is a maximum that combines lanes like any other. One that
// is not (the accumulator where x is greater) stays.
// CHECK-LABEL: func @maximum_unless_nan(
// CHECK:         arith.cmpf ogt, %{{.*}}, %{{.*}} : vector<64xf32>
// CHECK:         arith.cmpf ogt, %{{.*}}, %{{.*}} : vector<32xf32>
// CHECK:         arith.select %{{.*}} : vector<1xi1>, vector<1xf32>
// CHECK:         arith.select %{{.*}} : f32
func.func @maximum_unless_nan(%x: tensor<8x64xf32>, %init: tensor<8xf32>) -> tensor<8xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%init : tensor<8xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %greater = arith.cmpf ogt, %in, %acc : f32
    %max = arith.select %greater, %in, %acc : f32
    linalg.yield %max : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @other_select(
// CHECK-NOT:     vector
// CHECK:         return
func.func @other_select(%x: tensor<8x64xf32>, %init: tensor<8xf32>) -> tensor<8xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%init : tensor<8xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %greater = arith.cmpf ogt, %in, %acc : f32
    %last = arith.select %greater, %acc, %in : f32
    linalg.yield %last : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// A reduction of what was filled starts with that value: nothing is filled, and
// nothing read. A fill that has other readers stays.
// CHECK-LABEL: func @filled(
// CHECK-SAME:    %[[X:.*]]: tensor<?x32xf32>, %[[INIT:.*]]: tensor<32xf32>
// CHECK-NOT:     vector.transfer_read %[[INIT]]
// CHECK:         %[[START:.*]] = vector.broadcast %{{.*}} : f32 to vector<32xf32>
// CHECK:         scf.for {{.*}} iter_args(%{{.*}} = %[[START]])
// CHECK:         vector.transfer_write %{{.*}}, %[[INIT]]
func.func @filled(%x: tensor<?x32xf32>, %init: tensor<32xf32>) -> tensor<32xf32> {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%init : tensor<32xf32>) -> tensor<32xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (m)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<?x32xf32>) outs(%f : tensor<32xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %sum = arith.addf %in, %acc : f32
    linalg.yield %sum : f32
  } -> tensor<32xf32>
  return %r : tensor<32xf32>
}

// CHECK-LABEL: func @filled_twice(
// CHECK:         %[[F:.*]] = vector.transfer_write
// CHECK:         vector.transfer_read %[[F]]
func.func @filled_twice(%x: tensor<?x32xf32>, %init: tensor<32xf32>) -> (tensor<32xf32>, tensor<32xf32>) {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%init : tensor<32xf32>) -> tensor<32xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(n, m) -> (n, m)>, affine_map<(n, m) -> (m)>], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<?x32xf32>) outs(%f : tensor<32xf32>) {
  ^bb0(%in: f32, %acc: f32):
    %sum = arith.addf %in, %acc : f32
    linalg.yield %sum : f32
  } -> tensor<32xf32>
  return %r, %f : tensor<32xf32>, tensor<32xf32>
}
