; The variants of block-wide instructions that block.ll leaves out, and fences.
;
; PTX ISA, "barrier.red": of 64 threads the first 40 say yes: popc 40, and 0, or 1, in
; all four forms.
; DEFINE: %{run} = nsa-emulate %s --schedule=fifo,lifo,random:7
; RUN: %{run} --kernel=red --block=64 --arg=out:i32:768 --print=0:0:12 --print=0:756:12 | FileCheck %s --check-prefix=RED
; RED-COUNT-3: arg0: 40 40 40 40 0 0 0 0 1 1 1 1{{$[[:space:]]}}arg0: 40 40 40 40 0 0 0 0 1 1 1 1{{$}}
;
; "barrier.sync", "barrier.arrive", not aligned: lanes of a warp may be at different
; ones. Even threads produce and arrive, odd ones wait and read their neighbour's.
; RUN: %{run} --kernel=split --block=64 --arg=out:i32:64:zero --print=0:0:4 --print=0:62:2 | FileCheck %s --check-prefix=SPLIT
; RUN: %{run} --kernel=split_inline --block=64 --arg=out:i32:64:zero --print=0:0:4 --print=0:62:2 | FileCheck %s --check-prefix=SPLIT
; SPLIT-COUNT-3: arg0: 0 500 0 502{{$[[:space:]]}}arg0: 0 562{{$}}
; RUN: %{run} --kernel=split --block=64 --arg=out:i32:64:zero --delete-each=llvm.nvvm.barrier | FileCheck %s --check-prefix=MUTANT
; RUN: %{run} --kernel=split_inline --block=64 --arg=out:i32:64:zero --delete-each=barrier | FileCheck %s --check-prefix=MUTANT
; MUTANT: {{arrive.*}} at line {{[0-9]+}}: barrier-deadlock at block_variants.ll:
; MUTANT-NEXT: {{sync.*}} at line {{[0-9]+}}: {{.*(data-race|unwritten-shared)}} at block_variants.ll:
; MUTANT-NEXT: {{sync.*}} at line {{[0-9]+}}: {{.*(data-race|unwritten-shared)}} at block_variants.ll:
;
; "membar", "fence": thread 0 writes, then raises a flag; thread 32 waits for that and
; reads. Nothing but fences on both sides orders the two.
; DEFINE: %{fence} = nsa-emulate %s --kernel=fences --block=33 --arg=out:i32:2:zero --schedule=fifo,lifo --print=0
; RUN: not %{fence} --arg=i32:0 2>&1 | FileCheck %s --check-prefix=NOFENCE
; NOFENCE: error: data-race: load reads byte 4 of 'arg0', which thread (0,0,0) wrote; nothing orders the two
; RUN: %{fence} --arg=i32:1 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:2 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:3 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:4 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:5 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:6 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:7 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:8 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:9 | FileCheck %s --check-prefix=FENCE
; RUN: %{fence} --arg=i32:10 | FileCheck %s --check-prefix=FENCE
; FENCE-COUNT-2: arg0: 1 42{{$}}
;
; "isspacep": of a generic address into shared, local and global memory.
; RUN: %{run} --kernel=spaces --block=32 --arg=out:i32:9 --print=0 | FileCheck %s --check-prefix=SPACES
; SPACES-COUNT-3: arg0: 1 0 0 0 1 0 0 0 1{{$}}

target triple = "nvptx64-nvidia-cuda"

@cells = internal addrspace(3) global [64 x i32] undef, align 4

define internal void @put(ptr addrspace(1) %out, i32 %stride, i32 %slot, i32 %value) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = mul i32 %t, %stride
  %i = add i32 %row, %slot
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %i
  store i32 %value, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @red(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %yes = icmp ult i32 %t, 40
  %v0 = call i32 @llvm.nvvm.barrier.cta.red.popc.all(i32 0, i1 %yes)
  call void @put(ptr addrspace(1) %out, i32 12, i32 0, i32 %v0)
  %v1 = call i32 @llvm.nvvm.barrier.cta.red.popc.aligned.all(i32 0, i1 %yes)
  call void @put(ptr addrspace(1) %out, i32 12, i32 1, i32 %v1)
  %v2 = call i32 @llvm.nvvm.barrier.cta.red.popc.count(i32 0, i32 64, i1 %yes)
  call void @put(ptr addrspace(1) %out, i32 12, i32 2, i32 %v2)
  %v3 = call i32 @llvm.nvvm.barrier.cta.red.popc.aligned.count(i32 0, i32 64, i1 %yes)
  call void @put(ptr addrspace(1) %out, i32 12, i32 3, i32 %v3)
  %v4 = call i1 @llvm.nvvm.barrier.cta.red.and.all(i32 0, i1 %yes)
  %w4 = zext i1 %v4 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 4, i32 %w4)
  %v5 = call i1 @llvm.nvvm.barrier.cta.red.and.aligned.all(i32 0, i1 %yes)
  %w5 = zext i1 %v5 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 5, i32 %w5)
  %v6 = call i1 @llvm.nvvm.barrier.cta.red.and.count(i32 0, i32 64, i1 %yes)
  %w6 = zext i1 %v6 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 6, i32 %w6)
  %v7 = call i1 @llvm.nvvm.barrier.cta.red.and.aligned.count(i32 0, i32 64, i1 %yes)
  %w7 = zext i1 %v7 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 7, i32 %w7)
  %v8 = call i1 @llvm.nvvm.barrier.cta.red.or.all(i32 0, i1 %yes)
  %w8 = zext i1 %v8 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 8, i32 %w8)
  %v9 = call i1 @llvm.nvvm.barrier.cta.red.or.aligned.all(i32 0, i1 %yes)
  %w9 = zext i1 %v9 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 9, i32 %w9)
  %v10 = call i1 @llvm.nvvm.barrier.cta.red.or.count(i32 0, i32 64, i1 %yes)
  %w10 = zext i1 %v10 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 10, i32 %w10)
  %v11 = call i1 @llvm.nvvm.barrier.cta.red.or.aligned.count(i32 0, i32 64, i1 %yes)
  %w11 = zext i1 %v11 to i32
  call void @put(ptr addrspace(1) %out, i32 12, i32 11, i32 %w11)
  ret void
}

; Then all meet, before the producers write again.
define ptx_kernel void @split(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %even = and i32 %t, 62
  %p = getelementptr i32, ptr addrspace(3) @cells, i32 %even
  %odd = trunc i32 %t to i1
  br i1 %odd, label %consume, label %produce
produce:
  %v = add i32 %t, 500
  store i32 %v, ptr addrspace(3) %p
  call void @llvm.nvvm.barrier.cta.arrive.count(i32 1, i32 64)
  br label %meet
consume:
  call void @llvm.nvvm.barrier.cta.sync.count(i32 1, i32 64)
  %r = load i32, ptr addrspace(3) %p
  call void @put(ptr addrspace(1) %out, i32 1, i32 0, i32 %r)
  br label %meet
meet:
  call void @llvm.nvvm.barrier.cta.sync.all(i32 2)
  br i1 %odd, label %end, label %again
again:
  store i32 0, ptr addrspace(3) %p
  br label %end
end:
  ret void
}

; Then all meet, before the producers write again.
define ptx_kernel void @split_inline(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %even = and i32 %t, 62
  %p = getelementptr i32, ptr addrspace(3) @cells, i32 %even
  %odd = trunc i32 %t to i1
  br i1 %odd, label %consume, label %produce
produce:
  %v = add i32 %t, 500
  store i32 %v, ptr addrspace(3) %p
  call void asm sideeffect "barrier.arrive $0, $1;", "r,r"(i32 1, i32 64)
  br label %meet
consume:
  call void asm sideeffect "barrier.sync 1, 64;", ""()
  %r = load i32, ptr addrspace(3) %p
  call void @put(ptr addrspace(1) %out, i32 1, i32 0, i32 %r)
  br label %meet
meet:
  call void asm sideeffect "barrier.sync 2;", ""()
  br i1 %odd, label %end, label %again
again:
  store i32 0, ptr addrspace(3) %p
  br label %end
end:
  ret void
}

define internal void @fence(i32 %kind) {
  switch i32 %kind, label %end [
    i32 1, label %f1
    i32 2, label %f2
    i32 3, label %f3
    i32 4, label %f4
    i32 5, label %f5
    i32 6, label %f6
    i32 7, label %f7
    i32 8, label %f8
    i32 9, label %f9
    i32 10, label %f10
  ]
f1:
  call void @llvm.nvvm.membar.cta()
  br label %end
f2:
  call void @llvm.nvvm.membar.gl()
  br label %end
f3:
  call void @llvm.nvvm.membar.sys()
  br label %end
f4:
  call void asm sideeffect "membar.cta;", ""()
  br label %end
f5:
  call void asm sideeffect "membar.gl;", ""()
  br label %end
f6:
  call void asm sideeffect "membar.sys;", ""()
  br label %end
f7:
  call void asm sideeffect "fence.acq_rel.cta;", ""()
  br label %end
f8:
  call void asm sideeffect "fence.acq_rel.gpu;", ""()
  br label %end
f9:
  call void asm sideeffect "fence.sc.cta;", ""()
  br label %end
f10:
  call void asm sideeffect "fence.sc.gpu;", ""()
  br label %end
end:
  ret void
}

define ptx_kernel void @fences(ptr addrspace(1) %p, i32 %kind) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(1) %p, i32 1
  switch i32 %t, label %end [
    i32 0, label %write
    i32 32, label %wait
  ]
write:
  store i32 42, ptr addrspace(1) %q
  call void @fence(i32 %kind)
  store atomic i32 1, ptr addrspace(1) %p monotonic, align 4
  br label %end
wait:
  %flag = load atomic i32, ptr addrspace(1) %p monotonic, align 4
  call void @llvm.nvvm.nanosleep(i32 100)
  %up = icmp eq i32 %flag, 1
  br i1 %up, label %read, label %wait
read:
  call void @fence(i32 %kind)
  %v = load volatile i32, ptr addrspace(1) %q
  br label %end
end:
  ret void
}

define internal i32 @classify(ptr %p, ptr addrspace(1) %out) {
  %s = call i1 @llvm.nvvm.isspacep.shared(ptr %p)
  %l = call i1 @llvm.nvvm.isspacep.local(ptr %p)
  %g = call i1 @llvm.nvvm.isspacep.global(ptr %p)
  %s32 = zext i1 %s to i32
  %l32 = zext i1 %l to i32
  %g32 = zext i1 %g to i32
  store i32 %s32, ptr addrspace(1) %out
  %q = getelementptr i32, ptr addrspace(1) %out, i32 1
  store i32 %l32, ptr addrspace(1) %q
  %r = getelementptr i32, ptr addrspace(1) %out, i32 2
  store i32 %g32, ptr addrspace(1) %r
  ret i32 0
}

define ptx_kernel void @spaces(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %first = icmp eq i32 %t, 0
  br i1 %first, label %go, label %end
go:
  %local = alloca i32
  %shared = addrspacecast ptr addrspace(3) @cells to ptr
  %global = addrspacecast ptr addrspace(1) %out to ptr
  %out1 = getelementptr i32, ptr addrspace(1) %out, i32 3
  %out2 = getelementptr i32, ptr addrspace(1) %out, i32 6
  %a = call i32 @classify(ptr %shared, ptr addrspace(1) %out)
  %b = call i32 @classify(ptr %local, ptr addrspace(1) %out1)
  %c = call i32 @classify(ptr %global, ptr addrspace(1) %out2)
  br label %end
end:
  ret void
}
