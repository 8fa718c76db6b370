// The same op in two blocks, on other operands.
!q = tensor<1x512x16x64xf16>
!kv = tensor<1x512x2x64xf16>
func.func @f(%q: !q, %k: !kv, %v: !kv, %c: i1) -> !q {
  cf.cond_br %c, ^a, ^b
^a:
  %o, %lse = nsa.window_attention %q, %k, %v {window = 100} : (!q, !kv, !kv) -> (!q, tensor<1x512x16xf32>)
  return %o : !q
^b:
  %o2, %lse2 = nsa.window_attention %q, %v, %k {window = 100} : (!q, !kv, !kv) -> (!q, tensor<1x512x16xf32>)
  return %o2 : !q
}
