// Options that nsa-fuse-selection refuses.

// RUN: not nsa-opt %s --nsa-fuse-selection=query-tile=0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not nsa-opt %s --nsa-fuse-selection=query-tile=-5 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not nsa-opt %s --nsa-fuse-selection=query-tile=2147483648 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not nsa-opt %s --nsa-fuse-selection=query-tile=many 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not nsa-opt %s --nsa-fuse-selection=tile=8 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: nsa-opt %s --nsa-fuse-selection=query-tile=2147483647 | FileCheck %s

// ZERO: error: nsa-fuse-selection: query-tile (0) must be at least 1 and at most 2147483647
// NEGATIVE: error: nsa-fuse-selection: query-tile (-5) must be at least 1 and at most 2147483647
// LARGE: error: nsa-fuse-selection: query-tile (2147483648) must be at least 1 and at most 2147483647
// WORD: 'many' value invalid
// UNKNOWN: no such option tile
// CHECK: scf.forall {{.*}} step (1, 2147483647, 1)

func.func @f(%q: tensor<1x7x4x8xf16>, %kc: tensor<1x3x2x8xf16>, %lse: tensor<1x7x4xf32>, %max: index) -> tensor<1x7x2x3xi32> {
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8}
      : (tensor<1x7x4x8xf16>, tensor<1x3x2x8xf16>, tensor<1x7x4xf32>, index, index) -> tensor<1x7x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 3} : (tensor<1x7x2x?xf32>, index) -> tensor<1x7x2x3xi32>
  return %idx : tensor<1x7x2x3xi32>
}
