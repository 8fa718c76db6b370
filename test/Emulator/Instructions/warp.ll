; Votes, matches, reductions, activemask and lane masks.
;
; PTX ISA, "vote.sync": all, any, uni (all agree), ballot (bit per lane). Lanes
; below 8 say yes: all 0, any 1, uni 0, ballot 0xff.
; "match.any.sync": which lanes have my value. Lane % 4: lanes 0, 4, 8... give
; 0x11111111, lane 1 0x22222222.
; "redux.sync": of lane numbers 0 to 31: add 496 = 0x1f0, max 31, or 31, xor 0.
; RUN: nsa-emulate %s --kernel=votes --block=32 --arg=out:x32:256 --print=0:0:8 --print=0:8:8 --schedule=fifo,lifo,random:4 | FileCheck %s
; CHECK-COUNT-3: arg0: 0x00000000 0x00000001 0x00000000 0x000000ff 0x11111111 0x000001f0 0x0000001f 0x00000000{{$[[:space:]]}}arg0: 0x00000000 0x00000001 0x00000000 0x000000ff 0x22222222 0x000001f0 0x0000001f 0x00000000{{$}}
;
; PTX ISA, "Special Registers: %lanemask_lt" and the others, in lane 5.
; RUN: nsa-emulate %s --kernel=masks --block=32 --arg=out:x32:256 --print=0:40:6 | FileCheck %s --check-prefix=MASKS
; MASKS: arg0: 0x00000020 0x0000001f 0x0000003f 0xffffffc0 0xffffffe0 0x00000005
;
; "activemask": lanes that run together. Lanes 0 to 9 branch one way, the other 22
; the other way.
; RUN: nsa-emulate %s --kernel=active --block=32 --arg=out:x32:256 --print=0:0:2:72 --print=0:80:1 --schedule=fifo,lifo,random:4 | FileCheck %s --check-prefix=ACTIVE
; ACTIVE-COUNT-3: arg0: 0x000003ff 0x000003ff{{$[[:space:]]}}arg0: 0xfffffc00

target triple = "nvptx64-nvidia-cuda"

define internal void @put(ptr addrspace(1) %out, i32 %slot, i32 %value) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = mul i32 %t, 8
  %i = add i32 %row, %slot
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %i
  store i32 %value, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @votes(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %yes = icmp ult i32 %t, 8
  %all = call i1 @llvm.nvvm.vote.all.sync(i32 -1, i1 %yes)
  %any = call i1 @llvm.nvvm.vote.any.sync(i32 -1, i1 %yes)
  %uni = call i1 @llvm.nvvm.vote.uni.sync(i32 -1, i1 %yes)
  %ballot = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 %yes)
  %quarter = and i32 %t, 3
  %match = call i32 @llvm.nvvm.match.any.sync.i32(i32 -1, i32 %quarter)
  %sum = call i32 @llvm.nvvm.redux.sync.add(i32 %t, i32 -1)
  %max = call i32 @llvm.nvvm.redux.sync.max(i32 %t, i32 -1)
  %xor = call i32 @llvm.nvvm.redux.sync.xor(i32 %t, i32 -1)
  %all32 = zext i1 %all to i32
  %any32 = zext i1 %any to i32
  %uni32 = zext i1 %uni to i32
  call void @put(ptr addrspace(1) %out, i32 0, i32 %all32)
  call void @put(ptr addrspace(1) %out, i32 1, i32 %any32)
  call void @put(ptr addrspace(1) %out, i32 2, i32 %uni32)
  call void @put(ptr addrspace(1) %out, i32 3, i32 %ballot)
  call void @put(ptr addrspace(1) %out, i32 4, i32 %match)
  call void @put(ptr addrspace(1) %out, i32 5, i32 %sum)
  call void @put(ptr addrspace(1) %out, i32 6, i32 %max)
  call void @put(ptr addrspace(1) %out, i32 7, i32 %xor)
  ret void
}

define ptx_kernel void @masks(ptr addrspace(1) %out) {
  %eq = call i32 @llvm.nvvm.read.ptx.sreg.lanemask.eq()
  %lt = call i32 @llvm.nvvm.read.ptx.sreg.lanemask.lt()
  %le = call i32 @llvm.nvvm.read.ptx.sreg.lanemask.le()
  %gt = call i32 @llvm.nvvm.read.ptx.sreg.lanemask.gt()
  %ge = call i32 @llvm.nvvm.read.ptx.sreg.lanemask.ge()
  %id = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  call void @put(ptr addrspace(1) %out, i32 0, i32 %eq)
  call void @put(ptr addrspace(1) %out, i32 1, i32 %lt)
  call void @put(ptr addrspace(1) %out, i32 2, i32 %le)
  call void @put(ptr addrspace(1) %out, i32 3, i32 %gt)
  call void @put(ptr addrspace(1) %out, i32 4, i32 %ge)
  call void @put(ptr addrspace(1) %out, i32 5, i32 %id)
  ret void
}

define ptx_kernel void @active(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 10
  br i1 %low, label %a, label %b
a:
  %x = call i32 @llvm.nvvm.activemask()
  call void @llvm.nvvm.bar.warp.sync(i32 %x)
  call void @put(ptr addrspace(1) %out, i32 0, i32 %x)
  ret void
b:
  %y = call i32 @llvm.nvvm.activemask()
  call void @llvm.nvvm.bar.warp.sync(i32 %y)
  call void @put(ptr addrspace(1) %out, i32 0, i32 %y)
  ret void
}
