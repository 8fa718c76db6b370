// A kernel written by hand in the LLVM dialect: attention of 32 queries, 16 rows
// for each of two warps, over tiles of 16 keys, 16 features, bf16. Warp 0 copies
// keys and warp 1 values, so that each needs what the other copied. A tile is
// copied while the previous one is worked on, with a single barrier per tile: it
// says both that all copies of this tile are there and that nobody still reads
// the one before, whose place the next copy takes.
//
// The dynamic shared memory: queries at 0, two tiles of keys at 1024, two tiles
// of values at 2048; a row has 32 bytes.
//
// REQUIRES: mlir-opt
// RUN: mlir-opt %s --pass-pipeline='builtin.module(ensure-debug-info-scope-on-llvm-func{emission-kind=LineTablesOnly})' --emit-bytecode | mlir-translate --mlir-to-llvmir > %t.ll
// DEFINE: %{run} = nsa-emulate %t.ll --block=64 --shared=3072 --schedule=fifo,lifo,random:1,random:2

// All keys are equal: each result is the mean of 64 values. All are zero but 64 in
// column 3 of key 5, 192 in column 8 of key 37 and 128 in column 15 of key 63.
// RUN: %{run} --grid=1 --arg=in:bf16:512:random=1 --arg=in:bf16:1024:const=1 '--arg=in:bf16:1024:at=83@64;600@192;1023@128' --arg=out:f32:512 --arg=i32:4 --arg=f32:0.5 --print=3:0:16 --print=3:496:16 | FileCheck %s --check-prefix=MEAN
// MEAN-COUNT-4: arg3: 0 0 0 1 0 0 0 0 3 0 0 0 0 0 0 2{{$[[:space:]]}}arg3: 0 0 0 1 0 0 0 0 3 0 0 0 0 0 0 2{{$}}

// Key 20 is much larger than all others and counts alone: its values are 320 to
// 335, of which bf16 has the even ones, and every other odd one rounds up.
// RUN: %{run} --grid=2 --arg=in:bf16:1024:const=1 '--arg=in:bf16:512:at=320@64' --arg=in:bf16:512:iota --arg=out:f32:1024 --arg=i32:2 --arg=f32:1 --print=3:0:3 --print=3:1021:3 | FileCheck %s --check-prefix=LARGEST
// LARGEST-COUNT-4: arg3: 320 320 322{{$[[:space:]]}}arg3: 332 334 336{{$}}

// Each barrier, wait and commit is necessary, and its absence is found as what it
// is, where it shows. (The expectations are beside the instructions.)
// RUN: %{run} --grid=1 --arg=in:bf16:512:random=1 --arg=in:bf16:1024:random=2 --arg=in:bf16:1024:random=3 --arg=out:f32:512 --arg=i32:4 --arg=f32:0.5 --delete-each=llvm.nvvm.barrier,llvm.nvvm.cp.async.commit,llvm.nvvm.cp.async.wait | FileCheck %s --check-prefix=MUTANT

!ptr = !llvm.ptr
!global = !llvm.ptr<1>
!shared = !llvm.ptr<3>
!four = !llvm.struct<(f32, f32, f32, f32)>
!row = !llvm.struct<(f32, f32, f32, f32, f32, f32, f32)>
!matrices = !llvm.struct<(i32, i32, i32, i32)>

module attributes {llvm.target_triple = "nvptx64-nvidia-cuda"} {
  llvm.mlir.global external @memory() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>

  // The larger of x in the four lanes that share a row.
  llvm.func internal @rowMaximum(%x: f32) -> f32 {
    %all = llvm.mlir.constant(-1 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %two = llvm.mlir.constant(2 : i32) : i32
    %clamp = llvm.mlir.constant(31 : i32) : i32
    %a = nvvm.shfl.sync bfly %all, %x, %one, %clamp : f32 -> f32
    %b = llvm.intr.maxnum(%x, %a) : (f32, f32) -> f32
    %c = nvvm.shfl.sync bfly %all, %b, %two, %clamp : f32 -> f32
    %d = llvm.intr.maxnum(%b, %c) : (f32, f32) -> f32
    llvm.return %d : f32
  }

  llvm.func internal @rowSum(%x: f32) -> f32 {
    %all = llvm.mlir.constant(-1 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %two = llvm.mlir.constant(2 : i32) : i32
    %clamp = llvm.mlir.constant(31 : i32) : i32
    %a = nvvm.shfl.sync bfly %all, %x, %one, %clamp : f32 -> f32
    %b = llvm.fadd %x, %a : f32
    %c = nvvm.shfl.sync bfly %all, %b, %two, %clamp : f32 -> f32
    %d = llvm.fadd %b, %c : f32
    llvm.return %d : f32
  }

  llvm.func internal @exp2(%x: f32) -> f32 {
    %y = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%x) : (f32) -> f32
    llvm.return %y : f32
  }

  // One row's step of the softmax: the four weights, the new maximum and sum, and
  // the factor by which earlier results shrink.
  llvm.func internal @softmax(%s0: f32, %s1: f32, %s2: f32, %s3: f32, %largest: f32, %sum: f32, %scale: f32) -> !row {
    %m0 = llvm.intr.maxnum(%s0, %s1) : (f32, f32) -> f32
    %m1 = llvm.intr.maxnum(%s2, %s3) : (f32, f32) -> f32
    %m2 = llvm.intr.maxnum(%m0, %m1) : (f32, f32) -> f32
    %m3 = llvm.call @rowMaximum(%m2) : (f32) -> f32
    %m = llvm.intr.maxnum(%m3, %largest) : (f32, f32) -> f32
    %d0 = llvm.fsub %s0, %m : f32
    %d1 = llvm.fsub %s1, %m : f32
    %d2 = llvm.fsub %s2, %m : f32
    %d3 = llvm.fsub %s3, %m : f32
    %d4 = llvm.fsub %largest, %m : f32
    %e0 = llvm.fmul %d0, %scale : f32
    %e1 = llvm.fmul %d1, %scale : f32
    %e2 = llvm.fmul %d2, %scale : f32
    %e3 = llvm.fmul %d3, %scale : f32
    %e4 = llvm.fmul %d4, %scale : f32
    %p0 = llvm.call @exp2(%e0) : (f32) -> f32
    %p1 = llvm.call @exp2(%e1) : (f32) -> f32
    %p2 = llvm.call @exp2(%e2) : (f32) -> f32
    %p3 = llvm.call @exp2(%e3) : (f32) -> f32
    %factor = llvm.call @exp2(%e4) : (f32) -> f32
    %t0 = llvm.fmul %sum, %factor : f32
    %t1 = llvm.fadd %p0, %p1 : f32
    %t2 = llvm.fadd %p2, %p3 : f32
    %t3 = llvm.fadd %t1, %t2 : f32
    %t = llvm.fadd %t0, %t3 : f32
    %u = llvm.mlir.poison : !row
    %r0 = llvm.insertvalue %p0, %u[0] : !row
    %r1 = llvm.insertvalue %p1, %r0[1] : !row
    %r2 = llvm.insertvalue %p2, %r1[2] : !row
    %r3 = llvm.insertvalue %p3, %r2[3] : !row
    %r4 = llvm.insertvalue %m, %r3[4] : !row
    %r5 = llvm.insertvalue %t, %r4[5] : !row
    %r6 = llvm.insertvalue %factor, %r5[6] : !row
    llvm.return %r6 : !row
  }

  // Two weights in one register, the first in the lower half.
  llvm.func internal @pack(%low: f32, %high: f32) -> i32 {
    %v = llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"(%high, %low) : (f32, f32) -> vector<2xbf16>
    %r = llvm.bitcast %v : vector<2xbf16> to i32
    llvm.return %r : i32
  }

  llvm.func internal @store2(%p: !global, %x: f32, %y: f32, %sum: f32) {
    %a = llvm.fdiv %x, %sum : f32
    %b = llvm.fdiv %y, %sum : f32
    llvm.store %a, %p : f32, !global
    %q = llvm.getelementptr %p[1] : (!global) -> !global, f32
    llvm.store %b, %q : f32, !global
    llvm.return
  }

  llvm.func @attention(%q: !global, %k: !global, %v: !global, %out: !global, %tiles: i32, %scale: f32) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %c1 = llvm.mlir.constant(1 : i32) : i32
    %c2 = llvm.mlir.constant(2 : i32) : i32
    %c3 = llvm.mlir.constant(3 : i32) : i32
    %c4 = llvm.mlir.constant(4 : i32) : i32
    %c5 = llvm.mlir.constant(5 : i32) : i32
    %c7 = llvm.mlir.constant(7 : i32) : i32
    %c8 = llvm.mlir.constant(8 : i32) : i32
    %c15 = llvm.mlir.constant(15 : i32) : i32
    %c16 = llvm.mlir.constant(16 : i32) : i32
    %c31 = llvm.mlir.constant(31 : i32) : i32
    %c32 = llvm.mlir.constant(32 : i32) : i32
    %c512 = llvm.mlir.constant(512 : i32) : i32
    %c1024 = llvm.mlir.constant(1024 : i32) : i32
    %c2048 = llvm.mlir.constant(2048 : i32) : i32
    %zero = llvm.mlir.constant(0.0 : f32) : f32
    %minusInf = llvm.mlir.constant(0xff800000 : f32) : f32
    %memory = llvm.mlir.addressof @memory : !shared
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %warp = llvm.lshr %thread, %c5 : i32
    %lane = llvm.and %thread, %c31 : i32
    %isWarp0 = llvm.icmp "eq" %warp, %c0 : i32

    // What this thread copies: 16 bytes of the queries and of each tile.
    %thread16 = llvm.mul %thread, %c16 : i32
    %lane16 = llvm.mul %lane, %c16 : i32
    %blockBytes = llvm.mul %block, %c1024 : i32
    %qOffset = llvm.add %blockBytes, %thread16 : i32
    %qFrom = llvm.getelementptr %q[%qOffset] : (!global, i32) -> !global, i8
    %qTo = llvm.getelementptr %memory[%thread16] : (!shared, i32) -> !shared, i8
    %source = llvm.select %isWarp0, %k, %v : i1, !global
    %from = llvm.getelementptr %source[%lane16] : (!global, i32) -> !global, i8
    %target = llvm.select %isWarp0, %c1024, %c2048 : i1, i32
    %toOffset = llvm.add %target, %lane16 : i32
    %to = llvm.getelementptr %memory[%toOffset] : (!shared, i32) -> !shared, i8
    nvvm.cp.async.shared.global %qTo, %qFrom, 16, cache = cg : !shared, !global
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !shared, !global
    // MUTANT: without llvm.nvvm.cp.async.commit.group at line [[# @LINE + 1]]: in-flight at attention_tile.mlir:[[# @LINE + 34]]:{{[0-9]+$}}
    nvvm.cp.async.commit.group

    // Which row of 8 elements this thread addresses for ldmatrix. Queries: rows
    // 0-7 and 8-15 of the left half, then of the right. Keys: 0-7 left, right,
    // 8-15 left, right. Values, transposed: 0-7 and 8-15 left, then right.
    %lane15 = llvm.and %lane, %c15 : i32
    %upper = llvm.lshr %lane, %c4 : i32
    %upper16 = llvm.mul %upper, %c16 : i32
    %row15 = llvm.mul %lane15, %c32 : i32
    %vRow = llvm.add %row15, %upper16 : i32
    %warpBytes = llvm.mul %warp, %c512 : i32
    %qRow = llvm.add %vRow, %warpBytes : i32
    %lane7 = llvm.and %lane, %c7 : i32
    %upper8 = llvm.mul %upper, %c8 : i32
    %key = llvm.add %lane7, %upper8 : i32
    %keyBytes = llvm.mul %key, %c32 : i32
    %middle = llvm.lshr %lane, %c3 : i32
    %half = llvm.and %middle, %c1 : i32
    %halfBytes = llvm.mul %half, %c16 : i32
    %kRow = llvm.add %keyBytes, %halfBytes : i32
    %qAt = llvm.getelementptr %memory[%qRow] : (!shared, i32) -> !shared, i8
    llvm.br ^loop(%c0, %minusInf, %minusInf, %zero, %zero, %zero, %zero, %zero, %zero, %zero, %zero, %zero, %zero : i32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32)

  ^loop(%tile: i32, %largest0: f32, %largest1: f32, %sum0: f32, %sum1: f32, %a0: f32, %a1: f32, %a2: f32, %a3: f32, %b0: f32, %b1: f32, %b2: f32, %b3: f32):
    // MUTANT-NEXT: without llvm.nvvm.cp.async.wait.group at line [[# @LINE + 1]]: in-flight at attention_tile.mlir:[[# @LINE + 9]]:{{[0-9]+$}}
    nvvm.cp.async.wait.group 0
    // MUTANT-NEXT: without llvm.nvvm.barrier.cta.sync.aligned.all at line [[# @LINE + 1]]: data-race at attention_tile.mlir:[[# @LINE + 7]]:{{[0-9]+$}}
    nvvm.barrier0
    %odd = llvm.and %tile, %c1 : i32
    %buffer = llvm.mul %odd, %c512 : i32
    %kOffset = llvm.add %kRow, %buffer : i32
    %kBase = llvm.getelementptr %memory[1024] : (!shared) -> !shared, i8
    %kAt = llvm.getelementptr %kBase[%kOffset] : (!shared, i32) -> !shared, i8
    %qFragment = nvvm.ldmatrix %qAt {num = 4 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!shared) -> !matrices
    %next = llvm.add %tile, %c1 : i32
    %more = llvm.icmp "slt" %next, %tiles : i32
    llvm.cond_br %more, ^copy, ^multiply

  ^copy:
    %nextOdd = llvm.and %next, %c1 : i32
    %nextBuffer = llvm.mul %nextOdd, %c512 : i32
    %nextTo = llvm.getelementptr %to[%nextBuffer] : (!shared, i32) -> !shared, i8
    %nextBytes = llvm.mul %next, %c512 : i32
    %nextFrom = llvm.getelementptr %from[%nextBytes] : (!global, i32) -> !global, i8
    nvvm.cp.async.shared.global %nextTo, %nextFrom, 16, cache = cg : !shared, !global
    // MUTANT-NEXT: without llvm.nvvm.cp.async.commit.group at line [[# @LINE + 1]]: in-flight at attention_tile.mlir:[[# @LINE + 5]]:{{[0-9]+$}}
    nvvm.cp.async.commit.group
    llvm.br ^multiply

  ^multiply:
    %kFragment = nvvm.ldmatrix %kAt {num = 4 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!shared) -> !matrices
    %q0 = llvm.extractvalue %qFragment[0] : !matrices
    %q1 = llvm.extractvalue %qFragment[1] : !matrices
    %q2 = llvm.extractvalue %qFragment[2] : !matrices
    %q3 = llvm.extractvalue %qFragment[3] : !matrices
    %k0 = llvm.extractvalue %kFragment[0] : !matrices
    %k1 = llvm.extractvalue %kFragment[1] : !matrices
    %k2 = llvm.extractvalue %kFragment[2] : !matrices
    %k3 = llvm.extractvalue %kFragment[3] : !matrices
    %s = nvvm.mma.sync A[%q0, %q1, %q2, %q3] B[%k0, %k1] C[%zero, %zero, %zero, %zero]
        {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !four
    %t = nvvm.mma.sync A[%q0, %q1, %q2, %q3] B[%k2, %k3] C[%zero, %zero, %zero, %zero]
        {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !four
    %s0 = llvm.extractvalue %s[0] : !four
    %s1 = llvm.extractvalue %s[1] : !four
    %s2 = llvm.extractvalue %s[2] : !four
    %s3 = llvm.extractvalue %s[3] : !four
    %t0 = llvm.extractvalue %t[0] : !four
    %t1 = llvm.extractvalue %t[1] : !four
    %t2 = llvm.extractvalue %t[2] : !four
    %t3 = llvm.extractvalue %t[3] : !four

    // Each thread has two rows of the scores.
    %r0 = llvm.call @softmax(%s0, %s1, %t0, %t1, %largest0, %sum0, %scale) : (f32, f32, f32, f32, f32, f32, f32) -> !row
    %r1 = llvm.call @softmax(%s2, %s3, %t2, %t3, %largest1, %sum1, %scale) : (f32, f32, f32, f32, f32, f32, f32) -> !row
    %p00 = llvm.extractvalue %r0[0] : !row
    %p01 = llvm.extractvalue %r0[1] : !row
    %p02 = llvm.extractvalue %r0[2] : !row
    %p03 = llvm.extractvalue %r0[3] : !row
    %newLargest0 = llvm.extractvalue %r0[4] : !row
    %newSum0 = llvm.extractvalue %r0[5] : !row
    %factor0 = llvm.extractvalue %r0[6] : !row
    %p10 = llvm.extractvalue %r1[0] : !row
    %p11 = llvm.extractvalue %r1[1] : !row
    %p12 = llvm.extractvalue %r1[2] : !row
    %p13 = llvm.extractvalue %r1[3] : !row
    %newLargest1 = llvm.extractvalue %r1[4] : !row
    %newSum1 = llvm.extractvalue %r1[5] : !row
    %factor1 = llvm.extractvalue %r1[6] : !row

    // The accumulators' layout is that of the left operand.
    %w0 = llvm.call @pack(%p00, %p01) : (f32, f32) -> i32
    %w1 = llvm.call @pack(%p10, %p11) : (f32, f32) -> i32
    %w2 = llvm.call @pack(%p02, %p03) : (f32, f32) -> i32
    %w3 = llvm.call @pack(%p12, %p13) : (f32, f32) -> i32
    %vOffset = llvm.add %vRow, %buffer : i32
    %vBase = llvm.getelementptr %memory[2048] : (!shared) -> !shared, i8
    %vAt = llvm.getelementptr %vBase[%vOffset] : (!shared, i32) -> !shared, i8
    %vFragment = nvvm.ldmatrix %vAt {num = 4 : i32, layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!shared) -> !matrices
    %v0 = llvm.extractvalue %vFragment[0] : !matrices
    %v1 = llvm.extractvalue %vFragment[1] : !matrices
    %v2 = llvm.extractvalue %vFragment[2] : !matrices
    %v3 = llvm.extractvalue %vFragment[3] : !matrices
    %f0 = llvm.fmul %a0, %factor0 : f32
    %f1 = llvm.fmul %a1, %factor0 : f32
    %f2 = llvm.fmul %a2, %factor1 : f32
    %f3 = llvm.fmul %a3, %factor1 : f32
    %g0 = llvm.fmul %b0, %factor0 : f32
    %g1 = llvm.fmul %b1, %factor0 : f32
    %g2 = llvm.fmul %b2, %factor1 : f32
    %g3 = llvm.fmul %b3, %factor1 : f32
    %x = nvvm.mma.sync A[%w0, %w1, %w2, %w3] B[%v0, %v1] C[%f0, %f1, %f2, %f3]
        {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !four
    %y = nvvm.mma.sync A[%w0, %w1, %w2, %w3] B[%v2, %v3] C[%g0, %g1, %g2, %g3]
        {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !four
    %x0 = llvm.extractvalue %x[0] : !four
    %x1 = llvm.extractvalue %x[1] : !four
    %x2 = llvm.extractvalue %x[2] : !four
    %x3 = llvm.extractvalue %x[3] : !four
    %y0 = llvm.extractvalue %y[0] : !four
    %y1 = llvm.extractvalue %y[1] : !four
    %y2 = llvm.extractvalue %y[2] : !four
    %y3 = llvm.extractvalue %y[3] : !four
    llvm.cond_br %more, ^loop(%next, %newLargest0, %newLargest1, %newSum0, %newSum1, %x0, %x1, %x2, %x3, %y0, %y1, %y2, %y3 : i32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32), ^done

  ^done:
    %total0 = llvm.call @rowSum(%newSum0) : (f32) -> f32
    %total1 = llvm.call @rowSum(%newSum1) : (f32) -> f32
    // Row lane / 4 of the warp's sixteen, and the one eight below; columns
    // 2 (lane % 4) and the next, and those eight to the right.
    %group = llvm.lshr %lane, %c2 : i32
    %member = llvm.and %lane, %c3 : i32
    %blockRow = llvm.mul %block, %c32 : i32
    %warpRow = llvm.mul %warp, %c16 : i32
    %row0 = llvm.add %blockRow, %warpRow : i32
    %row1 = llvm.add %row0, %group : i32
    %rowElement = llvm.mul %row1, %c16 : i32
    %column = llvm.mul %member, %c2 : i32
    %element = llvm.add %rowElement, %column : i32
    %o0 = llvm.getelementptr %out[%element] : (!global, i32) -> !global, f32
    %o1 = llvm.getelementptr %o0[8] : (!global) -> !global, f32
    %o2 = llvm.getelementptr %o0[128] : (!global) -> !global, f32
    %o3 = llvm.getelementptr %o0[136] : (!global) -> !global, f32
    llvm.call @store2(%o0, %x0, %x1, %total0) : (!global, f32, f32, f32) -> ()
    llvm.call @store2(%o1, %y0, %y1, %total0) : (!global, f32, f32, f32) -> ()
    llvm.call @store2(%o2, %x2, %x3, %total1) : (!global, f32, f32, f32) -> ()
    llvm.call @store2(%o3, %y2, %y3, %total1) : (!global, f32, f32, f32) -> ()
    llvm.return
  }
}
