// Native Sparse Attention, forward pass, as one op.
//
// Printed by: python -m nsa_mlir.example --form=forward
//
// B (batch) and T (tokens) are free; queries and keys may differ in number (Tq, Tk),
// query 0 then stands at key Tk - Tq. Results, in order:
//   o
//
// Run it with random numbers (or give NAME.npy for an input; bf16 is raw uint16):
//   nsa-run THIS_FILE --entry=nsa_forward --device=cpu \
//     --input=1x1024x64x192xbf16=random:1 \
//     --input=1x1024x4x192xbf16=random:2 \
//     --input=1x1024x4x128xbf16=random:3 \
//     --input=1x1024x4x192xbf16=random:4 \
//     --input=1x1024x4x128xbf16=random:5 \
//     --input=1x1024x4x192xbf16=random:6 \
//     --input=1x1024x4x128xbf16=random:7 \
//     --input=1x1024x64x3xf32=random:8

!q = tensor<?x?x64x192xbf16>   // queries [B, Tq, heads, dk]
!k = tensor<?x?x4x192xbf16>    // keys [B, Tk, groups, dk]
!v = tensor<?x?x4x128xbf16>    // values [B, Tk, groups, dv]
!o = tensor<?x?x64x128xbf16>   // outputs [B, Tq, heads, dv]
!gates = tensor<?x?x64x3xf32>  // compressed, selected, window

func.func @nsa_forward(%q: !q,
                       %k_cmp: !k, %v_cmp: !v,
                       %k_slc: !k, %v_slc: !v,
                       %k_win: !k, %v_win: !v,
                       %gates: !gates)
    -> !o {
  // Keys and values are compressed inside, by the mean of each block.
  %o = nsa.attention %q compressed(%k_cmp, %v_cmp)
    selected(%k_slc, %v_slc) window(%k_win, %v_win) gates(%gates)
    {compression_block = 32, compression_stride = 16,
     selection_block = 64, top_n = 16, window = 512}
    : (!q, !k, !v, !k, !v, !k, !v, !gates) -> !o
  return %o : !o
}
