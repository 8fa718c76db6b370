// What must not be split is refused, whoever says so.

// RUN: nsa-opt %s --pass-pipeline='builtin.module(func.func(shard-partition))' --split-input-file --verify-diagnostics

!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x2x8xf32>
!L = tensor<6x12x8xf32>
shard.grid @grid(shape = 2)
func.func @keys(%q: !Q, %k: !K, %v: !K) -> !Q {
  %none = shard.sharding @grid split_axes = [[]] : !shard.sharding
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %qs = shard.shard %q to %none annotate_for_users : !Q
  %ks = shard.shard %k to %s annotate_for_users : !K
  %vs = shard.shard %v to %s annotate_for_users : !K
  // expected-error@+1 {{'nsa.window_attention' op cannot be partitioned: dimension 1 of 'k' (Tk) cannot be split along grid axes [0]: every shard needs all of it; gather it before}}
  %o, %lse = nsa.window_attention %qs, %ks, %vs {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %os = shard.shard %o to %none : !Q
  %ls = shard.shard %lse to %none : !L
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x2x8xf32>
!L = tensor<6x12x8xf32>
shard.grid @grid(shape = 2)
func.func @part(%q: !Q, %k: !K, %v: !K) -> !Q {
  %none = shard.sharding @grid split_axes = [[]] : !shard.sharding
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %ks = shard.shard %k to %s annotate_for_users : !K
  %vs = shard.shard %v to %none annotate_for_users : !K
  // expected-error@+1 {{'nsa.window_attention' op cannot be partitioned: dimension 0 of 'v' must be split along grid axes [0] as other dimensions of B are, not along []}}
  %o, %lse = nsa.window_attention %qs, %ks, %vs {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %os = shard.shard %o to %s : !Q
  %ls = shard.shard %lse to %s : !L
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x2x8xf32>
!L = tensor<6x12x8xf32>
shard.grid @grid(shape = 2x3)
func.func @other_axes(%q: !Q, %k: !K, %v: !K) -> !Q {
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %t = shard.sharding @grid split_axes = [[1]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %ks = shard.shard %k to %t annotate_for_users : !K
  %vs = shard.shard %v to %s annotate_for_users : !K
  // expected-error@+1 {{cannot be partitioned: dimension 0 of 'k' is split along grid axes [1], but dimension 0 of 'q' along [0]}}
  %o, %lse = nsa.window_attention %qs, %ks, %vs {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %os = shard.shard %o to %s : !Q
  %ls = shard.shard %lse to %s : !L
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x2x8xf32>
!L = tensor<6x12x8xf32>
shard.grid @grid(shape = 2)
func.func @twice(%q: !Q, %k: !K, %v: !K) -> !Q {
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %t = shard.sharding @grid split_axes = [[], [], [0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %ks = shard.shard %k to %t annotate_for_users : !K
  %vs = shard.shard %v to %s annotate_for_users : !K
  // expected-error@+1 {{cannot be partitioned: grid axis 0 splits both dimension 2 of 'k' and dimension 0 of 'q'}}
  %o, %lse = nsa.window_attention %qs, %ks, %vs {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %os = shard.shard %o to %s : !Q
  %ls = shard.shard %lse to %s : !L
  return %os : !Q
}

// -----

// Each shard has whole groups of heads.
!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x2x8xf32>
!L = tensor<6x12x8xf32>
shard.grid @grid(shape = 4)
func.func @groups(%q: !Q, %k: !K) -> !Q {
  %s = shard.sharding @grid split_axes = [[], [], [0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %ks = shard.shard %k to %s annotate_for_users : !K
  // expected-error@+1 {{cannot be partitioned: dimension 2 of 'k' (2) is not a multiple of 4, the number of shards along grid axes [0]}}
  %o, %lse = nsa.window_attention %qs, %ks, %ks {window = 5} : (!Q, !K, !K) -> (!Q, !L)
  %os = shard.shard %o to %s : !Q
  %ls = shard.shard %lse to %s : !L
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
shard.grid @grid(shape = ?)
func.func @unknown(%q: !Q, %g: tensor<6x12x8x1xf32>) -> !Q {
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %gs = shard.shard %g to %s annotate_for_users : tensor<6x12x8x1xf32>
  // expected-error@+1 {{cannot be partitioned: the number of shards along grid axes [0] of @grid is not known}}
  %o = nsa.gate %qs gates(%gs) : (!Q, tensor<6x12x8x1xf32>) -> !Q
  %os = shard.shard %o to %s : !Q
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
shard.grid @grid(shape = 2)
func.func @halo(%q: !Q, %g: tensor<6x12x8x1xf32>) -> !Q {
  %s = shard.sharding @grid split_axes = [[], [0]] halo_sizes = [1, 1] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %gs = shard.shard %g to %s annotate_for_users : tensor<6x12x8x1xf32>
  // expected-error@+1 {{cannot be partitioned: 'branches[0]' has halos or shards of chosen sizes; equal shards are needed}}
  %o = nsa.gate %qs gates(%gs) : (!Q, tensor<6x12x8x1xf32>) -> !Q
  %os = shard.shard %o to %s : !Q
  return %os : !Q
}

// -----

!Q = tensor<6x12x8x8xf32>
shard.grid @grid(shape = 2)
shard.grid @other(shape = 2)
func.func @grids(%q: !Q, %g: tensor<6x12x8x1xf32>) -> !Q {
  %s = shard.sharding @grid split_axes = [[0]] : !shard.sharding
  %t = shard.sharding @other split_axes = [[0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %gs = shard.shard %g to %t annotate_for_users : tensor<6x12x8x1xf32>
  // expected-error@+1 {{cannot be partitioned: 'gates' is on @other, other tensors are on @grid}}
  %o = nsa.gate %qs gates(%gs) : (!Q, tensor<6x12x8x1xf32>) -> !Q
  %os = shard.shard %o to %s : !Q
  return %os : !Q
}

// -----

// One list is made of the scores of all heads.
!Q = tensor<6x12x8x8xf32>
!K = tensor<6x16x1x8xf32>
!L = tensor<6x12x8xf32>
!P = tensor<6x12x1x4xf32>
shard.grid @grid(shape = 2)
func.func @summed(%q: !Q, %k: !K, %lse: !L) -> !P {
  %c = arith.constant 16 : index
  %none = shard.sharding @grid split_axes = [[]] : !shard.sharding
  %s = shard.sharding @grid split_axes = [[], [], [0]] : !shard.sharding
  %qs = shard.shard %q to %s annotate_for_users : !Q
  %ks = shard.shard %k to %none annotate_for_users : !K
  %ls = shard.shard %lse to %s annotate_for_users : !L
  // expected-error@+1 {{cannot be partitioned: dimension 2 of 'q' (heads) cannot be split along grid axes [0]: the scores of one list are a sum over all heads; gather it before}}
  %p = nsa.block_scores %qs, %ks, %ls, %c q_offset(%c) {compression_block = 4, compression_stride = 2, selection_block = 4} : (!Q, !K, !L, index, index) -> !P
  %ps = shard.shard %p to %none : !P
  return %ps : !P
}

// -----

!K = tensor<6x16x2x8xf32>
shard.grid @grid(shape = 2)
func.func @compress(%k: !K) -> tensor<6x4x2x8xf32> {
  %none = shard.sharding @grid split_axes = [[]] : !shard.sharding
  %s = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  %ks = shard.shard %k to %s annotate_for_users : !K
  // expected-error@+1 {{cannot be partitioned: dimension 1 of 'x' (T) cannot be split along grid axes [0]: every shard needs all of it; gather it before}}
  %c = nsa.compress mean(%ks) {compression_block = 4, compression_stride = 4} : (!K) -> tensor<6x4x2x8xf32>
  %cs = shard.shard %c to %none : tensor<6x4x2x8xf32>
  return %cs : tensor<6x4x2x8xf32>
}

// -----

!Q = tensor<1x128x4x64xf16>
!K = tensor<1x128x1x64xf16>
!L = tensor<1x128x4xf32>
shard.grid @grid(shape = 2)
func.func @fusion(%q: !Q, %k: !K, %cmp: !Q, %idx: tensor<1x128x1x4xi32>, %g: tensor<1x128x4x3xf32>) -> !Q {
  %none = shard.sharding @grid split_axes = [[]] : !shard.sharding
  %qs = shard.shard %q to %none annotate_for_users : !Q
  %ks = shard.shard %k to %none annotate_for_users : !K
  %cs = shard.shard %cmp to %none annotate_for_users : !Q
  %is = shard.shard %idx to %none annotate_for_users : tensor<1x128x1x4xi32>
  %gs = shard.shard %g to %none annotate_for_users : tensor<1x128x4x3xf32>
  // expected-error@+1 {{'nsa.fusion' op cannot be partitioned: run shard-partition before ops are fused (nsa-fuse)}}
  %o = nsa.fusion gated : !Q {
    %0, %1 = nsa.selected_attention %qs, %ks, %ks, %is {selection_block = 64, unique} : (!Q, !K, !K, tensor<1x128x1x4xi32>) -> (!Q, !L)
    %2, %3 = nsa.window_attention %qs, %ks, %ks {window = 32} : (!Q, !K, !K) -> (!Q, !L)
    %4 = nsa.gate %cs, %0, %2 gates(%gs) : (!Q, !Q, !Q, tensor<1x128x4x3xf32>) -> !Q
    nsa.yield %4 : !Q
  }
  %os = shard.shard %o to %none : !Q
  return %os : !Q
}

// -----

// The queries are split, the keys are not, and both are one argument.
shard.grid @grid(shape = 2)
func.func @argument_in_two_ways(%x: tensor<2x?x2x16xf32>) -> tensor<2x?x2x16xf32> {
  %split = shard.sharding @grid split_axes = [[], [0]] : !shard.sharding
  // expected-note @below {{and this way}}
  %q = shard.shard %x to %split : tensor<2x?x2x16xf32>
  %q1 = shard.shard %q to %split annotate_for_users : tensor<2x?x2x16xf32>
  %whole = shard.sharding @grid split_axes = [[]] : !shard.sharding
  // expected-note @below {{this way}}
  %k = shard.shard %x to %whole annotate_for_users : tensor<2x?x2x16xf32>
  // expected-error @below {{cannot be partitioned: an argument that it reads is split in two ways; let one shard.shard take the result of the other}}
  %o, %lse = nsa.window_attention %q1, %k, %k {window = 9} : (tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>) -> (tensor<2x?x2x16xf32>, tensor<2x?x2xf32>)
  %r = shard.shard %o to %split : tensor<2x?x2x16xf32>
  %r1 = shard.shard %r to %split annotate_for_users : tensor<2x?x2x16xf32>
  return %r1 : tensor<2x?x2x16xf32>
}
