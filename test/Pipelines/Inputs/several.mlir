// Three selections, of which the second cannot be fused, since its scores are
// returned; and windows, of which two want different tiles and one is fused.

!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!wide = tensor<1x128x1x256xbf16>
!wide_q = tensor<1x128x16x256xbf16>
!kc = tensor<1x8x1x64xbf16>
!lse = tensor<1x128x16xf32>
!p = tensor<1x128x1x8xf32>
!idx = tensor<1x128x1x4xi32>
!gates = tensor<1x128x16x3xf32>

func.func @first(%q: !q, %kc: !kc) -> (!q, !idx) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%c0) kv_len(%c128) {compression_block = 16, compression_stride = 16}
    : (!q, !kc, !kc, index, index) -> (!q, !lse)
  %p = nsa.block_scores %q, %kc, %lse, %c128 q_offset(%c0) kv_len(%c128)
    {compression_block = 16, compression_stride = 16, selection_block = 16}
    : (!q, !kc, !lse, index, index, index) -> !p
  %idx = nsa.select_top_n %p q_offset(%c0) kv_len(%c128) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  return %o, %idx : !q, !idx
}

func.func @second(%q: !q, %kc: !kc) -> (!q, !idx, !p) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%c0) kv_len(%c128) {compression_block = 16, compression_stride = 16}
    : (!q, !kc, !kc, index, index) -> (!q, !lse)
  %p = nsa.block_scores %q, %kc, %lse, %c128 q_offset(%c0) kv_len(%c128)
    {compression_block = 16, compression_stride = 16, selection_block = 16}
    : (!q, !kc, !lse, index, index, index) -> !p
  %idx = nsa.select_top_n %p q_offset(%c0) kv_len(%c128) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  return %o, %idx, %p : !q, !idx, !p
}

func.func @third(%q: !q, %kc: !kc) -> (!q, !idx) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%c0) kv_len(%c128) {compression_block = 16, compression_stride = 16}
    : (!q, !kc, !kc, index, index) -> (!q, !lse)
  %p = nsa.block_scores %q, %kc, %lse, %c128 q_offset(%c0) kv_len(%c128)
    {compression_block = 16, compression_stride = 16, selection_block = 16}
    : (!q, !kc, !lse, index, index, index) -> !p
  %idx = nsa.select_top_n %p q_offset(%c0) kv_len(%c128) {selection_block = 16, top_n = 4} : (!p, index, index) -> !idx
  return %o, %idx : !q, !idx
}

func.func @gated(%q: !q, %k: !kv, %idx: !idx, %gates: !gates) -> !q {
  %s, %s_lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 16, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  %w, %w_lse = nsa.window_attention %q, %k, %k {window = 32} : (!q, !kv, !kv) -> (!q, !lse)
  %g = nsa.gate %q, %s, %w gates(%gates) : (!q, !q, !q, !gates) -> !q
  return %g : !q
}

func.func @windows(%q: !q, %k: !kv, %wide_q: !wide_q, %wide: !wide) -> (!q, !wide_q) {
  %a, %a_lse = nsa.window_attention %q, %k, %k {window = 100} : (!q, !kv, !kv) -> (!q, !lse)
  %b, %b_lse = nsa.window_attention %wide_q, %wide, %wide {window = 100} : (!wide_q, !wide, !wide) -> (!wide_q, !lse)
  return %a, %b : !q, !wide_q
}
