; One planted error of each class, and the report that it gets.

target triple = "nvptx64-nvidia-cuda"

@tile = internal addrspace(3) global [64 x i32] undef, align 4
@other = internal addrspace(3) global [64 x i32] undef, align 16
@dynamic = external addrspace(3) global [0 x i8], align 16

; RUN: not nsa-emulate %s --kernel=past_end --block=32 --arg=out:i32:31 2>&1 | FileCheck %s --check-prefix=PAST
; PAST: error: out-of-bounds: store of 4 bytes 0 bytes past the end of 'arg0'
; PAST-NEXT: kernel 'past_end', block (0,0,0), thread (31,0,0), at errors.ll:[[# @LINE + 4]]{{$}}
define ptx_kernel void @past_end(ptr addrspace(1) %p) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(1) %p, i32 %t
  store i32 %t, ptr addrspace(1) %q
  ret void
}

; The last bytes are within, the access is not.
; RUN: not nsa-emulate %s --kernel=straddle --arg=out:i8:10 2>&1 | FileCheck %s --check-prefix=STRADDLE
; STRADDLE: error: out-of-bounds: load of 4 bytes at byte 8 of 'arg0', which has 10
define ptx_kernel void @straddle(ptr %p) {
  %q = getelementptr i8, ptr %p, i32 8
  %v = load volatile i32, ptr %q
  ret void
}

; Within the block's memory, but not within the variable.
; RUN: not nsa-emulate %s --kernel=variable --block=65 2>&1 | FileCheck %s --check-prefix=VARIABLE
; VARIABLE: error: out-of-bounds: store of 4 bytes at shared memory offset 0x100, outside variable 'tile' at [0x0, 0x100)
; VARIABLE-NEXT: thread (64,0,0), at errors.ll:[[# @LINE + 4]]{{$}}
define ptx_kernel void @variable() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  store i32 %t, ptr addrspace(3) %q
  %r = getelementptr i32, ptr addrspace(3) @other, i32 0
  store atomic i32 %t, ptr addrspace(3) %r monotonic, align 4
  ret void
}

; RUN: nsa-emulate %s --kernel=dynamic_size --block=32 --shared=128
; RUN: not nsa-emulate %s --kernel=dynamic_size --block=32 --shared=124 2>&1 | FileCheck %s --check-prefix=DYNAMIC
; DYNAMIC: error: out-of-bounds: store of 4 bytes at shared memory offset 0x7C, outside the block's 124 bytes
define ptx_kernel void @dynamic_size() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(3) @dynamic, i32 %t
  store i32 %t, ptr addrspace(3) %q
  ret void
}

; RUN: not nsa-emulate %s --kernel=local 2>&1 --arg=i32:4 | FileCheck %s --check-prefix=LOCAL
; LOCAL: error: out-of-bounds: store of 4 bytes at byte 16 of a local variable, which has 16
define ptx_kernel void @local(i32 %i) {
  %a = alloca [4 x i32]
  %q = getelementptr i32, ptr %a, i32 %i
  store volatile i32 1, ptr %q
  ret void
}

; RUN: not nsa-emulate %s --kernel=misaligned --arg=out:i32:8 2>&1 | FileCheck %s --check-prefix=MISALIGNED
; MISALIGNED: error: misaligned: load of 16 bytes at address 0x{{.*}}, which is not a multiple of 16
; MISALIGNED-NEXT: kernel 'misaligned', block (0,0,0), thread (0,0,0), at errors.ll:[[# @LINE + 3]]{{$}}
define ptx_kernel void @misaligned(ptr addrspace(1) %p) {
  %q = getelementptr i32, ptr addrspace(1) %p, i32 1
  %v = load volatile <4 x i32>, ptr addrspace(1) %q, align 16
  ret void
}

; RUN: not nsa-emulate %s --kernel=past_end --block=32 --arg=in:i32:32 2>&1 | FileCheck %s --check-prefix=INPUT
; INPUT: error: write-to-input: store of 4 bytes to byte 0 of the input 'arg0'

; RUN: not nsa-emulate %s --kernel=unwritten --block=64 2>&1 | FileCheck %s --check-prefix=UNWRITTEN
; UNWRITTEN: error: unwritten-shared: load reads shared memory offset 0x4, which nobody has written
; UNWRITTEN-NEXT: kernel 'unwritten', block (0,0,0), thread (1,0,0), at errors.ll:[[# @LINE + 10]]{{$}}
define ptx_kernel void @unwritten() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %even = and i32 %t, u0xfffffffe
  %q = getelementptr i32, ptr addrspace(3) @tile, i32 %even
  %odd = and i32 %t, 1
  %r = getelementptr i32, ptr addrspace(3) %q, i32 %odd
  %isodd = trunc i32 %odd to i1
  br i1 %isodd, label %read, label %write
read:
  %v = load volatile i32, ptr addrspace(3) %r
  ret void
write:
  store i32 1, ptr addrspace(3) %q
  ret void
}

; The second write does not wait until the other warp has read.
; RUN: not nsa-emulate %s --kernel=race --block=64 2>&1 | FileCheck %s --check-prefix=RACE
; RACE: error: data-race: load reads shared memory offset 0xFC, which thread (63,0,0) wrote; nothing orders the two
; RACE-NEXT: kernel 'race', block (0,0,0), thread (31,0,0), at errors.ll:[[# @LINE + 9]]{{$}}
; RACE-NEXT: note: the other access: store, errors.ll:[[# @LINE + 9]]{{$}}
define ptx_kernel void @race() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  store i32 %t, ptr addrspace(3) %q
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %u = xor i32 %t, 32
  %r = getelementptr i32, ptr addrspace(3) @tile, i32 %u
  %v = load volatile i32, ptr addrspace(3) %r
  store i32 %v, ptr addrspace(3) %q
  ret void
}

; A shuffle does not order accesses, even within a warp.
; RUN: not nsa-emulate %s --kernel=shuffle_race --block=32 2>&1 | FileCheck %s --check-prefix=SHUFFLE
; SHUFFLE: error: data-race: load reads shared memory offset 0x{{.*}}, which thread ({{.*}},0,0) wrote; nothing orders the two
define ptx_kernel void @shuffle_race() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  store i32 %t, ptr addrspace(3) %q
  %s = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 1, i32 31)
  %r = getelementptr i32, ptr addrspace(3) @tile, i32 %s
  %v = load volatile i32, ptr addrspace(3) %r
  ret void
}

; Blocks are not ordered, whatever they wait for.
; RUN: not nsa-emulate %s --kernel=blocks --grid=2 --arg=out:i32:1 --host-threads=1 2>&1 | FileCheck %s --check-prefix=BLOCKS
; BLOCKS: error: data-race: store writes byte 0 of 'arg0', which thread (0,0,0) of block (0,0,0) wrote; nothing orders the two
; BLOCKS-NEXT: kernel 'blocks', block (1,0,0), thread (0,0,0), at errors.ll:[[# @LINE + 3]]{{$}}
define ptx_kernel void @blocks(ptr addrspace(1) %p) {
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  store i32 1, ptr addrspace(1) %p
  ret void
}

; Atomics are, with fences or orderings of their own.
; RUN: nsa-emulate %s --kernel=atomic --grid=3 --arg=out:i32:4:zero --print=0 --schedule=fifo,lifo | FileCheck %s --check-prefix=ATOMIC
; ATOMIC-COUNT-2: arg0: 3 1 1 1
; RUN: not nsa-emulate %s --kernel=relaxed --grid=3 --arg=out:i32:4:zero --host-threads=1 2>&1 | FileCheck %s --check-prefix=RELAXED
; RELAXED: error: data-race: load reads byte 4 of 'arg0', which thread (0,0,0) of block (0,0,0) wrote
define ptx_kernel void @atomic(ptr addrspace(1) %p) {
  call void @sum(ptr addrspace(1) %p, i1 true)
  ret void
}
define ptx_kernel void @relaxed(ptr addrspace(1) %p) {
  call void @sum(ptr addrspace(1) %p, i1 false)
  ret void
}
; Each block writes its element; the last to count reads all.
define internal void @sum(ptr addrspace(1) %p, i1 %fences) {
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %i = add i32 %b, 1
  %q = getelementptr i32, ptr addrspace(1) %p, i32 %i
  store i32 1, ptr addrspace(1) %q
  br i1 %fences, label %fence, label %count
fence:
  call void @llvm.nvvm.membar.gl()
  br label %count
count:
  %n = atomicrmw add ptr addrspace(1) %p, i32 1 monotonic
  br i1 %fences, label %fence2, label %check
fence2:
  fence syncscope("device") acq_rel
  br label %check
check:
  %last = icmp eq i32 %n, 2
  br i1 %last, label %read, label %end
read:
  %e = getelementptr i32, ptr addrspace(1) %p, i32 1
  %v = load volatile i32, ptr addrspace(1) %e
  br label %end
end:
  ret void
}

; RUN: not nsa-emulate %s --kernel=divergent --block=32 2>&1 | FileCheck %s --check-prefix=DIVERGENT
; DIVERGENT: error: divergent-collective: lanes that wait for each other are at different collectives: llvm.nvvm.vote.ballot.sync with mask 0xFFFFFFFF
; DIVERGENT-NEXT: kernel 'divergent', block (0,0,0), thread ({{[0-9]+}},0,0), at errors.ll:{{[0-9]+}}
; DIVERGENT-NEXT: note: thread (0,0,0) is at llvm.nvvm.vote.all.sync with mask 0xFFFFFFFF, errors.ll:[[# @LINE + 6]]{{$}}
define ptx_kernel void @divergent() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %a, label %b
a:
  %x = call i1 @llvm.nvvm.vote.all.sync(i32 -1, i1 true)
  ret void
b:
  %y = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 true)
  ret void
}

; RUN: not nsa-emulate %s --kernel=exited --block=32 2>&1 | FileCheck %s --check-prefix=EXITED
; EXITED: error: divergent-collective: llvm.nvvm.bar.warp.sync waits for lane 7, which has exited
; EXITED-NEXT: kernel 'exited', block (0,0,0), thread (0,0,0), at errors.ll:[[# @LINE + 7]]{{$}}
; EXITED-NEXT: note: thread (7,0,0) has exited
define ptx_kernel void @exited() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %seven = icmp eq i32 %t, 7
  br i1 %seven, label %end, label %sync
sync:
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  br label %end
end:
  ret void
}

; RUN: not nsa-emulate %s --kernel=deadlock --block=64 2>&1 | FileCheck %s --check-prefix=DEADLOCK
; DEADLOCK: error: barrier-deadlock: no thread can run
; DEADLOCK-NEXT: kernel 'deadlock', block (0,0,0), thread (0,0,0), at errors.ll:[[# @LINE + 8]]{{$}}
; DEADLOCK-NEXT: note: threads (0,0,0) to (31,0,0) at barrier 1, where 32 of 64 arrived, errors.ll:[[# @LINE + 7]]{{$}}
; DEADLOCK-NEXT: note: threads (32,0,0) to (63,0,0) at barrier 2, where 32 of 64 arrived, errors.ll:[[# @LINE + 9]]{{$}}
define ptx_kernel void @deadlock() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 32
  br i1 %low, label %a, label %b
a:
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 1, i32 64)
  ret void
b:
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 2, i32 64)
  ret void
}

; A barrier is no counter: the same threads may not stand for others.
; RUN: not nsa-emulate %s --kernel=arrives_twice --block=64 2>&1 | FileCheck %s --check-prefix=TWICE
; TWICE: error: barrier-deadlock: arrives at barrier 1 again before that is complete: 1 of 64 arrived
; TWICE-NEXT: kernel 'arrives_twice', block (0,0,0), thread (0,0,0), at errors.ll:[[# @LINE + 3]]{{$}}
define ptx_kernel void @arrives_twice() {
  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 1, i32 64)
  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 1, i32 64)
  ret void
}

; RUN: not nsa-emulate %s --kernel=warp_divergent_barrier --block=32 2>&1 | FileCheck %s --check-prefix=ALIGNED
; ALIGNED: error: divergent-collective: threads of a warp are at different barrier instructions
define ptx_kernel void @warp_divergent_barrier() {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %a, label %b
a:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  ret void
b:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  ret void
}

; RUN: not nsa-emulate %s --kernel=spin --arg=out:i32:1:zero --spin-limit=10000 2>&1 | FileCheck %s --check-prefix=SPIN
; SPIN: error: livelock: the block's threads only repeat atomic or volatile accesses
define ptx_kernel void @spin(ptr addrspace(1) %p) {
  br label %loop
loop:
  %v = load atomic i32, ptr addrspace(1) %p monotonic, align 4
  %zero = icmp eq i32 %v, 0
  br i1 %zero, label %loop, label %end
end:
  ret void
}

; RUN: not nsa-emulate %s --kernel=trap 2>&1 | FileCheck %s --check-prefix=TRAP
; TRAP: error: trap: the kernel trapped
define ptx_kernel void @trap() {
  call void @llvm.trap()
  unreachable
}

; RUN: not nsa-emulate %s --kernel=spin --block=2048 --arg=out:i32:1 2>&1 | FileCheck %s --check-prefix=LAUNCH
; RUN: not nsa-emulate %s --kernel=spin --block=2147483648,2147483648,4 --arg=out:i32:1 2>&1 | FileCheck %s --check-prefix=LAUNCH
; LAUNCH: error: invalid-launch: a block has 1 to 1024 threads
; LAUNCH-NEXT: kernel 'spin'{{$}}

; What is not modelled is refused by name.
; RUN: not nsa-emulate %s --kernel=unknown_intrinsic 2>&1 | FileCheck %s --check-prefix=INTRINSIC
; INTRINSIC: kernel 'unknown_intrinsic': llvm.nvvm.cp.async.bulk.commit.group is not modelled (errors.ll:[[# @LINE + 2]])
define ptx_kernel void @unknown_intrinsic() {
  call void @llvm.nvvm.cp.async.bulk.commit.group()
  ret void
}
; RUN: not nsa-emulate %s --kernel=unknown_ptx 2>&1 | FileCheck %s --check-prefix=PTX
; PTX: kernel 'unknown_ptx': inline PTX "wgmma.fence.sync.aligned;" is not modelled (errors.ll:[[# @LINE + 2]])
define ptx_kernel void @unknown_ptx() {
  call void asm sideeffect "wgmma.fence.sync.aligned;", ""()
  ret void
}
; RUN: not nsa-emulate %s --kernel=unknown_function 2>&1 | FileCheck %s --check-prefix=FUNCTION
; FUNCTION: kernel 'unknown_function': the function '__nv_j0f' is not modelled
declare float @__nv_j0f(float)
define ptx_kernel void @unknown_function() {
  %x = call float @__nv_j0f(float 1.0)
  ret void
}
