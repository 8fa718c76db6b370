// Which kernels a GPU runs: tensor cores where they serve, unless told otherwise.

// DEFINE: %{run} = nsa-run %s --input=1x40x2x64xbf16=random --input=1x40x1x64xbf16=random --input=1x40x1x64xbf16=random
// RUN: %{run} --device=emulator --counters=text | FileCheck %s --check-prefix=TENSOR
// RUN: %{run} --device=emulator --counters=text --kernel-options="family=dense keys=32 stages=3" | FileCheck %s --check-prefix=TENSOR
// RUN: %{run} --device=emulator --counters=text --kernel-options=tensor-cores=0 | FileCheck %s --check-prefix=PLAIN
// RUN: %{run} --device=emulator --counters=text --kernel-options=family=plain | FileCheck %s --check-prefix=PLAIN
// RUN: %{run} --device=emulator --remarks-filter=nsa-set-schedule 2>&1 | FileCheck %s --check-prefix=REMARK
// TENSOR: kernel window_attention:
// TENSOR: mma (per warp) {{[1-9][0-9]*$}}
// TENSOR: bank conflicts 0
// PLAIN: kernel window_attention:
// PLAIN: mma (per warp) 0
// REMARK: nsa-run-kernel-options.mlir:[[# @LINE + 11]]:{{.*}}<dense,

// RUN: not %{run} --device=emulator --kernel-options=bogus=1 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not %{run} --device=emulator --kernel-options=family=bogus 2>&1 | FileCheck %s --check-prefix=FAMILY
// RUN: not %{run} --device=emulator --kernel-options="queries=3 row-warps=1 keys=24" 2>&1 | FileCheck %s --check-prefix=ILLEGAL
// RUN: not %{run} --kernel-options=keys=32 2>&1 | FileCheck %s --check-prefix=DEVICE
// NAME: nsa-run-kernel-options.mlir:[[# @LINE + 4]]:1: error: kernel options 'bogus=1' are not understood: {{.*}}no such option bogus{{$}}
// FAMILY: error: nsa-set-schedule: unknown family 'bogus', expected plain, dense, query_major, union or vector
// ILLEGAL: error: {{.*}}keys (24){{.*}}16
// DEVICE: error: --kernel-options needs --device=emulator, --device=cuda or --emit-bundle
func.func @f(%q: tensor<1x40x2x64xbf16>, %k: tensor<1x40x1x64xbf16>, %v: tensor<1x40x1x64xbf16>) -> tensor<1x40x2x64xbf16> {
  %o, %lse = nsa.window_attention %q, %k, %v {window = 16}
      : (tensor<1x40x2x64xbf16>, tensor<1x40x1x64xbf16>, tensor<1x40x1x64xbf16>) -> (tensor<1x40x2x64xbf16>, tensor<1x40x2xf32>)
  return %o : tensor<1x40x2x64xbf16>
}
