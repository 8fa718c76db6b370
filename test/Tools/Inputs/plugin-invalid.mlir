func.func @f(%q: tensor<1x8x4x16xf32>, %kv: tensor<1x8x2x16xf32>) -> tensor<1x8x4x16xf32> {
  // The place in the error is that of the op.
  %o, %lse = nsa.window_attention %q, %kv, %kv {window = 0}
      : (tensor<1x8x4x16xf32>, tensor<1x8x2x16xf32>, tensor<1x8x2x16xf32>)
      -> (tensor<1x8x4x16xf32>, tensor<1x8x4xf32>)
  return %o : tensor<1x8x4x16xf32>
}
