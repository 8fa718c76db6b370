// Equal for a tuning file, but tensor cores do not serve the second: its lists
// are for all heads together.
!q = tensor<1x128x16x64xbf16>
!kv = tensor<1x128x2x64xbf16>
!lse = tensor<1x128x16xf32>

func.func @f(%q: !q, %k: !kv, %two: tensor<1x128x2x4xi32>, %one: tensor<1x128x1x4xi32>) -> (!q, !q) {
  %a, %a_lse = nsa.selected_attention %q, %k, %k, %two {selection_block = 16, unique} : (!q, !kv, !kv, tensor<1x128x2x4xi32>) -> (!q, !lse)
  %b, %b_lse = nsa.selected_attention %q, %k, %k, %one {selection_block = 16, unique} : (!q, !kv, !kv, tensor<1x128x1x4xi32>) -> (!q, !lse)
  return %a, %b : !q, !q
}
