; PTX ISA, "Data Movement and Conversion Instructions: shfl.sync". With c = 0x1f
; (0 for up) the segment is the warp:
;   up    j = lane - b, valid if j >= maxLane (0): lanes below b keep their own
;   down  j = lane + b, valid if j <= maxLane (31): lanes above 31 - b keep theirs
;   bfly  j = lane ^ b;  idx  j = b
; A segment mask 0b11000 in c[12:8] (0x181f; 0x1800 for up) cuts the warp in
; segments of eight lanes: idx 3 then gives each lane the third of its segment,
; down 2 stops at lanes 7, 15, 23, 31, up 2 at lanes 0, 8, 16, 24.
; Every lane gives 100 + lane.
;
; DEFINE: %{run} = nsa-emulate %s --block=32 --arg=out:i32:96 --schedule=fifo,lifo,random:5
; RUN: %{run} --kernel=warp --print=0:0:32 --print=0:32:32 --print=0:64:32 | FileCheck %s --check-prefix=WARP
; WARP-COUNT-3: {{^}}arg0: 100 101 102 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 128{{$[[:space:]]}}arg0: 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 128 129 130 131 129 130 131{{$[[:space:]]}}arg0: 105 104 107 106 101 100 103 102 113 112 115 114 109 108 111 110 121 120 123 122 117 116 119 118 129 128 131 130 125 124 127 126{{$}}
; RUN: %{run} --kernel=segments --print=0:0:32 --print=0:32:32 --print=0:64:32 | FileCheck %s --check-prefix=SEGMENTS
; SEGMENTS-COUNT-3: {{^}}arg0: 103 103 103 103 103 103 103 103 111 111 111 111 111 111 111 111 119 119 119 119 119 119 119 119 127 127 127 127 127 127 127 127{{$[[:space:]]}}arg0: 102 103 104 105 106 107 106 107 110 111 112 113 114 115 114 115 118 119 120 121 122 123 122 123 126 127 128 129 130 131 130 131{{$[[:space:]]}}arg0: 100 101 100 101 102 103 104 105 108 109 108 109 110 111 112 113 116 117 116 117 118 119 120 121 124 125 124 125 126 127 128 129{{$}}
;
; The predicate says whether j was in range: down by 3, lanes 29 to 31 are not.
; RUN: %{run} --kernel=predicate --print=0:0:32 | FileCheck %s --check-prefix=PREDICATE
; PREDICATE-COUNT-3: {{^}}arg0: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 0 0{{$}}
;
; Half a warp at a time: the mask names the lanes. Then a lane outside of it is
; read, whose value is undefined.
; RUN: %{run} --kernel=halves --print=0:0:32 | FileCheck %s --check-prefix=HALVES
; HALVES-COUNT-3: {{^}}arg0: 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101 117 117 117 117 117 117 117 117 117 117 117 117 117 117 117 117{{$}}
; RUN: not nsa-emulate %s --block=32 --kernel=foreign --arg=out:i32:32 2>&1 | FileCheck %s --check-prefix=FOREIGN
; FOREIGN: error: divergent-collective: llvm.nvvm.shfl.sync.idx.i32 of lane 0 reads lane 20, which takes no part
; FOREIGN-NEXT: kernel 'foreign', block (0,0,0), thread (0,0,0), at shfl.ll:94{{$}}

target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @warp(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %value = add i32 %lane, 100
  %up = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %value, i32 3, i32 0)
  %down = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %value, i32 3, i32 31)
  %bits = bitcast i32 %value to float
  %bflyf = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %bits, i32 5, i32 31)
  %bfly = bitcast float %bflyf to i32
  call void @put(ptr addrspace(1) %out, i32 0, i32 %up)
  call void @put(ptr addrspace(1) %out, i32 32, i32 %down)
  call void @put(ptr addrspace(1) %out, i32 64, i32 %bfly)
  ret void
}

define ptx_kernel void @segments(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %value = add i32 %lane, 100
  %idx = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %value, i32 3, i32 u0x181f)
  %down = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %value, i32 2, i32 u0x181f)
  %up = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %value, i32 2, i32 u0x1800)
  call void @put(ptr addrspace(1) %out, i32 0, i32 %idx)
  call void @put(ptr addrspace(1) %out, i32 32, i32 %down)
  call void @put(ptr addrspace(1) %out, i32 64, i32 %up)
  ret void
}

define ptx_kernel void @predicate(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %pair = call { i32, i1 } @llvm.nvvm.shfl.sync.down.i32p(i32 -1, i32 %lane, i32 3, i32 31)
  %valid = extractvalue { i32, i1 } %pair, 1
  %number = zext i1 %valid to i32
  call void @put(ptr addrspace(1) %out, i32 0, i32 %number)
  ret void
}

define ptx_kernel void @halves(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %value = add i32 %lane, 100
  %low = icmp ult i32 %lane, 16
  br i1 %low, label %first, label %second
first:
  %a = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 u0xffff, i32 %value, i32 1, i32 31)
  call void @put(ptr addrspace(1) %out, i32 0, i32 %a)
  ret void
second:
  %b = call i32 asm sideeffect "shfl.sync.idx.b32 $0, $1, $2, 0x1f, 0xffff0000;", "=r,r,r"(i32 %value, i32 17)
  call void @put(ptr addrspace(1) %out, i32 0, i32 %b)
  ret void
}

define internal void @put(ptr addrspace(1) %out, i32 %offset, i32 %value) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %index = add i32 %lane, %offset
  %address = getelementptr i32, ptr addrspace(1) %out, i32 %index
  store i32 %value, ptr addrspace(1) %address
  ret void
}

define ptx_kernel void @foreign(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %lane, 16
  br i1 %low, label %first, label %end
first:
  %a = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 u0xffff, i32 %lane, i32 20, i32 31)
  br label %end
end:
  ret void
}
