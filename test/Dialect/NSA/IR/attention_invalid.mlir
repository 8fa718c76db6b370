// What the verifier of nsa.attention refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @attention_c1_a(%q: tensor<2x7x4x8xf64>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'q' must have element type f32, f16 or bf16, but has 'f64'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf64>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf64>
  return
}

// -----

func.func @attention_c1_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf16>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'k_cmp' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf16>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'v_cmp' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf16>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf16>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'k_slc' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_e(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf16>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'v_slc' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf16>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_f(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf16>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'k_win' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_g(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf16>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'v_win' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_h(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'k_slc' must have rank 4 [B, Tk, G, Dk], but has rank 3 ('tensor<9x2x8xf32>')}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_i(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<*xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op operand #6 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<*xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c1_j(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32, 1>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op 'v_cmp' must have no encoding, but is 'tensor<2x9x2x6xf32, 1 : i64>'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32, 1>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c2_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x10x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 1 of 'k_slc' (10) must equal dimension 1 of 'k_cmp' (9): both are Tk}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x10x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c2_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x8xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'v_win' (8) must equal dimension 3 of 'v_cmp' (6): both are Dv}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x8xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c2_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x4x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'k_win' (4) must equal dimension 2 of 'k_cmp' (2): both are G}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x4x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c2_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x6xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'k_cmp' (6) must equal dimension 3 of 'q' (8): both are Dk}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c2_e(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<1x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 0 of 'v_slc' (1) must equal dimension 0 of 'q' (2): both are B}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<1x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c3_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x3x8xf32>, %v1: tensor<2x9x3x6xf32>, %k2: tensor<2x9x3x8xf32>, %v2: tensor<2x9x3x6xf32>, %k3: tensor<2x9x3x8xf32>, %v3: tensor<2x9x3x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op query heads H (4) must be a multiple of key/value heads G (3)}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x6xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x6xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c3_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x?x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'v_slc' (G) must be a compile-time constant, but is dynamic}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x?x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c3_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x?xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'k_win' (Dk) must be a compile-time constant, but is dynamic}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x?xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c3_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x0x8xf32>, %v1: tensor<2x9x0x6xf32>, %k2: tensor<2x9x0x8xf32>, %v2: tensor<2x9x0x6xf32>, %k3: tensor<2x9x0x8xf32>, %v3: tensor<2x9x0x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'k_cmp' (G) must be at least 1, but is 0}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x0x8xf32>, tensor<2x9x0x6xf32>, tensor<2x9x0x8xf32>, tensor<2x9x0x6xf32>, tensor<2x9x0x8xf32>, tensor<2x9x0x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op compression_block (0) must be at least 1}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 0, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op compression_stride (-2) must be at least 1}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = -2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op selection_block (0) must be at least 1}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 0, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op compression_stride (3) must divide compression_block (4)}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 3, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_e(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op compression_stride (4) must divide selection_block (10)}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 4, selection_block = 10, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_f(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op compression_block (16) must be at most selection_block (8)}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 16, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_g(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op selection_block (2147483648) must be at most 2147483647}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 2147483648, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c4_h(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op requires attribute 'selection_block'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c5_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op top_n (0) must be at least 1}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 0, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c5_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op initial (-1) must be at least 0}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, initial = -1} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c5_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op local (-2) must be at least 0}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, local = -2} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c5_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op top_n (4) must be at least initial (2) + local (3)}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, initial = 2, local = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c6_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op window (0) must be at least 1}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 0} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c6_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op window (2147483648) must be at most 2147483647}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 2147483648} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c7_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %len: index) {
  // expected-error @below {{'nsa.attention' op kv_len is given without q_offset: give both, or neither for kv_len = Tk and q_offset = Tk - Tq}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) kv_len(%len) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, index) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c7_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %off: i32) {
  // expected-error @below {{'nsa.attention' op operand #8 must be index or a 1-D tensor of i32 (one per batch entry), but got 'i32'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, i32) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c7_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %off: tensor<7xi32>) {
  // expected-error @below {{'nsa.attention' op dimension 0 of 'q_offset' (7) must equal dimension 0 of 'q' (2): both are B}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<7xi32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c8(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op scale (-5.000000e-01) must be finite and positive}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, scale = -0.5} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op k_phi linear takes 1 params, but 0 are given}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, k_phi = #nsa.phi<linear>} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %v_params: tensor<2x4xf32>) {
  // expected-error @below {{'nsa.attention' op v_phi mean takes 0 params, but 1 are given}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) v_params(%v_params) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<2x4xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %k_params: tensor<2x5xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 1 of 'k_params[0]' (5) must be l = 4}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) k_params(%k_params) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, k_phi = #nsa.phi<weighted>} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<2x5xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %v_params: tensor<2x32x6xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 1 of 'v_params[0]' (32) must be l*Dv = 24}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) v_params(%v_params) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, v_phi = #nsa.phi<linear>} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<2x32x6xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_e(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %v_pe: tensor<4x8xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 1 of 'v_pe' (8) must equal dimension 3 of 'v_cmp' (6): both are Dv}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) v_pe(%v_pe) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<4x8xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_f(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %k_pe: tensor<4x8xbf16>) {
  // expected-error @below {{'nsa.attention' op 'k_pe' must have element type 'f32', but has 'bf16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) k_pe(%k_pe) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<4x8xbf16>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_g(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %v_params0: tensor<24x5xf32>, %v_params1: tensor<5xf32>, %v_params2: tensor<5x6xf32>, %v_params3: tensor<6xf64>) {
  // expected-error @below {{'nsa.attention' op 'v_params[3]' must have element type 'f32', but has 'f64'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) v_params(%v_params0, %v_params1, %v_params2, %v_params3) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, v_phi = #nsa.phi<mlp>} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<5x6xf32>, tensor<6xf64>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_h(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %v_params0: tensor<24x5xf32>, %v_params1: tensor<5xf32>, %v_params2: tensor<7x6xf32>, %v_params3: tensor<6xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 0 of 'v_params[2]' (7) must equal dimension 1 of 'v_params[0]' (5): both are v_M}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) v_params(%v_params0, %v_params1, %v_params2, %v_params3) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, v_phi = #nsa.phi<mlp>} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<24x5xf32>, tensor<5xf32>, tensor<7x6xf32>, tensor<6xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c9_i(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>, %k_pe: tensor<?x8xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 0 of 'k_pe' (l) must be a compile-time constant, but is dynamic}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) k_pe(%k_pe) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>, tensor<?x8xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c10_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'gates' (2) must be the number of branches = 3}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c10_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x?xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'gates' (the number of branches) must be a compile-time constant, but is dynamic}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x?xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c10_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf16>) {
  // expected-error @below {{'nsa.attention' op 'gates' must have element type 'f32', but has 'f16'}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf16>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c10_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x1x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'gates' (1) must equal dimension 2 of 'q' (4): both are H}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x1x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c11_a(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf16>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf16>
  return
}

// -----

// return_aux asks for five results, and without it there is one.
func.func @attention_c11_b(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf32>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x6xf32>
  return
}

// -----

func.func @attention_c11_c(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x2x4xi32>)
  return
}

// -----

func.func @attention_c11_d(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'idx' (4) must equal dimension 2 of 'k_cmp' (2): both are G}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4x4xi32>)
  return
}

// -----

func.func @attention_c11_e(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 3 of 'idx' (5) must be top_n = 4}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x2x5xi32>)
  return
}

// -----

func.func @attention_c11_f(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf16>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf16>, tensor<2x7x4xf32>, tensor<2x7x2x4xi32>)
  return
}

// -----

func.func @attention_c11_g(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi64>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x7x2x4xi64>)
  return
}

// -----

func.func @attention_c11_h(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 2 of 'lse_slc' (H) must be a compile-time constant, but is dynamic}}
  %0:5 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x?xf32>, tensor<2x7x4xf32>, tensor<2x7x2x4xi32>)
  return
}

// -----

func.func @attention_c11_i(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op dimension 1 of 'o' (8) must equal dimension 1 of 'q' (7): both are Tq}}
  %0 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> tensor<2x8x4x6xf32>
  return
}

// -----

func.func @attention_c11_j(%q: tensor<2x7x4x8xf32>, %k1: tensor<2x9x2x8xf32>, %v1: tensor<2x9x2x6xf32>, %k2: tensor<2x9x2x8xf32>, %v2: tensor<2x9x2x6xf32>, %k3: tensor<2x9x2x8xf32>, %v3: tensor<2x9x2x6xf32>, %g: tensor<2x7x4x3xf32>) {
  // expected-error @+2 {{'nsa.attention' op inferred type(s) 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x4xi32>' are incompatible with return type(s) of operation 'tensor<2x7x4x6xf32>', 'tensor<2x7x4xf32>', 'tensor<2x7x4xf32>'}}
  // expected-error @+1 {{'nsa.attention' op failed to infer returned types}}
  %0:3 = nsa.attention %q compressed(%k1, %v1) selected(%k2, %v2) window(%k3, %v3) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, return_aux} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x4x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @unknown_phi(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>) {
  // expected-error @+2 {{expected ::mlir::nsa::Phi to be one of: mean, weighted, linear, mlp}}
  // expected-error @+1 {{failed to parse NSA_PhiAttr parameter 'value'}}
  %0 = nsa.attention %q compressed(%q, %q) selected(%q, %q) window(%q, %q) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3, k_phi = #nsa.phi<max>} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
  return
}

// -----

func.func @missing_branch(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>) {
  // expected-error @below {{expected 'selected'}}
  %0 = nsa.attention %q compressed(%q, %q) window(%q, %q) gates(%g) {compression_block = 4, compression_stride = 2, selection_block = 8, top_n = 4, window = 3} : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
  return
}

// -----

func.func @segments(%q: tensor<1x7x4x8xf32>, %g: tensor<1x7x4x3xf32>) {
  // expected-error @below {{'nsa.attention' op failed to verify that operands that are neither optional nor variadic are one value each}}
  %0 = "nsa.attention"(%q, %q, %q, %q, %q, %q, %q, %g) <{compression_block = 4 : i64, compression_stride = 2 : i64, selection_block = 8 : i64, top_n = 4 : i64, window = 3 : i64, operandSegmentSizes = array<i32: 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0>}> : (tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x3xf32>) -> tensor<1x7x4x8xf32>
  return
}
