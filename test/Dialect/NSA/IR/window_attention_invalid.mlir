// What the verifier of nsa.window_attention refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @window_attention_c1_a(%q: tensor<2x7x4x8xi8>, %k: tensor<2x9x2x8xi8>, %v: tensor<2x9x2x6xi8>) {
  // expected-error @below {{'nsa.window_attention' op element type must be f32, f16 or bf16, but is 'i8'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xi8>, tensor<2x9x2x8xi8>, tensor<2x9x2x6xi8>) -> (tensor<2x7x4x6xi8>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c1_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xbf16>) {
  // expected-error @below {{'nsa.window_attention' op queries, keys and values must have one element type, but have 'f32', 'f32' and 'bf16'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xbf16>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c1_c(%q: tensor<7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op 'q' must have rank 4 [B, Tq, H, Dk], but has rank 3 ('tensor<7x4x8xf32>')}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<7x4x6xf32>, tensor<7x4xf32>)
  return
}

// -----

func.func @window_attention_c1_d(%q: tensor<2x7x4x8xf32>, %k: memref<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op operand #1 must be ranked tensor of any type values, but got 'memref<2x9x2x8xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, memref<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c1_e(%q: vector<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op operand #0 must be ranked tensor of any type values, but got 'vector<2x7x4x8xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (vector<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c2_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x8x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op dimension 1 of 'v' (8) must equal dimension 1 of 'k' (9): both are Tk}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x8x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c2_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x6xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op dimension 3 of 'k' (6) must equal dimension 3 of 'q' (8): both are Dk}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

// Two static extents disagree, though the first one seen is dynamic.
func.func @window_attention_c2_c(%q: tensor<?x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<3x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op dimension 0 of 'v' (3) must equal dimension 0 of 'k' (2): both are B}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<?x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<3x9x2x6xf32>) -> (tensor<?x7x4x6xf32>, tensor<?x7x4xf32>)
  return
}

// -----

func.func @window_attention_c3_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x8x8xf32>, %v: tensor<2x9x8x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op query heads H (4) must be a multiple of key/value heads G (8)}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x8x8xf32>, tensor<2x9x8x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c3_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x?xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op G and Dk must be static and at least 1 in 'tensor<2x9x2x?xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x?xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c3_c(%q: tensor<2x7x0x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op H and Dk must be static and at least 1 in 'tensor<2x7x0x8xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x0x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x0x6xf32>, tensor<2x7x0xf32>)
  return
}

// -----

func.func @window_attention_c4_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op window (0) must be at least 1}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 0} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c4_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op window (-9223372036854775808) must be at least 1}}
  %0:2 = nsa.window_attention %q, %k, %v {window = -9223372036854775808} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c4_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op window (2147483648) must be at most 2147483647}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 2147483648} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c4_d(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op requires attribute 'window'}}
  %0:2 = nsa.window_attention %q, %k, %v : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c4_e(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op attribute 'window' failed to satisfy constraint: 64-bit signless integer attribute}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3 : index} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c5_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %len: index) {
  // expected-error @below {{'nsa.window_attention' op kv_len is given without q_offset: give both, or neither for kv_len = Tk and q_offset = Tk - Tq}}
  %0:2 = nsa.window_attention %q, %k, %v kv_len(%len) {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c5_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %off: tensor<2xf32>) {
  // expected-error @below {{'nsa.window_attention' op operand #3 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<2xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v q_offset(%off) {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c5_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %off: tensor<1xi32>) {
  // expected-error @below {{'nsa.window_attention' op dimension 0 of 'q_offset' (1) must equal dimension 0 of 'q' (2): both are B}}
  %0:2 = nsa.window_attention %q, %k, %v q_offset(%off) {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<1xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c5_d(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %off: index, %len: i64) {
  // expected-error @below {{'nsa.window_attention' op operand #4 must be index or a 1-D tensor of i32 (one per batch entry), but got 'i64'}}
  %0:2 = nsa.window_attention %q, %k, %v q_offset(%off) kv_len(%len) {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, index, i64) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c6(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op scale (-1.250000e-01) must be finite and positive}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3, scale = -0.125} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c7_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op 'lse' must have element type 'f32', but has 'bf16'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xbf16>)
  return
}

// -----

func.func @window_attention_c7_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op dimension 1 of 'o' (8) must equal dimension 1 of 'q' (7): both are Tq}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x8x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @window_attention_c7_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>) {
  // expected-error @below {{'nsa.window_attention' op H and Dv must be static and at least 1 in 'tensor<2x7x?x6xf32>'}}
  %0:2 = nsa.window_attention %q, %k, %v {window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>) -> (tensor<2x7x?x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @results(%q: tensor<2x7x4x8xf32>) {
  // expected-error @below {{'nsa.window_attention' op expected 2 results}}
  %0 = "nsa.window_attention"(%q, %q, %q) <{window = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}> : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @segments(%q: tensor<2x7x4x8xf32>, %off: index) {
  // expected-error @below {{'nsa.window_attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0:2 = "nsa.window_attention"(%q, %q, %off) <{window = 3 : i64, operandSegmentSizes = array<i32: 0, 1, 1, 1, 0>}> : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}
