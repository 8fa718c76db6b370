// What KeyTraversalOpInterface refuses in any op that implements it, here one
// that lib/ does not know. The dialect's own ops have tests of their own.

// RUN: nsa-test-opt %s -split-input-file -verify-diagnostics

func.func @rank(%q: tensor<7x4x8xf32>, %k: tensor<2x9x2x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op 'queries' must have rank 4 [B, Tq, H, Dk], but has rank 3 ('tensor<7x4x8xf32>')}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @result_rank(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op 'lse' must have rank 3 [B, Tq, H], but has rank 4 ('tensor<2x7x4x1xf32>')}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4x1xf32>)
  return
}

// -----

func.func @extents(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x10x2x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op dimension 1 of 'values' (10) must equal dimension 1 of 'keys' (9): both are Tk}}
  %0:2 = test_nsa.strided_attention %q, %k, %v {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x10x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @result_extents(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op dimension 3 of 'o' (8) must equal dimension 3 of 'values' (6): both are Dv}}
  %0:2 = test_nsa.strided_attention %q, %k, %v {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @encoding(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32, 1>) {
  // expected-error @below {{'test_nsa.strided_attention' op 'keys' must have no encoding, but is 'tensor<2x9x2x8xf32, 1 : i64>'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32, 1>, tensor<2x9x2x8xf32, 1>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @element_type(%q: tensor<2x7x4x8xi32>, %k: tensor<2x9x2x8xi32>) {
  // expected-error @below {{'test_nsa.strided_attention' op element type must be f32, f16 or bf16, but is 'i32'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xi32>, tensor<2x9x2x8xi32>, tensor<2x9x2x8xi32>) -> (tensor<2x7x4x8xi32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @one_element_type(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf16>) {
  // expected-error @below {{'test_nsa.strided_attention' op queries, keys and values must have one element type, but have 'f32', 'f16' and 'f16'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf16>, tensor<2x9x2x8xf16>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @result_element_type(%q: tensor<2x7x4x8xf16>, %k: tensor<2x9x2x8xf16>) {
  // expected-error @below {{'test_nsa.strided_attention' op 'o' must have element type 'f16', but has 'f32'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x8xf16>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @lse_element_type(%q: tensor<2x7x4x8xf16>, %k: tensor<2x9x2x8xf16>) {
  // expected-error @below {{'test_nsa.strided_attention' op 'lse' must have element type 'f32', but has 'f16'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf16>, tensor<2x9x2x8xf16>, tensor<2x9x2x8xf16>) -> (tensor<2x7x4x8xf16>, tensor<2x7x4xf16>)
  return
}

// -----

func.func @static_heads(%q: tensor<2x7x?x8xf32>, %k: tensor<2x9x2x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op H and Dk must be static and at least 1 in 'tensor<2x7x?x8xf32>'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x?x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @static_results(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op H must be static and at least 1 in 'tensor<2x7x?xf32>'}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x?xf32>)
  return
}

// -----

func.func @groups(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x3x8xf32>) {
  // expected-error @below {{'test_nsa.strided_attention' op query heads H (4) must be a multiple of key/value heads G (3)}}
  %0:2 = test_nsa.strided_attention %q, %k, %k {block = 4, stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x8xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}
