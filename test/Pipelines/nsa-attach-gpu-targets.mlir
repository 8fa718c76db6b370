// RUN: nsa-opt %s --nsa-attach-gpu-targets --split-input-file | FileCheck %s
// RUN: nsa-opt %s --nsa-attach-gpu-targets="chips=sm_90a features=+ptx86 opt-level=1" --split-input-file | FileCheck %s --check-prefix=OPTIONS
// RUN: nsa-opt %s --nsa-attach-gpu-targets=chips=sm_80,sm_100a --split-input-file | FileCheck %s --check-prefix=TWO

// Least PTX versions: 8.0, or the chip's.
// RUN: nsa-opt %s --nsa-attach-gpu-targets=chips=sm_80,sm_86,sm_87,sm_88,sm_89,sm_90,sm_90a,sm_100,sm_100a,sm_100f,sm_103,sm_103a,sm_110,sm_120,sm_120a,sm_120f,sm_121a --split-input-file | FileCheck %s --check-prefix=CHIPS
// CHIPS-DAG: gpu.module @f_kernels_sm_80 [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_86 [#nvvm.target<O = 3, chip = "sm_86", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_87 [#nvvm.target<O = 3, chip = "sm_87", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_88 [#nvvm.target<O = 3, chip = "sm_88", features = "+ptx90">]
// CHIPS-DAG: gpu.module @f_kernels_sm_89 [#nvvm.target<O = 3, chip = "sm_89", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_90 [#nvvm.target<O = 3, chip = "sm_90", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_90a [#nvvm.target<O = 3, chip = "sm_90a", features = "+ptx80">]
// CHIPS-DAG: gpu.module @f_kernels_sm_100 [#nvvm.target<O = 3, chip = "sm_100", features = "+ptx86">]
// CHIPS-DAG: gpu.module @f_kernels_sm_100a [#nvvm.target<O = 3, chip = "sm_100a", features = "+ptx86">]
// CHIPS-DAG: gpu.module @f_kernels_sm_100f [#nvvm.target<O = 3, chip = "sm_100f", features = "+ptx88">]
// CHIPS-DAG: gpu.module @f_kernels_sm_103 [#nvvm.target<O = 3, chip = "sm_103", features = "+ptx88">]
// CHIPS-DAG: gpu.module @f_kernels_sm_103a [#nvvm.target<O = 3, chip = "sm_103a", features = "+ptx88">]
// CHIPS-DAG: gpu.module @f_kernels_sm_110 [#nvvm.target<O = 3, chip = "sm_110", features = "+ptx90">]
// CHIPS-DAG: gpu.module @f_kernels_sm_120 [#nvvm.target<O = 3, chip = "sm_120", features = "+ptx87">]
// CHIPS-DAG: gpu.module @f_kernels_sm_120a [#nvvm.target<O = 3, chip = "sm_120a", features = "+ptx87">]
// CHIPS-DAG: gpu.module @f_kernels_sm_120f [#nvvm.target<O = 3, chip = "sm_120f", features = "+ptx88">]
// CHIPS-DAG: gpu.module @f_kernels_sm_121a [#nvvm.target<O = 3, chip = "sm_121a", features = "+ptx88">]

// Functions that launch, call, or call themselves have a copy for each of
// several targets; others stay.

// CHECK: gpu.module @f_kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">] {
// CHECK: func.func @f() {
// OPTIONS: gpu.module @f_kernels [#nvvm.target<O = 1, chip = "sm_90a", features = "+ptx86">] {

// TWO-NOT: gpu.module @f_kernels [
// TWO: gpu.module @f_kernels_sm_80 [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">] {
// TWO-NEXT: gpu.func @k
// TWO: gpu.module @f_kernels_sm_100a [#nvvm.target<O = 3, chip = "sm_100a", features = "+ptx86">] {
// TWO-NEXT: gpu.func @k
// TWO-NOT: func.func @f()
// TWO: func.func @f_sm_80() {
// TWO: gpu.launch_func @f_kernels_sm_80::@k
// TWO-NOT: func.func @f()
// TWO: func.func @f_sm_100a() {
// TWO: gpu.launch_func @f_kernels_sm_100a::@k
// TWO: func.func @caller_sm_80() {
// TWO: call @f_sm_80()
// TWO: call @stays()
// TWO: func.func @caller_sm_100a() {
// TWO: call @f_sm_100a()
// TWO: func.func @recursive_sm_80(
// TWO: call @caller_sm_80()
// TWO: func.call @recursive_sm_80(
// TWO: func.func @recursive_sm_100a(
// TWO: func.call @recursive_sm_100a(
// TWO: func.func private @stays()
module attributes {gpu.container_module} {
  gpu.module @f_kernels {
    gpu.func @k() kernel { gpu.return }
  }
  func.func @f() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @f_kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  func.func @caller() {
    call @f() : () -> ()
    call @stays() : () -> ()
    return
  }
  func.func @recursive(%c: i1) {
    call @caller() : () -> ()
    scf.if %c {
      func.call @recursive(%c) : (i1) -> ()
    }
    return
  }
  func.func private @stays()
}

// -----

// Kernels' own targets come first, then those of the function that launches,
// then the module's; options come last.

// CHECK: gpu.module @own [#nvvm.target<O = 0, chip = "sm_87">]
// CHECK: gpu.module @function [#nvvm.target<chip = "sm_89">]
// CHECK: gpu.module @module [#nvvm.target<chip = "sm_90">]
// TWO: gpu.module @own [#nvvm.target<O = 0, chip = "sm_87">]
// TWO: gpu.module @function [#nvvm.target<chip = "sm_89">]
// TWO: gpu.module @module [#nvvm.target<chip = "sm_90">]
// TWO: func.func @f()
module attributes {gpu.container_module, nsa.targets = [#nvvm.target<chip = "sm_90">]} {
  gpu.module @own [#nvvm.target<O = 0, chip = "sm_87">] {
    gpu.func @k() kernel { gpu.return }
  }
  gpu.module @function {
    gpu.func @k() kernel { gpu.return }
  }
  gpu.module @module {
    gpu.func @k() kernel { gpu.return }
  }
  func.func @f() attributes {nsa.targets = [#nvvm.target<chip = "sm_89">]} {
    %c1 = arith.constant 1 : index
    gpu.launch_func @own::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @function::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  func.func @g() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @module::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

// One function, kernels in two modules: one copy of the function per target.
// A caller of functions with different targets has all of them.

// CHECK: gpu.module @a_sm_80
// CHECK: gpu.module @a_sm_90
// CHECK: gpu.module @b_sm_80
// CHECK: gpu.module @b_sm_90
// CHECK: func.func @f_sm_80()
// CHECK: gpu.launch_func @a_sm_80::@k
// CHECK: gpu.launch_func @b_sm_80::@k
// CHECK: func.func @f_sm_90()
// CHECK: gpu.launch_func @a_sm_90::@k
// CHECK: gpu.launch_func @b_sm_90::@k
// CHECK-NOT: func.func @f_sm_80_sm_80
module attributes {gpu.container_module} {
  gpu.module @a {
    gpu.func @k() kernel { gpu.return }
  }
  gpu.module @b {
    gpu.func @k() kernel { gpu.return }
  }
  func.func @f() attributes {nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_90">]} {
    %c1 = arith.constant 1 : index
    gpu.launch_func @a::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @b::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}
