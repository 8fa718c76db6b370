// Tiles of every op: the same op on slices, for each of its loops.

// RUN: nsa-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s

// A tile of compressed tokens reads the tokens of its blocks: 5 blocks of 8
// every 4 begin 20 tokens after the 5 before, and have 24. w follows the groups.
// CHECK-DAG: #[[$FIRST:.*]] = affine_map<(d0) -> (d0 * 20)>
// CHECK-LABEL: func.func @compress(
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x44x4x16xf32>, %[[W:[^:]*]]: tensor<4x8xf32>
// CHECK: scf.forall (%[[I:.*]], %[[TI:.*]], %[[GI:.*]]) in (2, 2, 2)
// CHECK-DAG: %[[T:.*]] = affine.apply {{.*}}(%[[TI]])
// CHECK-DAG: %[[G:.*]] = affine.apply {{.*}}(%[[GI]])
// CHECK-DAG: %[[TOKEN:.*]] = affine.apply #[[$FIRST]](%[[TI]])
// CHECK-DAG: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], %[[TOKEN]], %[[G]], 0] [1, 24, 2, 16]
// CHECK-DAG: %[[WT:.*]] = tensor.extract_slice %[[W]][%[[G]], 0] [2, 8]
// CHECK: nsa.compress weighted(%[[XT]]) params(%[[WT]]) {compression_block = 8 : i64, compression_stride = 4 : i64, nsa.schedule = #nsa.schedule<vector>}
// CHECK-SAME: -> tensor<1x5x2x16xf32>
// CHECK: tensor.parallel_insert_slice %{{.*}} into %{{.*}}[%[[I]], %[[T]], %[[G]], 0] [1, 5, 2, 16]
func.func @compress(%x: tensor<2x44x4x16xf32>, %w: tensor<4x8xf32>) -> tensor<2x10x4x16xf32> {
  %c = nsa.compress weighted(%x) params(%w) {compression_block = 8, compression_stride = 4, nsa.schedule = #nsa.schedule<vector>}
      : (tensor<2x44x4x16xf32>, tensor<4x8xf32>) -> tensor<2x10x4x16xf32>
  return %c : tensor<2x10x4x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.compress"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_forall %op tile_sizes [1, 5, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Where q_offset is absent it is Tk - Tq of the whole op: a tile has it moved by
// its first query. A loop that is not tiled cuts nothing.
// CHECK-LABEL: func.func @default_offset(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x?x8x16xbf16>, %[[K:[^:]*]]: tensor<?x?x2x16xbf16>, %[[V:[^:]*]]: tensor<?x?x2x8xbf16>)
// CHECK-DAG: %[[TQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK: scf.for %[[T:.*]] = %c0 to %[[TQ]] step %c32
// CHECK: %[[N:.*]] = affine.min {{.*}}(%[[T]])[%[[TQ]]]
// CHECK: %[[QT:.*]] = tensor.extract_slice %[[Q]][0, %[[T]], 0, 0]
// CHECK: %[[TK:.*]] = tensor.dim %[[K]], %c1
// CHECK: %[[WHOLE:.*]] = arith.subi %[[TK]], %[[TQ]]
// CHECK: %[[OFF:.*]] = arith.addi %[[WHOLE]], %[[T]]
// CHECK: nsa.window_attention %[[QT]], %[[K]], %[[V]] q_offset(%[[OFF]]) {nsa.schedule = #nsa.schedule<plain>, window = 20 : i64}
func.func @default_offset(%q: tensor<?x?x8x16xbf16>, %k: tensor<?x?x2x16xbf16>, %v: tensor<?x?x2x8xbf16>) -> (tensor<?x?x8x8xbf16>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 20, nsa.schedule = #nsa.schedule<plain>}
      : (tensor<?x?x8x16xbf16>, tensor<?x?x2x16xbf16>, tensor<?x?x2x8xbf16>) -> (tensor<?x?x8x8xbf16>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x8xbf16>, tensor<?x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 32] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Over batch and heads alone positions stay where they are, and the default
// stays a default.
// CHECK-DAG: #[[$HEAD:.*]] = affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: #[[$GROUP:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func.func @heads(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x30x8x16xf32>, %[[K:[^:]*]]: tensor<2x50x2x16xf32>, %[[V:[^:]*]]: tensor<2x50x2x8xf32>, %[[IDX:[^:]*]]: tensor<2x30x2x4xi32>)
// CHECK: scf.forall (%[[I:.*]], %[[HI:.*]]) in (2, 4)
// CHECK-DAG: %[[H:.*]] = affine.apply #[[$HEAD]](%[[HI]])
// CHECK-DAG: %[[G:.*]] = affine.apply #[[$GROUP]](%[[HI]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[I]], 0, %[[H]], 0] [1, 30, 2, 16]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[I]], 0, %[[G]], 0] [1, 50, 1, 16]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[I]], 0, %[[G]], 0] [1, 50, 1, 8]
// CHECK-DAG: %[[IDXT:.*]] = tensor.extract_slice %[[IDX]][%[[I]], 0, %[[G]], 0] [1, 30, 1, 4]
// CHECK: %[[O:.*]], %[[LSE:.*]] = nsa.selected_attention %[[QT]], %[[KT]], %[[VT]], %[[IDXT]] {selection_block = 8 : i64, unique}
// CHECK: tensor.parallel_insert_slice %[[O]] into %{{.*}}[%[[I]], 0, %[[H]], 0] [1, 30, 2, 8]
// CHECK: tensor.parallel_insert_slice %[[LSE]] into %{{.*}}[%[[I]], 0, %[[H]]] [1, 30, 2]
func.func @heads(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %v: tensor<2x50x2x8xf32>, %idx: tensor<2x30x2x4xi32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx {selection_block = 8, unique}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x8xf32>, tensor<2x30x2x4xi32>) -> (tensor<2x30x8x8xf32>, tensor<2x30x8xf32>)
  return %o, %lse : tensor<2x30x8x8xf32>, tensor<2x30x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.selected_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_forall %op tile_sizes [1, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// One value may be queries, keys and values: each operand is cut in its own way.
// CHECK-LABEL: func.func @one_value(
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x64x4x16xf32>)
// CHECK: %[[XT:.*]] = tensor.extract_slice %[[X]][0, %{{.*}}, 0, 0] [1, 16, 4, 16]
// CHECK: nsa.window_attention %[[XT]], %[[X]], %[[X]] q_offset(%
func.func @one_value(%x: tensor<1x64x4x16xf32>) -> (tensor<1x64x4x16xf32>, tensor<1x64x4xf32>) {
  %o, %lse = nsa.window_attention %x, %x, %x {window = 20}
      : (tensor<1x64x4x16xf32>, tensor<1x64x4x16xf32>, tensor<1x64x4x16xf32>) -> (tensor<1x64x4x16xf32>, tensor<1x64x4xf32>)
  return %o, %lse : tensor<1x64x4x16xf32>, tensor<1x64x4xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.window_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The sink of a merge follows the heads.
// CHECK-LABEL: func.func @merge(
// CHECK-SAME: %[[SINK:[^:]*]]: tensor<8xf32>)
// CHECK: %[[SINKT:.*]] = tensor.extract_slice %[[SINK]][%{{.*}}] [2]
// CHECK: nsa.merge {{.*}} sink(%[[SINKT]]) : (tensor<?x?x2x8xf32>, tensor<?x?x2xf32>, tensor<2xf32>) -> (tensor<?x?x2x8xf32>, tensor<?x?x2xf32>)
func.func @merge(%o: tensor<?x?x8x8xf32>, %lse: tensor<?x?x8xf32>, %sink: tensor<8xf32>) -> (tensor<?x?x8x8xf32>, tensor<?x?x8xf32>) {
  %r:2 = nsa.merge %o lse(%lse) sink(%sink) : (tensor<?x?x8x8xf32>, tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x8x8xf32>, tensor<?x?x8xf32>)
  return %r#0, %r#1 : tensor<?x?x8x8xf32>, tensor<?x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.merge"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Parameters of phi and the lists go with whole groups of heads.
// CHECK-LABEL: func.func @attention(
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (2, 2)
// CHECK: nsa.attention
// CHECK-SAME: q_offset(%{{[^)]*}}) k_params(%{{[^)]*}}) {compression_block = 8 : i64, compression_stride = 4 : i64, k_phi = #nsa.phi<weighted>, return_aux, selection_block = 8 : i64, top_n = 4 : i64, window = 20 : i64} :
// CHECK-SAME: tensor<1x8xf32>) -> (tensor<1x?x4x16xf32>, tensor<1x?x4xf32>, tensor<1x?x4xf32>, tensor<1x?x4xf32>, tensor<1x?x1x4xi32>)
// CHECK: tensor.parallel_insert_slice {{.*}} [1, %{{.*}}, 1, 4] [1, 1, 1, 1] : tensor<1x?x1x4xi32> into tensor<1x60x2x4xi32>
func.func @attention(%q: tensor<1x60x8x16xf32>, %k: tensor<1x80x2x16xf32>, %g: tensor<1x60x8x3xf32>, %w: tensor<2x8xf32>)
    -> (tensor<1x60x8x16xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x2x4xi32>) {
  %r:5 = nsa.attention %q compressed(%k, %k) selected(%k, %k) window(%k, %k) gates(%g) k_params(%w)
      {compression_block = 8, compression_stride = 4, selection_block = 8, top_n = 4, window = 20, k_phi = #nsa.phi<weighted>, return_aux}
      : (tensor<1x60x8x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x80x2x16xf32>, tensor<1x60x8x3xf32>, tensor<2x8xf32>)
      -> (tensor<1x60x8x16xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x2x4xi32>)
  return %r#0, %r#1, %r#2, %r#3, %r#4 : tensor<1x60x8x16xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x8xf32>, tensor<1x60x2x4xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["nsa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 32, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
