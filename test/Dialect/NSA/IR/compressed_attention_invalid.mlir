// What the verifier of nsa.compressed_attention refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @compressed_attention_c1_a(%q: tensor<2x7x4x8xf64>, %kc: tensor<2x5x2x8xf64>, %vc: tensor<2x5x2x6xf64>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op element type must be f32, f16 or bf16, but is 'f64'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf64>, tensor<2x5x2x8xf64>, tensor<2x5x2x6xf64>, index) -> (tensor<2x7x4x6xf64>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c1_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xbf16>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op queries, keys and values must have one element type, but have 'f32', 'bf16' and 'f32'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xbf16>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c1_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf16>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op queries, keys and values must have one element type, but have 'f32', 'f32' and 'f16'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf16>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c1_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op 'kc' must have rank 4 [B, Tc, G, Dk], but has rank 3 ('tensor<5x2x8xf32>')}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c1_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<*xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op operand #2 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<*xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c1_f(%q: tensor<2x7x4x8xf32, 1>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op 'q' must have no encoding, but is 'tensor<2x7x4x8xf32, 1 : i64>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32, 1>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c2_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<3x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 0 of 'kc' (3) must equal dimension 0 of 'q' (2): both are B}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<3x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c2_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x6x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 1 of 'vc' (6) must equal dimension 1 of 'kc' (5): both are Tc}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x6x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c2_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x1x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 2 of 'vc' (1) must equal dimension 2 of 'kc' (2): both are G}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x1x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c2_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x6xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 3 of 'kc' (6) must equal dimension 3 of 'q' (8): both are Dk}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x6xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c3_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x3x8xf32>, %vc: tensor<2x5x3x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op query heads H (4) must be a multiple of key/value heads G (3)}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x3x8xf32>, tensor<2x5x3x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c3_b(%q: tensor<2x7x?x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op H and Dk must be static and at least 1 in 'tensor<2x7x?x8xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x?x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x?x6xf32>, tensor<2x7x?xf32>)
  return
}

// -----

func.func @compressed_attention_c3_c(%q: tensor<2x7x4x0xf32>, %kc: tensor<2x5x2x0xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op H and Dk must be static and at least 1 in 'tensor<2x7x4x0xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x0xf32>, tensor<2x5x2x0xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c3_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x0x8xf32>, %vc: tensor<2x5x0x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op G and Dk must be static and at least 1 in 'tensor<2x5x0x8xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x0x8xf32>, tensor<2x5x0x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c3_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x?xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op G and Dv must be static and at least 1 in 'tensor<2x5x2x?xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x?xf32>, index) -> (tensor<2x7x4x?xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c4_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op compression_block (0) must be at least 1}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 0, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c4_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op compression_stride (0) must be at least 1}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 0} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c4_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op compression_block (4294967296) must be at most 2147483647}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4294967296, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c5(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %len: index) {
  // expected-error @below {{'nsa.compressed_attention' op causal attention over compressed keys needs q_offset: the number of tokens is not known here}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc kv_len(%len) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: i32) {
  // expected-error @below {{'nsa.compressed_attention' op operand #3 must be index or a 1-D tensor of i32 (one per batch entry), but got 'i32'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, i32) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: tensor<2xi64>) {
  // expected-error @below {{'nsa.compressed_attention' op operand #3 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<2xi64>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, tensor<2xi64>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index, %len: tensor<2x1xi32>) {
  // expected-error @below {{'nsa.compressed_attention' op operand #4 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<2x1xi32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index, tensor<2x1xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index, %len: tensor<3xi32>) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 0 of 'kv_len' (3) must equal dimension 0 of 'q' (2): both are B}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) kv_len(%len) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index, tensor<3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: tensor<2xi32, 1>) {
  // expected-error @below {{'nsa.compressed_attention' op 'q_offset' must have no encoding, but is 'tensor<2xi32, 1 : i64>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, tensor<2xi32, 1>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c6_f(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: tensor<*xi32>) {
  // expected-error @below {{'nsa.compressed_attention' op operand #3 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<*xi32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, tensor<*xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c7_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op scale (0.000000e+00) must be finite and positive}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2, scale = 0.0} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c7_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op scale (-1.000000e+00) must be finite and positive}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2, scale = -1.0} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c7_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op scale (INF) must be finite and positive}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2, scale = 0x7FF0000000000000 : f64} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c7_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op scale (nan) must be finite and positive}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2, scale = 0x7FF8000000000000 : f64} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c7_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op attribute 'scale' failed to satisfy constraint: 64-bit float attribute}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2, scale = 1.0 : f32} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c8_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op 'o' must have element type 'f32', but has 'f16'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c8_b(%q: tensor<2x7x4x8xf16>, %kc: tensor<2x5x2x8xf16>, %vc: tensor<2x5x2x6xf16>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op 'lse' must have element type 'f32', but has 'f16'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf16>, tensor<2x5x2x8xf16>, tensor<2x5x2x6xf16>, index) -> (tensor<2x7x4x6xf16>, tensor<2x7x4xf16>)
  return
}

// -----

func.func @compressed_attention_c8_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op dimension 3 of 'o' (8) must equal dimension 3 of 'vc' (6): both are Dv}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @compressed_attention_c8_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op 'lse' must have rank 3 [B, Tq, H], but has rank 4 ('tensor<2x7x4x1xf32>')}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x4x1xf32>)
  return
}

// -----

func.func @compressed_attention_c8_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %vc: tensor<2x5x2x6xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op H must be static and at least 1 in 'tensor<2x7x?xf32>'}}
  %0:2 = nsa.compressed_attention %q, %kc, %vc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>, index) -> (tensor<2x7x4x6xf32>, tensor<2x7x?xf32>)
  return
}

// -----

func.func @missing_attribute(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %off: index) {
  // expected-error @below {{'nsa.compressed_attention' op requires attribute 'compression_block'}}
  %0:2 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_stride = 2} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, index) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}
