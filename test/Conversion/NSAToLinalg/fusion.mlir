// Fusions are taken apart before they are lowered: what was fused computes what
// it did, on the CPU and by plain GPU kernels, bit by bit.

// RUN: nsa-opt %s --nsa-decompose --canonicalize --nsa-fuse | FileCheck %s --check-prefix=FUSED
// RUN: nsa-opt %s --nsa-decompose --canonicalize --nsa-fuse -o %t.fused.mlir
// RUN: nsa-opt %t.fused.mlir --convert-nsa-to-linalg | FileCheck %s
// RUN: nsa-opt %t.fused.mlir --pass-pipeline="builtin.module(func.func(convert-nsa-to-gpu))" | FileCheck %s --check-prefix=GPU

// DEFINE: %{inputs} = --input=1x150x4x64xf16=random:1 --input=1x150x2x64xf16=random:2 --input=1x150x2x64xf16=random:3 --input=1x150x4x3xf32=random:4
// RUN: nsa-run %s %{inputs} --output=%t.o --output=%t.cmp --output=%t.slc --output=%t.win --output=%t.idx | FileCheck %s --check-prefix=OUT
// RUN: nsa-run %t.fused.mlir %{inputs} --output=%t.fo --output=%t.fcmp --output=%t.fslc --output=%t.fwin --output=%t.fidx
// RUN: cmp %t.o %t.fo && cmp %t.cmp %t.fcmp && cmp %t.slc %t.fslc && cmp %t.win %t.fwin && cmp %t.idx %t.fidx

// FUSED: nsa.fusion selection
// FUSED: nsa.fusion gated

// CHECK-LABEL: func.func @f(
// CHECK-NOT: nsa.
// CHECK: return

// GPU-LABEL: func.func @f(
// GPU-NOT: nsa.{{fusion|yield|gate|compress|select|window|block}}
// GPU: gpu.launch
// GPU-NOT: nsa.{{fusion|yield|gate|compress|select|window|block}}
// GPU: return

// OUT: output 0: 1x150x4x64xf16
// OUT-SAME: nan 0
func.func @f(%q: tensor<?x?x4x64xf16>, %k: tensor<?x?x2x64xf16>, %v: tensor<?x?x2x64xf16>, %g: tensor<?x?x4x3xf32>)
    -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x2x4xi32>) {
  %o:5 = nsa.attention %q compressed(%k, %v) selected(%k, %v) window(%k, %v) gates(%g)
      {compression_block = 16, compression_stride = 8, selection_block = 16, top_n = 4, window = 24, return_aux}
      : (tensor<?x?x4x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x2x64xf16>, tensor<?x?x4x3xf32>)
      -> (tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x2x4xi32>)
  return %o#0, %o#1, %o#2, %o#3, %o#4 : tensor<?x?x4x64xf16>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x2x4xi32>
}
