// InfLLM-v2, written with the ops of Native Sparse Attention.
//
// It differs from Native Sparse Attention in three ways: all parts share one
// key and one value tensor, compressed keys only serve to find the important
// blocks (there is no compressed output, no window, no gate), and the scores'
// softmax denominator comes from *coarser* compressed keys, of which there are
// four times fewer to read. A block's score is the maximum, not the sum, over
// the compressed keys that touch it. Rows before the first coarse key is
// complete have lse = -inf and scores 0: they take the forced blocks and, ties
// going to the lowest block, the first ones.
//
// Shapes: B batch, T tokens (Tq queries, Tk keys; query 0 stands at Tk - Tq).
//   q        [B, Tq, 32, 64]
//   k, v     [B, Tk, 2, 64]
// Results, in order: o [B, Tq, 32, 64], the selected blocks [B, Tq, 2, 8], the
// coarse lse [B, Tq, 32] and the fine compressed keys [B, Tc, 2, 64] that were
// scored.
//
// Run it with random numbers:
//   nsa-run infllm_v2.mlir --entry=infllm_v2 --device=cpu \
//     --input=1x1024x32x64xf32=random:1 \
//     --input=1x1024x2x64xf32=random:2 --input=1x1024x2x64xf32=random:3

!q = tensor<?x?x32x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x32xf32>
!scores = tensor<?x?x2x?xf32>
!idx = tensor<?x?x2x8xi32>

func.func @infllm_v2(%q: !q, %k: !kv, %v: !kv) -> (!q, !idx, !lse, !kv) {
  %c1 = arith.constant 1 : index
  %tq = tensor.dim %q, %c1 : !q
  %tk = tensor.dim %k, %c1 : !kv
  %offset = arith.subi %tk, %tq : index

  // Fine keys are scored; coarse keys give the softmax denominator. The coarse
  // attention's output is not used, so the keys stand in for its values.
  %k_fine = nsa.compress mean(%k)
    {compression_block = 32, compression_stride = 16} : (!kv) -> !kv
  %k_coarse = nsa.compress mean(%k)
    {compression_block = 128, compression_stride = 64} : (!kv) -> !kv
  %unused, %lse = nsa.compressed_attention %q, %k_coarse, %k_coarse q_offset(%offset)
    {compression_block = 128, compression_stride = 64}
    : (!q, !kv, !kv, index) -> (!q, !lse)

  %scores = nsa.block_scores %q, %k_fine, %lse, %tk q_offset(%offset)
    {compression_block = 32, compression_stride = 16, selection_block = 64,
     score_map = #nsa.score_map<max>}
    : (!q, !kv, !lse, index, index) -> !scores
  %idx = nsa.select_top_n %scores q_offset(%offset)
    {selection_block = 64, top_n = 8} : (!scores, index) -> !idx

  %o, %lse_slc = nsa.selected_attention %q, %k, %v, %idx
    {selection_block = 64, unique} : (!q, !kv, !kv, !idx) -> (!q, !lse)
  return %o, %idx, %lse, %k_fine : !q, !idx, !lse, !kv
}
