; Offsets beyond 2^31 elements, in address space without memory behind it: 5e9
; floats, one written every 2^27 elements by 32 threads.
; RUN: nsa-emulate %s --kernel=strided --block=32 --arg=sparse:f32:5000000000 --arg=i64:134217728 --print=0:0:4:134217728 --print=0:4160749568:1 --counters=json | FileCheck %s
; CHECK: arg0: 0 1 2 3{{$}}
; CHECK-NEXT: arg0: 31{{$}}
; CHECK-NEXT: "global_bytes_written":128,"global_bytes_written_distinct":128
; One thread too many is found at its byte.
; RUN: not nsa-emulate %s --kernel=strided --block=64 --arg=sparse:f32:5000000000 --arg=i64:134217728 2>&1 | FileCheck %s --check-prefix=PAST
; PAST: error: out-of-bounds: store of 4 bytes 401094656 bytes past the end of 'arg0'
; PAST-NEXT: thread (38,0,0)
; An index computed in 32 bits goes astray: 16 * 2^27 is -2^31 there.
; RUN: not nsa-emulate %s --kernel=narrow --block=32 --arg=sparse:f32:5000000000 --arg=i32:134217728 2>&1 | FileCheck %s --check-prefix=NARROW
; NARROW: error: out-of-bounds: store of 4 bytes 8589934592 bytes before 'arg0'
; NARROW-NEXT: thread (16,0,0)

; Elements can be given, and only some of the grid's blocks run.
; RUN: nsa-emulate %s --kernel=blocks --grid=2000000000 --blocks=1999999998:5 --arg=sparse:f32:2000000001:at=1999999998@7 --print=0:1999999997:4 | FileCheck %s --check-prefix=BLOCKS
; BLOCKS: arg0: 0 8 1 0{{$}}
; RUN: not nsa-emulate %s --kernel=blocks --blocks=1 --arg=sparse:f32:1 2>&1 | FileCheck %s --check-prefix=BADBLOCKS
; BADBLOCKS: nsa-emulate: --blocks is FIRST:COUNT
; RUN: not nsa-emulate %s --kernel=blocks --arg=sparse:f32:1:iota 2>&1 | FileCheck %s --check-prefix=BADINIT
; BADINIT: nsa-emulate: 'sparse:f32:1:iota' would need memory for all of it

target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @blocks(ptr addrspace(1) %p) {
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %i = zext i32 %b to i64
  %q = getelementptr float, ptr addrspace(1) %p, i64 %i
  %v = load float, ptr addrspace(1) %q
  %w = fadd float %v, 1.0
  store float %w, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @strided(ptr addrspace(1) %p, i64 %stride) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %wide = zext i32 %t to i64
  %i = mul i64 %wide, %stride
  %q = getelementptr float, ptr addrspace(1) %p, i64 %i
  %v = uitofp i32 %t to float
  store float %v, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @narrow(ptr addrspace(1) %p, i32 %stride) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %i = mul i32 %t, %stride
  %q = getelementptr float, ptr addrspace(1) %p, i32 %i
  %v = uitofp i32 %t to float
  store float %v, ptr addrspace(1) %q
  ret void
}
