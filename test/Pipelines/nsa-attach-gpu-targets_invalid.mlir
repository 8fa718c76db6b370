// RUN: nsa-opt %s --nsa-attach-gpu-targets --split-input-file --verify-diagnostics
// RUN: split-file %s %t
// DEFINE: %{options} =
// DEFINE: %{run} = not nsa-opt %t/empty.mlir --nsa-attach-gpu-targets="%{options}" 2>&1 | FileCheck %s

// REDEFINE: %{options} = chips=h100
// RUN: %{run} --check-prefix=NAME
// NAME: error: nsa-attach-gpu-targets: 'h100' is no chip; expected sm_80, sm_90a, ...
// REDEFINE: %{options} = chips=sm_
// RUN: %{run} --check-prefix=NONUMBER
// NONUMBER: error: nsa-attach-gpu-targets: 'sm_' is no chip
// REDEFINE: %{options} = chips=sm_90b
// RUN: %{run} --check-prefix=SUFFIX
// SUFFIX: error: nsa-attach-gpu-targets: 'sm_90b' is no chip
// REDEFINE: %{options} = chips=sm_75
// RUN: %{run} --check-prefix=OLD
// OLD: error: nsa-attach-gpu-targets: sm_75 is not supported; the first chip that is, is sm_80
// REDEFINE: %{options} = chips=sm_80,sm_90,sm_80
// RUN: %{run} --check-prefix=TWICE
// TWICE: error: nsa-attach-gpu-targets: sm_80 is given twice
// REDEFINE: %{options} = opt-level=4
// RUN: %{run} --check-prefix=LEVEL
// LEVEL: error: nsa-attach-gpu-targets: opt-level is 4, expected 0 to 3

//--- empty.mlir
module {}

//--- rest.mlir
// -----

// expected-error@+1 {{nsa-attach-gpu-targets: nsa.targets must be an array of #nvvm.target, but is "sm_80"}}
module attributes {nsa.targets = "sm_80"} {
  gpu.module @m {}
}

// -----

// expected-error@+1 {{must be an array of #nvvm.target, but is []}}
module attributes {nsa.targets = []} {
  gpu.module @m {}
}

// -----

// expected-error@+1 {{must be an array of #nvvm.target, but is [#nvvm.target, 1 : i32]}}
module attributes {nsa.targets = [#nvvm.target, 1 : i32]} {
  gpu.module @m {}
}

// -----

// expected-error@+1 {{nsa.targets has two targets for sm_80, whose copies would have one name}}
module attributes {nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_80", features = "+ptx81">]} {
  gpu.module @m {}
}

// -----

module attributes {gpu.container_module, nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_90">]} {
  gpu.module @m {
    gpu.func @k() kernel { gpu.return }
  }
  // expected-error@+1 {{nsa-attach-gpu-targets: @f_sm_90, the name of the copy of @f for a target, is taken}}
  func.func @f() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @m::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  func.func private @f_sm_90()
}

// -----

module attributes {gpu.container_module, nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_90">]} {
  // expected-error@+1 {{@m_sm_80, the name of the copy of @m for a target, is taken}}
  gpu.module @m {}
  gpu.module @m_sm_80 [#nvvm.target<chip = "sm_80">] {}
}

// -----

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
    return
  }
  func.func @g() attributes {nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_100">]} {
    %c1 = arith.constant 1 : index
    gpu.launch_func @b::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  func.func @caller() {
    call @f() : () -> ()
    // expected-error@+1 {{nsa-attach-gpu-targets: @caller has a copy for sm_90, but @g, which it uses, has none}}
    call @g() : () -> ()
    return
  }
}

// -----

module attributes {gpu.container_module, nsa.targets = [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_90">]} {
  gpu.module @m {
    gpu.func @k() kernel { gpu.return }
  }
  func.func @f() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @m::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  func.func @pointer() -> (() -> ()) {
    // expected-error@+1 {{nsa-attach-gpu-targets: 'func.constant' refers to @f, which has a copy for each target}}
    %f = func.constant @f : () -> ()
    return %f : () -> ()
  }
}
