// What the verifier of nsa.selected_attention refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @selected_attention_c1_a(%q: tensor<2x7x4x8xf8E5M2>, %k: tensor<2x9x2x8xf8E5M2>, %v: tensor<2x9x2x6xf8E5M2>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op element type must be f32, f16 or bf16, but is 'f8E5M2'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf8E5M2>, tensor<2x9x2x8xf8E5M2>, tensor<2x9x2x6xf8E5M2>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf8E5M2>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c1_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf16>, %v: tensor<2x9x2x6xf16>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op queries, keys and values must have one element type, but have 'f32', 'f16' and 'f16'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf16>, tensor<2x9x2x6xf16>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c1_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6x1xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op 'v' must have rank 4 [B, Tk, G, Dv], but has rank 5 ('tensor<2x9x2x6x1xf32>')}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6x1xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi64>) {
  // expected-error @below {{'nsa.selected_attention' op 'idx' must have element type 'i32', but has 'i64'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi64>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xf32>) {
  // expected-error @below {{'nsa.selected_attention' op 'idx' must have element type 'i32', but has 'f32'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xf32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op 'idx' must have rank 4 [B, Tq, Gi, N], but has rank 3 ('tensor<2x7x3xi32>')}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_d(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x9x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 1 of 'idx' (9) must equal dimension 1 of 'q' (7): both are Tq}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x9x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_e(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x10x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 1 of 'v' (10) must equal dimension 1 of 'k' (9): both are Tk}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x10x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_f(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xsi32>) {
  // expected-error @below {{'nsa.selected_attention' op 'idx' must have element type 'i32', but has 'si32'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xsi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c2_g(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<*xi32>) {
  // expected-error @below {{'nsa.selected_attention' op operand #3 must be ranked tensor of any type values, but got 'tensor<*xi32>'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<*xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c3_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x3x8xf32>, %v: tensor<2x9x3x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op query heads H (4) must be a multiple of key/value heads G (3)}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x3x8xf32>, tensor<2x9x3x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c3_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x0xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op G and Dv must be static and at least 1 in 'tensor<2x9x2x0xf32>'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x0xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x0xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c4_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x3x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 2 of 'idx' (3) must be 1, G (2) or H (4)}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x3x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c4_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x?x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 2 of 'idx' (dynamic) must be 1, G (2) or H (4)}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x?x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c4_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x0x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 2 of 'idx' (0) must be 1, G (2) or H (4)}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x0x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c5_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op selection_block (0) must be at least 1}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 0} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c5_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op selection_block (9223372036854775807) must be at most 2147483647}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 9223372036854775807} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c5_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op requires attribute 'selection_block'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c6_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>, %len: tensor<2xi32>) {
  // expected-error @below {{'nsa.selected_attention' op kv_len is given without q_offset: give both, or neither for kv_len = Tk and q_offset = Tk - Tq}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx kv_len(%len) {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>, tensor<2xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c6_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>, %off: tensor<2xindex>) {
  // expected-error @below {{'nsa.selected_attention' op operand #4 must be index or a 1-D tensor of i32 (one per batch entry), but got 'tensor<2xindex>'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>, tensor<2xindex>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c6_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>, %off: index, %len: tensor<4xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 0 of 'kv_len' (4) must equal dimension 0 of 'q' (2): both are B}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx q_offset(%off) kv_len(%len) {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>, index, tensor<4xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c7(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op scale (INF) must be finite and positive}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4, scale = 0x7FF0000000000000 : f64} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c8_a(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op dimension 3 of 'o' (8) must equal dimension 3 of 'v' (6): both are Dv}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c8_b(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op 'o' must have element type 'f32', but has 'f64'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf64>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @selected_attention_c8_c(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op H and Dv must be static and at least 1 in 'tensor<2x7x4x?xf32>'}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x?xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @unique_is_a_unit(%q: tensor<2x7x4x8xf32>, %k: tensor<2x9x2x8xf32>, %v: tensor<2x9x2x6xf32>, %idx: tensor<2x7x2x3xi32>) {
  // expected-error @below {{'nsa.selected_attention' op attribute 'unique' failed to satisfy constraint: unit attribute}}
  %0:2 = nsa.selected_attention %q, %k, %v, %idx {selection_block = 4, unique = true} : (tensor<2x7x4x8xf32>, tensor<2x9x2x8xf32>, tensor<2x9x2x6xf32>, tensor<2x7x2x3xi32>) -> (tensor<2x7x4x6xf32>, tensor<2x7x4xf32>)
  return
}
