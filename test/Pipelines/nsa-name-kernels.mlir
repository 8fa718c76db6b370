// RUN: nsa-opt %s --nsa-name-kernels | FileCheck %s
// REQUIRES: mlir-opt
// RUN: nsa-opt %s --nsa-name-kernels | mlir-opt --gpu-kernel-outlining | FileCheck %s --check-prefix=OUTLINED

// CHECK: module attributes {gpu.container_module} {

// The kernels of a function share a module; a name that is taken gets a number.

// OUTLINED: gpu.module @f_kernels
// OUTLINED-NEXT: gpu.func @gate()
// OUTLINED: gpu.func @gate_1()
// OUTLINED: gpu.func @loops()
// OUTLINED: func.func @f()
// OUTLINED: gpu.launch_func  @f_kernels::@gate blocks
// OUTLINED: gpu.launch_func  @f_kernels::@gate_1 blocks
// OUTLINED: gpu.launch_func  @f_kernels::@loops blocks

// CHECK: gpu.module @f_kernels {
// CHECK: func.func @f()
// CHECK: gpu.launch {{.*}} module(@f_kernels) function(@gate)
// CHECK-NOT: nsa.kernel
// CHECK: gpu.launch {{.*}} module(@f_kernels) function(@gate_1)
// CHECK: gpu.launch {{.*}} module(@f_kernels) function(@loops)
func.func @f() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  } {nsa.kernel = "gate"}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  } {nsa.kernel = "gate"}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  }
  return
}

// No kernels, no module.
// CHECK-NOT: gpu.module
// CHECK: func.func @g()
func.func @g() {
  return
}

// The name of the module may be taken; what has a module keeps it.
// CHECK: func.func private @h_kernels()
func.func private @h_kernels()
// CHECK: gpu.module @h_kernels_0 {
// CHECK: func.func @h()
// CHECK: gpu.launch {{.*}} module(@h_kernels_0) function(@loops)
// CHECK: gpu.launch {{.*}} module(@mine) function(@my_kernel)
gpu.module @mine {}
func.func @h() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  }
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) module(@mine) function(@my_kernel) {
    gpu.terminator
  }
  return
}

// Ops of other dialects may have names that PTX does not take.

// CHECK: func.func @other()
// CHECK: gpu.launch {{.*}} function(@odd_name)
// CHECK: gpu.launch {{.*}} function(@op_2d)
func.func @other() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  } {nsa.kernel = "odd.name"}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    gpu.terminator
  } {nsa.kernel = "2d"}
  return
}
