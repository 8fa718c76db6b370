; Indices and block barriers.
;
; PTX ISA, "Special Registers": tid, ntid, ctaid, nctaid in x, y, z. Block (1,2,1)
; of a grid of (2,3,2) is number 1 + 2 * 2 + 1 * 6 = 11; its thread (3,1,1) of
; (4,2,2) is number 3 + 1 * 4 + 1 * 8 = 15; element (11 * 16 + 15) * 12 = 2292.
; RUN: nsa-emulate %s --kernel=indices --grid=2,3,2 --block=4,2,2 --arg=out:i32:2304 --print=0:2292:12 | FileCheck %s
; CHECK: arg0: 3 1 1 4 2 2 1 2 1 2 3 2{{$}}
;
; PTX ISA, "bar.sync, bar.arrive, bar.red": barrier 1 is for 96 threads: warp 0
; produces and arrives without waiting, warps 1 and 2 wait for it. Warp 0 arrives
; at barrier 2 when those have read. Each of the four is necessary.
; DEFINE: %{named} = nsa-emulate %s --kernel=named --block=96 --arg=out:i32:96 --schedule=fifo,lifo,random:1,random:2
; RUN: %{named} --print=0:32:2 --print=0:64:2 | FileCheck %s --check-prefix=NAMED
; NAMED-COUNT-4: arg0: 1000 1001{{$[[:space:]]}}arg0: 1000 1001
; RUN: %{named} --delete-each=llvm.nvvm.barrier | FileCheck %s --check-prefix=MUTANT
; MUTANT: without llvm.nvvm.barrier.cta.arrive.aligned.count at line 79: barrier-deadlock at block.ll:80{{$}}
; MUTANT-NEXT: without llvm.nvvm.barrier.cta.sync.aligned.count at line 80: data-race at block.ll:87{{$}}
; MUTANT-NEXT: without llvm.nvvm.barrier.cta.sync.aligned.count at line 86: {{(data-race|unwritten-shared)}} at block.ll:87
; MUTANT-NEXT: without llvm.nvvm.barrier.cta.arrive.aligned.count at line 89: barrier-deadlock at block.ll:80{{$}}
;
; bar.red: of 64 threads the first 40 say yes: popc 40, and 0, or 1. Thread 64 has
; exited and is not waited for.
; RUN: nsa-emulate %s --kernel=reductions --block=65 --arg=out:i32:195 --print=0:0:3 --print=0:189:3 --schedule=fifo,lifo,random:1 | FileCheck %s --check-prefix=RED
; RED-COUNT-3: arg0: 40 0 1{{$[[:space:]]}}arg0: 40 0 1

target triple = "nvptx64-nvidia-cuda"

@cell = internal addrspace(3) global [32 x i32] undef

define ptx_kernel void @indices(ptr addrspace(1) %out) {
  %tx = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %ty = call i32 @llvm.nvvm.read.ptx.sreg.tid.y()
  %tz = call i32 @llvm.nvvm.read.ptx.sreg.tid.z()
  %nx = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %ny = call i32 @llvm.nvvm.read.ptx.sreg.ntid.y()
  %nz = call i32 @llvm.nvvm.read.ptx.sreg.ntid.z()
  %bx = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %by = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.y()
  %bz = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.z()
  %gx = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %gy = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.y()
  %gz = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.z()
  %b0 = mul i32 %bz, 6
  %b1 = mul i32 %by, 2
  %b2 = add i32 %b0, %b1
  %b = add i32 %b2, %bx
  %t0 = mul i32 %tz, 8
  %t1 = mul i32 %ty, 4
  %t2 = add i32 %t0, %t1
  %t = add i32 %t2, %tx
  %row = mul i32 %b, 16
  %i = add i32 %row, %t
  %q = getelementptr [12 x i32], ptr addrspace(1) %out, i32 %i
  %v0 = insertvalue [12 x i32] poison, i32 %tx, 0
  %v1 = insertvalue [12 x i32] %v0, i32 %ty, 1
  %v2 = insertvalue [12 x i32] %v1, i32 %tz, 2
  %v3 = insertvalue [12 x i32] %v2, i32 %nx, 3
  %v4 = insertvalue [12 x i32] %v3, i32 %ny, 4
  %v5 = insertvalue [12 x i32] %v4, i32 %nz, 5
  %v6 = insertvalue [12 x i32] %v5, i32 %bx, 6
  %v7 = insertvalue [12 x i32] %v6, i32 %by, 7
  %v8 = insertvalue [12 x i32] %v7, i32 %bz, 8
  %v9 = insertvalue [12 x i32] %v8, i32 %gx, 9
  %v10 = insertvalue [12 x i32] %v9, i32 %gy, 10
  %v11 = insertvalue [12 x i32] %v10, i32 %gz, 11
  store [12 x i32] %v11, ptr addrspace(1) %q, align 4
  ret void
}

define ptx_kernel void @named(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %p = getelementptr i32, ptr addrspace(3) @cell, i32 %lane
  %producer = icmp ult i32 %t, 32
  br i1 %producer, label %produce, label %consume
produce:
  %v = add i32 %lane, 1000
  store i32 %v, ptr addrspace(3) %p
  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 1, i32 96)
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 2, i32 96)
  store i32 0, ptr addrspace(3) %p
  ret void
consume:
  %first = getelementptr i32, ptr addrspace(3) @cell, i32 0
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %t
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 1, i32 96)
  %r = load i32, ptr addrspace(3) %p
  store i32 %r, ptr addrspace(1) %q
  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 2, i32 96)
  ret void
}

define ptx_kernel void @reductions(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %gone = icmp uge i32 %t, 64
  br i1 %gone, label %end, label %go
go:
  %yes = icmp ult i32 %t, 40
  %popc = call i32 @llvm.nvvm.barrier.cta.red.popc.all(i32 0, i1 %yes)
  %and = call i1 @llvm.nvvm.barrier.cta.red.and.all(i32 0, i1 %yes)
  %or = call i1 @llvm.nvvm.barrier.cta.red.or.all(i32 0, i1 %yes)
  %q = getelementptr [3 x i32], ptr addrspace(1) %out, i32 %t
  %and32 = zext i1 %and to i32
  %or32 = zext i1 %or to i32
  %v0 = insertvalue [3 x i32] poison, i32 %popc, 0
  %v1 = insertvalue [3 x i32] %v0, i32 %and32, 1
  %v2 = insertvalue [3 x i32] %v1, i32 %or32, 2
  store [3 x i32] %v2, ptr addrspace(1) %q, align 4
  br label %end
end:
  ret void
}
