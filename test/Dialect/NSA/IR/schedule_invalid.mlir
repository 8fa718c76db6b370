// What the verifier of #nsa.schedule refuses, and on which ops it may not stand.

// RUN: nsa-opt %s -split-input-file -verify-diagnostics

// -----

// expected-error @below {{unknown family 'fast', expected plain, dense, query_major, union or vector}}
func.func private @f() attributes {a = #nsa.schedule<fast>}

// -----

// expected-error @below {{expected ','}}
func.func private @f() attributes {a = #nsa.schedule<dense>}

// -----

// expected-error @below {{expected '>'}}
func.func private @f() attributes {a = #nsa.schedule<plain, queries = 4>}

// -----

// expected-error @below {{expected 'queries'}}
func.func private @f() attributes {a = #nsa.schedule<dense, keys = 64, queries = 4>}

// -----

// expected-error @below {{queries (0) must be 1 to 512}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 0, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{keys (8) must be 16 to 1024}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 8, row_warps = 4, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{row_warps (33) must be 1 to 32}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 33, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{key_warps (0) must be 1 to 32}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 0, stages = 2>}

// -----

// expected-error @below {{stages (1) must be 2 to 8}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 1>}

// -----

// expected-error @below {{row_warps (16) * key_warps (4) must be at most 32: a thread block has at most 1024 threads}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 16, key_warps = 4, stages = 2>}

// -----

// expected-error @below {{keys (48) must be a multiple of 16 * key_warps (32)}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 4, keys = 48, row_warps = 4, key_warps = 2, stages = 2>}

// -----

// expected-error @below {{queries (4) must be 1 in query_major}}
func.func private @f() attributes {a = #nsa.schedule<query_major, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{queries (1) must be 2 to 32 in union}}
func.func private @f() attributes {a = #nsa.schedule<union, queries = 1, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{queries (33) must be 2 to 32 in union}}
func.func private @f() attributes {a = #nsa.schedule<union, queries = 33, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}

// -----

// expected-error @below {{queries (17) must be at most 16 * row_warps (16): each has a row at least}}
func.func private @f() attributes {a = #nsa.schedule<dense, queries = 17, keys = 64, row_warps = 1, key_warps = 1, stages = 2>}

// -----

func.func @type(%x: tensor<1x64x1x64xf16>) {
  // expected-error @below {{'nsa.compress' op nsa.schedule must be an #nsa.schedule, but is 4 : i64}}
  %0 = nsa.compress mean(%x) {compression_block = 32, compression_stride = 16, nsa.schedule = 4} : (tensor<1x64x1x64xf16>) -> tensor<1x3x1x64xf16>
  return
}

// -----

// expected-error @below {{'func.func' op cannot have nsa.schedule: no kernel is made of it}}
func.func private @function() attributes {nsa.schedule = #nsa.schedule<plain>}

// -----

func.func @family(%x: tensor<1x64x1x64xf16>) {
  // expected-error @below {{'nsa.compress' op has no kernels of family dense; it has plain, vector}}
  %0 = nsa.compress mean(%x) {compression_block = 32, compression_stride = 16, nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>} : (tensor<1x64x1x64xf16>) -> tensor<1x3x1x64xf16>
  return
}

// -----

func.func @attention(%q: tensor<1x64x1x64xf16>, %g: tensor<1x64x1x3xf32>) {
  // expected-error @below {{'nsa.attention' op cannot have nsa.schedule: no kernel is made of it}}
  %0 = nsa.attention %q compressed(%q, %q) selected(%q, %q) window(%q, %q) gates(%g) {compression_block = 32, compression_stride = 16, selection_block = 64, top_n = 3, window = 8, nsa.schedule = #nsa.schedule<plain>}
      : (tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x3xf32>) -> tensor<1x64x1x64xf16>
  return
}

// -----

func.func @member(%q: tensor<1x64x1x64xf16>, %idx: tensor<1x64x1x3xi32>, %g: tensor<1x64x1x3xf32>) {
  %r = nsa.fusion gated : tensor<1x64x1x64xf16> {
    %0, %1 = nsa.selected_attention %q, %q, %q, %idx {selection_block = 16, unique} : (tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x3xi32>) -> (tensor<1x64x1x64xf16>, tensor<1x64x1xf32>)
    // expected-error @below {{'nsa.window_attention' op is part of a fusion, which has the nsa.schedule of the whole}}
    %2, %3 = nsa.window_attention %q, %q, %q {window = 8, nsa.schedule = #nsa.schedule<plain>} : (tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>) -> (tensor<1x64x1x64xf16>, tensor<1x64x1xf32>)
    %4 = nsa.gate %q, %0, %2 gates(%g) : (tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x64xf16>, tensor<1x64x1x3xf32>) -> tensor<1x64x1x64xf16>
    nsa.yield %4 : tensor<1x64x1x64xf16>
  }
  return
}
