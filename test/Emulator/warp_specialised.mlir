// Written by hand in the LLVM dialect: warp 0 produces, warps 1 and 2 consume,
// through two buffers, with a pair of named barriers each: 1 and 2 say that a
// buffer is full, 3 and 4 that it is empty. Who has done its part arrives without
// waiting. At the end the two consuming warps meet at barrier 5 alone.
//
// Block b adds up the 64 n elements of its row.
//
// REQUIRES: mlir-opt
// RUN: mlir-opt %s --pass-pipeline='builtin.module(convert-nvvm-to-llvm,ensure-debug-info-scope-on-llvm-func{emission-kind=LineTablesOnly})' --emit-bytecode | mlir-translate --mlir-to-llvmir > %t.ll
// DEFINE: %{run} = nsa-emulate %t.ll --block=96 --schedule=fifo,lifo,random:1,random:2

// Rows of 320 elements counting from 0: 319 * 320 / 2 = 51040 in the first, and
// 320 * 320 more in the second. Also with one step, fewer than there are buffers.
// RUN: %{run} --grid=2 --arg=in:f32:640:iota --arg=out:f32:2 --arg=i32:5 --print=1 | FileCheck %s --check-prefix=SUMS
// SUMS-COUNT-4: arg1: 51040 153440{{$}}
// RUN: %{run} --grid=2 --arg=in:f32:128:iota --arg=out:f32:2 --arg=i32:1 --print=1 | FileCheck %s --check-prefix=ONE
// ONE-COUNT-4: arg1: 2016 6112{{$}}

// RUN: %{run} --arg=in:f32:320:iota --arg=out:f32:1 --arg=i32:5 --delete-each=llvm.nvvm.barrier,bar. | FileCheck %s --check-prefix=MUTANT

module attributes {llvm.target_triple = "nvptx64-nvidia-cuda"} {
  llvm.mlir.global internal @buffers() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<128 x f32>
  llvm.mlir.global internal @partial() {addr_space = 3 : i32, alignment = 4 : i64} : !llvm.array<2 x f32>

  llvm.func @rowSums(%in: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %c1 = llvm.mlir.constant(1 : i32) : i32
    %c2 = llvm.mlir.constant(2 : i32) : i32
    %c3 = llvm.mlir.constant(3 : i32) : i32
    %c4 = llvm.mlir.constant(4 : i32) : i32
    %c5 = llvm.mlir.constant(5 : i32) : i32
    %c8 = llvm.mlir.constant(8 : i32) : i32
    %c16 = llvm.mlir.constant(16 : i32) : i32
    %c31 = llvm.mlir.constant(31 : i32) : i32
    %c32 = llvm.mlir.constant(32 : i32) : i32
    %c64 = llvm.mlir.constant(64 : i32) : i32
    %c96 = llvm.mlir.constant(96 : i32) : i32
    %all = llvm.mlir.constant(-1 : i32) : i32
    %zero = llvm.mlir.constant(0.0 : f32) : f32
    %buffers = llvm.mlir.addressof @buffers : !llvm.ptr<3>
    %partial = llvm.mlir.addressof @partial : !llvm.ptr<3>
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %produces = llvm.icmp "ult" %thread, %c32 : i32
    llvm.cond_br %produces, ^produce(%c0 : i32), ^consume(%c0, %zero : i32, f32)

  ^produce(%i: i32):
    %buffer = llvm.and %i, %c1 : i32
    %refill = llvm.icmp "uge" %i, %c2 : i32
    llvm.cond_br %refill, ^empty, ^fill
  ^empty:
    %emptyId = llvm.add %buffer, %c3 : i32
    // Nothing holds back the producer, which declares a buffer full that is.
    // MUTANT: without llvm.nvvm.barrier.cta.sync.aligned.count at line [[# @LINE + 1]]: barrier-deadlock at warp_specialised.mlir:[[# @LINE + 17]]:5{{$}}
    nvvm.barrier id = %emptyId number_of_threads = %c96
    llvm.br ^fill
  ^fill:
    %rowStart = llvm.mul %block, %n : i32
    %step = llvm.add %rowStart, %i : i32
    %first = llvm.mul %step, %c64 : i32
    %lane2 = llvm.mul %lane, %c2 : i32
    %element = llvm.add %first, %lane2 : i32
    %from = llvm.getelementptr %in[%element] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %two = llvm.load %from {alignment = 8 : i64} : !llvm.ptr<1> -> vector<2xf32>
    %start = llvm.mul %buffer, %c64 : i32
    %slot = llvm.add %start, %lane2 : i32
    %to = llvm.getelementptr %buffers[%slot] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
    llvm.store %two, %to {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
    %fullId = llvm.add %buffer, %c1 : i32
    // MUTANT-NEXT: without bar.arrive $0, $1; at line [[# @LINE + 1]]: barrier-deadlock at warp_specialised.mlir:[[# @LINE - 15]]:5{{$}}
    nvvm.barrier.arrive id = %fullId number_of_threads = %c96
    %next = llvm.add %i, %c1 : i32
    %more = llvm.icmp "ult" %next, %n : i32
    llvm.cond_br %more, ^produce(%next : i32), ^end

  ^consume(%j: i32, %sum: f32):
    %buffer2 = llvm.and %j, %c1 : i32
    %fullId2 = llvm.add %buffer2, %c1 : i32
    // Without it, what is read may be unwritten, or written by then: a race.
    // MUTANT-NEXT: without llvm.nvvm.barrier.cta.sync.aligned.count at line [[# @LINE + 1]]: data-race at warp_specialised.mlir:[[# @LINE + 6]]:10; unwritten-shared at warp_specialised.mlir:[[# @LINE + 6]]:10{{$}}
    nvvm.barrier id = %fullId2 number_of_threads = %c96
    %start2 = llvm.mul %buffer2, %c64 : i32
    %consumer = llvm.sub %thread, %c32 : i32
    %slot2 = llvm.add %start2, %consumer : i32
    %at = llvm.getelementptr %buffers[%slot2] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
    %x = llvm.load %at : !llvm.ptr<3> -> f32
    %sum2 = llvm.fadd %sum, %x : f32
    %later = llvm.add %j, %c2 : i32
    %refilled = llvm.icmp "ult" %later, %n : i32
    llvm.cond_br %refilled, ^release, ^continue
  ^release:
    %emptyId2 = llvm.add %buffer2, %c3 : i32
    // MUTANT-NEXT: without bar.arrive $0, $1; at line [[# @LINE + 1]]: barrier-deadlock at warp_specialised.mlir:[[# @LINE - 38]]:5{{$}}
    nvvm.barrier.arrive id = %emptyId2 number_of_threads = %c96
    llvm.br ^continue
  ^continue:
    %next2 = llvm.add %j, %c1 : i32
    %more2 = llvm.icmp "ult" %next2, %n : i32
    llvm.cond_br %more2, ^consume(%next2, %sum2 : i32, f32), ^reduce

  ^reduce:
    %f1 = nvvm.shfl.sync bfly %all, %sum2, %c16, %c31 : f32 -> f32
    %g1 = llvm.fadd %sum2, %f1 : f32
    %f2 = nvvm.shfl.sync bfly %all, %g1, %c8, %c31 : f32 -> f32
    %g2 = llvm.fadd %g1, %f2 : f32
    %f3 = nvvm.shfl.sync bfly %all, %g2, %c4, %c31 : f32 -> f32
    %g3 = llvm.fadd %g2, %f3 : f32
    %f4 = nvvm.shfl.sync bfly %all, %g3, %c2, %c31 : f32 -> f32
    %g4 = llvm.fadd %g3, %f4 : f32
    %f5 = nvvm.shfl.sync bfly %all, %g4, %c1, %c31 : f32 -> f32
    %g5 = llvm.fadd %g4, %f5 : f32
    %isFirst = llvm.icmp "eq" %lane, %c0 : i32
    llvm.cond_br %isFirst, ^publish, ^meet
  ^publish:
    %warp = llvm.lshr %thread, %c5 : i32
    %index = llvm.sub %warp, %c1 : i32
    %place = llvm.getelementptr %partial[%index] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
    llvm.store %g5, %place : f32, !llvm.ptr<3>
    llvm.br ^meet
  ^meet:
    // MUTANT-NEXT: without llvm.nvvm.barrier.cta.sync.aligned.count at line [[# @LINE + 1]]: unwritten-shared at warp_specialised.mlir:[[# @LINE + 7]]:11{{$}}
    nvvm.barrier id = %c5 number_of_threads = %c64
    %isWriter = llvm.icmp "eq" %thread, %c32 : i32
    llvm.cond_br %isWriter, ^write, ^end
  ^write:
    %p0 = llvm.load %partial : !llvm.ptr<3> -> f32
    %second = llvm.getelementptr %partial[1] : (!llvm.ptr<3>) -> !llvm.ptr<3>, f32
    %p1 = llvm.load %second : !llvm.ptr<3> -> f32
    %total = llvm.fadd %p0, %p1 : f32
    %target = llvm.getelementptr %out[%block] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %total, %target : f32, !llvm.ptr<1>
    llvm.br ^end
  ^end:
    llvm.return
  }
}
