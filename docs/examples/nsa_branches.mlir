// Native Sparse Attention, forward pass, written with the branch ops.
//
// Printed by: python -m nsa_mlir.example --form=branches --heads=8 --groups=2 --dk=64 --dv=64 --dtype=f32
//
// B (batch) and T (tokens) are free; queries and keys may differ in number (Tq, Tk),
// query 0 then stands at key Tk - Tq. Results, in order:
//   o, kc, vc, o_cmp, lse_cmp, scores, idx, o_slc, lse_slc, o_win, lse_win
//
// Run it with random numbers (or give NAME.npy for an input; bf16 is raw uint16):
//   nsa-run THIS_FILE --entry=nsa_branches --device=cpu \
//     --input=1x1024x8x64xf32=random:1 \
//     --input=1x1024x2x64xf32=random:2 \
//     --input=1x1024x2x64xf32=random:3 \
//     --input=1x1024x2x64xf32=random:4 \
//     --input=1x1024x2x64xf32=random:5 \
//     --input=1x1024x2x64xf32=random:6 \
//     --input=1x1024x2x64xf32=random:7 \
//     --input=1x1024x8x3xf32=random:8

!q = tensor<?x?x8x64xf32>      // queries [B, Tq, heads, dk]
!k = tensor<?x?x2x64xf32>      // keys [B, Tk, groups, dk]
!v = tensor<?x?x2x64xf32>      // values [B, Tk, groups, dv]
!o = tensor<?x?x8x64xf32>      // outputs [B, Tq, heads, dv]
!lse = tensor<?x?x8xf32>       // log-sum-exp of each row
!gates = tensor<?x?x8x3xf32>   // compressed, selected, window
!scores = tensor<?x?x2x?xf32>  // one per selection block
!idx = tensor<?x?x2x16xi32>    // blocks, ascending, then -1

func.func @nsa_branches(%q: !q,
                        %k_cmp: !k, %v_cmp: !v,
                        %k_slc: !k, %v_slc: !v,
                        %k_win: !k, %v_win: !v,
                        %gates: !gates)
    -> (!o, !k, !v, !o, !lse, !scores, !idx, !o, !lse, !o, !lse) {
  // Query 0 stands at key Tk - Tq; all Tk keys exist.
  %c1 = arith.constant 1 : index
  %tq = tensor.dim %q, %c1 : !q
  %tk = tensor.dim %k_slc, %c1 : !k
  %offset = arith.subi %tk, %tq : index

  // One key and one value for every block of 32 tokens, every 16 tokens.
  %kc = nsa.compress mean(%k_cmp)
    {compression_block = 32, compression_stride = 16} : (!k) -> !k
  %vc = nsa.compress mean(%v_cmp)
    {compression_block = 32, compression_stride = 16} : (!v) -> !v

  // First branch: attention over the compressed keys.
  %o_cmp, %lse_cmp = nsa.compressed_attention %q, %kc, %vc q_offset(%offset) kv_len(%tk)
    {compression_block = 32, compression_stride = 16}
    : (!q, !k, !v, index, index) -> (!o, !lse)

  // Its probabilities are the importance of each block of 64 tokens; every group
  // of heads takes 16 of them, 1 at the start and 2 at its own position included.
  %scores = nsa.block_scores %q, %kc, %lse_cmp, %tk q_offset(%offset) kv_len(%tk)
    {compression_block = 32, compression_stride = 16, selection_block = 64}
    : (!q, !k, !lse, index, index, index) -> !scores
  %idx = nsa.select_top_n %scores q_offset(%offset) kv_len(%tk)
    {selection_block = 64, top_n = 16}
    : (!scores, index, index) -> !idx

  // Second branch: attention over the tokens of the selected blocks.
  %o_slc, %lse_slc = nsa.selected_attention %q, %k_slc, %v_slc, %idx
    {selection_block = 64, unique} : (!q, !k, !v, !idx) -> (!o, !lse)

  // Third branch: attention over the last 512 tokens.
  %o_win, %lse_win = nsa.window_attention %q, %k_win, %v_win
    {window = 512} : (!q, !k, !v) -> (!o, !lse)

  // The gated sum, in the order compressed, selected, window.
  %o = nsa.gate %o_cmp, %o_slc, %o_win gates(%gates)
    : (!o, !o, !o, !gates) -> !o

  return %o, %kc, %vc, %o_cmp, %lse_cmp, %scores, %idx, %o_slc, %lse_slc, %o_win, %lse_win
    : !o, !k, !v, !o, !lse, !scores, !idx, !o, !lse, !o, !lse
}
