// What an op is told to follow and cannot is an error of propagation, which goes
// over the ops twice and adds a line of its own.

// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(sharding-propagation))' --split-input-file --verify-diagnostics

shard.grid @grid(shape = 2)
func.func @keys(%q: tensor<2x8x4x16xf32>, %k: tensor<2x40x2x16xf32>) -> tensor<2x8x4x16xf32> {
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %ks = shard.shard %k to %s annotate_for_users : tensor<2x40x2x16xf32>
  // expected-error @below {{'nsa.window_attention' op cannot be sharded: dimension 1 of 'k' (Tk) cannot be split along grid axes [0]: every shard needs all of it; gather it before}}
  // expected-error @below {{fail to get sharding option}}
  %o, %lse = nsa.window_attention %q, %ks, %ks {window = 9} : (tensor<2x8x4x16xf32>, tensor<2x40x2x16xf32>, tensor<2x40x2x16xf32>) -> (tensor<2x8x4x16xf32>, tensor<2x8x4xf32>)
  return %o : tensor<2x8x4x16xf32>
}

// -----

// A result that is annotated for the op.
shard.grid @grid(shape = 2)
func.func @tokens(%x: tensor<2x40x2x16xf32>) -> tensor<2x10x2x16xf32> {
  // expected-error @below {{'nsa.compress' op cannot be sharded: dimension 1 of 'c' (Tc) cannot be split along grid axes [0]: every shard needs all of it; gather it before}}
  // expected-error @below {{fail to get sharding option}}
  %c = nsa.compress mean(%x) {compression_block = 4, compression_stride = 4} : (tensor<2x40x2x16xf32>) -> tensor<2x10x2x16xf32>
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %cs = shard.shard %c to %s : tensor<2x10x2x16xf32>
  return %cs : tensor<2x10x2x16xf32>
}

// -----

shard.grid @grid(shape = 2)
func.func @fusion(%q: tensor<2x9x8x64xf16>, %k: tensor<2x9x2x64xf16>, %c: tensor<2x9x8x64xf16>, %idx: tensor<2x9x2x2xi32>, %g: tensor<2x9x8x3xf16>) -> tensor<2x9x8x64xf16> {
  // expected-error @below {{'nsa.fusion' op cannot be sharded: run shard-partition before ops are fused (nsa-fuse)}}
  // expected-error @below {{fail to get sharding option}}
  %r = nsa.fusion gated : tensor<2x9x8x64xf16> {
    %slc, %lses = nsa.selected_attention %q, %k, %k, %idx {selection_block = 8, unique} : (tensor<2x9x8x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x2xi32>) -> (tensor<2x9x8x64xf16>, tensor<2x9x8xf32>)
    %win, %lsew = nsa.window_attention %q, %k, %k {window = 4} : (tensor<2x9x8x64xf16>, tensor<2x9x2x64xf16>, tensor<2x9x2x64xf16>) -> (tensor<2x9x8x64xf16>, tensor<2x9x8xf32>)
    %o = nsa.gate %c, %slc, %win gates(%g) : (tensor<2x9x8x64xf16>, tensor<2x9x8x64xf16>, tensor<2x9x8x64xf16>, tensor<2x9x8x3xf16>) -> tensor<2x9x8x64xf16>
    nsa.yield %o : tensor<2x9x8x64xf16>
  }
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %rs = shard.shard %r to %s : tensor<2x9x8x64xf16>
  return %rs : tensor<2x9x8x64xf16>
}
