; The approximate instructions: exact values where the result is representable,
; and the special values of the tables in the PTX ISA's sections "ex2", "lg2",
; "rcp", "rcp.approx.ftz", "rsqrt", "sqrt", "tanh". 0x00000001 is the smallest
; subnormal number.
;
; ex2: 3 -> 8; -1 -> 0.5; -inf -> +0; +inf -> +inf; -subnormal -> 1; 128 -> +inf;
; -127 -> 2^-127, which ftz flushes to +0
; RUN: nsa-emulate %s --block=8 --kernel=ex2_ftz '--arg=in:f32:8:values=3;-1;-inf;inf;0x80000001;128;-127;nan' --arg=out:x32:8 --print=1 --counters=json | FileCheck %s --check-prefix=EX2
; EX2: arg1: 0x41000000 0x3f000000 0x00000000 0x7f800000 0x3f800000 0x7f800000 0x00000000 0x7f{{[c-f]}}
; EX2: "exp":8,
; RUN: nsa-emulate %s --block=8 --kernel=ex2 '--arg=in:f32:8:values=3;-1;-inf;inf;0x80000001;128;-127;10' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=EX2N
; 2^-127 = 0x00400000, 2^10 = 0x44800000
; EX2N: arg1: 0x41000000 0x3f000000 0x00000000 0x7f800000 0x3f800000 0x7f800000 0x00400000 0x44800000
; lg2: 8 -> 3; 0.25 -> -2; +0, -0 and subnormals (ftz) -> -inf; +inf -> +inf;
; negative -> NaN; 1 -> +0
; RUN: nsa-emulate %s --block=8 --kernel=lg2 '--arg=in:f32:8:values=8;0.25;0;-0.0;0x00000001;inf;-1;1' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=LG2
; LG2: arg1: 0x40400000 0xc0000000 0xff800000 0xff800000 0xff800000 0x7f800000 0x{{[7f]fc00000}} 0x00000000
; rcp.approx.ftz: 4 -> 0.25; -inf -> -0; -0 -> -inf; +0 -> +inf; +inf -> +0;
; +-subnormal -> +-inf; 2^127 -> 2^-127, flushed to +0
; RUN: nsa-emulate %s --block=8 --kernel=rcp '--arg=in:f32:8:values=4;-inf;-0.0;0;inf;0x00000001;0x80000001;0x7f000000' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=RCP
; RCP: arg1: 0x3e800000 0x80000000 0xff800000 0x7f800000 0x00000000 0x7f800000 0xff800000 0x00000000
; rsqrt: 4 -> 0.5; 0.25 -> 2; -0 -> -inf; +0 -> +inf; +inf -> +0; -1 -> NaN;
; subnormal (ftz) -> +inf; 1/16 -> 4
; RUN: nsa-emulate %s --block=8 --kernel=rsqrt '--arg=in:f32:8:values=4;0.25;-0.0;0;inf;-1;0x00000001;0.0625' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=RSQRT
; RSQRT: arg1: 0x3f000000 0x40000000 0xff800000 0x7f800000 0x00000000 0x{{[7f]fc00000}} 0x7f800000 0x40800000
; sqrt.approx.ftz: 9 -> 3; 2.25 -> 1.5; -0 -> -0; +0 -> +0; +inf -> +inf;
; -1 -> NaN; +-subnormal -> +-0
; RUN: nsa-emulate %s --block=8 --kernel=sqrt '--arg=in:f32:8:values=9;2.25;-0.0;0;inf;-1;0x00000001;0x80000001' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=SQRT
; SQRT: arg1: 0x40400000 0x3fc00000 0x80000000 0x00000000 0x7f800000 0x{{[7f]fc00000}} 0x00000000 0x80000000
; tanh: +-inf -> +-1; +-0 -> +-0; subnormals pass; 20 -> 1 within the error
; RUN: nsa-emulate %s --block=8 --kernel=tanh '--arg=in:f32:8:values=inf;-inf;0;-0.0;0x00000001;0x80000001;20;-20' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=TANH
; TANH: arg1: 0x3f800000 0xbf800000 0x00000000 0x80000000 0x00000001 0x80000001 0x3f800000 0xbf800000
;
; PTX ISA, "add", "sub", "mul", "fma" of bf16: to nearest even, and "subnormal numbers
; are supported". Of x = 2^-133, the smallest: x + 0, 0 - x, x * 1, x * 1 + x; and of
; 1 + 2^-7: x + 2^-8 is a tie, which goes to 1 + 2^-6.
; RUN: nsa-emulate %s --kernel=bf16 '--arg=in:bf16:2:values=0x0001;0x3f81' --arg=out:bf16:5 --dump=1:%t.bf16
; RUN: %python -c "print(open(r'%t.bf16', 'rb').read().hex())" | FileCheck %s --check-prefix=ARITHMETIC
; ARITHMETIC: 0100018001000200823f
;
; PTX ISA, "cvt": cvt.rn.bf16x2.f32 d, a, b puts a in the upper half. Here a is x
; and b is 1 (bf16 0x3f80, f16 0x3c00). Rounding is to nearest even:
;   1 + 2^-8 lies between 0x3f80 and 0x3f81: even is 0x3f80; 1 + 3 * 2^-8 between
;   0x3f81 and 0x3f82: 0x3f82. -0 -> 0x8000; 2^-133, bf16's smallest subnormal ->
;   1; the largest float -> +inf; NaN -> the canonical 0x7fff; 3 -> 0x4040;
;   0.2 -> 0x3e4d
; RUN: nsa-emulate %s --block=8 --kernel=bf16x2 '--arg=in:f32:8:values=0x3f808000;0x3f818000;-0.0;0x00010000;0x7f7fffff;nan;3;0.2' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=BF16
; BF16: arg1: 0x3f803f80 0x3f823f80 0x80003f80 0x00013f80 0x7f803f80 0x7fff3f80 0x40403f80 0x3e4d3f80
; f16: 65504 is the largest (0x7bff); 65520 rounds to +inf (0x7c00); 65519 does not;
; 2^-24 is the smallest subnormal (1); 2^-25 lies halfway to 0, which is even;
; 3 * 2^-25 halfway between 1 and 2; 1 + 2^-11 halfway between 0x3c00 and 0x3c01;
; -0.1 -> 0xae66
; RUN: nsa-emulate %s --block=8 --kernel=f16x2 '--arg=in:f32:8:values=65504;65520;65519;0x33800000;0x33000000;0x33c00000;0x3f801000;-0.1' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=F16
; F16: arg1: 0x7bff3c00 0x7c003c00 0x7bff3c00 0x00013c00 0x00003c00 0x00023c00 0x3c003c00 0xae663c00
; LLVM's own truncation rounds in the same way, subnormal results included.
; RUN: nsa-emulate %s --block=8 --kernel=trunc '--arg=in:f32:8:values=0x3f808000;0x3f818000;-0.0;0x00010000;0x7f7fffff;-2;3;0.2' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=TRUNC
; TRUNC: arg1: 0x00003f80 0x00003f82 0x00008000 0x00000001 0x00007f80 0x0000c000 0x00004040 0x00003e4d
; libdevice's __nv_expf: exp(0) = 1; exp(-inf) = 0; exp(inf) = inf
; RUN: nsa-emulate %s --block=8 --kernel=library '--arg=in:f32:8:values=0;-inf;inf;0;inf;-inf;1;0' --arg=out:x32:8 --print=1 | FileCheck %s --check-prefix=LIBRARY
; LIBRARY: arg1: 0x3f800000 0x00000000 0x7f800000 0x3f800000

target triple = "nvptx64-nvidia-cuda"

define internal ptr addrspace(1) @at(ptr addrspace(1) %p) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr float, ptr addrspace(1) %p, i32 %t
  ret ptr addrspace(1) %q
}

define ptx_kernel void @ex2_ftz(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @llvm.nvvm.ex2.approx.ftz.f32(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @ex2(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float asm "ex2.approx.f32 $0, $1;", "=f,f"(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @lg2(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @llvm.nvvm.lg2.approx.ftz.f(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @rcp(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @llvm.nvvm.rcp.approx.ftz.f(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @rsqrt(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @llvm.nvvm.rsqrt.approx.ftz.f(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @sqrt(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @llvm.nvvm.sqrt.approx.ftz.f(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @tanh(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float asm "tanh.approx.f32 $0, $1;", "=f,f"(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @bf16x2(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call <2 x bfloat> @llvm.nvvm.ff2bf16x2.rn(float %x, float 1.0)
  store <2 x bfloat> %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @f16x2(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call <2 x half> @llvm.nvvm.ff2f16x2.rn(float %x, float 1.0)
  store <2 x half> %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @library(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = call float @__nv_expf(float %x)
  store float %y, ptr addrspace(1) %q
  ret void
}

define ptx_kernel void @bf16(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %x = load bfloat, ptr addrspace(1) %in
  %p = getelementptr bfloat, ptr addrspace(1) %in, i32 1
  %y = load bfloat, ptr addrspace(1) %p
  %v0 = fadd bfloat %x, 0.0
  %v1 = fsub bfloat 0.0, %x
  %v2 = fmul bfloat %x, 1.0
  %v3 = call bfloat @llvm.fma.bf16(bfloat %x, bfloat 1.0, bfloat %x)
  %v4 = fadd bfloat %y, 0x3F70000000000000
  %a0 = insertvalue [5 x bfloat] poison, bfloat %v0, 0
  %a1 = insertvalue [5 x bfloat] %a0, bfloat %v1, 1
  %a2 = insertvalue [5 x bfloat] %a1, bfloat %v2, 2
  %a3 = insertvalue [5 x bfloat] %a2, bfloat %v3, 3
  %a4 = insertvalue [5 x bfloat] %a3, bfloat %v4, 4
  store [5 x bfloat] %a4, ptr addrspace(1) %out
  ret void
}

define ptx_kernel void @trunc(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %p = call ptr addrspace(1) @at(ptr addrspace(1) %in)
  %q = call ptr addrspace(1) @at(ptr addrspace(1) %out)
  %x = load float, ptr addrspace(1) %p
  %y = fptrunc float %x to bfloat
  %bits = bitcast bfloat %y to i16
  %wide = zext i16 %bits to i32
  store i32 %wide, ptr addrspace(1) %q
  ret void
}

declare float @__nv_expf(float)
