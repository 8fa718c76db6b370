// What the verifier of nsa.block_scores refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @block_scores_c1_a(%q: tensor<2x7x4x8xf64>, %kc: tensor<2x5x2x8xf64>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'q' must have element type f32, f16 or bf16, but has 'f64'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf64>, tensor<2x5x2x8xf64>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c1_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf16>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'kc' must have element type 'f32', but has 'f16'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c1_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<5x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'kc' must have rank 4 [B, Tc, G, Dk], but has rank 2 ('tensor<5x8xf32>')}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<5x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c1_d(%q: f32, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op operand #0 must be ranked tensor of any type values, but got 'f32'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (f32, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c2_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x4xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 3 of 'kc' (4) must equal dimension 3 of 'q' (8): both are Dk}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x4xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c2_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x2xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'lse' (2) must equal dimension 2 of 'q' (4): both are H}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x2xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c2_c(%q: tensor<2x7x4x8xbf16>, %kc: tensor<2x5x2x8xbf16>, %lse: tensor<2x7x4xbf16>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'lse' must have element type 'f32', but has 'bf16'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xbf16>, tensor<2x5x2x8xbf16>, tensor<2x7x4xbf16>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c2_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4x1xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'lse' must have rank 3 [B, Tq, H], but has rank 4 ('tensor<2x7x4x1xf32>')}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4x1xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c3_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x3x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op query heads H (4) must be a multiple of key/value heads G (3)}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x3x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x3x?xf32>
  return
}

// -----

func.func @block_scores_c3_b(%q: tensor<2x7x?x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'q' (H) must be a compile-time constant, but is dynamic}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x?x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c3_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x0x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'kc' (G) must be at least 1, but is 0}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x0x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x0x?xf32>
  return
}

// -----

func.func @block_scores_c3_d(%q: tensor<2x7x4x0xf32>, %kc: tensor<2x5x2x0xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 3 of 'q' (Dk) must be at least 1, but is 0}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x0xf32>, tensor<2x5x2x0xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c3_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x?xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'lse' (H) must be a compile-time constant, but is dynamic}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x?xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op compression_block (-1) must be at least 1}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = -1, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op compression_stride (0) must be at least 1}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 0, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op selection_block (0) must be at least 1}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 0} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op selection_block (2147483648) must be at most 2147483647}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 2147483648} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op compression_stride (3) must divide compression_block (4)}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 3, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_f(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op compression_stride (4) must divide selection_block (6)}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 4, selection_block = 6} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c4_g(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op compression_block (16) must be at most selection_block (8)}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 16, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c5(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index) {
  // expected-error @below {{'nsa.block_scores' op causal scores over compressed keys need q_offset: the number of tokens is not known here}}
  %0 = nsa.block_scores %q, %kc, %lse, %max {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c6_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: tensor<i32>) {
  // expected-error @below {{'nsa.block_scores' op operand #4 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<i32>'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, tensor<i32>) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c6_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index, %len: tensor<3xi32>) {
  // expected-error @below {{'nsa.block_scores' op dimension 0 of 'kv_len' (3) must equal dimension 0 of 'q' (2): both are B}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) kv_len(%len) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index, tensor<3xi32>) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c7_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op scale (nan) must be finite and positive}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, scale = 0x7FF8000000000000 : f64} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c7_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op scale (0.000000e+00) must be finite and positive}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, scale = 0.0} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c8_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'p' must have element type 'f32', but has 'bf16'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xbf16>
  return
}

// -----

func.func @block_scores_c8_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'p' (4) must equal dimension 2 of 'kc' (2): both are G}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x4x?xf32>
  return
}

// -----

func.func @block_scores_c8_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'p' (2) must equal dimension 2 of 'q' (4): both are H}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, list_heads = #nsa.list_heads<query>} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c8_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op 'p' must have rank 4 [B, Tq, G, Ns], but has rank 3 ('tensor<2x7x2xf32>')}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2xf32>
  return
}

// -----

func.func @block_scores_c8_e(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 2 of 'p' (G) must be a compile-time constant, but is dynamic}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x?x?xf32>
  return
}

// -----

func.func @block_scores_c8_f(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: index, %off: index) {
  // expected-error @below {{'nsa.block_scores' op dimension 1 of 'p' (8) must equal dimension 1 of 'q' (7): both are Tq}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x8x2x?xf32>
  return
}

// -----

func.func @block_scores_c9_a(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %off: index) {
  %max = arith.constant 65 : index
  // expected-error @below {{'nsa.block_scores' op the result has Ns = 8 selection blocks, but kv_max (65) and selection_block (8) make 9}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x8xf32>
  return
}

// -----

func.func @block_scores_c9_b(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %off: index) {
  %max = arith.constant -1 : index
  // expected-error @below {{'nsa.block_scores' op kv_max (-1) must be at least 0}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @block_scores_c9_c(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %off: index) {
  %max = arith.constant 0 : index
  // expected-error @below {{'nsa.block_scores' op the result has Ns = 1 selection blocks, but kv_max (0) and selection_block (8) make 0}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x1xf32>
  return
}

// -----

func.func @block_scores_c9_d(%q: tensor<2x7x4x8xf32>, %kc: tensor<2x5x2x8xf32>, %lse: tensor<2x7x4xf32>, %max: i64, %off: index) {
  // expected-error @below {{'nsa.block_scores' op operand #3 must be index, but got 'i64'}}
  %0 = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x7x4xf32>, i64, index) -> tensor<2x7x2x?xf32>
  return
}

// -----

func.func @unknown_score_map(%q: tensor<2x7x4x8xf32>, %lse: tensor<2x7x4xf32>, %max: index) {
  // expected-error @+2 {{expected ::mlir::nsa::ScoreMap to be one of: overlap, max}}
  // expected-error @+1 {{failed to parse NSA_ScoreMapAttr parameter 'value'}}
  %0 = nsa.block_scores %q, %q, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8, score_map = #nsa.score_map<mean>} : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x4x?xf32>
  return
}

// -----

func.func @unknown_list_heads(%q: tensor<2x7x4x8xf32>, %lse: tensor<2x7x4xf32>, %max: index) {
  // expected-error @+2 {{expected ::mlir::nsa::ListHeads to be one of: kv, query}}
  // expected-error @+1 {{failed to parse NSA_ListHeadsAttr parameter 'value'}}
  %0 = nsa.block_scores %q, %q, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8, list_heads = #nsa.list_heads<all>} : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x4x?xf32>
  return
}

// -----

func.func @wrong_attribute(%q: tensor<2x7x4x8xf32>, %lse: tensor<2x7x4xf32>, %max: index) {
  // expected-error @below {{'nsa.block_scores' op attribute 'score_map' failed to satisfy constraint: how compressed blocks' probabilities become a selection block's score}}
  %0 = nsa.block_scores %q, %q, %lse, %max q_offset(%max) {compression_block = 4, compression_stride = 2, selection_block = 8, score_map = "max"} : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x4x?xf32>
  return
}
