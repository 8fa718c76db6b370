// At each of these, LLVM would abort the process ("Cannot select"), or ptxas
// would fail later.
// RUN: nsa-opt %s --pass-pipeline='builtin.module(gpu.module(nsa-verify-gpu-module))' --split-input-file --verify-diagnostics

gpu.module @wgmma [#nvvm.target<chip = "sm_90a", features = "+ptx78">] {
  // The chip itself needs more.
  // expected-error@-2 {{nsa-verify-gpu-module: sm_90a needs PTX 8.0, but the target's features say 7.8; use +ptx80}}
  llvm.func @f() {
    nvvm.wgmma.fence.aligned
    llvm.return
  }
}

// -----

gpu.module @sm90 [#nvvm.target<chip = "sm_90", features = "+ptx78">] {
  llvm.func @f(%d: !llvm.ptr<7>, %t: !llvm.ptr, %b: !llvm.ptr<3>, %i: i32, %s: i64, %n: i32) {
    nvvm.cluster.arrive
    %r = nvvm.mbarrier.try_wait %b, %s : !llvm.ptr<3>, i64 -> i1
    nvvm.griddepcontrol wait
    // expected-error@+1 {{nsa-verify-gpu-module: 'nvvm.cp.async.bulk.tensor.shared.cluster.global' needs PTX 8.0, but the target for sm_90 has 7.8; give it the feature +ptx80}}
    nvvm.cp.async.bulk.tensor.shared.cluster.global %d, %t, %b, box[%i] : !llvm.ptr<7>, !llvm.ptr
    // expected-error@+1 {{'nvvm.elect.sync' needs PTX 8.0}}
    %e = nvvm.elect.sync -> i1
    // expected-error@+1 {{'nvvm.fence.proxy' needs PTX 8.0}}
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async>}
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<alias>}
    // expected-error@+1 {{'nvvm.fence.mbarrier.init' needs PTX 8.0}}
    nvvm.fence.mbarrier.init
    // expected-error@+1 {{'nvvm.fence.proxy.release' needs PTX 8.3}}
    nvvm.fence.proxy.release #nvvm.mem_scope<gpu>
    // expected-error@+1 {{'nvvm.cluster.arrive.relaxed' needs PTX 8.0}}
    nvvm.cluster.arrive.relaxed
    // expected-error@+1 {{'nvvm.mbarrier.arrive.expect_tx' needs PTX 8.0}}
    %x = nvvm.mbarrier.arrive.expect_tx %b, %n : !llvm.ptr<3>, i32 -> i64
    // expected-error@+1 {{'nvvm.mbarrier.try_wait' needs PTX 8.0}}
    %y = nvvm.mbarrier.try_wait %b, %s {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<3>, i64 -> i1
    // expected-error@+1 {{'nvvm.mbarrier.arrive' needs PTX 8.6}}
    %z = nvvm.mbarrier.arrive %b {relaxed = true} : !llvm.ptr<3> -> i64
    llvm.return
  }
}

// -----

gpu.module @cta_only [#nvvm.target<chip = "sm_90", features = "+ptx85">] {
  llvm.func @f(%d: !llvm.ptr<3>, %t: !llvm.ptr, %b: !llvm.ptr<3>, %i: i32) {
    // expected-error@+1 {{'nvvm.cp.async.bulk.tensor.shared.cluster.global' needs PTX 8.6, but the target for sm_90 has 8.5}}
    nvvm.cp.async.bulk.tensor.shared.cluster.global %d, %t, %b, box[%i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    llvm.return
  }
}

// -----

// Chips: upstream asks when it reads the target, but only for some ops.
gpu.module @sm80 [#nvvm.target<chip = "sm_80", features = "+ptx88">] {
  llvm.func @f(%p: !llvm.ptr<3>, %g: !llvm.ptr, %v: i32) {
    // expected-error@+1 {{nsa-verify-gpu-module: 'nvvm.stmatrix' needs sm_90 or later, but the target is sm_80}}
    nvvm.stmatrix %p, %v {layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32
    // expected-error@+1 {{'nvvm.prefetch' needs sm_90 or later}}
    nvvm.prefetch level = L1, %g : !llvm.ptr
    // expected-error@+1 {{'llvm.nvvm.elect.sync' needs sm_90 or later}}
    %e = llvm.call_intrinsic "llvm.nvvm.elect.sync"(%v) : (i32) -> !llvm.struct<(i32, i1)>
    llvm.return
  }
}

// -----

gpu.module @specific [#nvvm.target<chip = "sm_90", features = "+ptx80">] {
  llvm.func @f() {
    // expected-error@+1 {{nsa-verify-gpu-module: 'nvvm.setmaxregister' needs sm_90a or later, but the target is sm_90}}
    nvvm.setmaxregister increase 232
    // expected-error@+1 {{'llvm.nvvm.wgmma.fence.sync.aligned' needs sm_90a or later}}
    llvm.call_intrinsic "llvm.nvvm.wgmma.fence.sync.aligned"() : () -> ()
    llvm.return
  }
}

// -----

gpu.module @tcgen05 [#nvvm.target<chip = "sm_90a", features = "+ptx88">] {
  llvm.func @f() {
    // expected-error@+1 {{'llvm.nvvm.tcgen05.fence.before.thread.sync' needs sm_100a or later, but the target is sm_90a}}
    llvm.call_intrinsic "llvm.nvvm.tcgen05.fence.before.thread.sync"() : () -> ()
    llvm.return
  }
}

// -----

// An intrinsic that has no entry, and one that is not NVIDIA's, are not judged.
gpu.module @intrinsics [#nvvm.target<chip = "sm_80", features = "+ptx70">] {
  llvm.func @f(%x: f32) -> f32 {
    %y = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%x) : (f32) -> f32
    %z = llvm.call_intrinsic "llvm.sqrt.f32"(%y) : (f32) -> f32
    llvm.return %z : f32
  }
}

// -----

// Inline PTX passes LLVM; the error would be ptxas'. Both ops that have it, with
// predicates and several instructions.
gpu.module @inline [#nvvm.target<chip = "sm_90", features = "+ptx78">] {
  llvm.func @f(%v: i32, %p: i1) {
    // expected-error@+1 {{'cp.async.bulk.commit_group' needs PTX 8.0, but the target for sm_90 has 7.8}}
    llvm.inline_asm has_side_effects "{ .reg .pred p; setp.eq.s32 p, $0, 0; @p cp.async.bulk.commit_group; }", "r" %v : (i32) -> ()
    // expected-error@+1 {{'fence.proxy.async' needs PTX 8.0}}
    nvvm.inline_ptx "griddepcontrol.wait; fence.proxy.async;"
    // expected-error@+1 {{'tcgen05.wait::ld.sync.aligned' needs sm_100a}}
    llvm.inline_asm has_side_effects "\0A\09@!p tcgen05.wait::ld.sync.aligned;", "r" %v : (i32) -> ()
    // expected-error@+1 {{'wgmma.fence.sync.aligned' needs sm_90a}}
    llvm.inline_asm has_side_effects "label: wgmma.fence.sync.aligned;", "r" %v : (i32) -> ()
    llvm.return
  }
}

// -----

// LLVM warns of an unknown chip or feature only, and compiles for its default.
// expected-error@+1 {{nsa-verify-gpu-module: LLVM 22}}
gpu.module @chip [#nvvm.target<chip = "sm_999", features = "+ptx80">] {
}

// -----

// expected-error@+1 {{does not know the feature '+ptx99'}}
gpu.module @feature [#nvvm.target<chip = "sm_80", features = "+ptx99">] {
}

// -----

// expected-error@+1 {{does not know the feature '-fast'}}
gpu.module @feature [#nvvm.target<chip = "sm_80", features = "+ptx80,-fast">] {
}

// -----

// expected-error@+1 {{nsa-verify-gpu-module: the feature 'ptx80' must begin with + or -}}
gpu.module @feature [#nvvm.target<chip = "sm_80", features = "ptx80">] {
}

// -----

// expected-error@+1 {{nsa-verify-gpu-module: sm_90 needs PTX 7.8, but the target's features say 7.0; use +ptx78}}
gpu.module @old_feature [#nvvm.target<chip = "sm_90", features = "+ptx70">] {
}

// -----

// expected-error@+1 {{sm_110a needs PTX 9.0, but the target's features say 8.8}}
gpu.module @old_feature [#nvvm.target<chip = "sm_110a", features = "+ptx88">] {
}

// -----

// All targets are asked.
gpu.module @two [#nvvm.target<chip = "sm_90", features = "+ptx78">, #nvvm.target<chip = "sm_90", features = "+ptx80">] {
  llvm.func @f() {
    // expected-error@+1 {{'nvvm.cluster.arrive.relaxed' needs PTX 8.0, but the target for sm_90 has 7.8}}
    nvvm.cluster.arrive.relaxed
    llvm.return
  }
}

// -----

gpu.module @parameters [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  // expected-error@+1 {{nsa-verify-gpu-module: kernel 'k' has parameters of 4100 bytes, but PTX 8.0 allows 4096; the feature +ptx81 allows 32764}}
  llvm.func @k(%a: !llvm.array<512 x i64>, %b: i32) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

gpu.module @parameters [#nvvm.target<chip = "sm_80", features = "+ptx88">] {
  // expected-error@+1 {{kernel 'k' has parameters of 32768 bytes, but PTX 8.8 allows 32764}}
  llvm.func @k(%a: !llvm.array<4095 x i64>, %b: i32, %c: i32) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// expected-error@+1 {{sm_70 is not supported; the first chip that is, is sm_80}}
gpu.module @old_chip [#nvvm.target<chip = "sm_70", features = "+ptx80">] {
}

// -----

// At such a name LLVM aborts the process, ...
gpu.module @names [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  // expected-error@+1 {{'a b' cannot be a name in PTX, which has letters, digits, _ and $}}
  llvm.func @"a b"() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// ... and here ptxas refuses what it writes.
gpu.module @names [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  // expected-error@+1 {{'x.y' cannot be a name in PTX}}
  llvm.func @x.y() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

gpu.module @names [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  // expected-error@+1 {{'1k' cannot be a name in PTX}}
  llvm.mlir.global internal constant @"1k"(0 : i32) : i32
}
