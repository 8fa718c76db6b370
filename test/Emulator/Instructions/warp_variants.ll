; The variants of warp-wide instructions that shfl.ll and warp.ll leave out.
;
; PTX ISA, "shfl.sync" (see shfl.ll): every lane gives 100 + lane; the predicate
; counts 1000. Of lanes 1, 5 and 30:
;   up by 3:   own 101 | 102, valid | 127, valid
;   down by 3: 104 | 108 | 33 is too far: own 130
;   bfly 5:    lane 4 | lane 0 | lane 27
;   idx 7 with c = 5: above maxLane 5, so that each keeps its own
; DEFINE: %{run} = nsa-emulate %s --schedule=fifo,lifo,random:7
; RUN: %{run} --kernel=up --block=32 --arg=out:i32:128 --print=0:4:4 --print=0:20:4 --print=0:120:4 | FileCheck %s --check-prefix=UP
; UP-COUNT-3: arg0: 101 101 101 101{{$[[:space:]]}}arg0: 1102 1102 102 102{{$[[:space:]]}}arg0: 1127 1127 127 127{{$}}
; RUN: %{run} --kernel=down --block=32 --arg=out:i32:128 --print=0:4:4 --print=0:20:4 --print=0:120:4 | FileCheck %s --check-prefix=DOWN
; DOWN-COUNT-3: arg0: 1104 1104 104 104{{$[[:space:]]}}arg0: 1108 1108 108 108{{$[[:space:]]}}arg0: 130 130 130 130{{$}}
; RUN: %{run} --kernel=bfly --block=32 --arg=out:i32:128 --print=0:4:4 --print=0:20:4 --print=0:120:4 | FileCheck %s --check-prefix=BFLY
; BFLY-COUNT-3: arg0: 1104 1104 104 104{{$[[:space:]]}}arg0: 1100 1100 100 100{{$[[:space:]]}}arg0: 1127 1127 127 127{{$}}
; RUN: %{run} --kernel=idx --block=32 --arg=out:i32:128 --print=0:4:4 --print=0:20:4 --print=0:120:4 | FileCheck %s --check-prefix=IDX
; IDX-COUNT-3: arg0: 101 101 101 101{{$[[:space:]]}}arg0: 105 105 105 105{{$[[:space:]]}}arg0: 130 130 130 130{{$}}
;
; "redux.sync" of lane - 16 (-16 to 15): min -16; umin 0; umax 2^32 - 1, which is -1.
; Of lane | 0xff00: and 0xff00, or 0xff1f.
; RUN: %{run} --kernel=redux --block=32 --arg=out:x32:160 --print=0:155:5 | FileCheck %s --check-prefix=REDUX
; REDUX-COUNT-3: arg0: 0xfffffff0 0x00000000 0xffffffff 0x0000ff00 0x0000ff1f{{$}}
;
; "match.sync": .any of 64 bits that differ in the upper half, lane % 4: lane 1 has
; 0x22222222. .all: 0 and false where they differ; the mask and true where not.
; "elect.sync": one lane of the mask, the same for all. Lanes 8 and above elect; the
; ISA leaves open whom.
; RUN: %{run} --kernel=match --block=32 --arg=out:x32:256 --print=0:8:5 | FileCheck %s --check-prefix=MATCH
; MATCH-COUNT-3: arg0: 0x22222222 0x00000000 0x00000000 0xffffffff 0x00000001{{$}}
; RUN: %{run} --kernel=elect --block=32 --arg=out:i32:96 --print=0:24:3 --print=0:27:3 --print=0:93:3 | FileCheck %s --check-prefix=ELECT
; ELECT-COUNT-3: arg0: 8 1 0{{$[[:space:]]}}arg0: 8 0 0{{$[[:space:]]}}arg0: 8 0 0{{$}}
;
; "Special Registers": thread 70 of 96 is in warp 2 of 3; 48 bytes of dynamic shared
; memory.
; RUN: %{run} --kernel=registers --block=96 --shared=48 --arg=out:i32:384 --print=0:280:4 | FileCheck %s --check-prefix=REGISTERS
; REGISTERS-COUNT-3: arg0: 2 3 32 48{{$}}
;
; "bar.warp.sync", "activemask" as inline PTX: half a warp, which exchanges values
; through shared memory. Without the barrier that is a race.
; RUN: %{run} --kernel=inline --block=32 --arg=out:x32:64 --print=0:6:2 --print=0:62:2 | FileCheck %s --check-prefix=INLINE
; INLINE-COUNT-3: arg0: 0x00000002 0x0000ffff{{$[[:space:]]}}arg0: 0xffffffff 0xffffffff{{$}}
; RUN: %{run} --kernel=inline --block=32 --arg=out:x32:64 --delete-each=bar.warp | FileCheck %s --check-prefix=UNSYNCED
; UNSYNCED: without bar.warp.sync $0; at line {{[0-9]+}}: {{.*(data-race|unwritten-shared)}} at warp_variants.ll:

target triple = "nvptx64-nvidia-cuda"

@cells = internal addrspace(3) global [32 x i32] undef, align 4

define internal void @put(ptr addrspace(1) %out, i32 %stride, i32 %slot, i32 %value) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %row = mul i32 %t, %stride
  %i = add i32 %row, %slot
  %q = getelementptr i32, ptr addrspace(1) %out, i32 %i
  store i32 %value, ptr addrspace(1) %q
  ret void
}

define internal i32 @join(i32 %value, i1 %valid) {
  %bonus = select i1 %valid, i32 1000, i32 0
  %sum = add i32 %value, %bonus
  ret i32 %sum
}

define ptx_kernel void @up(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %v = add i32 %lane, 100
  %f = bitcast i32 %v to float
  %ip = call { i32, i1 } @llvm.nvvm.shfl.sync.up.i32p(i32 -1, i32 %v, i32 3, i32 0)
  %i0 = extractvalue { i32, i1 } %ip, 0
  %i1 = extractvalue { i32, i1 } %ip, 1
  %a = call i32 @join(i32 %i0, i1 %i1)
  %fp = call { float, i1 } @llvm.nvvm.shfl.sync.up.f32p(i32 -1, float %f, i32 3, i32 0)
  %f0 = extractvalue { float, i1 } %fp, 0
  %f1 = extractvalue { float, i1 } %fp, 1
  %fi = bitcast float %f0 to i32
  %b = call i32 @join(i32 %fi, i1 %f1)
  %g = call float @llvm.nvvm.shfl.sync.up.f32(i32 -1, float %f, i32 3, i32 0)
  %c = bitcast float %g to i32
  %d = call i32 asm sideeffect "shfl.sync.up.b32 $0, $1, $2, $3, $4;", "=r,r,r,r,r"(i32 %v, i32 3, i32 0, i32 -1)
  call void @put(ptr addrspace(1) %out, i32 4, i32 0, i32 %a)
  call void @put(ptr addrspace(1) %out, i32 4, i32 1, i32 %b)
  call void @put(ptr addrspace(1) %out, i32 4, i32 2, i32 %c)
  call void @put(ptr addrspace(1) %out, i32 4, i32 3, i32 %d)
  ret void
}

define ptx_kernel void @down(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %v = add i32 %lane, 100
  %f = bitcast i32 %v to float
  %ip = call { i32, i1 } @llvm.nvvm.shfl.sync.down.i32p(i32 -1, i32 %v, i32 3, i32 31)
  %i0 = extractvalue { i32, i1 } %ip, 0
  %i1 = extractvalue { i32, i1 } %ip, 1
  %a = call i32 @join(i32 %i0, i1 %i1)
  %fp = call { float, i1 } @llvm.nvvm.shfl.sync.down.f32p(i32 -1, float %f, i32 3, i32 31)
  %f0 = extractvalue { float, i1 } %fp, 0
  %f1 = extractvalue { float, i1 } %fp, 1
  %fi = bitcast float %f0 to i32
  %b = call i32 @join(i32 %fi, i1 %f1)
  %g = call float @llvm.nvvm.shfl.sync.down.f32(i32 -1, float %f, i32 3, i32 31)
  %c = bitcast float %g to i32
  %d = call i32 asm sideeffect "shfl.sync.down.b32 $0, $1, $2, $3, $4;", "=r,r,r,r,r"(i32 %v, i32 3, i32 31, i32 -1)
  call void @put(ptr addrspace(1) %out, i32 4, i32 0, i32 %a)
  call void @put(ptr addrspace(1) %out, i32 4, i32 1, i32 %b)
  call void @put(ptr addrspace(1) %out, i32 4, i32 2, i32 %c)
  call void @put(ptr addrspace(1) %out, i32 4, i32 3, i32 %d)
  ret void
}

define ptx_kernel void @bfly(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %v = add i32 %lane, 100
  %f = bitcast i32 %v to float
  %ip = call { i32, i1 } @llvm.nvvm.shfl.sync.bfly.i32p(i32 -1, i32 %v, i32 5, i32 31)
  %i0 = extractvalue { i32, i1 } %ip, 0
  %i1 = extractvalue { i32, i1 } %ip, 1
  %a = call i32 @join(i32 %i0, i1 %i1)
  %fp = call { float, i1 } @llvm.nvvm.shfl.sync.bfly.f32p(i32 -1, float %f, i32 5, i32 31)
  %f0 = extractvalue { float, i1 } %fp, 0
  %f1 = extractvalue { float, i1 } %fp, 1
  %fi = bitcast float %f0 to i32
  %b = call i32 @join(i32 %fi, i1 %f1)
  %g = call float @llvm.nvvm.shfl.sync.bfly.f32(i32 -1, float %f, i32 5, i32 31)
  %c = bitcast float %g to i32
  %d = call i32 asm sideeffect "shfl.sync.bfly.b32 $0, $1, $2, $3, $4;", "=r,r,r,r,r"(i32 %v, i32 5, i32 31, i32 -1)
  call void @put(ptr addrspace(1) %out, i32 4, i32 0, i32 %a)
  call void @put(ptr addrspace(1) %out, i32 4, i32 1, i32 %b)
  call void @put(ptr addrspace(1) %out, i32 4, i32 2, i32 %c)
  call void @put(ptr addrspace(1) %out, i32 4, i32 3, i32 %d)
  ret void
}

define ptx_kernel void @idx(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %v = add i32 %lane, 100
  %f = bitcast i32 %v to float
  %ip = call { i32, i1 } @llvm.nvvm.shfl.sync.idx.i32p(i32 -1, i32 %v, i32 7, i32 5)
  %i0 = extractvalue { i32, i1 } %ip, 0
  %i1 = extractvalue { i32, i1 } %ip, 1
  %a = call i32 @join(i32 %i0, i1 %i1)
  %fp = call { float, i1 } @llvm.nvvm.shfl.sync.idx.f32p(i32 -1, float %f, i32 7, i32 5)
  %f0 = extractvalue { float, i1 } %fp, 0
  %f1 = extractvalue { float, i1 } %fp, 1
  %fi = bitcast float %f0 to i32
  %b = call i32 @join(i32 %fi, i1 %f1)
  %g = call float @llvm.nvvm.shfl.sync.idx.f32(i32 -1, float %f, i32 7, i32 5)
  %c = bitcast float %g to i32
  %d = call i32 asm sideeffect "shfl.sync.idx.b32 $0, $1, $2, $3, $4;", "=r,r,r,r,r"(i32 %v, i32 7, i32 5, i32 -1)
  call void @put(ptr addrspace(1) %out, i32 4, i32 0, i32 %a)
  call void @put(ptr addrspace(1) %out, i32 4, i32 1, i32 %b)
  call void @put(ptr addrspace(1) %out, i32 4, i32 2, i32 %c)
  call void @put(ptr addrspace(1) %out, i32 4, i32 3, i32 %d)
  ret void
}

define ptx_kernel void @redux(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %v = sub i32 %lane, 16
  %w = or i32 %lane, u0xff00
  %min = call i32 @llvm.nvvm.redux.sync.min(i32 %v, i32 -1)
  %umin = call i32 @llvm.nvvm.redux.sync.umin(i32 %v, i32 -1)
  %umax = call i32 @llvm.nvvm.redux.sync.umax(i32 %v, i32 -1)
  %and = call i32 @llvm.nvvm.redux.sync.and(i32 %w, i32 -1)
  %or = call i32 @llvm.nvvm.redux.sync.or(i32 %w, i32 -1)
  call void @put(ptr addrspace(1) %out, i32 5, i32 0, i32 %min)
  call void @put(ptr addrspace(1) %out, i32 5, i32 1, i32 %umin)
  call void @put(ptr addrspace(1) %out, i32 5, i32 2, i32 %umax)
  call void @put(ptr addrspace(1) %out, i32 5, i32 3, i32 %and)
  call void @put(ptr addrspace(1) %out, i32 5, i32 4, i32 %or)
  ret void
}

define ptx_kernel void @match(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %quarter = and i32 %lane, 3
  %wide = zext i32 %quarter to i64
  %upper = shl i64 %wide, 40
  %any = call i32 @llvm.nvvm.match.any.sync.i64(i32 -1, i64 %upper)
  %differ = call { i32, i1 } @llvm.nvvm.match.all.sync.i64p(i32 -1, i64 %upper)
  %m0 = extractvalue { i32, i1 } %differ, 0
  %p0 = extractvalue { i32, i1 } %differ, 1
  %agree = call { i32, i1 } @llvm.nvvm.match.all.sync.i32p(i32 -1, i32 7)
  %m1 = extractvalue { i32, i1 } %agree, 0
  %p1 = extractvalue { i32, i1 } %agree, 1
  %n0 = zext i1 %p0 to i32
  %n1 = zext i1 %p1 to i32
  call void @put(ptr addrspace(1) %out, i32 8, i32 0, i32 %any)
  call void @put(ptr addrspace(1) %out, i32 8, i32 1, i32 %m0)
  call void @put(ptr addrspace(1) %out, i32 8, i32 2, i32 %n0)
  call void @put(ptr addrspace(1) %out, i32 8, i32 3, i32 %m1)
  call void @put(ptr addrspace(1) %out, i32 8, i32 4, i32 %n1)
  ret void
}

define ptx_kernel void @elect(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %high = icmp uge i32 %lane, 8
  br i1 %high, label %elect, label %end
elect:
  %r = call { i32, i1 } @llvm.nvvm.elect.sync(i32 u0xffffff00)
  %leader = extractvalue { i32, i1 } %r, 0
  %is = extractvalue { i32, i1 } %r, 1
  %n = zext i1 %is to i32
  call void @put(ptr addrspace(1) %out, i32 3, i32 0, i32 %leader)
  call void @put(ptr addrspace(1) %out, i32 3, i32 1, i32 %n)
  call void @put(ptr addrspace(1) %out, i32 3, i32 2, i32 0)
  br label %end
end:
  ret void
}

define ptx_kernel void @registers(ptr addrspace(1) %out) {
  %warp = call i32 @llvm.nvvm.read.ptx.sreg.warpid()
  %warps = call i32 @llvm.nvvm.read.ptx.sreg.nwarpid()
  %size = call i32 @llvm.nvvm.read.ptx.sreg.warpsize()
  %bytes = call i32 @llvm.nvvm.read.ptx.sreg.dynamic_smem_size()
  call void @put(ptr addrspace(1) %out, i32 4, i32 0, i32 %warp)
  call void @put(ptr addrspace(1) %out, i32 4, i32 1, i32 %warps)
  call void @put(ptr addrspace(1) %out, i32 4, i32 2, i32 %size)
  call void @put(ptr addrspace(1) %out, i32 4, i32 3, i32 %bytes)
  ret void
}

define ptx_kernel void @inline(ptr addrspace(1) %out) {
  %lane = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %low = icmp ult i32 %lane, 16
  br i1 %low, label %exchange, label %end
exchange:
  %active = call i32 asm sideeffect "activemask.b32 $0;", "=r"()
  %p = getelementptr i32, ptr addrspace(3) @cells, i32 %lane
  store i32 %lane, ptr addrspace(3) %p
  call void asm sideeffect "bar.warp.sync $0;", "r"(i32 %active)
  %other = xor i32 %lane, 1
  %q = getelementptr i32, ptr addrspace(3) @cells, i32 %other
  %v = load i32, ptr addrspace(3) %q
  call void @put(ptr addrspace(1) %out, i32 2, i32 0, i32 %v)
  call void @put(ptr addrspace(1) %out, i32 2, i32 1, i32 %active)
  br label %end
end:
  ret void
}
declare { i32, i1 } @llvm.nvvm.elect.sync(i32)
