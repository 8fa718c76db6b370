// The middle of --nsa-to-ptx by itself: with what comes before and after, it is
// the whole; its own result is NVVM.

// RUN: nsa-opt %s --nsa-to-ptx=chip=sm_90 | sed "s/TimeInMs = [0-9]*//" > %t.whole
// RUN: nsa-opt %s --pass-pipeline="builtin.module(func.func(nsa-prepare-entry-points),nsa-decompose,func.func(canonicalize,cse,nsa-normalise-lists,nsa-fuse),nsa-set-schedule{chip=sm_90},nsa-scheduled-to-nvvm{chip=sm_90},nsa-serialize-gpu-modules)" | sed "s/TimeInMs = [0-9]*//" > %t.parts
// RUN: cmp %t.whole %t.parts
// RUN: nsa-opt %s --nsa-set-schedule="family=dense queries=4 keys=64 row-warps=2 key-warps=1 stages=2" --nsa-scheduled-to-nvvm="chip=sm_80,sm_90" | FileCheck %s
// RUN: nsa-opt %s --nsa-scheduled-to-nvvm=chip=sm_80,sm_90 | FileCheck %s --check-prefix=PLAIN

// CHECK-NOT:   gpu.binary
// CHECK:       gpu.module @f_kernels_sm_80 [#nvvm.target<{{.*}}chip = "sm_80"
// CHECK:       llvm.func @window_attention({{.*}}nvvm.kernel, nvvm.maxntid = array<i32: 32, 2, 1>
// CHECK:       nvvm.mma.sync
// CHECK:       gpu.module @f_kernels_sm_90 [#nvvm.target<{{.*}}chip = "sm_90"
// CHECK:       llvm.func @f_sm_80(
// CHECK:       gpu.launch_func
// CHECK:       llvm.func @f_sm_90(

// An op without a schedule gets a plain kernel.
// PLAIN:       gpu.module @f_kernels_sm_80
// PLAIN-NOT:   nvvm.mma.sync

// The composition.
// RUN: nsa-opt %s --nsa-scheduled-to-nvvm="chip=sm_87 features=+ptx81 opt-level=1 strided-inputs=true" --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=PHASES --implicit-check-not=nsa-decompose --implicit-check-not=nsa-set-schedule --implicit-check-not=nsa-serialize-gpu-modules
// RUN: nsa-opt %s --nsa-scheduled-to-nvvm=tensor-cores=0 --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=NO-TENSOR-CORES --implicit-check-not=convert-nsa-to-tile
// PHASES:      convert-nsa-to-tile
// PHASES:      convert-nsa-to-gpu
// PHASES:      nsa-bufferize-functions{strided-inputs=true}
// PHASES:      gpu-kernel-outlining
// PHASES:      ownership-based-buffer-deallocation
// PHASES:      nsa-attach-gpu-targets{chips={sm_87} features=+ptx81 opt-level=1}
// PHASES:      nsa-tile-pipeline
// PHASES:      convert-nsa-tile-to-nvvm
// PHASES:      convert-gpu-to-nvvm
// PHASES:      nsa-verify-gpu-module
// PHASES:      gpu-to-llvm
// PHASES:      nsa-locate-calls
// PHASES:      ensure-debug-info-scope-on-llvm-func
// NO-TENSOR-CORES: convert-nsa-to-gpu

func.func @f(%q: tensor<1x?x8x64xf16>, %k: tensor<1x?x2x64xf16>, %v: tensor<1x?x2x64xf16>)
    -> tensor<1x?x8x64xf16> {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 256}
      : (tensor<1x?x8x64xf16>, tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>)
      -> (tensor<1x?x8x64xf16>, tensor<1x?x8xf32>)
  return %o : tensor<1x?x8x64xf16>
}
