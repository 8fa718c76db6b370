// The window kernel at each level: docs/Tutorial.md walks through it.

// RUN: nsa-opt %s --nsa-set-schedule="queries=16 row-warps=4 key-warps=1 keys=32 stages=2" -o %t.nsa && FileCheck %s --check-prefix=NSA --input-file=%t.nsa
// RUN: nsa-opt %t.nsa --convert-nsa-to-tile --canonicalize --cse -o %t.tile && FileCheck %s --check-prefix=TILE --input-file=%t.tile
// RUN: nsa-opt %t.tile --nsa-tile-pipeline --nsa-tile-verify -o %t.loop && FileCheck %s --check-prefix=LOOP --input-file=%t.loop
// RUN: nsa-opt %t.loop --convert-nsa-tile-to-nvvm --canonicalize --cse -o %t.lane && FileCheck %s --check-prefix=LANE --input-file=%t.lane

// NSA: nsa.window_attention {{.*}} {nsa.schedule = #nsa.schedule<dense, queries = 16, keys = 32, row_warps = 4, key_warps = 1, stages = 2>, window = 256 : i64}

// The host chooses: 16-byte rows, and numbers of keys that fit 32 bits.
// TILE-LABEL: func.func @attend(
// TILE: memref.extract_aligned_pointer_as_index
// TILE: scf.if %{{.*}} -> (tensor<1x?x8x64xbf16>, tensor<1x?x8xf32>) {
// TILE: gpu.launch {{.*}} dynamic_shared_memory_size %{{.*}} {
// TILE-DAG: %[[K:.*]] = nsa_tile.shared at 8192 : memref<2x32x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
// TILE-DAG: %[[V:.*]] = nsa_tile.shared at 16384 : memref<2x32x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
// TILE-DAG: %[[Q:.*]] = nsa_tile.shared at 0 : memref<1x64x64xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>
// TILE: %[[COPY:.*]] = nsa_tile.load_async %{{.*}}, %[[Q]][%{{.*}}] threads 128 {
// TILE: %[[GROUP:.*]] = nsa_tile.commit %[[COPY]]
// TILE: %[[RANGES:.*]]:2 = nsa_tile.map %{{.*}} : !nsa_tile.frag<16xi32, row> {
// TILE: %[[R:.*]]:4 = nsa_tile.iterate %{{.*}} stages 2 pending(%[[GROUP]]) init({{.*}}) begin {
// TILE:   nsa_tile.load_frag %[[Q]][{{.*}}] {{.*}} -> !nsa_tile.frag<16x64xbf16, lhs>
// TILE: } load {
// TILE:   %[[KC:.*]] = nsa_tile.load_async %{{.*}}, %[[K]][%{{.*}}] threads 128 {
// TILE:   %[[VC:.*]] = nsa_tile.load_async %{{.*}}, %[[V]][%{{.*}}] threads 128 {
// TILE:   nsa_tile.yield %[[KC]], %[[VC]] : !nsa_tile.copy, !nsa_tile.copy
// TILE: } compute {
// TILE:   %[[S:.*]] = nsa_tile.mma_shared %{{.*}}, %[[K]][{{.*}}] transposed,
// TILE:   %[[M:.*]] = nsa_tile.mask %[[S]] from
// TILE:   nsa_tile.reduce max %[[M]] over columns
// TILE:   math.exp2
// TILE:   nsa_tile.reduce add %[[P:.*]] over columns
// TILE:   %[[LHS:.*]] = nsa_tile.cast %[[P]] : !nsa_tile.frag<16x32xf32, acc> -> !nsa_tile.frag<16x32xbf16, lhs>
// TILE:   nsa_tile.mma_shared %[[LHS]], %[[V]][{{.*}}],
// TILE: nsa_tile.store
// TILE: nsa_tile.store
// TILE: gpu.terminator
// TILE: } else {
// TILE: nsa.window_attention %{{.*}}, %{{.*}}, %{{.*}} {window = 256 : i64}

// LOOP-LABEL: func.func @attend(
// LOOP: %[[QUERIES:.*]] = nsa_tile.commit
// LOOP: %[[FIRST:.*]] = nsa_tile.commit
// LOOP: nsa_tile.wait %[[QUERIES]] newer 1
// LOOP: gpu.barrier
// LOOP: scf.for {{.*}} = %[[FIRST]],
// LOOP: nsa_tile.wait %{{.*}} newer 0
// LOOP: gpu.barrier
// LOOP: nsa_tile.commit
// LOOP: nsa_tile.mma_shared
// LOOP: nsa_tile.mma_shared
// LOOP: scf.yield
// LOOP: nsa_tile.drop

// LANE-LABEL: func.func @attend(
// LANE: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %{{.*}}
// LANE: nvvm.cp.async.commit.group
// LANE: nvvm.cp.async.wait.group 1
// LANE: nvvm.ldmatrix
// LANE: scf.for
// LANE: nvvm.cp.async.wait.group 0
// LANE-NEXT: gpu.barrier
// LANE-COUNT-16: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<bf16>
// LANE: nvvm.shfl.sync
// LANE: math.exp2
// LANE: "llvm.nvvm.ff2bf16x2.rn"
// LANE-COUNT-16: nvvm.mma.sync
// LANE: scf.yield
// LANE-NOT: nsa_tile.
func.func @attend(%q: tensor<1x?x8x64xbf16>, %k: tensor<1x?x2x64xbf16>)
    -> (tensor<1x?x8x64xbf16>, tensor<1x?x8xf32>) {
  %o, %lse = nsa.window_attention %q, %k, %k {window = 256}
      : (tensor<1x?x8x64xbf16>, tensor<1x?x2x64xbf16>, tensor<1x?x2x64xbf16>)
      -> (tensor<1x?x8x64xbf16>, tensor<1x?x8xf32>)
  return %o, %lse : tensor<1x?x8x64xbf16>, tensor<1x?x8xf32>
}
