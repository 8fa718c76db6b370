// Equal dimensions that are dynamic are checked before anything is compiled:
// through loops, branches, slices and calls, with a note at each call.

// RUN: not nsa-run %s --entry=straight --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x10x1x4xf32=zeros 2>&1 | FileCheck %s --check-prefix=STRAIGHT
// RUN: not nsa-run %s --entry=loop --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x10x1x4xf32=zeros --input=2 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: nsa-run %s --entry=loop --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x30x1x4xf32=zeros --input=2 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --entry=calls --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x10x1x4xf32=zeros 2>&1 | FileCheck %s --check-prefix=CALLS
// RUN: nsa-run %s --entry=guarded --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x10x1x4xf32=zeros | FileCheck %s --check-prefix=RUNS
// RUN: nsa-run %s --entry=guarded --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x30x1x4xf32=zeros | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --entry=sliced --input=1x20x2x4xf32=zeros --input=2x30x1x4xf32=zeros 2>&1 | FileCheck %s --check-prefix=SLICED
// RUN: nsa-run %s --entry=sliced --input=2x20x2x4xf32=zeros --input=2x30x1x4xf32=zeros | FileCheck %s --check-prefix=RUNS
// RUN: nsa-run %s --entry=growing --input=1x20x2x4xf32=zeros --input=3 | FileCheck %s --check-prefix=GROWS
// RUN: not nsa-run %s --entry=claims --input=1x20x2x4xf32=zeros 2>&1 | FileCheck %s --check-prefix=CLAIMS
// RUN: not nsa-run %s --entry=fused --input=1x20x2x4xf32=zeros --input=1x30x1x4xf32=zeros --input=1x20x2x3xf32=zeros --input=1x10x2x4xf32=zeros 2>&1 | FileCheck %s --check-prefix=FUSED

!Q = tensor<1x?x2x4xf32>
!K = tensor<1x?x1x4xf32>
!L = tensor<1x?x2xf32>

// RUNS: output 0: 1x20x2x4xf32 min 0 max 0 mean 0 nan 0

// STRAIGHT: nsa-run-shapes.mlir:[[# @LINE + 2]]:14: error: 'nsa.window_attention' op dimension 1 of 'v' (10) must equal dimension 1 of 'k' (30): both are Tk
func.func @straight(%q: !Q, %k: !K, %v: !K) -> !Q {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : (!Q, !K, !K) -> (!Q, !L)
  return %o : !Q
}

// LOOP: nsa-run-shapes.mlir:[[# @LINE + 5]]:16: error: 'nsa.window_attention' op dimension 1 of 'v' (10) must equal dimension 1 of 'k' (30): both are Tk
func.func @loop(%q: !Q, %k: !K, %v: !K, %n: index) -> !Q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %q) -> !Q {
    %o, %lse = nsa.window_attention %x, %k, %v {window = 8} : (!Q, !K, !K) -> (!Q, !L)
    scf.yield %o : !Q
  }
  return %r : !Q
}

// CALLS: nsa-run-shapes.mlir:[[# @LINE + 2]]:14: error: 'nsa.window_attention' op dimension 1 of 'v' (10) must equal dimension 1 of 'k' (30): both are Tk
func.func private @callee(%q: !Q, %k: !K, %v: !K) -> !Q {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : (!Q, !K, !K) -> (!Q, !L)
  return %o : !Q
}
// The first call is right.
// CALLS: nsa-run-shapes.mlir:[[# @LINE + 3]]:8: note: called from here
func.func @calls(%q: !Q, %k: !K, %v: !K) -> !Q {
  %a = call @callee(%q, %k, %k) : (!Q, !K, !K) -> !Q
  %b = call @callee(%a, %k, %v) : (!Q, !K, !K) -> !Q
  return %b : !Q
}

// Shapes decide the condition: what is not executed is not checked.
func.func @guarded(%q: !Q, %k: !K, %v: !K) -> !Q {
  %c1 = arith.constant 1 : index
  %tk = tensor.dim %k, %c1 : !K
  %tv = tensor.dim %v, %c1 : !K
  %same = arith.cmpi eq, %tk, %tv : index
  %r = scf.if %same -> !Q {
    %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : (!Q, !K, !K) -> (!Q, !L)
    scf.yield %o : !Q
  } else {
    scf.yield %q : !Q
  }
  return %r : !Q
}

!QB = tensor<?x?x2x4xf32>
!KB = tensor<?x?x1x4xf32>
!LB = tensor<?x?x2xf32>

// SLICED: nsa-run-shapes.mlir:[[# @LINE + 10]]:14: error: 'nsa.window_attention' op dimension 0 of 'k' (2) must equal dimension 0 of 'q' (1): both are B
func.func @sliced(%q: !QB, %k: !KB) -> !Q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !QB
  %t = tensor.dim %q, %c1 : !QB
  %empty = tensor.empty(%b, %t) : !QB
  %zero = arith.constant 0.0 : f32
  %filled = linalg.fill ins(%zero : f32) outs(%empty : !QB) -> !QB
  %whole = tensor.insert_slice %q into %filled[0, 0, 0, 0] [%b, %t, 2, 4] [1, 1, 1, 1] : !QB into !QB
  %o, %lse = nsa.window_attention %whole, %k, %k {window = 8} : (!QB, !KB, !KB) -> (!QB, !LB)
  %first = tensor.extract_slice %o[0, 0, 0, 0] [1, %t, 2, 4] [1, 1, 1, 1] : !QB to !Q
  %r = call @alone(%first) : (!Q) -> !Q
  return %r : !Q
}
func.func private @alone(%q: !Q) -> !Q {
  %o, %lse = nsa.window_attention %q, %q, %q {window = 8} : (!Q, !Q, !Q) -> (!Q, !L)
  return %o : !Q
}

// A loop that carries a growing tensor: nothing is claimed of later iterations.
// GROWS: output 0: 1x160x2x4xf32
func.func @growing(%q: !Q, %n: index) -> !Q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %q) -> !Q {
    %o, %lse = nsa.window_attention %x, %x, %x {window = 8} : (!Q, !Q, !Q) -> (!Q, !L)
    %twice = tensor.concat dim(1) %o, %x : (!Q, !Q) -> !Q
    scf.yield %twice : !Q
  }
  return %r : !Q
}

// CLAIMS: nsa-run-shapes.mlir:[[# @LINE + 2]]:8: error: 'nsa.compress' op result 'c' says dimension 1 is 7, but it is 5 for these inputs
func.func @claims(%x: !Q) -> tensor<1x7x2x4xf32> {
  %c = nsa.compress mean(%x) {compression_block = 4, compression_stride = 4} : (!Q) -> tensor<1x7x2x4xf32>
  return %c : tensor<1x7x2x4xf32>
}

// Shapes go into a fusion and come out of it.
// FUSED: nsa-run-shapes.mlir:[[# @LINE + 10]]:14: error: 'nsa.merge' op dimension 1 of 'os[1]' (10) must equal dimension 1 of 'os[0]' (20): both are Tq
func.func @fused(%q: !Q, %k: !K, %g: tensor<1x?x2x3xf32>, %other: !Q) -> !Q {
  %idx = arith.constant dense<0> : tensor<1x20x1x1xi32>
  %l = tensor.cast %idx : tensor<1x20x1x1xi32> to tensor<1x?x1x1xi32>
  %f, %lse_slc, %lse_win = nsa.fusion gated : !Q, !L, !L {
    %0, %1 = nsa.selected_attention %q, %k, %k, %l {selection_block = 8, unique} : (!Q, !K, !K, tensor<1x?x1x1xi32>) -> (!Q, !L)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 8} : (!Q, !K, !K) -> (!Q, !L)
    %4 = nsa.gate %q, %0, %2 gates(%g) : (!Q, !Q, !Q, tensor<1x?x2x3xf32>) -> !Q
    nsa.yield %4, %1, %3 : !Q, !L, !L
  }
  %m, %lse = nsa.merge %f, %other lse(%lse_slc, %lse_win) : (!Q, !Q, !L, !L) -> (!Q, !L)
  return %m : !Q
}
