// Schedules written by hand that no kernel can follow: an error with the reason,
// never a kernel. Each with what would have been legal beside it.

// RUN: nsa-opt %s --convert-nsa-to-tile --split-input-file --verify-diagnostics -o /dev/null

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
func.func @columns(%q: !q, %k: !k) -> (!q, !q) {
  %0, %1 = nsa.window_attention %q, %k, %k
      {window = 64, nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 128, row_warps = 1, key_warps = 4, stages = 2>} : (!q, !k, !k) -> (!q, !lse)
  // expected-error @below {{convert-nsa-to-tile: nsa.window_attention has no kernel by #nsa.schedule<dense, queries = 4, keys = 128, row_warps = 1, key_warps = 8, stages = 2>: Dv (64) must be a multiple of 16 * key_warps (128): each sums some columns of all}}
  %2, %3 = nsa.window_attention %q, %k, %k
      {window = 64, nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 128, row_warps = 1, key_warps = 8, stages = 2>} : (!q, !k, !k) -> (!q, !lse)
  return %0, %2 : !q, !q
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
func.func @room(%q: !q, %k: !k) -> !q {
  // expected-error @below {{shared memory (264192 bytes) is more than a block may have on any chip (232448): queries 2048, stages 262144}}
  %0, %1 = nsa.window_attention %q, %k, %k
      {window = 64, nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 512, row_warps = 1, key_warps = 1, stages = 2>} : (!q, !k, !k) -> (!q, !lse)
  return %0 : !q
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
func.func @entries(%q: !q, %k: !k, %idx: tensor<?x?x2x32xi32>, %any: tensor<?x?x2x?xi32>) -> (!q, !q, !q) {
  %0, %1 = nsa.selected_attention %q, %k, %k, %idx
      {selection_block = 64, unique, nsa.schedule = #nsa.schedule<union, queries = 16, keys = 64, row_warps = 4, key_warps = 1, stages = 2>} : (!q, !k, !k, tensor<?x?x2x32xi32>) -> (!q, !lse)
  // expected-error @below {{queries (17) * width of a list (32) are 544 entries, not 1 to 512: the work of making their union grows with the square}}
  %2, %3 = nsa.selected_attention %q, %k, %k, %idx
      {selection_block = 64, unique, nsa.schedule = #nsa.schedule<union, queries = 17, keys = 64, row_warps = 8, key_warps = 1, stages = 2>} : (!q, !k, !k, tensor<?x?x2x32xi32>) -> (!q, !lse)
  // expected-error @below {{the width of the lists is dynamic, but the union has a place in shared memory for every entry}}
  %4, %5 = nsa.selected_attention %q, %k, %k, %any
      {selection_block = 64, unique, nsa.schedule = #nsa.schedule<union, queries = 2, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : (!q, !k, !k, tensor<?x?x2x?xi32>) -> (!q, !lse)
  return %0, %2, %4 : !q, !q, !q
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
func.func @served(%q: !q, %k: !k, %repeats: tensor<?x?x2x4xi32>, %others: tensor<?x?x8x4xi32>, %g: tensor<?x?x8x1xf32>, %f: tensor<?x?x8x64xf32>) -> (!q, !q, tensor<?x?x8x64xf32>) {
  // expected-error @below {{family query_major does not serve it: its lists are not known to be unique}}
  %0, %1 = nsa.selected_attention %q, %k, %k, %repeats
      {selection_block = 64, nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : (!q, !k, !k, tensor<?x?x2x4xi32>) -> (!q, !lse)
  // expected-error @below {{family union does not serve it: it has 8 lists a query for 2 key/value heads}}
  %2, %3 = nsa.selected_attention %q, %k, %k, %others
      {selection_block = 64, unique, nsa.schedule = #nsa.schedule<union, queries = 2, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : (!q, !k, !k, tensor<?x?x8x4xi32>) -> (!q, !lse)
  // expected-error @below {{family vector does not serve it: 'branches[0]' has element type f32, not f16 or bf16}}
  %4 = nsa.gate %f gates(%g) {nsa.schedule = #nsa.schedule<vector>} : (tensor<?x?x8x64xf32>, tensor<?x?x8x1xf32>) -> tensor<?x?x8x64xf32>
  return %0, %2, %4 : !q, !q, tensor<?x?x8x64xf32>
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
!p = tensor<?x?x2x?xf32>
!idx = tensor<?x?x2x16xi32>
func.func @selection(%q: !q, %k: !k, %off: index) -> !idx {
  // expected-error @below {{key_warps (2) must be 1 in a selection fusion, where a warp ranks what it scored}}
  %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 1, key_warps = 2, stages = 2>} : !q, !lse, !idx {
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 32, compression_stride = 16} : (!q, !k, !k, index) -> (!q, !lse)
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (!q, !k, !lse, index, index) -> !p
    %3 = nsa.select_top_n %2 q_offset(%off) {selection_block = 64, top_n = 16} : (!p, index) -> !idx
    nsa.yield %1#0, %1#1, %3 : !q, !lse, !idx
  }
  return %0#2 : !idx
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
!p = tensor<?x?x2x?xf32>
!idx = tensor<?x?x2x16xi32>
func.func @selection(%q: !q, %k: !k, %off: index) -> !idx {
  // expected-error @below {{keys (64) must be a multiple of the 24 compression strides of a selection block}}
  %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : !q, !lse, !idx {
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 8, compression_stride = 4} : (!q, !k, !k, index) -> (!q, !lse)
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {compression_block = 8, compression_stride = 4, selection_block = 96} : (!q, !k, !lse, index, index) -> !p
    %3 = nsa.select_top_n %2 q_offset(%off) {selection_block = 96, top_n = 16} : (!p, index) -> !idx
    nsa.yield %1#0, %1#1, %3 : !q, !lse, !idx
  }
  return %0#2 : !idx
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
!p = tensor<?x?x2x?xf32>
!idx = tensor<?x?x2x129xi32>
func.func @selection(%q: !q, %k: !k, %off: index) -> !idx {
  // expected-error @below {{family dense does not serve it: of nsa.select_top_n, top_n (129) is not 1 to 128}}
  %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : !q, !lse, !idx {
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 32, compression_stride = 16} : (!q, !k, !k, index) -> (!q, !lse)
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (!q, !k, !lse, index, index) -> !p
    %3 = nsa.select_top_n %2 q_offset(%off) {selection_block = 64, top_n = 129} : (!p, index) -> !idx
    nsa.yield %1#0, %1#1, %3 : !q, !lse, !idx
  }
  return %0#2 : !idx
}

// -----

!q = tensor<?x?x32x64xbf16>
!k = tensor<?x?x1x64xbf16>
!lse = tensor<?x?x32xf32>
!p = tensor<?x?x1x?xf32>
!idx = tensor<?x?x1x16xi32>
func.func @selection(%q: !q, %k: !k, %off: index) -> !idx {
  // expected-error @below {{the 32 heads that share a list must be in one tile, but 16 * row_warps / queries is 24}}
  %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 2, keys = 64, row_warps = 3, key_warps = 1, stages = 2>} : !q, !lse, !idx {
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 32, compression_stride = 16} : (!q, !k, !k, index) -> (!q, !lse)
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (!q, !k, !lse, index, index) -> !p
    %3 = nsa.select_top_n %2 q_offset(%off) {selection_block = 64, top_n = 16} : (!p, index) -> !idx
    nsa.yield %1#0, %1#1, %3 : !q, !lse, !idx
  }
  return %0#2 : !idx
}

// -----

!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
!lse = tensor<?x?x8xf32>
!p = tensor<?x?x2x?xf32>
!idx = tensor<?x?x2x16xi32>
func.func @selection(%q: !q, %k: !k, %off: index) -> !idx {
  // expected-error @below {{family dense does not serve it: of nsa.block_scores, a selection block has 1029 compression strides, and the least multiple of both that and 16 is 16464, more than a tile's 1024 keys}}
  %0:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 1, key_warps = 1, stages = 2>} : !q, !lse, !idx {
    %1:2 = nsa.compressed_attention %q, %k, %k q_offset(%off) {compression_block = 4, compression_stride = 4} : (!q, !k, !k, index) -> (!q, !lse)
    %2 = nsa.block_scores %q, %k, %1#1, %off q_offset(%off) {compression_block = 4, compression_stride = 4, selection_block = 4116} : (!q, !k, !lse, index, index) -> !p
    %3 = nsa.select_top_n %2 q_offset(%off) {selection_block = 4116, top_n = 16} : (!p, index) -> !idx
    nsa.yield %1#0, %1#1, %3 : !q, !lse, !idx
  }
  return %0#2 : !idx
}
