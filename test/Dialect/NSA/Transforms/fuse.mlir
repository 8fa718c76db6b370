// Branches become fusions, each kind by itself or both, and say so; what cannot
// be fused stays and says why.

// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse=gated=false --split-input-file | FileCheck %s --check-prefix=SELECTION --implicit-check-not="nsa.fusion gated"
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse=selection=false --split-input-file | FileCheck %s --check-prefix=GATED --implicit-check-not="nsa.fusion selection"
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse="selection=false gated=false" --split-input-file | FileCheck %s --check-prefix=NONE --implicit-check-not="nsa.fusion"
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse --split-input-file --remarks-filter="nsa-fuse" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark:
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse --nsa-fuse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --allow-unregistered-dialect --nsa-fuse --nsa-fuse-selection --split-input-file | FileCheck %s --check-prefix=APART --implicit-check-not="nsa.fusion"

// The whole mechanism: two kernels. The compressed branch moves to where the list
// is made; the gate's first branch comes from there.
// CHECK-LABEL: func.func @whole(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x64xbf16>
// CHECK: nsa.compress
// CHECK: %[[KC:.*]] = nsa.compress
// CHECK: %[[S:.*]]:3 = nsa.fusion selection : tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>, tensor<?x?x2x4xi32> {
// CHECK-NEXT: %[[O:.*]], %[[LSE:.*]] = nsa.compressed_attention %[[Q]]
// CHECK-NEXT: %[[P:.*]] = nsa.block_scores %[[Q]], %{{.*}}, %[[LSE]]
// CHECK-NEXT: %[[IDX:.*]] = nsa.select_top_n %[[P]]
// CHECK-NEXT: nsa.yield %[[O]], %[[LSE]], %[[IDX]]
// CHECK: %[[G:.*]] = nsa.fusion gated : tensor<?x?x8x64xbf16> {
// CHECK-NEXT: %[[SLC:.*]], %{{.*}} = nsa.selected_attention %[[Q]], %{{.*}}, %{{.*}}, %[[S]]#2
// CHECK-NEXT: %[[WIN:.*]], %{{.*}} = nsa.window_attention
// CHECK-NEXT: %[[SUM:.*]] = nsa.gate %[[S]]#0, %[[SLC]], %[[WIN]]
// CHECK-NEXT: nsa.yield %[[SUM]]
// CHECK: return %[[G]]

// SELECTION-LABEL: func.func @whole(
// SELECTION: nsa.fusion selection
// SELECTION: nsa.gate
// GATED-LABEL: func.func @whole(
// GATED: nsa.select_top_n
// GATED: nsa.fusion gated
// NONE-LABEL: func.func @whole(
// NONE: nsa.gate
// APART-LABEL: func.func @whole(
// APART: scf.forall
// APART: nsa.gate

// REMARK: model.py:3:1{{.*}}remark: [Passed] fused | Category:nsa-fuse | Remark="nsa.compressed_attention, nsa.block_scores, nsa.select_top_n are one selection fusion"
// REMARK: model.py:9:1{{.*}}remark: [Passed] fused | Category:nsa-fuse | Remark="nsa.selected_attention, nsa.window_attention, nsa.gate are one gated fusion"
func.func @whole(%q: tensor<?x?x8x64xbf16>, %k: tensor<?x?x2x64xbf16>, %v: tensor<?x?x2x64xbf16>, %g: tensor<?x?x8x3xf32>, %off: index, %len: index) -> tensor<?x?x8x64xbf16> {
  %kc = nsa.compress mean(%k) {compression_block = 32, compression_stride = 16} : (tensor<?x?x2x64xbf16>) -> tensor<?x?x2x64xbf16>
  %vc = nsa.compress mean(%v) {compression_block = 32, compression_stride = 16} : (tensor<?x?x2x64xbf16>) -> tensor<?x?x2x64xbf16>
  %0, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16}
      : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, index, index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>) loc("model.py":3:1)
  %p = nsa.block_scores %q, %kc, %lse, %len q_offset(%off) kv_len(%len) {compression_block = 32, compression_stride = 16, selection_block = 64}
      : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x8xf32>, index, index, index) -> tensor<?x?x2x?xf32> loc("model.py":3:1)
  %idx = nsa.select_top_n %p q_offset(%off) kv_len(%len) {selection_block = 64, top_n = 4} : (tensor<?x?x2x?xf32>, index, index) -> tensor<?x?x2x4xi32> loc("model.py":3:1)
  %1, %lse1 = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 64, unique}
      : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x4xi32>, index, index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>) loc("model.py":9:1)
  %2, %lse2 = nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 512}
      : (tensor<?x?x8x64xbf16>, tensor<?x?x2x64xbf16>, tensor<?x?x2x64xbf16>, index, index) -> (tensor<?x?x8x64xbf16>, tensor<?x?x8xf32>) loc("model.py":9:1)
  %o = nsa.gate %0, %1, %2 gates(%g) : (tensor<?x?x8x64xbf16>, tensor<?x?x8x64xbf16>, tensor<?x?x8x64xbf16>, tensor<?x?x8x3xf32>) -> tensor<?x?x8x64xbf16> loc("model.py":9:1)
  return %o : tensor<?x?x8x64xbf16>
}

// -----

// The window is computed first, and the branches' lse is used: both are yielded.
// CHECK-LABEL: func.func @aux(
// CHECK: %[[F:.*]]:3 = nsa.fusion gated : tensor<1x9x8x64xf16>, tensor<1x9x8xf32>, tensor<1x9x8xf32> {
// CHECK-NEXT: %[[WIN:.*]], %[[LSEW:.*]] = nsa.window_attention {{.*}} {window = 4 : i64}
// CHECK-NEXT: %[[SLC:.*]], %[[LSES:.*]] = nsa.selected_attention {{.*}} {selection_block = 8 : i64, unique}
// CHECK-NEXT: %[[SUM:.*]] = nsa.gate %{{.*}}, %[[SLC]], %[[WIN]]
// CHECK-NEXT: nsa.yield %[[SUM]], %[[LSES]], %[[LSEW]]
// CHECK: return %[[F]]#0, %[[F]]#2
// REMARK: remark: [Passed] fused | Category:nsa-fuse | Remark="nsa.window_attention, nsa.selected_attention, nsa.gate are one gated fusion"
func.func @aux(%q: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>) {
  %0, %1 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %2, %0 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf16>) -> tensor<1x9x8x64xf16>
  return %o, %1 : tensor<1x9x8x64xf16>, tensor<1x9x8xf32>
}

// -----

// The compressed output is used before the list is made: the fusion stands
// before that use, since all it needs is known there.
// CHECK-LABEL: func.func @early_use(
// CHECK: %[[F:.*]]:3 = nsa.fusion selection
// CHECK: "test.use"(%[[F]]#0)
// CHECK: return %[[F]]#2
// REMARK: remark: [Passed] fused | Category:nsa-fuse | Remark="nsa.compressed_attention, nsa.block_scores, nsa.select_top_n are one selection fusion"
func.func @early_use(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %max: index) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%max) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  "test.use"(%0) : (tensor<1x9x8x64xf16>) -> ()
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%max) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// What the scores need follows from the compressed output.
// CHECK-LABEL: func.func @order(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] order | Category:nsa-fuse | Reason="the result of 'test.max' is needed by one of the ops, but known only after another has been used", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="compute what the branches need before they are used"
func.func @order(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %off: index) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %max = "test.max"(%0) : (tensor<1x9x8x64xf16>) -> index
  %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @no_producer(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] no-producer | Category:nsa-fuse | Reason="no nsa.block_scores of this function makes its scores", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="call nsa.block_scores in the same function"
func.func @no_producer(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %idx = nsa.select_top_n %p2 q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @shared_scores(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] shared-scores | Category:nsa-fuse | Reason="its scores have 2 uses", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="do not return or reuse the scores"
func.func @shared_scores(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  "test.use"(%p) : (tensor<1x9x2x?xf32>) -> ()
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @lse_from_elsewhere(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] lse-from-elsewhere | Category:nsa-fuse | Reason="the lse of nsa.block_scores comes from elsewhere than nsa.compressed_attention", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="none is needed if that is meant"
func.func @lse_from_elsewhere(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse2, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @other_keys(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] other-keys | Category:nsa-fuse | Reason="nsa.block_scores scores other keys than nsa.compressed_attention attends to", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="none is needed if that is meant"
func.func @other_keys(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc2, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @f32(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] not-served | Category:nsa-fuse | Reason="tensor cores do not serve nsa.compressed_attention: 'q' has element type f32, not f16 or bf16", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="use f16 or bf16 and head sizes of 64, 128, 192 or 256"
func.func @f32(%q: tensor<1x9x8x64xf32>, %kc: tensor<1x3x2x64xf32>, %kc2: tensor<1x3x2x64xf32>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf32>, tensor<1x3x2x64xf32>, tensor<1x3x2x64xf32>, index) -> (tensor<1x9x8x64xf32>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf32>, tensor<1x3x2x64xf32>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @size(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] not-served | Category:nsa-fuse | Reason="tensor cores do not serve nsa.compressed_attention: Dk is 80, not 64, 128, 192 or 256", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="use f16 or bf16 and head sizes of 64, 128, 192 or 256"
func.func @size(%q: tensor<1x9x8x80xf16>, %kc: tensor<1x3x2x80xf16>, %kc2: tensor<1x3x2x80xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x80xf16>, tensor<1x3x2x80xf16>, tensor<1x3x2x80xf16>, index) -> (tensor<1x9x8x80xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x80xf16>, tensor<1x3x2x80xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @lists_per_query_head(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] not-served | Category:nsa-fuse | Reason="tensor cores do not serve nsa.block_scores: it has 8 lists a query for 2 key/value heads", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="use f16 or bf16 and head sizes of 64, 128, 192 or 256"
func.func @lists_per_query_head(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x8x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x8x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, list_heads = #nsa.list_heads<query>} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x8x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x8x?xf32>, index) -> tensor<1x9x8x4xi32>
  return %idx : tensor<1x9x8x4xi32>
}

// -----

// CHECK-LABEL: func.func @offsets(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] disagree | Category:nsa-fuse | Reason="nsa.block_scores and nsa.select_top_n cannot be one kernel: they differ in q_offset", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="give the branches the same queries, positions and scale"
func.func @offsets(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off2) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @other_block(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] other-block | Category:nsa-fuse | Reason="nsa.compressed_attention stands in another block", Remark="nsa.select_top_n is not part of a selection fusion", Suggestion="have the branches computed in one block"
func.func @other_block(%q: tensor<1x9x8x64xf16>, %kc: tensor<1x3x2x64xf16>, %kc2: tensor<1x3x2x64xf16>, %lse2: tensor<1x9x8xf32>, %p2: tensor<1x9x2x?xf32>, %off: index, %off2: index, %cond: i1) -> tensor<1x9x2x4xi32> {
  %0, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x3x2x64xf16>, index) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  scf.if %cond {
  %p = nsa.block_scores %q, %kc, %lse, %off q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x3x2x64xf16>, tensor<1x9x8xf32>, index, index) -> tensor<1x9x2x?xf32>
  %idx = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<1x9x2x?xf32>, index) -> tensor<1x9x2x4xi32>
  "test.use"(%idx) : (tensor<1x9x2x4xi32>) -> ()
  }
  %idx = "test.list"() : () -> tensor<1x9x2x4xi32>
  return %idx : tensor<1x9x2x4xi32>
}

// -----

// CHECK-LABEL: func.func @two_branches(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] gate-branches | Category:nsa-fuse | Reason="it has 2 branches, not 3", Remark="nsa.gate is not part of a gated fusion", Suggestion="gate the branches in the order compressed, selected, window"
func.func @two_branches(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x2xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x2xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @order_selected(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] gate-order | Category:nsa-fuse | Reason="branch 1 is no result of nsa.selected_attention", Remark="nsa.gate is not part of a gated fusion", Suggestion="gate the branches in the order compressed, selected, window"
func.func @order_selected(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %2, %0 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @order_window(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] gate-order | Category:nsa-fuse | Reason="branch 2 is no result of nsa.window_attention", Remark="nsa.gate is not part of a gated fusion", Suggestion="gate the branches in the order compressed, selected, window"
func.func @order_window(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %c gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @shared_selected(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] shared-branch | Category:nsa-fuse | Reason="o of nsa.selected_attention has 2 uses", Remark="nsa.gate is not part of a gated fusion", Suggestion="do not return or reuse the branch's output"
func.func @shared_selected(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  "test.use"(%0) : (tensor<1x9x8x64xf16>) -> ()
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @shared_window(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] shared-branch | Category:nsa-fuse | Reason="o of nsa.window_attention has 2 uses", Remark="nsa.gate is not part of a gated fusion", Suggestion="do not return or reuse the branch's output"
func.func @shared_window(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  "test.use"(%2) : (tensor<1x9x8x64xf16>) -> ()
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @not_unique(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] not-served | Category:nsa-fuse | Reason="tensor cores do not serve nsa.selected_attention: its lists are not known to be unique", Remark="nsa.gate is not part of a gated fusion", Suggestion="use f16 or bf16 and head sizes of 64, 128, 192 or 256"
func.func @not_unique(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @one_list(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] not-served | Category:nsa-fuse | Reason="tensor cores do not serve nsa.selected_attention: it has 1 lists a query for 2 key/value heads", Remark="nsa.gate is not part of a gated fusion", Suggestion="use f16 or bf16 and head sizes of 64, 128, 192 or 256"
func.func @one_list(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x1x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x1x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @scales(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] disagree | Category:nsa-fuse | Reason="nsa.selected_attention and nsa.window_attention cannot be one kernel: they differ in scale (1.250000e-01 and 1.000000e+00)", Remark="nsa.gate is not part of a gated fusion", Suggestion="give the branches the same queries, positions and scale"
func.func @scales(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4, scale = 1.0} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// CHECK-LABEL: func.func @queries(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] disagree | Category:nsa-fuse | Reason="nsa.selected_attention and nsa.window_attention cannot be one kernel: they differ in queries", Remark="nsa.gate is not part of a gated fusion", Suggestion="give the branches the same queries, positions and scale"
func.func @queries(%q: tensor<1x9x8x64xf16>, %q2: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q2, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}

// -----

// An op has a schedule: someone wants that kernel.
// CHECK-LABEL: func.func @scheduled(
// CHECK-NOT: nsa.fusion
// CHECK: return
// REMARK: remark: [Missed] scheduled | Category:nsa-fuse | Reason="nsa.window_attention has a schedule of its own already", Remark="nsa.gate is not part of a gated fusion", Suggestion="fuse before schedules are set"
func.func @scheduled(%q: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16> {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %2, %3 = nsa.window_attention %q, %k, %k {window = 4, nsa.schedule = #nsa.schedule<plain>} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
  %o = nsa.gate %c, %0, %2 gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf32>) -> tensor<1x9x8x64xf16>
  return %o : tensor<1x9x8x64xf16>
}
