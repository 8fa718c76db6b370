; Accesses of every kind, at the edges of what is allowed.
;
; DEFINE: %{in} = '--arg=in:i32:4:values=1;2;3;4'

target triple = "nvptx64-nvidia-cuda"

@tile = internal addrspace(3) global [64 x i32] undef, align 16
@table = internal addrspace(4) constant [4 x i32] [i32 10, i32 20, i32 30, i32 40]
; Only calls through it are refused.
@functions = internal addrspace(1) global [1 x ptr] [ptr @square]

; A pointer may point one past the end, and to nothing.
; RUN: nsa-emulate %s --kernel=one_past %{in} --arg=out:i32:1 --print=1 | FileCheck %s --check-prefix=SUM
; SUM: arg1: 10
; RUN: not nsa-emulate %s --kernel=one_past --arg=in:i32:0 --arg=out:i32:1 2>&1 | FileCheck %s --check-prefix=EMPTY
; EMPTY: error: out-of-bounds: load of 4 bytes 0 bytes past the end of 'arg0'
define ptx_kernel void @one_past(ptr addrspace(1) %p, ptr addrspace(1) %o) {
  %e = getelementptr i32, ptr addrspace(1) %p, i32 4
  br label %loop
loop:
  %q = phi ptr addrspace(1) [ %p, %0 ], [ %n, %loop ]
  %s = phi i32 [ 0, %0 ], [ %t, %loop ]
  %v = load i32, ptr addrspace(1) %q
  %t = add i32 %s, %v
  %n = getelementptr i32, ptr addrspace(1) %q, i32 1
  %c = icmp eq ptr addrspace(1) %n, %e
  br i1 %c, label %done, label %loop
done:
  store i32 %t, ptr addrspace(1) %o
  ret void
}

; i128; a structure, whose padding stays; i8 and i1; a vector at an odd address.
; RUN: nsa-emulate %s --kernel=types %{in} --arg=out:x32:9 --print=1 | FileCheck %s --check-prefix=TYPES
; TYPES: arg1: 0x00000001 0x00000002 0x00000003 0x00000004 0xffffff01 0x00000002 0x00000003 0x02000001 0xffff0000{{$}}
define ptx_kernel void @types(ptr addrspace(1) %p, ptr addrspace(1) %o) {
  %v0 = load i128, ptr addrspace(1) %p, align 16
  store i128 %v0, ptr addrspace(1) %o, align 16
  %v1 = load { i8, i32, [2 x i16] }, ptr addrspace(1) %p
  %o1 = getelementptr i8, ptr addrspace(1) %o, i32 16
  store { i8, i32, [2 x i16] } %v1, ptr addrspace(1) %o1
  %v2 = load i8, ptr addrspace(1) %p
  %o2 = getelementptr i8, ptr addrspace(1) %o, i32 28
  store i8 %v2, ptr addrspace(1) %o2
  %p3 = getelementptr i8, ptr addrspace(1) %p, i32 1
  %v3 = load i1, ptr addrspace(1) %p3
  %o3 = getelementptr i8, ptr addrspace(1) %o, i32 29
  store i1 %v3, ptr addrspace(1) %o3
  %p4 = getelementptr i8, ptr addrspace(1) %p, i32 3
  %v4 = load <2 x i16>, ptr addrspace(1) %p4, align 1
  %o4 = getelementptr i8, ptr addrspace(1) %o, i32 30
  store <2 x i16> %v4, ptr addrspace(1) %o4, align 1
  ret void
}

; From global to shared memory and back; bytes; from constant memory; nothing.
; RUN: nsa-emulate %s --kernel=intrinsics %{in} --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=INTRINSICS
; INTRINSICS: arg1: 0x00000001 0x00000002 0x00000003 0x00000004 0x07070707 0x07070707 0x0000000a 0x00000014{{$}}
; RUN: not nsa-emulate %s --kernel=intrinsics --arg=in:i32:3 --arg=out:x32:8 2>&1 | FileCheck %s --check-prefix=MEMCPY
; MEMCPY: error: out-of-bounds: llvm.memcpy.p3.p1.i64 of 16 bytes at byte 0 of 'arg0', which has 12
define ptx_kernel void @intrinsics(ptr addrspace(1) %p, ptr addrspace(1) %o) {
  call void @llvm.memcpy.p3.p1.i64(ptr addrspace(3) @tile, ptr addrspace(1) %p, i64 16, i1 false)
  call void @llvm.memmove.p1.p3.i64(ptr addrspace(1) %o, ptr addrspace(3) @tile, i64 16, i1 false)
  %q = getelementptr i8, ptr addrspace(1) %o, i32 16
  call void @llvm.memset.p1.i64(ptr addrspace(1) %q, i8 7, i64 8, i1 false)
  %r = getelementptr i8, ptr addrspace(1) %o, i32 24
  call void @llvm.memcpy.p1.p4.i64(ptr addrspace(1) %r, ptr addrspace(4) @table, i64 8, i1 false)
  call void @llvm.memset.p1.i64(ptr addrspace(1) %r, i8 7, i64 0, i1 false)
  ret void
}

; RUN: not nsa-emulate %s --kernel=constant --arg=i32:4 2>&1 | FileCheck %s --check-prefix=CONSTANT
; CONSTANT: error: out-of-bounds: load of 4 bytes 0 bytes past the end of 'table'
define ptx_kernel void @constant(i32 %i) {
  %q = getelementptr i32, ptr addrspace(4) @table, i32 %i
  %v = load volatile i32, ptr addrspace(4) %q
  ret void
}

; An instruction that was in order before is checked all the same.
; DEFINE: %{walk} = nsa-emulate %s --kernel=walk --arg=in:i32:64
; RUN: %{walk} --arg=i32:16 --arg=i32:16
; RUN: not %{walk} --arg=i32:16 --arg=i32:17 2>&1 | FileCheck %s --check-prefix=WALKED
; RUN: not %{walk} --arg=i32:16 --arg=i32:17 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=WALKED
; WALKED: error: out-of-bounds: load of 16 bytes 0 bytes past the end of 'arg0'
; RUN: not %{walk} --arg=i32:20 --arg=i32:2 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=TILTED
; TILTED: error: misaligned: load of 16 bytes at address
; RUN: not %{walk} --arg=i32:-16 --arg=i32:2 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=BEFORE
; BEFORE: error: out-of-bounds: load of 16 bytes 16 bytes before 'arg0'
; RUN: not %{walk} --arg=i32:248 --arg=i32:2 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=STRADDLED
; STRADDLED: error: out-of-bounds: load of 16 bytes at byte 248 of 'arg0', which has 256
; RUN: not nsa-emulate %s --kernel=walk_shared --arg=i32:4 --arg=i32:65 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=WALKED-SHARED
; WALKED-SHARED: error: out-of-bounds: store of 4 bytes at shared memory offset 0x100, outside variable 'tile'
; By one byte.
; RUN: nsa-emulate %s --kernel=walk_bytes --arg=in:i8:256 --arg=i32:252 --sanitize=fast
; RUN: not nsa-emulate %s --kernel=walk_bytes --arg=in:i8:256 --arg=i32:253 --sanitize=fast 2>&1 | FileCheck %s --check-prefix=BYTE
; BYTE: error: out-of-bounds: load of 4 bytes at byte 253 of 'arg0', which has 256
define ptx_kernel void @walk_bytes(ptr addrspace(1) %p, i32 %step) {
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %offset = mul i32 %i, %step
  %q = getelementptr i8, ptr addrspace(1) %p, i32 %offset
  %v = load i32, ptr addrspace(1) %q, align 1
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, 2
  br i1 %more, label %loop, label %end
end:
  ret void
}
define ptx_kernel void @walk(ptr addrspace(1) %p, i32 %step, i32 %n) {
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %offset = mul i32 %i, %step
  %q = getelementptr i8, ptr addrspace(1) %p, i32 %offset
  %v = load <4 x i32>, ptr addrspace(1) %q, align 16
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %end
end:
  ret void
}
define ptx_kernel void @walk_shared(i32 %step, i32 %n) {
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %offset = mul i32 %i, %step
  %q = getelementptr i8, ptr addrspace(3) @tile, i32 %offset
  store i32 %i, ptr addrspace(3) %q
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %end
end:
  ret void
}

; One pointer for three memories.
; RUN: nsa-emulate %s --kernel=generic --block=3 %{in} --arg=out:i32:3 --print=1 | FileCheck %s --check-prefix=GENERIC
; GENERIC: arg1: 1 5 6
define ptx_kernel void @generic(ptr addrspace(1) %p, ptr addrspace(1) %o) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %l = alloca i32
  store i32 5, ptr %l
  %g = addrspacecast ptr addrspace(1) %p to ptr
  %s = addrspacecast ptr addrspace(3) @tile to ptr
  switch i32 %t, label %read [
    i32 1, label %local
    i32 2, label %shared
  ]
local:
  br label %read
shared:
  store i32 6, ptr %s
  br label %read
read:
  %q = phi ptr [ %g, %0 ], [ %l, %local ], [ %s, %shared ]
  %v = load i32, ptr %q
  %r = getelementptr i32, ptr addrspace(1) %o, i32 %t
  store i32 %v, ptr addrspace(1) %r
  ret void
}

; Threads write bytes side by side: no race. Then each reads 16 bytes, of which the
; others wrote 15: one, at the first such byte, unless there is a barrier.
; RUN: nsa-emulate %s --kernel=bytes --block=64 --arg=out:i8:64 --arg=i32:1
; RUN: not nsa-emulate %s --kernel=bytes --block=64 --arg=out:i8:64 --arg=i32:0 2>&1 | FileCheck %s --check-prefix=BYTES
; BYTES: error: data-race: store writes byte 1 of 'arg0', which thread (0,0,0) read; nothing orders the two
; RUN: nsa-emulate %s --kernel=bytes_shared --block=64 --arg=i32:1
; RUN: not nsa-emulate %s --kernel=bytes_shared --block=64 --arg=i32:0 --schedule=lifo 2>&1 | FileCheck %s --check-prefix=SHARED
; SHARED: error: unwritten-shared: load reads shared memory offset 0x30, which nobody has written
define ptx_kernel void @bytes(ptr addrspace(1) %p, i32 %barrier) {
  %g = addrspacecast ptr addrspace(1) %p to ptr
  call void @writeBytes(ptr %g, i32 %barrier)
  ret void
}
define ptx_kernel void @bytes_shared(i32 %barrier) {
  %g = addrspacecast ptr addrspace(3) @tile to ptr
  call void @writeBytes(ptr %g, i32 %barrier)
  ret void
}
define internal void @writeBytes(ptr %p, i32 %barrier) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %byte = trunc i32 %t to i8
  %q = getelementptr i8, ptr %p, i32 %t
  store i8 %byte, ptr %q
  %sync = trunc i32 %barrier to i1
  br i1 %sync, label %meet, label %read
meet:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %read
read:
  %start = and i32 %t, 48
  %r = getelementptr i8, ptr %p, i32 %start
  %v = load volatile i128, ptr %r, align 16
  ret void
}

; All blocks read the same element, and the last one writes it: however many reads
; there were, one is known.
; RUN: not nsa-emulate %s --kernel=many_reads --grid=100 --block=64 --arg=out:i32:1:zero --host-threads=1 2>&1 | FileCheck %s --check-prefix=READS
; READS: error: data-race: store writes byte 0 of 'arg0', which thread ({{[0-9]+}},0,0){{( of block \([0-9]+,0,0\))?}} read; nothing orders the two
; READS-NEXT: kernel 'many_reads', block (99,0,0), thread (0,0,0)
define ptx_kernel void @many_reads(ptr addrspace(1) %p) {
  %v = load volatile i32, ptr addrspace(1) %p
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %last = icmp eq i32 %b, 99
  br i1 %last, label %write, label %end
write:
  store i32 1, ptr addrspace(1) %p
  br label %end
end:
  ret void
}

; Blocks of 1, 4 (in one warp) and 1024 threads; no block.
; RUN: nsa-emulate %s --kernel=shuffle --block=1 --arg=out:i32:4 --arg=i32:0 --print=0 | FileCheck %s --check-prefix=ALONE
; ALONE: arg0: 0 -1 -1 -1
; RUN: nsa-emulate %s --kernel=shuffle --block=4 --arg=out:i32:4 --arg=i32:1 --print=0 | FileCheck %s --check-prefix=FOUR
; FOUR: arg0: 1 0 3 2
; RUN: nsa-emulate %s --kernel=shuffle --block=1024 --arg=out:i32:1024 --arg=i32:1 --print=0:1020 | FileCheck %s --check-prefix=MANY
; MANY: arg0: 1021 1020 1023 1022
; RUN: not nsa-emulate %s --kernel=shuffle --block=5 --arg=out:i32:5 --arg=i32:1 2>&1 | FileCheck %s --check-prefix=FIVE
; FIVE: error: divergent-collective: llvm.nvvm.shfl.sync.bfly.i32 of lane 4 reads lane 5, which takes no part
; RUN: not nsa-emulate %s --kernel=shuffle --grid=0 --block=4 --arg=out:i32:4 --arg=i32:1 2>&1 | FileCheck %s --check-prefix=NONE
; NONE: error: invalid-launch: the grid must be within
define ptx_kernel void @shuffle(ptr addrspace(1) %o, i32 %with) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %s = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 %with, i32 31)
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %r = getelementptr i32, ptr addrspace(1) %o, i32 %t
  store i32 %s, ptr addrspace(1) %r
  ret void
}

; Atomic operations of every kind, in the order of the ISA's table ("atom").
; RUN: nsa-emulate %s --kernel=atomics --arg=out:x32:18:const=6 --print=0 | FileCheck %s --check-prefix=ATOMICS
; 6 + 3, 6 - 3, 6 & 3, 6 | 3, 6 ^ 3; swapped; of 6 and -1: min, max, umin, umax; inc:
; 6 + 1 as long as it is below 9, and dec; compared with 6 and with 5; 0 + 1.5 of f32
; and f64 (their old values were set to 0); f16x2.
; ATOMICS: arg0: 0x00000009 0x00000003 0x00000002 0x00000007 0x00000005 0x00000003 0xffffffff 0x00000006 0x00000006 0xffffffff 0x00000007 0x00000005 0x00000003 0x00000006 0x3fc00000 0x40003c00 0x00000000 0x3ff80000
define ptx_kernel void @atomics(ptr addrspace(1) %p) {
  %p0 = getelementptr i32, ptr addrspace(1) %p, i32 0
  %v0 = atomicrmw add ptr addrspace(1) %p0, i32 3 monotonic
  %p1 = getelementptr i32, ptr addrspace(1) %p, i32 1
  %v1 = atomicrmw sub ptr addrspace(1) %p1, i32 3 monotonic
  %p2 = getelementptr i32, ptr addrspace(1) %p, i32 2
  %v2 = atomicrmw and ptr addrspace(1) %p2, i32 3 monotonic
  %p3 = getelementptr i32, ptr addrspace(1) %p, i32 3
  %v3 = atomicrmw or ptr addrspace(1) %p3, i32 3 monotonic
  %p4 = getelementptr i32, ptr addrspace(1) %p, i32 4
  %v4 = atomicrmw xor ptr addrspace(1) %p4, i32 3 monotonic
  %p5 = getelementptr i32, ptr addrspace(1) %p, i32 5
  %v5 = atomicrmw xchg ptr addrspace(1) %p5, i32 3 monotonic
  %p6 = getelementptr i32, ptr addrspace(1) %p, i32 6
  %v6 = atomicrmw min ptr addrspace(1) %p6, i32 -1 monotonic
  %p7 = getelementptr i32, ptr addrspace(1) %p, i32 7
  %v7 = atomicrmw max ptr addrspace(1) %p7, i32 -1 monotonic
  %p8 = getelementptr i32, ptr addrspace(1) %p, i32 8
  %v8 = atomicrmw umin ptr addrspace(1) %p8, i32 -1 monotonic
  %p9 = getelementptr i32, ptr addrspace(1) %p, i32 9
  %v9 = atomicrmw umax ptr addrspace(1) %p9, i32 -1 monotonic
  %p10 = getelementptr i32, ptr addrspace(1) %p, i32 10
  %v10 = atomicrmw uinc_wrap ptr addrspace(1) %p10, i32 9 monotonic
  %p11 = getelementptr i32, ptr addrspace(1) %p, i32 11
  %v11 = atomicrmw udec_wrap ptr addrspace(1) %p11, i32 9 monotonic
  %p12 = getelementptr i32, ptr addrspace(1) %p, i32 12
  %v12 = cmpxchg ptr addrspace(1) %p12, i32 6, i32 3 monotonic monotonic
  %p13 = getelementptr i32, ptr addrspace(1) %p, i32 13
  %v13 = cmpxchg ptr addrspace(1) %p13, i32 5, i32 3 monotonic monotonic
  %p14 = getelementptr i32, ptr addrspace(1) %p, i32 14
  store float 0.0, ptr addrspace(1) %p14
  %v14 = atomicrmw fadd ptr addrspace(1) %p14, float 1.5 monotonic
  %p15 = getelementptr i32, ptr addrspace(1) %p, i32 15
  store i32 0, ptr addrspace(1) %p15
  %v15 = atomicrmw fadd ptr addrspace(1) %p15, <2 x half> <half 1.0, half 2.0> monotonic
  %p16 = getelementptr i32, ptr addrspace(1) %p, i32 16
  store double 0.0, ptr addrspace(1) %p16
  %v16 = atomicrmw fadd ptr addrspace(1) %p16, double 1.5 monotonic
  ret void
}

; Refused by name.
; RUN: not nsa-emulate %s --kernel=indirect 2>&1 | FileCheck %s --check-prefix=INDIRECT
; INDIRECT: kernel 'indirect': an indirect call is not modelled (memory.ll:[[# @LINE + 3]])
define ptx_kernel void @indirect() {
  %f = load ptr, ptr addrspace(1) @functions
  %v = call i32 %f(i32 1)
  ret void
}
; RUN: not nsa-emulate %s --kernel=recursion --arg=i32:3 2>&1 | FileCheck %s --check-prefix=RECURSION
; RECURSION: kernel 'recursion': recursion of 'even' is not modelled (memory.ll:[[# @LINE + 2]])
define ptx_kernel void @recursion(i32 %n) {
  %v = call i1 @even(i32 %n)
  ret void
}
; RUN: not nsa-emulate %s --kernel=varying --arg=i32:3 2>&1 | FileCheck %s --check-prefix=VARYING
; VARYING: kernel 'varying': a local variable of varying size or in a loop is not modelled (memory.ll:[[# @LINE + 2]])
define ptx_kernel void @varying(i32 %n) {
  %a = alloca i32, i32 %n
  store volatile i32 1, ptr %a
  ret void
}
; RUN: not nsa-emulate %s --kernel=looped --arg=i32:3 2>&1 | FileCheck %s --check-prefix=LOOPED
; LOOPED: kernel 'looped': a local variable of varying size or in a loop is not modelled (memory.ll:[[# @LINE + 4]])
define ptx_kernel void @looped(i32 %n) {
  br label %loop
loop:
  %a = alloca i32
  %v = load volatile i32, ptr %a
  %more = icmp eq i32 %v, %n
  br i1 %more, label %loop, label %end
end:
  ret void
}

define internal i32 @square(i32 %x) {
  %y = mul i32 %x, %x
  ret i32 %y
}
define internal i1 @even(i32 %n) {
  %zero = icmp eq i32 %n, 0
  br i1 %zero, label %yes, label %recurse
yes:
  ret i1 true
recurse:
  %m = sub i32 %n, 1
  %o = call i1 @odd(i32 %m)
  ret i1 %o
}
define internal i1 @odd(i32 %n) {
  %e = call i1 @even(i32 %n)
  %o = xor i1 %e, true
  ret i1 %o
}
