// RUN: nsa-opt %s --nsa-serialize-gpu-modules | FileCheck %s
// RUN: nsa-opt %s --nsa-serialize-gpu-modules=format=isa | FileCheck %s
// RUN: nsa-opt %s --nsa-serialize-gpu-modules=format=llvm | FileCheck %s --check-prefix=LLVM

// One object per target of a module; functions of the driver may be called.

// CHECK: gpu.binary @two
// CHECK-SAME: #gpu.object<#nvvm.target<chip = "sm_80", features = "+ptx80">
// CHECK-SAME: assembly = "
// CHECK-SAME: .version 8.0\0A.target sm_80\0A
// CHECK-SAME: .visible .entry k(
// CHECK-SAME: #gpu.object<#nvvm.target<chip = "sm_90", features = "+ptx80">
// CHECK-SAME: .target sm_90\0A
// LLVM: gpu.binary @two
// LLVM-SAME: #gpu.object<#nvvm.target<chip = "sm_80", features = "+ptx80">
// LLVM-SAME: "BC\C0\DE
// LLVM-SAME: #gpu.object<#nvvm.target<chip = "sm_90", features = "+ptx80">
// LLVM-SAME: "BC\C0\DE
gpu.module @two [#nvvm.target<chip = "sm_80", features = "+ptx80">, #nvvm.target<chip = "sm_90", features = "+ptx80">] {
  llvm.func @k(%x: !llvm.ptr, %v: f32) attributes {gpu.kernel, nvvm.kernel} {
    llvm.store %v, %x : f32, !llvm.ptr
    llvm.return
  }
}

// CHECK: gpu.binary @driver
// CHECK-SAME: .extern .func{{.*}}vprintf
gpu.module @driver [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  llvm.func @vprintf(!llvm.ptr, !llvm.ptr) -> i32
  llvm.func @malloc(i64) -> !llvm.ptr
  llvm.func @free(!llvm.ptr)
  llvm.func @k(%x: !llvm.ptr, %n: i64) attributes {gpu.kernel, nvvm.kernel} {
    %m = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
    %r = llvm.call @vprintf(%x, %m) : (!llvm.ptr, !llvm.ptr) -> i32
    llvm.call @free(%m) : (!llvm.ptr) -> ()
    llvm.return
  }
}
