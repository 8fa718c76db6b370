func.func @f(%p: tensor<1x64x2x32xf32>, %offset: index) -> tensor<1x64x2x4xi32> {
  %idx = nsa.select_top_n %p q_offset(%offset) {selection_block = 64, top_n = 4}
      : (tensor<1x64x2x32xf32>, index) -> tensor<1x64x2x4xi32>
  return %idx : tensor<1x64x2x4xi32>
}

func.func @g(%q: tensor<1x64x8x64xf16>, %kv: tensor<1x64x2x64xf16>) -> tensor<1x64x8x64xf16> {
  %o, %lse = nsa.window_attention %q, %kv, %kv {window = 16}
      : (tensor<1x64x8x64xf16>, tensor<1x64x2x64xf16>, tensor<1x64x2x64xf16>)
      -> (tensor<1x64x8x64xf16>, tensor<1x64x8xf32>)
  return %o : tensor<1x64x8x64xf16>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %top_n = transform.structured.match ops{["nsa.select_top_n"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %top_n tile_sizes [0, 8]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %window = transform.structured.match ops{["nsa.window_attention"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %keys = transform.tune.knob<"keys"> = 32 from options = [16, 32] -> !transform.any_param
    transform.nsa.set_schedule %window <dense, queries = 4, keys = %keys, row_warps = 1, key_warps = 1, stages = 3>
      : !transform.any_op, !transform.any_param
    transform.yield
  }
}
