// RUN: nsa-opt %s --nsa-serialize-gpu-modules --split-input-file --verify-diagnostics
// RUN: not nsa-opt %s --nsa-serialize-gpu-modules=format=ptx --split-input-file 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: error: nsa-serialize-gpu-modules: format is 'ptx', expected isa, bin or llvm

// PTX that cannot be loaded: with a result, without one, behind one that can.
// expected-error@+1 {{nsa-serialize-gpu-modules: the PTX of @undefined calls 'missing', which nothing defines}}
gpu.module @undefined [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  llvm.func @missing(f32) -> f32
  llvm.func @k(%x: !llvm.ptr, %v: f32) attributes {gpu.kernel, nvvm.kernel} {
    %r = llvm.call @missing(%v) : (f32) -> f32
    llvm.store %r, %x : f32, !llvm.ptr
    llvm.return
  }
}

// -----

// expected-error@+1 {{the PTX of @undefined calls 'gone', which nothing defines}}
gpu.module @undefined [#nvvm.target<chip = "sm_80", features = "+ptx80">] {
  llvm.func @free(!llvm.ptr)
  llvm.func @gone()
  llvm.func @k(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.call @free(%x) : (!llvm.ptr) -> ()
    llvm.call @gone() : () -> ()
    llvm.return
  }
}
