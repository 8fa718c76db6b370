; 32 banks of 4 bytes. Wavefronts beyond the necessary ones, of one warp:
;   4 bytes, stride 4: 32 banks, none. Stride 8: two words per bank, 1. Stride
;   128: all in one bank, 31. Stride 0: one word for all, none.
;   8 bytes in two halves: stride 8 fills the banks, none; stride 16: 16 lanes on
;   16 banks, two words each, 1 per half: 2.
;   16 bytes in four quarters: stride 16, none; stride 128: 8 lanes on the same
;   four banks, 7 per quarter: 28.
; DEFINE: %{run} = nsa-emulate %s --block=32 --counters=json --sanitize=fast
; RUN: %{run} --kernel=words --arg=i32:4 | FileCheck %s --check-prefix=NONE
; RUN: %{run} --kernel=words --arg=i32:8 | FileCheck %s --check-prefix=ONE
; RUN: %{run} --kernel=words --arg=i32:128 | FileCheck %s --check-prefix=ALL
; RUN: %{run} --kernel=words --arg=i32:0 | FileCheck %s --check-prefix=NONE
; RUN: %{run} --kernel=pairs --arg=i32:8 | FileCheck %s --check-prefix=NONE
; RUN: %{run} --kernel=pairs --arg=i32:16 | FileCheck %s --check-prefix=TWO
; RUN: %{run} --kernel=quads --arg=i32:16 | FileCheck %s --check-prefix=NONE
; RUN: %{run} --kernel=quads --arg=i32:128 | FileCheck %s --check-prefix=QUARTERS
; NONE: "shared_accesses":1,"bank_conflicts":0}
; ONE: "shared_accesses":1,"bank_conflicts":1}
; TWO: "shared_accesses":1,"bank_conflicts":2}
; ALL: "shared_accesses":1,"bank_conflicts":31}
; QUARTERS: "shared_accesses":1,"bank_conflicts":28}

target triple = "nvptx64-nvidia-cuda"

@tile = internal addrspace(3) global [4096 x i8] undef, align 128

define internal ptr addrspace(3) @at(i32 %stride) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %i = mul i32 %t, %stride
  %p = getelementptr i8, ptr addrspace(3) @tile, i32 %i
  ret ptr addrspace(3) %p
}

define ptx_kernel void @words(i32 %stride) {
  %p = call ptr addrspace(3) @at(i32 %stride)
  %v = load volatile i32, ptr addrspace(3) %p
  ret void
}

define ptx_kernel void @pairs(i32 %stride) {
  %p = call ptr addrspace(3) @at(i32 %stride)
  %v = load volatile <2 x i32>, ptr addrspace(3) %p
  ret void
}

define ptx_kernel void @quads(i32 %stride) {
  %p = call ptr addrspace(3) @at(i32 %stride)
  %v = load volatile <4 x i32>, ptr addrspace(3) %p
  ret void
}
