// One kernel per attention op: rows, iterator, softmax, results.

// RUN: nsa-opt %s --convert-nsa-to-tile --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nsa-opt %s --convert-nsa-to-tile --split-input-file --remarks-filter=convert-nsa-to-tile 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Compressed attention: a prefix of the keys. Queries of 256 features stay in
// shared memory, since registers do not suffice, and are read 64 at a time.
// REMARK: remark: [Passed] tile | Category:convert-nsa-to-tile | Remark="nsa.compressed_attention becomes a kernel by #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 2, key_warps = 1, stages = 3>"
// CHECK-LABEL: func.func @compressed(
// CHECK:     scf.if
// CHECK:     gpu.launch {{.*}} threads({{.*}}) in ({{.*}} = %c32, {{.*}} = %c2, {{.*}} = %c1)
// CHECK:     nsa_tile.iterate %{{.*}} stages 3
// CHECK-SAME: begin {
// CHECK-NEXT: ^bb0(%[[READY:.*]]: !nsa_tile.ready):
// CHECK-NEXT: nsa_tile.yield %[[READY]] : !nsa_tile.ready
// CHECK-COUNT-4: nsa_tile.load_frag {{.*}} -> !nsa_tile.frag<16x64xf16, lhs>
// CHECK-NOT: nsa_tile.load_frag
// CHECK:     nsa_tile.mask
// CHECK:     gpu.terminator
// CHECK:     } else {
// CHECK:     nsa.compressed_attention {{.*}} {compression_block = 32 : i64, compression_stride = 16 : i64}
func.func @compressed(%q: tensor<?x?x8x256xf16>, %kc: tensor<?x?x2x256xf16>, %vc: tensor<?x?x2x256xf16>, %off: index) -> (tensor<?x?x8x256xf16>, tensor<?x?x8xf32>) {
  %o, %lse = nsa.compressed_attention %q, %kc, %vc q_offset(%off)
      {compression_block = 32, compression_stride = 16,
       nsa.schedule = #nsa.schedule<dense, queries = 8, keys = 64, row_warps = 2, key_warps = 1, stages = 3>}
      : (tensor<?x?x8x256xf16>, tensor<?x?x2x256xf16>, tensor<?x?x2x256xf16>, index) -> (tensor<?x?x8x256xf16>, tensor<?x?x8xf32>)
  return %o, %lse : tensor<?x?x8x256xf16>, tensor<?x?x8xf32>
}

// -----

// Query-major: the list of one query. Key warps merge through shared memory:
// maxima, then sums and outputs, each warp 16 columns of all.
// CHECK-LABEL: func.func @query_major(
// CHECK:     gpu.launch
// CHECK:     nsa_tile.iterate
// CHECK:       tensor.extract %{{.*}}[%{{.*}}] : tensor<16xi32>
// CHECK:     gpu.barrier
// CHECK:     nsa_tile.store
// CHECK:     } : !nsa_tile.frag<16xf32, row>, memref<4x16xf32, #gpu.address_space<workgroup>>
// CHECK:     gpu.barrier
// CHECK-COUNT-4: } : memref<4x16xf32, #gpu.address_space<workgroup>>, f32 -> !nsa_tile.frag<16xf32, row>
// CHECK-COUNT-4: } : !nsa_tile.frag<16x16xf32, acc>, memref<4x4x16x16xf32, strided<[1536, 384, 24, 1]>, #gpu.address_space<workgroup>>
// CHECK:     gpu.barrier
// CHECK-COUNT-4: } : memref<4x4x16x16xf32, {{.*}}, f32 -> !nsa_tile.frag<16x16xf32, acc>
// CHECK:     memref.subview %{{.*}}[0, 0, 0, %{{.*}}] [%{{.*}}, %{{.*}}, 16, 16] [1, 1, 1, 1]
// CHECK:     nsa_tile.store
// CHECK:     } : !nsa_tile.frag<16x16xf32, acc>, memref<?x?x16x16xbf16, strided<[?, 1024, 64, 1], offset: ?>>
func.func @query_major(%q: tensor<?x?x16x64xbf16>, %k: tensor<?x?x1x64xbf16>, %v: tensor<?x?x1x64xbf16>, %idx: tensor<?x?x1x16xi32>) -> (tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx
      {selection_block = 64, unique,
       nsa.schedule = #nsa.schedule<query_major, queries = 1, keys = 64, row_warps = 1, key_warps = 4, stages = 2>}
      : (tensor<?x?x16x64xbf16>, tensor<?x?x1x64xbf16>, tensor<?x?x1x64xbf16>, tensor<?x?x1x16xi32>) -> (tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>)
  return %o, %lse : tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>
}

// -----

// Union: four queries' lists, 64 entries; bit q of a block's mask is query q's.
// CHECK-LABEL: func.func @union(
// CHECK:     gpu.launch
// CHECK-COUNT-4: memref.view {{.*}} to memref<64xi32, #gpu.address_space<workgroup>>
// CHECK:     memref.view {{.*}} to memref<1xi32, #gpu.address_space<workgroup>>
// CHECK:     arith.index_castui
// CHECK:     gpu.barrier
// CHECK:     gpu.barrier
// CHECK:     arith.shli %{{.*}} : i32
// CHECK:     gpu.barrier
// CHECK:     nsa_tile.iterate
// CHECK:       %[[MASK:.*]] = memref.load
// CHECK:       arith.shrui
// CHECK:       nsa_tile.mask
func.func @union(%q: tensor<?x?x16x64xbf16>, %k: tensor<?x?x1x64xbf16>, %v: tensor<?x?x1x64xbf16>, %idx: tensor<?x?x1x16xi32>) -> (tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>) {
  %o, %lse = nsa.selected_attention %q, %k, %v, %idx
      {selection_block = 64, unique,
       nsa.schedule = #nsa.schedule<union, queries = 4, keys = 64, row_warps = 4, key_warps = 1, stages = 2>}
      : (tensor<?x?x16x64xbf16>, tensor<?x?x1x64xbf16>, tensor<?x?x1x64xbf16>, tensor<?x?x1x16xi32>) -> (tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>)
  return %o, %lse : tensor<?x?x16x64xbf16>, tensor<?x?x16xf32>
}

// -----

// What has no schedule, or a plain one, is left alone.
// CHECK-LABEL: func.func @plain(
// CHECK-NOT: gpu.launch
// CHECK-COUNT-2: nsa.window_attention
func.func @plain(%q: tensor<1x8x2x64xbf16>, %k: tensor<1x8x1x64xbf16>) -> (tensor<1x8x2x64xbf16>, tensor<1x8x2x64xbf16>) {
  %a, %lse = nsa.window_attention %q, %k, %k {window = 4} : (tensor<1x8x2x64xbf16>, tensor<1x8x1x64xbf16>, tensor<1x8x1x64xbf16>) -> (tensor<1x8x2x64xbf16>, tensor<1x8x2xf32>)
  %b, %lse2 = nsa.window_attention %q, %k, %k {window = 5, nsa.schedule = #nsa.schedule<plain>} : (tensor<1x8x2x64xbf16>, tensor<1x8x1x64xbf16>, tensor<1x8x1x64xbf16>) -> (tensor<1x8x2x64xbf16>, tensor<1x8x2xf32>)
  return %a, %b : tensor<1x8x2x64xbf16>, tensor<1x8x2x64xbf16>
}
