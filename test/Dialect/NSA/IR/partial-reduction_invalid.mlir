// What cannot be split into partial reductions, and why. Upstream adds lines of
// its own to each error.

// RUN: nsa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

func.func @repeats(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %idx: tensor<2x30x2x4xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{'nsa.selected_attention' op cannot be split over its lists without 'unique': a block that two parts list would count twice}}
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x16xf32>, tensor<2x30x2x4xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x16xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.selected_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{could not tile reduction}}
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @outer_reduction(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{'nsa.window_attention' op cannot be split by PartialReductionOuterReduction: its keys have no partial sums one by one; use PartialReductionOuterParallel (transform.structured.tile_reduction_using_forall)}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{failed to tile using partial reduction}}
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 10] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @dynamic_parts(%q: tensor<?x?x8x16xf32>, %k: tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>) {
  // expected-error @below {{cannot be split into a number of parts that is not constant: Tk is dynamic, so give num_threads instead of tile_sizes}}
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<?x?x8x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x16xf32>, tensor<?x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{could not tile reduction}}
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by tile_sizes = [0, 0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @queries(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{can be split over loop 3 (Tk) only, not over none}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{could not tile reduction}}
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op reduction_dims = [1] by num_threads = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Upstream would put the tile at offset 0 of an empty dimension, which no slice
// may have.
func.func @empty(%q: tensor<0x30x8x16xf32>, %k: tensor<0x50x2x16xf32>) -> tensor<0x30x8x16xf32> {
  // expected-error @below {{'nsa.window_attention' op cannot be split while B is 0: there is nothing to compute}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<0x30x8x16xf32>, tensor<0x50x2x16xf32>, tensor<0x50x2x16xf32>) -> (tensor<0x30x8x16xf32>, tensor<0x30x8xf32>)
  return %o : tensor<0x30x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{could not tile reduction}}
    %o, %lse, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
