// What the verifier of nsa.compress refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @compress_c1_a(%x: tensor<1x64x2x8xi32>) {
  // expected-error @below {{'nsa.compress' op 'x' must have element type f32, f16 or bf16, but has 'i32'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xi32>) -> tensor<1x31x2x8xi32>
  return
}

// -----

func.func @compress_c1_b(%x: tensor<1x64x2x8xf64>) {
  // expected-error @below {{'nsa.compress' op 'x' must have element type f32, f16 or bf16, but has 'f64'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf64>) -> tensor<1x31x2x8xf64>
  return
}

// -----

func.func @compress_c1_c(%x: tensor<1x64x2x8xcomplex<f32>>) {
  // expected-error @below {{'nsa.compress' op 'x' must have element type f32, f16 or bf16, but has 'complex<f32>'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xcomplex<f32>>) -> tensor<1x31x2x8xcomplex<f32>>
  return
}

// -----

func.func @compress_c1_d(%x: tensor<64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op 'x' must have rank 4 [B, T, G, D], but has rank 3 ('tensor<64x2x8xf32>')}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<64x2x8xf32>) -> tensor<31x2x8xf32>
  return
}

// -----

func.func @compress_c1_e(%x: tensor<*xf32>) {
  // expected-error @below {{'nsa.compress' op operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<*xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @compress_c1_f(%x: memref<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op operand #0 must be ranked tensor of any type values, but got 'memref<1x64x2x8xf32>'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (memref<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c1_g(%x: tensor<1x64x2x8xf32, "sparse">) {
  // expected-error @below {{'nsa.compress' op 'x' must have no encoding, but is 'tensor<1x64x2x8xf32, "sparse">'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32, "sparse">) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c2_a(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op compression_block (0) must be at least 1}}
  %0 = nsa.compress mean(%x) {compression_block = 0, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c2_b(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op compression_stride (-2) must be at least 1}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = -2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c2_c(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op compression_block (2147483648) must be at most 2147483647}}
  %0 = nsa.compress mean(%x) {compression_block = 2147483648, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x0x2x8xf32>
  return
}

// -----

func.func @compress_c2_d(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op compression_stride (9223372036854775807) must be at most 2147483647}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 9223372036854775807} : (tensor<1x64x2x8xf32>) -> tensor<1x1x2x8xf32>
  return
}

// -----

func.func @compress_c2_e(%x: tensor<1x64x2x8xf32>, %w: tensor<2x32x8xf32>) {
  // expected-error @below {{'nsa.compress' op compression_block (-9223372036854775808) must be at least 1}}
  %0 = nsa.compress linear(%x) params(%w) {compression_block = -9223372036854775808, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<2x32x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c2_f(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op attribute 'compression_block' failed to satisfy constraint: 64-bit signless integer attribute}}
  %0 = "nsa.compress"(%x) <{compression_block = 4 : i32, compression_stride = 2 : i64, phi = #nsa.phi<mean>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c2_g(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op requires attribute 'compression_stride'}}
  %0 = "nsa.compress"(%x) <{compression_block = 4 : i64, phi = #nsa.phi<mean>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c3_a(%x: tensor<1x64x2x8xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{'nsa.compress' op phi mean takes 0 params, but 1 are given}}
  %0 = nsa.compress mean(%x) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<2x4xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c3_b(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op phi weighted takes 1 params, but 0 are given}}
  %0 = nsa.compress weighted(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c3_c(%x: tensor<1x64x2x8xf32>, %w: tensor<2x32x8xf32>) {
  // expected-error @below {{'nsa.compress' op phi linear takes 1 params, but 2 are given}}
  %0 = nsa.compress linear(%x) params(%w, %w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<2x32x8xf32>, tensor<2x32x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c3_d(%x: tensor<1x64x2x8xf32>, %w: tensor<32x8xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op phi mlp takes 4 params, but 2 are given}}
  %0 = nsa.compress mlp(%x) params(%w, %b) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x8xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_a(%x: tensor<1x64x2x8xf32>, %pe: tensor<5x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 0 of 'pe' (5) must be l = 4}}
  %0 = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<5x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_b(%x: tensor<1x64x2x8xf32>, %pe: tensor<4x9xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'pe' (9) must equal dimension 3 of 'x' (8): both are D}}
  %0 = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<4x9xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_c(%x: tensor<1x64x2x8xf32>, %pe: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op 'pe' must have rank 2 [l, D], but has rank 1 ('tensor<8xf32>')}}
  %0 = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_d(%x: tensor<1x64x2x8xf32>, %pe: tensor<?x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 0 of 'pe' (l) must be a compile-time constant, but is dynamic}}
  %0 = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<?x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_e(%x: tensor<1x64x2x8xf32>, %w: tensor<4x2xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 0 of 'params[0]' (4) must equal dimension 2 of 'x' (2): both are G}}
  %0 = nsa.compress weighted(%x) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<4x2xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_f(%x: tensor<1x64x2x8xf32>, %w: tensor<2x5xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'params[0]' (5) must be l = 4}}
  %0 = nsa.compress weighted(%x) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<2x5xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_g(%x: tensor<1x64x2x8xf32>, %w: tensor<2x31x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'params[0]' (31) must be l*D = 32}}
  %0 = nsa.compress linear(%x) params(%w) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<2x31x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_h(%x: tensor<1x64x2x8xf32>, %w1: tensor<32x5xf32>, %b1: tensor<6xf32>, %w2: tensor<5x8xf32>, %b2: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 0 of 'params[1]' (6) must equal dimension 1 of 'params[0]' (5): both are M}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x5xf32>, tensor<6xf32>, tensor<5x8xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_i(%x: tensor<1x64x2x8xf32>, %w1: tensor<32x5xf32>, %b1: tensor<5xf32>, %w2: tensor<5x9xf32>, %b2: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'params[2]' (9) must equal dimension 3 of 'x' (8): both are D}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x5xf32>, tensor<5xf32>, tensor<5x9xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_j(%x: tensor<1x64x2x8xf32>, %w1: tensor<32x5xf32>, %b1: tensor<5xf32>, %w2: tensor<5x8xf32>, %b2: tensor<1x8xf32>) {
  // expected-error @below {{'nsa.compress' op 'params[3]' must have rank 1 [D], but has rank 2 ('tensor<1x8xf32>')}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x5xf32>, tensor<5xf32>, tensor<5x8xf32>, tensor<1x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_k(%x: tensor<1x64x2x8xf32>, %w1: tensor<32x0xf32>, %b1: tensor<0xf32>, %w2: tensor<0x8xf32>, %b2: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'params[0]' (M) must be at least 1, but is 0}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x0xf32>, tensor<0xf32>, tensor<0x8xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c4_l(%x: tensor<1x64x2x8xf32>, %w1: tensor<32x?xf32>, %b1: tensor<?xf32>, %w2: tensor<?x8xf32>, %b2: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 1 of 'params[0]' (M) must be a compile-time constant, but is dynamic}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, tensor<32x?xf32>, tensor<?xf32>, tensor<?x8xf32>, tensor<8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c5_a(%x: tensor<1x64x2x8xbf16>, %pe: tensor<4x8xf16>) {
  // expected-error @below {{'nsa.compress' op 'pe' must have element type 'f32' or 'bf16', but has 'f16'}}
  %0 = nsa.compress mean(%x) pe(%pe) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xbf16>, tensor<4x8xf16>) -> tensor<1x31x2x8xbf16>
  return
}

// -----

func.func @compress_c5_b(%x: tensor<1x64x2x8xf16>, %w1: tensor<32x5xf16>, %b1: tensor<5xf32>, %w2: tensor<5x8xf64>, %b2: tensor<8xf32>) {
  // expected-error @below {{'nsa.compress' op 'params[2]' must have element type 'f32' or 'f16', but has 'f64'}}
  %0 = nsa.compress mlp(%x) params(%w1, %b1, %w2, %b2) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf16>, tensor<32x5xf16>, tensor<5xf32>, tensor<5x8xf64>, tensor<8xf32>) -> tensor<1x31x2x8xf16>
  return
}

// -----

func.func @compress_c6_a(%x: tensor<1x64x2x8xf32>) {
  // expected-error @+2 {{'nsa.compress' op inferred type(s) 'tensor<1x31x2x8xf32>' are incompatible with return type(s) of operation 'tensor<1x32x2x8xf32>'}}
  // expected-error @+1 {{'nsa.compress' op failed to infer returned types}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x32x2x8xf32>
  return
}

// -----

func.func @compress_c6_b(%x: tensor<1x64x2x8xbf16>) {
  // expected-error @+2 {{'nsa.compress' op inferred type(s) 'tensor<1x31x2x8xbf16>' are incompatible with return type(s) of operation 'tensor<1x31x2x8xf32>'}}
  // expected-error @+1 {{'nsa.compress' op failed to infer returned types}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xbf16>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @compress_c6_c(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 0 of 'c' (2) must equal dimension 0 of 'x' (1): both are B}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<2x31x2x8xf32>
  return
}

// -----

// T < l makes no token, T = l makes one.
func.func @compress_c6_d(%x: tensor<1x3x2x8xf32>) {
  // expected-error @+2 {{'nsa.compress' op inferred type(s) 'tensor<1x0x2x8xf32>' are incompatible with return type(s) of operation 'tensor<1x1x2x8xf32>'}}
  // expected-error @+1 {{'nsa.compress' op failed to infer returned types}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x3x2x8xf32>) -> tensor<1x1x2x8xf32>
  return
}

// -----

func.func @compress_c6_e(%x: tensor<1x4x2x8xf32>) {
  // expected-error @+2 {{'nsa.compress' op inferred type(s) 'tensor<1x1x2x8xf32>' are incompatible with return type(s) of operation 'tensor<1x0x2x8xf32>'}}
  // expected-error @+1 {{'nsa.compress' op failed to infer returned types}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x4x2x8xf32>) -> tensor<1x0x2x8xf32>
  return
}

// -----

func.func @compress_c6_f(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op 'c' must have no encoding, but is 'tensor<1x31x2x8xf32, 1 : i64>'}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32, 1>
  return
}

// -----

func.func @compress_c7_a(%x: tensor<1x64x?x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 2 of 'x' (G) must be a compile-time constant, but is dynamic}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x?x8xf32>) -> tensor<1x31x?x8xf32>
  return
}

// -----

func.func @compress_c7_b(%x: tensor<1x64x2x0xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 3 of 'x' (D) must be at least 1, but is 0}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x0xf32>) -> tensor<1x31x2x0xf32>
  return
}

// -----

func.func @compress_c7_c(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op dimension 3 of 'c' (D) must be a compile-time constant, but is dynamic}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x?xf32>
  return
}

// -----

func.func @unknown_phi(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{unknown keyword 'max', expected mean, weighted, linear or mlp}}
  %0 = nsa.compress max(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @missing_phi(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{expected valid keyword}}
  %0 = nsa.compress (%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @unknown_activation(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{unknown keyword 'tanh', expected gelu, silu or relu}}
  %0 = nsa.compress mean(%x) activation tanh {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @unknown_phi_attribute(%x: tensor<1x64x2x8xf32>) {
  // expected-error @+2 {{expected ::mlir::nsa::Phi to be one of: mean, weighted, linear, mlp}}
  // expected-error @+1 {{failed to parse NSA_PhiAttr parameter 'value'}}
  %0 = "nsa.compress"(%x) <{compression_block = 4 : i64, compression_stride = 2 : i64, phi = #nsa.phi<max>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @wrong_segments(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op operand count (1) does not match with the total size (2) specified in attribute 'operandSegmentSizes'}}
  %0 = "nsa.compress"(%x) <{compression_block = 4 : i64, compression_stride = 2 : i64, phi = #nsa.phi<mean>, operandSegmentSizes = array<i32: 1, 1, 0>}> : (tensor<1x64x2x8xf32>) -> tensor<1x31x2x8xf32>
  return
}

// -----

func.func @wrong_results(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{'nsa.compress' op requires one result}}
  %0:2 = "nsa.compress"(%x) <{compression_block = 4 : i64, compression_stride = 2 : i64, phi = #nsa.phi<mean>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<1x64x2x8xf32>) -> (tensor<1x31x2x8xf32>, tensor<1x31x2x8xf32>)
  return
}

// -----

func.func @operands_disagree(%x: tensor<1x64x2x8xf32>) {
  // expected-error @below {{number of operands and types do not match: got 1 operands and 2 types}}
  %0 = nsa.compress mean(%x) {compression_block = 4, compression_stride = 2} : (tensor<1x64x2x8xf32>, index) -> tensor<1x31x2x8xf32>
  return
}
