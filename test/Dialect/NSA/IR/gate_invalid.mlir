// What the verifier of nsa.gate refuses; functions are named after the
// constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

func.func @gate_c1_a(%g: tensor<2x7x4x0xf32>) {
  // expected-error @below {{'nsa.gate' op failed to verify that there is at least one branch}}
  %0 = "nsa.gate"(%g) : (tensor<2x7x4x0xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c1_b(%o1: tensor<2x7x4x8xi32>, %o2: tensor<2x7x4x8xi32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op 'branches[0]' must have element type f32, f16 or bf16, but has 'i32'}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xi32>, tensor<2x7x4x8xi32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xi32>
  return
}

// -----

func.func @gate_c1_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf16>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op 'branches[1]' must have element type 'f32', but has 'f16'}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf16>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c1_d(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x6xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 3 of 'branches[1]' (6) must equal dimension 3 of 'branches[0]' (8): both are Dv}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x6xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c1_e(%o1: tensor<7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op 'branches[0]' must have rank 4 [B, Tq, H, Dv], but has rank 3 ('tensor<7x4x8xf32>')}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c1_f(%o1: tensor<2x7x4x8xf32>, %o2: tensor<*xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op operand #1 must be variadic of ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<*xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c2_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %o3: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 3 of 'gates' (2) must be the number of branches = 3}}
  %0 = nsa.gate %o1, %o2, %o3 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c2_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x?xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 3 of 'gates' (the number of branches) must be a compile-time constant, but is dynamic}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x?xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c2_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4xf32>) {
  // expected-error @below {{'nsa.gate' op 'gates' must have rank 4 [B, Tq, H, the number of branches], but has rank 3 ('tensor<2x7x4xf32>')}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c2_d(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x1x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 2 of 'gates' (1) must equal dimension 2 of 'branches[0]' (4): both are H}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x1x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c3_a(%o1: tensor<2x7x4x8xbf16>, %o2: tensor<2x7x4x8xbf16>, %g: tensor<2x7x4x2xf16>) {
  // expected-error @below {{'nsa.gate' op 'gates' must have element type 'f32' or 'bf16', but has 'f16'}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xbf16>, tensor<2x7x4x8xbf16>, tensor<2x7x4x2xf16>) -> tensor<2x7x4x8xbf16>
  return
}

// -----

func.func @gate_c3_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xbf16>) {
  // expected-error @below {{'nsa.gate' op 'gates' must have element type 'f32', but has 'bf16'}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xbf16>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c4_a(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @+2 {{'nsa.gate' op inferred type(s) 'tensor<2x7x4x8xf32>' are incompatible with return type(s) of operation 'tensor<2x7x4x8xf16>'}}
  // expected-error @+1 {{'nsa.gate' op failed to infer returned types}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf16>
  return
}

// -----

func.func @gate_c4_b(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 1 of 'o' (9) must equal dimension 1 of 'branches[0]' (7): both are Tq}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x9x4x8xf32>
  return
}

// -----

func.func @gate_c4_c(%o1: tensor<2x7x4x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 3 of 'o' (Dv) must be a compile-time constant, but is dynamic}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x?xf32>
  return
}

// -----

func.func @gate_c5_a(%o1: tensor<2x7x?x8xf32>, %o2: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 2 of 'branches[0]' (H) must be a compile-time constant, but is dynamic}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x?x8xf32>, tensor<2x7x4x8xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @gate_c5_b(%o1: tensor<2x7x4x0xf32>, %o2: tensor<2x7x4x0xf32>, %g: tensor<2x7x4x2xf32>) {
  // expected-error @below {{'nsa.gate' op dimension 3 of 'branches[0]' (Dv) must be at least 1, but is 0}}
  %0 = nsa.gate %o1, %o2 gates(%g) : (tensor<2x7x4x0xf32>, tensor<2x7x4x0xf32>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x0xf32>
  return
}

// -----

func.func @unknown_activation(%o: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x1xf32>) {
  // expected-error @+2 {{expected ::mlir::nsa::GateActivation to be one of: none, sigmoid}}
  // expected-error @+1 {{failed to parse NSA_GateActivationAttr parameter 'value'}}
  %0 = nsa.gate %o gates(%g) {activation = #nsa.gate_activation<softmax>} : (tensor<2x7x4x8xf32>, tensor<2x7x4x1xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @wrong_activation(%o: tensor<2x7x4x8xf32>, %g: tensor<2x7x4x1xf32>) {
  // expected-error @below {{'nsa.gate' op attribute 'activation' failed to satisfy constraint: what is applied to a gate before it multiplies}}
  %0 = nsa.gate %o gates(%g) {activation = #nsa.activation<silu>} : (tensor<2x7x4x8xf32>, tensor<2x7x4x1xf32>) -> tensor<2x7x4x8xf32>
  return
}

// -----

func.func @nothing() {
  // expected-error @below {{'nsa.gate' op expected 1 or more operands, but found 0}}
  %0 = "nsa.gate"() : () -> tensor<2x7x4x8xf32>
  return
}
