// The tile of an op that goes with tiles of its operands.

// RUN: nsa-test-opt %s --test-operand-tiles --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @gate(
// CHECK-SAME: %[[O:[^:]*]]: tensor<2x30x8x16xf32>, %[[G:[^:]*]]: tensor<2x30x8x1xf32>)
// CHECK: %[[OT:.*]] = tensor.extract_slice %[[O]][1, 16, 4, 0] [1, 14, 2, 16]
// CHECK: %[[GT:.*]] = tensor.extract_slice %[[G]][1, 16, 4, 0] [1, 14, 2, 1]
// CHECK: nsa.gate %[[OT]] gates(%[[GT]]) {activation = #nsa.gate_activation<sigmoid>, test.tile}
func.func @gate(%o: tensor<2x30x8x16xf32>, %g: tensor<2x30x8x1xf32>) -> tensor<2x30x8x16xf32> {
  %r = nsa.gate %o gates(%g) {activation = #nsa.gate_activation<sigmoid>, test.tiles = [[0, [1, 16, 4, 0], [1, 14, 2, 16]]]}
      : (tensor<2x30x8x16xf32>, tensor<2x30x8x1xf32>) -> tensor<2x30x8x16xf32>
  return %r : tensor<2x30x8x16xf32>
}

// -----

// Several operands agree on a tile; the sink has heads alone.
// CHECK-LABEL: func.func @merge(
// CHECK: nsa.merge {{.*}} {test.tile} : (tensor<1x10x2x16xf32>, tensor<1x10x2xf32>, tensor<2xf32>)
func.func @merge(%o: tensor<2x30x8x16xf32>, %l: tensor<2x30x8xf32>, %sink: tensor<8xf32>) -> tensor<2x30x8x16xf32> {
  %r:2 = nsa.merge %o lse(%l) sink(%sink) {test.tiles = [[0, [1, 10, 4, 0], [1, 10, 2, 16]], [1, [1, 10, 4], [1, 10, 2]], [2, [4], [2]]]}
      : (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>, tensor<8xf32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %r#0 : tensor<2x30x8x16xf32>
}

// -----

// Lists of a group go to all its heads; the other operands follow.
// CHECK-LABEL: func.func @selected(
// CHECK-SAME: %[[Q:[^:]*]]: tensor<2x30x8x16xf32>, %[[K:[^:]*]]: tensor<2x50x2x16xf32>, %[[IDX:[^:]*]]: tensor<2x30x2x4xi32>)
// CHECK-DAG: tensor.extract_slice %[[Q]][0, 5, 4, 0] [2, 10, 4, 16]
// CHECK-DAG: tensor.extract_slice %[[K]][0, 0, 1, 0] [2, 50, 1, 16]
// CHECK-DAG: tensor.extract_slice %[[IDX]][0, 5, 1, 0] [2, 10, 1, 4]
// CHECK: nsa.selected_attention {{.*}} q_offset(%c25) {selection_block = 8 : i64, test.tile, unique}
func.func @selected(%q: tensor<2x30x8x16xf32>, %k: tensor<2x50x2x16xf32>, %idx: tensor<2x30x2x4xi32>) -> tensor<2x30x8x16xf32> {
  %o, %lse = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique, test.tiles = [[3, [0, 5, 1, 0], [2, 10, 1, 4]]]}
      : (tensor<2x30x8x16xf32>, tensor<2x50x2x16xf32>, tensor<2x50x2x16xf32>, tensor<2x30x2x4xi32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return %o : tensor<2x30x8x16xf32>
}

// -----

// A part of the keys is a part of a reduction.
func.func @keys(%q: tensor<1x30x8x16xf32>, %kc: tensor<1x11x2x16xf32>, %off: index) {
  // expected-warning @below {{'nsa.compressed_attention' op cannot be fused by a part of dimension 1 (Tc), which stays whole}}
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 8, compression_stride = 4, test.tiles = [[1, [0, 4, 0, 0], [1, 4, 2, 16]]]}
      : (tensor<1x30x8x16xf32>, tensor<1x11x2x16xf32>, tensor<1x11x2x16xf32>, index) -> (tensor<1x30x8x16xf32>, tensor<1x30x8xf32>)
  return
}

// -----

func.func @heads(%o: tensor<1x30x6x16xf32>, %k: tensor<1x50x2x16xf32>) {
  // expected-warning @below {{'nsa.window_attention' op cannot be fused over H (6) by 2: a tile has 1, 3 or 6 (whole groups of 3 heads, or a part that divides one)}}
  %r, %lse = nsa.window_attention %o, %k, %k {window = 20, test.tiles = [[0, [0, 0, 2, 0], [1, 30, 2, 16]]]}
      : (tensor<1x30x6x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>) -> (tensor<1x30x6x16xf32>, tensor<1x30x6xf32>)
  return
}

// -----

// Whole groups begin where a group does.
func.func @offset(%o: tensor<1x30x6x16xf32>, %k: tensor<1x50x2x16xf32>) {
  // expected-warning @below {{'nsa.window_attention' op cannot be fused over H (6) by 3 from an offset that is not known to be a multiple of 3}}
  %r, %lse = nsa.window_attention %o, %k, %k {window = 20, test.tiles = [[0, [0, 0, 2, 0], [1, 30, 3, 16]]]}
      : (tensor<1x30x6x16xf32>, tensor<1x50x2x16xf32>, tensor<1x50x2x16xf32>) -> (tensor<1x30x6x16xf32>, tensor<1x30x6xf32>)
  return
}

// -----

func.func @contradiction(%o: tensor<2x30x8x16xf32>, %l: tensor<2x30x8xf32>) {
  // expected-warning @below {{'nsa.merge' op cannot be fused over Tq by different parts of several operands}}
  %r:2 = nsa.merge %o lse(%l) {test.tiles = [[0, [1, 10, 4, 0], [1, 10, 2, 16]], [1, [1, 11, 4], [1, 10, 2]]]}
      : (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>) -> (tensor<2x30x8x16xf32>, tensor<2x30x8xf32>)
  return
}

// -----

func.func @position(%q: tensor<1x30x8x16xf32>, %kc: tensor<1x11x2x16xf32>, %off: index) {
  // expected-warning @below {{'nsa.compressed_attention' op cannot be fused by an operand that is not a tensor}}
  %o, %lse = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 8, compression_stride = 4, test.tiles = [[3, [], []]]}
      : (tensor<1x30x8x16xf32>, tensor<1x11x2x16xf32>, tensor<1x11x2x16xf32>, index) -> (tensor<1x30x8x16xf32>, tensor<1x30x8xf32>)
  return
}
