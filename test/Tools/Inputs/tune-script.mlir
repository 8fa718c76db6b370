module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %attention = transform.structured.match ops{["nsa.attention"]} in %module : (!transform.any_op) -> !transform.any_op
    %branches = transform.nsa.decompose %attention : (!transform.any_op) -> !transform.any_op
    %gates = transform.select "nsa.gate" in %branches : (!transform.any_op) -> !transform.any_op
    %gated = transform.nsa.fuse gated %gates : (!transform.any_op) -> !transform.any_op
    %family = transform.tune.knob<"family"> = "union" from options = ["query_major", "union"] -> !transform.any_param
    %queries = transform.tune.knob<"queries"> options = [1, 2, 4] -> !transform.param<i64>
    %keys = transform.tune.knob<"keys"> options = [16, 64] -> !transform.param<i64>
    %key_warps = transform.tune.knob<"key_warps"> options = [1, 2] -> !transform.param<i64>
    transform.nsa.set_schedule %gated <%family, queries = %queries, keys = %keys, row_warps = 4, key_warps = %key_warps, stages = 2>
      : !transform.any_op, !transform.any_param, !transform.param<i64>, !transform.param<i64>, !transform.param<i64>
    transform.yield
  }
}
