func.func @f(%p: tensor<1x64x2x32xf32>, %offset: index) -> tensor<1x64x2x4xi32> {
  %idx = nsa.select_top_n %p q_offset(%offset) {selection_block = 64, top_n = 4}
      : (tensor<1x64x2x32xf32>, index) -> tensor<1x64x2x4xi32>
  return %idx : tensor<1x64x2x4xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.select_top_n"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 8]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
