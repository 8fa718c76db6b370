// What the verifier of nsa.merge refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @merge_c1_a() {
  // expected-error @below {{'nsa.merge' op failed to verify that there is at least one o}}
  %0:2 = "nsa.merge"() <{operandSegmentSizes = array<i32: 0, 0, 0>}> : () -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c1_b(%lse: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op failed to verify that there is at least one o}}
  %0:2 = "nsa.merge"(%lse) <{operandSegmentSizes = array<i32: 0, 1, 0>}> : (tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c1_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op has 2 o but 1 lse}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c1_d(%o1: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op has 1 o but 2 lse}}
  %0:2 = nsa.merge %o1 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c2_a(%o1: tensor<2x7x4x8xf64>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op 'os[0]' must have element type f32, f16 or bf16, but has 'f64'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf64>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf64>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c2_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xbf16>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op 'os[1]' must have element type 'f32', but has 'bf16'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c2_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x2x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 2 of 'os[1]' (2) must equal dimension 2 of 'os[0]' (4): both are H}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x2x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c2_d(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op 'os[1]' must have rank 4 [B, Tq, H, Dv], but has rank 3 ('tensor<2x7x8xf32>')}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c3_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf16>) {
  // expected-error @below {{'nsa.merge' op 'lses[1]' must have element type 'f32', but has 'f16'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf16>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c3_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x8x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 1 of 'lses[0]' (8) must equal dimension 1 of 'os[0]' (7): both are Tq}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x8x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c3_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4x1xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op 'lses[0]' must have rank 3 [B, Tq, H], but has rank 4 ('tensor<2x7x4x1xf32>')}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x1xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c3_d(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: memref<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op operand #3 must be variadic of ranked tensor of any type values, but got 'memref<2x7x4xf32>'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, memref<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c4_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>, %sink: tensor<4xbf16>) {
  // expected-error @below {{'nsa.merge' op 'sink' must have element type 'f32', but has 'bf16'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) sink(%sink) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<4xbf16>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c4_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>, %sink: tensor<2xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 0 of 'sink' (2) must equal dimension 2 of 'os[0]' (4): both are H}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) sink(%sink) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c4_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>, %sink: tensor<1x4xf32>) {
  // expected-error @below {{'nsa.merge' op 'sink' must have rank 1 [H], but has rank 2 ('tensor<1x4xf32>')}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) sink(%sink) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<1x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c4_d(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>, %sink: f32) {
  // expected-error @below {{'nsa.merge' op operand #4 must be ranked tensor of any type values, but got 'f32'}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) sink(%sink) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, f32) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c5_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @+2 {{'nsa.merge' op inferred type(s) 'tensor<2x7x4x8xf32>', 'tensor<2x7x4xf32>' are incompatible with return type(s) of operation 'tensor<2x7x4x8xbf16>', 'tensor<2x7x4xf32>'}}
  // expected-error @+1 {{'nsa.merge' op failed to infer returned types}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c5_b(%o1: tensor<2x7x4x8xbf16>, %o2: tensor<2x7x4x8xbf16>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @+2 {{'nsa.merge' op inferred type(s) 'tensor<2x7x4x8xbf16>', 'tensor<2x7x4xf32>' are incompatible with return type(s) of operation 'tensor<2x7x4x8xbf16>', 'tensor<2x7x4xbf16>'}}
  // expected-error @+1 {{'nsa.merge' op failed to infer returned types}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xbf16>, tensor<2x7x4x8xbf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xbf16>, tensor<2x7x4xbf16>)
  return
}

// -----

func.func @merge_c5_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 0 of 'lse' (3) must equal dimension 0 of 'os[0]' (2): both are B}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<3x7x4xf32>)
  return
}

// -----

func.func @merge_c6_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x?x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 2 of 'os[1]' (H) must be a compile-time constant, but is dynamic}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x4x8xf32>, tensor<2x7x?x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}

// -----

func.func @merge_c6_b(%o1: tensor<2x7x0x8xf32>, %o2: tensor<2x7x0x8xf32>, %l1: tensor<2x7x0xf32>, %l2: tensor<2x7x0xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 2 of 'os[0]' (H) must be at least 1, but is 0}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) : (tensor<2x7x0x8xf32>, tensor<2x7x0x8xf32>, tensor<2x7x0xf32>, tensor<2x7x0xf32>) -> (tensor<2x7x0x8xf32>, tensor<2x7x0xf32>)
  return
}

// -----

func.func @merge_c6_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %l1: tensor<2x7x4xf32>, %l2: tensor<2x7x4xf32>, %sink: tensor<?xf32>) {
  // expected-error @below {{'nsa.merge' op dimension 0 of 'sink' (H) must be a compile-time constant, but is dynamic}}
  %0:2 = nsa.merge %o1, %o2 lse(%l1, %l2) sink(%sink) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<?xf32>) -> (tensor<2x7x4x8xf32>, tensor<2x7x4xf32>)
  return
}
