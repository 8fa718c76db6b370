func.func @f(%q: tensor<1x8x4x8xf32>, %k: tensor<1x8x1x8xf32>)
    -> (tensor<1x8x4x8xf32>, tensor<1x8x4xf32>) {
  %o:2 = nsa.window_attention %q, %k, %k {window = 0}
      : (tensor<1x8x4x8xf32>, tensor<1x8x1x8xf32>, tensor<1x8x1x8xf32>)
        -> (tensor<1x8x4x8xf32>, tensor<1x8x4xf32>)
  return %o#0, %o#1 : tensor<1x8x4x8xf32>, tensor<1x8x4xf32>
}
