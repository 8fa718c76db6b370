// Small enough to be measured, with one number that is unlike the others.
!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x1x64xbf16>
!gates = tensor<1x128x16x3xf32>

func.func @f(%q: !q, %k: !kv, %v: !kv, %gates: !gates) -> !q {
  %o = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%gates)
    {compression_block = 16, compression_stride = 16, selection_block = 16, top_n = 4, window = 32}
    : (!q, !kv, !kv, !kv, !kv, !kv, !kv, !gates) -> !q
  return %o : !q
}
