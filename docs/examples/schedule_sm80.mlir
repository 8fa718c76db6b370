// How nsa_forward.mlir is run on an A100 (sm_80), as a transform script: what
// --nsa-to-ptx=chip=sm_80 decides by itself, written down, to be read and
// edited. Schedules change how fast kernels are, never what they compute.
//
//   nsa-opt nsa_forward.mlir --transform-preload-library=transform-library-paths=THIS_FILE \
//     --transform-interpreter --nsa-to-ptx=chip=sm_80
//
// A knob is a number with the values that it may have: `= 32` is selected,
// `options` are what nsa-tune tries. docs/Schedules.md says more.

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    // nsa.attention becomes the ops of its branches. Equal ops become one before
    // fusions hide some of them; lists that may have repeats are sorted, since
    // kernels for tensor cores want them so.
    %attention = transform.structured.match ops{["nsa.attention"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.nsa.decompose %attention : (!transform.any_op) -> !transform.any_op
    %functions = transform.structured.match ops{["func.func"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %canonical = transform.apply_registered_pass "canonicalize" to %functions
        : (!transform.any_op) -> !transform.any_op
    %unique = transform.apply_registered_pass "cse" to %canonical
        : (!transform.any_op) -> !transform.any_op
    transform.apply_registered_pass "nsa-normalise-lists" to %unique
        : (!transform.any_op) -> !transform.any_op

    // Compressed attention, block scores and top-n are one kernel, so that scores
    // are never in memory. Selected and window attention and the gate are
    // another, so that no branch's output is.
    %selects = transform.structured.match ops{["nsa.select_top_n"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %selection = transform.nsa.fuse selection %selects
        : (!transform.any_op) -> !transform.any_op
    %gates = transform.structured.match ops{["nsa.gate"]} in %module
        : (!transform.any_op) -> !transform.any_op
    %gated = transform.nsa.fuse gated %gates
        : (!transform.any_op) -> !transform.any_op

    // Compression has no tiles: a thread moves 16 bytes at a time.
    %compress = transform.structured.match ops{["nsa.compress"]} in %module
        : (!transform.any_op) -> !transform.any_op
    transform.nsa.set_schedule %compress <vector> {chip = "sm_80"}
        : !transform.any_op

    // A tile of 8 queries, with the 16 heads that share a key 128 rows, for 8
    // warps. Keys of size 192 leave room for 2 stages of 32 in shared memory.
    %selection_queries = transform.tune.knob<"selection.queries"> = 8
        from options = [1, 2, 4, 8] -> !transform.param<i64>
    %selection_keys = transform.tune.knob<"selection.keys"> = 32
        from options = [16, 32, 64] -> !transform.param<i64>
    transform.nsa.set_schedule %selection
        <dense, queries = %selection_queries, keys = %selection_keys,
         row_warps = 8, key_warps = 1, stages = 2> {chip = "sm_80"}
        : !transform.any_op, !transform.param<i64>, !transform.param<i64>

    // 4 neighbouring queries walk the union of their lists, a selection block of
    // 64 keys at a time: the fewer queries, the less of a union is for nothing;
    // the more, the less often a block is read. Two warps share its keys.
    %gated_queries = transform.tune.knob<"gated.queries"> = 4
        from options = [2, 4, 8] -> !transform.param<i64>
    %gated_keys = transform.tune.knob<"gated.keys"> = 64
        from options = [16, 32, 64] -> !transform.param<i64>
    %gated_row_warps = transform.tune.knob<"gated.row_warps"> = 4
        from options = [2, 4, 8] -> !transform.param<i64>
    %gated_key_warps = transform.tune.knob<"gated.key_warps"> = 2
        from options = [1, 2, 4] -> !transform.param<i64>
    transform.nsa.set_schedule %gated
        <union, queries = %gated_queries, keys = %gated_keys,
         row_warps = %gated_row_warps, key_warps = %gated_key_warps, stages = 2>
        {chip = "sm_80"}
        : !transform.any_op, !transform.param<i64>, !transform.param<i64>,
          !transform.param<i64>, !transform.param<i64>
    transform.yield
  }
}
