// Options that nsa-fuse-queries refuses.

// RUN: not nsa-opt %s --nsa-fuse-queries=query-tile=-5 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not nsa-opt %s --nsa-fuse-queries=query-tile=2147483648 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not nsa-opt %s --nsa-fuse-queries=query-tile=many 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not nsa-opt %s --nsa-fuse-queries=tile=8 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: nsa-opt %s --nsa-fuse-queries=query-tile=2147483647 | FileCheck %s
// RUN: nsa-opt %s --nsa-fuse-queries=query-tile=0 | FileCheck %s --check-prefix=AUTO

// NEGATIVE: error: nsa-fuse-queries: query-tile (-5) must be at least 0 and at most 2147483647
// LARGE: error: nsa-fuse-queries: query-tile (2147483648) must be at least 0 and at most 2147483647
// WORD: 'many' value invalid
// UNKNOWN: no such option tile
// CHECK: scf.forall {{.*}} step (1, 2147483647, 4)
// AUTO: scf.forall {{.*}} step (1, 128, 4)

func.func @f(%q: tensor<?x?x8x64xf32>, %k: tensor<?x?x2x64xf32>, %g: tensor<?x?x8x1xf32>) -> tensor<?x?x8x64xf32> {
  %o1, %lse1 = nsa.window_attention %q, %k, %k {window = 8} : (tensor<?x?x8x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x2x64xf32>) -> (tensor<?x?x8x64xf32>, tensor<?x?x8xf32>)
  %o = nsa.gate %o1 gates(%g) : (tensor<?x?x8x64xf32>, tensor<?x?x8x1xf32>) -> tensor<?x?x8x64xf32>
  return %o : tensor<?x?x8x64xf32>
}
