// What cannot be tiled, and why. Upstream adds lines of its own to each error.

// RUN: nsa-opt %s --transform-interpreter --split-input-file --verify-diagnostics

func.func @three_heads(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{'nsa.window_attention' op cannot be tiled over H (8) by 3: a tile has 1, 2, 4 or 8 (whole groups of 4 heads, or a part that divides one)}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @six_heads(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{cannot be tiled over H (8) by 6: a tile has 1, 2, 4 or 8 (whole groups of 4 heads, or a part that divides one)}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 6] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @keys(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{cannot be tiled over Tk, which it sums over: the parts need to be merged, as transform.structured.tile_reduction_using_forall does}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 10] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @all_keys_at_once(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{cannot be tiled over Tk, which it sums over}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 50] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @dynamic_keys(%q: tensor<?x?x8x16xf32>, %k: tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>) {
  // expected-error @below {{cannot be tiled over Tc, which it sums over}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.compressed_attention %q, %k, %k {compression_block = 8, compression_stride = 4, causal = false}
      : (tensor<?x?x8x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>) -> (tensor<?x?x8x16xf32>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x16xf32>, tensor<?x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.compressed_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 10] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @slots(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %idx: tensor<2x30x2x4xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>) {
  // expected-error @below {{cannot be tiled over N, which it sums over}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x16xf32>, tensor<2x30x2x4xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x16xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.selected_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @groups(%x: tensor<1x50x6x16xf32>) -> tensor<1x11x6x16xf32> {
  // expected-error @below {{'nsa.compress' op cannot be tiled over G (6) by 4: a tile has 1, 2, 3 or 6}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %c = nsa.compress mean(%x) {compression_block = 8, compression_stride = 4} : (tensor<1x50x6x16xf32>) -> tensor<1x11x6x16xf32>
  return %c : tensor<1x11x6x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.compress"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @lists(%p: tensor<1x50x3x16xf32>) -> tensor<1x50x3x4xi32> {
  // expected-error @below {{cannot be tiled over Gi (3) by 2: a tile has 1 or 3}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %idx = nsa.select_top_n %p {selection_block = 8, top_n = 4, local = 0, causal = false} : (tensor<1x50x3x16xf32>) -> tensor<1x50x3x4xi32>
  return %idx : tensor<1x50x3x4xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.select_top_n"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @lists_of_heads(%q: tensor<1x30x6x16xf32>, %kc: tensor<1x11x2x16xf32>, %lse: tensor<1x30x6xf32>) -> tensor<1x30x6x7xf32> {
  %max = arith.constant 50 : index
  // expected-error @below {{cannot be tiled over H (6) by 2: a tile has 1, 3 or 6 (whole groups of 3 heads, or a part that divides one)}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %p = nsa.block_scores %q, %kc, %lse, %max {compression_block = 8, compression_stride = 4, selection_block = 8, list_heads = #nsa.list_heads<query>, causal = false}
      : (tensor<1x30x6x16xf32>, tensor<1x11x2x16xf32>, tensor<1x30x6xf32>, index) -> tensor<1x30x6x7xf32>
  return %p : tensor<1x30x6x7xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.block_scores"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @gate(%o: tensor<1x30x6x16xf32>, %g: tensor<1x30x6x1xf32>) -> tensor<1x30x6x16xf32> {
  // expected-error @below {{cannot be tiled over H (6) by 5: a tile has 1, 2, 3 or 6}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %r = nsa.gate %o gates(%g) {activation = #nsa.gate_activation<sigmoid>} : (tensor<1x30x6x16xf32>, tensor<1x30x6x1xf32>) -> tensor<1x30x6x16xf32>
  return %r : tensor<1x30x6x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.gate"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 5] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The scores of a list are summed over all heads of its group.
func.func @part_of_a_group(%q: tensor<1x60x8x16xf32>, %k: tensor<1x80x2x16xf32>, %g: tensor<1x60x8x3xf32>) -> tensor<1x60x8x16xf32> {
  // expected-error @below {{'nsa.attention' op cannot be tiled over H (8) by 2: a tile has 4 or 8 (whole groups of 4 heads, whose scores choose their blocks)}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %r = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g)
      {compression_block = 8, compression_stride = 4, selection_block = 8, top_n = 4, window = 20}
      : (tensor<1x60x8x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x60x8x3xf32>) -> tensor<1x60x8x16xf32>
  return %r : tensor<1x60x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Upstream would put the tile at offset 0 of an empty dimension, which no slice
// may have.
func.func @empty(%q: tensor<0x30x8x16xf32>, %k: tensor<0x50x2x16xf32>) -> tensor<0x30x8x16xf32> {
  // expected-error @below {{'nsa.window_attention' op cannot be tiled while B is 0: there is nothing to compute}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %o, %lse = nsa.window_attention %q, %k, %k {window = 20}
      : (tensor<0x30x8x16xf32>, tensor<0x50x2x16xf32>, tensor<0x50x2x16xf32>) -> (tensor<0x30x8x16xf32>, tensor<0x30x8xf32>)
  return %o : tensor<0x30x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @in_a_fusion(%q: tensor<1x9x8x64xf16>, %k: tensor<1x9x2x64xf16>, %c: tensor<1x9x8x64xf16>, %idx: tensor<1x9x2x2xi32>, %g: tensor<1x9x8x3xf16>) -> tensor<1x9x8x64xf16> {
  %r = nsa.fusion gated : tensor<1x9x8x64xf16> {
    %slc, %lses = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x2xi32>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
    // expected-error @below {{'nsa.window_attention' op cannot be tiled in an nsa.fusion, which holds whole ops: tile before nsa-fuse}}
    // expected-error @below {{failed to generate tiling loops}}
    %win, %lsew = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x9x8x64xf16>, tensor<1x9x2x64xf16>, tensor<1x9x2x64xf16>) -> (tensor<1x9x8x64xf16>, tensor<1x9x8xf32>)
    %o = nsa.gate %c, %slc, %win gates(%g) : (tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x64xf16>, tensor<1x9x8x3xf16>) -> tensor<1x9x8x64xf16>
    nsa.yield %o : tensor<1x9x8x64xf16>
  }
  return %r : tensor<1x9x8x64xf16>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
