// Sliding-window attention with attention sinks.
//
// A sink is one learned score per head that takes part in the softmax and has
// no value: it lets a head attend to nothing. It is not a token, so the window
// attention knows nothing about it; nsa.merge adds it afterwards, exactly.
//
// Shapes: B batch, T tokens (Tq queries, Tk keys; query 0 stands at Tk - Tq).
//   q        [B, Tq, 8, 64]
//   k, v     [B, Tk, 2, 64]
//   sink     [8]
// Results, in order: o [B, Tq, 8, 64] and lse [B, Tq, 8], the sink included.
//
// Run it with random numbers:
//   nsa-run window_sink.mlir --entry=window_sink --device=cpu \
//     --input=1x1024x8x64xf32=random:1 \
//     --input=1x1024x2x64xf32=random:2 --input=1x1024x2x64xf32=random:3 \
//     --input=8xf32=random:4

!q = tensor<?x?x8x64xf32>
!kv = tensor<?x?x2x64xf32>
!lse = tensor<?x?x8xf32>

func.func @window_sink(%q: !q, %k: !kv, %v: !kv, %sink: tensor<8xf32>) -> (!q, !lse) {
  // Each query sees its own token and the 127 before it.
  %o_win, %lse_win = nsa.window_attention %q, %k, %v
    {window = 128} : (!q, !kv, !kv) -> (!q, !lse)

  // lse = log(exp(lse_win) + exp(sink)), and o shrinks accordingly.
  %o, %lse = nsa.merge %o_win lse(%lse_win) sink(%sink)
    : (!q, !lse, tensor<8xf32>) -> (!q, !lse)
  return %o, %lse : !q, !lse
}
