// Fusions become one kernel each; where rows are not aligned, the fusion stays for
// the plain path.

// RUN: nsa-opt %s --convert-nsa-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Two sweeps over the compressed keys. The second copies keys only; what it makes
// of them stays in shared memory until the lists are written.
// CHECK-LABEL: func.func @selection(
// CHECK:     gpu.launch
// CHECK:     nsa_tile.iterate
// CHECK:       nsa_tile.load_async
// CHECK:       nsa_tile.load_async
// CHECK:     nsa_tile.store
// CHECK:     } : !nsa_tile.frag<16x64xf32, acc>, memref<?x?x16x64xbf16>
// CHECK:     nsa_tile.store
// CHECK:     } : !nsa_tile.frag<16xf32, row>, memref<?x?x16xf32>
// CHECK:     gpu.barrier
// CHECK:     nsa_tile.iterate %{{.*}} stages 2 begin {
// CHECK-NEXT: } load {
// CHECK:       nsa_tile.load_async
// CHECK-NOT:   nsa_tile.load_async
// CHECK:     } compute {
// CHECK:       nsa_tile.mma_shared
// CHECK:       } : !nsa_tile.frag<16x64xf32, acc>, memref<64x64xf32, strided<[72, 1]>, #gpu.address_space<workgroup>>
// CHECK:       gpu.barrier
// CHECK-COUNT-16: arith.addf
// CHECK:       gpu.barrier
// Weights 1, 2, 2, 2, 1 of the five compressed keys that touch a block.
// CHECK:       nvvm.vote.sync ballot
// CHECK:       scf.while
// CHECK:         math.ctpop
// CHECK:         gpu.shuffle up
// CHECK:     memref.store %{{.*}} : memref<?x?x1x16xi32>
// CHECK:     gpu.terminator
// CHECK:     } else {
// CHECK:     nsa.fusion selection : tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>, tensor<?x?x1x16xi32> {
!q = tensor<?x?x16x64xbf16>
!kv = tensor<?x?x1x64xbf16>
!lse = tensor<?x?x16xf32>
!idx = tensor<?x?x1x16xi32>
func.func @selection(%q: !q, %k: !kv, %v: !kv, %off: index, %max: index) -> (!q, !lse, !idx) {
  %r:3 = nsa.fusion selection {nsa.schedule = #nsa.schedule<dense, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>} : !q, !lse, !idx {
    %o, %l = nsa.compressed_attention %q, %k, %v q_offset(%off) {compression_block = 32, compression_stride = 16} : (!q, !kv, !kv, index) -> (!q, !lse)
    %p = nsa.block_scores %q, %k, %l, %max q_offset(%off) {compression_block = 32, compression_stride = 16, selection_block = 64} : (!q, !kv, !lse, index, index) -> tensor<?x?x1x?xf32>
    %i = nsa.select_top_n %p q_offset(%off) {selection_block = 64, top_n = 16} : (tensor<?x?x1x?xf32>, index) -> !idx
    nsa.yield %o, %l, %i : !q, !lse, !idx
  }
  return %r#0, %r#1, %r#2 : !q, !lse, !idx
}

// -----

// The selected keys, then the window's; the sum of the first waits in shared
// memory, in f32, and only o is written.
// CHECK-LABEL: func.func @gated(
// CHECK:     gpu.launch
// CHECK:     nsa_tile.load_async
// CHECK:     %[[FIRST:.*]]:4 = nsa_tile.iterate
// CHECK:     } : memref<?x?x16x3xf32, {{.*}}-> !nsa_tile.frag<16xf32, row>
// CHECK:     } : !nsa_tile.frag<16x64xf32, acc>, memref<1x64x64xf32, {{.*}}#gpu.address_space<workgroup>>
// CHECK:     gpu.barrier
// The queries are in registers already.
// CHECK:     nsa_tile.iterate %{{.*}} stages 2 init({{.*}}) begin {
// CHECK-NEXT: } load {
// CHECK:       nsa_tile.mma_shared %[[FIRST]]#3,
// CHECK:     } : memref<1x64x64xf32, {{.*}}#gpu.address_space<workgroup>>, f32 -> !nsa_tile.frag<16x64xf32, acc>
// CHECK:     } : memref<?x?x16x64xbf16, {{.*}}-> !nsa_tile.frag<16x64xf32, acc>
// CHECK:     nsa_tile.store
// CHECK:     } : !nsa_tile.frag<16x64xf32, acc>, memref<?x?x16x64xbf16>
// CHECK-NOT: nsa_tile.store
// CHECK:     } else {
// CHECK:     nsa.fusion gated : tensor<?x?x16x64xbf16> {
!q = tensor<?x?x16x64xbf16>
!kv = tensor<?x?x1x64xbf16>
!lse = tensor<?x?x16xf32>
func.func @gated(%q: !q, %k: !kv, %v: !kv, %idx: tensor<?x?x1x16xi32>, %cmp: !q, %g: tensor<?x?x16x3xf32>) -> !q {
  %r = nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>} : !q {
    %o, %l = nsa.selected_attention %q, %k, %v, %idx {selection_block = 64, unique} : (!q, !kv, !kv, tensor<?x?x1x16xi32>) -> (!q, !lse)
    %o2, %l2 = nsa.window_attention %q, %k, %v {window = 512} : (!q, !kv, !kv) -> (!q, !lse)
    %x = nsa.gate %cmp, %o, %o2 gates(%g) : (!q, !q, !q, tensor<?x?x16x3xf32>) -> !q
    nsa.yield %x : !q
  }
  return %r : !q
}

// -----

// What the body casts is cast before.
// CHECK-LABEL: func.func @casts(
// CHECK: tensor.cast
// CHECK: bufferization.to_buffer
// CHECK: gpu.launch
!q = tensor<?x?x16x64xbf16>
!s = tensor<1x4x16x64xbf16>
!kv = tensor<?x?x1x64xbf16>
func.func @casts(%q0: !q, %k: !kv, %i: tensor<?x?x1x4xi32>, %oc: !s, %g: tensor<1x4x16x3xf32>) -> !s {
  %r = nsa.fusion gated {nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>} : !s {
    %q = tensor.cast %q0 : !q to !s
    %o, %l = nsa.selected_attention %q, %k, %k, %i {selection_block = 64, unique} : (!s, !kv, !kv, tensor<?x?x1x4xi32>) -> (!s, tensor<1x4x16xf32>)
    %o2, %l2 = nsa.window_attention %q, %k, %k {window = 5} : (!s, !kv, !kv) -> (!s, tensor<1x4x16xf32>)
    %x = nsa.gate %oc, %o, %o2 gates(%g) : (!s, !s, !s, tensor<1x4x16x3xf32>) -> !s
    nsa.yield %x : !s
  }
  return %r : !s
}
