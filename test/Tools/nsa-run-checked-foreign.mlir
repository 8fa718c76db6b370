// An op that lib/ does not know has its dimensions checked, too.

// RUN: not nsa-test-run %s --checked --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=29 2>&1 | FileCheck %s --check-prefix=FAILS
// RUN: nsa-test-run %s --checked --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=30 | FileCheck %s --check-prefix=RUNS

!Q = tensor<1x?x2x4xf32>
!K = tensor<1x?x1x4xf32>

// RUNS: output 0: 1x20x2x4xf32
// FAILS: nsa-run-checked-foreign.mlir:[[# @LINE + 3]]:14: error: 'test_nsa.strided_attention' op dimension 1 of 'values' must equal dimension 1 of 'keys': both are Tk (29 and 30)
func.func @f(%q: !Q, %k: !K, %n: index) -> !Q {
  %v = tensor.extract_slice %k[0, 0, 0, 0] [1, %n, 1, 4] [1, 1, 1, 1] : !K to !K
  %o, %lse = test_nsa.strided_attention %q, %k, %v {block = 4, stride = 2} : (!Q, !K, !K) -> (!Q, tensor<1x?x2xf32>)
  return %o : !Q
}
