// What the verifiers of nsa.fusion and nsa.yield refuse; functions are named after
// the constraint of docs/Spec.md that they break.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

// -----

func.func @fusion_c1_other(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    // expected-error @below {{'nsa.compress' op cannot be part of a fusion of kind selection}}
    %x = nsa.compress mean(%kc) {compression_block = 4, compression_stride = 2} : (tensor<2x9x2x64xf16>) -> tensor<2x3x2x64xf16>
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c1_twice(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op selection has 2 nsa.select_top_n, expected 1}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    %3 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c1_none(%o: tensor<2x7x4x64xf16>) {
  // expected-error @below {{'nsa.fusion' op selection has 0 nsa.compressed_attention, expected 1}}
  %r = nsa.fusion selection : tensor<2x7x4x64xf16> {
    nsa.yield %o : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c2_queries(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.block_scores' op must take the queries, the keys and the lse of the fusion's nsa.compressed_attention}}
    %p = nsa.block_scores %q2, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c2_keys(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.block_scores' op must take the queries, the keys and the lse of the fusion's nsa.compressed_attention}}
    %p = nsa.block_scores %q, %kc2, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c2_lse(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.block_scores' op must take the queries, the keys and the lse of the fusion's nsa.compressed_attention}}
    %p = nsa.block_scores %q, %kc, %lse, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c2_scores(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    // expected-error @below {{'nsa.select_top_n' op must take the scores of the fusion's nsa.block_scores}}
    %2 = nsa.select_top_n %p2 q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_scale(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.compressed_attention and nsa.block_scores cannot be one kernel: they differ in scale (1.250000e-01 and 1.000000e+00)}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8, scale = 1.0} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_causal(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.compressed_attention and nsa.block_scores cannot be one kernel: they differ in causal (false and true)}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2, causal = false} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_block(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.compressed_attention and nsa.block_scores cannot be one kernel: they differ in compression_block (6 and 4)}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 6, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_stride(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.compressed_attention and nsa.block_scores cannot be one kernel: they differ in compression_stride (1 and 2)}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 1} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_selection(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.block_scores and nsa.select_top_n cannot be one kernel: they differ in selection_block (8 and 16)}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 16, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_offset(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.compressed_attention and nsa.block_scores cannot be one kernel: they differ in q_offset}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off2) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c4_offset_select(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  // expected-error @below {{'nsa.fusion' op nsa.block_scores and nsa.select_top_n cannot be one kernel: they differ in q_offset}}
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off2) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    nsa.yield %0, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c6_order(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    // expected-error @below {{'nsa.yield' op of a fusion of kind selection must yield o, lse and idx of its ops, in this order}}
    nsa.yield %q, %1, %2 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32>
  }
  return
}

// -----

func.func @fusion_c6_number(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:2 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    // expected-error @below {{'nsa.yield' op of a fusion of kind selection must yield o, lse and idx of its ops, in this order}}
    nsa.yield %0, %1 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>
  }
  return
}

// -----

func.func @fusion_c6_types(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %kc: tensor<2x9x2x64xf16>, %kc2: tensor<2x9x2x64xf16>, %lse: tensor<2x7x4xf32>, %p2: tensor<2x7x2x3xf32>, %max: index, %off: index, %off2: index) {
  %r:3 = nsa.fusion selection : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x2x2xi32> {
    %0, %1 = nsa.compressed_attention %q, %kc, %kc q_offset(%off) {compression_block = 4, compression_stride = 2} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %p = nsa.block_scores %q, %kc, %1, %max q_offset(%off) {compression_block = 4, compression_stride = 2, selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x4xf32>, index, index) -> tensor<2x7x2x3xf32>
    %2 = nsa.select_top_n %p q_offset(%off) {selection_block = 8, top_n = 2, local = 1} : (tensor<2x7x2x3xf32>, index) -> tensor<2x7x2x2xi32>
    // expected-error @below {{'nsa.yield' op yields ('tensor<2x7x4x64xf16>', 'tensor<2x7x4xf32>'), but the fusion has the results ('tensor<2x7x4x64xf16>', 'tensor<2x7x4xf32>', 'tensor<2x7x2x2xi32>')}}
    nsa.yield %0, %1 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>
  }
  return
}

// -----

func.func @fusion_c3_branches(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x2xf32>, %off: index, %len: index) {
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.gate' op of a fusion must have 3 branches, but has 2}}
    %4 = nsa.gate %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x2xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c3_order(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.gate' op must take, in this order, a branch from outside of the fusion, o of nsa.selected_attention and o of nsa.window_attention}}
    %4 = nsa.gate %cmp, %2, %0 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c3_inside(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    // expected-error @below {{'nsa.gate' op must take, in this order, a branch from outside of the fusion, o of nsa.selected_attention and o of nsa.window_attention}}
    %4 = nsa.gate %0, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c4_queries(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  // expected-error @below {{'nsa.fusion' op nsa.selected_attention and nsa.window_attention cannot be one kernel: they differ in queries}}
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q2, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c4_heads(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  // expected-error @below {{'nsa.fusion' op nsa.selected_attention and nsa.window_attention cannot be one kernel: they differ in key/value heads (2 and 1)}}
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k1, %k1 {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x1x64xf16>, tensor<2x9x1x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c4_length(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  // expected-error @below {{'nsa.fusion' op nsa.selected_attention and nsa.window_attention cannot be one kernel: they differ in q_offset}}
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx q_offset(%off) kv_len(%len) {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>, index, index) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c5(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  %r:1 = nsa.fusion gated : tensor<2x7x4x64xf16> {
    // expected-error @below {{'nsa.selected_attention' op of a fusion must have unique lists}}
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    nsa.yield %4 : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @fusion_c6_gated(%q: tensor<2x7x4x64xf16>, %q2: tensor<2x7x4x64xf16>, %k: tensor<2x9x2x64xf16>, %k1: tensor<2x9x1x64xf16>, %cmp: tensor<2x7x4x64xf16>, %idx: tensor<2x7x2x2xi32>, %g: tensor<2x7x4x3xf32>, %off: index, %len: index) {
  %r:3 = nsa.fusion gated : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32> {
    %0, %1 = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x7x2x2xi32>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %2, %3 = nsa.window_attention %q, %k, %k {window = 5} : (tensor<2x7x4x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x7x4x64xf16>, tensor<2x7x4xf32>)
    %4 = nsa.gate %cmp, %0, %2 gates(%g) : (tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x64xf16>, tensor<2x7x4x3xf32>) -> tensor<2x7x4x64xf16>
    // expected-error @below {{'nsa.yield' op of a fusion of kind gated must yield o, or o, lse_slc and lse_win of its ops, in this order}}
    nsa.yield %4, %3, %1 : tensor<2x7x4x64xf16>, tensor<2x7x4xf32>, tensor<2x7x4xf32>
  }
  return
}

// -----

func.func @kind(%o: tensor<2x7x4x64xf16>) {
  // expected-error @below {{unknown keyword 'both', expected selection or gated}}
  %r = nsa.fusion both : tensor<2x7x4x64xf16> {
    nsa.yield %o : tensor<2x7x4x64xf16>
  }
  return
}

// -----

func.func @yield_alone(%o: tensor<2x7x4x64xf16>) {
  // expected-error @below {{'nsa.yield' op expects parent op 'nsa.fusion'}}
  nsa.yield %o : tensor<2x7x4x64xf16>
}
