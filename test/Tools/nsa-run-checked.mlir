// --checked: every check fails where it must, with a message that has the place
// of the op and what was compared, and holds on the boundary.

// Shapes that are known only at run time, so that the check of the inputs'
// shapes before the run cannot see them.
// RUN: not nsa-run %s --checked --entry=dims --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=29 2>&1 | FileCheck %s --check-prefix=DIMS
// RUN: not nsa-run %s --checked --entry=dims --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x35x1x4xf32=random --input=31 2>&1 | FileCheck %s --check-prefix=DIMS-MORE
// RUN: nsa-run %s --checked --entry=dims --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=30 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=lengths --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=2 2>&1 | FileCheck %s --check-prefix=LENGTHS
// RUN: nsa-run %s --checked --entry=lengths --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=result --input=1x30x2x4xf32=random --input=19 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: nsa-run %s --checked --entry=result --input=1x30x2x4xf32=random --input=20 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=compress --input=1x99x2x4xf32=random --input=11 2>&1 | FileCheck %s --check-prefix=TC
// RUN: not nsa-run %s --checked --entry=compress --input=1x99x2x4xf32=random --input=16 2>&1 | FileCheck %s --check-prefix=TC-MORE
// RUN: nsa-run %s --checked --entry=compress --input=1x99x2x4xf32=random --input=12 | FileCheck %s --check-prefix=COMPRESSES
// RUN: nsa-run %s --checked --entry=compress --input=1x99x2x4xf32=random --input=15 | FileCheck %s --check-prefix=COMPRESSES
// RUN: nsa-run %s --checked --entry=gate --input=1x20x2x4xf32=random --input=1x20x2x1xf32=random --input=20 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=gate --input=1x20x2x4xf32=random --input=1x20x2x1xf32=random --input=19 2>&1 | FileCheck %s --check-prefix=GATE
// RUN: nsa-run %s --checked --entry=merge --input=1x20x2x4xf32=random --input=1x20x2xf32=random --input=20 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=merge --input=1x20x2x4xf32=random --input=1x20x2xf32=random --input=19 2>&1 | FileCheck %s --check-prefix=MERGE
// RUN: not nsa-run %s --checked --entry=whole --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x20x2x3xf32=random --input=29 2>&1 | FileCheck %s --check-prefix=WHOLE
// RUN: nsa-run %s --checked --entry=whole --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x20x2x3xf32=random --input=30 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=compressed --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=29 2>&1 | FileCheck %s --check-prefix=COMPRESSED
// RUN: nsa-run %s --checked --entry=compressed --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=30 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=select --input=1x20x2x4xf32=random --input=2 2>&1 | FileCheck %s --check-prefix=SELECT
// RUN: nsa-run %s --checked --entry=select --input=1x20x2x4xf32=random --input=1 | FileCheck %s --check-prefix=SELECTS

// Positions. +-2^62 is allowed.
// RUN: not nsa-run %s --checked --entry=offset --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=4611686018427387905 2>&1 | FileCheck %s --check-prefix=FAR
// RUN: nsa-run %s --checked --entry=offset --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=4611686018427387904 | FileCheck %s --check-prefix=RUNS
// RUN: not nsa-run %s --checked --entry=offset --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=-4611686018427387905 2>&1 | FileCheck %s --check-prefix=BEFORE
// RUN: nsa-run %s --checked --entry=offset --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=-4611686018427387904 | FileCheck %s --check-prefix=RUNS

// Extents that scores must cover. A kv_len below 0 counts as 0.
// RUN: not nsa-run %s --checked --entry=scores --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=128 --input=129 2>&1 | FileCheck %s --check-prefix=COVER
// RUN: nsa-run %s --checked --entry=scores --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=128 --input=128 | FileCheck %s --check-prefix=SCORES
// RUN: nsa-run %s --checked --entry=scores --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=0 --input=-1 | FileCheck %s --check-prefix=NONE
// RUN: not nsa-run %s --checked --entry=scores --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=-1 --input=-2 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not nsa-run %s --checked --entry=scores_entries --input=2x20x2x4xf32=random --input=2x5x1x4xf32=random --input=2x20x2xf32=random --input=128 --input=100 --input=129 2>&1 | FileCheck %s --check-prefix=ENTRIES
// RUN: nsa-run %s --checked --entry=scores_entries --input=2x20x2x4xf32=random --input=2x5x1x4xf32=random --input=2x20x2xf32=random --input=128 --input=100 --input=128 | FileCheck %s --check-prefix=SCORES2
// RUN: not nsa-run %s --checked --entry=scores_static --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=129 2>&1 | FileCheck %s --check-prefix=NS
// RUN: nsa-run %s --checked --entry=scores_static --input=1x20x2x4xf32=random --input=1x5x1x4xf32=random --input=1x20x2xf32=random --input=65 | FileCheck %s --check-prefix=SCORES

// Lists. 30 keys are 8 blocks of 4; 28, or less, are 7.
// RUN: not nsa-run %s --checked --entry=lists --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=3 --input=8 --input=-1 2>&1 | FileCheck %s --check-prefix=LISTS
// RUN: nsa-run %s --checked --entry=lists --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=7 --input=3 --input=7 | FileCheck %s --check-prefix=RUNS2
// RUN: nsa-run %s --checked --entry=lists --input=1x2x2x4xf32=random --input=1x0x1x4xf32=random --input=1x0x1x4xf32=random --input=-1 --input=-7 --input=-1 | FileCheck %s --check-prefix=RUNS2
// RUN: not nsa-run %s --checked --entry=lists --input=1x2x2x4xf32=random --input=1x0x1x4xf32=random --input=1x0x1x4xf32=random --input=-1 --input=0 --input=-1 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: nsa-run %s --checked --entry=lists --input=0x2x2x4xf32=random --input=0x30x1x4xf32=random --input=0x30x1x4xf32=random --input=-1 --input=-1 --input=-1 | FileCheck %s --check-prefix=NO-BATCH
// RUN: not nsa-run %s --checked --entry=lists_len --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=28 --input=2 --input=7 2>&1 | FileCheck %s --check-prefix=LEN
// RUN: nsa-run %s --checked --entry=lists_len --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=29 --input=2 --input=7 | FileCheck %s --check-prefix=RUNS2
// RUN: not nsa-run %s --checked --entry=lists_len --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=1000 --input=2 --input=8 2>&1 | FileCheck %s --check-prefix=STORED
// RUN: not nsa-run %s --checked --entry=lists_entries --input=2x2x2x4xf32=random --input=2x30x1x4xf32=random --input=2x30x1x4xf32=random --input=30 --input=28 --input=7 --input=7 2>&1 | FileCheck %s --check-prefix=PER-ENTRY
// RUN: nsa-run %s --checked --entry=lists_entries --input=2x2x2x4xf32=random --input=2x30x1x4xf32=random --input=2x30x1x4xf32=random --input=30 --input=28 --input=7 --input=6 | FileCheck %s --check-prefix=TWO
// RUN: not nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=1 --input=5 --input=3 2>&1 | FileCheck %s --check-prefix=FALLS
// RUN: not nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=4 --input=4 --input=-1 2>&1 | FileCheck %s --check-prefix=REPEATS
// RUN: not nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=2 --input=-1 --input=5 2>&1 | FileCheck %s --check-prefix=GAP
// RUN: nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=0 --input=1 --input=7 | FileCheck %s --check-prefix=RUNS2
// RUN: nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=3 --input=-1 --input=-1 | FileCheck %s --check-prefix=RUNS2
// RUN: nsa-run %s --checked --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=-1 --input=-1 --input=-1 | FileCheck %s --check-prefix=RUNS2

// What the tensor dialect checks, and an assertion of the program's own, which
// needs no --checked.
// RUN: not nsa-run %s --checked --entry=dims --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=31 2>&1 | FileCheck %s --check-prefix=SLICE
// RUN: not nsa-run %s --entry=asserts --input=5 2>&1 | FileCheck %s --check-prefix=ASSERTS
// RUN: not nsa-run %s --entry=asserts_i1 --input=0 2>&1 | FileCheck %s --check-prefix=ASSERTS-I1

// Nothing is written, and the exit code is 1.
// RUN: rm -f %t.npy
// RUN: %python -c "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]) != 1)" nsa-run %s --checked --entry=dims --input=1x20x2x4xf32=random --input=1x30x1x4xf32=random --input=1x30x1x4xf32=random --input=29 --output=%t.npy
// RUN: not test -e %t.npy
// Without the option nobody notices.
// RUN: nsa-run %s --entry=unique --input=1x2x2x4xf32=random --input=1x30x1x4xf32=random --input=4 --input=4 --input=-1 | FileCheck %s --check-prefix=RUNS2

// RUNS: output 0: 1x20x2x4xf32
// RUNS2: output 0: 1x2x2x4xf32
// NO-BATCH: output 0: 0x2x2x4xf32
// TWO: output 0: 2x2x2x4xf32
// SCORES: output 0: 1x20x1x2xf32
// SCORES2: output 0: 2x20x1x2xf32
// NONE: output 0: 1x20x1x0xf32
// COMPRESSES: output 0: 1x3x2x4xf32
// SELECTS: output 0: 1x20x2x2xi32

!Q = tensor<?x?x2x4xf32>
!K = tensor<?x?x1x4xf32>
!L = tensor<?x?x2xf32>
!Q1 = tensor<1x?x2x4xf32>
!K1 = tensor<1x?x1x4xf32>
!L1 = tensor<1x?x2xf32>

// DIMS: nsa-run-checked.mlir:[[# @LINE + 5]]:14: error: 'nsa.window_attention' op dimension 1 of 'v' must equal dimension 1 of 'k': both are Tk (29 and 30)
// DIMS-MORE: nsa-run-checked.mlir:[[# @LINE + 4]]:14: error: {{.*}} (31 and 30)
// SLICE: nsa-run-checked.mlir:[[# @LINE + 2]]:8: error: 'tensor.extract_slice' op {{.*}}
func.func @dims(%q: !Q1, %k: !K1, %v: !K1, %n: index) -> !Q1 {
  %s = tensor.extract_slice %v[0, 0, 0, 0] [1, %n, 1, 4] [1, 1, 1, 1] : !K1 to !K1
  %o, %lse = nsa.window_attention %q, %k, %s {window = 8} : (!Q1, !K1, !K1) -> (!Q1, !L1)
  return %o : !Q1
}

// LENGTHS: nsa-run-checked.mlir:[[# @LINE + 5]]:14: error: 'nsa.window_attention' op dimension 0 of 'kv_len' must equal dimension 0 of 'q': both are B (2 and 1)
func.func @lengths(%q: !Q, %k: !K, %n: index) -> !Q {
  %c0 = arith.constant 0 : index
  %all = arith.constant dense<9> : tensor<4xi32>
  %len = tensor.extract_slice %all[0] [%n] [1] : tensor<4xi32> to tensor<?xi32>
  %o, %lse = nsa.window_attention %q, %k, %k q_offset(%c0) kv_len(%len) {window = 8} : (!Q, !K, !K, index, tensor<?xi32>) -> (!Q, !L)
  return %o : !Q
}

// RESULT: nsa-run-checked.mlir:[[# @LINE + 3]]:14: error: 'nsa.window_attention' op dimension 1 of 'o' must equal dimension 1 of 'q': both are Tq (20 and 19)
func.func @result(%k: !Q1, %n: index) -> tensor<1x20x2x4xf32> {
  %q = tensor.extract_slice %k[0, 0, 0, 0] [1, %n, 2, 4] [1, 1, 1, 1] : !Q1 to !Q1
  %o, %lse = nsa.window_attention %q, %k, %k {window = 8} : (!Q1, !Q1, !Q1) -> (tensor<1x20x2x4xf32>, !L1)
  return %o : tensor<1x20x2x4xf32>
}

// TC: nsa-run-checked.mlir:[[# @LINE + 4]]:8: error: 'nsa.compress' op dimension 1 of 'c' must be Tc, the number of blocks of compression_block tokens in 'x' (3 and 2)
// TC-MORE: nsa-run-checked.mlir:[[# @LINE + 3]]:8: error: {{.*}} (3 and 4)
func.func @compress(%x: !Q1, %n: index) -> tensor<1x3x2x4xf32> {
  %s = tensor.extract_slice %x[0, 0, 0, 0] [1, %n, 2, 4] [1, 1, 1, 1] : !Q1 to !Q1
  %c = nsa.compress mean(%s) {compression_block = 4, compression_stride = 4} : (!Q1) -> tensor<1x3x2x4xf32>
  return %c : tensor<1x3x2x4xf32>
}

// GATE: nsa-run-checked.mlir:[[# @LINE + 3]]:8: error: 'nsa.gate' op dimension 1 of 'gates' must equal dimension 1 of {{.*}}: both are Tq (19 and 20)
func.func @gate(%o: !Q1, %g: tensor<1x?x2x1xf32>, %n: index) -> !Q1 {
  %s = tensor.extract_slice %g[0, 0, 0, 0] [1, %n, 2, 1] [1, 1, 1, 1] : tensor<1x?x2x1xf32> to tensor<1x?x2x1xf32>
  %r = nsa.gate %o gates(%s) : (!Q1, tensor<1x?x2x1xf32>) -> !Q1
  return %r : !Q1
}

// MERGE: nsa-run-checked.mlir:[[# @LINE + 3]]:12: error: 'nsa.merge' op dimension 1 of {{.*}} must equal dimension 1 of {{.*}}: both are Tq (19 and 20)
func.func @merge(%o: !Q1, %lse: !L1, %n: index) -> !Q1 {
  %s = tensor.extract_slice %lse[0, 0, 0] [1, %n, 2] [1, 1, 1] : !L1 to !L1
  %r, %l = nsa.merge %o, %o lse(%lse, %s) : (!Q1, !Q1, !L1, !L1) -> (!Q1, !L1)
  return %r : !Q1
}

// WHOLE: nsa-run-checked.mlir:[[# @LINE + 3]]:8: error: 'nsa.attention' op dimension 1 of 'v_win' must equal dimension 1 of 'k_cmp': both are Tk (29 and 30)
func.func @whole(%q: !Q1, %k: !K1, %g: tensor<1x?x2x3xf32>, %n: index) -> !Q1 {
  %s = tensor.extract_slice %k[0, 0, 0, 0] [1, %n, 1, 4] [1, 1, 1, 1] : !K1 to !K1
  %o = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %s) gates(%g)
      {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 3, window = 9}
      : (!Q1, !K1, !K1, !K1, !K1, !K1, !K1, tensor<1x?x2x3xf32>) -> !Q1
  return %o : !Q1
}

// COMPRESSED: nsa-run-checked.mlir:[[# @LINE + 4]]:14: error: 'nsa.compressed_attention' op dimension 1 of 'vc' must equal dimension 1 of 'kc': both are Tc (29 and 30)
func.func @compressed(%q: !Q1, %k: !K1, %n: index) -> !Q1 {
  %c0 = arith.constant 0 : index
  %s = tensor.extract_slice %k[0, 0, 0, 0] [1, %n, 1, 4] [1, 1, 1, 1] : !K1 to !K1
  %o, %lse = nsa.compressed_attention %q, %k, %s q_offset(%c0) {compression_block = 4, compression_stride = 2} : (!Q1, !K1, !K1, index) -> (!Q1, !L1)
  return %o : !Q1
}

// SELECT: nsa-run-checked.mlir:[[# @LINE + 4]]:10: error: 'nsa.select_top_n' op dimension 0 of 'q_offset' must equal dimension 0 of 'p': both are B (2 and 1)
func.func @select(%p: !Q, %n: index) -> tensor<?x?x2x2xi32> {
  %all = arith.constant dense<9> : tensor<4xi32>
  %off = tensor.extract_slice %all[0] [%n] [1] : tensor<4xi32> to tensor<?xi32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 4, top_n = 2, local = 1} : (!Q, tensor<?xi32>) -> tensor<?x?x2x2xi32>
  return %idx : tensor<?x?x2x2xi32>
}

// FAR: nsa-run-checked.mlir:[[# @LINE + 3]]:14: error: 'nsa.window_attention' op q_offset must be at most 2^62 (4611686018427387905 and 4611686018427387904)
// BEFORE: nsa-run-checked.mlir:[[# @LINE + 2]]:14: error: 'nsa.window_attention' op q_offset must be at least -2^62 (-4611686018427387905 and -4611686018427387904)
func.func @offset(%q: !Q1, %k: !K1, %off: index) -> !Q1 {
  %o, %lse = nsa.window_attention %q, %k, %k q_offset(%off) {window = 8} : (!Q1, !K1, !K1, index) -> (!Q1, !L1)
  return %o : !Q1
}

// COVER: nsa-run-checked.mlir:[[# @LINE + 4]]:8: error: 'nsa.block_scores' op kv_max must be at least kv_len (128 and 129)
// NEGATIVE: nsa-run-checked.mlir:[[# @LINE + 3]]:8: error: 'nsa.block_scores' op kv_max must be at least 0 (-1 and 0)
func.func @scores(%q: !Q1, %kc: !K1, %lse: !L1, %max: index, %len: index) -> tensor<1x?x1x?xf32> {
  %c0 = arith.constant 0 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%c0) kv_len(%len) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (!Q1, !K1, !L1, index, index, index) -> tensor<1x?x1x?xf32>
  return %p : tensor<1x?x1x?xf32>
}

// ENTRIES: nsa-run-checked.mlir:[[# @LINE + 4]]:8: error: 'nsa.block_scores' op kv_max must be at least the largest kv_len (128 and 129)
func.func @scores_entries(%q: !Q, %kc: !K, %lse: !L, %max: index, %len0: i32, %len1: i32) -> tensor<?x?x1x?xf32> {
  %c0 = arith.constant 0 : index
  %len = tensor.from_elements %len0, %len1 : tensor<2xi32>
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%c0) kv_len(%len) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (!Q, !K, !L, index, index, tensor<2xi32>) -> tensor<?x?x1x?xf32>
  return %p : tensor<?x?x1x?xf32>
}

// NS: nsa-run-checked.mlir:[[# @LINE + 3]]:8: error: 'nsa.block_scores' op dimension 3 of 'p' must be ceil(kv_max / selection_block) (2 and 3)
func.func @scores_static(%q: !Q1, %kc: !K1, %lse: !L1, %max: index) -> tensor<1x?x1x2xf32> {
  %c0 = arith.constant 0 : index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%c0) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (!Q1, !K1, !L1, index, index) -> tensor<1x?x1x2xf32>
  return %p : tensor<1x?x1x2xf32>
}

// LISTS: nsa-run-checked.mlir:[[# @LINE + 9]]:14: error: 'nsa.selected_attention' op entries of 'idx' must be less than ceil(kv_len / selection_block) (8 and 8)
// EMPTY: nsa-run-checked.mlir:[[# @LINE + 8]]:14: error: {{.*}} (0 and 0)
func.func @lists(%q: !Q, %k: !K, %v: !K, %i0: i32, %i1: i32, %i2: i32) -> !Q {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %q, %c0 : !Q
  %two = tensor.from_elements %i0, %i1, %i2, %i0, %i1, %i2 : tensor<1x2x1x3xi32>
  %any = tensor.cast %two : tensor<1x2x1x3xi32> to tensor<?x?x1x3xi32>
  %c2 = arith.constant 2 : index
  %idx = tensor.extract_slice %any[0, 0, 0, 0] [%b, %c2, 1, 3] [1, 1, 1, 1] : tensor<?x?x1x3xi32> to tensor<?x?x1x3xi32>
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (!Q, !K, !K, tensor<?x?x1x3xi32>) -> (!Q, !L)
  return %o : !Q
}

// More keys than are stored do not exist, whatever kv_len says.
// LEN: nsa-run-checked.mlir:[[# @LINE + 5]]:14: error: 'nsa.selected_attention' op entries of 'idx' must be less than ceil(kv_len / selection_block) (7 and 7)
// STORED: nsa-run-checked.mlir:[[# @LINE + 4]]:14: error: {{.*}} (8 and 8)
func.func @lists_len(%q: !Q1, %k: !K1, %v: !K1, %len: index, %i0: i32, %i1: i32) -> !Q1 {
  %c0 = arith.constant 0 : index
  %idx = tensor.from_elements %i0, %i0, %i0, %i1 : tensor<1x2x1x2xi32>
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx q_offset(%c0) kv_len(%len) {selection_block = 4} : (!Q1, !K1, !K1, tensor<1x2x1x2xi32>, index, index) -> (!Q1, !L1)
  return %o : !Q1
}

// PER-ENTRY: nsa-run-checked.mlir:[[# @LINE + 5]]:14: error: 'nsa.selected_attention' op entries of 'idx' must be less than ceil(kv_len / selection_block) (7 and 7)
func.func @lists_entries(%q: !Q, %k: !K, %v: !K, %len0: i32, %len1: i32, %i0: i32, %i1: i32) -> !Q {
  %c0 = arith.constant 0 : index
  %len = tensor.from_elements %len0, %len1 : tensor<2xi32>
  %idx = tensor.from_elements %i0, %i0, %i1, %i1 : tensor<2x2x1x1xi32>
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx q_offset(%c0) kv_len(%len) {selection_block = 4} : (!Q, !K, !K, tensor<2x2x1x1xi32>, index, tensor<2xi32>) -> (!Q, !L)
  return %o : !Q
}

// FALLS: nsa-run-checked.mlir:[[# @LINE + 6]]:14: error: 'nsa.selected_attention' op lists that are 'unique' must ascend without repeats, negative entries last, but neighbours do not (5 and 3)
// REPEATS: nsa-run-checked.mlir:[[# @LINE + 5]]:14: error: {{.*}} (4 and 4)
// GAP: nsa-run-checked.mlir:[[# @LINE + 4]]:14: error: {{.*}} (-1 and 5)
func.func @unique(%q: !Q1, %k: !K1, %i0: i32, %i1: i32, %i2: i32) -> !Q1 {
  %m1 = arith.constant -1 : i32
  %idx = tensor.from_elements %m1, %m1, %m1, %i0, %i1, %i2 : tensor<1x2x1x3xi32>
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 4, unique} : (!Q1, !K1, !K1, tensor<1x2x1x3xi32>) -> (!Q1, !L1)
  return %o : !Q1
}

// ASSERTS: nsa-run-checked.mlir:[[# @LINE + 4]]:3: error: too many (5 and 4)
func.func @asserts(%n: index) -> index {
  %c4 = arith.constant 4 : index
  %few = arith.cmpi ule, %n, %c4 : index
  cf.assert %few, "too many"
  return %n : index
}

// ASSERTS-I1: nsa-run-checked.mlir:[[# @LINE + 2]]:3: error: it does not hold{{$}}
func.func @asserts_i1(%holds: i1) -> i1 {
  cf.assert %holds, "it does not hold"
  return %holds : i1
}
