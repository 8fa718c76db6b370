; PTX ISA, "cp.async": copies 4, 8 or 16 bytes; of src-size bytes if that is given,
; the rest of the destination becomes zero. "cp.async.wait_group N" waits until at
; most N of the latest groups are pending, "cp.async.wait_all" for everything,
; committed or not.
; The source holds 1 to 8. Copied: 16 bytes of 1 2 3 4 to the front, 8 bytes of 5
; 6, 4 bytes of 7 with src-size 4, and 4 with src-size 0 that reads nothing.
; RUN: nsa-emulate %s --kernel=sizes '--arg=in:i32:8:values=1;2;3;4;5;6;7;8' --arg=out:i32:8 --print=1 --counters=json | FileCheck %s
; CHECK: arg1: 1 2 3 4 5 6 7 0{{$}}
; CHECK: "global_bytes_read":28,{{.*}}"async_copy_bytes":32
; 16 bytes with src-size 6: one and a half words.
; RUN: nsa-emulate %s --kernel=partial '--arg=in:i32:4:values=1;0x00020002;3;4' --arg=out:i32:4 --print=1 | FileCheck %s --check-prefix=PARTIAL
; PARTIAL: arg1: 1 2 0 0{{$}}
; .8.s with 4 source bytes, .cg of 16 with 8, and .cg as inline PTX with 12.
; RUN: nsa-emulate %s --kernel=fills '--arg=in:i32:4:values=1;2;3;4' --arg=out:i32:10 --print=1 | FileCheck %s --check-prefix=FILLS
; FILLS: arg1: 1 2 0 0 1 2 3 0 1 0{{$}}
;
; Two groups; wait_group 1 completes the older one alone.
; RUN: nsa-emulate %s --kernel=groups '--arg=in:i32:8:values=1;2;3;4;5;6;7;8' --arg=i32:0 --arg=out:i32:1 --print=2 | FileCheck %s --check-prefix=GROUP
; GROUP: arg2: 1
; RUN: not nsa-emulate %s --kernel=groups '--arg=in:i32:8:values=1;2;3;4;5;6;7;8' --arg=i32:4 --arg=out:i32:1 2>&1 | FileCheck %s --check-prefix=PENDING
; PENDING: error: in-flight: load reads shared memory offset 0x10, the destination of an asynchronous copy that thread (0,0,0) has not waited for
; PENDING-NEXT: kernel 'groups', block (0,0,0), thread (0,0,0), at cp_async.ll:[[# LOAD:]]
; PENDING-NEXT: note: the copy: cp_async.ll:[[# LOAD - 5]]
; Poisoned with ones in fast mode, where this is not found.
; RUN: nsa-emulate %s --kernel=groups '--arg=in:i32:8:values=1;2;3;4;5;6;7;8' --arg=i32:4 --arg=out:i32:1 --sanitize=fast --print=2 | FileCheck %s --check-prefix=POISON
; POISON: arg2: -1
;
; A copy over another one, a misaligned one, and an unwritten source past the end.
; RUN: not nsa-emulate %s --kernel=twice --arg=in:i32:8:iota 2>&1 | FileCheck %s --check-prefix=TWICE
; TWICE: error: in-flight: llvm.nvvm.cp.async.ca.shared.global.4 writes shared memory offset 0x8,
; RUN: not nsa-emulate %s --kernel=misaligned --arg=in:i32:8:iota 2>&1 | FileCheck %s --check-prefix=MISALIGNED
; MISALIGNED: error: misaligned: llvm.nvvm.cp.async.ca.shared.global.8 of 8 bytes at shared memory offset 0x4, which is not a multiple of 8
; RUN: not nsa-emulate %s --kernel=sizes --arg=in:i32:6:iota --arg=out:i32:8 2>&1 | FileCheck %s --check-prefix=PAST
; PAST: error: out-of-bounds: cp.async.ca.shared.global [$0], [$1], 4, $2; of 4 bytes 0 bytes past the end of 'arg0'

target triple = "nvptx64-nvidia-cuda"

@tile = internal addrspace(3) global [8 x i32] undef, align 16
@wide = internal addrspace(3) global [10 x i32] undef, align 16

define internal void @copyOut(ptr addrspace(1) %out, i32 %n) {
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %p = getelementptr i32, ptr addrspace(3) @tile, i32 %i
  %v = load i32, ptr addrspace(3) %p
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %i
  store i32 %v, ptr addrspace(1) %q
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

define ptx_kernel void @sizes(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %d1 = getelementptr i8, ptr addrspace(3) @tile, i32 16
  %s1 = getelementptr i8, ptr addrspace(1) %in, i32 16
  %d2 = getelementptr i8, ptr addrspace(3) @tile, i32 24
  %s2 = getelementptr i8, ptr addrspace(1) %in, i32 24
  %d3 = getelementptr i8, ptr addrspace(3) @tile, i32 28
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) @tile, ptr addrspace(1) %in)
  call void @llvm.nvvm.cp.async.ca.shared.global.8(ptr addrspace(3) %d1, ptr addrspace(1) %s1)
  %a2 = ptrtoint ptr addrspace(3) %d2 to i32
  call void asm sideeffect "cp.async.ca.shared.global [$0], [$1], 4, $2;", "r,l,r"(i32 %a2, ptr addrspace(1) %s2, i32 4)
  call void @llvm.nvvm.cp.async.ca.shared.global.4.s(ptr addrspace(3) %d3, ptr addrspace(1) %s2, i32 0)
  call void @llvm.nvvm.cp.async.wait.all()
  call void @copyOut(ptr addrspace(1) %out, i32 8)
  ret void
}

define ptx_kernel void @partial(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  call void @llvm.nvvm.cp.async.ca.shared.global.16.s(ptr addrspace(3) @tile, ptr addrspace(1) %in, i32 6)
  call void asm sideeffect "cp.async.commit_group;", ""()
  call void asm sideeffect "cp.async.wait_group 0;", ""()
  call void @copyOut(ptr addrspace(1) %out, i32 4)
  ret void
}

define ptx_kernel void @groups(ptr addrspace(1) %in, i32 %i, ptr addrspace(1) %out) {
  %d1 = getelementptr i8, ptr addrspace(3) @tile, i32 16
  %s1 = getelementptr i8, ptr addrspace(1) %in, i32 16
  call void @llvm.nvvm.cp.async.ca.shared.global.16(ptr addrspace(3) @tile, ptr addrspace(1) %in)
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.ca.shared.global.16(ptr addrspace(3) %d1, ptr addrspace(1) %s1)
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.wait.group(i32 1)
  %p = getelementptr i32, ptr addrspace(3) @tile, i32 %i

  %v = load i32, ptr addrspace(3) %p
  store i32 %v, ptr addrspace(1) %out
  ret void
}

define ptx_kernel void @twice(ptr addrspace(1) %in) {
  %d = getelementptr i8, ptr addrspace(3) @tile, i32 8
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) @tile, ptr addrspace(1) %in)
  call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %d, ptr addrspace(1) %in)
  ret void
}

define ptx_kernel void @misaligned(ptr addrspace(1) %in) {
  %d = getelementptr i8, ptr addrspace(3) @tile, i32 4
  call void @llvm.nvvm.cp.async.ca.shared.global.8(ptr addrspace(3) %d, ptr addrspace(1) %in)
  ret void
}

define ptx_kernel void @fills(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %d1 = getelementptr i8, ptr addrspace(3) @wide, i32 16
  %d2 = getelementptr i8, ptr addrspace(3) @wide, i32 32
  %a1 = ptrtoint ptr addrspace(3) %d1 to i32
  call void @llvm.nvvm.cp.async.cg.shared.global.16.s(ptr addrspace(3) @wide, ptr addrspace(1) %in, i32 8)
  call void asm sideeffect "cp.async.cg.shared.global [$0], [$1], 16, $2;", "r,l,r"(i32 %a1, ptr addrspace(1) %in, i32 12)
  call void @llvm.nvvm.cp.async.ca.shared.global.8.s(ptr addrspace(3) %d2, ptr addrspace(1) %in, i32 4)
  call void asm sideeffect "cp.async.wait_all;", ""()
  %v = load [10 x i32], ptr addrspace(3) @wide
  store [10 x i32] %v, ptr addrspace(1) %out, align 4
  ret void
}
