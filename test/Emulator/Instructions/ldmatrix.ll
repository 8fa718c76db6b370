; PTX ISA, "Warp-level matrix load instruction: ldmatrix". Lanes 8 m to 8 m + 7
; give the addresses of the rows of matrix m. Lane T receives of each matrix the
; two elements of row T / 4 at columns 2 (T % 4) and 2 (T % 4) + 1, the first in
; the lower half; with .trans those of the transposed matrix.
; Element (matrix m, row r, column c) is 64 m + 8 r + c. Lane 5 has row 1 and
; columns 2 and 3: 10 = 0xa and 11 = 0xb, plus 0x40 per matrix. Transposed, these
; are elements (2, 1) and (3, 1): 17 = 0x11 and 25 = 0x19. Lane 31 has row 7 and
; columns 6, 7: 62 and 63; transposed (6, 7) and (7, 7): 55 = 0x37 and 63 = 0x3f.
; Only the addresses of x1's lanes 0 to 7 and x2's lanes 0 to 15 count: all others
; are out of bounds here.
;
; DEFINE: %{run} = nsa-emulate %s --block=32 --arg=out:x32:128 --print=0:20:4 --print=0:124:4 --schedule=fifo,lifo,random:5
; RUN: %{run} --kernel=x4 | FileCheck %s --check-prefix=X4
; X4-COUNT-3: arg0: 0x000b000a 0x004b004a 0x008b008a 0x00cb00ca{{$[[:space:]]}}arg0: 0x003f003e 0x007f007e 0x00bf00be 0x00ff00fe
; RUN: %{run} --kernel=x4_trans | FileCheck %s --check-prefix=TRANS
; RUN: %{run} --kernel=x4_trans_inline | FileCheck %s --check-prefix=TRANS
; TRANS-COUNT-3: arg0: 0x00190011 0x00590051 0x00990091 0x00d900d1{{$[[:space:]]}}arg0: 0x003f0037 0x007f0077 0x00bf00b7 0x00ff00f7
; RUN: %{run} --kernel=x1x2 | FileCheck %s --check-prefix=X1X2
; RUN: %{run} --kernel=x1x2_inline | FileCheck %s --check-prefix=X1X2
; X1X2-COUNT-3: arg0: 0x000b000a 0x000b000a 0x004b004a 0x00590051{{$[[:space:]]}}arg0: 0x003f003e 0x003f003e 0x007f007e 0x007f0077
;
; Rows of 16 bytes side by side fill the 32 banks: ldmatrix has no conflicts. Rows 128 bytes
; apart are all in the same four banks: eight wavefronts instead of one, for each
; of the four matrices, 28 more than necessary.
; RUN: nsa-emulate %s --block=32 --arg=out:x32:128 --kernel=x4 --counters=text | FileCheck %s --check-prefix=DENSE
; There the tile is filled by stores of 2 bytes that are 16 bytes apart: 32 lanes
; on 8 banks, four wavefronts instead of one, eight times.
; DENSE: bank conflicts 24{{$}}
; RUN: nsa-emulate %s --block=32 --arg=out:x32:128 --kernel=conflict --sanitize=fast --counters=text | FileCheck %s --check-prefix=CONFLICT
; CONFLICT: shared accesses (warp) 1{{$}}
; CONFLICT-NEXT: bank conflicts 28{{$}}

target triple = "nvptx64-nvidia-cuda"

@tile = internal addrspace(3) global [256 x i16] undef, align 16
@spread = internal addrspace(3) global [4096 x i8] undef, align 128

define internal ptr addrspace(3) @fill(i32 %lane) {
  %row = getelementptr i8, ptr addrspace(3) @tile, i32 0
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %base = mul i32 %lane, 8
  %index = add i32 %base, %i
  %address = getelementptr i16, ptr addrspace(3) @tile, i32 %index
  %value = trunc i32 %index to i16
  store i16 %value, ptr addrspace(3) %address
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, 8
  br i1 %more, label %loop, label %done
done:
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  %offset = mul i32 %lane, 16
  %result = getelementptr i8, ptr addrspace(3) @tile, i32 %offset
  ret ptr addrspace(3) %result
}

define ptx_kernel void @x4(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %r = call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %row)
  %p = getelementptr { i32, i32, i32, i32 }, ptr addrspace(1) %out, i32 %lane
  store { i32, i32, i32, i32 } %r, ptr addrspace(1) %p
  ret void
}

define ptx_kernel void @x4_trans(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %r = call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3(ptr addrspace(3) %row)
  %p = getelementptr { i32, i32, i32, i32 }, ptr addrspace(1) %out, i32 %lane
  store { i32, i32, i32, i32 } %r, ptr addrspace(1) %p
  ret void
}

define ptx_kernel void @x4_trans_inline(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %address = ptrtoint ptr addrspace(3) %row to i32
  %r = call { i32, i32, i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$0, $1, $2, $3}, [$4];", "=r,=r,=r,=r,r"(i32 %address)
  %p = getelementptr { i32, i32, i32, i32 }, ptr addrspace(1) %out, i32 %lane
  store { i32, i32, i32, i32 } %r, ptr addrspace(1) %p
  ret void
}

define ptx_kernel void @x1x2(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %far = inttoptr i64 1000000 to ptr addrspace(3)
  %one = icmp ult i32 %lane, 8
  %two = icmp ult i32 %lane, 16
  %row1 = select i1 %one, ptr addrspace(3) %row, ptr addrspace(3) %far
  %row2 = select i1 %two, ptr addrspace(3) %row, ptr addrspace(3) %far
  %a = call i32 @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.b16.p3(ptr addrspace(3) %row1)
  %b = call { i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.b16.p3(ptr addrspace(3) %row2)
  %c = call { i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16.p3(ptr addrspace(3) %row2)
  %b0 = extractvalue { i32, i32 } %b, 0
  %b1 = extractvalue { i32, i32 } %b, 1
  %c1 = extractvalue { i32, i32 } %c, 1
  %p = getelementptr [4 x i32], ptr addrspace(1) %out, i32 %lane
  %p1 = getelementptr i32, ptr addrspace(1) %p, i32 1
  %p2 = getelementptr i32, ptr addrspace(1) %p, i32 2
  %p3 = getelementptr i32, ptr addrspace(1) %p, i32 3
  store i32 %a, ptr addrspace(1) %p
  store i32 %b0, ptr addrspace(1) %p1
  store i32 %b1, ptr addrspace(1) %p2
  store i32 %c1, ptr addrspace(1) %p3
  ret void
}

; And x1.trans, of which lane 5 has 0x00190011 (as the first of X4 transposed).
; RUN: nsa-emulate %s --kernel=x1_trans --block=32 --arg=out:x32:64 --print=0:10:2 | FileCheck %s --check-prefix=X1TRANS
; X1TRANS: arg0: 0x00190011 0x00190011
define ptx_kernel void @x1_trans(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %address = ptrtoint ptr addrspace(3) %row to i32
  %a = call i32 @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x1.trans.b16.p3(ptr addrspace(3) %row)
  %b = call i32 asm sideeffect "ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {$0}, [$1];", "=r,r"(i32 %address)
  %p = getelementptr [2 x i32], ptr addrspace(1) %out, i32 %lane
  %v0 = insertvalue [2 x i32] poison, i32 %a, 0
  %v1 = insertvalue [2 x i32] %v0, i32 %b, 1
  store [2 x i32] %v1, ptr addrspace(1) %p
  ret void
}

define ptx_kernel void @x1x2_inline(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = call ptr addrspace(3) @fill(i32 %lane)
  %address = ptrtoint ptr addrspace(3) %row to i32
  %one = icmp ult i32 %lane, 8
  %two = icmp ult i32 %lane, 16
  %row1 = select i1 %one, i32 %address, i32 1000000
  %row2 = select i1 %two, i32 %address, i32 1000000
  %a = call i32 asm sideeffect "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {$0}, [$1];", "=r,r"(i32 %row1)
  %b = call { i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x2.shared.b16 {$0, $1}, [$2];", "=r,=r,r"(i32 %row2)
  %c = call { i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {$0, $1}, [$2];", "=r,=r,r"(i32 %row2)
  %b0 = extractvalue { i32, i32 } %b, 0
  %b1 = extractvalue { i32, i32 } %b, 1
  %c1 = extractvalue { i32, i32 } %c, 1
  %p = getelementptr [4 x i32], ptr addrspace(1) %out, i32 %lane
  %v0 = insertvalue [4 x i32] poison, i32 %a, 0
  %v1 = insertvalue [4 x i32] %v0, i32 %b0, 1
  %v2 = insertvalue [4 x i32] %v1, i32 %b1, 2
  %v3 = insertvalue [4 x i32] %v2, i32 %c1, 3
  store [4 x i32] %v3, ptr addrspace(1) %p
  ret void
}

define ptx_kernel void @conflict(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %offset = mul i32 %lane, 128
  %row = getelementptr i8, ptr addrspace(3) @spread, i32 %offset
  %r = call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %row)
  ret void
}
