// The pipeline as a whole: its phases, its options, and what every lowered
// module has or must not have. What the code computes:
// test/Integration/Emulator, test/Integration/numerics.

// RUN: nsa-opt %s --nsa-to-ptx --allow-unregistered-dialect | FileCheck %s --implicit-check-not=llvm.intr.memcpy --implicit-check-not=@memrefCopy
// RUN: nsa-opt %s --nsa-to-ptx=chip=sm_80,sm_90 --allow-unregistered-dialect | FileCheck %s --check-prefix=TWO
// RUN: nsa-opt %s --nsa-to-ptx=format=llvm --allow-unregistered-dialect | FileCheck %s --check-prefix=LLVM
// RUN: nsa-opt %s --nsa-to-ptx="chip=sm_90a features=+ptx86 opt-level=1" --allow-unregistered-dialect | FileCheck %s --check-prefix=OPTIONS
// RUN: nsa-opt %s --nsa-to-ptx=strided-inputs=true --allow-unregistered-dialect | FileCheck %s --check-prefix=STRIDED --implicit-check-not=llvm.intr.memcpy --implicit-check-not=@memrefCopy

// RUN: nsa-opt %S/../Integration/Emulator/Inputs/programs.mlir --nsa-to-ptx | FileCheck %s --check-prefix=PROGRAMS --implicit-check-not=llvm.intr.memcpy --implicit-check-not=@memrefCopy --implicit-check-not=llvm.alloca
// RUN: nsa-opt %S/../Integration/Emulator/Inputs/programs.mlir --nsa-to-ptx=chip=sm_80,sm_100a | FileCheck %s --check-prefix=PROGRAMS2
// RUN: nsa-opt %S/../Integration/Emulator/Inputs/programs.mlir --nsa-to-ptx=strided-inputs=true | FileCheck %s --check-prefix=PROGRAMS --implicit-check-not=llvm.intr.memcpy --implicit-check-not=@memrefCopy
// PROGRAMS: gpu.binary @pad_kernels
// PROGRAMS: gpu.binary @matmul_kernels
// PROGRAMS: llvm.func @_mlir_ciface_slices
// PROGRAMS2: gpu.binary @inner_kernels_sm_80
// PROGRAMS2: gpu.binary @inner_kernels_sm_100a
// PROGRAMS2: llvm.func @_mlir_ciface_calls_sm_80
// PROGRAMS2: llvm.func @_mlir_ciface_calls_sm_100a

// The order of things, where it matters.
// RUN: nsa-opt %s --nsa-to-ptx --allow-unregistered-dialect --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=PHASES
// PHASES:      nsa-prepare-entry-points
// PHASES:      nsa-decompose
// PHASES:      convert-nsa-to-gpu
// PHASES:      eliminate-empty-tensors
// PHASES:      nsa-bufferize-functions
// PHASES:      nsa-loops-to-gpu
// PHASES:      nsa-private-buffers
// PHASES:      nsa-device-buffers{{.*}}constants=true
// PHASES:      nsa-name-kernels
// PHASES:      gpu-kernel-outlining
// PHASES:      ownership-based-buffer-deallocation
// PHASES:      nsa-loops-to-gpu
// PHASES:      bufferization-lower-deallocations
// PHASES:      nsa-name-kernels
// PHASES:      gpu-kernel-outlining
// PHASES:      nsa-attach-gpu-targets
// PHASES:      nsa-tile-pipeline
// PHASES:      convert-nsa-tile-to-nvvm
// PHASES:      nsa-lower-gpu-math
// PHASES:      nsa-declare-shared-memory
// PHASES:      convert-gpu-to-nvvm
// PHASES:      nsa-verify-gpu-module
// PHASES:      optimize-allocation-liveness
// PHASES:      nsa-device-buffers{{.*}}constants=false
// PHASES:      gpu-async-region
// PHASES:      gpu-to-llvm
// PHASES:      nsa-serialize-gpu-modules

// What is beside the functions stays as it is, kernels with a target but for
// being compiled.
// CHECK:       module attributes {foreign.attribute = "kept", gpu.container_module} {
// CHECK:       gpu.binary @mine [#gpu.object<#nvvm.target<O = 1, chip = "sm_87">
// CHECK-SAME:  .target sm_87
// TWO:         gpu.binary @mine [#gpu.object<#nvvm.target<O = 1, chip = "sm_87">
module attributes {foreign.attribute = "kept", gpu.container_module} {
  gpu.module @mine [#nvvm.target<chip = "sm_87", O = 1>] {
    gpu.func @k(%x: memref<4xf32>, %v: f32) kernel {
      %i = gpu.thread_id x
      memref.store %v, %x[%i] : memref<4xf32>
      gpu.return
    }
  }
  // CHECK: llvm.func @own(
  // CHECK: gpu.launch_func {{.*}} @mine::@k
  // TWO: llvm.func @own(
  // TWO: gpu.launch_func {{.*}} @mine::@k
  func.func @own(%x: memref<4xf32>, %v: f32) {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    gpu.launch_func @mine::@k blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1) args(%x : memref<4xf32>, %v : f32)
    return
  }

  // CHECK:      "foreign.function"() ({
  // CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<1x4x1x32xf32>):
  // CHECK-NEXT:   nsa.window_attention
  // CHECK-NEXT:   "foreign.return"
  "foreign.function"() ({
  ^bb0(%x: tensor<1x4x1x32xf32>):
    %o, %l = nsa.window_attention %x, %x, %x {window = 4} : (tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>) -> (tensor<1x4x1x32xf32>, tensor<1x4x1xf32>)
    "foreign.return"(%o) : (tensor<1x4x1x32xf32>) -> ()
  }) : () -> ()

  // CHECK:      module @nested {
  // CHECK-NEXT:   func.func @window
  // CHECK-NEXT:     nsa.window_attention
  module @nested {
    func.func @window(%x: tensor<1x4x1x32xf32>) -> tensor<1x4x1x32xf32> {
      %o, %l = nsa.window_attention %x, %x, %x {window = 4} : (tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>) -> (tensor<1x4x1x32xf32>, tensor<1x4x1xf32>)
      return %o : tensor<1x4x1x32xf32>
    }
  }

  // Kernels are named after their ops. One stream; results come from the
  // device's memory; the interface is that of the CPU's pipeline.
  // CHECK:      gpu.binary @window_kernels
  // CHECK-SAME: #nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">
  // CHECK-SAME: .version 8.0\0A.target sm_80
  // CHECK-SAME: .visible .entry window_attention(
  // CHECK-SAME: .maxntid 32, 4, 1
  // CHECK-SAME: shfl.sync.bfly
  // CHECK-SAME: ex2.approx.ftz.f32
  // CHECK-SAME: nsa-to-ptx.mlir
  // CHECK:      llvm.func @window(
  // CHECK-SAME: llvm.emit_c_interface
  // CHECK-SAME: nsa.signature = (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> (tensor<?x?x4x32xf32>, tensor<?x?x4xf32>)
  // CHECK:        %[[STREAM:.+]] = llvm.call @mgpuStreamCreate()
  // CHECK:        llvm.call @mgpuMemAlloc(%{{.+}}, %[[STREAM]], %{{.+}})
  // CHECK:        gpu.launch_func <%[[STREAM]] : !llvm.ptr> @window_kernels::@window_attention
  // CHECK:        llvm.call @mgpuStreamSynchronize(%[[STREAM]])
  // CHECK:        llvm.call @mgpuStreamDestroy(%[[STREAM]])
  // CHECK:        llvm.return
  // CHECK:      llvm.func @_mlir_ciface_window(

  // TWO:        gpu.binary @window_kernels_sm_80
  // TWO-SAME:   .target sm_80
  // TWO:        gpu.binary @window_kernels_sm_90
  // TWO-SAME:   .target sm_90
  // TWO:        llvm.func @window_sm_80(
  // TWO:        gpu.launch_func {{.*}} @window_kernels_sm_80::@window_attention
  // TWO:        llvm.func @_mlir_ciface_window_sm_80(
  // TWO:        llvm.func @window_sm_90(
  // TWO:        gpu.launch_func {{.*}} @window_kernels_sm_90::@window_attention

  // LLVM:       gpu.binary @window_kernels
  // LLVM-SAME:  "BC\C0\DE

  // OPTIONS:      gpu.binary @window_kernels
  // OPTIONS-SAME: #nvvm.target<O = 1, chip = "sm_90a", features = "+ptx86">
  // OPTIONS-SAME: .version 8.6\0A.target sm_90a
  // The first kernel parameters are descriptors; with strides, each has all of
  // them.
  // STRIDED:      gpu.binary @window_kernels
  // STRIDED:      llvm.func @_mlir_ciface_window(
  func.func @window(%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x4x32xf32>, %v: tensor<?x?x4x32xf32>) -> (tensor<?x?x4x32xf32>, tensor<?x?x4xf32>) {
    %o, %l = nsa.window_attention %q, %k, %v {window = 4}
        : (tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>, tensor<?x?x4x32xf32>) -> (tensor<?x?x4x32xf32>, tensor<?x?x4xf32>)
    return %o, %l : tensor<?x?x4x32xf32>, tensor<?x?x4xf32>
  }

  // Targets of the function.
  // CHECK:      gpu.binary @targets_kernels [#gpu.object<#nvvm.target<chip = "sm_89", features = "+ptx81">
  // TWO:        gpu.binary @targets_kernels [#gpu.object<#nvvm.target<chip = "sm_89", features = "+ptx81">
  // TWO:        llvm.func @targets(
  func.func @targets(%x: tensor<1x4x1x32xf32>) -> tensor<1x4x1x32xf32>
      attributes {nsa.targets = [#nvvm.target<chip = "sm_89", features = "+ptx81">]} {
    %o, %l = nsa.window_attention %x, %x, %x {window = 4} : (tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>, tensor<1x4x1x32xf32>) -> (tensor<1x4x1x32xf32>, tensor<1x4x1xf32>)
    return %o : tensor<1x4x1x32xf32>
  }

  // An argument that is returned is copied, by the device.
  // CHECK:      llvm.func @same(
  // CHECK:      llvm.call @mgpuMemAlloc
  // CHECK:      gpu.launch_func {{.*}} @same_kernels::@loops
  // A constant comes from the host.
  // CHECK:      llvm.func @constant(
  // CHECK:      llvm.call @mgpuMemcpy
  // No kernel, no runtime.
  // CHECK:      llvm.func @nothing(
  // CHECK-NOT:  mgpu
  // CHECK:      llvm.return
  func.func @same(%x: tensor<?xf32>) -> tensor<?xf32> {
    return %x : tensor<?xf32>
  }
  func.func @constant() -> tensor<4xf32> {
    %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
    return %c : tensor<4xf32>
  }
  func.func @nothing(%n: index) -> index {
    return %n : index
  }
}

// The helper of deallocation, if any, works on the host's memory, which is not
// the device's.
