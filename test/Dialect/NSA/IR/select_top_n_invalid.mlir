// What the verifier of nsa.select_top_n refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @select_top_n_c1_a(%p: tensor<2x7x2x9xbf16>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op 'p' must have element type 'f32', but has 'bf16'}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xbf16>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c1_b(%p: tensor<7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op 'p' must have rank 4 [B, Tq, Gi, Ns], but has rank 3 ('tensor<7x2x9xf32>')}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c1_c(%p: tensor<2x7x?x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op dimension 2 of 'p' (Gi) must be a compile-time constant, but is dynamic}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x?x9xf32>, index) -> tensor<2x7x?x4xi32>
  return
}

// -----

func.func @select_top_n_c1_d(%p: tensor<2x7x0x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op dimension 2 of 'p' (Gi) must be at least 1, but is 0}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x0x9xf32>, index) -> tensor<2x7x0x4xi32>
  return
}

// -----

func.func @select_top_n_c1_e(%p: tensor<*xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<*xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c2_a(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op selection_block (0) must be at least 1}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 0, top_n = 4} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c2_b(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op top_n (0) must be at least 1}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 0, initial = 0, local = 0} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x0xi32>
  return
}

// -----

func.func @select_top_n_c2_c(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op top_n (-3) must be at least 1}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = -3} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c2_d(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op top_n (2147483648) must be at most 2147483647}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2147483648} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c2_e(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op requires attribute 'top_n'}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c3_a(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op top_n (2) must be at least initial (1) + local (2)}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x2xi32>
  return
}

// -----

func.func @select_top_n_c3_b(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op initial (-1) must be at least 0}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4, initial = -1} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c3_c(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op local (-1) must be at least 0}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4, local = -1} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c3_d(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op local (4294967296) must be at most 2147483647}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4, local = 4294967296} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c3_e(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op initial (9223372036854775807) must be at most 2147483647}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4, initial = 9223372036854775807} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c4_a(%p: tensor<2x7x2x9xf32>) {
  // expected-error @below {{'nsa.select_top_n' op needs q_offset when causal or local (2) > 0}}
  %0 = nsa.select_top_n %p {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c4_b(%p: tensor<2x7x2x9xf32>) {
  // expected-error @below {{'nsa.select_top_n' op needs q_offset when causal or local (1) > 0}}
  %0 = nsa.select_top_n %p {selection_block = 8, top_n = 4, causal = false, local = 1} : (tensor<2x7x2x9xf32>) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c4_c(%p: tensor<2x7x2x9xf32>, %len: index) {
  // expected-error @below {{'nsa.select_top_n' op needs q_offset when causal or local (0) > 0}}
  %0 = nsa.select_top_n %p kv_len(%len) {selection_block = 8, top_n = 4, local = 0} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c5_a(%p: tensor<2x7x2x9xf32>, %off: i32) {
  // expected-error @below {{'nsa.select_top_n' op operand #1 must be index or a 1-D tensor of i32 (one per batch entry), but got 'i32'}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, i32) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c5_b(%p: tensor<2x7x2x9xf32>, %off: tensor<1xi32>) {
  // expected-error @below {{'nsa.select_top_n' op dimension 0 of 'q_offset' (1) must equal dimension 0 of 'p' (2): both are B}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, tensor<1xi32>) -> tensor<2x7x2x4xi32>
  return
}

// -----

func.func @select_top_n_c6_a(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op dimension 3 of 'idx' (5) must be top_n = 4}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x5xi32>
  return
}

// -----

func.func @select_top_n_c6_b(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @+2 {{'nsa.select_top_n' op inferred type(s) 'tensor<2x7x2x4xi32>' are incompatible with return type(s) of operation 'tensor<2x7x2x4xi64>'}}
  // expected-error @+1 {{'nsa.select_top_n' op failed to infer returned types}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x4xi64>
  return
}

// -----

func.func @select_top_n_c6_c(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op dimension 2 of 'idx' (1) must equal dimension 2 of 'p' (2): both are Gi}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x1x4xi32>
  return
}

// -----

func.func @select_top_n_c6_d(%p: tensor<2x7x2x9xf32>, %off: index) {
  // expected-error @below {{'nsa.select_top_n' op dimension 3 of 'idx' (top_n) must be a compile-time constant, but is dynamic}}
  %0 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 4} : (tensor<2x7x2x9xf32>, index) -> tensor<2x7x2x?xi32>
  return
}
