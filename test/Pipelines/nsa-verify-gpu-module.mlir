// What the target has is accepted. test/Integration/PTX/versions.py compares the
// table with LLVM.
// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-verify-gpu-module))' | FileCheck %s

// CHECK: gpu.module @no_target
gpu.module @no_target {
  llvm.func @f() {
    nvvm.cluster.arrive
    llvm.return
  }
}

// Without a PTX version, that of the chip counts. Of several, the highest.
// CHECK: gpu.module @chip_only
gpu.module @chip_only [#nvvm.target<chip = "sm_90">] {
  llvm.func @f() {
    nvvm.cluster.arrive
    llvm.return
  }
}
// CHECK: gpu.module @features
gpu.module @features [#nvvm.target<chip = "sm_90a", features = "+ptx80, +ptx86">] {
  llvm.func @f(%d: !llvm.ptr<3>, %t: !llvm.ptr, %b: !llvm.ptr<3>, %i: i32) {
    nvvm.cp.async.bulk.tensor.shared.cluster.global %d, %t, %b, box[%i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    nvvm.wgmma.fence.aligned
    nvvm.setmaxregister increase 232
    llvm.return
  }
}

// Inline PTX: instructions behind predicates and labels, comments, code that is
// not in the table.
// CHECK: gpu.module @inline
gpu.module @inline [#nvvm.target<chip = "sm_90a", features = "+ptx80">] {
  llvm.func @f(%v: i32) {
    llvm.inline_asm has_side_effects "{\0A .reg .pred p;\0A setp.eq.s32 p, $0, 0;\0A @p cluster_is_no_instruction;\0A @p wgmma.fence.sync.aligned;\0A }", "r" %v : (i32) -> ()
    llvm.return
  }
}

// 4096 bytes of parameters.
// CHECK: gpu.module @parameters
gpu.module @parameters [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  llvm.func @k(%a: !llvm.array<511 x i64>, %b: i32, %c: i32) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
  // A function that is no kernel has no such limit.
  llvm.func @f(%a: !llvm.array<10000 x i64>) {
    llvm.return
  }
}
// CHECK: gpu.module @more_parameters
gpu.module @more_parameters [#nvvm.target<chip = "sm_80", features = "+ptx81">] {
  llvm.func @k(%a: !llvm.array<4095 x i64>, %c: i32) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
