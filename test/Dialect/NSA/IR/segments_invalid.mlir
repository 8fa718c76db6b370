// In the generic form, operandSegmentSizes may give the last plain operand to
// its neighbour; MLIR itself lets that pass.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @compress(%x: tensor<1x4x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0 = "nsa.compress"(%x) <{compression_block = 4 : i64, compression_stride = 2 : i64, phi = #nsa.phi<mean>, operandSegmentSizes = array<i32: 0, 1, 0>}> : (tensor<1x4x2x8xf32>) -> tensor<1x1x2x8xf32>
  return
}

// -----

func.func @compressed_attention(%q: tensor<1x7x4x8xf32>, %n: index) {
  // expected-error @below {{'nsa.compressed_attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0:2 = "nsa.compressed_attention"(%q, %q, %n) <{compression_block = 4 : i64, compression_stride = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, index) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  return
}

// -----

func.func @block_scores(%q: tensor<1x7x4x8xf32>, %lse: tensor<1x7x4xf32>, %n: index) {
  // expected-error @below {{'nsa.block_scores' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0 = "nsa.block_scores"(%q, %q, %lse, %n) <{compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4xf32>, index) -> tensor<1x7x4x?xf32>
  return
}

// -----

func.func @select_top_n(%n: index) {
  // expected-error @below {{'nsa.select_top_n' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0 = "nsa.select_top_n"(%n) <{selection_block = 8 : i64, top_n = 4 : i64, operandSegmentSizes = array<i32: 0, 1, 0>}> : (index) -> tensor<1x7x4x4xi32>
  return
}

// -----

func.func @selected_attention(%q: tensor<1x7x4x8xf32>, %n: index) {
  // expected-error @below {{'nsa.selected_attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0:2 = "nsa.selected_attention"(%q, %q, %q, %n) <{selection_block = 8 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, index) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  return
}

// -----

func.func @window_attention(%q: tensor<1x7x4x8xf32>) {
  // expected-error @below {{'nsa.window_attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0:2 = "nsa.window_attention"(%q, %q, %q) <{window = 8 : i64, operandSegmentSizes = array<i32: 1, 2, 0, 0, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>) -> (tensor<1x7x4x8xf32>, tensor<1x7x4xf32>)
  return
}

// -----

func.func @attention(%q: tensor<1x7x4x8xf32>, %n: index) {
  // expected-error @below {{'nsa.attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0 = "nsa.attention"(%q, %q, %q, %q, %q, %q, %q, %n) <{compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 4 : i64, window = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, index) -> tensor<1x7x4x8xf32>
  return
}
