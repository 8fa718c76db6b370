//===- GPUPasses.td - Passes of the GPU pipeline -----------*- tablegen -*-===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of `--nsa-to-ptx` between kernels on buffers and gpu.binary for
// which upstream has no equivalent.
//
//===----------------------------------------------------------------------===//

#ifndef NSA_PIPELINES_GPUPASSES
#define NSA_PIPELINES_GPUPASSES

include "mlir/Pass/PassBase.td"

def PrivateBuffers : Pass<"nsa-private-buffers", "func::FuncOp"> {
  let summary = "Buffers that are allocated inside a kernel to local memory";
  let description = [{
    A `memref.alloc` inside of `gpu.launch` is a buffer of one thread; it becomes
    a `memref.alloca` at the kernel's begin. A buffer whose size is not a
    constant, or above 64 KiB, is an error: threads have no such memory. A
    `memref.dealloc` of such a buffer goes away.
  }];
  let dependentDialects = ["memref::MemRefDialect"];
}

def NameKernels : Pass<"nsa-name-kernels", "ModuleOp"> {
  let summary = "Give kernels names, and those of a function one module";
  let description = [{
    `gpu-kernel-outlining` then puts the kernels of function `f` into one
    `gpu.module @f_kernels`. A kernel is named after the op it was made of
    (attribute `nsa.kernel`), with a number where that is taken.
  }];
  let dependentDialects = ["gpu::GPUDialect"];
}

def DeviceBuffers : Pass<"nsa-device-buffers", "ModuleOp"> {
  let summary = "All buffers of a function that launches kernels to the device";
  let description = [{
    `memref.alloc` and `memref.dealloc` become `gpu.alloc` and `gpu.dealloc`,
    for buffers of the host functions, which after this pass hold no memory
    themselves: arguments, results and temporaries are on the device. A constant
    (`memref.get_global`) is copied there with `gpu.memcpy`. Only the arrays in
    which lowered `bufferization.dealloc` compares addresses stay on the host.

    Host code may read a buffer of rank 0, of which it gets a copy; any other
    access of an element of a buffer is an error. Run twice: with
    `constants` before buffers are deallocated, so that the copies are, too, and
    what was on the host's stack; then, after `gpu-kernel-outlining`, without.
  }];
  let options = [
    Option<"constants", "constants", "bool", "false",
           "Only copy constants, take buffers off the stack, and check "
           "the host's accesses.">
  ];
  let dependentDialects = ["gpu::GPUDialect", "memref::MemRefDialect"];
}

def AttachGPUTargets : Pass<"nsa-attach-gpu-targets", "ModuleOp"> {
  let summary = "Attach #nvvm.target to every gpu.module without a target";
  let description = [{
    A `gpu.module` that has targets keeps them. Otherwise they are those of the
    attribute `nsa.targets` (an array of `#nvvm.target`) of the function that
    launches its kernels, else of the module around, else those of the options:
    one for each of `chips`.

    With several targets, each gets a `gpu.module` of its own, since schedules
    may differ, and the host function a copy for each that launches from it:
    `@f_kernels` and `@f` become `@f_kernels_sm_80` and `@f_sm_80`, and so on. So
    do functions that call such a function.

    Without `features`, the least PTX version is required that all of a chip's
    instructions need, but at least 8.0 (CUDA 12.0).
  }];
  let options = [
    ListOption<"chips", "chips", "std::string",
               "Chips: sm_80, sm_90a, ... (default sm_80).">,
    Option<"features", "features", "std::string", [{""}],
           "LLVM's target features, for instance +ptx86.">,
    Option<"optLevel", "opt-level", "unsigned", "3",
           "LLVM's optimisation level, 0 to 3.">
  ];
  let dependentDialects = ["gpu::GPUDialect", "NVVM::NVVMDialect"];
}

def LowerGPUMath : Pass<"nsa-lower-gpu-math", "gpu::GPUModuleOp"> {
  let summary = "Exponentials and logarithms to the hardware's approximations";
  let description = [{
    `math.exp`, `exp2`, `log` and `log2` of f32 with `fastmath<afn>` become
    `ex2.approx.ftz` and `lg2.approx.ftz` (PTX ISA, floating-point
    instructions): 2 ulp, results below 2^-126 flushed to zero. `math.erf` of
    f32 becomes upstream's polynomial, within 4e-7. No function of libdevice is
    needed for any of them; other functions are left to it.
  }];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect",
                           "math::MathDialect", "vector::VectorDialect"];
}

def DeclareSharedMemory : Pass<"nsa-declare-shared-memory", "gpu::GPUModuleOp"> {
  let summary = "The name of the dynamic shared memory, as an external one";
  let description = [{
    `convert-gpu-to-nvvm` makes an internal variable without elements of
    `gpu.dynamic_shared_memory`, and the PTX then has a variable of one byte in
    the kernel instead of `.extern .shared`. It takes a variable that is there
    already: this pass adds one, external, where a module has such an op.
  }];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def VerifyGPUModule : Pass<"nsa-verify-gpu-module", "gpu::GPUModuleOp"> {
  let summary = "Refuse what code generation or ptxas would fail on";
  let description = [{
    LLVM aborts the process on an instruction that the target's PTX version or
    chip does not have, and leaves calls of absent libdevice functions in the
    PTX. This pass reports both, with the op's location: NVVM ops against a table
    of what they need, intrinsics and inline PTX as far as known, functions
    `__nv_*` when libdevice is not found, and kernels whose parameters exceed
    what the PTX version allows (4096 or 32764 bytes). So it does with chips and
    features that LLVM would ignore, because it does not know them.
  }];
  let options = [
    Option<"toolkit", "toolkit", "std::string", [{""}],
           "Directory of a CUDA toolkit with nvvm/libdevice.">
  ];
}

def LocateCalls : Pass<"nsa-locate-calls", "ModuleOp"> {
  let summary = "Give every call a location";
  let description = [{
    LLVM refuses calls without a location between functions with debug
    information, as `ensure-debug-info-scope-on-llvm-func` makes them. IR that a
    program builds may have no locations: a call without one gets that of its
    function, or, where that has none either, line 0 of `<unknown>`.
  }];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

def SerializeGPUModules : Pass<"nsa-serialize-gpu-modules", "ModuleOp"> {
  let summary = "gpu.module to gpu.binary, with errors instead of surprises";
  let description = [{
    Upstream's `gpu-module-to-binary`, with the toolkit found as the page on
    toolkits says (docs/Pipelines.md). A `ptxas` that is needed and absent is an
    error that says how to get it, and so is PTX with a call that nothing
    defines.
  }];
  let options = [
    Option<"format", "format", "std::string", [{"isa"}],
           "isa (PTX text), bin (cubin) or llvm (optimised LLVM bitcode).">,
    Option<"toolkit", "toolkit", "std::string", [{""}],
           "Directory of a CUDA toolkit.">
  ];
  let dependentDialects = ["gpu::GPUDialect", "LLVM::LLVMDialect",
                           "NVVM::NVVMDialect"];
}

#endif // NSA_PIPELINES_GPUPASSES
