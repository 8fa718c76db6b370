// Each op gets a schedule: its own, the options', the file's or the fastest; and a
// remark says which, from where, how fast, and what is next best.

// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 tokens=65536" --split-input-file | FileCheck %s
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90a tokens=65536" --split-input-file | FileCheck %s
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 tokens=65536" --split-input-file --remarks-filter="nsa-set-schedule" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark:
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 tokens=65536" --nsa-set-schedule="chip=sm_90 tokens=65536 family=plain" --split-input-file --verify-roundtrip | FileCheck %s
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 family=query_major key-warps=2" --split-input-file | FileCheck %s --check-prefix=QUERY
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 key-warps=2" --split-input-file | FileCheck %s --check-prefix=KEYWARPS
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 queries=2" --split-input-file | FileCheck %s --check-prefix=TWO
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 keys=48 stages=3" --split-input-file | FileCheck %s --check-prefix=KEYS48
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 family=plain" --split-input-file --remarks-filter="nsa-set-schedule" 2>&1 | FileCheck %s --check-prefix=PLAIN --implicit-check-not="nsa.schedule = #nsa.schedule<vector"
// RUN: nsa-opt %s --nsa-set-schedule="chip=sm_90 tuning=%S/Inputs/tuning.json" --split-input-file --remarks-filter="nsa-set-schedule" 2>&1 | FileCheck %s --check-prefix=TUNING

// CHECK-LABEL: func.func @whole(
// CHECK: nsa.compress {{.*}}nsa.schedule = #nsa.schedule<vector>
// CHECK: nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 8, key_warps = 1, stages = 2>}
// CHECK-NOT: nsa.schedule
// CHECK: nsa.yield
// CHECK: nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 8, keys = 64, row_warps = 8, key_warps = 1, stages = 2>}
// CHECK-NOT: nsa.schedule
// CHECK: nsa.yield

// REMARK: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.compress runs as #nsa.schedule<vector>, from cost model: predicted at 16.6 us on sm_90, bound by hbm; next best are plain kernels"
// REMARK: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.fusion runs as #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 8, key_warps = 1, stages = 2>, from cost model: predicted at {{[0-9.]+}} ms on sm_90, bound by shared; next best is #nsa.schedule<dense, queries = 8, keys = {{[0-9]+}}, row_warps = 8, key_warps = 1, stages = {{[0-9]}}>, predicted at {{[0-9.]+}} ms (shared), with {{[0-9]+}} bytes of shared memory for 140288"
// REMARK: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.fusion runs as #nsa.schedule<union, queries = 8, keys = 64, row_warps = 8, key_warps = 1, stages = 2>, from cost model: predicted at {{[0-9.]+}} ms on sm_90, bound by shared; next best is #nsa.schedule<union, {{.*}}", apart="{{[0-9.]+}} ms", union_factor=2.02

// QUERY-LABEL: func.func @whole(
// QUERY: nsa.fusion selection {nsa.schedule = #nsa.schedule<dense
// QUERY: nsa.fusion gated {nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = {{[0-9]+}}, row_warps = 1, key_warps = 2,
// A selection has one key warp, whatever the others get.
// KEYWARPS-LABEL: func.func @whole(
// KEYWARPS: nsa.fusion selection {{.*}}key_warps = 1,
// KEYWARPS: nsa.fusion gated {{.*}}key_warps = 2,
// TWO-LABEL: func.func @whole(
// TWO: nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 2, keys = {{[0-9]+}}, row_warps = 2,
// TWO: nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 2, keys = {{[0-9]+}}, row_warps = 2,
// KEYS48-LABEL: func.func @whole(
// KEYS48: nsa.compress {{.*}}nsa.schedule = #nsa.schedule<vector>
// KEYS48: nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 48, row_warps = 8, key_warps = 1, stages = 3>}

// PLAIN: remark: [Missed] plain | Category:nsa-set-schedule | Reason="it was asked for; next best is #nsa.schedule<vector>, predicted at 8.3 us (hbm)", Remark="nsa.compress runs as #nsa.schedule<plain>, from options"
// PLAIN: remark: [Missed] plain | Category:nsa-set-schedule | Reason="it was asked for; next best is #nsa.schedule<dense, {{.*}}>, predicted at {{[0-9.]+}} ms (shared)", Remark="nsa.fusion runs as #nsa.schedule<plain>, from options"

// TUNING: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.compress runs as #nsa.schedule<vector>, from cost model:
// TUNING: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.fusion runs as #nsa.schedule<dense, queries = 4, keys = 128, row_warps = 4, key_warps = 1, stages = 2>, from entry 2 of {{.*}}tuning.json: predicted at
// TUNING: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.fusion runs as #nsa.schedule<union, queries = 2, keys = 64, row_warps = 2, key_warps = 2, stages = 3>, from entry 1 of {{.*}}tuning.json: predicted at
func.func @whole(%q: tensor<?x?x64x128xbf16>, %k: tensor<?x?x4x128xbf16>, %vc: tensor<?x?x4x128xbf16>, %g: tensor<?x?x64x3xf32>, %off: index, %len: index) -> tensor<?x?x64x128xbf16> {
  %kc = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16} : (tensor<?x?x4x128xbf16>) -> tensor<?x?x4x128xbf16>
  %s:3 = nsa.fusion selection : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32> {
    %0, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, index, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %p = nsa.block_scores %q, %kc, %lse, %len q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16, selection_block = 64}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x64xf32>, index, index, index) -> tensor<?x?x4x?xf32>
    %idx = nsa.select_top_n %p q_offset(%off) kv_len(%len) {selection_block = 64, top_n = 16} : (tensor<?x?x4x?xf32>, index, index) -> tensor<?x?x4x16xi32>
    nsa.yield %0, %lse, %idx : tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>, tensor<?x?x4x16xi32>
  }
  %o = nsa.fusion gated : tensor<?x?x64x128xbf16> {
    %1, %lse1 = nsa.selected_attention %q, %k, %k, %s#2 q_offset(%off) kv_len(%len) {selection_block = 64, unique}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x16xi32>, index, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %2, %lse2 = nsa.window_attention %q, %k, %k q_offset(%off) kv_len(%len) {window = 512}
        : (tensor<?x?x64x128xbf16>, tensor<?x?x4x128xbf16>, tensor<?x?x4x128xbf16>, index, index) -> (tensor<?x?x64x128xbf16>, tensor<?x?x64xf32>)
    %3 = nsa.gate %s#0, %1, %2 gates(%g) : (tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x128xbf16>, tensor<?x?x64x3xf32>) -> tensor<?x?x64x128xbf16>
    nsa.yield %3 : tensor<?x?x64x128xbf16>
  }
  return %o : tensor<?x?x64x128xbf16>
}

// -----

// What tensor cores do not serve runs plain, and the reason is said; an attribute
// stays, whatever is faster; a fusion whose parts would be faster apart is told.
// CHECK-LABEL: func.func @single(
// CHECK: nsa.compress {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.compressed_attention {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.block_scores {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.select_top_n {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.selected_attention {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.window_attention {{.*}}nsa.schedule = #nsa.schedule<dense, queries = 3, keys = 96, row_warps = 1, key_warps = 2, stages = 4>
// CHECK: nsa.gate {{.*}}nsa.schedule = #nsa.schedule<plain>
// CHECK: nsa.merge {{.*}}nsa.schedule = #nsa.schedule<vector>

// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="phi is linear, not mean or weighted", Remark="nsa.compress runs as #nsa.schedule<plain>, from cost model", Suggestion="f16 or bf16, head sizes of 64, 128, 192 or 256, unique lists and nsa-fuse make kernels on tensor cores possible"
// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="Dv is 60, not 64, 128, 192 or 256", Remark="nsa.compressed_attention runs as
// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="it is served only as part of a selection fusion", Remark="nsa.block_scores runs as
// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="it is served only as part of a selection fusion", Remark="nsa.select_top_n runs as
// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="its lists are not known to be unique", Remark="nsa.selected_attention runs as
// REMARK: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.window_attention runs as #nsa.schedule<dense, queries = 3, keys = 96, row_warps = 1, key_warps = 2, stages = 4>, from attribute: predicted at {{.*}}; better would be #nsa.schedule<dense, queries = 4, keys = 32,
// REMARK: remark: [Missed] plain | Category:nsa-set-schedule | Reason="'branches[0]' has element type f32, not f16 or bf16", Remark="nsa.gate runs as
// REMARK: remark: [Passed] schedule | Category:nsa-set-schedule | Remark="nsa.merge runs as #nsa.schedule<vector>
func.func @single(%q: tensor<1x100x4x64xf16>, %k: tensor<1x100x1x64xf16>, %w: tensor<1x256x64xf32>, %vc: tensor<1x49x1x60xf16>, %l: tensor<1x100x1x4xi32>, %off: index, %gf: tensor<1x100x4x8xf32>, %g: tensor<1x100x4x1xf32>)
    -> (tensor<1x100x4x60xf16>, tensor<1x100x1x4xi32>, tensor<1x100x4x64xf16>, tensor<1x100x4x8xf32>) {
  %kc = nsa.compress linear(%k) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x100x1x64xf16>, tensor<1x256x64xf32>) -> tensor<1x49x1x64xf16>
  %0, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2}
      : (tensor<1x100x4x64xf16>, tensor<1x49x1x64xf16>, tensor<1x49x1x60xf16>, index) -> (tensor<1x100x4x60xf16>, tensor<1x100x4xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8}
      : (tensor<1x100x4x64xf16>, tensor<1x49x1x64xf16>, tensor<1x100x4xf32>, index, index) -> tensor<1x100x1x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x100x1x?xf32>, index) -> tensor<1x100x1x4xi32>
  %1, %lse1 = nsa.selected_attention %q, %k, %k, %l {selection_block = 8} : (tensor<1x100x4x64xf16>, tensor<1x100x1x64xf16>, tensor<1x100x1x64xf16>, tensor<1x100x1x4xi32>) -> (tensor<1x100x4x64xf16>, tensor<1x100x4xf32>)
  %2, %lse2 = nsa.window_attention %q, %k, %k {window = 20, nsa.schedule = #nsa.schedule<dense, queries = 3, keys = 96, row_warps = 1, key_warps = 2, stages = 4>}
      : (tensor<1x100x4x64xf16>, tensor<1x100x1x64xf16>, tensor<1x100x1x64xf16>) -> (tensor<1x100x4x64xf16>, tensor<1x100x4xf32>)
  %3 = nsa.gate %gf gates(%g) : (tensor<1x100x4x8xf32>, tensor<1x100x4x1xf32>) -> tensor<1x100x4x8xf32>
  %4, %lse3 = nsa.merge %1, %2 lse(%lse1, %lse2) : (tensor<1x100x4x64xf16>, tensor<1x100x4x64xf16>, tensor<1x100x4xf32>, tensor<1x100x4xf32>) -> (tensor<1x100x4x64xf16>, tensor<1x100x4xf32>)
  return %0, %idx, %4, %3 : tensor<1x100x4x60xf16>, tensor<1x100x1x4xi32>, tensor<1x100x4x64xf16>, tensor<1x100x4x8xf32>
}
