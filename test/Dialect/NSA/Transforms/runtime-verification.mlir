// Upstream's pass generates the checks of every op; test/Tools/nsa-run-checked.mlir
// runs them.

// RUN: nsa-opt %s --generate-runtime-verification | FileCheck %s
// RUN: nsa-opt %s --generate-runtime-verification --canonicalize --cse | FileCheck %s --check-prefix=CANON

!Q = tensor<?x?x8x64xbf16>
!K = tensor<?x?x2x64xbf16>
!L = tensor<?x?x8xf32>

// The message is upstream's.
// CHECK-LABEL: func.func @window(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x64xbf16>, %[[K:[^:]*]]: tensor<?x?x2x64xbf16>, %[[V:[^:]*]]: tensor<?x?x2x64xbf16>
// CHECK: %[[KB:.*]] = tensor.dim %[[K]], %c0{{.*}} : tensor<?x?x2x64xbf16>
// CHECK: %[[QB:.*]] = tensor.dim %[[Q]], %c0{{.*}} : tensor<?x?x8x64xbf16>
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[KB]], %[[QB]] : index
// CHECK: cf.assert %[[SAME]], "ERROR: Runtime op verification failed\0A{{.*}}nsa.window_attention{{.*}}dimension 0 of 'k' must equal dimension 0 of 'q': both are B
// CHECK: cf.assert {{.*}}dimension 0 of 'v' must equal dimension 0 of 'q': both are B
// CHECK: cf.assert {{.*}}dimension 1 of 'v' must equal dimension 1 of 'k': both are Tk
// CHECK-NOT: cf.assert
// CHECK: nsa.window_attention
func.func @window(%q: !Q, %k: !K, %v: !K) -> !Q {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : (!Q, !K, !K) -> (!Q, !L)
  return %o : !Q
}

// What is static is the verifier's; the same value cannot differ from itself.
// CHECK-LABEL: func.func @static(
// CHECK-NOT: cf.assert
func.func @static(%q: tensor<1x8x8x64xbf16>, %k: tensor<1x?x2x64xbf16>, %c: tensor<1x8x8x2xf32>) -> tensor<1x8x8x64xbf16> {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 8} : (tensor<1x8x8x64xbf16>, tensor<1x?x2x64xbf16>, tensor<1x?x2x64xbf16>) -> (tensor<1x8x8x64xbf16>, tensor<1x8x8xf32>)
  %g = nsa.gate %o, %o gates(%c) : (tensor<1x8x8x64xbf16>, tensor<1x8x8x64xbf16>, tensor<1x8x8x2xf32>) -> tensor<1x8x8x64xbf16>
  return %g : tensor<1x8x8x64xbf16>
}

// Extents are compared with one that is known, where one is.
// CHECK-LABEL: func.func @known(
// CHECK: cf.assert {{.*}}dimension 1 of 'k' must equal dimension 1 of 'v': both are Tk
// CHECK-NOT: cf.assert
// CHECK: return
func.func @known(%q: tensor<1x8x8x64xbf16>, %k: tensor<1x?x2x64xbf16>, %v: tensor<1x9x2x64xbf16>) -> tensor<1x8x8x64xbf16> {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 8} : (tensor<1x8x8x64xbf16>, tensor<1x?x2x64xbf16>, tensor<1x9x2x64xbf16>) -> (tensor<1x8x8x64xbf16>, tensor<1x8x8xf32>)
  return %o : tensor<1x8x8x64xbf16>
}

// Lists are reduced to two numbers, rows in parallel. That of select_top_n keeps
// the promise by itself. Constants that hold fold away.
// CHECK-LABEL: func.func @lists(
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction"]
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "reduction", "reduction"]
// CHECK: %[[WORST:.*]] = tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: %[[BLOCKS:.*]] = tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: arith.cmpi slt, %[[WORST]], %[[BLOCKS]] : i64
// CHECK: entries of 'idx' must be less than ceil(kv_len / selection_block)
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 0] [%{{.*}}, %{{.*}}, 2, 3] [1, 1, 1, 1]
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 1] [%{{.*}}, %{{.*}}, 2, 3] [1, 1, 1, 1]
// CHECK: arith.cmpi ult
// CHECK: lists that are 'unique' must ascend without repeats
// CANON-LABEL: func.func @lists(
func.func @lists(%q: !Q, %k: !K, %idx: tensor<?x?x2x4xi32>) -> !Q {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique} : (!Q, !K, !K, tensor<?x?x2x4xi32>) -> (!Q, !L)
  return %o : !Q
}

// CHECK-LABEL: func.func @selected(
// CHECK: nsa.select_top_n
// CHECK: entries of 'idx' must be less
// CHECK-NOT: unique' must
// CHECK: nsa.selected_attention
// CANON-LABEL: func.func @selected(
// CANON-NOT: q_offset must be
// CANON: return
func.func @selected(%q: !Q, %k: !K, %p: tensor<?x?x2x?xf32>) -> !Q {
  %c0 = arith.constant 0 : index
  %idx = nsa.select_top_n %p q_offset(%c0) {selection_block = 64, top_n = 4} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x4xi32>
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique} : (!Q, !K, !K, tensor<?x?x2x4xi32>) -> (!Q, !L)
  return %o : !Q
}

// Checks stand before a fusion; what is computed within it follows from what is
// checked. Casts are looked through.
// CHECK-LABEL: func.func @fusion(
// CHECK: cf.assert {{.*}}dimension 0 of 'kc' must equal dimension 0 of 'q'
// CHECK: cf.assert {{.*}}nsa.block_scores{{.*}}dimension 0 of 'kc' must equal dimension 0 of 'q'
// CHECK: cf.assert {{.*}}nsa.block_scores{{.*}}kv_max must be at least 0
// CHECK: nsa.fusion selection
// CHECK-NOT: cf.assert
// CHECK: nsa.yield
func.func @fusion(%q: tensor<1x?x8x64xbf16>, %kc: !K, %vc: !K, %off: index, %max: index) -> (!Q, !L, tensor<?x?x2x4xi32>) {
  %o, %lse, %idx = nsa.fusion selection : !Q, !L, tensor<?x?x2x4xi32> {
    %d = tensor.cast %q : tensor<1x?x8x64xbf16> to !Q
    %0, %1 = nsa.compressed_attention %d, %kc, %vc q_offset(%off) {compression_block = 32, compression_stride = 16}
        : (!Q, !K, !K, index) -> (!Q, !L)
    %p = nsa.block_scores %d, %kc, %1, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64}
        : (!Q, !K, !L, index, index) -> tensor<?x?x2x?xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 4} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x4xi32>
    nsa.yield %0, %1, %2 : !Q, !L, tensor<?x?x2x4xi32>
  }
  return %o, %lse, %idx : !Q, !L, tensor<?x?x2x4xi32>
}
