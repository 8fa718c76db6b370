// REQUIRES: ptxas, libdevice, mlir-opt
// RUN: env -u CUDA_ROOT -u CUDA_HOME -u CUDA_PATH PATH=/absent %mlir_opt %s --gpu-module-to-binary="toolkit=%cuda_toolkit format=bin" | FileCheck %s
// RUN: %mlir_opt %s --gpu-module-to-binary="toolkit=%cuda_toolkit format=isa" | nsa-opt --nsa-report-kernels="ptxas=%ptxas max-spills=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REPORT

// The directory that is found is one that upstream's serializer takes, for
// libdevice and for ptxas, and what that writes as PTX assembles.
// CHECK: gpu.binary @kernels {{ *}}[#gpu.object<#nvvm.target<O = 3, chip = "sm_80">, {{.*}}bin = "\7FELF
// REPORT: {{^}}@kernels  sm_80  sine

module attributes {gpu.container_module} {
  gpu.module @kernels [#nvvm.target<chip = "sm_80", O = 3>] {
    llvm.func @__nv_sinf(f32) -> f32
    llvm.func @sine(%p: !llvm.ptr<1>) attributes {gpu.kernel, nvvm.kernel} {
      %x = llvm.load %p : !llvm.ptr<1> -> f32
      %y = llvm.call @__nv_sinf(%x) : (f32) -> f32
      llvm.store %y, %p : f32, !llvm.ptr<1>
      llvm.return
    }
  }
}
