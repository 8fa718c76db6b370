// nsa.fusion and #nsa.schedule go through the pretty form, the generic form and
// bytecode, and come back the same; a fusion has the shapes of its ops, and
// canonicalisation leaves it a fusion.

// RUN: nsa-opt %s | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --mlir-print-op-generic | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --emit-bytecode | nsa-opt | FileCheck %s
// RUN: nsa-opt %s --verify-roundtrip -o %t
// RUN: nsa-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize | FileCheck %s --check-prefix=SHAPE
// RUN: nsa-opt %s --canonicalize --cse | nsa-opt --canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func.func @selection(
// CHECK: %[[F:.*]]:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 2, key_warps = 1, stages = 2>} : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32> {
// CHECK: %[[O:.*]], %[[LSE:.*]] = nsa.compressed_attention
// CHECK: %[[P:.*]] = nsa.block_scores %{{.*}}, %{{.*}}, %[[LSE]]
// CHECK: %[[IDX:.*]] = nsa.select_top_n %[[P]]
// CHECK: nsa.yield %[[O]], %[[LSE]], %[[IDX]] : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>
// CHECK: return %[[F]]#0, %[[F]]#1, %[[F]]#2

// SHAPE-LABEL: func.func @selection(
// SHAPE-SAME: %[[Q:[^:]*]]: tensor<?x?x8x64xbf16>
func.func @selection(%q: tensor<?x?x8x64xbf16>, %kc: tensor<?x?x2x64xbf16>, %vc: tensor<?x?x2x64xbf16>, %off: index, %max: index)
    -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>) {
  %o, %lse, %idx = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 2, key_warps = 1, stages = 2>} : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 32, compression_stride = 16}
        : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64}
        : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x8xf32>, index, index) -> tensor<?x?x2x?xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 4} : (tensor<?x?x2x?xf32>, index) -> tensor<?x?x2x4xi32>
    nsa.yield %0, %1, %2 : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>
  }
  return %o, %lse, %idx : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32>
}

// A list of a fusion is unique as that of select_top_n is; a constant gate of 0
// does not take a branch away; more static types enter as casts.
// CHECK-LABEL: func.func @gated(
// CHECK: nsa.fusion gated : tensor<1x128x4x64xf16> {
// CHECK: nsa.yield %{{.*}} : tensor<1x128x4x64xf16>

// CANON-LABEL: func.func @gated(
// CANON: nsa.fusion gated : tensor<1x128x4x64xf16> {
// CANON: nsa.selected_attention {{.*}}unique
// CANON: nsa.window_attention
// CANON: nsa.gate %{{.*}}, %{{.*}}, %{{.*}} gates
func.func @gated(%q: tensor<1x128x4x64xf16>, %k: tensor<1x128x1x64xf16>, %cmp: tensor<1x128x4x64xf16>, %idx: tensor<1x128x1x4xi32>)
    -> tensor<1x128x4x64xf16> {
  %g = arith.constant dense<0.0> : tensor<1x128x4x3xf32>
  %dynamic = tensor.cast %q : tensor<1x128x4x64xf16> to tensor<?x?x4x64xf16>
  %o = nsa.fusion gated : tensor<1x128x4x64xf16> {
    %0, %1 = nsa.selected_attention %dynamic, %k, %k, %idx {selection_block = 64, unique}
        : (tensor<?x?x4x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 32}
        : (tensor<1x128x4x64xf16>, tensor<1x128x1x64xf16>, tensor<1x128x1x64xf16>) -> (tensor<1x128x4x64xf16>, tensor<1x128x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<1x128x4x64xf16>, tensor<?x?x4x64xf16>, tensor<1x128x4x64xf16>, tensor<1x128x4x3xf32>) -> tensor<1x128x4x64xf16>
    nsa.yield %4 : tensor<1x128x4x64xf16>
  }
  return %o : tensor<1x128x4x64xf16>
}

// CHECK-LABEL: func.func @gated_aux(
// CHECK: nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 1, key_warps = 2, stages = 3>} : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32> {
// SHAPE-LABEL: func.func @gated_aux(
// SHAPE-SAME: %[[Q:[^:]*]]: tensor<?x?x4x64xf16>
// SHAPE: %[[T:.*]] = tensor.dim %[[Q]], %c1
// SHAPE: return %{{.*}}, %[[T]]
func.func @gated_aux(%q: tensor<?x?x4x64xf16>, %k: tensor<?x?x1x64xf16>, %cmp: tensor<?x?x4x64xf16>, %idx: tensor<?x?x1x4xi32>, %g: tensor<?x?x4x3xf16>)
    -> (tensor<?x?x4x64xf16>, index) {
  %o, %lse_slc, %lse_win = nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 1, key_warps = 2, stages = 3>} : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, unique}
        : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 32}
        : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x3xf16>) -> tensor<?x?x4x64xf16>
    nsa.yield %4, %1, %3 : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  }
  %c1 = arith.constant 1 : index
  %t = tensor.dim %lse_win, %c1 : tensor<?x?x4xf32>
  return %o, %t : tensor<?x?x4x64xf16>, index
}

// CHECK-LABEL: func.func @schedules(
// CHECK: nsa.schedule = #nsa.schedule<vector>
// CHECK: nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 4, stages = 2>
// CHECK: nsa.schedule = #nsa.schedule<plain>
func.func @schedules(%q: tensor<?x?x4x64xf16>, %k: tensor<?x?x1x64xf16>, %idx: tensor<?x?x1x4xi32>) -> (tensor<?x?x1x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>) {
  %c = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16, nsa.schedule = #nsa.schedule<vector>} : (tensor<?x?x1x64xf16>) -> tensor<?x?x1x64xf16>
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 64, nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 4, stages = 2>}
      : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x4xi32>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 32, nsa.schedule = #nsa.schedule<plain>}
      : (tensor<?x?x4x64xf16>, tensor<?x?x1x64xf16>, tensor<?x?x1x64xf16>) -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>)
  return %c, %0, %2 : tensor<?x?x1x64xf16>, tensor<?x?x4x64xf16>, tensor<?x?x4x64xf16>
}
