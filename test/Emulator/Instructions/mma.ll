; PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type". With
; group = lane / 4 and member = lane % 4:
;   A: a0 a1 (row group, columns 2 member + 0 1), a2 a3 (row group + 8),
;      a4 a5 (row group, columns + 8), a6 a7 (row group + 8, columns + 8)
;   B: b0 b1 (rows 2 member + 0 1, column group), b2 b3 (rows + 8)
;   C: c0 c1 (row group, columns 2 member + 0 1), c2 c3 (row group + 8)
; Block p has one element a_p = 3 and the element of B that it meets, p + 2:
;   p  a in lane  A[row][k]  b in lane    B[k][column]  D[row][column] in
;   0  30         A[7][4]    10 as b0     B[4][2]       lane 29 as c0
;   1   5         A[1][3]    13 as b1     B[3][3]       lane  5 as c1
;   2   5         A[9][2]    25 as b0     B[2][6]       lane  7 as c2
;   3   5         A[9][3]    13 as b1     B[3][3]       lane  5 as c3
;   4   5         A[1][10]   25 as b2     B[10][6]      lane  7 as c0
;   5   5         A[1][11]   13 as b3     B[11][3]      lane  5 as c1
;   6   5         A[9][10]   25 as b2     B[10][6]      lane  7 as c2
;   7   5         A[9][11]   13 as b3     B[11][3]      lane  5 as c3
; and block 0 has C[12][6] = 100 in lane 19 as c2.
;
; DEFINE: %{a} = 240@3;297@3;554@3;811@3;1068@3;1325@3;1582@3;1839@3
; DEFINE: %{b} = 40@2;181@3;356@4;437@5;614@6;695@7;870@8;951@9
; DEFINE: %{run} = nsa-emulate %s --grid=8 --block=32 --print-nonzero=3 --schedule=fifo,lifo,random:3
; RUN: %{run} --kernel=bf16 '--arg=in:bf16:2048:at=%{a}' '--arg=in:bf16:1024:at=%{b}' --arg=in:f32:1024:at=78@100 --arg=out:f32:1024 | FileCheck %s
; RUN: %{run} --kernel=f16 '--arg=in:f16:2048:at=%{a}' '--arg=in:f16:1024:at=%{b}' --arg=in:f32:1024:at=78@100 --arg=out:f32:1024 | FileCheck %s
; RUN: %{run} --kernel=inline_f16 '--arg=in:f16:2048:at=%{a}' '--arg=in:f16:1024:at=%{b}' --arg=in:f32:1024:at=78@100 --arg=out:f32:1024 | FileCheck %s
; RUN: %{run} --kernel=inline '--arg=in:bf16:2048:at=%{a}' '--arg=in:bf16:1024:at=%{b}' --arg=in:f32:1024:at=78@100 --arg=out:f32:1024 | FileCheck %s
;
; CHECK-COUNT-3: arg3: [78]=100 [116]=6 [149]=9 [286]=12 [407]=15 [540]=18 [661]=21 [798]=24 [919]=27{{$}}
;
; RUN: not nsa-emulate %s --kernel=bf16 --block=16 --arg=in:bf16:2048 --arg=in:bf16:1024 --arg=in:f32:1024 --arg=out:f32:1024 2>&1 | FileCheck %s --check-prefix=PARTIAL
; PARTIAL: error: divergent-collective: llvm.nvvm.mma.m16n8k16.row.col.bf16 in a warp of fewer than 32 threads

target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @bf16(ptr addrspace(1) %pa, ptr addrspace(1) %pb, ptr addrspace(1) %pc, ptr addrspace(1) %pd) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %base = shl i32 %block, 5
  %i = add i32 %base, %lane
  %qa = getelementptr <4 x i32>, ptr addrspace(1) %pa, i32 %i
  %qb = getelementptr <2 x i32>, ptr addrspace(1) %pb, i32 %i
  %qc = getelementptr <4 x float>, ptr addrspace(1) %pc, i32 %i
  %qd = getelementptr { float, float, float, float }, ptr addrspace(1) %pd, i32 %i
  %a = load <4 x i32>, ptr addrspace(1) %qa
  %b = load <2 x i32>, ptr addrspace(1) %qb
  %c = load <4 x float>, ptr addrspace(1) %qc
  %a0 = extractelement <4 x i32> %a, i32 0
  %a1 = extractelement <4 x i32> %a, i32 1
  %a2 = extractelement <4 x i32> %a, i32 2
  %a3 = extractelement <4 x i32> %a, i32 3
  %b0 = extractelement <2 x i32> %b, i32 0
  %b1 = extractelement <2 x i32> %b, i32 1
  %c0 = extractelement <4 x float> %c, i32 0
  %c1 = extractelement <4 x float> %c, i32 1
  %c2 = extractelement <4 x float> %c, i32 2
  %c3 = extractelement <4 x float> %c, i32 3
  %d = call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.bf16(i32 %a0, i32 %a1, i32 %a2, i32 %a3, i32 %b0, i32 %b1, float %c0, float %c1, float %c2, float %c3)
  store { float, float, float, float } %d, ptr addrspace(1) %qd
  ret void
}

define ptx_kernel void @f16(ptr addrspace(1) %pa, ptr addrspace(1) %pb, ptr addrspace(1) %pc, ptr addrspace(1) %pd) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %base = shl i32 %block, 5
  %i = add i32 %base, %lane
  %qa = getelementptr [4 x <2 x half>], ptr addrspace(1) %pa, i32 %i
  %qa1 = getelementptr <2 x half>, ptr addrspace(1) %qa, i32 1
  %qa2 = getelementptr <2 x half>, ptr addrspace(1) %qa, i32 2
  %qa3 = getelementptr <2 x half>, ptr addrspace(1) %qa, i32 3
  %qb = getelementptr [2 x <2 x half>], ptr addrspace(1) %pb, i32 %i
  %qb1 = getelementptr <2 x half>, ptr addrspace(1) %qb, i32 1
  %qc = getelementptr <4 x float>, ptr addrspace(1) %pc, i32 %i
  %qd = getelementptr { float, float, float, float }, ptr addrspace(1) %pd, i32 %i
  %a0 = load <2 x half>, ptr addrspace(1) %qa
  %a1 = load <2 x half>, ptr addrspace(1) %qa1
  %a2 = load <2 x half>, ptr addrspace(1) %qa2
  %a3 = load <2 x half>, ptr addrspace(1) %qa3
  %b0 = load <2 x half>, ptr addrspace(1) %qb
  %b1 = load <2 x half>, ptr addrspace(1) %qb1
  %c = load <4 x float>, ptr addrspace(1) %qc
  %c0 = extractelement <4 x float> %c, i32 0
  %c1 = extractelement <4 x float> %c, i32 1
  %c2 = extractelement <4 x float> %c, i32 2
  %c3 = extractelement <4 x float> %c, i32 3
  %d = call { float, float, float, float } @llvm.nvvm.mma.m16n8k16.row.col.f32.f32(<2 x half> %a0, <2 x half> %a1, <2 x half> %a2, <2 x half> %a3, <2 x half> %b0, <2 x half> %b1, float %c0, float %c1, float %c2, float %c3)
  store { float, float, float, float } %d, ptr addrspace(1) %qd
  ret void
}

; The accumulators are tied to the results, as CUDA C++ writes them.
define ptx_kernel void @inline(ptr addrspace(1) %pa, ptr addrspace(1) %pb, ptr addrspace(1) %pc, ptr addrspace(1) %pd) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %base = shl i32 %block, 5
  %i = add i32 %base, %lane
  %qa = getelementptr <4 x i32>, ptr addrspace(1) %pa, i32 %i
  %qb = getelementptr <2 x i32>, ptr addrspace(1) %pb, i32 %i
  %qc = getelementptr <4 x float>, ptr addrspace(1) %pc, i32 %i
  %qd = getelementptr { float, float, float, float }, ptr addrspace(1) %pd, i32 %i
  %a = load <4 x i32>, ptr addrspace(1) %qa
  %b = load <2 x i32>, ptr addrspace(1) %qb
  %c = load <4 x float>, ptr addrspace(1) %qc
  %a0 = extractelement <4 x i32> %a, i32 0
  %a1 = extractelement <4 x i32> %a, i32 1
  %a2 = extractelement <4 x i32> %a, i32 2
  %a3 = extractelement <4 x i32> %a, i32 3
  %b0 = extractelement <2 x i32> %b, i32 0
  %b1 = extractelement <2 x i32> %b, i32 1
  %c0 = extractelement <4 x float> %c, i32 0
  %c1 = extractelement <4 x float> %c, i32 1
  %c2 = extractelement <4 x float> %c, i32 2
  %c3 = extractelement <4 x float> %c, i32 3
  %d = call { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %a0, i32 %a1, i32 %a2, i32 %a3, i32 %b0, i32 %b1, float %c0, float %c1, float %c2, float %c3)
  store { float, float, float, float } %d, ptr addrspace(1) %qd
  ret void
}

define ptx_kernel void @inline_f16(ptr addrspace(1) %pa, ptr addrspace(1) %pb, ptr addrspace(1) %pc, ptr addrspace(1) %pd) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %base = shl i32 %block, 5
  %i = add i32 %base, %lane
  %qa = getelementptr <4 x i32>, ptr addrspace(1) %pa, i32 %i
  %qb = getelementptr <2 x i32>, ptr addrspace(1) %pb, i32 %i
  %qc = getelementptr <4 x float>, ptr addrspace(1) %pc, i32 %i
  %qd = getelementptr { float, float, float, float }, ptr addrspace(1) %pd, i32 %i
  %a = load <4 x i32>, ptr addrspace(1) %qa
  %b = load <2 x i32>, ptr addrspace(1) %qb
  %c = load <4 x float>, ptr addrspace(1) %qc
  %a0 = extractelement <4 x i32> %a, i32 0
  %a1 = extractelement <4 x i32> %a, i32 1
  %a2 = extractelement <4 x i32> %a, i32 2
  %a3 = extractelement <4 x i32> %a, i32 3
  %b0 = extractelement <2 x i32> %b, i32 0
  %b1 = extractelement <2 x i32> %b, i32 1
  %c0 = extractelement <4 x float> %c, i32 0
  %c1 = extractelement <4 x float> %c, i32 1
  %c2 = extractelement <4 x float> %c, i32 2
  %c3 = extractelement <4 x float> %c, i32 3
  %d = call { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %a0, i32 %a1, i32 %a2, i32 %a3, i32 %b0, i32 %b1, float %c0, float %c1, float %c2, float %c3)
  store { float, float, float, float } %d, ptr addrspace(1) %qd
  ret void
}
