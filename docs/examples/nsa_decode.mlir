// Native Sparse Attention, decoding: one new token per sequence.
//
// A server keeps, per sequence, a cache of keys and values for every branch and
// a cache of compressed keys and values, to which it adds one entry whenever a
// compression block is complete. All caches are preallocated: storage at or
// beyond a sequence's length may hold anything, NaN included.
//
// Shapes: B sequences, caches of T tokens and of Tc compressed keys.
//   q                      [B, 1, 8, 64]     the new token's queries
//   kc, vc                 [B, Tc, 2, 64]    compressed keys and values
//   k_slc, v_slc           [B, T, 2, 64]     cache of the selected branch
//   k_win, v_win           [B, T, 2, 64]     cache of the window branch
//   gates                  [B, 1, 8, 3]      compressed, selected, window
//   q_offset               [B]               position of the new token
//   kv_len                 [B]               tokens that exist, the new one included
// Results, in order: o [B, 1, 8, 64] and the selected blocks [B, 1, 2, 16].
//
// Run it with random numbers and two sequences, of 1000 and 517 tokens
// (positions.npy holds the int32 999 and 516, lengths.npy 1000 and 517):
//   nsa-run nsa_decode.mlir --entry=nsa_decode --device=cpu \
//     --input=2x1x8x64xf32=random:1 \
//     --input=2x63x2x64xf32=random:2 --input=2x63x2x64xf32=random:3 \
//     --input=2x1024x2x64xf32=random:4 --input=2x1024x2x64xf32=random:5 \
//     --input=2x1024x2x64xf32=random:6 --input=2x1024x2x64xf32=random:7 \
//     --input=2x1x8x3xf32=random:8 \
//     --input=positions.npy --input=lengths.npy

!q = tensor<?x1x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x1x8xf32>
!gates = tensor<?x1x8x3xf32>
!scores = tensor<?x1x2x?xf32>
!idx = tensor<?x1x2x16xi32>
!extent = tensor<?xi32>

func.func @nsa_decode(%q: !q, %kc: !kv, %vc: !kv,
                      %k_slc: !kv, %v_slc: !kv,
                      %k_win: !kv, %v_win: !kv,
                      %gates: !gates, %q_offset: !extent, %kv_len: !extent)
    -> (!q, !idx) {
  // Scores must cover the longest sequence that the cache can hold.
  %c1 = arith.constant 1 : index
  %kv_max = tensor.dim %k_slc, %c1 : !kv

  // First branch. kv_len counts tokens, not compressed keys: a compressed key
  // is visible once the last token of its block is.
  %o_cmp, %lse_cmp = nsa.compressed_attention %q, %kc, %vc
    q_offset(%q_offset) kv_len(%kv_len)
    {compression_block = 32, compression_stride = 16}
    : (!q, !kv, !kv, !extent, !extent) -> (!q, !lse)

  // 16 blocks of 64 tokens, the first and the last two always among them.
  %scores = nsa.block_scores %q, %kc, %lse_cmp, %kv_max
    q_offset(%q_offset) kv_len(%kv_len)
    {compression_block = 32, compression_stride = 16, selection_block = 64}
    : (!q, !kv, !lse, index, !extent, !extent) -> !scores
  %idx = nsa.select_top_n %scores q_offset(%q_offset) kv_len(%kv_len)
    {selection_block = 64, top_n = 16} : (!scores, !extent, !extent) -> !idx

  // Second and third branch.
  %o_slc, %lse_slc = nsa.selected_attention %q, %k_slc, %v_slc, %idx
    q_offset(%q_offset) kv_len(%kv_len) {selection_block = 64, unique}
    : (!q, !kv, !kv, !idx, !extent, !extent) -> (!q, !lse)
  %o_win, %lse_win = nsa.window_attention %q, %k_win, %v_win
    q_offset(%q_offset) kv_len(%kv_len) {window = 512}
    : (!q, !kv, !kv, !extent, !extent) -> (!q, !lse)

  %o = nsa.gate %o_cmp, %o_slc, %o_win gates(%gates)
    {activation = #nsa.gate_activation<sigmoid>}
    : (!q, !q, !q, !gates) -> !q
  return %o, %idx : !q, !idx
}
